"""Positions and directions of many frames as arrays, and which of them share a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workstation.dicom.identity import Vector
    from workstation.geometry.frames import StackFrame

COSINE_TOLERANCE = 1e-3
"""Directions whose cosine departs less from 1 count as one orientation (D15)."""
PLACE_TOLERANCE = 0.01
"""Slices nearer than this (mm) lie at one place; a tenth of a pixel where pixels are finer."""


@dataclass(frozen=True, slots=True, eq=False)
class Poses:
    """N frames with a position and directions.

    ``positions`` (N, 3) mm; ``axes`` (N, 6) right and down; ``distances`` (N,) mm along ``normal``; ``place``
    (N,) counts the distinct distances upwards from 0, ``places`` is their number.
    """

    positions: NDArray[np.float64]
    axes: NDArray[np.float64]
    normal: Vector
    parallel: bool
    distances: NDArray[np.float64]
    place: NDArray[np.int64]
    places: int

    def voxel(self, frames: Sequence[StackFrame]) -> float:
        """Return the smaller pixel spacing in mm of the first frame, 1 where there is none."""
        plane = frames[0].plane
        return min(plane.spacing) if plane is not None else 1.0

    def spread_in_pixels(self, frames: Sequence[StackFrame]) -> float:
        """Return how far differing directions move the far corner of any frame, in pixels."""
        off = np.abs(self.axes - self.axes[0]).max(axis=0)
        rows, columns = frames[0].rows, frames[0].columns
        return float(np.linalg.norm(off[:3]) * columns + np.linalg.norm(off[3:]) * rows)


def poses_of(frames: Sequence[StackFrame]) -> Poses | None:
    """Return the frames' poses, None if any of them lacks a position or an orientation."""
    if not frames or any(frame.position is None or frame.directions is None for frame in frames):
        return None
    positions = np.array([frame.position for frame in frames], dtype=np.float64)
    axes = np.array([(*d[0], *d[1]) for frame in frames if (d := frame.directions)], dtype=np.float64)
    parallel = bool(same_orientation(axes, axes[0]).all())
    right, down = axes[:, :3].mean(axis=0), axes[:, 3:].mean(axis=0)
    normal = np.cross(right, down)
    normal = normal / max(float(np.linalg.norm(normal)), 1e-12)
    distances = positions @ normal
    plane = frames[0].plane
    tolerance = min(PLACE_TOLERANCE, 0.1 * min(plane.spacing)) if plane is not None else PLACE_TOLERANCE
    place, places = cluster(distances, tolerance)
    x, y, z = (float(component) for component in normal)
    return Poses(positions, axes, (x, y, z), parallel, distances, place, places)


def same_orientation(axes: NDArray[np.float64], leader: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which rows of ``axes`` (N, 6) agree with ``leader`` (6,) in both directions."""
    right = axes[:, :3] @ leader[:3]
    down = axes[:, 3:] @ leader[3:]
    agree: NDArray[np.bool_] = (right > 1.0 - COSINE_TOLERANCE) & (down > 1.0 - COSINE_TOLERANCE)
    return agree


def cluster(values: NDArray[np.float64], tolerance: float) -> tuple[NDArray[np.int64], int]:
    """Return numbers from 0 upwards, alike for neighbours within ``tolerance``, and how many there are."""
    order = np.argsort(values, kind="stable")
    new = np.concatenate(([False], np.diff(values[order]) > tolerance))
    numbers = np.empty(len(values), dtype=np.int64)
    numbers[order] = np.cumsum(new)
    return numbers, int(numbers.max(initial=-1)) + 1
