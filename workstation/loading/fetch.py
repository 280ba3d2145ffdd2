"""What the workers do for each kind of key: frames, thumbnails, volumes, sections, headers."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from workstation.errors import TooLarge, WorkstationError
from workstation.loading.frame_cache import Spare
from workstation.loading.keys import (
    CheckKey,
    ColumnsKey,
    CopyKey,
    HeaderKey,
    OriginKey,
    PdfPageKey,
    PdfSearchKey,
    PdfTextKey,
    ReportKey,
    SampleKey,
    ThumbnailKey,
    VolumeKey,
)
from workstation.loading.loader import Cancelled, Job, Priority
from workstation.loading.shown import Shown
from workstation.objects.picture import FrameKey, SectionKey

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workstation.dicom.identity import FrameRef, Instance
    from workstation.geometry.image_plane import ImagePlane
    from workstation.geometry.reslice import Projection
    from workstation.geometry.stack import Stack, StackFrame
    from workstation.geometry.volume import Volume
    from workstation.imaging.auto_window import Statistics
    from workstation.loading.collection import Catalogue
    from workstation.loading.volume_builder import Built
    from workstation.objects.images import ImageReader

READERS = 48
"""Open readers kept: each holds a parsed header, not pixels."""
SAMPLED_FRAMES = 9
REDUCTIONS = (1, 2, 4, 8)
"""Factors by which rows and columns of a volume are averaged, tried in turn until it fits into memory."""
SECTIONS_FOR_COPY = 4
"""Sections that a second copy would have made quicker after which it is made."""
THUMBNAIL = 128
SMALL = 4096
"""Bytes of a frame whose pixels are part of a volume."""


class Fetcher:
    """Answers keys from the catalogue of the moment; called on worker threads."""

    def __init__(self, catalogue: Callable[[], Catalogue], volume_of: Callable[[VolumeKey], Volume | None]) -> None:
        self._catalogue = catalogue
        self._volume_of = volume_of
        self._readers: OrderedDict[str, ImageReader] = OrderedDict()
        self._statistics: dict[tuple[str, int], Statistics] = {}
        self._volume_notes: dict[str, tuple[str, ...]] = {}
        self._crossed: dict[str, int] = {}
        self._lock = threading.Lock()

    def fetch(self, key: Any, job: Job) -> tuple[Any, int]:
        """Return (value, bytes) of a key."""
        if isinstance(key, FrameKey):
            return self._frame(key)
        if isinstance(key, SectionKey):
            return self._section(key, job)
        if isinstance(key, VolumeKey):
            volume = self._volume(self._stack(key.stack_id), job, key.reduction)
            return volume, volume.nbytes
        if isinstance(key, CopyKey):
            return self._copy(key, job)
        if isinstance(key, ThumbnailKey):
            return self._thumbnail(key)
        if isinstance(key, SampleKey):
            return self._sample(self._stack(key.stack_id)), 200
        if isinstance(key, HeaderKey):
            return self._header(key)
        if isinstance(key, CheckKey):
            return self._check(key)
        if isinstance(key, OriginKey):
            origin = self._reader(self._instance(key.ref.sop_instance_uid)).origin(key.ref)
            return origin, origin.nbytes
        if isinstance(key, ColumnsKey):
            return self._columns(key, job)
        if isinstance(key, ReportKey | PdfPageKey | PdfTextKey | PdfSearchKey):
            from workstation.loading.report_view import fetched

            return fetched(key, self._instance, job)
        raise TypeError(f"no way to fetch {type(key).__name__}")

    def close(self) -> None:
        """Close every reader."""
        with self._lock:
            readers, self._readers = list(self._readers.values()), OrderedDict()
            self._statistics.clear()
        for reader in readers:
            reader.close()

    # frames

    def _instance(self, uid: str) -> Instance:
        return _listed(self._catalogue(), uid)

    def _stack(self, stack_id: str) -> Stack:
        stack = self._catalogue().stack(stack_id)
        if stack is None:
            raise WorkstationError("This series was closed.")
        return stack

    def _reader(self, instance: Instance) -> ImageReader:
        from workstation.objects.images import ImageReader

        uid, dropped = instance.sop_instance_uid, None
        with self._lock:
            reader = self._readers.get(uid)
            if reader is not None and reader.instance.locator == instance.locator:
                self._readers.move_to_end(uid)
                return reader
        real = _read(instance)
        with self._lock:
            reader = self._readers.get(uid)
            if reader is None or reader.instance.locator != real.locator:
                reader = self._readers[uid] = ImageReader(real)
            self._readers.move_to_end(uid)
            if len(self._readers) > READERS:
                _, dropped = self._readers.popitem(last=False)
        if dropped is not None:
            dropped.close()
        return reader

    def _frame(self, key: FrameKey) -> tuple[Shown, int]:
        shown = self._in_volume(self.shown(key.ref), key.ref)
        return shown, int(shown.values.nbytes) if shown.of is None else SMALL

    def _in_volume(self, shown: Shown, ref: FrameRef) -> Shown:
        """Return a frame that shares the memory of its stack's volume where that holds the very same values."""
        import numpy as np

        found = self._catalogue().stack_with(ref)
        if found is None or shown.values.ndim != 2 or shown.values.dtype not in (np.int16, np.uint16):
            return shown
        stack, place = found
        key = VolumeKey(stack.id, len(stack.frames))
        volume = self._volume_of(key)
        if volume is None or volume.array.dtype != np.int16:
            return shown
        slice_ = volume.array[place].view(shown.values.dtype)
        if slice_.shape != shown.values.shape or not np.array_equal(slice_, shown.values):
            return shown
        return replace(shown, values=slice_, of=key)

    def shown(self, ref: FrameRef, catalogue: Catalogue | None = None) -> Shown:
        """Return a frame ready for a pane; of a catalogue that is not on screen yet where one is given."""
        from workstation.geometry.frames import frames_of
        from workstation.measurements.calibration import calibration_of, pixel_aspect

        catalogue = catalogue or self._catalogue()
        reader = self._reader(_listed(catalogue, ref.sop_instance_uid))
        instance, picture = reader.instance, reader.picture(ref)
        found = catalogue.stack_with(ref)
        place = found[0].frames[found[1]] if found is not None else None
        if place is not None and place.instance.announced:
            place = next((one for one in frames_of(instance) if one.ref == ref), None)
        frame = place.frame if place is not None else None
        needs_sample = not picture.rendering.voi and picture.rendering.has_window
        return Shown(
            key=FrameKey(ref),
            values=picture.values,
            rendering=picture.rendering,
            plane=place.plane if place is not None else None,
            calibration=calibration_of(instance, frame),
            aspect=pixel_aspect(instance, frame),
            frame_index=ref.frame_index,
            complete_rows=picture.complete_rows,
            statistics=self._sample(found[0]) if needs_sample and found is not None else None,
            notes=picture.notes,
        )

    def _sample(self, stack: Stack) -> Statistics:
        """Return the statistics of a display set from a few of its frames, evenly spread (B22)."""
        from workstation.imaging.auto_window import frame_statistics, merged

        key = (stack.id, len(stack.frames))
        with self._lock:
            known = self._statistics.get(key)
        if known is not None:
            return known
        count = len(stack.frames)
        chosen = sorted({round(i * (count - 1) / (SAMPLED_FRAMES - 1)) for i in range(SAMPLED_FRAMES)})
        parts = []
        for number in chosen:
            frame = stack.frames[number]
            try:
                picture = self._reader(frame.instance).picture(frame.ref)
            except WorkstationError:
                continue  # a frame that cannot be decoded says so in its own pane
            parts.append(frame_statistics(picture.values, picture.rendering, picture.complete_rows))
        statistics = merged(parts)
        with self._lock:
            self._statistics[key] = statistics
        return statistics

    # volumes

    def _volume(self, stack: Stack, job: Job, reduction: int = 1) -> Volume:
        """Return the volume of a stack, or a reduced one where there is not the memory for all of it."""
        refusal: TooLarge | None = None
        for factor in REDUCTIONS:
            if factor < reduction or (factor > 1 and min(stack.rows, stack.columns) < 16 * factor):
                continue
            try:
                built = self._built(stack, job, factor)
            except TooLarge as error:
                refusal = refusal or error
                continue
            notes = built.notes
            if refusal is not None:
                notes = (f"Reduced preview 1:{factor}; the whole volume does not fit: {refusal}", *notes)
            with self._lock:
                self._volume_notes[stack.id] = notes
                self._crossed.pop(stack.id, None)
            return built.volume
        raise TooLarge(f"The volume does not fit into memory, not even reduced: {refusal}")

    def _built(self, stack: Stack, job: Job, factor: int) -> Built:
        from workstation.loading.volume_builder import OverLimitError, StoppedError, build_volume, bytes_needed

        def reader(frame: StackFrame) -> ImageReader:
            return self._reader(frame.instance)

        size = bytes_needed(stack, factor)
        for wanted in (size, 2 * size):  # twice as much where only float32 holds the values
            job.reserve(wanted)
            try:
                return build_volume(
                    stack,
                    reader,
                    reduction=factor,
                    limit=wanted,
                    lenient=True,
                    progress=job.progress,
                    stopped=lambda: job.cancelled,
                )
            except StoppedError:
                raise Cancelled from None
            except OverLimitError:
                continue
        raise TooLarge(f"it needs more than {2 * size >> 20} MiB")

    def _copy(self, key: CopyKey, job: Job) -> tuple[Spare, int]:
        from workstation.geometry.layouts import make_sagittal

        volume = self._volume_of(key.volume)
        if volume is None:
            raise Cancelled
        job.reserve(volume.array.nbytes)
        make_sagittal(volume)
        return Spare(key.volume, volume.copies.drop), volume.copies.nbytes

    def _count(self, key: VolumeKey, volume: Volume, plane: ImagePlane, job: Job) -> None:
        """Have a second copy made once enough sections have asked for what it is good at."""
        import numpy as np

        if volume.copies.nbytes or volume.padding is not None:
            return
        normal, steps = np.array(plane.normal), volume.affine[:3, :3] / np.linalg.norm(volume.affine[:3, :3], axis=0)
        across = np.abs(normal @ steps)
        if int(across.argmax()) != 2:
            return
        with self._lock:
            count = self._crossed[key.stack_id] = self._crossed.get(key.stack_id, 0) + 1
        if count == SECTIONS_FOR_COPY:
            job.also(CopyKey(key), Priority.PREFETCH)

    def _section(self, key: SectionKey, job: Job) -> tuple[Shown, int]:
        from workstation.geometry.reslice import reslice
        from workstation.measurements.calibration import Calibration

        stack = self._stack(key.volume_id)
        whole = VolumeKey(stack.id, len(stack.frames))
        volume = self._volume_of(whole) or self._volume(stack, job)
        self._count(whole, volume, key.plane, job)
        values = reslice(volume, key.plane, key.slab_mm, cast("Projection", key.projection))
        middle = stack.frames[len(stack.frames) // 2].ref
        rendering = self._reader(self._instance(middle.sop_instance_uid)).rendering(middle.frame_index)
        row_mm, column_mm = key.plane.spacing
        shown = Shown(
            key=key,
            values=values,
            rendering=rendering.for_modality_values(),
            plane=key.plane,
            calibration=Calibration(row_mm, column_mm, "mm", "reformatted", plain=True),
            aspect=key.plane.spacing,
            statistics=self._sample(stack),
            notes=self._volume_notes.get(stack.id, ()),
            is_section=True,
        )
        return shown, int(values.nbytes)

    # small things

    def _thumbnail(self, key: ThumbnailKey) -> tuple[NDArray[Any], int]:
        from workstation.imaging.shrink import shrunk

        shown = self.shown(key.ref)
        display = shown.display(shown.pipeline(None, inverted=False), overlays=False)
        small = shrunk(display, shown.aspect, THUMBNAIL)
        return small, int(small.nbytes)

    def _header(self, key: HeaderKey) -> tuple[Any, int]:
        from workstation.loading.header_view import header_view

        return header_view(_read(self._instance(key.sop_instance_uid)), key.frame_index), 100_000

    def _check(self, key: CheckKey) -> tuple[Any, int]:
        from workstation.loading.check_view import check_view

        return check_view(_read(self._instance(key.sop_instance_uid))), 200_000

    def _columns(self, key: ColumnsKey, job: Job) -> tuple[Any, int]:
        from workstation.objects.header_columns import header_columns
        from workstation.objects.header_differences import SeriesHeaders, varying

        columns = header_columns(self._stack(key.stack_id).frames, lambda: job.cancelled)
        if columns is None:
            raise Cancelled
        return SeriesHeaders(columns, tuple(varying(columns))), columns.nbytes


def _read(instance: Instance) -> Instance:
    """Return an instance of which only a record is known as its file has it.

    Raises
    ------
    WorkstationError
        Where the file holds something else: nothing may be kept under a UID that is not its own.
    """
    from workstation.dicom.facts import read_instance

    if not instance.announced:
        return instance
    real = read_instance(instance.locator)
    if real.sop_instance_uid != instance.sop_instance_uid:
        raise WorkstationError(f"{instance.locator.name}: the disc's directory names another object in this file.")
    return real


def _listed(catalogue: Catalogue, uid: str) -> Instance:
    instance = catalogue.instances.get(uid)
    if instance is None:
        raise WorkstationError("This image was closed.")
    return instance
