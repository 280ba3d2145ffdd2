"""Soft-edged bodies in patient space, painted into one slice at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Canvas:
    """One slice being painted: ``values`` (rows, columns) and the patient mm of its columns, rows and plane.

    ``x`` is (columns,), ``y`` (rows,), for a plane parallel to two axes of the body's own frame; ``edge`` is
    the width in mm over which a surface blends, about one pixel.
    """

    values: NDArray[np.float32]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    z: float
    edge: float

    def window(self, low: tuple[float, float], high: tuple[float, float]) -> tuple[slice, slice]:
        """Return the (rows, columns) that may lie between two (x, y) corners."""
        columns = slice(*np.searchsorted(self.x, (low[0] - self.edge, high[0] + self.edge)).tolist())
        rows = slice(*np.searchsorted(self.y, (low[1] - self.edge, high[1] + self.edge)).tolist())
        return rows, columns


def blend(canvas: Canvas, where: tuple[slice, slice], depth: NDArray[Any], value: float | NDArray[Any]) -> None:
    """Set ``value`` where ``depth`` (mm below the surface) is positive, with a soft edge."""
    share = np.clip(depth / canvas.edge + 0.5, 0.0, 1.0).astype(np.float32)
    part = canvas.values[where]
    part += share * (np.asarray(value, np.float32) - part)


def ellipsoid(canvas: Canvas, center: Point, radii: Point, value: float | NDArray[Any], power: float = 2.0) -> None:
    """Paint an ellipsoid, a rounded box above ``power`` 2; an array ``value`` is (rows, columns)."""
    height = abs(canvas.z - center[2]) / radii[2]
    if height >= 1.0 + canvas.edge / radii[2]:
        return
    where = canvas.window((center[0] - radii[0], center[1] - radii[1]), (center[0] + radii[0], center[1] + radii[1]))
    x = np.abs(canvas.x[None, where[1]] - center[0]) / radii[0]
    y = np.abs(canvas.y[where[0], None] - center[1]) / radii[1]
    if power == 2.0:
        distance = np.sqrt(x * x + y * y + height * height)
    else:
        distance = (x**power + y**power + height**power) ** (1 / power)
    inner = value[where] if isinstance(value, np.ndarray) else value
    blend(canvas, where, (1.0 - distance) * min(radii), inner)


def tube(canvas: Canvas, start: Point, end: Point, radius: float, value: float) -> None:
    """Paint a straight tube with round ends."""
    a, b = np.array(start, np.float32), np.array(end, np.float32)
    if not min(a[2], b[2]) - radius <= canvas.z <= max(a[2], b[2]) + radius:
        return
    low, high = np.minimum(a, b) - radius, np.maximum(a, b) + radius
    where = canvas.window((low[0], low[1]), (high[0], high[1]))
    along = b - a
    x, y, z = canvas.x[None, where[1]] - a[0], canvas.y[where[0], None] - a[1], np.float32(canvas.z) - a[2]
    t = np.clip((x * along[0] + y * along[1] + z * along[2]) / max(float(along @ along), 1e-6), 0, 1)
    distance = np.sqrt((x - t * along[0]) ** 2 + (y - t * along[1]) ** 2 + (z - t * along[2]) ** 2)
    blend(canvas, where, radius - distance, value)


def grain(seed: int, shape: tuple[int, int], smooth: int = 1) -> NDArray[np.float32]:
    """Return a fixed noise field (rows, columns) of mean 0 and standard deviation 1."""
    field: NDArray[np.float32] = np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)
    for _ in range(smooth):
        for axis in (0, 1):
            field = (np.roll(field, 1, axis) + 2 * field + np.roll(field, -1, axis)) / np.float32(4)
    field -= field.mean()
    return field / np.float32(field.std())
