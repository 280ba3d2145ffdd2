"""Image objects: any SOP Class with pixels, single and multi-frame, mosaics cut into their slices."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workstation.dicom.read import read_dataset
from workstation.errors import UnreadablePixels
from workstation.geometry.frames import frames_of
from workstation.geometry.mosaic import mosaic_of, tile_slices
from workstation.imaging.frame_access import Decoded, FrameAccess
from workstation.imaging.modality_lut import Rescale
from workstation.imaging.padding import padding_mask
from workstation.imaging.plain_frame import PlainFrame, plain_frames_of
from workstation.imaging.rendering import InstanceRendering, Rendering, instance_rendering_of, rendering_of
from workstation.objects.picture import FrameKey, Picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workstation.dicom.identity import FrameRef, Instance
    from workstation.dicom.read import ReadResult
    from workstation.geometry.image_plane import ImagePlane
    from workstation.imaging.frame_origin import FrameOrigin

_INT16: Final = np.iinfo(np.int16)


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Stored values of one frame, how they become modality values, and True in ``mask`` where none was measured."""

    stored: NDArray[Any]
    rendering: Rendering
    mask: NDArray[np.bool_] | None

    @property
    def modality_values(self) -> NDArray[Any]:
        """The modality values; colour frames come as they are."""
        return self.stored if self.rendering.color else _for_volume(self.stored, self.rendering)


