"""Where the pages of a PDF lie below each other at a zoom, as plain numbers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

MARGIN = 10
"""Logical pixels around a page."""
SMALLEST, LARGEST = 0.2, 6.0
"""Logical pixels a point of a page may be."""


@dataclass(frozen=True, slots=True)
class PdfLayout:
    """Pages of some sizes in points, ``zoom`` logical pixels a point; ``tops`` is one longer than the pages."""

    sizes: tuple[tuple[float, float], ...]
    zoom: float
    tops: tuple[int, ...]
    width: int

    @property
    def height(self) -> int:
        """Height of everything, logical pixels."""
        return self.tops[-1]

    def page_at(self, y: float) -> int:
        """Return the page at a height; the last one below the end."""
        return min(max(bisect_right(self.tops, y) - 1, 0), len(self.sizes) - 1)

    def pages_in(self, top: float, bottom: float) -> range:
        """Return the pages between two heights."""
        return range(self.page_at(top), self.page_at(bottom) + 1)

    def box(self, page: int, across: int) -> tuple[int, int, int, int]:
        """Return left, top, width and height of a page in a view ``across`` pixels wide."""
        width, height = (round(side * self.zoom) for side in self.sizes[page])
        return max((max(across, self.width) - width) // 2, MARGIN), self.tops[page] + MARGIN, width, height


def laid_out(sizes: Sequence[tuple[float, float]], zoom: float) -> PdfLayout:
    """Return pages below each other."""
    zoom = min(max(zoom, SMALLEST), LARGEST)
    heights = (round(height * zoom) + MARGIN for _, height in sizes)
    tops = tuple(accumulate(heights, initial=0))
    widest = max((round(width * zoom) for width, _ in sizes), default=0) + 2 * MARGIN
    return PdfLayout(tuple(sizes), zoom, (*tops[:-1], tops[-1] + MARGIN), widest)


def fitting(sizes: Sequence[tuple[float, float]], across: int) -> float:
    """Return the zoom at which the widest page fills a view."""
    widest = max((width for width, _ in sizes), default=1.0)
    return min(max((across - 2 * MARGIN) / widest, SMALLEST), LARGEST)
