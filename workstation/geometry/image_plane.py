"""Where an image lies in the patient: Image Plane Module (PS3.3 C.7.6.2).

Coordinates: ``pixel`` (column, row) counts from 0 at the *centre* of the first pixel; an *image point* is
corner based as in SCOORD, so pixel (0, 0) has its centre at image point (0.5, 0.5). Patient points are x, y, z
in mm, LPS.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import TYPE_CHECKING

from workstation.dicom.quick_build import builder

if TYPE_CHECKING:
    from workstation.dicom.identity import Frame, Instance, Vector

Orientation = tuple[float, float, float, float, float, float]
"""Image Orientation (Patient): the cosines of the row direction, then of the column direction."""
EXACT = 1e-3
"""Departure from unit length or a right angle that rounding of decimal strings explains."""
FARTHEST = 1e6
"""Distance in mm from the origin beyond which a position cannot be true."""
REPAIRABLE = 1e-2
"""Departure up to which directions are renormalised; beyond it there is no patient geometry (D3)."""


def dot(a: Vector, b: Vector) -> float:
    """Return the scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a: Vector, b: Vector) -> Vector:
    """Return the vector product."""
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def add(a: Vector, b: Vector, scale: float = 1.0) -> Vector:
    """Return ``a + scale * b``."""
    return (a[0] + scale * b[0], a[1] + scale * b[1], a[2] + scale * b[2])


def length(a: Vector) -> float:
    """Return the Euclidean length."""
    return sqrt(dot(a, a))


def unit(a: Vector) -> Vector:
    """Return the vector scaled to length one; the zero vector raises ZeroDivisionError."""
    size = length(a)
    return (a[0] / size, a[1] / size, a[2] / size)


@dataclass(frozen=True, slots=True)
class ImagePlane:
    """A rectangle of pixels in patient space.

    ``origin`` is the centre of the first pixel, ``right`` the unit direction of increasing column, ``down`` of
    increasing row; ``spacing`` is (row spacing, column spacing) in mm as in Pixel Spacing.
    """

    origin: Vector
    right: Vector
    down: Vector
    spacing: tuple[float, float]
    rows: int
    columns: int
    frame_of_reference_uid: str = ""

    @property
    def normal(self) -> Vector:
        """Unit vector ``right x down``."""
        return cross(self.right, self.down)

    def patient_point(self, column: float, row: float) -> Vector:
        """Return the patient point of a pixel centre (PS3.3 C.7.6.2.1.1)."""
        return add(add(self.origin, self.right, column * self.spacing[1]), self.down, row * self.spacing[0])

    def pixel(self, point: Vector) -> tuple[float, float, float]:
        """Return (column, row, distance in mm along the normal) of a patient point."""
        offset = add(point, self.origin, -1.0)
        return (
            dot(offset, self.right) / self.spacing[1],
            dot(offset, self.down) / self.spacing[0],
            dot(offset, self.normal),
        )

    def image_point(self, point: Vector) -> tuple[float, float]:
        """Return the corner-based (column, row) of a patient point, as SCOORD counts."""
        column, row, _ = self.pixel(point)
        return column + 0.5, row + 0.5

    def corners(self) -> tuple[Vector, Vector, Vector, Vector]:
        """Return the outer corners (half a pixel beyond the centres), clockwise from the first pixel."""
        right, bottom = self.columns - 0.5, self.rows - 0.5
        return (
            self.patient_point(-0.5, -0.5),
            self.patient_point(right, -0.5),
            self.patient_point(right, bottom),
            self.patient_point(-0.5, bottom),
        )

    def moved(self, distance: float) -> ImagePlane:
        """Return the parallel plane ``distance`` mm further along the normal."""
        origin = add(self.origin, self.normal, distance)
        return ImagePlane(
            origin, self.right, self.down, self.spacing, self.rows, self.columns, self.frame_of_reference_uid
        )

    def coarser(self, factor: int) -> ImagePlane:
        """Return the plane of the same box, directions and normal with pixels ``factor`` times as large.

        Where the pixels do not come out even the last row and column reach up to ``factor - 1`` old pixels further.
        """
        rows, columns = -(-self.rows // factor), -(-self.columns // factor)
        first = self.patient_point((factor - 1) / 2, (factor - 1) / 2)
        spacing = (self.spacing[0] * factor, self.spacing[1] * factor)
        return ImagePlane(first, self.right, self.down, spacing, rows, columns, self.frame_of_reference_uid)


_plane = builder(ImagePlane)


def is_near(position: Vector) -> bool:
    """Return whether a position can be in a patient: within a kilometre of the origin."""
    return max(map(abs, position)) <= FARTHEST


def directions_of(frame: Frame) -> tuple[Vector, Vector] | None:
    """Return the unit directions (right, down) of Image Orientation (Patient), or None.

    Vectors off by up to 1e-2 in length or angle are repaired, worse ones carry no geometry (D3).
    """
    return _repaired(frame.orientation) if frame.orientation is not None else None


@lru_cache(maxsize=1024)
def _repaired(orientation: Orientation) -> tuple[Vector, Vector] | None:
    """Return unit directions; cached, as the slices of a stack nearly always share one orientation."""
    right, down = orientation[:3], orientation[3:]
    size_right, size_down = length(right), length(down)
    if abs(size_right - 1.0) > REPAIRABLE or abs(size_down - 1.0) > REPAIRABLE:
        return None
    right, down = unit(right), unit(down)
    skew = dot(right, down)
    if abs(skew) > REPAIRABLE:
        return None
    return right, unit(add(down, right, -skew))


def plane_or_reason(
    instance: Instance, frame: Frame, directions: tuple[Vector, Vector] | None = None
) -> tuple[ImagePlane | None, str]:
    """Return the frame's plane, or None with the reason as half a sentence; ``directions`` where known already.

    A spacing that is negative counts by its size (seen in the wild), zero counts as absent (D32).
    """
    if frame.orientation is None:
        return None, "no Image Orientation (Patient)"
    if frame.position is None:
        return None, "no Image Position (Patient)"
    if not is_near(frame.position):
        return None, "Image Position (Patient) cannot be true"
    directions = directions or directions_of(frame)
    if directions is None:
        return None, "Image Orientation (Patient) is not two perpendicular unit vectors"
    if frame.spacing is None or not frame.spacing[0] or not frame.spacing[1]:
        return None, "no Pixel Spacing"
    if instance.rows <= 0 or instance.columns <= 0:
        return None, "no Rows and Columns"
    right, down = directions
    spacing = (abs(frame.spacing[0]), abs(frame.spacing[1]))
    uid = instance.frame_of_reference_uid
    return _plane((frame.position, right, down, spacing, instance.rows, instance.columns, uid)), ""


def plane_of(instance: Instance, frame: Frame) -> ImagePlane | None:
    """Return where the frame lies, or None where the header gives no patient geometry.

    Parameters
    ----------
    instance, frame
        Facts of the header; position and spacing in mm, LPS.

    See Also
    --------
    plane_or_reason : the same with the reason for None.
    """
    return plane_or_reason(instance, frame)[0]
