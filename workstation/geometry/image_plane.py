"""Where an image lies in the patient: Image Plane Module (PS3.3 C.7.6.2).

Coordinates: ``pixel`` (column, row) counts from 0 at the *centre* of the first pixel; an *image point* is
corner based as in SCOORD, so pixel (0, 0) has its centre at image point (0.5, 0.5). Patient points are x, y, z
in mm, LPS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workstation.dicom.identity import Vector


def dot(a: Vector, b: Vector) -> float:
    """Return the scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a: Vector, b: Vector) -> Vector:
    """Return the vector product."""
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def add(a: Vector, b: Vector, scale: float = 1.0) -> Vector:
    """Return ``a + scale * b``."""
    return (a[0] + scale * b[0], a[1] + scale * b[1], a[2] + scale * b[2])


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

    def corners(self) -> tuple[Vector, Vector, Vector, Vector]:
        """Return the outer corners (half a pixel beyond the centres), clockwise from the first pixel."""
        right, bottom = self.columns - 0.5, self.rows - 0.5
        return (
            self.patient_point(-0.5, -0.5),
            self.patient_point(right, -0.5),
            self.patient_point(right, bottom),
            self.patient_point(-0.5, bottom),
        )
