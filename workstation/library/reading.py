"""Which file is being read, told to whoever starts next if this one does not come back (features A15).

A codec or a parser that takes the whole program with it leaves no message. The name of the file it read is in a small
file by then, written without waiting for the disk: it outlives the program, though not a power cut.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workstation import log
from workstation.errors import WorkstationError

if TYPE_CHECKING:
    from collections.abc import Set

    from workstation.dicom.identity import Locator
    from workstation.library.store import Library

PREFIX: Final = "reading-"
CRASHES: Final = 2
"""From so many ends of the program on a file is left out: the first may have been somebody's impatience."""
_HEADER: Final = 8
_LONGEST: Final = 1 << 20
_COUNT: Final = """INSERT INTO quarantine (path, member, crashes, since) VALUES (?, ?, 1, ?)
    ON CONFLICT (path, member) DO UPDATE SET crashes = crashes + 1"""
_LOG = log.get("library")


class Reading:
    """Notes each file before it is read; where that cannot be written nothing is noted, and reading goes on."""

    def __init__(self, folder: Path) -> None:
        self._descriptor, self._path = -1, folder
        with contextlib.suppress(OSError):
            self._descriptor, self._path = _held_note(folder)

    def note(self, locator: Locator) -> None:
        """Say that this file is read next."""
        self._write(name_of(locator))

    def rest(self) -> None:
        """Say that no file is read for now: an end of the program from here on is no file's fault."""
        self._write(b"")

    def close(self) -> None:
        """Nothing is being read any more."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            with contextlib.suppress(OSError):
                self._path.unlink()

    def _write(self, name: bytes) -> None:
        if self._descriptor >= 0:
            with contextlib.suppress(OSError):
                os.lseek(self._descriptor, 0, os.SEEK_SET)
                os.write(self._descriptor, len(name).to_bytes(_HEADER, "little") + name)


def _held_note(folder: Path) -> tuple[int, Path]:
    """Return a new note that is held; one another program took stock of before it was is made again."""
    while True:
        descriptor, name = tempfile.mkstemp(prefix=PREFIX, dir=folder)
        if _lock(descriptor) and os.path.exists(name):
            return descriptor, Path(name)
        os.close(descriptor)
        _remove(Path(name))


def name_of(locator: Locator) -> bytes:
    """Return path and member of a file as bytes, from which :func:`parts_of` makes them again."""
    member = (locator.member or "").encode("utf-8", "surrogateescape")
    return place_of(locator.path) + b"\0" + member


def place_of(path: str) -> bytes:
    """Return the absolute path as bytes; each file of an import is asked for several times."""
    return _absolute(path) if os.path.isabs(path) else os.path.abspath(os.fsencode(path))


@lru_cache(maxsize=2048)
def _absolute(path: str) -> bytes:
    return os.path.abspath(os.fsencode(path))


def parts_of(name: bytes) -> tuple[bytes, str]:
    """Return (path as bytes, member)."""
    path, _, member = name.partition(b"\0")
    return path, member.decode("utf-8", "surrogateescape")


def take_stock(library: Library) -> list[bytes]:
    """Count the files that were being read when the program ended; return the paths of those now left out.

    Where nothing can be written this waits for the next time.
    """
    if library.read_only:
        return []
    held = _held(library.folder)
    names = [name for _, descriptor in held if (name := _noted(descriptor))]
    counted = _count(library, names)
    for left, descriptor in held:
        if counted:
            _remove(left)
        os.close(descriptor)
        if counted:
            _remove(left)  # Windows removes no file that is open
    if not counted:
        return []
    left_out = quarantined(library)
    return [path for path, member in map(parts_of, names) if (path, member) in left_out]


def _count(library: Library, names: list[bytes]) -> bool:
    rows = [(*parts_of(name), time.time()) for name in names]
    try:
        if rows:
            library.write(lambda connection: connection.executemany(_COUNT, rows))
    except WorkstationError as error:
        _LOG.warning("what was being read as the program ended is counted next time: %s", error)
        return False
    return True


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def _held(folder: Path) -> list[tuple[Path, int]]:
    """Open and hold the notes of programs that have ended."""
    held = []
    for left in sorted(folder.glob(f"{PREFIX}*")):
        with contextlib.suppress(OSError):
            descriptor = os.open(left, os.O_RDWR | getattr(os, "O_BINARY", 0))
            if _lock(descriptor):
                held.append((left, descriptor))
            else:
                os.close(descriptor)
    return held


def _noted(descriptor: int) -> bytes:
    with contextlib.suppress(OSError):
        length = int.from_bytes(os.read(descriptor, _HEADER), "little")
        name = os.read(descriptor, length) if 0 < length <= _LONGEST else b""
        if len(name) == length:
            return name
    return b""


def quarantined(library: Library) -> frozenset[tuple[bytes, str]]:
    """Return (path, member) of every file that is left out."""
    return _blamed(library, ">=")


def suspected(library: Library) -> frozenset[tuple[bytes, str]]:
    """Return (path, member) of every file on which the program ended once."""
    return _blamed(library, "<")


def acquit(library: Library, names: Set[tuple[bytes, str]]) -> None:
    """Take back what was held against files that have been read to the end by now."""
    rows = names & (suspected(library) | quarantined(library))
    if rows:
        library.write(lambda c: c.executemany("DELETE FROM quarantine WHERE path = ? AND member = ?", rows))


def _blamed(library: Library, how: str) -> frozenset[tuple[bytes, str]]:
    rows = library.query(f"SELECT path, member FROM quarantine WHERE crashes {how} ?", (CRASHES,))
    return frozenset((bytes(row["path"]), str(row["member"])) for row in rows)


def release(library: Library, path: bytes, member: str = "") -> None:
    """Let a file be read again."""
    library.write(lambda c: c.execute("DELETE FROM quarantine WHERE path = ? AND member = ?", (path, member)))


def _lock(descriptor: int) -> bool:
    """Hold a file for as long as this program lives; False where another does."""
    if sys.platform == "win32":
        return True  # there nobody can open for writing, nor remove, what another holds open
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
