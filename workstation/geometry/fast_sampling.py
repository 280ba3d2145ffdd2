"""Values on planes through a volume by the compiled kernels: equal to :mod:`sampling`, many times faster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workstation import compiled
from workstation.geometry import kernels
from workstation.geometry.sampling import ON_GRID, separable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workstation.geometry.image_plane import ImagePlane
    from workstation.geometry.sampling import Axes, Projection
    from workstation.geometry.volume import Volume, VolumeGrid

MODES = {"mean": kernels.MEAN, "max": kernels.MAXIMUM, "min": kernels.MINIMUM}
WORTH_A_THREAD = 1 << 14
"""Samples below which another thread costs more than it saves."""
STRAIGHT = 1e-5
"""Voxels by which the planes of a slab may shift sideways and still count as lying behind one another."""


def kernels_ready() -> bool:
    """Tell whether the machine code is there."""
    return kernels.oblique.ready and kernels.anywhere.ready and kernels.along_axes.ready


def sampled_by_kernels(
    volume: Volume, plane: ImagePlane, offsets: NDArray[np.float64], projection: Projection
) -> NDArray[np.float32]:
    """Return the modality values (rows, columns) of a plane, projected over planes ``offsets`` mm along its normal.

    The copies of the volume are used where they are there and help.
    """
    along = volume.padding is None and _may_run_along_axes(volume.grid, plane)
    axes = separable(volume.grid, plane) if along else None
    through = _behind_one_another(volume.grid, plane, axes, offsets) if axes is not None else None
    if axes is not None and through is not None:
        return _along_axes(volume, axes, through, MODES[projection])
    return _oblique(volume, plane, offsets, MODES[projection])


def _may_run_along_axes(grid: VolumeGrid, plane: ImagePlane) -> bool:
    """Tell most oblique planes at once."""
    if grid.origins is not None:
        return True
    steps = np.abs(_steps(grid, plane)[0][:, 1:3]) * (plane.rows, plane.columns)
    return bool(((steps > 2 * ON_GRID * max(grid.shape)).sum(axis=0) <= 1).all())


def _behind_one_another(
    grid: VolumeGrid, plane: ImagePlane, axes: Axes, offsets: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """Return the coordinates of a slab's planes along the axis through it, None where they shift sideways."""
    points = np.array(plane.origin) + offsets[:, None] * np.array(plane.normal)
    index = grid.index_of(points)
    start = grid.index_of(np.array([plane.origin]))[0]
    aside = [axis for axis in range(3) if axis != axes.through]
    return index[:, axes.through] if np.abs(index - start)[:, aside].max() <= STRAIGHT else None


def _along_axes(volume: Volume, axes: Axes, through: NDArray[np.float64], mode: int) -> NDArray[np.float32]:
    order = (axes.through, axes.down, axes.right)
    coordinates = (through, axes.coordinates[axes.down], axes.coordinates[axes.right])
    array, strides = volume.array, _strides(volume.array, (0, 1, 2))
    copy = volume.copies.sagittal
    if copy is not None and axes.right != 2 and (axes.right == 1 or axes.through == 2):
        array, strides = copy, _strides(copy, (1, 2, 0))
    placed = [_places(values, volume.grid.shape[axis]) for values, axis in zip(coordinates, order, strict=True)]
    turned = strides[order[2]] != 1 and strides[order[1]] == 1
    if turned:  # rows along what lies side by side, turned at the end
        order, placed = (order[0], order[2], order[1]), [placed[0], placed[2], placed[1]]
    sizes = np.array([len(places) for places, _ in placed])
    out = np.empty((sizes[1], sizes[2]), dtype=np.float32)
    arguments = (
        array.reshape(-1),
        np.concatenate([places for places, _ in placed]),
        np.concatenate([parts for _, parts in placed]),
        sizes,
        np.array([strides[axis] for axis in order]),
        mode,
        _scale(volume),
    )
    _in_bands(out, len(through), lambda start, stop: kernels.along_axes(*arguments, out, start, stop))
    return np.ascontiguousarray(out.T) if turned else out


