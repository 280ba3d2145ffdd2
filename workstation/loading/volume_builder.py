"""The volume of a stack: pixels go from the file into their place, on all threads, with nothing in between.

Frames of which the scan knows everything are read or decoded straight into the array. Whatever is unusual goes frame
by frame through :class:`ImageReader`; both ways give the same voxels and mix freely.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from workstation import compiled
from workstation.errors import TooLarge, UnreadablePixels, WorkstationError
from workstation.geometry.volume import AIR, Volume, VolumeGrid, grid_of, rescaled, voxel_of
from workstation.imaging.modality_lut import Rescale
from workstation.imaging.plain_frame import WIDE, NotPlainError, PlainFrame, plain_frame, read_into
from workstation.objects.images import ImageReader

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workstation.dicom.identity import Locator
    from workstation.geometry.stack import Stack, StackFrame
    from workstation.objects.images import Measured

RUN = 4 << 20
"""Bytes of native slices that one thread fills in a row."""
TOLD_EVERY = 0.1
"""Seconds between two reports of progress."""


class StoppedError(Exception):
    """The caller did not want the volume any more."""


class OverLimitError(TooLarge):
    """The volume takes more bytes than the caller allowed, because it has to be float32."""


class _OtherRescaleError(Exception):
    """A frame cannot be kept as int16 with the rescale of the others: the volume has to be float32."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How the voxels of a volume become modality values: ``voxel * slope + intercept``, stored less 32768 if wide."""

    slope: float = 1.0
    intercept: float = 0.0
    wide: bool = False

    @property
    def voxel_intercept(self) -> float:
        """Intercept of the voxels as they are kept."""
        return self.intercept + WIDE * self.slope if self.wide else self.intercept

    @property
    def is_identity(self) -> bool:
        """Whether voxels are modality values."""
        return (self.slope, self.intercept, self.wide) == (1, 0, False)


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """A volume and sentences on what is missing from it."""

    volume: Volume
    notes: tuple[str, ...] = ()


