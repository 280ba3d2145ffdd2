"""What a person drew: points in patient space where there is any, else bound to one frame (D46)."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workstation.dicom.identity import FrameRef, Vector
    from workstation.geometry.image_plane import ImagePlane

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Measurement:
    """A length, ellipse or rectangle, given by the ends of its diagonal or line.

    ``kind`` is ``"length"``, ``"ellipse"`` or ``"rectangle"``. ``pixels`` are (column, row), whole at pixel centres,
    on ``ref``, or on ``plane`` for a reformatted section (``ref`` is None). ``patient_points`` are mm LPS, empty
    without patient geometry.
    """

    number: int
    kind: str
    pixels: tuple[Point, ...]
    ref: FrameRef | None
    plane: ImagePlane | None = None
    patient_points: tuple[Vector, ...] = ()
    label: str = ""

    @property
    def reformatted(self) -> bool:
        """Whether it was drawn on a section rather than on a stored frame (D40)."""
        return self.ref is None


def measured_on(
    number: int, kind: str, pixels: tuple[Point, ...], ref: FrameRef | None, plane: ImagePlane | None
) -> Measurement:
    """Return a measurement drawn at pixels of a frame or section; patient points follow from the plane."""
    points = tuple(plane.patient_point(column, row) for column, row in pixels) if plane is not None else ()
    return Measurement(number, kind, pixels, ref, plane, points)


NEAR = 0.01
"""Millimetres a point may lie off a plane and still be drawn on it."""


def pixels_on(measurement: Measurement, ref: FrameRef | None, plane: ImagePlane | None) -> tuple[Point, ...] | None:
    """Return where a measurement appears on a frame or section, None where it does not belong.

    It belongs to its own frame, and to planes of the same Frame of Reference that contain all its points: a
    measurement never moves to another frame of the same place, such as another phase (D46).
    """
    if measurement.ref is not None and ref is not None:
        return measurement.pixels if measurement.ref == ref else None
    if plane is None or measurement.plane is None or not measurement.patient_points:
        return None
    if plane.frame_of_reference_uid != measurement.plane.frame_of_reference_uid:
        return None
    found = [plane.pixel(point) for point in measurement.patient_points]
    if any(abs(distance) > NEAR for _, _, distance in found):
        return None
    return tuple((column, row) for column, row, _ in found)


def shown(value: float, resolution: float) -> str:
    """Return a number with no more digits than a tenth of the resolution carries (D46).

    Examples
    --------
    >>> shown(81.3862, 0.5), shown(81.3862, 3.0), shown(81.3862, 20.0)
    ('81.39', '81.4', '81')
    """
    digits = max(0, -floor(log10(resolution / 10) + 1e-9)) if resolution > 0 else 1
    return f"{value:.{digits}f}"
