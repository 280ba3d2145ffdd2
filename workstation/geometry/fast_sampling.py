"""Values on planes through a volume by the compiled kernels: equal to :mod:`sampling`, many times faster."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from workstation import compiled
from workstation.geometry import kernels
from workstation.geometry.sampling import ON_GRID, separable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workstation.geometry.image_plane import ImagePlane
    from workstation.geometry.sampling import Projection
    from workstation.geometry.volume import Volume, VolumeGrid

MODES = {"mean": kernels.MEAN, "max": kernels.MAXIMUM, "min": kernels.MINIMUM}
WORTH_A_THREAD = 1 << 14
"""Samples below which another thread costs more than it saves."""
LINES = 1 << 19
"""The same where whole lines of voxels are taken at once."""


def kernels_ready() -> bool:
    """Tell whether the machine code is there."""
    return kernels.oblique.ready and kernels.anywhere.ready and kernels.along_axes.ready


def sampled_by_kernels(
    volume: Volume, plane: ImagePlane, offsets: NDArray[np.float64], projection: Projection
) -> NDArray[np.float32]:
    """Return the modality values (rows, columns) of a plane, projected over planes ``offsets`` mm along its normal.

    The copies of the volume are used where they are there and help.
    """
    steps, uneven = _steps(volume.grid, plane)
    if volume.padding is None:
        along = _along(volume.grid, plane, offsets) if uneven.size else _along_steps(volume.grid, plane, offsets, steps)
        if along is not None:
            return _along_axes(volume, along, MODES[projection])
    return _oblique(volume, plane, steps, uneven, offsets, MODES[projection])


class Along(NamedTuple):
    """Voxel coordinates of planes along the voxels, and the array axes they run along."""

    through: NDArray[np.float64]
    down: NDArray[np.float64]
    right: NDArray[np.float64]
    order: tuple[int, int, int]


def _along_steps(
    grid: VolumeGrid, plane: ImagePlane, offsets: NDArray[np.float64], steps: NDArray[np.float64]
) -> Along | None:
    """Return the same as :func:`_along`, from the constant steps of an even grid."""
    largest = ON_GRID * max(grid.shape)
    start, per_row, per_column, per_mm = steps.T.tolist()
    down = [axis for axis in range(3) if abs(per_row[axis]) * plane.rows > largest]
    right = [axis for axis in range(3) if abs(per_column[axis]) * plane.columns > largest]
    if len(down) > 1 or len(right) > 1 or down == right:
        return None
    free = [axis for axis in (2, 1, 0) if axis not in (*down, *right)]
    x = right[0] if right else free.pop(0)
    y = down[0] if down else free.pop(0)
    z = 3 - x - y
    reach = max(abs(float(offsets[0])), abs(float(offsets[-1])))
    if max(abs(per_mm[x]), abs(per_mm[y])) * reach > kernels.WHOLE:
        return None
    return Along(
        start[z] + offsets * per_mm[z],
        start[y] + np.arange(plane.rows) * per_row[y],
        start[x] + np.arange(plane.columns) * per_column[x],
        (z, y, x),
    )


def _along(grid: VolumeGrid, plane: ImagePlane, offsets: NDArray[np.float64]) -> Along | None:
    """Return the coordinates of planes whose rows and columns run along the voxels, one straight behind the other."""
    axes = separable(grid, plane)
    if axes is None:
        return None
    index = grid.index_of(np.array(plane.origin) + offsets[:, None] * np.array(plane.normal))
    start = grid.index_of(np.array([plane.origin]))[0]
    if np.abs(index - start)[:, [axes.down, axes.right]].max() > kernels.WHOLE:
        return None
    order = (axes.through, axes.down, axes.right)
    coordinates = (index[:, axes.through], axes.coordinates[axes.down], axes.coordinates[axes.right])
    through, down, right = (np.ascontiguousarray(each) for each in coordinates)
    return Along(through, down, right, order)


def _along_axes(volume: Volume, along: Along, mode: int) -> NDArray[np.float32]:
    array, strides = volume.array, _strides(volume.array, (0, 1, 2))
    copy = volume.copies.sagittal
    through, down, right, order = along
    if copy is not None and order[2] != 2 and (order[2] == 1 or order[0] == 2):
        array, strides = copy, _strides(copy, (1, 2, 0))
    turned = strides[order[2]] != 1 and strides[order[1]] == 1
    if turned:  # rows along what lies side by side, turned at the end
        down, right, order = right, down, (order[0], order[2], order[1])
    out = np.empty((len(down), len(right)), dtype=np.float32)
    arguments = (
        array.reshape(-1),
        through,
        down,
        right,
        np.array([volume.grid.shape[axis] for axis in order]),
        np.array([strides[axis] for axis in order]),
        mode,
        _scale(volume),
    )
    _in_bands(out, len(through), lambda start, stop: kernels.along_axes(*arguments, out, start, stop), LINES)
    return np.ascontiguousarray(out.T) if turned else out


def _strides(array: NDArray[Any], places: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return the elements between voxels along slices, rows and columns, which are the array's axes ``places``."""
    found = [array.strides[place] // array.itemsize for place in places]
    return found[0], found[1], found[2]


def _oblique(
    volume: Volume,
    plane: ImagePlane,
    steps: NDArray[np.float64],
    uneven: NDArray[np.float64],
    offsets: NDArray[np.float64],
    mode: int,
) -> NDArray[np.float32]:
    grid, array = volume.grid, volume.array
    out = np.empty((plane.rows, plane.columns), dtype=np.float32)
    if uneven.size or volume.padding is not None or array.dtype != np.int16 or not 1 < array.size < 1 << 32:
        padding = kernels.NO_PADDING if volume.padding is None else volume.padding.view(np.uint8).reshape(-1)
        general = (array.reshape(-1), padding, np.array(grid.shape), steps, uneven, offsets, mode, _scale(volume))
        _in_bands(out, len(offsets), lambda start, stop: kernels.anywhere(*general, out, start, stop))
        return out
    copy = volume.copies.sagittal
    if copy is not None and _is_steep(steps):
        array, steps = copy, np.ascontiguousarray(steps[[2, 0, 1]])
    flat = array.reshape(-1)
    regular = (flat, _pairs(flat), np.array(array.shape), steps, offsets, mode, _scale(volume))
    _in_bands(out, len(offsets), lambda start, stop: kernels.oblique(*regular, out, start, stop))
    return out


def _is_steep(steps: NDArray[np.float64]) -> bool:
    """Tell whether a plane crosses the lines of voxels more than it crosses the columns of a slice."""
    (_, dz, ez, _), (_, dy, ey, _), (_, dx, ex, _) = steps.tolist()
    return bool(abs(dz * ey - dy * ez) > abs(dx * ez - dz * ex))


def _pairs(flat: NDArray[np.int16]) -> NDArray[np.int32]:
    """Return the voxels two by two as one number, the pairs overlapping: no bytes are copied."""
    return np.lib.stride_tricks.as_strided(flat[:2].view(np.int32), (flat.size - 1,), (2,), writeable=False)


def _steps(grid: VolumeGrid, plane: ImagePlane) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what :func:`kernels.anywhere` takes as ``steps`` (3, 4) and ``uneven``."""
    inward, start, uneven = _inward(grid)
    (row_mm, column_mm), (x, y, z), (u, v, w) = plane.spacing, plane.down, plane.right
    down, right = (x * row_mm, y * row_mm, z * row_mm), (u * column_mm, v * column_mm, w * column_mm)
    steps = np.empty((3, 4))
    np.matmul(inward, np.array((plane.origin, down, right, plane.normal)).T, out=steps)
    steps[:, 0] += start
    return steps, uneven


@lru_cache(maxsize=32)
def _inward(grid: VolumeGrid) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return matrix (3, 3) and vector from patient points to voxels, and ``uneven``; the first row in mm if uneven."""
    if grid.origins is None:
        inverse = np.linalg.inv(grid.affine)
        return inverse[:3, :3].astype(np.float64), inverse[:3, 3].astype(np.float64), np.zeros((0, 4))
    down, right = grid.affine[:3, 1], grid.affine[:3, 2]
    inward = np.stack((grid.normal, down / (down @ down), right / (right @ right)))
    positions, places = grid.slice_positions, grid.origins @ inward[1:].T
    between = np.diff(positions, append=positions[-1] + 1.0)
    return inward, np.zeros(3), np.ascontiguousarray(np.column_stack((positions, 1 / between, places)))


def _scale(volume: Volume) -> NDArray[np.float64]:
    return np.array([volume.slope, volume.intercept, volume.background])


def _in_bands(out: NDArray[np.float32], samples: int, work: Any, worth: int = WORTH_A_THREAD) -> None:
    compiled.in_bands(out.shape[0], work, least=max(worth // (out.shape[1] * samples), 1))
