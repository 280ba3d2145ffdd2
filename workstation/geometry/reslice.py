"""Planes through a volume: orthogonal, oblique, and slabs (D39-D41)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workstation.geometry.fast_sampling import kernels_ready, sampled_by_kernels
from workstation.geometry.image_plane import ImagePlane, cross
from workstation.geometry.sampling import Projection, sampled
from workstation.geometry.volume import Volume, VolumeGrid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workstation.dicom.identity import Vector

__all__ = ["Projection", "reslice", "scroll_range", "section_plane", "slab_offsets", "standard_section"]

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
    if volume.slope < 0 and projection != "mean":
        projection = "min" if projection == "max" else "max"
    offsets = slab_offsets(volume.grid, plane, slab_mm)
    if kernels_ready():
        return sampled_by_kernels(volume, plane, offsets, projection)
    return sampled(volume, plane, offsets, projection)


def slab_offsets(grid: VolumeGrid, plane: ImagePlane, slab_mm: float) -> NDArray[np.float64]:
    """Return where along a plane's normal, in mm from it, a slab is sampled: at most half the smallest voxel apart."""
    step = min(grid.voxel_sizes) / 2
    if slab_mm <= 2 * step:
        return np.zeros(1)
    low, high = _within(grid, plane, slab_mm / 2, step)
    most = min(max(MOST_SAMPLES // (plane.rows * plane.columns), 64), 4096)
    count = min(max(int(np.ceil((high - low) / step)), 1), most) + 1
    return np.linspace(low, high, count)


def _within(grid: VolumeGrid, plane: ImagePlane, half: float, step: float) -> tuple[float, float]:
    """Return the part of a slab, as offsets along the plane's normal, that may meet the volume."""
    across = (grid.corners() - np.array(plane.origin)) @ np.array(plane.normal)
    first, last = float(across.min()) - step, float(across.max()) + step
    if last <= -half or first >= half:
        return -half, -half
    return max(-half, first), min(half, last)


def _grid(volume: Volume | VolumeGrid) -> VolumeGrid:
    return volume if isinstance(volume, VolumeGrid) else volume.grid
