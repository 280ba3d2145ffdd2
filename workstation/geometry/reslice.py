"""Planes through a volume: orthogonal, oblique, and slabs (D39-D41)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from workstation.geometry.image_plane import ImagePlane, cross
from workstation.geometry.volume import Volume, VolumeGrid, rescaled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from workstation.dicom.identity import Vector

Projection = Literal["max", "min", "mean"]

STANDARD: dict[str, tuple[Vector, Vector]] = {
    "axial": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    "coronal": ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0)),
    "sagittal": ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0)),
}
"""Directions right and down of the radiological planes (D29): R, R, A at the left; A, H, H at the top."""

MOST_PIXELS = 8192
"""Most pixels on a side of a section whose spacing nobody chose."""
MOST_SAMPLES = 1 << 31
"""Most samples taken for one slab; beyond it the planes through the slab stand further apart."""
ON_GRID = 1e-6
"""Voxels by which a coordinate may miss a voxel centre and still count as on it."""


def standard_section(
    volume: Volume | VolumeGrid, name: str, point: Vector | None = None, spacing: float | None = None
) -> ImagePlane:
    """Return the radiological plane of a name through a patient point, as large as the whole volume.

    Parameters
    ----------
    volume
        What is cut.
    name
        ``"axial"``, ``"coronal"`` or ``"sagittal"``.
    point
        Patient point in mm LPS on the plane; None is the volume's centre.
    spacing
        Size of the square output pixels in mm; None is the smallest voxel edge (D40), more where a side would have
        over ``MOST_PIXELS``.
    """
    right, down = STANDARD[name]
    return section_plane(volume, right, down, point, spacing)


def section_plane(
    volume: Volume | VolumeGrid,
    right: Vector,
    down: Vector,
    point: Vector | None = None,
    spacing: float | None = None,
) -> ImagePlane:
    """Return the plane through ``point`` along two perpendicular unit directions that shows the whole box.

    Where the directions are those of the voxels and the spacing theirs, pixel centres fall on voxel centres.
    """
    grid = _grid(volume)
    corners = grid.corners()
    normal = np.array(cross(right, down))
    ends = [(float(along.min()), float(along.max())) for along in (corners @ np.array(right), corners @ np.array(down))]
    size = spacing or max(min(grid.voxel_sizes), max(high - low for low, high in ends) / MOST_PIXELS)
    columns, rows = (max(int(np.ceil((high - low) / size - 1e-6)), 1) for low, high in ends)
    through = np.array(grid.centre if point is None else point)
    origin = (
        (ends[0][0] + size / 2) * np.array(right)
        + (ends[1][0] + size / 2) * np.array(down)
        + (through @ normal) * normal
    )
    x, y, z = origin.tolist()
    return ImagePlane((x, y, z), right, down, (size, size), rows, columns, grid.frame_of_reference_uid)


def scroll_range(volume: Volume | VolumeGrid, normal: Vector) -> tuple[float, float, float]:
    """Return (first, last, step) in mm along a view's unit normal (D40).

    The ends are those of the voxel centres of the whole rotated box, the step is the native spacing along the axis
    nearest to the normal, measured along the normal.
    """
    grid = _grid(volume)
    direction = np.array(normal)
    along = grid.corners(border=0.0) @ direction
    axes = [grid.normal, *(grid.affine[:3, k] / np.linalg.norm(grid.affine[:3, k]) for k in (1, 2))]
    nearest = int(np.argmax([abs(axis @ direction) for axis in axes]))
    return float(along.min()), float(along.max()), grid.voxel_sizes[nearest]


def reslice(
    volume: Volume, plane: ImagePlane, slab_mm: float = 0.0, projection: Projection = "mean"
) -> NDArray[np.float32]:
    """Return the modality values of a plane, or of a slab centred on it.

    Parameters
    ----------
    volume
        What is cut; its values are interpolated linearly between voxel centres, by true slice positions where
        slices are uneven, along the sheared grid where they are tilted.
    plane
        Output pixels, anywhere in the volume's patient space.
    slab_mm
        Thickness in mm; up to the smallest voxel edge it is the plane itself.
    projection
        How the samples through a slab become one value. Padding and what lies outside the box take no part.

    Returns
    -------
    ndarray of float32, (rows, columns)
        Outside the box (half a voxel beyond the outermost centres): the volume's background.
    """
    step = min(volume.voxel_sizes) / 2
    if slab_mm <= 2 * step:
        values, known = _plane_values(volume, plane)
        values = rescaled(values, volume.slope, volume.intercept)
        return values if known is None else np.where(known, values, np.float32(volume.background))
    low, high = _within(volume.grid, plane, slab_mm / 2, step)
    most = min(max(MOST_SAMPLES // (plane.rows * plane.columns), 64), 4096)
    count = min(max(int(np.ceil((high - low) / step)), 1), most) + 1
    offsets = np.linspace(low, high, count)
    if volume.slope < 0 and projection != "mean":
        projection = "min" if projection == "max" else "max"
    voxels, known = _project((_plane_values(volume, plane.moved(float(d))) for d in offsets), projection)
    return np.where(known, rescaled(voxels, volume.slope, volume.intercept), np.float32(volume.background))


Sampled = tuple["NDArray[np.float32]", "NDArray[np.bool_] | None"]
"""Values (rows, columns) and which of them are known, None where all are."""


def _within(grid: VolumeGrid, plane: ImagePlane, half: float, step: float) -> tuple[float, float]:
    """Return the part of a slab, as offsets along the plane's normal, that may meet the volume."""
    across = (grid.corners() - np.array(plane.origin)) @ np.array(plane.normal)
    first, last = float(across.min()) - step, float(across.max()) + step
    if last <= -half or first >= half:
        return -half, -half
    return max(-half, first), min(half, last)


