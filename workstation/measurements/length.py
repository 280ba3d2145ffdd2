"""Lengths in the image and in the patient (D43)."""

from __future__ import annotations

from dataclasses import dataclass
from math import dist, hypot
from typing import TYPE_CHECKING

from workstation.measurements.measurement import shown

if TYPE_CHECKING:
    from workstation.dicom.identity import Vector
    from workstation.measurements.calibration import Calibration

Point = tuple[float, float]


def pixel_length(start: Point, end: Point, calibration: Calibration) -> float:
    """Return the length between two pixels (column, row) in the calibration's unit.

    Examples
    --------
    With pixels 2 mm high and 0.5 mm wide, (0, 0) to (3, 4) is sqrt(1.5² + 8²) = 8.139 mm.
    """
    across = (end[0] - start[0]) * calibration.column_mm
    along = (end[1] - start[1]) * calibration.row_mm
    return hypot(across, along)


def patient_length(start: Vector, end: Vector) -> float:
    """Return the distance of two patient points in mm."""
    return dist(start, end)


@dataclass(frozen=True, slots=True)
class Length:
    """A length and what to write beside it."""

    value: float
    unit: str
    source: str
    text: str


def length_of(start: Point, end: Point, calibration: Calibration) -> Length:
    """Return the length between two pixels, with its calibration stated (D33, D35).

    Where the two directions have different units (M-mode, spectral Doppler) there is no length; the two
    differences are given side by side, and ``value`` is the horizontal one.
    """
    if calibration.unit:
        value = pixel_length(start, end, calibration)
        text = f"{shown(value, min(calibration.row_mm, calibration.column_mm))} {calibration.unit}"
        note = "" if calibration.plain else f" ({calibration.source})"
        return Length(value, calibration.unit, calibration.source, text + note)
    across = abs(end[0] - start[0]) * calibration.column_mm
    along = abs(end[1] - start[1]) * calibration.row_mm
    text = (
        f"{shown(across, calibration.column_mm)} {calibration.column_unit}, "
        f"{shown(along, calibration.row_mm)} {calibration.row_unit}"
    )
    return Length(across, calibration.column_unit, calibration.source, text)