class ImageReader:
    """Pictures of one instance, read when first asked for.

    May be used from any thread: a lock of its own keeps the data set from being read by two at once (A38).
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self._lock = threading.Lock()
        self._opened: _Opened | None = None

    def picture(self, ref: FrameRef) -> Picture:
        """Return one frame, or one tile of a mosaic, with how it is to be shown.

        Raises
        ------
        UnreadablePixels, UnsupportedTransferSyntax, TooLarge, UnreadableFile, CorruptFile
            A sentence that names the file and what is wrong.
        """
        with self._lock:
            opened = self._open()
            decoded = opened.access.stored_values(ref.frame_index)
            rendering = opened.rendering(ref.frame_index, decoded)
            plane = opened.planes(self.instance).get(ref)
        values, complete_rows = self._cut(ref, decoded)
        return Picture(
            key=FrameKey(ref),
            values=values,
            rendering=rendering,
            plane=plane,
            complete_rows=complete_rows,
            notes=tuple(dict.fromkeys((*decoded.notes, *rendering.notes))),
        )

    def modality_values(self, ref: FrameRef) -> tuple[NDArray[Any], str]:
        """Return (modality values, unit): int16 where every stored value fits it exactly, else float32.

        Colour frames come as they are. Raises what :meth:`picture` raises.
        """
        with self._lock:
            opened = self._open()
            decoded = opened.access.stored_values(ref.frame_index)
            rendering = opened.rendering(ref.frame_index, decoded)
        values, _ = self._cut(ref, decoded)
        return (values if rendering.color else _for_volume(values, rendering)), rendering.unit

    def measured_values(self, ref: FrameRef) -> NDArray[Any]:
        """Return the modality values of a frame, as a masked array where pixels hold no measurement.

        Masked are padding (B26) and rows that were not in the file (A8). Raises what :meth:`picture` raises.
        """
        measured = self.measured(ref)
        values, mask = measured.modality_values, measured.mask
        return values if mask is None else np.ma.MaskedArray(values, mask)

    def measured(self, ref: FrameRef) -> Measured:
        """Return the stored values of a frame and where they are no measurement, as :meth:`measured_values` does."""
        with self._lock:
            opened = self._open()
            decoded = opened.access.stored_values(ref.frame_index)
            rendering = opened.rendering(ref.frame_index, decoded)
        stored, complete_rows = self._cut(ref, decoded)
        mask = None if rendering.color else padding_mask(stored, rendering.padding)
        if complete_rows < stored.shape[0]:
            mask = np.zeros(stored.shape[:2], np.bool_) if mask is None else mask.copy()
            mask[complete_rows:] = True
        return Measured(stored, rendering, mask)

    def origin(self, ref: FrameRef) -> FrameOrigin:
        """Return what the stored values of a frame, or of a mosaic's tile, were made of.

        Raises what :meth:`picture` raises.
        """
        from workstation.imaging.frame_origin import frame_origin

        mosaic = mosaic_of(self.instance) if ref.tile is not None else None
        corner = (0, 0)
        if mosaic is not None and ref.tile is not None:
            rows, columns = tile_slices(mosaic, ref.tile)
            corner = (rows.start, columns.start)
        with self._lock:
            opened = self._open()
            return frame_origin(opened.access, opened.result.ds, ref.frame_index, corner)

    def plain_frames(self) -> tuple[PlainFrame | None, ...]:
        """Return how each frame of the file is read without going through this reader, None where it must.

        Raises what :meth:`picture` raises.
        """
        with self._lock:
            opened = self._open()
            return plain_frames_of(opened.access, opened.rendering, self.instance.locator, opened.result.size)

    def rendering(self, frame_index: int = 0) -> Rendering:
        """Return how a frame is to be shown, without decoding it; embedded overlays are left out."""
        with self._lock:
            return self._open().rendering(frame_index, None)

    def close(self) -> None:
        """Forget the data set; the next picture opens it again."""
        with self._lock:
            self._opened = None

    def _open(self) -> _Opened:
        if self._opened is None:
            result = read_dataset(self.instance.locator)
            if result.pixel_data is None:
                raise UnreadablePixels(f"{self.instance.locator.name}: the object has no pixel data")
            self._opened = _Opened(result)
        return self._opened

    def _cut(self, ref: FrameRef, decoded: Decoded) -> tuple[NDArray[Any], int]:
        """Return (values, complete rows) of the frame or of its tile (D20)."""
        if ref.tile is None:
            return decoded.values, decoded.complete_rows
        mosaic = mosaic_of(self.instance)
        if mosaic is None or not 0 <= ref.tile < mosaic.images:
            raise UnreadablePixels(f"{self.instance.locator.name}: there is no mosaic slice {ref.tile + 1}")
        rows, columns = tile_slices(mosaic, ref.tile)
        tile = np.ascontiguousarray(decoded.values[rows, columns])
        tile.flags.writeable = False
        return tile, max(0, min(mosaic.rows, decoded.complete_rows - rows.start))


class _Opened:
    """A data set that was read and what all its frames share."""

    def __init__(self, result: ReadResult) -> None:
        self.result = result
        self.access = FrameAccess(result)
        self._shared: InstanceRendering = instance_rendering_of(result.ds, self.access.format)
        self._planes: dict[FrameRef, ImagePlane | None] | None = None

    def rendering(self, frame_index: int, decoded: Decoded | None) -> Rendering:
        """Return a frame's rendering, overlays from its unmasked cells included (F22)."""
        rendering = rendering_of(self.result.ds, self.access.format, frame_index, shared=self._shared)
        if not rendering.embedded_overlays or decoded is None:
            return rendering
        if decoded.cells is None:
            note = "Overlays in the bits of compressed pixels cannot be there and are not drawn"
            return replace(rendering, notes=(*rendering.notes, note))
        planes = tuple(overlay.plane(decoded.cells) for overlay in rendering.embedded_overlays)
        return replace(rendering, overlays=rendering.overlays + planes)

    def planes(self, instance: Instance) -> dict[FrameRef, ImagePlane | None]:
        """Return where each frame or tile lies."""
        if self._planes is None:
            self._planes = {frame.ref: frame.plane for frame in frames_of(instance)}
        return self._planes


def _for_volume(values: NDArray[Any], rendering: Rendering) -> NDArray[Any]:
    modality = rendering.modality_stage.apply(values)
    if modality.dtype == np.int16 or modality.dtype == np.float32:
        return modality
    bounds = rendering.stored_range
    ends = rendering.modality_stage.apply(np.array(bounds, np.float64)) if bounds else None
    whole = modality.dtype.kind in "iu" and ends is not None
    if whole and ends is not None and _INT16.min <= min(ends) and max(ends) <= _INT16.max:
        # the entries of a table may rise above both of its ends
        straight = isinstance(rendering.modality_stage, Rescale)
        if straight or (_INT16.min <= modality.min() and modality.max() <= _INT16.max):
            return modality.astype(np.int16)
    return modality.astype(np.float32)
