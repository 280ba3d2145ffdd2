"""Angles in millimetres, never in pixels (D43)."""

from __future__ import annotations

from math import atan2, degrees
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workstation.measurements.calibration import Calibration

Point = tuple[float, float]


def angle_at(first: Point, vertex: Point, last: Point, calibration: Calibration) -> float:
    """Return the angle between two arms in degrees, 0 to 180.

    Points are pixels (column, row); their differences are scaled by the pixel's size first.

    Examples
    --------
    With pixels 2 mm high and 0.5 mm wide a diagonal of the pixel grid rises by 75.96 degrees.
    """
    a, b = (_arm(vertex, end, calibration) for end in (first, last))
    return degrees(abs(atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1])))


def cobb_angle(first: tuple[Point, Point], second: tuple[Point, Point], calibration: Calibration) -> float:
    """Return the angle between two lines in degrees, 0 to 180, each line running as it was drawn.

    Two end plates drawn from the same side give the Cobb angle itself; drawn from opposite sides, its supplement.
    """
    a, b = (_arm(start, end, calibration) for start, end in (first, second))
    return degrees(abs(atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1])))


def _arm(start: Point, end: Point, calibration: Calibration) -> tuple[float, float]:
    return (end[0] - start[0]) * calibration.column_mm, (end[1] - start[1]) * calibration.row_mm
