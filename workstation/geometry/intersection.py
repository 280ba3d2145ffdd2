"""Where planes and points meet: reference lines and the slice nearest to a point (D36, D37)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workstation.geometry.image_plane import add, dot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workstation.dicom.identity import Vector
    from workstation.geometry.image_plane import ImagePlane

PARALLEL_SINE = 0.02
"""Planes that meet at less than about one degree give no reference line."""

Pixel = tuple[float, float]


def same_space(a: ImagePlane | None, b: ImagePlane | None) -> bool:
    """Return whether two planes share a Frame of Reference; without it places cannot be compared (D36)."""
    return a is not None and b is not None and a.frame_of_reference_uid == b.frame_of_reference_uid != ""


def reference_line(plane: ImagePlane, other: ImagePlane) -> tuple[Pixel, Pixel] | None:
    """Return where ``other``'s rectangle cuts ``plane``'s picture, as two (column, row) in its pixels.

    Both rectangles reach half a pixel beyond the outermost centres. None without a common Frame of Reference, for
    (nearly) parallel planes, and where the rectangles do not meet.
    """
    if not same_space(plane, other) or abs(dot(plane.normal, other.normal)) > (1 - PARALLEL_SINE**2) ** 0.5:
        return None
    crossing = _crossing(other.corners(), [plane.pixel(corner)[2] for corner in other.corners()])
    if crossing is None:
        return None
    start, end = (plane.pixel(point)[:2] for point in crossing)
    return clip(start, end, (-0.5, -0.5), (plane.columns - 0.5, plane.rows - 0.5))


def _crossing(corners: Sequence[Vector], heights: Sequence[float]) -> tuple[Vector, Vector] | None:
    """Return the two points where a polygon's edge passes through height 0."""
    found: list[Vector] = []
    for k in range(len(corners)):
        a, b = heights[k - 1], heights[k]
        if (a < 0 <= b) or (b < 0 <= a):
            part = a / (a - b)
            found.append(add(corners[k - 1], add(corners[k], corners[k - 1], -1.0), part))
    return (found[0], found[1]) if len(found) == 2 else None


def clip(start: Pixel, end: Pixel, low: Pixel, high: Pixel) -> tuple[Pixel, Pixel] | None:
    """Clip a line segment to a rectangle (Liang-Barsky); None where nothing is left."""
    first, last = 0.0, 1.0
    for axis in (0, 1):
        delta = end[axis] - start[axis]
        if abs(delta) < 1e-12:
            if not low[axis] <= start[axis] <= high[axis]:
                return None
            continue
        near, far = sorted(((low[axis] - start[axis]) / delta, (high[axis] - start[axis]) / delta))
        first, last = max(first, near), min(last, far)
    if first > last:
        return None
    x, y = end[0] - start[0], end[1] - start[1]
    return (start[0] + first * x, start[1] + first * y), (start[0] + last * x, start[1] + last * y)


def nearest_slice(planes: Sequence[ImagePlane | None], point: Vector) -> tuple[int, float] | None:
    """Return (index, distance in mm) of the plane nearest to a patient point along the normals (D37).

    The distance is signed, positive in front of the plane along its normal. None where there is no plane.
    """
    known = [(index, plane) for index, plane in enumerate(planes) if plane is not None]
    if not known:
        return None
    normals = np.array([plane.normal for _, plane in known])
    origins = np.array([plane.origin for _, plane in known])
    distances = np.einsum("ij,ij->i", normals, np.asarray(point) - origins)
    best = int(np.abs(distances).argmin())
    return known[best][0], float(distances[best])


def off_plane(distance: float, spacing: float) -> bool:
    """Return whether a point lies further than half a slice step from the nearest slice (D37)."""
    return abs(distance) > spacing / 2
