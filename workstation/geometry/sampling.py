"""Values on planes through a volume with numpy and scipy: what the compiled kernels must equal (D39, D41)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from workstation.geometry.volume import rescaled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from workstation.geometry.image_plane import ImagePlane
    from workstation.geometry.volume import Volume, VolumeGrid

Projection = Literal["max", "min", "mean"]

ON_GRID = 1e-6
"""Voxels by which a coordinate may miss a voxel centre and still count as on it."""

Sampled = tuple["NDArray[np.float32]", "NDArray[np.bool_] | None"]
"""Values (rows, columns) and which of them are known, None where all are."""


def sampled(
    volume: Volume, plane: ImagePlane, offsets: NDArray[np.float64], projection: Projection
) -> NDArray[np.float32]:
    """Return the modality values (rows, columns) of a plane, projected over planes ``offsets`` mm along its normal.

    Padding and what lies outside the box take no part; where nothing is left there is background.
    """
    values, known = _project((_plane_values(volume, plane.moved(float(d))) for d in offsets), projection)
    return np.where(known, rescaled(values, volume.slope, volume.intercept), np.float32(volume.background))


def _project(samples: Iterator[Sampled], projection: Projection) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    start = {"max": -np.inf, "min": np.inf, "mean": 0.0}[projection]
    combine = {"max": np.fmax, "min": np.fmin, "mean": np.add}[projection]
    total: NDArray[np.float64] | None = None
    counts: NDArray[np.int64] | None = None
    for values, known in samples:
        if total is None or counts is None:
            total, counts = np.full(values.shape, start), np.zeros(values.shape, dtype=np.int64)
        if known is None:
            combine(total, values, out=total)
            counts += 1
        else:
            combine(total, values, out=total, where=known)
            counts += known
    assert total is not None
    assert counts is not None
    if projection == "mean":
        total /= np.maximum(counts, 1)
    return total, counts > 0


def _plane_values(volume: Volume, plane: ImagePlane) -> Sampled:
    axes = separable(volume.grid, plane)
    # Values of a damaged rescale may be infinite; between two of them there is nothing to interpolate.
    with np.errstate(invalid="ignore", over="ignore"):
        return _along_axes(volume, axes) if axes is not None else _anywhere(volume, plane)


class Axes(NamedTuple):
    """A plane along the voxels: coordinates along the three array axes, and which axes run right and down."""

    coordinates: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
    right: int
    down: int

    @property
    def through(self) -> int:
        """The array axis across the plane."""
        return 3 - self.right - self.down


def separable(grid: VolumeGrid, plane: ImagePlane) -> Axes | None:
    """Return the voxel coordinates along each array axis; None where rows or columns cross more than one axis."""
    rows, columns = np.arange(plane.rows), np.arange(plane.columns)
    along_row = grid.index_of(points_of(plane, columns, np.zeros(1))[0])
    along_column = grid.index_of(points_of(plane, np.zeros(1), rows)[:, 0])
    far = grid.index_of(np.array([plane.patient_point(plane.columns - 1, plane.rows - 1)]))[0]
    moving = [np.ptp(line, axis=0) > ON_GRID * max(grid.shape) for line in (along_row, along_column)]
    if moving[0].sum() > 1 or moving[1].sum() > 1 or (moving[0] & moving[1]).any():
        return None
    if np.abs(along_row[-1] + along_column[-1] - along_row[0] - far).max() > 1e-4:
        return None
    right = int(np.argmax(np.ptp(along_row, axis=0))) if moving[0].any() else None
    down = int(np.argmax(np.ptp(along_column, axis=0))) if moving[1].any() else None
    free = [axis for axis in range(3) if axis not in (right, down)]
    right = free.pop() if right is None else right
    down = free.pop() if down is None else down
    coordinates = [along_row[:1, axis] for axis in range(3)]
    coordinates[right], coordinates[down] = along_row[:, right], along_column[:, down]
    return Axes((coordinates[0], coordinates[1], coordinates[2]), right, down)


def points_of(plane: ImagePlane, columns: NDArray[Any], rows: NDArray[Any]) -> NDArray[np.float64]:
    """Return the patient points (rows, columns, 3) of pixel centres."""
    u = np.array(plane.right) * plane.spacing[1]
    v = np.array(plane.down) * plane.spacing[0]
    return np.asarray(np.array(plane.origin) + columns[None, :, None] * u + rows[:, None, None] * v)


def nearest_voxel(coordinates: NDArray[np.float64], size: int) -> NDArray[np.int64]:
    """Return the nearest voxels along an axis; halfway it is the later one whatever the last digits say."""
    return np.asarray(np.clip(np.floor(coordinates + (0.5 + ON_GRID)), 0, size - 1), dtype=np.int64)


def _along_axes(volume: Volume, axes: Axes) -> Sampled:
    """Interpolate axis after axis: exact, and the fastest way for planes along the voxels."""
    coordinates = axes.coordinates
    block: NDArray[Any] = volume.array
    hidden = volume.padding.view(np.uint8) if volume.padding is not None else None
    known = np.ones((1, 1, 1), dtype=np.bool_)
    # The axis with the fewest samples first: it takes most of the volume away.
    for axis in sorted(range(3), key=lambda k: len(coordinates[k])):
        block, within = _interpolate(block, coordinates[axis], axis)
        known = known & within.reshape([-1 if k == axis else 1 for k in range(3)])
        hidden = _interpolate(hidden, coordinates[axis], axis)[0] if hidden is not None else None
    values, mask = np.array(_flat(block, axes), dtype=np.float32, order="C"), _flat(known, axes)
    if hidden is not None:
        index = np.stack([_flat(each, axes) for each in np.broadcast_arrays(*np.ix_(*coordinates))])
        mask = _leave_out_padding(volume, values, mask.copy(), _flat(hidden, axes) > 0, index)
    return values, None if mask.all() else mask


def _leave_out_padding(
    volume: Volume, values: NDArray[np.float32], known: NDArray[np.bool_], near: NDArray[np.bool_], index: NDArray[Any]
) -> NDArray[np.bool_]:
    """Let pixels ``near`` padding be unknown where it is the nearest voxel, else means of the voxels that are none.

    ``index`` (3, rows, columns) are the pixels' voxel coordinates. Changes ``values``, returns what is known.
    """
    assert volume.padding is not None
    places = [nearest_voxel(line[near], size) for line, size in zip(index, volume.grid.shape, strict=True)]
    known[near] &= ~volume.padding[places[0], places[1], places[2]]
    mixed = near & known
    clipped = [np.clip(line[mixed], 0, size - 1) for line, size in zip(index, volume.grid.shape, strict=True)]
    below = [np.floor(line).astype(np.int64) for line in clipped]
    total, weights = np.zeros(len(below[0])), np.zeros(len(below[0]))
    for corner in np.ndindex(2, 2, 2):
        weight = np.ones(len(below[0]))
        for high, line, low in zip(corner, clipped, below, strict=True):
            weight *= line - low if high else 1 - (line - low)
        ends = zip(below, corner, volume.grid.shape, strict=True)
        z, y, x = (np.minimum(low + high, size - 1) for low, high, size in ends)
        weight[volume.padding[z, y, x]] = 0
        total += np.where(weight > 0, weight * volume.array[z, y, x].astype(np.float64), 0)
        weights += weight
    values[mixed] = total / np.maximum(weights, np.finfo(np.float64).tiny)
    return known


def _flat(block: NDArray[Any], axes: Axes) -> NDArray[Any]:
    """Drop the axis with a single sample and put rows first."""
    full = np.broadcast_to(block, tuple(len(values) for values in axes.coordinates))
    return np.asarray(full.transpose(axes.through, axes.down, axes.right)[0])


def _interpolate(
    block: NDArray[Any], coordinates: NDArray[np.float64], axis: int
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    size = block.shape[axis]
    within = (coordinates >= -0.5 - ON_GRID) & (coordinates <= size - 0.5 + ON_GRID)
    clipped = np.clip(coordinates, 0, size - 1)
    whole = np.rint(clipped)
    if np.abs(clipped - whole).max() <= 1e-5:
        index = whole.astype(np.int64)
        steps = np.diff(index)
        if index.size == 1 or (steps == 1).all():
            return block[_cut(axis, slice(int(index[0]), int(index[-1]) + 1))], within
        return np.take(block, index, axis=axis), within
    low = np.clip(np.floor(clipped).astype(np.int64), 0, max(size - 2, 0))
    high = np.minimum(low + 1, size - 1)
    part = (clipped - low).astype(np.float32).reshape([-1 if k == axis else 1 for k in range(3)])
    first = np.take(block, low, axis=axis).astype(np.float32)
    second = np.take(block, high, axis=axis).astype(np.float32)
    return first + (second - first) * part, within


def _cut(axis: int, wanted: slice) -> tuple[slice, ...]:
    return tuple(wanted if k == axis else slice(None) for k in range(3))


def index_of_plane(grid: VolumeGrid, plane: ImagePlane) -> NDArray[np.float64]:
    """Return the voxel coordinates (3, rows, columns) of a plane's pixel centres."""
    columns, rows = np.arange(plane.columns), np.arange(plane.rows)
    if grid.origins is not None:
        return np.ascontiguousarray(np.moveaxis(grid.index_of(points_of(plane, columns, rows)), -1, 0))
    corner = grid.index_of(np.array([plane.patient_point(0, 0), plane.patient_point(1, 0), plane.patient_point(0, 1)]))
    across, along = corner[1] - corner[0], corner[2] - corner[0]
    index = np.empty((3, plane.rows, plane.columns))
    for axis in range(3):
        np.add.outer(corner[0, axis] + rows * along[axis], columns * across[axis], out=index[axis])
    return index


def _anywhere(volume: Volume, plane: ImagePlane) -> Sampled:
    from scipy.ndimage import map_coordinates

    grid = volume.grid
    index = index_of_plane(grid, plane)
    known = np.ones(index.shape[1:], dtype=np.bool_)
    for line, size in zip(index, grid.shape, strict=True):
        if line.min() < -0.5 - ON_GRID or line.max() > size - 0.5 + ON_GRID:
            known &= (line >= -0.5 - ON_GRID) & (line <= size - 0.5 + ON_GRID)
    values = map_coordinates(volume.array, index, output=np.float32, order=1, mode="nearest", prefilter=False)
    values = np.asarray(values, dtype=np.float32)
    if volume.padding is not None:
        share = map_coordinates(volume.padding.view(np.uint8), index, output=np.float32, order=1, mode="nearest")
        known = _leave_out_padding(volume, values, known, share > 0, index)
    return values, None if bool(known.all()) else known
