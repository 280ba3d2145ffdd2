"""Volumes: a stack's modality values as one array that knows where each voxel lies (D11-D14, D42)."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from workstation.errors import NotAVolume, TooLarge
from workstation.geometry.image_plane import cross, unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from workstation.dicom.identity import Vector
    from workstation.geometry.stack import Stack, StackFrame

AIR = -1000.0
"""Background of CT volumes in HU: outside the patient there is air, not water (D39)."""
DEFAULT_BUDGET = 4 << 30
"""Bytes above which a volume is refused with its size (D42)."""


@dataclass(frozen=True, slots=True, eq=False)
class VolumeGrid:
    """Where the voxels of a volume lie.

    ``affine`` (4, 4) maps (slice, row, column, 1) to mm LPS. Where slices are uneven or irregular it is only the
    best fit and ``origins`` (slices, 3), the centre of each slice's first voxel, is exact; it is None for a
    regular, possibly sheared grid. ``gaps`` are (from, to) in mm along the normal between the slices around a gap.
    """

    shape: tuple[int, int, int]
    affine: NDArray[np.float64]
    frame_of_reference_uid: str = ""
    origins: NDArray[np.float64] | None = None
    gaps: tuple[tuple[float, float], ...] = ()

    @property
    def normal(self) -> NDArray[np.float64]:
        """Unit normal of the slices, pointing to the last one."""
        step, down, right = self.affine[:3, :3].T.tolist()
        normal = np.array(unit(cross(tuple(right), tuple(down))))
        return normal if normal @ step > 0 else -normal

    @property
    def slice_positions(self) -> NDArray[np.float64]:
        """Millimetres of each slice along :attr:`normal`, rising (slices,)."""
        if self.origins is not None:
            return np.asarray(self.origins @ self.normal)
        steps = np.arange(self.shape[0]) * (self.affine[:3, 0] @ self.normal)
        return np.asarray(self.affine[:3, 3] @ self.normal + steps)

    @property
    def voxel_sizes(self) -> tuple[float, float, float]:
        """Slice spacing along the normal, row and column spacing in mm (D9)."""
        return _voxel_sizes(self)

    def index_of(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the (slice, row, column) of patient points (..., 3), real numbers, whole at voxel centres.

        Between slices that are not on one straight line the grid is sheared from one to the next.
        """
        if self.origins is None:
            inverse = np.linalg.inv(self.affine)
            return np.asarray(points @ inverse[:3, :3].T + inverse[:3, 3])
        positions = self.slice_positions
        distance = points @ self.normal
        index = np.interp(distance, positions, np.arange(len(positions)))
        index = index + _beyond(distance, positions)
        below = np.clip(np.floor(index).astype(np.int64), 0, max(len(positions) - 2, 0))
        above = np.minimum(below + 1, len(positions) - 1)
        part = (index - below)[..., None]
        offset = points - (self.origins[below] * (1 - part) + self.origins[above] * part)
        down, right = self.affine[:3, 1], self.affine[:3, 2]
        return np.stack((index, offset @ down / (down @ down), offset @ right / (right @ right)), axis=-1)

    def point_of(self, index: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the patient points (..., 3) in mm of voxel indices (..., 3)."""
        if self.origins is None:
            return np.asarray(index @ self.affine[:3, :3].T + self.affine[:3, 3])
        slices = np.arange(self.shape[0])
        origin = np.stack([np.interp(index[..., 0], slices, column) for column in self.origins.T], axis=-1)
        return np.asarray(origin + index[..., 1:] @ self.affine[:3, 1:3].T)

    def corners(self, border: float = 0.5) -> NDArray[np.float64]:
        """Return the eight corners (8, 3) in mm, ``border`` voxels outside the outermost centres."""
        ends = [(-border, size - 1 + border) for size in self.shape]
        index = np.array([(k, r, c) for k in ends[0] for r in ends[1] for c in ends[2]])
        if self.origins is None or self.shape[0] < 2:
            return self.point_of(index)
        # Half a slice beyond the first and the last one, along the step that leads to it.
        inner = index.copy()
        inner[:, 0] = np.clip(index[:, 0], 0, self.shape[0] - 1)
        outwards = (index[:, 0] - inner[:, 0])[:, None]
        step = np.where(index[:, :1] < 0, self.origins[1] - self.origins[0], self.origins[-1] - self.origins[-2])
        return np.asarray(self.point_of(inner) + outwards * step)

    @property
    def centre(self) -> Vector:
        """The patient point in the middle of the box."""
        x, y, z = self.corners().mean(axis=0).tolist()
        return x, y, z


@lru_cache(maxsize=32)
def _voxel_sizes(grid: VolumeGrid) -> tuple[float, float, float]:
    """Return them; cached, as every frame of a drag asks."""
    slices = float(abs(grid.affine[:3, 0] @ grid.normal))
    if grid.origins is not None and grid.shape[0] > 1:
        slices = float(np.median(np.diff(grid.slice_positions)))
    return slices, float(np.linalg.norm(grid.affine[:3, 1])), float(np.linalg.norm(grid.affine[:3, 2]))


def _beyond(distance: NDArray[np.float64], positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many slices a distance lies before the first (negative) or behind the last slice."""
    if len(positions) < 2:
        return np.asarray(distance - positions[0])
    before = np.minimum(distance - positions[0], 0) / (positions[1] - positions[0])
    behind = np.maximum(distance - positions[-1], 0) / (positions[-1] - positions[-2])
    return np.asarray(before + behind)


class Copies:
    """Second copies of a volume's voxels in other orders, made on demand; safe to use from any thread.

    ``sagittal`` [column, slice, row], None until somebody makes it, has the voxels of a sagittal section side by side.
    """

    __slots__ = ("_lock", "_sagittal")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sagittal: NDArray[Any] | None = None

    @property
    def sagittal(self) -> NDArray[Any] | None:
        """The copy [column, slice, row]."""
        return self._sagittal

    @property
    def nbytes(self) -> int:
        """Bytes held by all copies."""
        copy = self._sagittal
        return int(copy.nbytes) if copy is not None else 0

    def make_sagittal(self, make: Callable[[], NDArray[Any]]) -> None:
        """Hold what ``make`` returns as the sagittal copy; where there is one, or one is being made, only wait."""
        with self._lock:
            if self._sagittal is None:
                self._sagittal = make()

    def drop(self) -> None:
        """Let all copies go."""
        with self._lock:
            self._sagittal = None


@dataclass(frozen=True, slots=True, eq=False)
class Volume:
    """Voxels [slice, row, column] (int16 or float32, C-contiguous, read-only) and their grid.

    A voxel's modality value is ``array * slope + intercept``. ``background`` is the modality value outside the box.
    ``padding`` marks voxels that hold no measurement (pixel padding, slices not read), None where all do.
    """

    array: NDArray[Any]
    grid: VolumeGrid
    background: float = 0.0
    padding: NDArray[np.bool_] | None = None
    slope: float = 1.0
    intercept: float = 0.0
    copies: Copies = field(default_factory=Copies, repr=False)

    @property
    def affine(self) -> NDArray[np.float64]:
        """Map of (slice, row, column, 1) to mm LPS, (4, 4)."""
        return self.grid.affine

    @property
    def frame_of_reference_uid(self) -> str:
        """Frame of Reference the affine leads to."""
        return self.grid.frame_of_reference_uid

    @property
    def slice_positions(self) -> NDArray[np.float64]:
        """Millimetres of each slice along the normal."""
        return self.grid.slice_positions

    @property
    def voxel_sizes(self) -> tuple[float, float, float]:
        """Slice spacing along the normal, row and column spacing in mm."""
        return self.grid.voxel_sizes

    @property
    def nbytes(self) -> int:
        """Bytes held by the voxels and their padding; :attr:`Copies.nbytes` counts the copies."""
        return int(self.array.nbytes) + (int(self.padding.nbytes) if self.padding is not None else 0)

    @property
    def is_identity(self) -> bool:
        """Whether the voxels are the modality values."""
        return self.slope == 1 and self.intercept == 0

    def modality_values(self) -> NDArray[Any]:
        """Return the modality values [slice, row, column]: float32, or the int16 voxels where these are the values."""
        if self.is_identity:
            return self.array
        values = np.empty(self.array.shape, dtype=np.float32)
        for number, voxels in enumerate(self.array):
            values[number] = rescaled(voxels, self.slope, self.intercept)
        return values


def rescaled(voxels: NDArray[Any], slope: float, intercept: float) -> NDArray[np.float32]:
    """Return ``voxels * slope + intercept``, computed in double precision and rounded once, as frames are (B7)."""
    if slope == 1 and intercept == 0:
        return np.asarray(voxels, dtype=np.float32)
    wide = voxels.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        wide *= slope
        wide += intercept
        return wide.astype(np.float32)


def voxel_of(value: float, slope: float, intercept: float, dtype: np.dtype[Any]) -> float:
    """Return what a voxel of the dtype must hold to come nearest to a modality value."""
    voxel = (value - intercept) / slope
    if dtype.kind != "i":
        return float(voxel)
    limits = np.iinfo(dtype)
    return float(min(max(round(voxel), limits.min), limits.max)) if np.isfinite(voxel) else 0.0


def grid_of(stack: Stack) -> VolumeGrid:
    """Return the voxel grid of a stack.

    Raises
    ------
    NotAVolume
        With the reason, if the stack is none (D8, D51, D52).
    """
    if not stack.is_volume or stack.affine is None:
        raise NotAVolume(f"This stack cannot be reformatted: {stack.why_not}.")
    codes = {event.code for event in stack.order.events}
    irregular = not stack.order.uniform or "irregular" in codes
    origins = np.array([frame.position for frame in stack.frames], dtype=np.float64) if irregular else None
    shape = (len(stack.frames), stack.rows, stack.columns)
    grid = VolumeGrid(shape, np.array(stack.affine), stack.frame_of_reference_uid, origins)
    places = grid.slice_positions
    gaps = tuple((float(places[e.at[0]]), float(places[e.at[1]])) for e in stack.order.events if e.code == "gap")
    return VolumeGrid(shape, grid.affine, grid.frame_of_reference_uid, origins, gaps)


def checked_size(stack: Stack, itemsize: int = 2, budget: int = DEFAULT_BUDGET) -> int:
    """Return the bytes a stack's volume takes.

    Raises
    ------
    TooLarge
        If that is more than ``budget``.
    """
    size = len(stack.frames) * stack.rows * stack.columns * itemsize
    if size > budget:
        raise TooLarge(
            f"A volume of {len(stack.frames)} × {stack.rows} × {stack.columns} voxels takes {size / 2**30:.1f} GiB;"
            f" the limit is {budget / 2**30:.1f} GiB."
        )
    return size


class Stored(NamedTuple):
    """Stored values (rows, columns) of one frame, masked where padded, and their rescale to modality values."""

    values: NDArray[Any]
    slope: float
    intercept: float


def volume_from(
    stack: Stack,
    get_modality_values: Callable[[StackFrame], NDArray[Any] | Stored],
    *,
    budget: int = DEFAULT_BUDGET,
    background: float | None = None,
) -> Volume:
    """Build a volume from a stack.

    Parameters
    ----------
    stack
        A stack that is a volume.
    get_modality_values
        Returns the modality values (rows, columns) of one frame, or what they are computed from; a masked array marks
        padding.
    budget
        Most bytes the array may take.
    background
        Modality value outside the box. None: air for CT, else the least value.

    Returns
    -------
    Volume
        int16 if all values are whole and fit and one rescale holds for all, else float32 modality values (D42).

    Raises
    ------
    NotAVolume, TooLarge
    """
    grid = grid_of(stack)
    checked_size(stack, 2, budget)
    array: NDArray[Any] = np.zeros(grid.shape, dtype=np.int16)
    padding: NDArray[np.bool_] | None = None
    scale: tuple[float, float] | None = None
    for number, frame in enumerate(stack.frames):
        voxels, slope, intercept = _as_int16(get_modality_values(frame))
        mask = np.ma.getmaskarray(voxels) if isinstance(voxels, np.ma.MaskedArray) else None
        plain = np.ma.getdata(voxels)
        scale = (slope, intercept) if scale is None else scale
        if array.dtype == np.int16 and (not _fits_int16(plain) or (slope, intercept) != scale):
            checked_size(stack, 4, budget)
            array, scale = rescaled(array, *scale), (1.0, 0.0)
        array[number] = plain if (slope, intercept) == scale else rescaled(plain, slope, intercept)
        if mask is not None and mask.any():
            padding = np.zeros(grid.shape, dtype=np.bool_) if padding is None else padding
            padding[number] = mask
    slope, intercept = scale or (1.0, 0.0)
    if background is None:
        background = background_of(stack, array, padding, slope, intercept)
    if padding is not None:
        array[padding] = voxel_of(background, slope, intercept, array.dtype)
        padding.flags.writeable = False
    array.flags.writeable = False
    return Volume(array, grid, float(background), padding, slope, intercept)


def background_of(
    stack: Stack,
    array: NDArray[Any],
    padding: NDArray[np.bool_] | None = None,
    slope: float = 1.0,
    intercept: float = 0.0,
) -> float:
    """Return the modality value shown outside the box: air for CT, else the least that is no padding (D39)."""
    if stack.frames[0].instance.modality == "CT":
        return AIR
    known = array if padding is None else array[~padding]
    if not known.size:
        return 0.0
    least = np.nanmin(known) if slope > 0 else np.nanmax(known)
    return float(least) if (slope, intercept) == (1, 0) else float(least) * slope + intercept


def _as_int16(given: NDArray[Any] | Stored) -> Stored:
    """Return values that fit int16 with their rescale, the modality values as floats where none do."""
    if not isinstance(given, Stored):
        return Stored(given, 1.0, 0.0)
    values, slope, intercept = given
    if slope == 0 or not np.isfinite(slope) or not np.isfinite(intercept):
        return Stored(_like(values, rescaled(np.ma.getdata(values), slope, intercept)), 1.0, 0.0)
    if values.dtype == np.uint16 and not _fits_int16(np.ma.getdata(values)):
        turned = (np.ma.getdata(values) ^ np.uint16(0x8000)).view(np.int16)
        return Stored(_like(values, turned), slope, intercept + 32768 * slope)
    return given


def _like(values: NDArray[Any], plain: NDArray[Any]) -> NDArray[Any]:
    masked = isinstance(values, np.ma.MaskedArray)
    return np.ma.masked_array(plain, np.ma.getmaskarray(values)) if masked else plain


def _fits_int16(values: NDArray[Any]) -> bool:
    if values.dtype.kind not in "iu" or not values.size:
        return values.dtype.kind in "iu"
    limits = np.iinfo(np.int16)
    if np.can_cast(values.dtype, np.int16):
        return True
    return bool(values.min() >= limits.min and values.max() <= limits.max)
