"""Turning planes: three perpendicular directions that stay so however often they are turned."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, sin
from typing import TYPE_CHECKING

from workstation.geometry.image_plane import add, cross, dot, unit

if TYPE_CHECKING:
    from workstation.dicom.identity import Vector


@dataclass(frozen=True, slots=True)
class Triad:
    """Unit directions in patient space (LPS): ``right``, ``down`` and, by ``right x down``, the normal."""

    right: Vector
    down: Vector

    @property
    def normal(self) -> Vector:
        """Unit vector ``right x down``."""
        return cross(self.right, self.down)

    def turned(self, axis: Vector, angle: float) -> Triad:
        """Return the triad turned by ``angle`` radians about ``axis``, right-handed, and made perpendicular again.

        The axis need not have length one; the zero vector raises ZeroDivisionError.
        """
        return orthonormal(rotated(self.right, axis, angle), rotated(self.down, axis, angle))


def orthonormal(right: Vector, down: Vector) -> Triad:
    """Return the triad with ``right``'s direction and ``down``'s part perpendicular to it.

    Raises ZeroDivisionError where one is zero or both run along one line.
    """
    first = unit(right)
    return Triad(first, unit(add(down, first, -dot(down, first))))


def rotated(vector: Vector, axis: Vector, angle: float) -> Vector:
    """Return a vector turned by ``angle`` radians about ``axis`` by Rodrigues' formula, right-handed."""
    k = unit(axis)
    across, along = cross(k, vector), dot(k, vector) * (1 - cos(angle))
    return add(add(_times(vector, cos(angle)), across, sin(angle)), k, along)


def rotated_about(point: Vector, centre: Vector, axis: Vector, angle: float) -> Vector:
    """Return a patient point turned by ``angle`` radians about the line through ``centre`` along ``axis``."""
    return add(centre, rotated(add(point, centre, -1.0), axis, angle))


def _times(vector: Vector, scale: float) -> Vector:
    return (vector[0] * scale, vector[1] * scale, vector[2] * scale)
