"""Emptying the bin: what was copied is deleted, what is linked stays where it lies."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite3 import Connection

    from workstation.library.store import Library


def empty_bin(library: Library, before: float | None = None) -> int:
    """Forget the studies in the bin, those put there before a moment only if one is given; return how many.

    The index goes first: a file that cannot be deleted then lies unused and is found by a rebuild, while an index that
    names files that are gone would be wrong.
    """

    def forget(connection: Connection) -> tuple[int, list[bytes]]:
        limit = float("inf") if before is None else before
        studies = connection.execute("SELECT id FROM studies WHERE binned < ?", (limit,)).fetchall()
        connection.executemany("DELETE FROM studies WHERE id = ?", [(row[0],) for row in studies])
        connection.execute("DELETE FROM patients WHERE id NOT IN (SELECT patient FROM studies)")
        unused = "SELECT id FROM files WHERE id NOT IN (SELECT file FROM instances)"
        copied = connection.execute(f"SELECT path FROM files WHERE linked = 0 AND id IN ({unused})").fetchall()
        connection.execute(f"DELETE FROM files WHERE id IN ({unused})")
        return len(studies), [bytes(row[0]) for row in copied]

    number, paths = library.write(forget)
    for path in paths:
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(os.fsencode(library.files), path))
    return number
