"""An instance in a native syntax, its values unchanged: what any medium and any peer can read (PS3.5 A.1, A.2)."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileDataset
from pydicom.tag import BaseTag

from workstation.dicom import vocabulary as v
from workstation.dicom.file_meta import file_meta
from workstation.dicom.read import read_dataset
from workstation.errors import TooLarge, UnreadablePixels, WorkstationError
from workstation.imaging.frame_access import FrameAccess, sample_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workstation.dicom.identity import Locator
    from workstation.dicom.read import ReadResult
    from workstation.imaging.decode import Samples

BUDGET: Final = 2 << 30
"""Bytes of pixel data that are unpacked at most: the whole is in memory."""
LONGEST: Final = 0xFFFFFFFE
_WORDS: Final = {"OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}
_LOSSY: Final = {
    "1.2.840.10008.1.2.4.50": "ISO_10918_1",
    "1.2.840.10008.1.2.4.51": "ISO_10918_1",
    "1.2.840.10008.1.2.4.81": "ISO_14495_1",
    "1.2.840.10008.1.2.4.91": "ISO_15444_1",
    "1.2.840.10008.1.2.4.203": "ISO_15444_15",
}
_OFFSET_TABLES: Final = ("ExtendedOffsetTable", "ExtendedOffsetTableLengths")


def native_file(locator: Locator, transfer_syntax_uid: str = v.EXPLICIT_LITTLE) -> bytes:
    """Return the file rewritten in Explicit (or Implicit) VR Little Endian, pixels unpacked, every value as before.

    Raises
    ------
    WorkstationError
        When the file cannot be read, its pixels cannot be decoded, or they are too large to be unpacked.
    """
    result = read_dataset(locator, stop_before_pixels=False)
    ds = result.ds
    if result.pixel_data is not None and result.pixel_data.encapsulated:
        _unpack(ds, result)
    elif not ds.original_encoding[1]:
        _swap(ds)
    elif result.pixel_data is not None and result.pixel_data.big_endian:
        _swap_pixels(ds)
    return part10_file(ds, transfer_syntax_uid)


def same_syntax_file(locator: Locator) -> bytes:
    """Return the file with new File Meta Information and the data set as it is, in its own Transfer Syntax.

    For files without a preamble, or whose meta information says something else than the data set.
    """
    result = read_dataset(locator, stop_before_pixels=False)
    if result.pixel_data is None or not result.pixel_data.encapsulated:
        return native_file(locator)
    return part10_file(result.ds, result.transfer_syntax_uid)


def part10_file(ds: Dataset, transfer_syntax_uid: str) -> bytes:
    """Return a data set as a file: a zero preamble, File Meta Information that fits, little endian (PS3.10 7.1)."""
    import pydicom

    if not (ds.get("SOPClassUID") and ds.get("SOPInstanceUID")):
        raise WorkstationError("it has no SOP Class UID or no SOP Instance UID.")
    meta = file_meta(ds.SOPClassUID, ds.SOPInstanceUID, transfer_syntax_uid)
    out = BytesIO()
    plain = Dataset({element.tag: element for element in _elements(ds)})
    implicit, little = ds.original_encoding
    plain.set_original_encoding(implicit, little, ds.original_character_set)
    try:
        file = FileDataset(out, plain, b"\0" * 128, meta, False, True)
        file.set_original_encoding(implicit, little, ds.original_character_set)
        pydicom.dcmwrite(out, file, enforce_file_format=True, overwrite=True)
    except WorkstationError:
        raise
    except Exception as error:
        raise WorkstationError(f"its data set cannot be written again ({type(error).__name__}).") from error
    return out.getvalue()


def _elements(ds: Dataset) -> list[Any]:
    """Return what a data set has but group lengths, which are retired and would be wrong, and File Meta Information."""
    return [ds.get_item(tag) for tag in sorted(ds.keys()) if tag & 0xFFFF and tag >> 16 not in (0x0000, 0x0002)]


def _unpack(ds: Dataset, result: ReadResult) -> None:
    """Put decoded samples in the place of compressed frames, and say so in the Image Pixel Module."""
    access = FrameAccess(result)
    fmt = access.format
    size = fmt.frame_bytes * fmt.number_of_frames
    if size > min(BUDGET, LONGEST):
        raise TooLarge(f"{result.locator.name}: its pixels would take {size >> 20} MiB unpacked.")
    frames, photometric = [], fmt.photometric
    for index in range(fmt.number_of_frames):
        samples = access.samples(index)
        if samples.complete_rows and samples.complete_rows < fmt.rows:
            raise UnreadablePixels(f"{result.locator.name}: frame {index + 1} is not whole.")
        frames.append(_cells(samples, access))
        photometric = samples.photometric
    if fmt.bits_allocated == 1:
        value = np.packbits(np.concatenate([frame.ravel() for frame in frames]), bitorder="little").tobytes()
    else:
        value = b"".join(frame.tobytes() for frame in frames)
    ds.PhotometricInterpretation = photometric
    if fmt.samples_per_pixel > 1:
        ds.PlanarConfiguration = 0
    vr = "OB" if fmt.bits_allocated <= 8 else "OW"
    tag = BaseTag(access.location.tag)
    ds[tag] = DataElement(tag, vr, value + b"\0" * (len(value) % 2))
    for keyword in _OFFSET_TABLES:
        ds.pop(keyword, None)
    if result.transfer_syntax_uid in _LOSSY and not ds.get("LossyImageCompression"):
        ds.LossyImageCompression = "01"
        ds.LossyImageCompressionMethod = _LOSSY[result.transfer_syntax_uid]


def _cells(samples: Samples, access: FrameAccess) -> NDArray[Any]:
    """Return a frame as cells of Bits Allocated, little endian, two's complement where signed; bits a byte each."""
    fmt = access.format
    if samples.values.dtype.kind == "f":
        return samples.values.astype(samples.values.dtype.newbyteorder("<"))
    if fmt.bits_allocated not in (1, 8, 16, 32):
        raise UnreadablePixels(f"cells of {fmt.bits_allocated} bits are not unpacked")
    values = sample_values(samples, fmt, encapsulated=True)
    if fmt.bits_allocated == 1:
        return values.astype(np.uint8)
    kind = "i" if fmt.signed else "u"
    shift = fmt.high_bit + 1 - fmt.bits_stored
    cells = values.astype(f"<{kind}{fmt.bits_allocated // 8}")
    return np.left_shift(cells, shift) if shift > 0 else cells


def _swap(ds: Dataset) -> None:
    """Turn the words of a big-endian data set around: pydicom writes such values as they are."""
    cell = int(ds.get("BitsAllocated") or 0) // 8
    for element in ds:
        if element.VR == "SQ":
            for item in element.value:
                _swap(item)
        elif (width := _WORDS.get(element.VR)) and isinstance(element.value, bytes):
            element.value = _turned(element.value, max(width, cell) if element.keyword == "PixelData" else width)


def _swap_pixels(ds: Dataset) -> None:
    """Turn the pixel words around of GE's private syntax, little endian but for these."""
    if isinstance(ds.get("PixelData"), bytes):
        ds["PixelData"].value = _turned(ds.PixelData, max(1, int(ds.get("BitsAllocated") or 0) // 8))


def _turned(value: bytes, width: int) -> bytes:
    """Return big-endian words of ``width`` bytes as little-endian ones; a rest that is no word stays."""
    whole = len(value) // width * width
    return np.frombuffer(value[:whole], f">u{width}").astype(f"<u{width}").tobytes() + value[whole:]
