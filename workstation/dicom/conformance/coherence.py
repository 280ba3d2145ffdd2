"""Rules between elements: file meta and data set, bits, windows, orientation, frames and their number (K8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from workstation.dicom import attributes as a
from workstation.dicom import vocabulary as v
from workstation.dicom.charset import is_declared
from workstation.dicom.conformance.findings import Remark, deviation, error, hint
from workstation.dicom.conformance.rules import name_of
from workstation.dicom.conformance.tables import PER_FRAME
from workstation.dicom.pixel_budget import frame_bits
from workstation.wording import phrase

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from workstation.dicom.read import PixelDataLocation

TOLERANCE = 1e-3


class Placed(NamedTuple):
    """A remark and the keyword of the element it is about."""

    keyword: str
    remark: Remark


def of_data_set(ds: Dataset) -> Iterator[Placed]:
    """Yield what doesn't fit together in a data set."""
    yield from _bits(ds)
    yield from _colour(ds)
    yield from _frames(ds)
    yield from _same_uid(ds)


def of_item(ds: Dataset) -> Iterator[Placed]:
    """Yield what doesn't fit together in the data set or in an item of it."""
    if v.tag_of("WindowCenter") in ds or v.tag_of("WindowWidth") in ds:
        yield from _window(ds)
    if v.tag_of("ImageOrientationPatient") in ds:
        yield from _orientation(ds)
    for keyword in ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing"):
        if v.tag_of(keyword) in ds and any(spacing <= 0 for spacing in a.numbers(ds, keyword)):
            yield Placed(keyword, error("spacing", phrase("A spacing is zero or negative."), "PS3.3 10.7.1.3"))


def of_pixels(ds: Dataset, location: PixelDataLocation) -> Iterator[Placed]:
    """Yield whether native pixel data has another length than its frames (PS3.5 8.1.1)."""
    rows, columns = a.integer(ds, "Rows"), a.integer(ds, "Columns")
    if not rows or not columns or location.length < 0:
        return
    frames = max(a.integer(ds, "NumberOfFrames") or 1, 1)
    asked = (frame_bits(ds, rows, columns) * frames + 7) // 8
    keyword = _PIXELS[location.tag]
    if location.length < asked:
        sentence = phrase(
            "There are {0} bytes of pixels; frames of {1} × {2} have {3}.",
            f"{location.length:,}",
            columns,
            rows,
            f"{asked:,}",
        )
        yield Placed(keyword, error("pixel-length", sentence, "PS3.5 8.1.1"))
    elif location.length > asked + asked % 2:
        sentence = phrase(
            "There are {0} bytes of pixels, more than the {1} of {2} frames.",
            f"{location.length:,}",
            f"{asked:,}",
            frames,
        )
        yield Placed(keyword, deviation("pixel-length", sentence, "PS3.5 8.1.1"))


_PIXELS = {v.FLOAT_PIXEL_DATA: "FloatPixelData", v.DOUBLE_PIXEL_DATA: "DoubleFloatPixelData", v.PIXEL_DATA: "PixelData"}


def of_file_meta(ds: Dataset) -> Iterator[Placed]:
    """Yield what the File Meta Information lacks, or says differently from the data set (PS3.10 7.1)."""
    meta = getattr(ds, "file_meta", None)
    if meta is None or not len(meta):
        yield Placed(
            "",
            deviation(
                "no-meta", phrase("There is no File Meta Information; the file is no Part 10 file."), "PS3.10 7.1"
            ),
        )
        return
    for keyword in _META:
        if not a.texts(meta, keyword) and not a.raw_value(meta, v.tag_of(keyword)):
            yield Placed(
                keyword,
                error(
                    "missing-1",
                    phrase("{0} (type 1) is missing in the File Meta Information.", _name(keyword)),
                    "PS3.10 7.1",
                ),
            )
    for theirs, ours in (("MediaStorageSOPClassUID", "SOPClassUID"), ("MediaStorageSOPInstanceUID", "SOPInstanceUID")):
        declared, found = a.text(meta, theirs), a.text(ds, ours)
        if declared and found and declared != found:
            yield Placed(
                theirs,
                error(
                    "meta-uid",
                    phrase("{0} differs from {1} of the data set.", _name(theirs), _name(ours)),
                    "PS3.10 7.1",
                ),
            )
    for tag in v.tags_of(meta):
        if tag >> 16 != 2:
            yield Placed(
                "",
                error("meta-group", phrase("The File Meta Information holds elements of other groups."), "PS3.10 7.1"),
            )
            return


_META = (
    "FileMetaInformationVersion",
    "MediaStorageSOPClassUID",
    "MediaStorageSOPInstanceUID",
    "TransferSyntaxUID",
    "ImplementationClassUID",
)


def _name(keyword: str) -> str:
    return name_of(v.tag_of(keyword))


