"""Makes the index again from the files it is about: those that were copied, and the linked paths of the records."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from workstation.library import marks
from workstation.library.importer import ImportReport, import_paths
from workstation.library.records import Records

if TYPE_CHECKING:
    from sqlite3 import Connection
    from threading import Event

    from workstation.library.store import Library

TABLES: Final = ("instances", "files", "series", "studies", "patients")


def rebuild(library: Library, *, stop: Event | None = None) -> Iterator[ImportReport]:
    """Empty the index and fill it again; yield how far it is. What was said of studies is said again.

    Raises
    ------
    LibraryError
        When the index cannot be written; the files are untouched in any case.
    """
    records = Records(library.folder)
    library.write(_emptied)
    report = ImportReport()
    if library.files.is_dir():
        yield from import_paths(library, [library.files], copy=False, stop=stop, report=report, own=True)
    there = [path for path in records.links() if os.path.lexists(path)]
    yield from import_paths(library, there, copy=False, stop=stop, report=report)
    marks.replay(library)
    yield report


def check(library: Library) -> list[str]:
    """Return a sentence for everything in the index that is not true, none where all is well.

    Files are looked for, not read.
    """
    found: list[str] = []
    for row in library.query("SELECT path, member, linked, size FROM files"):
        path = bytes(row["path"]) if row["linked"] else os.path.join(os.fsencode(library.files), bytes(row["path"]))
        try:
            size = os.stat(path).st_size
        except OSError:
            kind = "linked" if row["linked"] else "copied"
            found.append(f"{os.fsdecode(path)}: this {kind} file is not there.")
            continue
        if size != row["size"]:
            found.append(f"{os.fsdecode(path)}: its size has changed since it was added.")
    broken = dict.fromkeys(row[0] for row in library.query("PRAGMA foreign_key_check"))
    return found + [f"The index is inconsistent in {table}; rebuild it." for table in broken]


def _emptied(connection: Connection) -> None:
    for table in TABLES:
        connection.execute(f"DELETE FROM {table}")
