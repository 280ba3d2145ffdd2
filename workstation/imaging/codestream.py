"""Headers of compressed frames, read before any decoder sees the bytes (A28, C5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from workstation.errors import UnreadablePixels

JPEG: Final = "JPEG"
JPEG_LOSSLESS: Final = "JPEG lossless"
JPEG_LS: Final = "JPEG-LS"
JPEG_2000: Final = "JPEG 2000"
HTJ2K: Final = "HTJ2K"
JPEG_XL: Final = "JPEG XL"

SOI: Final = b"\xff\xd8"
EOI: Final = b"\xff\xd9"
SOC: Final = b"\xff\x4f\xff\x51"
JP2_SIGNATURE: Final = b"\x00\x00\x00\x0cjP  "
JXL_CODESTREAM: Final = b"\xff\x0a"
JXL_CONTAINER: Final = b"\x00\x00\x00\x0cJXL "

_SOF_KINDS: Final = {0xC0: JPEG, 0xC1: JPEG, 0xC2: JPEG, 0xC3: JPEG_LOSSLESS, 0xF7: JPEG_LS}
_UNSUPPORTED_SOF: Final = frozenset({0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_BARE_MARKERS: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_JXL_RATIOS: Final = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}


@dataclass(frozen=True, slots=True)
class CodestreamHeader:
    """What a compressed frame says of itself.

    ``components`` and ``precision`` are 0 where the header does not give them cheaply (JPEG XL).
    ``adobe_transform`` is the colour transform of an Adobe APP14 segment, None without one.
    """

    kind: str
    rows: int
    columns: int
    components: int
    precision: int
    signed: bool = False
    component_ids: tuple[int, ...] = ()
    adobe_transform: int | None = None
    jfif: bool = False
    component_transform: bool = False


def starts_frame(data: bytes) -> bool:
    """Whether bytes begin a compressed frame: JPEG family, JPEG 2000, JPEG XL, or an RLE header.

    An RLE header counts 1 to 15 segments, the first of them at byte 64 (PS3.5 G.5).
    """
    is_rle = len(data) >= 8 and 1 <= data[0] <= 15 and data[1:8] == b"\0\0\0\x40\0\0\0"
    return is_rle or data.startswith((SOI, SOC, JP2_SIGNATURE, JXL_CODESTREAM, JXL_CONTAINER))


def codestream_header(data: bytes) -> CodestreamHeader | None:
    """Return the header of a compressed frame, None where the bytes are no known codestream (RLE).

    Raises
    ------
    UnreadablePixels
        When the stream is recognised but its header is cut short or contradicts itself.
    """
    try:
        if data.startswith(SOI):
            return _jpeg_header(data)
        if data.startswith(JP2_SIGNATURE):
            data = _box(data, b"jp2c")
        if data.startswith(SOC):
            return _jpeg_2000_header(data)
        if data.startswith(JXL_CONTAINER):
            data = _box(data, b"jxlc")
        if data.startswith(JXL_CODESTREAM):
            return _jpeg_xl_header(data)
    except (IndexError, ValueError) as error:
        raise UnreadablePixels("the compressed frame's header is cut short") from error
    return None


def _u16(data: bytes, at: int) -> int:
    return data[at] << 8 | data[at + 1]


def _u32(data: bytes, at: int) -> int:
    return _u16(data, at) << 16 | _u16(data, at + 2)


def _jpeg_header(data: bytes) -> CodestreamHeader:
    """Walk the segments up to the first start of frame (ISO/IEC 10918-1 B.1, 14495-1 C.2)."""
    at, jfif = 2, False
    adobe: int | None = None
    while True:
        while data[at] != 0xFF:
            at += 1
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if marker in _BARE_MARKERS:
            continue
        if marker in _UNSUPPORTED_SOF:
            raise UnreadablePixels(f"the JPEG process of marker FF{marker:02X} is retired and not decoded")
        if marker in (0xD9, 0xDA):
            raise UnreadablePixels("the JPEG stream has no frame header before its data")
        length = _u16(data, at)
        if marker in _SOF_KINDS:
            return _start_of_frame(data, at, marker, adobe, jfif)
        if marker == 0xE0 and data[at + 2 : at + 6] == b"JFIF":
            jfif = True
        if marker == 0xEE and data[at + 2 : at + 7] == b"Adobe" and length >= 14:
            adobe = data[at + 13]
        at += max(2, length)


def _start_of_frame(data: bytes, at: int, marker: int, adobe: int | None, jfif: bool) -> CodestreamHeader:
    count = data[at + 7]
    return CodestreamHeader(
        kind=_SOF_KINDS[marker],
        rows=_u16(data, at + 3),
        columns=_u16(data, at + 5),
        components=count,
        precision=data[at + 2],
        component_ids=tuple(data[at + 8 + 3 * index] for index in range(count)),
        adobe_transform=adobe,
        jfif=jfif,
    )


def _jpeg_2000_header(data: bytes) -> CodestreamHeader:
    """Read SIZ, then look for CAP (HTJ2K) and the COD component transform (ISO/IEC 15444-1 A.5)."""
    size = 4
    components = _u16(data, size + 36)
    depth = data[size + 38]
    kind, transform = JPEG_2000, False
    at = size + _u16(data, size)
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] not in (0x90, 0x93, 0xD9):
        marker = data[at + 1]
        if marker == 0x50 and _u32(data, at + 4) & 0x00020000:
            kind = HTJ2K
        if marker == 0x52:
            transform = data[at + 8] == 1
        at += 2 + _u16(data, at + 2)
    return CodestreamHeader(
        kind=kind,
        rows=_u32(data, size + 8) - _u32(data, size + 16),
        columns=_u32(data, size + 4) - _u32(data, size + 12),
        components=components,
        precision=(depth & 0x7F) + 1,
        signed=bool(depth & 0x80),
        component_transform=transform,
    )


def _jpeg_xl_header(data: bytes) -> CodestreamHeader:
    """Read the size header (ISO/IEC 18181-1); samples are left to the decoder."""
    bits = int.from_bytes(data[2:18], "little")
    if len(data) < 12:
        raise IndexError

    def take(count: int) -> int:
        nonlocal bits
        value = bits & ((1 << count) - 1)
        bits >>= count
        return value

    small = take(1)

    def extent() -> int:
        return (1 + take(5)) * 8 if small else 1 + take((9, 13, 18, 30)[take(2)])

    rows = extent()
    ratio = take(3)
    columns = extent() if ratio == 0 else rows * _JXL_RATIOS[ratio][0] // _JXL_RATIOS[ratio][1]
    return CodestreamHeader(JPEG_XL, rows, columns, 0, 0)


def _box(data: bytes, wanted: bytes) -> bytes:
    """Return the content of the first box of a type (ISO/IEC 15444-1 I.4)."""
    at = 0
    while at + 8 <= len(data):
        length, start = _u32(data, at), at + 8
        if length == 1:
            length, start = _u32(data, at + 8) << 32 | _u32(data, at + 12), at + 16
        end = len(data) if length == 0 else at + length
        if data[at + 4 : at + 8] == wanted:
            return data[start:end]
        if end <= at:
            break
        at = end
    raise UnreadablePixels("the compressed frame's container holds no codestream")
