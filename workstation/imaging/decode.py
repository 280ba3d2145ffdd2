"""Compressed frames to samples: a table from transfer syntax to decoder (PS3.5 A.4).

imagecodecs decodes first; pydicom's decoders, in a process of their own, are the second opinion (A29).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workstation.errors import UnreadablePixels, UnsupportedTransferSyntax
from workstation.imaging import codestream
from workstation.imaging.codestream import CodestreamHeader, codestream_header
from workstation.imaging.isolation import decode_isolated
from workstation.imaging.pixel_format import YBR, PixelFormat
from workstation.imaging.samples import native_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]

RLE: Final = "RLE"
DEFLATED_FRAME: Final = "deflated frame"
_COMPONENT_IDS_RGB: Final = (0x52, 0x47, 0x42)
_NATIVE: Final = {
    "1.2.840.10008.1.2": "Implicit VR Little Endian",
    "1.2.840.10008.1.2.1": "Explicit VR Little Endian",
    "1.2.840.10008.1.2.1.99": "Deflated Explicit VR Little Endian",
    "1.2.840.10008.1.2.2": "Explicit VR Big Endian",
}
_NOT_SHOWN: Final = {
    "1.2.840.10008.1.2.4.94": "JPIP Referenced",
    "1.2.840.10008.1.2.4.95": "JPIP Referenced Deflate",
    "1.2.840.10008.1.2.4.100": "MPEG2 Main Profile / Main Level",
    "1.2.840.10008.1.2.4.101": "MPEG2 Main Profile / High Level",
    "1.2.840.10008.1.2.4.102": "MPEG-4 AVC/H.264 High Profile / Level 4.1",
    "1.2.840.10008.1.2.4.103": "MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1",
    "1.2.840.10008.1.2.4.104": "MPEG-4 AVC/H.264 High Profile / Level 4.2 for 2D video",
    "1.2.840.10008.1.2.4.105": "MPEG-4 AVC/H.264 High Profile / Level 4.2 for 3D video",
    "1.2.840.10008.1.2.4.106": "MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2",
    "1.2.840.10008.1.2.4.107": "HEVC/H.265 Main Profile / Level 5.1",
    "1.2.840.10008.1.2.4.108": "HEVC/H.265 Main 10 Profile / Level 5.1",
    "1.2.840.10008.1.2.4.204": "JPIP HTJ2K Referenced",
    "1.2.840.10008.1.2.4.205": "JPIP HTJ2K Referenced Deflate",
}


@dataclass(frozen=True, slots=True)
class Samples:
    """Samples as a decoder gives them.

    ``values`` is (rows, columns) or (rows, columns, 3); ``photometric`` is the colour space they are in *now*
    (C2); ``precision`` the bits that carry value, 0 where only the header knows; ``signed`` whether they carry
    their sign already (B4). ``complete_rows`` counts rows that were really decoded.
    """

    values: Array
    photometric: str
    precision: int = 0
    signed: bool = False
    complete_rows: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decoder:
    """One row of the table: what a transfer syntax is called and which codestream it holds."""

    name: str
    kind: str
    codec: str


@dataclass(frozen=True, slots=True)
class DecoderInfo:
    """A decoder as ``selftest`` and Help list it."""

    transfer_syntax_uid: str
    name: str
    codec: str
    version: str
    available: bool


DECODERS: Final[Mapping[str, Decoder]] = {
    "1.2.840.10008.1.2.5": Decoder("RLE Lossless", RLE, "dicomrle"),
    "1.2.840.10008.1.2.4.50": Decoder("JPEG Baseline (Process 1)", codestream.JPEG, "jpeg8"),
    "1.2.840.10008.1.2.4.51": Decoder("JPEG Extended (Process 2 and 4)", codestream.JPEG, "jpeg8"),
    "1.2.840.10008.1.2.4.57": Decoder("JPEG Lossless (Process 14)", codestream.JPEG_LOSSLESS, "jpeg8"),
    "1.2.840.10008.1.2.4.70": Decoder(
        "JPEG Lossless (Process 14, Selection Value 1)", codestream.JPEG_LOSSLESS, "jpeg8"
    ),
    "1.2.840.10008.1.2.4.80": Decoder("JPEG-LS Lossless", codestream.JPEG_LS, "jpegls"),
    "1.2.840.10008.1.2.4.81": Decoder("JPEG-LS Near-lossless", codestream.JPEG_LS, "jpegls"),
    "1.2.840.10008.1.2.4.90": Decoder("JPEG 2000 (Lossless Only)", codestream.JPEG_2000, "jpeg2k"),
    "1.2.840.10008.1.2.4.91": Decoder("JPEG 2000", codestream.JPEG_2000, "jpeg2k"),
    "1.2.840.10008.1.2.4.92": Decoder("JPEG 2000 Part 2 (Lossless Only)", codestream.JPEG_2000, "jpeg2k"),
    "1.2.840.10008.1.2.4.93": Decoder("JPEG 2000 Part 2", codestream.JPEG_2000, "jpeg2k"),
    "1.2.840.10008.1.2.4.110": Decoder("JPEG XL Lossless", codestream.JPEG_XL, "jpegxl"),
    "1.2.840.10008.1.2.4.111": Decoder("JPEG XL JPEG Recompression", codestream.JPEG_XL, "jpegxl"),
    "1.2.840.10008.1.2.4.112": Decoder("JPEG XL", codestream.JPEG_XL, "jpegxl"),
    "1.2.840.10008.1.2.4.201": Decoder("HTJ2K (Lossless Only)", codestream.HTJ2K, "jpeg2k"),
    "1.2.840.10008.1.2.4.202": Decoder("HTJ2K RPCL (Lossless Only)", codestream.HTJ2K, "jpeg2k"),
    "1.2.840.10008.1.2.4.203": Decoder("HTJ2K", codestream.HTJ2K, "jpeg2k"),
    "1.2.840.10008.1.2.8.1": Decoder("Deflated Image Frame Compression", DEFLATED_FRAME, "zlib"),
}


def transfer_syntax_name(uid: str) -> str:
    """Return a transfer syntax's name, the UID itself where it is not known."""
    if uid in DECODERS:
        return DECODERS[uid].name
    return _NATIVE.get(uid) or _NOT_SHOWN.get(uid) or uid or "no transfer syntax"