def bytes_needed(stack: Stack, reduction: int = 1) -> int:
    """Return the least bytes a stack's volume takes, its rows and columns divided by ``reduction``."""
    return len(stack.frames) * (stack.rows // reduction) * (stack.columns // reduction) * 2


def build_volume(
    stack: Stack,
    reader: Callable[[StackFrame], ImageReader] | None = None,
    *,
    reduction: int = 1,
    limit: int | None = None,
    lenient: bool = False,
    progress: Callable[[float], object] = lambda fraction: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Built:
    """Build a volume from a stack.

    Parameters
    ----------
    stack
        A stack that is a volume.
    reader
        Gives the reader of a frame's file; None makes one for each file.
    reduction
        Rows and columns are averaged by this factor: a preview of what is too large.
    limit
        Most bytes of the array; None for no limit.
    lenient
        A frame that cannot be read becomes a gap with a note instead of an error, unless there is no other.
    progress, stopped
        Called now and then on the threads that work.

    Returns
    -------
    Built
        int16 voxels with one rescale if all frames have the same, else float32 modality values (D42).

    Raises
    ------
    NotAVolume, TooLarge, WorkstationError
    StoppedError
        When ``stopped`` said so.
    """
    work = _Work(stack, reader or _Readers().of, reduction, limit, lenient, progress, stopped)
    try:
        return work.build(work.scale())
    except _OtherRescaleError:
        return work.build(None)


class _Readers:
    """One reader per file; those of single frames are not kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, ImageReader] = {}

    def of(self, frame: StackFrame) -> ImageReader:
        if frame.instance.number_of_frames == 1 and frame.ref.tile is None:
            return ImageReader(frame.instance)
        with self._lock:
            return self._kept.setdefault(frame.ref.sop_instance_uid, ImageReader(frame.instance))


class _Work:
    """What the threads share while one volume is built."""

    def __init__(
        self,
        stack: Stack,
        reader: Callable[[StackFrame], ImageReader],
        reduction: int,
        limit: int | None,
        lenient: bool,
        progress: Callable[[float], object],
        stopped: Callable[[], bool],
    ) -> None:
        self.stack, self.reader, self.reduction, self.limit = stack, reader, reduction, limit
        self.lenient, self.progress, self.stopped = lenient, progress, stopped
        self.grid = reduced_grid(grid_of(stack), reduction)
        self.plain = self._plain_frames()
        self.lock = threading.Lock()

    def _plain_frames(self) -> list[PlainFrame | None]:
        """Return how each frame can be read at once; files of many frames are asked once."""
        known: dict[tuple[str, Locator], tuple[PlainFrame | None, ...]] = {}
        found: list[PlainFrame | None] = []
        size = self.stack.rows, self.stack.columns
        for frame in self.stack.frames:
            instance, one = frame.instance, None
            if frame.ref.tile is None and instance.number_of_frames == 1:
                one = plain_frame(instance, frame.frame)
            elif frame.ref.tile is None:
                key = frame.ref.sop_instance_uid, instance.locator
                if key not in known:
                    try:
                        known[key] = self.reader(frame).plain_frames()
                    except WorkstationError:
                        known[key] = ()  # reading the frames will say why
                one = known[key][frame.ref.frame_index] if frame.ref.frame_index < len(known[key]) else None
            found.append(one if one is not None and (one.fmt.rows, one.fmt.columns) == size else None)
        return found

    def scale(self) -> Scale | None:
        """Return the rescale most frames share, None where plain frames differ: modality values are kept then."""
        scales = {(one.slope, one.intercept, one.wide) for one in self.plain if one is not None}
        if len(scales) > 1:
            return None
        return Scale(*next(iter(scales))) if scales else self._scale_of_first()

    def _scale_of_first(self) -> Scale:
        """Return the rescale of the first frame that can be read."""
        for frame in self.stack.frames[:8]:
            try:
                rendering = self.reader(frame).rendering(frame.ref.frame_index)
            except WorkstationError:
                continue
            stage, ends = rendering.modality_stage, rendering.stored_range
            if isinstance(stage, Rescale) and ends is not None:
                return Scale(stage.slope, stage.intercept, ends[0] == 0 and WIDE <= ends[1] < 2 * WIDE)
            break
        return Scale()

    def run(self, slice_bytes: int) -> int:
        """Return how many slices a thread fills before it takes others.

        Native ones several: two threads that write to the same large page of memory each wait while it is cleared.
        """
        native = all(one is not None and not one.encapsulated for one in (self.plain[0], self.plain[-1]))
        return max(1, RUN // max(slice_bytes, 1)) if native else 1

    def build(self, scale: Scale | None) -> Built:
        """Fill the array on all threads."""
        itemsize = 4 if scale is None else 2
        size = int(np.prod(self.grid.shape, dtype=np.int64)) * itemsize
        if self.limit is not None and size > self.limit:
            raise OverLimitError(f"The volume takes {gib(size)} GiB; the limit is {gib(self.limit)} GiB.")
        try:
            filling = _Filling(self, scale)
            compiled.in_bands(compiled.threads(), lambda start, stop: filling.work())
        except MemoryError as error:
            raise TooLarge(f"The volume takes {gib(size)} GiB; there is not that much memory.") from error
        if filling.fault is not None:
            raise filling.fault
        return filling.finished()


class _Filling:
    """One array being filled; ``scale`` is None for float32 modality values."""

    def __init__(self, work: _Work, scale: Scale | None) -> None:
        self.of, self.scale = work, scale
        shape = work.grid.shape
        self.array: NDArray[Any] = np.empty(shape, np.int16 if scale is not None else np.float32)
        self.padding: NDArray[np.bool_] | None = None
        self.least = np.full(shape[0], np.nan)
        self.unread: dict[int, WorkstationError] = {}
        self.fault: BaseException | None = None
        self.slope, self.intercept = (scale.slope, scale.voxel_intercept) if scale is not None else (1.0, 0.0)
        self.is_ct = work.stack.frames[0].instance.modality == "CT"
        self.filler = voxel_of(AIR, self.slope, self.intercept, self.array.dtype) if self.is_ct else 0.0
        self._next = 0
        self._run = work.run(self.array.nbytes // max(shape[0], 1))
        self._told = time.monotonic()

    def work(self) -> None:
        """Fill slices until none is left; one thread's share."""
        stack = self.of.stack
        whole = (stack.rows, stack.columns)
        spare = np.empty(whole, np.int16) if self.scale is None or self.of.reduction > 1 else None
        try:
            while numbers := self._take():
                for number in numbers:
                    if not self._goes_on(number):
                        return
                    self._fill_or_leave(number, spare)
        except BaseException as error:  # whatever one thread meets ends the others and is raised by the caller
            self._fail(error)

    def _fill_or_leave(self, number: int, spare: NDArray[np.int16] | None) -> None:
        try:
            self._fill(number, spare)
        except WorkstationError as error:
            if not self.of.lenient:
                raise
            self.unread[number] = error

    def _take(self) -> range:
        """Return the slices this thread fills next, none when all are taken."""
        with self.of.lock:
            first, count = self._next, len(self.of.stack.frames)
            self._next = min(first + self._run, count)
            return range(first, self._next)

    def _goes_on(self, number: int) -> bool:
        """Tell the progress now and then; False where another thread failed or nobody wants the volume any more."""
        if self.of.stopped():
            raise StoppedError
        now = time.monotonic()
        if now - self._told >= TOLD_EVERY:
            self._told = now
            self.of.progress(number / len(self.of.stack.frames))
        return self.fault is None

    def _fail(self, error: BaseException) -> None:
        with self.of.lock:
            self.fault = self.fault or error

    def _fill(self, number: int, spare: NDArray[np.int16] | None) -> None:
        """Bring one slice to its place, the plain way where there is one."""
        plain = self.of.plain[number]
        if plain is not None:
            cells = self.array[number] if spare is None else spare
            try:
                complete = read_into(plain, cells)
            except (NotPlainError, OSError):
                pass  # the safe path reads it, or says what is wrong with it
            else:
                scale = self.scale or Scale(plain.slope, plain.intercept, plain.wide)
                self._place(number, cells, _mask(plain, cells, complete), scale)
                return
        frame = self.of.stack.frames[number]
        measured = self.of.reader(frame).measured(frame.ref)
        if measured.rendering.color or measured.stored.shape != (self.of.stack.rows, self.of.stack.columns):
            raise UnreadablePixels(f"{frame.instance.locator.name}: its pixels are not those of a slice of a volume")
        values, own = self._cells(measured)
        self._place(number, values, measured.mask, own)

    def _cells(self, measured: Measured) -> tuple[NDArray[Any], Scale | None]:
        """Return a frame of the safe path as int16 cells with their rescale, or as modality values with None."""
        stage = measured.rendering.modality_stage
        if self.scale is not None and isinstance(stage, Rescale):
            cells = _as_cells(measured.stored, self.scale.wide)
            if cells is not None and (stage.slope, stage.intercept) == (self.scale.slope, self.scale.intercept):
                return cells, self.scale
        values = measured.modality_values
        if self.scale is not None and self.scale.is_identity and (cells := _as_cells(values, wide=False)) is not None:
            return cells, self.scale
        if self.scale is not None:
            raise _OtherRescaleError
        return values.astype(np.float32, copy=False), None

    def _place(self, number: int, cells: NDArray[Any], mask: NDArray[np.bool_] | None, scale: Scale | None) -> None:
        """Put a slice's cells where they belong, averaged and rescaled as the volume asks for."""
        values: NDArray[Any] = cells
        if self.scale is None and scale is not None:
            values = rescaled(cells, scale.slope, scale.voxel_intercept)
        elif scale != self.scale:
            raise _OtherRescaleError
        if self.of.reduction > 1:
            values, mask = averaged(values, mask, self.of.reduction)
        target = self.array[number]
        if values is not target:
            target[...] = values
        if mask is not None and mask.any():
            self._hide(number, mask)
        if not self.is_ct:
            known = target if mask is None else target[~mask]
            if known.size:
                self.least[number] = np.nanmin(known) if self.slope > 0 else np.nanmax(known)

    def _hide(self, number: int, mask: NDArray[np.bool_] | bool) -> None:
        with self.of.lock:
            if self.padding is None:
                self.padding = np.zeros(self.array.shape, np.bool_)
        self.padding[number] = mask
        self.array[number][self.padding[number]] = self.filler

    def finished(self) -> Built:
        """Settle background and padding; the array is read-only from now on."""
        if len(self.unread) == len(self.array):
            raise next(iter(self.unread.values()))
        for number in self.unread:
            self._hide(number, mask=True)
        background = AIR if self.is_ct else self._background()
        if self.padding is not None:
            if not self.is_ct:
                filler = voxel_of(background, self.slope, self.intercept, self.array.dtype)
                for number in np.flatnonzero(self.padding.any(axis=(1, 2))).tolist():
                    self.array[number][self.padding[number]] = filler
            self.padding.flags.writeable = False
        self.array.flags.writeable = False
        grid = gaps_added(self.of.grid, sorted(self.unread))
        volume = Volume(self.array, grid, background, self.padding, self.slope, self.intercept)
        return Built(volume, self._notes())

    def _background(self) -> float:
        """Return the least modality value that was measured."""
        known = self.least[np.isfinite(self.least)]
        if not known.size:
            return 0.0
        least = float(known.min() if self.slope > 0 else known.max())
        return least if (self.slope, self.intercept) == (1, 0) else least * self.slope + self.intercept

    def _notes(self) -> tuple[str, ...]:
        if not self.unread:
            return ()
        first = self.unread[min(self.unread)]
        return (f"{len(self.unread)} of {len(self.array)} slices could not be read and are left out: {first}",)


def _mask(plain: PlainFrame, cells: NDArray[np.int16], complete_rows: int) -> NDArray[np.bool_] | None:
    """Return True where cells hold no measurement: padding (B26), rows that are not in the file (A8)."""
    mask = None
    if plain.padding is not None:
        shift = WIDE if plain.wide else 0
        low, high = max(plain.padding[0] - shift, -WIDE), min(plain.padding[1] - shift, WIDE - 1)
        if low <= high:
            mask = cells == low if low == high else (cells >= low) & (cells <= high)
    if complete_rows < cells.shape[0]:
        mask = np.zeros(cells.shape, np.bool_) if mask is None else mask
        mask[complete_rows:] = True
    return mask if mask is not None and mask.any() else None


def _as_cells(values: NDArray[Any], wide: bool) -> NDArray[Any] | None:
    """Return whole values as int16, less 32768 where wide; None where they do not fit."""
    if values.dtype.kind not in "iu":
        return None
    low, high = (0, 2 * WIDE - 1) if wide else (-WIDE, WIDE - 1)
    limits = np.iinfo(values.dtype)
    if (limits.min < low or limits.max > high) and values.size and not (low <= values.min() and values.max() <= high):
        return None
    if not wide:
        return values.astype(np.int16, copy=False)
    turned: NDArray[Any] = (values.astype(np.uint16) ^ np.uint16(WIDE)).view(np.int16)
    return turned


def averaged(
    values: NDArray[Any], mask: NDArray[np.bool_] | None, factor: int
) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """Return the means of blocks of ``factor`` x ``factor`` pixels, masked pixels left out; edges are cut off."""
    rows, columns = values.shape[0] // factor, values.shape[1] // factor
    cut = (slice(0, rows * factor), slice(0, columns * factor))

    def sums(array: NDArray[Any]) -> NDArray[np.float32]:
        blocks = array[cut].reshape(rows, factor, columns, factor)
        return np.asarray(blocks.sum(axis=(1, 3), dtype=np.float32))

    if mask is None:
        means = sums(values) / (factor * factor)
        hidden = None
    else:
        counts = sums(~mask)
        hidden = counts == 0
        means = sums(np.where(mask, 0, values)) / np.maximum(counts, 1)
    return (np.rint(means) if values.dtype.kind == "i" else means).astype(values.dtype), hidden


def reduced_grid(grid: VolumeGrid, factor: int) -> VolumeGrid:
    """Return the grid of a volume whose rows and columns were averaged by a factor: its voxels lie in the blocks."""
    if factor == 1:
        return grid
    slices, rows, columns = grid.shape
    shift = (factor - 1) / 2
    affine = grid.affine.copy()
    offset = affine[:3, 1] * shift + affine[:3, 2] * shift
    affine[:3, 3] += offset
    affine[:3, 1:3] *= factor
    origins = grid.origins + offset if grid.origins is not None else None
    return replace(grid, shape=(slices, rows // factor, columns // factor), affine=affine, origins=origins)


def gaps_added(grid: VolumeGrid, unread: list[int]) -> VolumeGrid:
    """Return the grid with a gap around every run of slices that could not be read (D11)."""
    if not unread:
        return grid
    places, last = grid.slice_positions, grid.shape[0] - 1
    gaps = [(float(places[max(n - 1, 0)]), float(places[min(n + 1, last)])) for n in unread]
    return replace(grid, gaps=tuple(sorted({*grid.gaps, *gaps})))


def gib(size: int) -> str:
    """Return bytes as GiB for a sentence."""
    return f"{size / 2**30:.1f}" if size >= 2**30 // 10 else f"{size / 2**30:.2f}"