def _strides(array: NDArray[Any], places: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return the elements between voxels along slices, rows and columns, which are the array's axes ``places``."""
    found = [array.strides[place] // array.itemsize for place in places]
    return found[0], found[1], found[2]


def _places(coordinates: NDArray[np.float64], size: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return voxel below, above and whether inside (n, 3), and the part above the lower one (n, 1)."""
    inside = (coordinates >= -0.5 - ON_GRID) & (coordinates <= size - 0.5 + ON_GRID)
    clipped = np.clip(coordinates, 0, size - 1)
    rounded = np.rint(clipped).astype(np.int64)
    whole = np.abs(clipped - rounded) <= STRAIGHT
    low = np.where(whole, rounded, np.floor(clipped).astype(np.int64))
    high = np.where(whole, rounded, np.minimum(low + 1, size - 1))
    return np.stack((low, high, inside), axis=1), (clipped - low).astype(np.float32)[:, None] * ~whole[:, None]


def _oblique(volume: Volume, plane: ImagePlane, offsets: NDArray[np.float64], mode: int) -> NDArray[np.float32]:
    grid, array = volume.grid, volume.array
    out = np.empty((plane.rows, plane.columns), dtype=np.float32)
    steps, uneven = _steps(grid, plane)
    if uneven.size or volume.padding is not None or array.dtype != np.int16 or not 1 < array.size < 1 << 32:
        padding = kernels.NO_PADDING if volume.padding is None else volume.padding.view(np.uint8).reshape(-1)
        general = (array.reshape(-1), padding, np.array(grid.shape), steps, uneven, offsets, mode, _scale(volume))
        _in_bands(out, len(offsets), lambda start, stop: kernels.anywhere(*general, out, start, stop))
        return out
    copy = volume.copies.sagittal
    across = np.abs(np.cross(steps[:, 1], steps[:, 2]))
    if copy is not None and across[2] > across[1]:
        array, steps = copy, np.ascontiguousarray(steps[[2, 0, 1]])
    flat = array.reshape(-1)
    regular = (flat, _pairs(flat), np.array(array.shape), steps, offsets, mode, _scale(volume))
    _in_bands(out, len(offsets), lambda start, stop: kernels.oblique(*regular, out, start, stop))
    return out


def _pairs(flat: NDArray[np.int16]) -> NDArray[np.int32]:
    """Return the voxels two by two as one number, the pairs overlapping: no bytes are copied."""
    return np.lib.stride_tricks.as_strided(flat[:2].view(np.int32), (flat.size - 1,), (2,), writeable=False)


def _steps(grid: VolumeGrid, plane: ImagePlane) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what :func:`kernels.anywhere` takes as ``steps`` (3, 4) and ``uneven``."""
    vectors = np.array(
        [
            plane.origin,
            np.array(plane.down) * plane.spacing[0],
            np.array(plane.right) * plane.spacing[1],
            plane.normal,
        ]
    ).T
    if grid.origins is None:
        inverse = np.linalg.inv(grid.affine)
        steps = inverse[:3, :3] @ vectors
        steps[:, 0] += inverse[:3, 3]
        return np.ascontiguousarray(steps), np.zeros((0, 4))
    down, right = grid.affine[:3, 1], grid.affine[:3, 2]
    inward = np.stack((grid.normal, down / (down @ down), right / (right @ right)))
    positions, places = grid.slice_positions, grid.origins @ inward[1:].T
    between = np.diff(positions, append=positions[-1] + 1.0)
    return np.ascontiguousarray(inward @ vectors), np.ascontiguousarray(
        np.column_stack((positions, 1 / between, places))
    )


def _scale(volume: Volume) -> NDArray[np.float64]:
    return np.array([volume.slope, volume.intercept, volume.background])


def _in_bands(out: NDArray[np.float32], samples: int, work: Any) -> None:
    compiled.in_bands(out.shape[0], work, least=max(WORTH_A_THREAD // (out.shape[1] * samples), 1))
