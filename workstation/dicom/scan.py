"""Paths -> instances, yielded as found, stoppable; one bad file never stops the rest (A36, A40)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workstation.dicom.identity import Instance, Locator, Skipped
from workstation.errors import NotDicom, WorkstationError
from workstation.log import path_token

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from threading import Event

    from workstation.dicom.duplicates import Duplicates


@dataclass(frozen=True, slots=True)
class Found:
    """An instance that can be listed."""

    instance: Instance


@dataclass(frozen=True, slots=True)
class NotDicomFile:
    """A file whose content is not DICOM; only counted."""

    path: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A file identical to one already found; only noted (E4)."""

    path: str
    of: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A file that a DICOMDIR names and the medium lacks."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the scan is; ``current_folder_token`` is a hash, folder names may hold patient names."""

    done: int
    total_known: int | None
    current_folder_token: str


Event_ = Found | Skipped | NotDicomFile | Duplicate | Missing | Progress


def scan(
    paths: Iterable[str | os.PathLike[str] | Locator],
    *,
    stop: Event | None = None,
    passwords: Mapping[str, bytes] | None = None,
) -> Iterator[Event_]:
    """Read every file under ``paths``: files, folders, DICOMDIRs, ZIP archives.

    Parameters
    ----------
    paths
        What the user gave.
    stop
        Checked before every file.
    passwords
        ZIP password by archive path; the key "" is tried on every archive.

    Yields
    ------
    Found, Skipped, NotDicomFile, Duplicate, Missing or Progress
        In the order found; a Progress after every 50 files and at the end.
    """
    from workstation.dicom.duplicates import Duplicates

    state = _State(passwords or {})
    duplicates = Duplicates()
    for path in paths:
        locators = iter([path]) if isinstance(path, Locator) else _under(os.fspath(path), state)
        for item in locators:
            if stop is not None and stop.is_set():
                return
            if not isinstance(item, Locator):
                yield item
                continue
            state.done += 1
            yield from _one(item, state, duplicates)
            if state.done % 50 == 0:
                yield state.progress(item)
    yield state.progress(None)


class _State:
    """Counters and what was visited."""

    def __init__(self, passwords: Mapping[str, bytes]) -> None:
        self.passwords = passwords
        self.done = 0
        self.total: int | None = None
        self.folders: set[tuple[int, int]] = set()
        self.read: set[tuple[str, str | None]] = set()

    def progress(self, locator: Locator | None) -> Progress:
        token = path_token(os.path.dirname(locator.path)) if locator is not None else ""
        return Progress(self.done, self.total, token)

    def password(self, path: str) -> bytes | None:
        return self.passwords.get(path) or self.passwords.get("")


def _one(locator: Locator, state: _State, duplicates: Duplicates) -> Iterator[Event_]:
    from workstation.dicom.facts import read_instance
    from workstation.dicom.vocabulary import MEDIA_STORAGE_DIRECTORY

    key = (os.path.abspath(locator.path), locator.member)
    if key in state.read:
        return
    state.read.add(key)
    try:
        instance = read_instance(locator)
    except NotDicom:
        yield NotDicomFile(str(locator))
        return
    except WorkstationError as error:
        yield Skipped(str(locator), error.code, str(error))
        return
    if instance.sop_class_uid == MEDIA_STORAGE_DIRECTORY:
        yield from _directory(locator, state, duplicates)
        return
    kept = duplicates.admit(instance)
    if kept is not None:
        yield Found(kept)
    else:
        yield Duplicate(str(locator), str(duplicates.original_of(instance)))


def _directory(locator: Locator, state: _State, duplicates: Duplicates) -> Iterator[Event_]:
    return iter(())


def _under(path: str, state: _State) -> Iterator[Locator | Skipped]:
    """Yield the files below a path, folders in name order; links are followed once (A40)."""
    from workstation.dicom.sources import is_zip

    if not os.path.isdir(path):
        if is_zip(path):
            yield from _archive(path, state)
        else:
            yield Locator(path)
        return
    pending = [path]
    while pending:
        folder = pending.pop()
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in state.folders and status.st_ino:
                continue
            state.folders.add((status.st_dev, status.st_ino))
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            yield Skipped(folder, "unreadable", f"The folder cannot be opened ({error.strerror or error}).")
            continue
        folders = []
        for entry in entries:
            try:
                if entry.is_dir():
                    folders.append(entry.path)
                elif entry.is_file():
                    if entry.name.lower().endswith(".zip") and is_zip(entry.path):
                        yield from _archive(entry.path, state)
                    else:
                        yield Locator(entry.path)
                elif entry.is_symlink():
                    yield Skipped(entry.path, "unreadable", f"{entry.name}: the link leads nowhere.")
            except OSError as error:
                yield Skipped(entry.path, "unreadable", f"{entry.name}: {error.strerror or error}.")
        pending.extend(reversed(folders))


def _archive(path: str, state: _State) -> Iterator[Locator | Skipped]:
    from workstation.dicom.sources import members_of

    try:
        infos = members_of(path)
    except WorkstationError as error:
        yield Skipped(path, error.code, str(error))
        return
    password = state.password(path)
    if any(info.flag_bits & 1 for info in infos) and not password:
        yield Skipped(path, "password", f"{os.path.basename(path)}: the archive needs a password.")
        infos = [info for info in infos if not info.flag_bits & 1]
    for info in infos:
        yield Locator(path, info.filename, password)
