"""Where the files of the index lie, and which of them are not there any more."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from workstation.dicom.identity import Locator

if TYPE_CHECKING:
    from pathlib import Path
    from sqlite3 import Row

    from workstation.library.store import Library


def location(files: Path, row: Row) -> bytes:
    """Return the path of a row of ``files``: as it is where linked, else below the library's folder of copies."""
    path = bytes(row["path"])
    return path if row["linked"] else os.path.join(os.fsencode(files), path)


def files_of(library: Library, study: int) -> list[str]:
    """Return the files of a study, each once: members of an archive stand for the archive."""
    rows = library.query(
        """SELECT DISTINCT path, linked FROM files JOIN instances ON instances.file = files.id
           JOIN series ON series.id = instances.series WHERE series.study = ?""",
        (study,),
    )
    return [os.fsdecode(location(library.files, row)) for row in rows]


def locators_of(library: Library, study: int) -> list[Locator]:
    """Return where each object of a study lies, members of archives too, each file once."""
    rows = library.query(
        """SELECT DISTINCT files.id, path, member, linked FROM files JOIN instances ON instances.file = files.id
           JOIN series ON series.id = instances.series WHERE series.study = ? ORDER BY series.id, files.id""",
        (study,),
    )
    return [Locator(os.fsdecode(location(library.files, row)), row["member"] or None) for row in rows]


def files_of_series(library: Library, series: int) -> list[Locator]:
    """Return the files of a series, each once, by the numbers of their instances."""
    rows = library.query(
        """SELECT path, member, linked, min(number) AS first FROM files JOIN instances ON instances.file = files.id
           WHERE series = ? GROUP BY files.id ORDER BY first, files.id""",
        (series,),
    )
    return [Locator(os.fsdecode(location(library.files, row)), row["member"] or None) for row in rows]


def parted(paths: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the paths that are there, and those that are gone: with a stick that was pulled out, say."""
    there: list[str] = []
    gone: list[str] = []
    for path in paths:
        (there if os.path.exists(path) else gone).append(path)
    return there, gone


def common_folder(paths: Iterable[str]) -> str:
    """Return the innermost folder that holds all of some paths, or "" where there is none."""
    try:
        return os.path.commonpath([os.path.dirname(path) for path in paths])
    except ValueError:
        return ""