def _project(samples: Iterator[Sampled], projection: Projection) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    start = {"max": -np.inf, "min": np.inf, "mean": 0.0}[projection]
    combine = {"max": np.maximum, "min": np.minimum, "mean": np.add}[projection]
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
    axes = _separable(volume.grid, plane)
    # Values of a damaged rescale may be infinite; between two of them there is nothing to interpolate.
    with np.errstate(invalid="ignore", over="ignore"):
        return _along_axes(volume, *axes) if axes is not None else _anywhere(volume, plane)


Axes = tuple[tuple["NDArray[np.float64]", "NDArray[np.float64]", "NDArray[np.float64]"], bool]


def _separable(grid: VolumeGrid, plane: ImagePlane) -> Axes | None:
    """Return the voxel coordinates along each array axis and whether columns run along the earlier axis.

    None where an output row or column crosses more than one array axis.
    """
    rows, columns = np.arange(plane.rows), np.arange(plane.columns)
    along_row = grid.index_of(_points(plane, columns, np.zeros(1))[0])
    along_column = grid.index_of(_points(plane, np.zeros(1), rows)[:, 0])
    far = grid.index_of(np.array([plane.patient_point(plane.columns - 1, plane.rows - 1)]))[0]
    moving = [np.ptp(line, axis=0) > ON_GRID * max(grid.shape) for line in (along_row, along_column)]
    if moving[0].sum() > 1 or moving[1].sum() > 1 or (moving[0] & moving[1]).any():
        return None
    if np.abs(along_row[-1] + along_column[-1] - along_row[0] - far).max() > 1e-4:
        return None
    u = int(np.argmax(np.ptp(along_row, axis=0))) if moving[0].any() else None
    v = int(np.argmax(np.ptp(along_column, axis=0))) if moving[1].any() else None
    free = [axis for axis in range(3) if axis not in (u, v)]
    u = free.pop() if u is None else u
    v = free.pop() if v is None else v
    coordinates = [along_row[:1, axis] for axis in range(3)]
    coordinates[u], coordinates[v] = along_row[:, u], along_column[:, v]
    return (coordinates[0], coordinates[1], coordinates[2]), u < v


