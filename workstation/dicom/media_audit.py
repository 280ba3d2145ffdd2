"""What is wrong with a medium: its DICOMDIR against the files beside it, and which application profile it could claim.

Nothing is written and nothing on the medium is started. Clauses: File IDs PS3.10 8.2 and 8.5, directory records
PS3.3 F, profiles PS3.11 with their tables of SOP Classes and Transfer Syntaxes.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from threading import Event
from typing import Final

from workstation.dicom.dicomdir import RecordOfFile, find_listed, records_of
from workstation.dicom.file_ids import RefusedFileIDError, file_set_of, safe_components
from workstation.dicom.identity import Instance, Locator, Skipped
from workstation.dicom.profiles import PROFILES, Profile
from workstation.dicom.scan import Duplicate, Found, is_dicomdir_name, scan
from workstation.dicom.sources import is_zip
from workstation.errors import WorkstationError

COMPONENT: Final = re.compile(r"[A-Z0-9_]{1,8}")
MOST_COMPONENTS: Final = 8
DIRECTORY: Final = "1.2.840.10008.1.3.10"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: a code for programs, the file or File ID it is about, a sentence for people."""

    code: str
    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a medium could claim a profile; ``broken_by`` are the files that do not fit, with the reason."""

    profile: str
    broken_by: tuple[tuple[str, str], ...]

    @property
    def holds(self) -> bool:
        """Whether no file stands against it."""
        return not self.broken_by


@dataclass(frozen=True, slots=True)
class Audit:
    """All that was found out about one medium."""

    directory: str
    records: int
    files: int
    faults: tuple[Fault, ...]
    verdicts: tuple[Verdict, ...]
    extras: tuple[str, ...]


class AuditStoppedError(WorkstationError):
    """An audit was ended before it came to a result."""


def audit(
    path: str | os.PathLike[str],
    *,
    stop: Event | None = None,
    progress: Callable[[int], object] | None = None,
) -> Audit:
    """Audit the medium at a folder, a ZIP or a DICOMDIR.

    Parameters
    ----------
    path
        What to audit.
    stop
        Checked before every file.
    progress
        Called with the number of files looked at so far.

    Raises
    ------
    WorkstationError
        When there is no DICOMDIR, or none that can be read.
    AuditStoppedError
        When it was stopped.
    """
    content = _contents(os.fspath(path), stop, progress)
    if stop is not None and stop.is_set():
        raise AuditStoppedError("The check was stopped.")
    directory, found = content.directory, content.found
    if directory is None:
        raise WorkstationError(f"{os.fspath(path)}: there is no DICOMDIR here.")
    records, notes = records_of(directory)
    faults = [Fault(_code(note), directory.name, note) for note in notes]
    faults += _directories(directory, content.others)
    named, more = _named(directory, records, content)
    faults += more
    faults += _orphans(directory, content, named)
    faults += [Fault(one.code, _shown(directory, one.path), one.reason) for one in content.skipped]
    faults += _copies(directory, content, named)
    faults += _damaged(directory, found.values())
    faults += _doubled(found.values())
    images = [one for one in found.values() if one.sop_class_uid != DIRECTORY]
    verdicts = tuple(_verdict(profile, directory, images) for profile in PROFILES)
    return Audit(str(directory), len(records), len(images), tuple(faults), verdicts, _extras(directory))


@dataclass(slots=True)
class _Content:
    """What lies on a medium.

    ``found`` holds every DICOM file by its locator, ``copies`` the files that repeat one of them, ``others`` the
    DICOMDIRs that are not the one audited.
    """

    directory: Locator | None = None
    others: list[Locator] = field(default_factory=list)
    found: dict[str, Instance] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)

    def instance(self, key: str) -> Instance | None:
        """Return what a file holds, a copy as its original."""
        return self.found.get(self.copies.get(key, key))


def _contents(path: str, stop: Event | None, progress: Callable[[int], object] | None) -> _Content:
    """Return what lies on a medium and which DICOMDIR is its own: the one given, else the uppermost."""
    given = os.path.isfile(path) and not is_zip(path)  # a DICOMDIR, whatever it is called
    root = os.path.dirname(os.path.abspath(path)) if given else path
    content = _Content(Locator(os.path.abspath(path)) if given else None)
    directories: list[Locator] = []

    def look(locator: Locator) -> bool:
        if given and locator == content.directory:
            return False
        if is_dicomdir_name(locator.name):
            directories.append(locator)
            return False  # what it names is looked at beside it, as all other files are
        return True

    for done, item in enumerate(scan([root], stop=stop, may_read=look)):
        if progress is not None:
            progress(done)
        if isinstance(item, Found):
            content.found[str(item.instance.locator)] = item.instance
        elif isinstance(item, Skipped):
            content.skipped.append(item)
        elif isinstance(item, Duplicate):
            content.copies[item.path] = item.of
    if not given:
        content.directory = min(directories, key=_depth, default=None)
    content.others = [one for one in directories if one != content.directory]
    return content


def _depth(locator: Locator) -> int:
    return str(locator).replace("\\", "/").count("/")


def _directories(directory: Locator, others: Iterable[Locator]) -> Iterator[Fault]:
    """Yield what is wrong with the name of a DICOMDIR, and which others there are (PS3.10 8.6)."""
    if not is_dicomdir_name(directory.name):
        return  # a copy or a draft that was named on purpose, beside the one of the medium
    if directory.name != "DICOMDIR":
        yield Fault("directory_name", directory.name, "It is not called DICOMDIR: a strict reader does not find it.")
    for other in others:
        text = "Another DICOMDIR: what it says is not audited here."
        yield Fault("other_directory", _shown(directory, str(other)), text)


def _named(directory: Locator, records: Iterable[RecordOfFile], content: _Content) -> tuple[set[str], list[Fault]]:
    """Compare every record with the file it names; return the files named, and what is wrong."""
    files = file_set_of(directory)
    named: set[str] = set()
    faults: list[Fault] = []
    told = {one.path for one in content.skipped}
    for record in records:
        shown = "/".join(record.file_id)[:200]
        faults += [Fault("file_id", shown, text) for text in file_id_faults(record.file_id)]
        if record.kind == "PRIVATE":
            faults.append(Fault("private_record", shown, "A PRIVATE record: other programs may not know what it is."))
        try:
            target = find_listed(files, record.file_id, directory)
        except RefusedFileIDError as refusal:
            faults.append(Fault("refused", shown, f"The File ID is refused: {refusal}."))
            continue
        if target is None:
            faults.append(Fault("missing", shown, "The record names a file that is not there."))
            continue
        if str(target) in named:
            faults.append(Fault("named_twice", shown, "Two records name this file."))
        named.add(str(target))
        real = _shown(directory, str(target))
        if real != "/".join(safe_components(record.file_id)):
            faults.append(Fault("other_name", shown, f"The file is called {real}: a strict reader does not find it."))
        instance = content.instance(str(target))
        if instance is None and str(target) not in told and not is_dicomdir_name(target.name):
            faults.append(Fault("not_dicom", shown, "The file that the record names is empty or not DICOM."))
        faults += _unlike(shown, record, instance)
    return named, faults


def file_id_faults(file_id: Iterable[str]) -> Iterator[str]:
    """Yield what is wrong with a File ID (PS3.10 8.2: at most 8 components of 1 to 8 of A-Z, 0-9 and _)."""
    parts = tuple(file_id)
    if len(parts) > MOST_COMPONENTS:
        yield f"The File ID has {len(parts)} components; 8 are allowed."
    for part in parts:
        if COMPONENT.fullmatch(part) is None:
            yield f"The component {part[:40]!r} is not 1 to 8 of A-Z, 0-9 and _."


def _unlike(shown: str, record: RecordOfFile, instance: Instance | None) -> Iterator[Fault]:
    """Yield where a record says of a file what the file does not say of itself."""
    if instance is None:
        return
    own = instance.values.get("DuplicateOf", instance.sop_instance_uid)
    for what, said, true in (
        ("SOP Instance UID", record.sop_instance_uid, own),
        ("SOP Class UID", record.sop_class_uid, instance.sop_class_uid),
        ("Transfer Syntax UID", record.transfer_syntax_uid, instance.transfer_syntax_uid),
    ):
        if said and said != true:
            yield Fault("unlike_file", shown, f"The record's {what} is not that of the file.")
        elif not said:
            yield Fault("incomplete_record", shown, f"The record has no {what}.")


def _code(note: str) -> str:
    if "have the same" in note:
        return "repeated_uid"
    return "offsets" if "offset" in note or "loop" in note else "records"


def _orphans(directory: Locator, content: _Content, named: set[str]) -> Iterator[Fault]:
    """Yield files that no record names; those below another DICOMDIR are its own."""
    known = named | {original for copy, original in content.copies.items() if copy in named}
    home = _folder(directory)
    elsewhere = tuple(folder for other in content.others if not home.startswith(folder := _folder(other)))
    for key, instance in content.found.items():
        is_listed = key in known or key.replace("\\", "/").startswith(elsewhere)
        if not is_listed and instance.sop_class_uid != DIRECTORY:
            yield Fault("orphan", _shown(directory, key), "A DICOM file that no record names.")


def _copies(directory: Locator, content: _Content, named: set[str]) -> Iterator[Fault]:
    """Yield files that repeat another; of two, the one that no record names is the copy."""
    for copy, original in content.copies.items():
        pair = (original, copy) if copy in named and original not in named else (copy, original)
        shown, of = (_shown(directory, key) for key in pair)
        yield Fault("duplicate", shown, f"It repeats {of} byte for byte.")


def _damaged(directory: Locator, instances: Iterable[Instance]) -> Iterator[Fault]:
    """Yield files that are no DICOM files by the letter, and those that cannot be shown whole (PS3.10 7.1)."""
    for one in instances:
        shown = _shown(directory, str(one.locator))
        yield from (Fault("file_form", shown, note) for note in one.deviations if "reamble" in note)
        yield from (Fault("damaged", shown, problem.reason) for problem in one.problems)


def _folder(directory: Locator) -> str:
    """Return what the locators of files below a DICOMDIR begin with, with slashes."""
    path = str(directory).replace("\\", "/")
    return path[: len(path) - len(directory.name)]


def _doubled(instances: Iterable[Instance]) -> Iterator[Fault]:
    uids = Counter(str(one.values.get("DuplicateOf", one.sop_instance_uid)) for one in instances)
    for uid, count in uids.items():
        if count > 1:
            yield Fault("duplicate_uid", uid, f"{count} files with different content share this SOP Instance UID.")


def _verdict(profile: Profile, directory: Locator, instances: Iterable[Instance]) -> Verdict:
    broken = []
    for one in instances:
        where = _shown(directory, str(one.locator))
        why = profile.objection(one.sop_class_uid, one.transfer_syntax_uid)
        if not why and any(file_id_faults(where.split("/"))):
            why = "its name is no File ID"
        if why:
            broken.append((where, why))
    return Verdict(profile.name, tuple(broken))


def _extras(directory: Locator) -> tuple[str, ...]:
    """Return what IHE's Portable Data for Imaging and programs for the disc put beside the images."""
    if directory.member is not None:
        return ()
    known = ("README", "INDEX.HTM", "IHE_PDI", "AUTORUN.INF", "REPORT", "VIEWER")
    try:
        names = sorted(os.listdir(os.path.dirname(directory.path)))
    except OSError:
        return ()
    return tuple(name for name in names if name.upper().startswith(known))


def _shown(directory: Locator, key: str) -> str:
    """Return a file's path below the folder of the DICOMDIR, with slashes."""
    if directory.member is None:
        return os.path.relpath(key, os.path.dirname(os.path.abspath(directory.path))).replace(os.sep, "/")
    prefix = directory.member.replace("\\", "/").rpartition("/")[0]
    member = key.removeprefix(f"{directory.path}!").replace("\\", "/")
    return member.removeprefix(f"{prefix}/") if prefix else member
