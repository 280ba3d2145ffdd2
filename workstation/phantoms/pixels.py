"""One small image in many pixel formats and transfer syntaxes (L2), each with the values it must decode to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from workstation.phantoms.headers import (
    SECONDARY_CAPTURE,
    Subject,
    attributes,
    new_object,
    pixel_data,
    set_pixels,
    set_series,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
JPEG_LS = "1.2.840.10008.1.2.4.80"
JPEG_LS_NEAR = "1.2.840.10008.1.2.4.81"
JPEG_2000_LOSSLESS = "1.2.840.10008.1.2.4.90"
JPEG_2000 = "1.2.840.10008.1.2.4.91"
HTJ2K_LOSSLESS = "1.2.840.10008.1.2.4.201"
RLE = "1.2.840.10008.1.2.5"

NATIVE = (IMPLICIT, EXPLICIT, DEFLATED, BIG_ENDIAN)
ROWS, COLUMNS = 24, 36
"""Rows and columns differ, and neither is a multiple of the codecs' blocks of 16 or 64."""


@dataclass(frozen=True, slots=True)
class PixelCase:
    """One format in one transfer syntax; ``tolerance`` is the greatest error of a lossy codec."""

    name: str
    transfer_syntax_uid: str
    photometric: str = "MONOCHROME2"
    bits_allocated: int = 16
    bits_stored: int = 12
    signed: bool = False
    planar: int = 0
    tolerance: int = 0

    @property
    def samples(self) -> int:
        """Samples per pixel."""
        return 3 if self.photometric in {"RGB", "YBR_FULL", "YBR_RCT"} else 1


@dataclass(frozen=True, slots=True)
class WrittenCase:
    """A written file and what its first frame must give.

    ``stored`` is (rows, columns), integer with the case's sign or float; for colour (rows, columns, 3) RGB of
    8 bits. A palette's ``stored`` holds indices.
    """

    case: PixelCase
    path: Path
    stored: NDArray[Any]


def _grey_cases() -> list[PixelCase]:
    cases = []
    for syntax in (*NATIVE, RLE, JPEG_LOSSLESS, JPEG_LS, JPEG_2000_LOSSLESS, HTJ2K_LOSSLESS):
        for allocated, stored, signed in (
            (8, 8, False),
            (16, 12, False),
            (16, 12, True),
            (16, 16, False),
            (16, 16, True),
        ):
            if signed and syntax == JPEG_LOSSLESS:
                continue  # left to native, RLE and JPEG-LS: the encoder at hand takes unsigned samples only
            name = f"grey {stored} bit {'signed' if signed else 'unsigned'}"
            cases.append(PixelCase(name, syntax, "MONOCHROME2", allocated, stored, signed))
    cases += [PixelCase("inverted 12 bit", EXPLICIT, "MONOCHROME1")]
    cases += [
        PixelCase(f"grey 32 bit {'signed' if signed else 'unsigned'}", syntax, "MONOCHROME2", 32, 32, signed)
        for syntax in NATIVE
        for signed in (False, True)
    ]
    cases += [PixelCase("one bit", EXPLICIT, "MONOCHROME2", 1, 1), PixelCase("one bit", IMPLICIT, "MONOCHROME2", 1, 1)]
    cases += [PixelCase("float", EXPLICIT, "MONOCHROME2", 32, 0), PixelCase("double", EXPLICIT, "MONOCHROME2", 64, 0)]
    cases += [
        PixelCase("grey 8 bit baseline", JPEG_BASELINE, "MONOCHROME2", 8, 8, tolerance=6),
        PixelCase("grey 12 bit near-lossless", JPEG_LS_NEAR, "MONOCHROME2", 16, 12, tolerance=2),
        PixelCase("grey 12 bit irreversible", JPEG_2000, "MONOCHROME2", 16, 12, tolerance=40),
    ]
    return cases


def _colour_cases() -> list[PixelCase]:
    cases = [
        PixelCase(f"RGB planar {planar}", syntax, "RGB", 8, 8, planar=planar) for syntax in NATIVE for planar in (0, 1)
    ]
    cases += [
        PixelCase("RGB", syntax, "RGB", 8, 8)
        for syntax in (RLE, JPEG_LS, JPEG_2000_LOSSLESS, HTJ2K_LOSSLESS, JPEG_LOSSLESS)
    ]
    cases += [PixelCase("RGB through RCT", syntax, "YBR_RCT", 8, 8) for syntax in (JPEG_2000_LOSSLESS, HTJ2K_LOSSLESS)]
    cases += [PixelCase("YBR full", syntax, "YBR_FULL", 8, 8, tolerance=2) for syntax in (EXPLICIT, RLE)]
    cases += [PixelCase("palette 8 bit", syntax, "PALETTE COLOR", 8, 8) for syntax in (EXPLICIT, BIG_ENDIAN, RLE)]
    return cases


