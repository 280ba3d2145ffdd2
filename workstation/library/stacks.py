"""The stacks of a series and a small picture of each, made when first looked at and kept in the index."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workstation.dicom.scan import Found, scan
from workstation.errors import WorkstationError
from workstation.geometry.stack import stacks_of
from workstation.imaging.auto_window import default_voi
from workstation.imaging.pipeline import Pipeline
from workstation.imaging.shrink import shrunk
from workstation.library.places import files_of_series
from workstation.library.store import LibraryError
from workstation.measurements.calibration import pixel_aspect
from workstation.objects.images import ImageReader

if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Connection

    from workstation.geometry.stack_value import Stack
    from workstation.library.store import Library

SIDE: Final = 128
"""Pixels along the longer side of a picture."""


@dataclass(frozen=True, slots=True)
class StackRow:
    """One stack of a series; ``picture`` is a PNG, None where there is none or it cannot be drawn."""

    kind: str
    label: str
    reason: str
    frames: int
    picture: bytes | None


def stacks(library: Library, series: int, *, read: Callable[[], bool] = lambda: True) -> list[StackRow]:
    """Return the stacks of a series, from the index where it knows them, else from the files.

    ``read`` is asked before files are read: False leaves it at what the index has.

    Raises
    ------
    LibraryError
    """
    rows = library.query(
        """SELECT kind, label, reason, frames, picture FROM stacks JOIN series ON series.id = series
           WHERE series = ? AND of_instances = instance_count ORDER BY place""",
        (series,),
    )
    if rows or not read():
        return [StackRow(*row) for row in rows]
    found = _made(library, series)
    number = int(library.query("SELECT instance_count FROM series WHERE id = ?", (series,))[0][0])

    def keep(connection: Connection) -> None:
        connection.execute("DELETE FROM stacks WHERE series = ?", (series,))
        connection.executemany(
            """INSERT INTO stacks (series, place, of_instances, kind, label, reason, frames, picture)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
            [
                (series, place, number, row.kind, row.label, row.reason, row.frames, row.picture)
                for place, row in enumerate(found)
            ],
        )

    if found and not library.read_only:
        with contextlib.suppress(LibraryError):  # what cannot be kept is made again the next time
            library.write(keep)
    return found


def _made(library: Library, series: int) -> list[StackRow]:
    (row,) = library.query("SELECT uid FROM series WHERE id = ?", (series,))
    wanted = {str(locator) for locator in files_of_series(library, series)}
    paths = list(dict.fromkeys(locator.path for locator in files_of_series(library, series)))
    instances = [
        item.instance
        for item in scan(paths)
        if isinstance(item, Found)
        and str(item.instance.locator) in wanted
        and item.instance.series_instance_uid == row["uid"]
    ]
    return [
        StackRow(stack.kind, stack.label, stack.reason or "", len(stack.frames), picture_of(stack))
        for stack in stacks_of(instances)
    ]


def picture_of(stack: Stack) -> bytes | None:
    """Return the middle image of a stack as a small PNG, None where it has none that can be drawn."""
    if stack.kind != "image" or not stack.frames:
        return None
    frame = stack.frames[len(stack.frames) // 2]
    reader = ImageReader(frame.instance)
    try:
        picture = reader.picture(frame.ref)
        rendering = picture.rendering
        voi = default_voi(rendering, picture.statistics) if rendering.has_window else None
        display = Pipeline(rendering, voi, False).display(picture.values)
    except WorkstationError:
        return None
    finally:
        reader.close()
    from imagecodecs import png_encode

    return bytes(png_encode(shrunk(display, pixel_aspect(frame.instance, frame.frame), SIDE)))
