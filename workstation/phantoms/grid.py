"""Where the voxels of a phantom are, and the linear formula whose value every plane must reproduce."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Direction6 = tuple[float, float, float, float, float, float]
Coefficients = tuple[float, float, float, float]

AXIAL: Direction6 = (1, 0, 0, 0, 1, 0)
CORONAL: Direction6 = (1, 0, 0, 0, 0, -1)
SAGITTAL: Direction6 = (0, 1, 0, 0, 0, -1)
OBLIQUE: Direction6 = (0.8, 0.6, 0.0, -0.36, 0.48, 0.8)
"""A double oblique of exact decimals: unit vectors at a right angle."""

LINEAR: Coefficients = (2.0, 3.0, -5.0, 100.0)
"""Value = 2x + 3y - 5z + 100 at patient point x, y, z in mm (LPS)."""


def linear_value(points: NDArray[Any], coefficients: Coefficients = LINEAR) -> NDArray[np.float64]:
    """Return ``a*x + b*y + c*z + d`` of patient ``points`` (..., 3) in mm."""
    a, b, c, d = coefficients
    points = np.asarray(points, dtype=np.float64)
    return a * points[..., 0] + b * points[..., 1] + c * points[..., 2] + d


@dataclass(frozen=True, slots=True)
class Grid:
    """A stack of equal slices: ``origin`` is the centre of the first voxel of slice offset 0.

    ``spacing`` is (slice, row, column) in mm. With a gantry tilt the slices step along the table, which
    leaves the slice normal by ``tilt_degrees``: a step of 5 mm at 20 degrees is 4.698 mm along the normal and
    -1.710 mm along the columns (D9).
    """

    orientation: Direction6 = AXIAL
    spacing: tuple[float, float, float] = (3.0, 2.0, 0.5)
    rows: int = 12
    columns: int = 20
    origin: tuple[float, float, float] = (-7.5, 11.0, -40.0)
    tilt_degrees: float = 0.0

    @property
    def axes(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Unit vectors of increasing column, increasing row, and their normal."""
        right = np.array(self.orientation[:3], dtype=np.float64)
        down = np.array(self.orientation[3:], dtype=np.float64)
        return right, down, np.cross(right, down)

    @property
    def step(self) -> NDArray[np.float64]:
        """Unit vector from slice to slice (the table's direction)."""
        _, down, normal = self.axes
        tilt = np.radians(self.tilt_degrees)
        direction: NDArray[np.float64] = np.cos(tilt) * normal - np.sin(tilt) * down
        return direction

    def position(self, offset: float) -> NDArray[np.float64]:
        """Return Image Position (Patient) of the slice ``offset`` steps from the first."""
        position: NDArray[np.float64] = np.array(self.origin) + offset * self.spacing[0] * self.step
        return position

    def points(self, offset: float) -> NDArray[np.float64]:
        """Return the patient points (rows, columns, 3) of one slice's voxel centres."""
        right, down, _ = self.axes
        across = np.arange(self.columns)[None, :, None] * self.spacing[2] * right
        along = np.arange(self.rows)[:, None, None] * self.spacing[1] * down
        points: NDArray[np.float64] = self.position(offset) + across + along
        return points