def available_decoders() -> list[DecoderInfo]:
    """Return every transfer syntax and whether its decoder is present in this installation."""
    native = [DecoderInfo(uid, name, "numpy", np.__version__, True) for uid, name in _NATIVE.items()]
    return native + [
        DecoderInfo(uid, decoder.name, decoder.codec, *_codec_presence(decoder.codec))
        for uid, decoder in DECODERS.items()
    ]


@cache
def _codec_presence(codec: str) -> tuple[str, bool]:
    if codec == "zlib":
        return zlib.ZLIB_RUNTIME_VERSION, True
    import imagecodecs

    present = bool(getattr(imagecodecs, codec.upper(), None) and getattr(imagecodecs, codec.upper()).available)
    return (str(getattr(imagecodecs, f"{codec}_version")()) if present else ""), present


def decoder_name(kind: str, transfer_syntax_uid: str) -> str:
    """Return the library that decodes a kind of codestream, with its version."""
    declared = DECODERS.get(transfer_syntax_uid)
    codec = next((row.codec for row in DECODERS.values() if row.kind == kind), declared.codec if declared else "")
    return _codec_presence(codec)[0].replace("_", "-") if codec != "zlib" else f"zlib {_codec_presence(codec)[0]}"


def components_of(data: bytes, fmt: PixelFormat) -> Array | None:
    """Return the luminance and chrominances a DCT JPEG frame holds, which its decoder turns into RGB; None of others.

    Only for telling what was stored: what is shown is decoded by :func:`decode_frame`.
    """
    header = codestream_header(data)
    if header is None or header.kind != codestream.JPEG or header.components != 3:
        return None
    if jpeg_color_space(header, fmt.photometric) == "RGB":
        return None
    import imagecodecs

    try:
        return np.asarray(imagecodecs.jpeg8_decode(data, colorspace="YCBCR", outcolorspace="YCBCR"))
    except Exception:  # a damaged stream, which the second decoder may have read
        return None


