"""What is open and shown, on the disk a moment after each change: nothing is lost when the program is killed.

One file for each window, of one line for each change, every line whole in itself. It is written by a thread of its
own: whoever notes a session waits for no disk. The file is held while its program lives; one that nobody holds was
left by a crash. Its name and its place say nothing of any patient.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from workstation import log
from workstation.paths import data_folder
from workstation.viewing.plain_json import UnfitError, parsed, plain
from workstation.viewing.session import KeptPath, Session, SessionError, session_of
from workstation.whole_file import hold, write_whole

PREFIX: Final = "journal-"
ENDING: Final = ".jsonl"
LAST: Final = "last-session.json"
LARGEST_FILE: Final = 1 << 20
"""Bytes from which the file is begun anew with what is shown now."""
SYNC_EVERY: Final = 1.0
"""Seconds between two waits for the disk."""
MOST_CRASHED: Final = 8
"""Journals of crashes that are kept."""
LINES: Final = 64
"""Lines a file may hold however long they are."""
LONGEST_LINE: Final = 1 << 26
TORN: Final = 1 << 62
"""Size of a file to which nothing may be added any more."""
_LOG = log.get("journal")


def journal_folder() -> Path:
    """Return where journals are."""
    return data_folder() / "journal"


class Journal:
    """Writes every session it is given; the newest where they come faster than the disk takes them."""

    def __init__(self, folder: Path | None = None, *, sync_every: float = SYNC_EVERY, largest: int = LARGEST_FILE):
        self.folder = folder or journal_folder()
        self._sync_every, self._largest = sync_every, largest
        self._newest: Session | None = None
        self._last: Session | None = None
        self._ended = False
        self._changed = threading.Condition()
        self._descriptor = -1
        self._path: Path | None = None
        self._size = 0
        self._paths: tuple[tuple[KeptPath, ...], str] = ((), "[]")
        self._unsynced_since: float | None = None
        self._syncing: threading.Thread | None = None
        self._thread: threading.Thread | None = None
        self._given = self._written = 0

    def note(self, session: Session) -> None:
        """Have a session written; returns at once."""
        with self._changed:
            if self._ended:
                return
            self._newest = session
            self._given += 1
            if self._thread is None:
                self._start()
            self._changed.notify_all()

    def wait(self, seconds: float = 5.0) -> bool:
        """Wait until what was noted is in the file; return whether it is."""
        with self._changed:
            target = self._given
            return self._changed.wait_for(lambda: self._written >= target or self._thread is None, seconds)

    def close(self, last: Session | None = None, seconds: float = 5.0) -> bool:
        """End well: the file goes, and ``last`` becomes the last session; without it that of before stays.

        Returns whether that was done in time.
        """
        with self._changed:
            if not self._ended:
                self._ended, self._last = True, last
                if self._thread is None and last is not None:
                    self._start()
                self._changed.notify_all()
        if self._thread is None:
            return True
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    @property
    def path(self) -> Path | None:
        """The file being written, None before the first line."""
        return self._path

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._newest is not None or self._ended, self._patience())
                session, self._newest = self._newest, None
                given, ended = self._given, self._ended
            try:
                if session is not None:
                    self._append(session)
                self._sync(at_once=ended)
            except (OSError, SessionError):
                # a full disk must not end the writing of what comes later
                _LOG.exception("the journal could not be written")
                self._unsynced_since, self._size = None, TORN
            with self._changed:
                self._written = given
                self._changed.notify_all()
            if ended:
                self._end()
                return

    def _end(self) -> None:
        try:
            if self._last is not None:
                write_whole(self.folder / LAST, self._last.to_json())
        except (OSError, SessionError):
            _LOG.exception("the last session could not be kept")
            return  # the journal stays and is offered instead
        self._drop_file()

    def _patience(self) -> float | None:
        if self._unsynced_since is None:
            return None
        return max(0.0, self._unsynced_since + self._sync_every - time.monotonic())

    def _append(self, session: Session) -> None:
        line = self._line_of(session)
        if self._descriptor < 0 or self._size + len(line) > max(self._largest, LINES * len(line)):
            self._begin(line)
        else:
            _write(self._descriptor, line)
            self._size += len(line)
        if self._unsynced_since is None:
            self._unsynced_since = time.monotonic()

    def _line_of(self, session: Session) -> bytes:
        """Return a session as one line; the paths, of which there may be thousands, are written out once."""
        if session.paths is not self._paths[0]:
            self._paths = (session.paths, json.dumps(plain(session.paths), separators=(",", ":"), sort_keys=True))
        text = replace(session, paths=()).to_json(indent=None)
        return text.replace('"paths":[]', f'"paths":{self._paths[1]}', 1).encode("ascii") + b"\n"

    def _begin(self, line: bytes) -> None:
        """Begin a file with a line; only when that is on the disk the one before goes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=PREFIX, suffix=ENDING, dir=self.folder)
        if not hold(descriptor):
            _LOG.warning("the journal cannot be held")
        try:
            _write(descriptor, line)
            if self._descriptor >= 0:
                os.fsync(descriptor)
        except OSError:
            os.close(descriptor)
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
        self._drop_file()
        self._descriptor, self._path, self._size = descriptor, Path(name), len(line)

    def _sync(self, *, at_once: bool) -> None:
        """Have what was written put on the disk, at most once at a time; what comes meanwhile need not wait for it."""
        since = self._unsynced_since
        if since is None or self._descriptor < 0:
            return
        if at_once:
            self._unsynced_since = None
            os.fsync(self._descriptor)
        elif time.monotonic() - since >= self._sync_every:
            busy = self._syncing is not None and self._syncing.is_alive()
            self._unsynced_since = time.monotonic() if busy else None
            if not busy:
                self._syncing = threading.Thread(target=_synced, args=(os.dup(self._descriptor),), daemon=True)
                self._syncing.start()

    def _drop_file(self) -> None:
        """Remove the file; it goes before it is let go of, so that nobody takes it for a crash."""
        descriptor, path = self._descriptor, self._path
        self._descriptor, self._path = -1, None
        if path is not None and os.name != "nt":
            with contextlib.suppress(OSError):
                path.unlink()
        if descriptor >= 0:
            with contextlib.suppress(OSError):
                os.close(descriptor)
        if path is not None and os.name == "nt":
            with contextlib.suppress(OSError):
                path.unlink()


