"""Frames that need no header parse to be read: everything about their pixels is known from the scan.

A frame is plain where its header leaves nothing to decide: one sample, 8 or 16 bits, a Rescale or none, a length
that fits. What is read here is what the safe path reads, bit for bit; any doubt raises :class:`NotPlainError`, and
the caller takes the safe path.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workstation.dicom.quick_build import builder
from workstation.errors import UnreadablePixels
from workstation.imaging.codestream import starts_frame
from workstation.imaging.decode import decode_frame
from workstation.imaging.encapsulation import ITEM, SEQUENCE_DELIMITER, frames_of, read_fragments
from workstation.imaging.frame_access import reading_of, sample_values
from workstation.imaging.modality_lut import Rescale
from workstation.imaging.padding import padding_range
from workstation.imaging.pixel_format import GRAYSCALE, PixelFormat
from workstation.imaging.samples import CellReading, native_reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from workstation.dicom.identity import Frame, Instance, Locator
    from workstation.imaging.frame_access import FrameAccess
    from workstation.imaging.rendering import Rendering

CLASSIC: Final = frozenset(
    f"1.2.840.10008.5.1.4.1.1.{suffix}"
    for suffix in ("1", "1.1", "1.1.1", "1.2", "1.2.1", "2", "4", "7", "12.1", "12.2", "20", "128", "481.1")
)
"""Storage SOP Classes without functional groups, whose Rescale stands at the top level (B8)."""
MOST_COMPRESSED: Final = 64 << 20
"""Bytes of a compressed frame that are read in one go."""
WIDE: Final = 32768
"""What is taken off unsigned 16-bit values so that they fit into int16."""
_PREFIX: Final = 12
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_HAS_PREAD: Final = hasattr(os, "pread")
_HAS_PREADV: Final = hasattr(os, "preadv")
_LONGEST_TABLE: Final = 64
"""Bytes from the value on in which the offset table of a single frame and the head of its fragment are expected."""
_TWO_SEGMENTS: Final = (2).to_bytes(4, "little")
RLE_LOSSLESS: Final = "1.2.840.10008.1.2.5"
_PIXEL_DATA: Final = (b"\xe0\x7f\x10\x00", b"\x7f\xe0\x00\x10")


class NotPlainError(Exception):
    """The frame is not what the scan said, or not as simple: take the safe path."""


@dataclass(frozen=True, slots=True)
class PlainFrame:
    """One frame that can be read at once.

    ``offset`` is where its native bytes, or the value of its encapsulated element, begin in the file; ``parts`` are
    (offset, length) of a compressed frame's fragments where they are known already. ``padding`` is in stored values.
    """

    path: str
    file_size: int
    fmt: PixelFormat
    reading: CellReading
    offset: int
    length: int
    encapsulated: bool
    big_endian: bool = False
    slope: float = 1.0
    intercept: float = 0.0
    padding: tuple[int, int] | None = None
    parts: tuple[tuple[int, int], ...] = ()
    first: bool = True

    @property
    def wide(self) -> bool:
        """Whether stored values are kept less 32768."""
        return self.reading.wide


_plain = builder(PlainFrame)


def plain_frame(instance: Instance, frame: Frame) -> PlainFrame | None:
    """Return how the only frame of an instance is read without its header, None where that is not certain."""
    place, values = instance.pixel_data, instance.values
    if place is None or place.deflated or instance.locator.member is not None or instance.problems:
        return None
    if instance.number_of_frames != 1 or instance.sop_class_uid not in CLASSIC:
        return None
    if "ModalityLUT" in values or "DoseGridScaling" in values or "FunctionalGroups" in values:
        return None
    get = values.get
    known = _format(
        instance.rows,
        instance.columns,
        instance.samples_per_pixel,
        instance.photometric,
        get("BitsAllocated"),
        get("BitsStored"),
        get("HighBit"),
        get("PixelRepresentation"),
        instance.transfer_syntax_uid,
    )
    if known is None:
        return None
    fmt, reading = known
    padding = get("PixelPaddingValue")
    slope, intercept = frame.values.get("RescaleSlope"), frame.values.get("RescaleIntercept")
    if (slope is None) != (intercept is None) or slope == 0:
        return None
    if not place.encapsulated and not _whole(fmt, place.length, place.available, place.big_endian):
        return None
    return _plain(
        (
            instance.locator.path,
            place.file_size,
            fmt,
            reading,
            place.offset,
            place.length if place.encapsulated else fmt.frame_bytes,
            place.encapsulated,
            place.big_endian,
            1.0 if slope is None else slope,
            intercept or 0.0,
            padding_range(padding, get("PixelPaddingRangeLimit"), fmt) if padding is not None else None,
            (),
            True,
        )
    )


@lru_cache(maxsize=64)
def _format(
    rows: int,
    columns: int,
    samples: int,
    photometric: str,
    allocated: int | None,
    stored: int | None,
    high: int | None,
    sign: int | None,
    syntax: str,
) -> tuple[PixelFormat, CellReading] | None:
    if allocated not in (8, 16) or stored is None or high is None or rows < 1 or columns < 1:
        return None
    if samples != 1 or photometric not in GRAYSCALE or sign not in (None, 0, 1):
        return None
    if not (1 <= stored <= allocated and stored - 1 <= high < allocated):
        return None
    fmt = PixelFormat(rows, columns, 1, photometric, allocated, stored, high, sign == 1, 0, 1, syntax)
    return fmt, native_reading(fmt)


def _whole(fmt: PixelFormat, length: int, available: int | None, big_endian: bool, frames: int = 1) -> bool:
    """Whether the bytes of all native frames are there, and no more than an even length asks for."""
    if big_endian and fmt.bits_allocated == 8:
        return False
    wanted = frames * fmt.frame_bytes
    return 0 <= length - wanted <= wanted % 2 and (available or 0) >= wanted


def plain_frames_of(
    access: FrameAccess, rendering: Callable[[int, None], Rendering], locator: Locator, size: int
) -> tuple[PlainFrame | None, ...]:
    """Return how the frames of one file whose header was read are read without it, None for those that are not plain.

    ``rendering(frame_index, None)`` gives each frame's rescale and padding.
    """
    fmt, location = access.format, access.location
    count = fmt.number_of_frames
    nothing = (None,) * count
    known = _format(
        fmt.rows, fmt.columns, fmt.samples_per_pixel, fmt.photometric, fmt.bits_allocated, fmt.bits_stored,
        fmt.high_bit, int(fmt.signed), fmt.transfer_syntax_uid,
    )  # fmt: skip
    if known is None or fmt.kind != "integer" or location.buffer is not None or locator.member is not None:
        return nothing
    if not location.encapsulated and not _whole(fmt, location.length, location.available, location.big_endian, count):
        return nothing
    table = access.frame_table() if location.encapsulated else ()
    frames: list[PlainFrame | None] = []
    for index in range(count):
        shown = rendering(index, None)
        stage = shown.modality_stage
        if not isinstance(stage, Rescale) or (location.encapsulated and index >= len(table)):
            frames.append(None)
            continue
        frames.append(
            PlainFrame(
                path=locator.path,
                file_size=size,
                fmt=known[0],
                reading=known[1],
                offset=location.offset + (0 if location.encapsulated else index * fmt.frame_bytes),
                length=fmt.frame_bytes,
                encapsulated=location.encapsulated,
                big_endian=location.big_endian,
                slope=stage.slope,
                intercept=stage.intercept,
                padding=shown.padding,
                parts=tuple((part.offset, part.length) for part in table[index]) if location.encapsulated else (),
                first=index == 0,
            )
        )
    return tuple(frames)


def read_into(frame: PlainFrame, cells: NDArray[np.int16]) -> int:
    """Read a frame's stored values, less 32768 where wide, into int16 cells (rows, columns); return complete rows.

    Raises
    ------
    NotPlainError
        Where the safe path has to look; the cells then hold anything.
    UnreadablePixels, UnsupportedTransferSyntax
        As the safe path raises them.
    OSError
        When the system refuses the file.
    """
    if frame.encapsulated:
        return _decode_into(frame, cells)
    fmt = frame.fmt
    if fmt.bits_allocated == 8:
        narrow = np.empty(cells.shape, np.uint8)
        _read(frame, narrow.data.cast("B"))
        cells[...] = frame.reading.values(narrow)
        return fmt.rows
    _read(frame, cells.data.cast("B"))
    if frame.big_endian:
        cells.byteswap(inplace=True)
    if not frame.reading.is_plain:
        frame.reading.settle(cells.view(np.uint16))
    return fmt.rows


def _read(frame: PlainFrame, target: memoryview) -> None:
    """Fill ``target`` from the file, in one call; never mapped: the medium may be ejected at any time (A39)."""
    before = _PREFIX if frame.first else 0
    prefix = bytearray(before)
    descriptor = os.open(frame.path, _FLAGS)
    try:
        if os.fstat(descriptor).st_size != frame.file_size:
            raise NotPlainError
        if _HAS_PREADV:
            count = os.preadv(descriptor, (prefix, target), frame.offset - before)
            done = count - before
        else:
            done = _read_in_turn(descriptor, frame.offset - before, prefix, target)
        while 0 < done < len(target) and _HAS_PREADV:
            more = os.preadv(descriptor, (target[done:],), frame.offset + done)
            if more <= 0:
                break
            done += more
    finally:
        os.close(descriptor)
    if done != len(target) or not (_is_pixel_data(prefix) or not before):
        raise NotPlainError


def _read_in_turn(descriptor: int, offset: int, prefix: bytearray, target: memoryview) -> int:
    """Read where the system has no preadv (Windows); return the bytes that reached ``target``."""
    os.lseek(descriptor, offset, os.SEEK_SET)
    prefix[:] = os.read(descriptor, len(prefix))
    with open(descriptor, "rb", buffering=0, closefd=False) as stream:
        done = 0
        while done < len(target):
            count = stream.readinto(target[done:])
            if not count:
                break
            done += count
    return done


def _is_pixel_data(prefix: bytes | bytearray) -> bool:
    """Whether the bytes before a value are the head of Pixel Data, explicit or implicit: the file is as scanned."""
    return bytes(prefix[:4]) in _PIXEL_DATA or bytes(prefix[4:8]) in _PIXEL_DATA


def _decode_into(frame: PlainFrame, cells: NDArray[np.int16]) -> int:
    fmt = frame.fmt
    out: NDArray[Any] | None = cells.view(np.uint16) if fmt.bits_allocated == 16 else None
    data = _compressed(frame)
    if out is not None and fmt.transfer_syntax_uid == RLE_LOSSLESS and _runs_into(data, out):
        frame.reading.settle(out)
        return fmt.rows
    try:
        samples = decode_frame(data, fmt, out)
    except UnreadablePixels as error:
        raise NotPlainError from error  # the safe path says it with the file's name
    values = samples.values
    if values.dtype.kind == "f" or values.ndim != 2:
        raise NotPlainError
    reading = reading_of(samples, fmt, encapsulated=True)
    if out is not None and np.may_share_memory(values, out) and reading.bits <= 16:
        if reading.wide != frame.wide:
            raise NotPlainError
        reading.settle(out)
        return samples.complete_rows
    plain = sample_values(samples, fmt, encapsulated=True)
    if frame.wide:
        if plain.dtype.kind != "u":
            raise NotPlainError
        np.bitwise_xor(plain, 0x8000, out=cells.view(np.uint16), casting="same_kind", dtype=np.uint16)
    elif np.can_cast(plain.dtype, np.int16) or (plain.dtype == np.uint16 and reading.bits <= 15):
        cells[...] = plain.astype(np.int16, copy=False)
    else:
        raise NotPlainError
    return samples.complete_rows


def _runs_into(data: bytes, out: NDArray[np.uint16]) -> bool:
    """Decode the two byte planes of an RLE frame (PS3.5 Annex G) where nothing about it is odd.

    Runs are copied in a quarter of a millisecond: what every decoder goes through would take half as long again.
    """
    if data[:4] != _TWO_SEGMENTS:
        return False  # another codec's stream under this transfer syntax, or planes that are missing
    import imagecodecs

    try:
        content = imagecodecs.dicomrle_decode(data, "<u2", out=out.reshape(-1).view(np.uint8).data)
    except Exception:  # whoever decodes it next meets the same and has the words for it
        return False
    return len(content) == out.nbytes


def _compressed(frame: PlainFrame) -> bytes:
    """Return a frame's compressed bytes, its fragments joined."""
    if (alone := _only_fragment(frame)) is not None:
        return alone
    if frame.parts:
        start = min(offset for offset, _ in frame.parts)
        length = max(offset + count for offset, count in frame.parts) - start
        data = _range(frame, start, length)
        return b"".join(data[offset - start :][:count] for offset, count in frame.parts)
    available = frame.file_size - frame.offset
    length = available if frame.length < 0 else min(frame.length, available)
    data = _range(frame, frame.offset - _PREFIX, length + _PREFIX)
    if not _is_pixel_data(data[:_PREFIX]):
        raise NotPlainError
    table = read_fragments(BytesIO(data), _PREFIX, length if frame.length >= 0 else -1)
    parts = frames_of(table, 1)[0][0]
    return b"".join(data[part.offset :][: part.length] for part in parts)


