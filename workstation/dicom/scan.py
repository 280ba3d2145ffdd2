"""Paths -> instances, yielded as found, stoppable; one bad file never stops the rest (A36, A40)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from workstation.dicom.identity import Instance, Locator, Skipped
from workstation.dicom.quick_build import builder
from workstation.errors import CorruptFile, NotDicom, WorkstationError
from workstation.log import path_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from threading import Event

    from workstation.dicom.duplicates import Duplicates
    from workstation.dicom.quick import QuickReader


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
    """A file that a DICOMDIR names and the medium lacks; the UIDs are what its record says, "" where it does not."""

    path: str
    reason: str
    study_instance_uid: str = ""
    sop_instance_uid: str = ""


@dataclass(frozen=True, slots=True)
class Announced:
    """What the records of a DICOMDIR say of the files that are read next; not all of it need be true."""

    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the scan is; ``current_folder_token`` is a hash, folder names may hold patient names."""

    done: int
    total_known: int | None
    current_folder_token: str


Event_ = Found | Skipped | NotDicomFile | Duplicate | Missing | Announced | Progress

_found, _locator = builder(Found), builder(Locator)


def scan(
    paths: Iterable[str | os.PathLike[str] | Locator],
    *,
    stop: Event | None = None,
    passwords: Mapping[str, bytes] | None = None,
    may_read: Callable[[Locator], bool] | None = None,
    announce: bool = False,
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
    may_read
        Asked before a file is opened; one it says no to is passed over without a word.
    announce
        Whether the records of a DICOMDIR are told before the files they name are opened.

    Yields
    ------
    Found, Skipped, NotDicomFile, Duplicate, Missing, Announced or Progress
        In the order found; a Progress after every 50 files and at the end.
    """
    from workstation.dicom.duplicates import Duplicates
    from workstation.dicom.quick import quick_reader

    with quick_reader() as reader:
        state = _State(reader, passwords or {}, stop, may_read)
        state.announce = announce
        duplicates = Duplicates()
        for path in paths:
            given = path if isinstance(path, Locator) else Locator(os.fspath(path))
            if is_dicomdir_name(given.name) and os.path.isfile(given.path):
                state.directories.append(given)
            locators = iter([path]) if isinstance(path, Locator) else _under(given.path, state)
            yield from _all(locators, state, duplicates)
            while state.directories and not state.stopped():
                # A DICOMDIR, whole or broken, never hides what lies beside it (E12).
                yield from _all(_beside(state.directories.pop(), state), state, duplicates)
        yield state.progress(None)


def _all(locators: Iterator[Locator | Skipped], state: _State, duplicates: Duplicates) -> Iterator[Event_]:
    for item in state.reader.ahead.of(locators):
        if state.stopped():
            return
        if not isinstance(item, Locator):
            yield item
            continue
        before = state.done
        yield from _one(item, state, duplicates)
        if before // 50 != state.done // 50:
            yield state.progress(item)


class _State:
    """Counters and what was visited."""

    def __init__(
        self,
        reader: QuickReader,
        passwords: Mapping[str, bytes],
        stop: Event | None,
        may_read: Callable[[Locator], bool] | None,
    ) -> None:
        from workstation.dicom.vocabulary import MEDIA_STORAGE_DIRECTORY

        self.passwords, self.stop, self.may_read = passwords, stop, may_read
        self.directories: list[Locator] = []
        self.announce = False
        self.done = 0
        self.total: int | None = None
        self.folders: set[tuple[int, int]] = set()
        self.read: set[str | tuple[str, str]] = set()
        self.reader, self.directory = reader, MEDIA_STORAGE_DIRECTORY
        self._folder, self._absolute, self._is_absolute = "", "", False

    def stopped(self) -> bool:
        return self.stop is not None and self.stop.is_set()

    def progress(self, locator: Locator | None) -> Progress:
        token = path_token(os.path.dirname(locator.path)) if locator is not None else ""
        return Progress(self.done, self.total, token)

    def is_new(self, locator: Locator) -> bool:
        """Tell whether a file was not read yet, by whatever path it is named."""
        path = locator.path
        at = path.rfind(os.sep) + 1
        if not at or path[at:] in ("", ".", "..") or (os.altsep and os.altsep in path):
            path = os.path.abspath(path)
        else:
            if path[:at] != self._folder:
                self._folder, self._absolute = path[:at], os.path.join(os.path.abspath(path[:at]), "")
                self._is_absolute = self._folder == self._absolute
            if not self._is_absolute:
                path = self._absolute + path[at:]
        key = path if locator.member is None else (path, locator.member)
        if key in self.read:
            return False
        self.read.add(key)
        return True

    def enter(self, folder: str) -> bool:
        """Tell whether a folder is new; symlink loops come back to one that is not."""
        status = os.stat(folder)
        key = (status.st_dev, status.st_ino or hash(os.path.realpath(folder)))
        if key in self.folders:
            return False
        self.folders.add(key)
        return True


def _one(locator: Locator, state: _State, duplicates: Duplicates) -> Iterable[Event_]:
    if not state.is_new(locator) or (state.may_read is not None and not state.may_read(locator)):
        return ()
    state.done += 1
    try:
        instance = state.reader.read(locator)
    except WorkstationError as error:
        if isinstance(error, NotDicom) and not is_dicomdir_name(locator.name):
            return (NotDicomFile(str(locator)),)
        return (Skipped(str(locator), error.code, str(error)),)
    if instance.sop_class_uid == state.directory:
        return _directory(locator, state, duplicates)
    if _was_directory(instance):
        return (Skipped(str(locator), CorruptFile.code, f"{locator.name}: its directory records cannot be found."),)
    kept = duplicates.admit(instance)
    if kept is not None:
        return (_found((kept,)),)
    return (Duplicate(str(locator), str(duplicates.original_of(instance))),)


def _was_directory(instance: Instance) -> bool:
    """Tell whether a file was a DICOMDIR before it was damaged: it is called so, and is no image with a UID."""
    is_image = instance.has_pixels and "SOPInstanceUID" not in instance.synthetic
    return not is_image and is_dicomdir_name(instance.locator.name)


def _directory(locator: Locator, state: _State, duplicates: Duplicates) -> Iterator[Event_]:
    """Read what a DICOMDIR names, in its order; what else lies around follows with the folder (E12)."""
    from workstation.dicom.dicomdir import read_dicomdir

    state.directories.append(locator)
    try:
        result = read_dicomdir(locator)
    except WorkstationError as error:
        yield Skipped(str(locator), error.code, str(error))
        return
    if state.announce and result.instances:
        yield Announced(result.instances)
    for instance in result.instances:
        if state.stopped():
            return
        for event in _one(instance.locator, state, duplicates):
            yield _listed(event, locator)
    for file_id, uids in zip(result.missing, result.missing_uids, strict=True):
        yield Missing(file_id, f"{locator.name} names {file_id}, which is not there.", *uids)
    for file_id, reason in result.refused:
        yield Missing(file_id, f"{locator.name} names {file_id}, which is refused: {reason}.")


def _listed(event: Event_, directory: Locator) -> Event_:
    """Return an event of a file that a DICOMDIR names; such a file is missed if it is no DICOM."""
    if not isinstance(event, NotDicomFile):
        return event
    reason = f"{os.path.basename(event.path)}: {directory.name} names it, but it is empty or not DICOM."
    return Skipped(event.path, NotDicom.code, reason)


def _under(path: str, state: _State) -> Iterator[Locator | Skipped]:
    """Yield the files below a path, folders in name order; links are followed once (A40)."""
    from workstation.dicom.sources import is_zip

    if not os.path.isdir(path):
        yield from _archive(path, state) if is_zip(path) else (Locator(path),)
        return
    pending = [(path, "")]
    while pending:
        folder, medium = pending.pop()
        try:
            if not state.enter(folder):
                continue
            entries = _sorted(os.scandir(folder))
        except OSError as error:
            yield Skipped(folder, "unreadable", f"The folder cannot be opened ({error.strerror or error}).")
            continue
        folders: list[str] = []
        medium = medium or _medium(folder, entries)
        for entry in entries:
            if _is_plain_file(entry):
                yield _locator((entry.path, None, None))
            else:
                yield from _entry(entry, folders, medium, state)
        pending.extend((name, medium) for name in reversed(folders))


def _medium(folder: str, entries: list[os.DirEntry[str]]) -> str:
    """Return the true path of a folder that is a medium: one with a DICOMDIR, itself no link."""
    first = entries[0] if entries else None
    return os.path.realpath(folder) if first and is_dicomdir_name(first.name) and _is_plain_file(first) else ""


def _entry(entry: os.DirEntry[str], folders: list[str], medium: str, state: _State) -> Iterator[Locator | Skipped]:
    from workstation.dicom.sources import is_zip

    try:
        if medium and entry.is_symlink() and _leads_out(entry.path, medium):
            # What a medium holds is on it: a link must not make it show files of this machine (A26).
            yield Skipped(entry.path, "unreadable", f"{entry.name}: the link leads out of the medium.")
        elif entry.is_dir():
            folders.append(entry.path)
        elif entry.is_file():
            zipped = entry.name[-4:].lower() == ".zip" and is_zip(entry.path)
            yield from _archive(entry.path, state) if zipped else (Locator(entry.path),)
        elif entry.is_symlink():
            yield Skipped(entry.path, "unreadable", f"{entry.name}: the link leads nowhere.")
        # Sockets, pipes and devices are no files: opening them could wait for ever.
    except OSError as error:
        yield Skipped(entry.path, "unreadable", f"{entry.name}: {error.strerror or error}.")


def _leads_out(path: str, root: str) -> bool:
    from workstation.dicom.file_ids import is_below

    return not is_below(os.path.realpath(path), root)


def _is_plain_file(entry: os.DirEntry[str]) -> bool:
    """Tell, without asking the system again where that can be, whether an entry is a file and no archive."""
    try:
        return entry.is_file(follow_symlinks=False) and entry.name[-4:].lower() != ".zip"
    except OSError:
        return False


def _sorted(entries: Iterable[os.DirEntry[str]]) -> list[os.DirEntry[str]]:
    """Return entries in name order, a DICOMDIR first."""
    out = sorted(entries, key=attrgetter("name"))
    first = [entry for entry in out if entry.name[0] in "Dd" and is_dicomdir_name(entry.name)]
    return [*first, *(entry for entry in out if entry not in first)] if first else out


def is_dicomdir_name(name: str) -> bool:
    """Tell whether a file name says DICOMDIR, in any case and with ISO 9660 leftovers."""
    return name[:8].casefold() == "dicomdir" and name.casefold().split(";")[0].rstrip(".") in (
        "dicomdir",
        "dicomdir.dcm",
    )


def _beside(dicomdir: Locator, state: _State) -> Iterator[Locator | Skipped]:
    """Yield every file at or below the folder, on disk or in an archive, that holds a DICOMDIR."""
    if dicomdir.member is None:
        return _under(os.path.dirname(os.path.abspath(dicomdir.path)), state)
    below = dicomdir.member[: len(dicomdir.member) - len(dicomdir.name)]
    return _archive(dicomdir.path, state, below, dicomdir.password)


def _archive(path: str, state: _State, below: str = "", password: bytes | None = None) -> Iterator[Locator | Skipped]:
    """Yield the members of an archive, those of which the name begins with ``below``."""
    from workstation.dicom.sources import members_of

    name = os.path.basename(path)
    try:
        infos = [info for info in members_of(path) if info.filename.startswith(below)]
    except WorkstationError as error:
        yield Skipped(path, error.code, str(error))
        return
    password = password or state.passwords.get(path) or state.passwords.get("")
    if not password and any(info.flag_bits & 1 for info in infos):
        yield Skipped(path, "password", f"{name}: the archive needs a password.")
        infos = [info for info in infos if not info.flag_bits & 1]
    infos.sort(key=lambda info: not is_dicomdir_name(info.filename.replace("\\", "/").rsplit("/", 1)[-1]))
    for info in infos:
        yield Locator(path, info.filename, password)
