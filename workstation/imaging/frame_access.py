"""One instance's frames: where their bytes are, and their stored values (PS3.5 section 8 and Annex A)."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from struct import unpack
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workstation.dicom.sources import open_binary, read_range
from workstation.dicom.vocabulary import tag_of
from workstation.errors import TooLarge, UnreadablePixels, WorkstationError
from workstation.imaging.color import rgb_from_ybr_full, rgb_from_ybr_partial
from workstation.imaging.decode import Samples, decode_frame
from workstation.imaging.encapsulation import frames_of, read_fragments, split_joined_frames
from workstation.imaging.pixel_format import PixelFormat, pixel_format_of
from workstation.imaging.samples import CellReading, native_frame, native_reading

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom import Dataset

    from workstation.dicom.identity import Locator
    from workstation.dicom.read import PixelDataLocation, ReadResult
    from workstation.imaging.encapsulation import Fragment

    Array = NDArray[Any]

FRAME_BUDGET: Final = 1 << 30
"""Bytes one decoded frame may take (A27)."""
CLAIM_BUDGET: Final = 64 << 20
"""A frame larger than this must have at least a sixteenth of its native bytes in the file (A27)."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """One frame's stored values.

    ``values`` is (rows, columns), or (rows, columns, 3) RGB for every colour space but palettes; read-only,
    the smallest fitting of uint8, int16, uint16, int32 ... or float32/float64. Rows from ``complete_rows`` on
    were not in the file (A8). ``cells`` are the native cells before masking, where embedded overlays are (F22).
    """

    values: Array
    complete_rows: int
    notes: tuple[str, ...] = ()
    cells: Array | None = None


class FrameAccess:
    """Reads single frames of an instance; keeps the places of frames, never their bytes.

    Not thread-safe: its owner holds a lock.

    Raises
    ------
    UnreadablePixels
        When the header describes no readable pixels.
    """

    def __init__(self, result: ReadResult, locator: Locator | None = None, fmt: PixelFormat | None = None) -> None:
        if result.pixel_data is None:
            raise UnreadablePixels(f"{result.locator.name}: the data set has no pixel data")
        self._locator = locator or result.locator
        self._location: PixelDataLocation = result.pixel_data
        self.notes: tuple[str, ...] = ()
        if fmt is None:
            fmt, self.notes = pixel_format_of(
                result.ds, result.transfer_syntax_uid, tag=self._location.tag, name=self._locator.name
            )
        self.format = fmt
        self._offsets = _extended_offsets(result.ds) if self._location.encapsulated else ()
        self._frames: tuple[tuple[Fragment, ...], ...] | None = None
        self._joined: tuple[bytes, ...] = ()

    @property
    def encapsulated(self) -> bool:
        """Whether frames are compressed fragments."""
        return self._location.encapsulated

    def stored_values(self, frame_index: int = 0) -> Decoded:
        """Return a frame's stored values: masked, sign-extended, colour as RGB.

        Raises
        ------
        UnreadablePixels, UnsupportedTransferSyntax
            When the frame is not there or cannot be decoded.
        TooLarge
            When the header asks for more memory than the budget (A27).
        """
        samples = self.samples(frame_index)
        fmt = self.format
        values = sample_values(samples, fmt, encapsulated=self.encapsulated)
        if fmt.is_color:
            values = _rgb(values, samples.photometric, fmt.bits_stored)
        values.flags.writeable = False
        cells = samples.values if not self.encapsulated and fmt.kind == "integer" else None
        return Decoded(values, samples.complete_rows, (*self.notes, *samples.notes), cells)

    def samples(self, frame_index: int = 0) -> Samples:
        """Return a frame's samples as decoded, before masks, signs and colour conversion."""
        fmt = self.format
        if not 0 <= frame_index < fmt.number_of_frames:
            raise UnreadablePixels(f"{self._name}: there is no frame {frame_index + 1} of {fmt.number_of_frames}")
        self._check_budget()
        try:
            return self._decoded(frame_index) if self.encapsulated else self._native(frame_index)
        except WorkstationError as error:
            if str(error).startswith(self._name):
                raise
            raise type(error)(f"{self._name}: frame {frame_index + 1}: {error}") from error

    @property
    def _name(self) -> str:
        return self._locator.name

    def _check_budget(self) -> None:
        """Refuse a frame whose header asks for too much, before anything is allocated (A27)."""
        wanted = self.format.frame_bytes
        available = self._location.available
        if wanted > FRAME_BUDGET:
            raise TooLarge(f"{self._name}: one frame would take {wanted >> 20} MiB, over the budget")
        if not self.encapsulated and available is not None and wanted > CLAIM_BUDGET and available * 16 < wanted:
            raise TooLarge(f"{self._name}: the header claims {wanted >> 20} MiB, the file holds {available} bytes")

    def _native(self, frame_index: int) -> Samples:
        """Read one frame's own bytes, and no others."""
        fmt = self.full_length_format()
        first_bit = frame_index * fmt.frame_bits
        start, shift = divmod(first_bit, 8)
        wanted = (shift + fmt.frame_bits + 7) // 8
        data = self._bytes(start, wanted)
        if self._location.big_endian and fmt.bits_allocated <= 8 and self._location.vr != "OB":
            data = self._swapped(start, wanted)
        frame = native_frame(data, fmt, big_endian=self._location.big_endian, first_bit=shift)
        notes: tuple[str, ...] = ()
        if frame.complete_rows < fmt.rows:
            notes = (f"truncated: {frame.complete_rows} of {fmt.rows} rows of frame {frame_index + 1} are there",)
        photometric = "YBR_FULL" if fmt.photometric == "YBR_FULL_422" else fmt.photometric
        return Samples(frame.samples, photometric, complete_rows=frame.complete_rows, notes=notes)

    def full_length_format(self) -> PixelFormat:
        """Return the format the native data really have: some 4:2:2 declarations hold all samples."""
        from dataclasses import replace

        fmt = self.format
        whole = fmt.rows * fmt.columns * 3 * fmt.bits_allocated // 8 * fmt.number_of_frames
        if fmt.subsampled and self._location.length in (whole, whole + 1):
            return replace(fmt, photometric=fmt.photometric.removesuffix("_422"))
        return fmt

    def _swapped(self, start: int, length: int) -> bytes:
        """Return bytes of 8-bit cells that lie in big-endian words (PS3.5 8.1.1, OW)."""
        first = start - start % 2
        span = start - first + length
        words = self._bytes(first, span + span % 2)
        swapped = np.frombuffer(words, np.uint8, len(words) // 2 * 2).reshape(-1, 2)[:, ::-1].tobytes()
        return swapped[start - first :][:length]

    def _bytes(self, start: int, length: int) -> bytes:
        """Return bytes of the value, as many as there are."""
        location = self._location
        if location.length >= 0:
            length = max(0, min(length, location.length - start))
        if location.buffer is not None:
            return location.buffer[location.offset + start :][:length]
        return read_range(self._locator, location.offset + start, length)

    def _decoded(self, frame_index: int) -> Samples:
        return decode_frame(self.compressed(frame_index), self.format)

    def compressed(self, frame_index: int) -> bytes:
        """Return a frame's compressed bytes, its fragments joined.

        Raises
        ------
        UnreadablePixels
            When the pixel data hold fewer frames.
        """
        frames = self._whole_table()
        if self._joined and frame_index < len(self._joined):
            return self._joined[frame_index]
        if frame_index >= len(frames):
            raise UnreadablePixels(f"the pixel data hold {len(frames)} of {self.format.number_of_frames} frames")
        location = self._location
        if location.buffer is not None:
            return b"".join(location.buffer[part.offset :][: part.length] for part in frames[frame_index])
        return b"".join(read_range(self._locator, part.offset, part.length) for part in frames[frame_index])

    @property
    def location(self) -> PixelDataLocation:
        """Where the pixels lie."""
        return self._location

    def frame_table(self) -> tuple[tuple[Fragment, ...], ...]:
        """Return each frame's fragments; none where frames lie joined in one fragment (A10)."""
        frames = self._whole_table()
        return () if self._joined else frames

    def _whole_table(self) -> tuple[tuple[Fragment, ...], ...]:
        """Find the frames once (A10)."""
        if self._frames is not None:
            return self._frames
        location, count = self._location, self.format.number_of_frames
        with BytesIO(location.buffer) if location.buffer is not None else open_binary(self._locator) as stream:
            table = read_fragments(stream, location.offset, location.length)
        frames, notes = frames_of(table, count, extended_offsets=self._offsets)
        self.notes = (*self.notes, *table.notes, *notes)
        self._frames = frames
        if len(frames) == 1 and count > 1:
            parts = split_joined_frames(self.compressed(0))
            self._joined = parts if len(parts) > 1 else ()
        return frames


def sample_values(samples: Samples, fmt: PixelFormat, *, encapsulated: bool) -> Array:
    """Return the stored values of samples as they were decoded or read: masked and sign-extended."""
    if samples.values.dtype.kind == "f":
        return samples.values
    return reading_of(samples, fmt, encapsulated=encapsulated).values(samples.values)


def reading_of(samples: Samples, fmt: PixelFormat, *, encapsulated: bool) -> CellReading:
    """Return how the cells of integer samples are read (B1, B2, B4)."""
    if not encapsulated:
        return native_reading(fmt)
    if samples.signed:
        # The stream carries the sign itself; the header decides how it is read (B4).
        return CellReading(0, fmt.bits_allocated if fmt.signed else fmt.bits_stored, fmt.signed)
    if fmt.signed and samples.precision:
        return CellReading(0, min(samples.precision, fmt.bits_stored), signed=True)
    return native_reading(fmt)


def _rgb(values: Array, photometric: str, bits: int) -> Array:
    """Convert colour once, from the space the samples really are in (C2)."""
    if photometric == "YBR_FULL":
        return rgb_from_ybr_full(values, bits)
    if photometric.startswith("YBR_PARTIAL"):
        return rgb_from_ybr_partial(values, bits)
    return values


def _extended_offsets(ds: Dataset) -> tuple[int, ...]:
    """Return the Extended Offset Table (7FE0,0001), 64-bit offsets of the frames' items."""
    element: Any = ds.get_item(tag_of("ExtendedOffsetTable"), keep_deferred=True)
    value = element.value if element is not None else None
    if not isinstance(value, bytes) or len(value) % 8:
        return ()
    return unpack(f"<{len(value) // 8}Q", value)