CASES: tuple[PixelCase, ...] = (*_grey_cases(), *_colour_cases())


def write_case(folder: Path, case: PixelCase) -> WrittenCase:
    """Write the image of one case below ``folder`` and return it with its expected values."""
    subject = Subject("Phantom^Pixels", "PHANTOM-PX", study="pixels")
    ds = new_object(SECONDARY_CAPTURE, (case.name, case.transfer_syntax_uid), subject, "OT")
    set_series(ds, subject, case.transfer_syntax_uid, 1, case.name)
    attributes(ds, ConversionType="WSD", InstanceNumber=1, PatientOrientation="", Laterality="")
    if case.samples == 3:
        expected = colour()
        _set_colour(ds, case, expected)
    elif case.bits_stored == 0:
        expected = _set_float(ds, case)
    else:
        expected = grey(case)
        _set_grey(ds, case, expected)
    name = f"{case.name}.{case.transfer_syntax_uid}.dcm".replace(" ", "_")
    return WrittenCase(case, write(ds, folder / name, case.transfer_syntax_uid), expected)


def grey(case: PixelCase) -> NDArray[Any]:
    """Return stored values (rows, columns) that reach both ends of the case's range."""
    low, high = _range(case)
    row = np.arange(ROWS, dtype=np.float64)[:, None] / (ROWS - 1)
    column = np.arange(COLUMNS, dtype=np.float64)[None, :] / (COLUMNS - 1)
    share = 0.6 * column + 0.4 * row * row
    values = np.rint(low + share * (high - low)).astype(np.int64)
    kind = "i" if case.signed else "u"
    return values.astype(f"{kind}{max(case.bits_allocated, 8) // 8}")


def _range(case: PixelCase) -> tuple[int, int]:
    if case.signed:
        return -(1 << (case.bits_stored - 1)), (1 << (case.bits_stored - 1)) - 1
    return 0, (1 << case.bits_stored) - 1