def _points(plane: ImagePlane, columns: NDArray[Any], rows: NDArray[Any]) -> NDArray[np.float64]:
    """Return the patient points (rows, columns, 3) of pixel centres."""
    u = np.array(plane.right) * plane.spacing[1]
    v = np.array(plane.down) * plane.spacing[0]
    return np.asarray(np.array(plane.origin) + columns[None, :, None] * u + rows[:, None, None] * v)


def _along_axes(volume: Volume, coordinates: tuple[NDArray[np.float64], ...], transposed: bool) -> Sampled:
    """Interpolate axis after axis: exact, and the fastest way for planes along the voxels."""
    block: NDArray[Any] = volume.array
    hidden = volume.padding
    inside = []
    # The axis with the fewest samples first: it takes most of the volume away.
    for axis in sorted(range(3), key=lambda k: len(coordinates[k])):
        block, within = _interpolate(block, coordinates[axis], axis)
        inside.append((axis, within))
        if hidden is not None:
            nearest = np.clip(np.rint(coordinates[axis]).astype(np.int64), 0, hidden.shape[axis] - 1)
            hidden = np.take(hidden, nearest, axis=axis)
    known = np.ones((1, 1, 1), dtype=np.bool_)
    for axis, within in inside:
        known = known & within.reshape([-1 if k == axis else 1 for k in range(3)])
    if hidden is not None:
        known = known & ~hidden
    values, mask = _flat(block, coordinates, transposed), _flat(known, coordinates, transposed)
    return np.ascontiguousarray(values, dtype=np.float32), None if mask.all() else mask


def _flat(block: NDArray[Any], coordinates: tuple[NDArray[np.float64], ...], transposed: bool) -> NDArray[Any]:
    """Drop the axis with a single sample and put rows first."""
    shape = tuple(len(values) for values in coordinates)
    full = np.broadcast_to(block, shape)
    single = next((axis for axis in range(3) if shape[axis] == 1), 0)
    flat = full.reshape([size for axis, size in enumerate(shape) if axis != single])
    return flat.T if transposed else flat


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


def _index_of_plane(grid: VolumeGrid, plane: ImagePlane) -> NDArray[np.float64]:
    """Return the voxel coordinates (3, rows, columns) of a plane's pixel centres."""
    columns, rows = np.arange(plane.columns), np.arange(plane.rows)
    if grid.origins is not None:
        return np.ascontiguousarray(np.moveaxis(grid.index_of(_points(plane, columns, rows)), -1, 0))
    corner = grid.index_of(np.array([plane.patient_point(0, 0), plane.patient_point(1, 0), plane.patient_point(0, 1)]))
    across, along = corner[1] - corner[0], corner[2] - corner[0]
    index = np.empty((3, plane.rows, plane.columns))
    for axis in range(3):
        np.add.outer(corner[0, axis] + rows * along[axis], columns * across[axis], out=index[axis])
    return index


def _anywhere(volume: Volume, plane: ImagePlane) -> Sampled:
    from scipy.ndimage import map_coordinates

    grid = volume.grid
    index = _index_of_plane(grid, plane)
    known = np.ones(index.shape[1:], dtype=np.bool_)
    for line, size in zip(index, grid.shape, strict=True):
        if line.min() < -0.5 - ON_GRID or line.max() > size - 0.5 + ON_GRID:
            known &= (line >= -0.5 - ON_GRID) & (line <= size - 0.5 + ON_GRID)
    values = map_coordinates(volume.array, index, output=np.float32, order=1, mode="nearest", prefilter=False)
    if volume.padding is not None:
        nearest = [np.clip(np.rint(k).astype(np.int64), 0, n - 1) for k, n in zip(index, grid.shape, strict=True)]
        known &= ~volume.padding[nearest[0], nearest[1], nearest[2]]
    return np.asarray(values, dtype=np.float32), None if bool(known.all()) else np.asarray(known)


def _grid(volume: Volume | VolumeGrid) -> VolumeGrid:
    return volume if isinstance(volume, VolumeGrid) else volume.grid
