"""Makes the index again from the files it is about: those that were copied, and the linked paths of the records."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from workstation.library import marks
from workstation.library.batches import ImportReport
from workstation.library.importer import import_paths
from workstation.library.places import location
from workstation.library.records import Records
from workstation.library.store import LibraryError, reason_of

if TYPE_CHECKING:
    from pathlib import Path
    from sqlite3 import Connection, Row
    from threading import Event

    from workstation.library.store import Library

UNFINISHED: Final = "rebuilding"
TABLES: Final = ("instances", "files", "series", "studies", "patients")


def rebuild(
    library: Library, *, stop: Event | None = None, report: ImportReport | None = None
) -> Iterator[ImportReport]:
    """Empty the index and fill it again; yield how far it is. What was said of studies is said again.

    Raises
    ------
    LibraryError
        When the index cannot be written; the files are untouched in any case.
    """
    records = Records(library.folder)
    report = report or ImportReport()
    library.demand_writable()
    gone = _missed(library, [path for path in records.links() if not os.path.lexists(path)])
    report.skipped += [(path, "it is not there; once it is back, add it again to have it listed.") for path in gone]
    mark = library.folder / UNFINISHED
    _set(mark)
    library.write(_emptied)
    if library.files.is_dir():
        yield from import_paths(library, [library.files], copy=False, stop=stop, report=report, own=True)
    # asked again: what another window linked until the index was empty
    there = [path for path in records.links() if os.path.lexists(path)]
    yield from import_paths(library, there, copy=False, stop=stop, report=report)
    marks.replay(library)
    if not report.cancelled:
        mark.unlink(missing_ok=True)
    yield report


def is_unfinished(library: Library) -> bool:
    """Tell whether a rebuild was begun that has not ended: not all studies are listed then."""
    return (library.folder / UNFINISHED).exists()


def _set(mark: Path) -> None:
    try:
        mark.touch()
    except OSError as error:
        raise LibraryError(f"The library cannot be rebuilt ({reason_of(error)}); it stays as it is.") from error


def _missed(library: Library, gone: list[str]) -> list[str]:
    """Return the linked paths that are gone and of which something is listed, all of them where nothing is."""
    rows = library.query("SELECT path FROM files WHERE linked") if gone else []
    listed = [os.fsdecode(bytes(row["path"])) for row in rows]
    if not listed:
        return gone
    return [path for path in gone if any(one == path or one.startswith(os.path.join(path, "")) for one in listed)]


def check(library: Library) -> list[str]:
    """Return a sentence for everything in the index that is not true, none where all is well.

    Files are looked for, not read.
    """
    rows = library.query("SELECT path, member, linked, size, mtime_ns FROM files ORDER BY id")
    found = [fault for row in rows if (fault := _fault(os.fsdecode(location(library.files, row)), row))]
    broken = dict.fromkeys(row[0] for row in library.query("PRAGMA foreign_key_check"))
    return found + [f"The index is inconsistent in {table}; rebuild it." for table in broken]


def _fault(path: str, row: Row) -> str:
    try:
        status = os.stat(path)
    except OSError:
        return f"{path}: this {'linked' if row['linked'] else 'copied'} file is not there."
    if status.st_size != row["size"]:
        return f"{path}: its size has changed since it was added."
    if row["linked"] and status.st_mtime_ns != row["mtime_ns"]:  # a copied library has new times and is as good
        return f"{path}: it was written to since it was added; add it again to have it read again."
    return ""


def _emptied(connection: Connection) -> None:
    for table in TABLES:
        connection.execute(f"DELETE FROM {table}")