def decode_frame(data: bytes, fmt: PixelFormat, out: Array | None = None) -> Samples:
    """Decode one compressed frame after checking its own header against the data set's (A28).

    What the codestream says of its kind wins over the transfer syntax, with a note (A7). ``out``, C-contiguous cells
    (rows, columns) of fmt's size, may be decoded into: the values then are a view of it, else a new array.

    Raises
    ------
    UnsupportedTransferSyntax
        When nothing here decodes the transfer syntax; the sentence names it.
    UnreadablePixels
        When size, components or precision contradict the data set, or the stream cannot be decoded.
    """
    declared = DECODERS.get(fmt.transfer_syntax_uid)
    header = codestream_header(data)
    if declared is None and (header is None or fmt.transfer_syntax_uid in _NOT_SHOWN):
        raise UnsupportedTransferSyntax(
            f"no decoder for transfer syntax {transfer_syntax_name(fmt.transfer_syntax_uid)}"
        )
    notes: list[str] = []
    kind = header.kind if header else declared.kind if declared else ""
    if header is None and kind not in (RLE, DEFLATED_FRAME):
        raise UnreadablePixels(f"the frame holds no {kind} codestream")
    if declared is None or (kind != declared.kind and {kind, declared.kind} != _SAME_FAMILY):
        notes.append(f"transfer syntax says {transfer_syntax_name(fmt.transfer_syntax_uid)}, the frame is {kind}")
    if header:
        check_header(header, fmt, notes)
    samples = _FUNCTIONS[kind](Job(data, fmt, header, notes, _target(out, fmt, header)))
    return _fitted(samples, fmt, notes)


@dataclass(frozen=True, slots=True)
class Job:
    """One frame to decode: its bytes, what data set and codestream say of it, and where the cells may go."""

    data: bytes
    fmt: PixelFormat
    header: CodestreamHeader | None
    notes: list[str]
    out: Array | None = None


def _target(out: Array | None, fmt: PixelFormat, header: CodestreamHeader | None) -> Array | None:
    """Return ``out`` as the codec wants it, None where its result would not fit."""
    if out is None or header is None or (header.rows, header.columns) != out.shape or fmt.samples_per_pixel != 1:
        return out if header is None else None
    size = 1 if header.precision <= 8 else 2
    return out.view(f"{'i' if header.signed else 'u'}{size}") if out.itemsize == size and header.precision else None


DAMAGED: Final = "the compressed frame is damaged; what a second decoder made of it is shown"
_SAME_FAMILY: Final = {codestream.JPEG_2000, codestream.HTJ2K}


def check_header(header: CodestreamHeader, fmt: PixelFormat, notes: list[str]) -> None:
    """Refuse a codestream that does not fit the data set; note what merely differs (A28).

    Raises
    ------
    UnreadablePixels
        When the stream is larger than Rows x Columns, has other components, or deeper samples than its cells.
    """
    size = f"{header.columns} × {header.rows}"
    if header.rows > fmt.rows or header.columns > fmt.columns:
        raise UnreadablePixels(
            f"the {header.kind} frame is {size}, the header says {fmt.columns} × {fmt.rows}: not decoded"
        )
    if header.rows < 1 or header.columns < 1:
        raise UnreadablePixels(f"the {header.kind} frame has no pixels ({size})")
    if header.components and header.components != fmt.samples_per_pixel:
        raise UnreadablePixels(
            f"the {header.kind} frame has {header.components} components, "
            f"the header says {fmt.samples_per_pixel}: not decoded"
        )
    if header.precision > fmt.bits_allocated:
        raise UnreadablePixels(
            f"the {header.kind} frame has {header.precision} bits, more than Bits Allocated {fmt.bits_allocated}"
        )
    if header.precision and header.precision != fmt.bits_stored:
        notes.append(f"the {header.kind} frame has {header.precision} bits, Bits Stored is {fmt.bits_stored}")


