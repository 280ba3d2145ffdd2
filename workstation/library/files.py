"""Where the files of a study or series lie."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from workstation.dicom.identity import Locator

if TYPE_CHECKING:
    from sqlite3 import Row

    from workstation.library.store import Library


def files_of_study(library: Library, study: int) -> list[str]:
    """Return the files of a study, each once: members of an archive stand for the archive."""
    rows = library.query(
        """SELECT DISTINCT path, linked FROM files JOIN instances ON instances.file = files.id
           JOIN series ON series.id = instances.series WHERE series.study = ?""",
        (study,),
    )
    return [_path(library, row) for row in rows]


def files_of_series(library: Library, series: int) -> list[Locator]:
    """Return the files of a series, each once, by the numbers of their instances."""
    rows = library.query(
        """SELECT path, member, linked, min(number) AS first FROM files JOIN instances ON instances.file = files.id
           WHERE series = ? GROUP BY files.id ORDER BY first, files.id""",
        (series,),
    )
    return [Locator(_path(library, row), row["member"] or None) for row in rows]


def _path(library: Library, row: Row) -> str:
    path = bytes(row["path"])
    return os.fsdecode(path if row["linked"] else os.path.join(os.fsencode(library.files), path))
