"""Files into the library: read once, by link or by copy, a batch a transaction; nothing is lost or overwritten."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workstation.dicom.duplicates import body_digest, renamed
from workstation.dicom.identity import Locator
from workstation.dicom.scan import Duplicate, Found, Missing, NotDicomFile, Progress, scan
from workstation.errors import WorkstationError
from workstation.library import archive, marks
from workstation.library.entries import Entries, Entry
from workstation.library.reading import Reading, name_of, parts_of, quarantined
from workstation.library.records import Records

if TYPE_CHECKING:
    from threading import Event

    from workstation.dicom.identity import Instance, Skipped
    from workstation.library.store import Library

BATCH: Final = 500
"""Instances written at a time: what an import that is cut off has already brought stays."""


class _Keep(Enum):
    """How the library has a file."""

    LINK = 0
    COPY = 1
    OWN = 2


@dataclass(slots=True)
class ImportReport:
    """What an import has done so far."""

    done: int = 0
    added: int = 0
    known: int = 0
    """Files that were in the library already, under this path."""
    identical: list[tuple[str, str]] = field(default_factory=list)
    """(path, the file it repeats): the same object byte for byte (E4)."""
    apart: list[tuple[str, str]] = field(default_factory=list)
    """(path, SOP Instance UID): another object under a UID that is taken; kept beside it (E4)."""
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """(path, why): one sentence each."""
    not_dicom: int = 0
    studies: set[int] = field(default_factory=set)
    """Ids of the studies that were added to."""
    cancelled: bool = False


def import_paths(
    library: Library,
    paths: Iterable[str | os.PathLike[str]],
    *,
    copy: bool,
    stop: Event | None = None,
    passwords: Mapping[str, bytes] | None = None,
    report: ImportReport | None = None,
    own: bool = False,
) -> Iterator[ImportReport]:
    """Add every file below some paths; yield the same report after every batch, at last when all is done.

    With ``copy`` files are copied under hashes of their content; without, the index remembers where they lie: nothing
    is moved, changed or deleted there. A file that ended the program before is left out and named. ``report`` is one to
    go on with; ``own`` says that the paths are the library's files.

    Raises
    ------
    LibraryError
        When the library cannot be written; what was added before stays.
    """
    chosen = [os.fspath(path) for path in paths]
    if not copy and not own:
        Records(library.folder).link(chosen)
    report = report or ImportReport()
    batch: list[Instance] = []
    keep = _Keep.OWN if own else _Keep.COPY if copy else _Keep.LINK
    if keep is _Keep.COPY:
        archive.clear_unfinished(library.files)
    left_out = quarantined(library)
    reading = Reading(library.folder)

    def may_read(locator: Locator) -> bool:
        name = name_of(locator)
        if parts_of(name) in left_out:
            report.skipped.append((str(locator), f"{locator.name} ended the program when it was read; it is left out."))
            return False
        reading.note(locator)
        return True

    try:
        for item in scan(chosen, stop=stop, passwords=passwords, may_read=may_read):
            _take(item, batch, report)
            if len(batch) >= BATCH:
                _store(library, batch, report, keep)
                yield report
        _store(library, batch, report, keep)
    finally:
        reading.close()
    report.cancelled = stop is not None and stop.is_set()
    yield report


def _take(item: object, batch: list[Instance], report: ImportReport) -> None:
    if isinstance(item, Found):
        batch.append(item.instance)
    elif isinstance(item, Duplicate):
        report.identical.append((item.path, item.of))
    elif isinstance(item, NotDicomFile):
        report.not_dicom += 1
    elif isinstance(item, Missing):
        report.skipped.append((item.path, item.reason))
    elif not isinstance(item, Progress):
        skipped: Skipped = item  # type: ignore[assignment]
        report.skipped.append((skipped.path, skipped.reason))
    report.done += not isinstance(item, Progress | Missing)


def _store(library: Library, batch: list[Instance], report: ImportReport, keep: _Keep) -> None:
    """Write a batch; files are copied before, so that the index never names one that is not there."""
    found, batch[:] = list(batch), []
    entries: list[Entry] = []
    for instance in _new(library, found, report):
        try:
            entries.append(_entry(library, instance, keep))
        except OSError as error:
            name = instance.locator.name
            report.skipped.append((str(instance.locator), f"{name}: {error.strerror or 'it cannot be read'}."))
        except WorkstationError as error:
            if error.code == "library":
                raise
            report.skipped.append((str(instance.locator), str(error)))
    if entries:
        report.studies |= library.write(lambda connection: Entries(connection).add(entries, time.time()))
        report.added += len(entries)
    # whoever adds a study that is in the bin wants to see it
    marks.take_out(library, _binned(library, [own_uid(one) for one in found]))


def _entry(library: Library, instance: Instance, keep: _Keep) -> Entry:
    if keep is not _Keep.LINK:
        own = keep is _Keep.OWN
        path = Path(instance.locator.path) if own else archive.keep(instance.locator, library.files)
        status = path.stat()
        relative = path.relative_to(library.files).as_posix()
        return Entry(instance, os.fsencode(relative), "", False, status.st_size, status.st_mtime_ns)
    status = os.stat(instance.locator.path)
    path_bytes, member = parts_of(name_of(instance.locator))
    return Entry(instance, os.path.abspath(path_bytes), member, True, status.st_size, status.st_mtime_ns)


def own_uid(instance: Instance) -> str:
    """Return the SOP Instance UID that stands in an instance's file, also where it goes by another."""
    return str(instance.values.get("DuplicateOf", instance.sop_instance_uid))