@dataclass(frozen=True, slots=True)
class Crashed:
    """What a program that ended without notice had open, and where that stands."""

    path: Path
    session: Session

    def forget(self) -> None:
        """Never offer it again."""
        with contextlib.suppress(OSError):
            self.path.unlink()


def find_crashed(folder: Path | None = None) -> Crashed | None:
    """Return the last state of the newest journal that nobody writes any more, None where there is none.

    Those that hold nothing worth bringing back are removed, and the oldest where there are many.
    """
    found: list[tuple[float, Crashed]] = []
    for path in (folder or journal_folder()).glob(f"{PREFIX}*{ENDING}"):
        with contextlib.suppress(OSError):
            left = _left_behind(path)
            if left is None:
                continue
            changed, text = left
            session = last_of(text)
            crashed = Crashed(path, session or Session())
            if session is None or session.empty:
                crashed.forget()
            else:
                found.append((changed, crashed))
    found.sort(key=lambda pair: pair[0], reverse=True)
    for _, old in found[MOST_CRASHED:]:
        old.forget()
    return found[0][1] if found else None


def last_of(content: bytes) -> Session | None:
    """Return the last whole session of a journal; lines that are torn or damaged are passed over."""
    for line in reversed(content.split(b"\n")):
        if not line.strip() or len(line) > LONGEST_LINE:
            continue
        with contextlib.suppress(UnfitError, SessionError, UnicodeDecodeError):
            return session_of(parsed(line.decode("ascii")))
    return None


def read_last(folder: Path | None = None) -> Session | None:
    """Return what was open when the program last ended well, None where that is not known."""
    try:
        text = ((folder or journal_folder()) / LAST).read_text(encoding="utf-8")
        return Session.from_json(text)
    except (OSError, ValueError, SessionError):
        return None


def _left_behind(path: Path) -> tuple[float, bytes] | None:
    """Return (time of the last change, content) of a file that nobody holds."""
    with path.open("r+b") as stream:
        if not hold(stream.fileno()):
            return None
        status = os.fstat(stream.fileno())
        if not os.path.samestat(status, path.stat()):
            return None  # it was let go of because another took its place
        stream.seek(0)
        return status.st_mtime, stream.read()


def _synced(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    except OSError:
        _LOG.exception("the journal could not be put on the disk")
    finally:
        os.close(descriptor)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
