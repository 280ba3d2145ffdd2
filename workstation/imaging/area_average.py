"""Pictures made smaller by the mean of the area each pixel of the screen covers: nothing aliases, no detail is lost.

Display values are averaged, not stored ones: beyond a window's ends the two differ, and what is seen at full size
is what must be seen from afar. Edges are kept in 64ths of a pixel, so that sums are whole numbers and the same
whoever computes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

PARTS: Final = 64


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """One axis of a picture as runs of its pixels, one run per pixel of the screen, in the picture's order.

    ``edges`` (count + 1, int64) are in 64ths of a pixel from pixel ``first`` on. ``position`` is the screen pixel
    of the first run; with ``reversed`` the last run comes first on the screen.
    """

    first: int
    edges: NDArray[np.int64]
    position: int
    reversed: bool

    @property
    def count(self) -> int:
        """How many pixels of the screen."""
        return len(self.edges) - 1

    @property
    def stop(self) -> int:
        """The pixel of the picture after the last one used."""
        return self.first + int(self.edges[-1] + PARTS - 1) // PARTS


def boxes_of(scale: float, shift: float, size: int, extent: int) -> Boxes | None:
    """Return what each of ``extent`` screen pixels shows of an axis of ``size`` pixels; None where nothing is seen.

    Pixel edge ``p`` of the picture lies at ``scale * p + shift`` on the screen; ``scale`` is at most 1 and
    negative where the axis runs backwards. A screen pixel shows the picture if its centre does.
    """
    low, high = sorted((shift, shift + scale * size))
    begin, end = max(0, ceil(low - 0.5)), min(extent, ceil(high - 0.5))
    if end <= begin:
        return None
    edges = (np.arange(begin, end + 1) - shift) / scale
    edges = edges[::-1] if scale < 0 else edges
    whole = np.rint(np.clip(edges, 0, size) * PARTS).astype(np.int64)
    first = int(whole[0]) // PARTS
    return Boxes(first, np.ascontiguousarray(whole - first * PARTS), begin, scale < 0)


def each_pixel(first: int, stop: int) -> Boxes:
    """Return boxes of one pixel each, for an axis that is not made smaller."""
    return Boxes(first, np.arange(stop - first + 1, dtype=np.int64) * PARTS, 0, False)


def averaged(display: NDArray[np.uint8], rows: Boxes, columns: Boxes) -> NDArray[np.uint8]:
    """Return the mean of every box, halves up: uint8 (rows.count, columns.count), RGB with a third axis."""
    sums = _box_sums(display[rows.first : rows.stop, columns.first : columns.stop], rows.edges)
    sums = _box_sums(sums.swapaxes(0, 1), columns.edges).swapaxes(0, 1)
    areas = np.diff(rows.edges)[:, np.newaxis] * np.diff(columns.edges)
    areas = areas if display.ndim == 2 else areas[..., np.newaxis]
    means: NDArray[np.uint8] = (sums / areas + 0.5).astype(np.uint8)
    return means


def _box_sums(values: NDArray[Any], edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return sums over runs of the first axis, in 64ths."""
    running = np.zeros((len(values) + 1, *values.shape[1:]), np.int64)
    np.cumsum(values, axis=0, out=running[1:])
    whole, part = np.divmod(edges, PARTS)
    parts = part.reshape(-1, *(1,) * (values.ndim - 1))
    beside = values[np.minimum(whole, len(values) - 1)]
    sums: NDArray[np.int64] = np.diff(running[whole] * PARTS + beside * parts, axis=0)
    return sums
