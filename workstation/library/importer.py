"""Files into the library: read once, by link or by copy, a batch a transaction; nothing is lost or overwritten."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from workstation.dicom.identity import Locator
from workstation.dicom.scan import Duplicate, Found, Missing, NotDicomFile, Progress, scan
from workstation.library import archive
from workstation.library.batches import ImportReport, Keep, forget, store
from workstation.library.reading import Reading, name_of, parts_of, quarantined
from workstation.library.records import Records

if TYPE_CHECKING:
    from threading import Event

    from workstation.dicom.identity import Instance, Skipped
    from workstation.library.store import Library

__all__ = ["ImportReport", "import_paths"]

BATCH: Final = 500
"""Instances written at a time: what an import that is cut off has already brought stays."""
FIRST_BATCH: Final = 25
_LEFT_OUT: Final = "{0} ended the program when it was read; it is left out. Add the file itself to try again."
LONGEST: Final = 2.0
"""Seconds after which what was found is written, however little it is: slow media."""


def import_paths(
    library: Library,
    paths: Iterable[str | os.PathLike[str]],
    *,
    copy: bool,
    stop: Event | None = None,
    passwords: Mapping[str, bytes] | None = None,
    report: ImportReport | None = None,
    own: bool = False,
    recorded: bool = False,
    adopt: bool = False,
) -> Iterator[ImportReport]:
    """Add every file below some paths; yield the same report after every batch, at last when all is done.

    With ``copy`` files are copied under hashes of their content; without, the index remembers where they lie: nothing
    is moved, changed or deleted there. A file that ended the program before is left out and told, unless it is one of
    the paths itself. ``report`` is one to go on with; ``own`` says that the paths are the library's files,
    ``recorded`` that they came into folders that are remembered: nobody asked for each of them. With ``adopt`` the
    library takes the files over, as those that came over a network: what it then has, or had before, is removed from
    where it waited (E4), what it cannot read stays there.

    Raises
    ------
    LibraryError
        When the library cannot be written; what was added before stays.
    """
    chosen = [os.fspath(path) for path in paths]
    library.demand_writable()
    if not copy and not own and not recorded and not adopt:
        Records(library.folder).link(path for path in chosen if os.path.lexists(path))
    report = report or ImportReport()
    batch: list[Instance] = []
    keep = Keep.ADOPT if adopt else Keep.OWN if own else Keep.COPY if copy else Keep.LINK
    twins: list[str] = []
    if keep in (Keep.COPY, Keep.ADOPT):
        archive.clear_unfinished(library.files)
    named = set() if recorded else {(os.path.abspath(os.fsencode(path)), "") for path in chosen}
    left_out = quarantined(library) - named
    reading = Reading(library.folder)

    def may_read(locator: Locator) -> bool:
        if own and not locator.path.endswith(archive.ENDING):
            return False  # another window's copy that is not whole yet, or what a killed one left
        name = name_of(locator)
        if parts_of(name) in left_out:
            report.skipped.append((str(locator), _LEFT_OUT.format(locator.name)))
            return False
        reading.note(locator)
        return True

    rhythm = _Rhythm()
    try:
        for item in scan(chosen, stop=stop, passwords=passwords, may_read=may_read):
            _take(item, batch, report)
            if adopt and isinstance(item, Duplicate) and item.path != item.of:
                twins.append(item.path)
            if rhythm.is_due(len(batch)):
                reading.rest()
                store(library, batch, report, keep)
                rhythm.next()
                yield report
        reading.rest()
        store(library, batch, report, keep)
        forget(twins)  # the library has what they repeat
    finally:
        reading.close()
    report.cancelled = stop is not None and stop.is_set()
    yield report


class _Rhythm:
    """When a batch is written: the first soon, so that it is seen; then more at a time, none waiting for long."""

    def __init__(self) -> None:
        self._size = FIRST_BATCH
        self._since = time.monotonic()

    def is_due(self, size: int) -> bool:
        waited = time.monotonic() - self._since >= LONGEST
        return size >= min(self._size, BATCH) or (waited and size > 0)

    def next(self) -> None:
        self._size *= 2
        self._since = time.monotonic()


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