def undeclared_text(ds: Dataset, raw: bytes) -> bool:
    """Tell whether text needs a Specific Character Set that isn't there (PS3.5 6.1.2)."""
    return not raw.isascii() and not is_declared(ds)


def _bits(ds: Dataset) -> Iterator[Placed]:
    allocated, stored, high = (a.integer(ds, keyword) for keyword in ("BitsAllocated", "BitsStored", "HighBit"))
    if allocated is not None and allocated != 1 and (allocated % 8 or allocated <= 0):
        yield Placed(
            "BitsAllocated", error("bits", phrase("Bits Allocated is neither 1 nor a multiple of 8."), "PS3.5 8.1.1")
        )
    if allocated is not None and stored is not None and not 0 < stored <= allocated:
        yield Placed(
            "BitsStored", error("bits", phrase("Bits Stored is zero or more than Bits Allocated."), "PS3.5 8.1.1")
        )
    if stored is not None and high is not None and high != stored - 1:
        yield Placed("HighBit", error("bits", phrase("High Bit is not Bits Stored less one."), "PS3.5 8.1.1"))


def _colour(ds: Dataset) -> Iterator[Placed]:
    photometric, samples = a.text(ds, "PhotometricInterpretation"), a.integer(ds, "SamplesPerPixel")
    if not photometric or samples is None:
        return
    grey = photometric.startswith("MONOCHROME") or photometric == "PALETTE COLOR"
    asked = 1 if grey else 4 if photometric in ("ARGB", "CMYK") else 3
    known = grey or photometric.startswith(("RGB", "YBR", "HSV", "ARGB", "CMYK", "XYB"))
    if known and samples != asked:
        yield Placed(
            "SamplesPerPixel",
            error(
                "samples",
                phrase("{0} has {1} samples per pixel, not {2}.", photometric, asked, samples),
                "PS3.3 C.7.6.3.1.1",
            ),
        )
    if grey and v.tag_of("PlanarConfiguration") in ds:
        yield Placed(
            "PlanarConfiguration",
            hint(
                "planar", phrase("Planar Configuration means nothing with one sample per pixel."), "PS3.3 C.7.6.3.1.3"
            ),
        )


def _frames(ds: Dataset) -> Iterator[Placed]:
    number = a.integer(ds, "NumberOfFrames")
    if v.tag_of("NumberOfFrames") in ds and (number is None or number < 1):
        yield Placed(
            "NumberOfFrames", error("frames", phrase("Number of Frames is empty or less than one."), "PS3.3 C.7.6.6")
        )
    if PER_FRAME in ds:
        items = len(a.items(ds, "PerFrameFunctionalGroupsSequence"))
        if number is not None and items and items != number:
            yield Placed(
                "PerFrameFunctionalGroupsSequence",
                error("frames", phrase("There are {0} items for {1} frames.", items, number), "PS3.3 C.7.6.16"),
            )


def _same_uid(ds: Dataset) -> Iterator[Placed]:
    keywords = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    found: dict[str, str] = {}
    for keyword in keywords:
        uid = a.text(ds, keyword)
        if uid and uid in found:
            yield Placed(
                keyword,
                error(
                    "same-uid",
                    phrase("{0} is the same as {1}.", _name(keyword), _name(found[uid])),
                    "PS3.5 9",
                ),
            )
        found.setdefault(uid, keyword)


def _window(ds: Dataset) -> Iterator[Placed]:
    centers, widths = a.components(ds, "WindowCenter"), a.components(ds, "WindowWidth")
    if centers and widths and len(centers) != len(widths):
        yield Placed(
            "WindowWidth",
            error(
                "window",
                phrase("There are {0} window centres and {1} widths.", len(centers), len(widths)),
                "PS3.3 C.11.2.1.2",
            ),
        )
    linear = a.text(ds, "VOILUTFunction") in ("", "LINEAR")
    least = 1 if linear else 0
    if any(width is not None and (width < least or width <= 0) for width in widths):
        sentence = phrase("A window width is not at least 1." if linear else "A window width is not more than 0.")
        yield Placed("WindowWidth", error("window", sentence, "PS3.3 C.11.2.1.2"))


def _orientation(ds: Dataset) -> Iterator[Placed]:
    found = a.vector(ds, "ImageOrientationPatient", 6)
    if found is None:
        return
    row, column = found[:3], found[3:]
    lengths = [sum(part * part for part in side) for side in (row, column)]
    between = sum(one * other for one, other in zip(row, column, strict=True))
    if any(abs(length - 1) > TOLERANCE for length in lengths) or abs(between) > TOLERANCE:
        yield Placed(
            "ImageOrientationPatient",
            error(
                "orientation",
                phrase("The direction cosines are not of length one and at right angles."),
                "PS3.3 C.7.6.2.1.1",
            ),
        )
