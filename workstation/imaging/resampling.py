"""Pictures at the size of the screen: means of areas where they shrink, mixed neighbours where they grow.

Nothing aliases when a pixel of the screen shows the mean of all it covers. Display values are averaged, not stored
ones: beyond a window's ends the two differ, and what is seen at full size is what must be seen from afar. Edges and
shares are kept in whole parts of a pixel, so that sums are whole numbers and the same whoever computes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

PARTS: Final = 64
"""Parts of a pixel in which the edges of boxes are kept."""
SHARES: Final = 256
"""Parts in which two neighbours are mixed."""


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


@lru_cache(maxsize=16)
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
    wide, high = 1.0 / np.diff(columns.edges), 1.0 / np.diff(rows.edges)
    if display.ndim == 3:
        wide, high = wide[:, np.newaxis], high[:, np.newaxis]
    # the little more than a half makes up for the two products not being a quotient
    means: NDArray[np.uint8] = (sums * wide * high[:, np.newaxis] + 0.500000001).astype(np.uint8)
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


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """One axis of a picture made larger: for every pixel of the screen the pixel before it and the share of the next.

    ``places`` count from pixel ``first`` on, ``shares`` are in 256ths (both int32), ``position`` is the screen pixel
    of the first point. ``stop`` is the pixel of the picture after the last one used.
    """

    first: int
    stop: int
    places: NDArray[np.int32]
    shares: NDArray[np.int32]
    position: int

    @property
    def count(self) -> int:
        """How many pixels of the screen."""
        return len(self.places)


@lru_cache(maxsize=16)
def points_of(scale: float, shift: float, size: int, extent: int) -> Points | None:
    """Return where the centres of ``extent`` screen pixels lie on an axis of ``size`` >= 2 pixels; see ``boxes_of``."""
    low, high = sorted((shift, shift + scale * size))
    begin, end = max(0, ceil(low - 0.5)), min(extent, ceil(high - 0.5))
    if end <= begin:
        return None
    # the centre of pixel 0 is at 0.5; beyond the outermost centres there is nothing to mix with
    centres = np.clip((np.arange(begin, end) + 0.5 - shift) / scale - 0.5, 0, size - 1)
    whole = np.rint(centres * SHARES).astype(np.int64)
    places = np.minimum(whole // SHARES, size - 2)
    shares = (whole - places * SHARES).astype(np.int32)
    first, last = int(places.min()), int(places.max())
    return Points(first, last + 2, (places - first).astype(np.int32), shares, begin)


def enlarged(greys: NDArray[np.uint8], rows: Points, columns: Points) -> NDArray[np.uint8]:
    """Return greys at every point, uint8 (rows.count, columns.count); ``greys`` are those the points use."""
    wide = greys.astype(np.int32)
    before, after = wide[:, columns.places], wide[:, columns.places + 1]
    stretched = before * SHARES + (after - before) * columns.shares
    upper, lower = stretched[rows.places], stretched[rows.places + 1]
    mixed = upper * SHARES + (lower - upper) * rows.shares[:, np.newaxis]
    result: NDArray[np.uint8] = ((mixed + (1 << 15)) >> 16).astype(np.uint8)
    return result
