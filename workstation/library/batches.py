"""A batch of scanned files into the library: judged, copied or linked, written as one transaction."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.errors import WorkstationError
from workstation.library import archive, marks
from workstation.library.entries import Entries, Entry
from workstation.library.known import Kind, Place, Verdict, judge, own_uid, places
from workstation.library.reading import acquit, place_of
from workstation.library.records import Records
from workstation.library.store import LibraryError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from sqlite3 import Connection

    from workstation.dicom.identity import Instance
    from workstation.library.store import Library


class Keep(Enum):
    """How the library has a file."""

    LINK = 0
    COPY = 1
    OWN = 2
    ADOPT = 3
    """Its first place is only where it waited for the library, which has it alone afterwards."""


@dataclass(slots=True)
class ImportReport:
    """What an import has done so far."""

    done: int = 0
    added: int = 0
    known: int = 0
    """Files that were in the library already, under this path."""
    changed: int = 0
    """Files that were written to since they were added, and read again (E17)."""
    moved: int = 0
    """Files that were remembered where they are not any more, and are found here (E17)."""
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

    @property
    def usable(self) -> bool:
        """Whether the library has anything of what was asked for."""
        return bool(self.added or self.known or self.changed or self.moved or self.identical)


@dataclass(slots=True)
class _Plan:
    """What a batch will do to the index, and what is told of it once it has."""

    uids: list[str]
    known: dict[str, list[Place]]
    added: list[Entry] = field(default_factory=list)
    changed: list[Entry] = field(default_factory=list)
    moved: list[tuple[Place, Entry]] = field(default_factory=list)
    report: ImportReport = field(default_factory=ImportReport)
    failure: LibraryError | None = None
    """Why the rest of the batch could not be copied; what was copied before is in the plan."""
    adopted: list[Instance] = field(default_factory=list)
    """What the library has wherever it came from: the files that waited can go."""

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.moved)


class _Overtaken(Exception):
    """Another window added the same objects meanwhile: what they are has to be judged again."""


def store(library: Library, batch: list[Instance], report: ImportReport, keep: Keep) -> None:
    """Write a batch and empty it; files are copied before, so that the index never names one that is not there.

    Raises
    ------
    LibraryError
        When the library cannot be written; what could be copied before is written all the same.
    """
    found, batch[:] = list(batch), []
    while True:
        plan = _planned(library, found, keep)
        try:
            _carry_out(library, plan)
        except _Overtaken:
            continue
        break
    _tell(plan, report)
    if keep is Keep.ADOPT:
        forget(one.locator.path for one in plan.adopted if one.locator.member is None)
    if plan.failure is not None:
        raise plan.failure
    acquit(library, {(place_of(one.locator.path), one.locator.member or "") for one in found})
    # whoever adds a study that is in the bin wants to see it
    marks.take_out(library, _binned(library, [own_uid(one) for one in found]))


def forget(paths: Iterable[str]) -> None:
    """Remove files that waited for the library; one that cannot be removed is known to it when it comes again."""
    for path in paths:
        with contextlib.suppress(OSError):
            os.unlink(path)


def _planned(library: Library, batch: list[Instance], keep: Keep) -> _Plan:
    uids = list(dict.fromkeys(own_uid(one) for one in batch))
    plan = _Plan(uids, library.read(lambda connection: places(connection, library.files, uids)))
    taken: set[int] = set()
    for instance in batch:
        verdict = judge(instance, plan.known.get(own_uid(instance), ()), taken)
        try:
            _plan(library, plan, verdict, keep)
        except OSError as error:
            name = instance.locator.name
            plan.report.skipped.append((str(instance.locator), f"{name}: {error.strerror or 'it cannot be read'}."))
        except LibraryError as error:
            plan.failure = error
            break
        except WorkstationError as error:
            plan.report.skipped.append((str(instance.locator), str(error)))
        else:
            if verdict.kind is Kind.MOVED and verdict.place is not None:
                taken.add(verdict.place.file)
            if verdict.kind not in (Kind.KNOWN, Kind.CHANGED):  # those two are in the index under their first place
                plan.adopted.append(instance)
    return plan


def _plan(library: Library, plan: _Plan, verdict: Verdict, keep: Keep) -> None:
    instance, place, report = verdict.instance, verdict.place, plan.report
    if verdict.kind is Kind.KNOWN:
        report.known += 1
    elif verdict.kind is Kind.IDENTICAL and place is not None:
        report.identical.append((str(instance.locator), str(place.locator)))
    elif verdict.kind is Kind.MOVED and place is not None:
        plan.moved.append((place, _entry(library, instance, keep)))
    elif verdict.kind is Kind.CHANGED:
        plan.changed.append(_entry(library, instance, Keep.LINK))
    else:
        plan.added.append(_entry(library, instance, keep))
        if verdict.kind is Kind.APART:
            report.apart.append((str(instance.locator), own_uid(instance)))


def _entry(library: Library, instance: Instance, keep: Keep) -> Entry:
    if keep is not Keep.LINK:
        own = keep is Keep.OWN
        into = archive.adopt if keep is Keep.ADOPT and instance.locator.member is None else archive.keep
        path = Path(instance.locator.path) if own else into(instance.locator, library.files)
        status = path.stat()
        relative = path.relative_to(library.files).as_posix()
        return Entry(instance, os.fsencode(relative), "", False, status.st_size, status.st_mtime_ns)
    status = os.stat(instance.locator.path)
    place, member = place_of(instance.locator.path), instance.locator.member or ""
    return Entry(instance, place, member, True, status.st_size, status.st_mtime_ns)


def _carry_out(library: Library, plan: _Plan) -> None:
    if plan.is_empty:
        return

    def change(connection: Connection) -> set[int]:
        if places(connection, library.files, plan.uids) != plan.known:
            raise _Overtaken
        entries = Entries(connection)
        entries.relink(plan.moved)
        studies = entries.add([*plan.added, *plan.changed], time.time())
        if entries.dropped:
            marks.restore(connection, Records(library.folder).said())
        return studies

    plan.report.studies = library.write(change)
    plan.report.added, plan.report.changed, plan.report.moved = len(plan.added), len(plan.changed), len(plan.moved)


def _tell(plan: _Plan, report: ImportReport) -> None:
    done = plan.report
    report.added += done.added
    report.known += done.known
    report.changed += done.changed
    report.moved += done.moved
    report.identical += done.identical
    report.apart += done.apart
    report.skipped += done.skipped
    report.studies |= done.studies


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