def _new(library: Library, batch: list[Instance], report: ImportReport) -> Iterator[Instance]:
    """Yield what the library has not got yet; an object under a UID that is taken by another gets one of its own."""
    known = known_files(library, [own_uid(one) for one in batch])
    for instance in batch:
        uid = own_uid(instance)
        there = known.get(uid)
        if not there:
            yield instance
            continue
        here = os.path.abspath(os.fsencode(instance.locator.path)), instance.locator.member or ""
        if any((os.fsencode(other.path), other.member or "") == here for other in there):
            report.known += 1
            continue
        mine = body_digest(instance.locator)
        twin = next((other for other in there if body_digest(other) == mine), None)
        if twin is not None:
            report.identical.append((str(instance.locator), str(twin)))
            continue
        report.apart.append((str(instance.locator), uid))
        yield instance if uid != instance.sop_instance_uid else renamed(instance, mine)


def _binned(library: Library, uids: Iterable[str]) -> set[int]:
    """Return the studies in the bin that hold some instances."""
    out: set[int] = set()
    if library.query("SELECT 1 FROM studies WHERE binned IS NOT NULL LIMIT 1"):
        for uid in uids:
            rows = library.query(
                """SELECT studies.id FROM instances JOIN series ON series.id = instances.series
                   JOIN studies ON studies.id = series.study
                   WHERE ? IN (instances.uid, original_uid) AND binned IS NOT NULL""",
                (uid,),
            )
            out |= {row[0] for row in rows}
    return out


def known_files(library: Library, uids: list[str]) -> dict[str, list[Locator]]:
    """Return where objects under these SOP Instance UIDs lie, also those that were renamed since."""
    out: dict[str, list[Locator]] = {}
    for start in range(0, len(uids), BATCH):
        some = uids[start : start + BATCH]
        marks = ", ".join("?" * len(some))
        rows = library.query(
            f"""SELECT instances.uid, original_uid, path, member, linked FROM instances
                JOIN files ON files.id = instances.file
                WHERE instances.uid IN ({marks}) OR original_uid IN ({marks})""",
            (*some, *some),
        )
        for row in rows:
            path = bytes(row["path"]) if row["linked"] else os.fsencode(library.files) + b"/" + bytes(row["path"])
            locator = Locator(os.fsdecode(path), row["member"] or None)
            for uid in {row["uid"], row["original_uid"]} - {None}:
                out.setdefault(str(uid), []).append(locator)
    return out