def jpeg_color_space(header: CodestreamHeader, photometric: str) -> str:
    """Return "RGB" or "YBR_FULL": what a three-component DCT JPEG stream really holds (C5).

    Component identifiers 'R', 'G', 'B' come first, then the Adobe transform, then a JFIF segment, which
    always means YCbCr; without any of them the data set is believed.
    """
    if header.component_ids == _COMPONENT_IDS_RGB or header.adobe_transform == 0:
        return "RGB"
    if header.adobe_transform == 1 or header.jfif:
        return "YBR_FULL"
    return "YBR_FULL" if photometric in YBR else "RGB"


def _jpeg(job: Job) -> Samples:
    import imagecodecs

    header, fmt = job.header, job.fmt
    assert header is not None
    if header.components == 1:
        values = _attempt(lambda out: imagecodecs.jpeg8_decode(job.data, out=out), job)
        return Samples(values, fmt.photometric, header.precision)
    space = {"RGB": "RGB", "YBR_FULL": "YCBCR"}[jpeg_color_space(header, fmt.photometric)]
    values = _attempt(
        lambda out: imagecodecs.jpeg8_decode(job.data, colorspace=space, outcolorspace="RGB", out=out), job
    )
    return Samples(values, "RGB", header.precision)


def _jpeg_lossless(job: Job) -> Samples:
    """Decode SOF3; colour is exactly what the data set says, no implicit transform (C6)."""
    import imagecodecs

    assert job.header is not None
    space = None if job.header.components == 1 else "RGB"
    values = _attempt(
        lambda out: imagecodecs.jpeg8_decode(job.data, colorspace=space, outcolorspace=space, out=out), job
    )
    return Samples(values, _as_full(job.fmt.photometric), job.header.precision)


def _jpeg_ls(job: Job) -> Samples:
    import imagecodecs

    assert job.header is not None
    # CharLS spends seconds on a stream that ends without a marker; with one it refuses at once.
    ended = job.data if codestream.EOI in job.data[-3:] else job.data + codestream.EOI
    values = _attempt(lambda out: imagecodecs.jpegls_decode(ended, out=out), job)
    return Samples(values, _as_full(job.fmt.photometric), job.header.precision)


def _jpeg_2000(job: Job) -> Samples:
    """Decode JPEG 2000 and HTJ2K; a component transform inside the stream already gives RGB (C4)."""
    import imagecodecs

    header, fmt = job.header, job.fmt
    assert header is not None
    # HTJ2K goes to OpenJPEG too. OpenJPH is faster, but lets overshoots of irreversible streams wrap around,
    # hangs on some damaged streams and prints its errors instead of raising them.
    values = _attempt(lambda out: imagecodecs.jpeg2k_decode(job.data, planar=False, numthreads=1, out=out), job)
    converted = header.component_transform or fmt.photometric in ("YBR_ICT", "YBR_RCT")
    space = "RGB" if fmt.is_color and converted else _as_full(fmt.photometric)
    return Samples(values, space, header.precision, signed=header.signed)


def _jpeg_xl(job: Job) -> Samples:
    import imagecodecs

    values = _attempt(lambda out: imagecodecs.jpegxl_decode(job.data, numthreads=1, out=out), replace(job, out=None))
    return Samples(values, "RGB" if job.fmt.is_color else job.fmt.photometric)


