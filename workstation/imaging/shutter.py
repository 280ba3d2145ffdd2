"""Display shutters (PS3.3 C.7.6.11, C.7.6.15, F23)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from workstation.dicom.attributes import integer, integers, texts

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom import Dataset

    from workstation.imaging.overlay_plane import OverlayPlane


@dataclass(frozen=True, slots=True)
class Shutter:
    """Shapes that hide what is outside them; several shapes intersect.

    ``rectangle`` is (left, right, upper, lower) edge, ``circle`` (row, column, radius along the row), and
    ``polygon`` vertices (row, column): all count pixels from 1. ``value`` is a 16-bit P-Value; ``group`` names
    the overlay of a bitmap shutter, ``bitmap`` is that overlay, in which 1 covers.
    """

    rectangle: tuple[int, int, int, int] | None = None
    circle: tuple[int, int, int] | None = None
    polygon: tuple[tuple[int, int], ...] = ()
    value: int = 0
    group: int | None = None
    bitmap: OverlayPlane | None = None

    def visible(
        self, rows: int, columns: int, *, row_per_column: float = 1.0, frame_index: int = 0
    ) -> NDArray[np.bool_]:
        """Return (rows, columns), True where the image shows.

        ``row_per_column`` is the row spacing over the column spacing: the circle is round in space, its radius
        counts pixels along a row.
        """
        row, column = np.mgrid[1 : rows + 1, 1 : columns + 1]
        shown = np.ones((rows, columns), np.bool_)
        if self.rectangle:
            left, right, upper, lower = self.rectangle
            shown &= (column >= left) & (column <= right) & (row >= upper) & (row <= lower)
        if self.circle:
            center_row, center_column, radius = self.circle
            shown &= ((row - center_row) * row_per_column) ** 2 + (column - center_column) ** 2 <= radius**2
        if self.polygon:
            shown &= _inside(self.polygon, row, column)
        covered = self.bitmap.mask(frame_index, rows, columns) if self.bitmap is not None else None
        if covered is not None:
            shown &= ~covered
        return shown

    def apply(self, display: NDArray[np.uint8], visible: NDArray[np.bool_]) -> NDArray[np.uint8]:
        """Return display values with what is outside replaced by the shutter's grey."""
        result = display.copy()
        result[~visible] = self.value // 257
        return result


def shutter_of(ds: Dataset) -> Shutter | None:
    """Return the shutter a data set describes, None without one."""
    shapes = {shape.upper() for shape in texts(ds, "ShutterShape")}
    edges = [integer(ds, f"Shutter{side}Edge") for side in ("LeftVertical", "RightVertical", "UpperHorizontal")]
    edges.append(integer(ds, "ShutterLowerHorizontalEdge"))
    center, radius = integers(ds, "CenterOfCircularShutter"), integer(ds, "RadiusOfCircularShutter")
    numbers = integers(ds, "VerticesOfThePolygonalShutter")
    vertices = tuple(zip(numbers[0::2], numbers[1::2], strict=False))
    rectangle: Any = tuple(edges) if "RECTANGULAR" in shapes and None not in edges else None
    circular = "CIRCULAR" in shapes and len(center) >= 2 and radius
    circle = (center[0], center[1], int(radius or 0)) if circular else None
    # One vertex, or two, enclose nothing and would hide the whole image.
    polygon = vertices if "POLYGONAL" in shapes and len(vertices) >= 3 else ()
    group = integer(ds, "ShutterOverlayGroup") if "BITMAP" in shapes else None
    if not (rectangle or circle or polygon or group):
        return None
    return Shutter(rectangle, circle, polygon, integer(ds, "ShutterPresentationValue") or 0, group)


def _inside(vertices: tuple[tuple[int, int], ...], row: NDArray[Any], column: NDArray[Any]) -> NDArray[np.bool_]:
    """Even-odd rule with pixel centres at whole numbers; a centre on an edge is inside."""
    inside = np.zeros(row.shape, np.bool_)
    on_edge = np.zeros(row.shape, np.bool_)
    for (row_a, column_a), (row_b, column_b) in zip(vertices, (*vertices[1:], vertices[0]), strict=True):
        side = (column_b - column_a) * (row - row_a) - (row_b - row_a) * (column - column_a)
        within = (row >= min(row_a, row_b)) & (row <= max(row_a, row_b))
        within &= (column >= min(column_a, column_b)) & (column <= max(column_a, column_b))
        on_edge |= (side == 0) & within
        crosses = (row_a > row) != (row_b > row)
        if row_a != row_b:
            at = column_a + (row - row_a) * (column_b - column_a) / (row_b - row_a)
            inside ^= crosses & (column < at)
    return inside | on_edge