def colour() -> NDArray[np.uint8]:
    """Return an RGB image (rows, columns, 3): a horizontal red, a vertical green and a diagonal blue ramp."""
    row, column = np.mgrid[0:ROWS, 0:COLUMNS]
    planes = (column * 255 // (COLUMNS - 1), row * 255 // (ROWS - 1), (row + column) * 4)
    return np.stack(planes, axis=-1).astype(np.uint8)


def _set_grey(ds: Dataset, case: PixelCase, values: NDArray[Any]) -> None:
    set_pixels(ds, values, case.bits_stored, case.photometric)
    attributes(ds, BitsAllocated=case.bits_allocated, HighBit=case.bits_stored - 1)
    if case.photometric == "PALETTE COLOR":
        _set_palette(ds)
    if case.bits_allocated == 1:
        packed = np.packbits(values.astype(np.uint8), bitorder="little")
        ds["PixelData"] = pixel_data(packed)
    else:
        _encode(ds, case, values)


def _set_palette(ds: Dataset) -> None:
    ramp = np.arange(256, dtype=np.uint16) * 257
    for name, entries in (("Red", ramp), ("Green", ramp[::-1]), ("Blue", np.roll(ramp, 128))):
        setattr(ds, f"{name}PaletteColorLookupTableDescriptor", [256, 0, 16])
        setattr(ds, f"{name}PaletteColorLookupTableData", entries.astype("<u2").tobytes())


def _set_colour(ds: Dataset, case: PixelCase, rgb: NDArray[np.uint8]) -> None:
    samples = ybr_full(rgb) if case.photometric == "YBR_FULL" else rgb
    set_pixels(ds, samples, 8, case.photometric)
    if case.planar:
        ds.PlanarConfiguration = 1
        samples = np.ascontiguousarray(np.moveaxis(samples, -1, 0))
    _encode(ds, case, samples)


def ybr_full(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return YBR_FULL samples of RGB (PS3.3 C.7.6.3.1.2)."""
    matrix = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])
    ybr = rgb.astype(np.float64) @ matrix.T + (0, 128, 128)
    rounded: NDArray[np.uint8] = np.clip(np.rint(ybr), 0, 255).astype(np.uint8)
    return rounded


def _set_float(ds: Dataset, case: PixelCase) -> NDArray[Any]:
    """Fill Float or Double Float Pixel Data (PS3.3 C.7.6.24); such objects have no Bits Stored."""
    dtype = np.dtype("<f4") if case.bits_allocated == 32 else np.dtype("<f8")
    values = np.linspace(-1.5, 2.5, ROWS * COLUMNS).reshape(ROWS, COLUMNS).astype(dtype)
    attributes(
        ds,
        SamplesPerPixel=1,
        PhotometricInterpretation=case.photometric,
        Rows=ROWS,
        Columns=COLUMNS,
        BitsAllocated=case.bits_allocated,
    )
    keyword = "FloatPixelData" if case.bits_allocated == 32 else "DoubleFloatPixelData"
    setattr(ds, keyword, values.tobytes())
    return values


def _encode(ds: Dataset, case: PixelCase, values: NDArray[Any]) -> None:
    syntax = case.transfer_syntax_uid
    if syntax in NATIVE:
        order = values.dtype.newbyteorder(">" if syntax == BIG_ENDIAN else "<")
        ds["PixelData"] = pixel_data(values)
        ds["PixelData"].value = _even(values.astype(order).tobytes())
        return
    from pydicom.encaps import encapsulate

    frame = rle(values) if syntax == RLE else ENCODERS[syntax](values, case)
    ds["PixelData"] = pixel_data(values)
    ds["PixelData"].VR = "OB"
    ds["PixelData"].value = encapsulate([frame], has_bot=True)
    ds["PixelData"].is_undefined_length = True
    if case.tolerance and case.photometric != "YBR_FULL":
        method = {JPEG_BASELINE: "ISO_10918_1", JPEG_LS_NEAR: "ISO_14495_1", JPEG_2000: "ISO_15444_1"}[syntax]
        attributes(
            ds,
            LossyImageCompression="01",
            LossyImageCompressionRatio="4",
            LossyImageCompressionMethod=method,
        )


def _even(raw: bytes) -> bytes:
    return raw + b"\0" * (len(raw) % 2)


def rle(values: NDArray[Any]) -> bytes:
    """Return an RLE Lossless frame: one segment per byte of each sample, high byte first (PS3.5 annex G)."""
    size = values.dtype.itemsize
    planes = values[..., None] if values.ndim == 2 else values
    raw = planes.astype(planes.dtype.newbyteorder(">")).tobytes()
    samples = planes.shape[-1]
    octets = np.frombuffer(raw, np.uint8).reshape(*planes.shape, size)
    segments = [_packbits(octets[:, :, s, b]) for s in range(samples) for b in range(size)]
    offsets = np.zeros(16, "<u4")
    offsets[0] = len(segments)
    offsets[1 : len(segments) + 1] = 64 + np.cumsum([0, *(len(s) for s in segments[:-1])])
    return offsets.tobytes() + b"".join(segments)


def _packbits(plane: NDArray[np.uint8]) -> bytes:
    """Return one segment: runs of equal bytes and literal runs, each row by itself (PS3.5 G.3.1)."""
    out = bytearray()
    for row in plane:
        data = row.tobytes()
        start = 0
        while start < len(data):
            run = start + 1
            while run < len(data) and run - start < 128 and data[run] == data[start]:
                run += 1
            if run - start > 2:
                out += bytes((257 - (run - start), data[start]))
                start = run
                continue
            end = start + 1
            while end < len(data) and end - start < 128 and data[end : end + 3] != data[end : end + 1] * 3:
                end += 1
            out += bytes((end - start - 1,)) + data[start:end]
            start = end
    return _even(bytes(out))


def _jpeg_baseline(values: NDArray[Any], case: PixelCase) -> bytes:
    import imagecodecs

    return bytes(imagecodecs.jpeg8_encode(values, level=95))


def _jpeg_lossless(values: NDArray[Any], case: PixelCase) -> bytes:
    import imagecodecs

    return bytes(imagecodecs.jpeg8_encode(values, lossless=True, predictor=1, bitspersample=case.bits_stored))


def _jpeg_ls(values: NDArray[Any], case: PixelCase) -> bytes:
    import imagecodecs

    # The codec takes unsigned samples: a signed one is stored as its 16-bit pattern, sign bits included.
    samples = values.view(f"u{values.dtype.itemsize}")
    return bytes(imagecodecs.jpegls_encode(samples, level=case.tolerance))


def _jpeg_2000(values: NDArray[Any], case: PixelCase) -> bytes:
    import imagecodecs

    return bytes(
        imagecodecs.jpeg2k_encode(
            values,
            level=0 if not case.tolerance else 60,
            codecformat="j2k",
            mct=case.photometric == "YBR_RCT",
            reversible=not case.tolerance,
            bitspersample=case.bits_stored,
        )
    )


def _htj2k(values: NDArray[Any], case: PixelCase) -> bytes:
    import imagecodecs

    return bytes(imagecodecs.htj2k_encode(values, rgb=case.photometric == "YBR_RCT"))


ENCODERS: dict[str, Callable[[NDArray[Any], PixelCase], bytes]] = {
    JPEG_BASELINE: _jpeg_baseline,
    JPEG_LOSSLESS: _jpeg_lossless,
    JPEG_LS: _jpeg_ls,
    JPEG_LS_NEAR: _jpeg_ls,
    JPEG_2000_LOSSLESS: _jpeg_2000,
    JPEG_2000: _jpeg_2000,
    HTJ2K_LOSSLESS: _htj2k,
}