def _only_fragment(frame: PlainFrame) -> bytes | None:
    """Return the bytes of a frame that is one fragment, read without a copy; None where it is not, or may not be."""
    if frame.length >= 0 or frame.parts or not _HAS_PREAD:
        return None
    descriptor = os.open(frame.path, _FLAGS)
    try:
        head = os.pread(descriptor, _PREFIX + _LONGEST_TABLE, frame.offset - _PREFIX)
        if len(head) < _PREFIX + 16 or head[_PREFIX : _PREFIX + 4] != ITEM:
            return None
        item = _PREFIX + 8 + int.from_bytes(head[_PREFIX + 4 : _PREFIX + 8], "little")
        if head[item : item + 4] != ITEM or len(head) < item + 8 or starts_frame(head[_PREFIX + 8 :]):
            return None
        start, length = frame.offset - _PREFIX + item + 8, int.from_bytes(head[item + 4 : item + 8], "little")
        if not (0 < length <= MOST_COMPRESSED and os.pread(descriptor, 4, start + length) == SEQUENCE_DELIMITER):
            return None
        if os.fstat(descriptor).st_size != frame.file_size or not _is_pixel_data(head[:_PREFIX]):
            raise NotPlainError
        data = os.pread(descriptor, length, start)
    finally:
        os.close(descriptor)
    return data if len(data) == length else None


def _range(frame: PlainFrame, offset: int, length: int) -> bytes:
    if not 0 < length <= MOST_COMPRESSED:
        raise NotPlainError
    with open(frame.path, "rb", buffering=0) as stream:
        if os.fstat(stream.fileno()).st_size != frame.file_size:
            raise NotPlainError
        stream.seek(offset)
        data = stream.read(length)
    if data is None or len(data) != length:
        raise NotPlainError
    return data