def _rle(job: Job) -> Samples:
    """Decode PS3.5 Annex G: one segment per byte plane, planes always apart (C1)."""
    import imagecodecs

    fmt = job.fmt
    planes = replace(fmt, planar_configuration=1, photometric=_as_full(fmt.photometric))
    dtype = "u1" if fmt.bits_allocated == 1 else f"<u{fmt.bits_allocated // 8}"
    fits = job.out is not None and job.out.nbytes == planes.frame_bytes
    cells = job.out.reshape(-1).view(np.uint8) if job.out is not None and fits else np.empty(planes.frame_bytes, "u1")
    try:
        content: Any = imagecodecs.dicomrle_decode(job.data, dtype, out=cells.data)
        if len(content) < cells.nbytes:
            # A damaged segment leaves cells unwritten: they shall be zero, not what the memory held before.
            cells.fill(0)
            content = imagecodecs.dicomrle_decode(job.data, dtype, out=cells.data)
    except Exception as error:
        second = decode_isolated(job.data, fmt)
        if second is None:
            raise UnreadablePixels(f"the RLE frame cannot be decoded: {error}") from error
        job.notes.append(DAMAGED)
        return Samples(second, planes.photometric)
    frame = native_frame(memoryview(content), planes)
    return Samples(frame.samples, planes.photometric, complete_rows=frame.complete_rows)


def _deflated(job: Job) -> Samples:
    """Inflate one frame with a byte budget (PS3.5 A.4.12, A4)."""
    fmt = job.fmt
    try:
        content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(job.data, fmt.frame_bytes)
    except zlib.error as error:
        raise UnreadablePixels(f"the deflated frame cannot be inflated: {error}") from error
    frame = native_frame(content, fmt)
    return Samples(frame.samples, _as_full(fmt.photometric), complete_rows=frame.complete_rows)


_FUNCTIONS: Final[Mapping[str, Callable[[Job], Samples]]] = {
    RLE: _rle,
    DEFLATED_FRAME: _deflated,
    codestream.JPEG: _jpeg,
    codestream.JPEG_LOSSLESS: _jpeg_lossless,
    codestream.JPEG_LS: _jpeg_ls,
    codestream.JPEG_2000: _jpeg_2000,
    codestream.HTJ2K: _jpeg_2000,
    codestream.JPEG_XL: _jpeg_xl,
}


def _as_full(photometric: str) -> str:
    """Name the colour space of decoded samples that are no longer subsampled."""
    return "YBR_FULL" if photometric == "YBR_FULL_422" else photometric


def _attempt(decode: Callable[[Array | None], Array], job: Job) -> Array:
    """Run a codec; on failure ask pydicom's decoders in their own process (A29).

    Raises
    ------
    UnreadablePixels
        When both refuse; the sentence carries the first refusal.
    """
    try:
        return decode(job.out)
    except MemoryError as error:
        raise UnreadablePixels("not enough memory to decode the frame") from error
    except Exception as error:  # every codec has an error class of its own, none in common
        second = decode_isolated(job.data, job.fmt)
        if second is None:
            name = transfer_syntax_name(job.fmt.transfer_syntax_uid)
            raise UnreadablePixels(f"the {name} frame cannot be decoded: {error}") from error
        job.notes.append(DAMAGED)
        return second


def _fitted(samples: Samples, fmt: PixelFormat, notes: list[str]) -> Samples:
    """Check the decoded shape; a smaller picture keeps its place in the upper left corner (A28)."""
    values = samples.values
    if fmt.samples_per_pixel == 1 and values.ndim == 3 and values.shape[2] == 1:
        values = values[:, :, 0]
    wanted = (fmt.rows, fmt.columns) if fmt.samples_per_pixel == 1 else (fmt.rows, fmt.columns, 3)
    complete = samples.complete_rows or min(fmt.rows, values.shape[0])
    if values.shape != wanted:
        if values.ndim != len(wanted) or values.shape[2:] != wanted[2:]:
            raise UnreadablePixels(f"the frame decodes to shape {values.shape}, expected {wanted}")
        if values.shape[0] > fmt.rows or values.shape[1] > fmt.columns:
            raise UnreadablePixels(f"the frame decodes to shape {values.shape}, expected {wanted}")
        notes.append(f"the frame is {values.shape[1]} × {values.shape[0]}, smaller than the header says")
        whole = np.zeros(wanted, values.dtype)
        whole[: values.shape[0], : values.shape[1]] = values
        values = whole
    return replace(samples, values=values, complete_rows=complete, notes=(*samples.notes, *notes))
