"""What the inspector shows of a file: preamble, file meta, every element, one frame, a clinical page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.dicom.header_pages import ClinicalRow, FrameRow, clinical_rows, effective_frame_rows
from workstation.dicom.header_tree import (
    HeaderRow,
    children,
    every_row,
    full_value,
    header_rows,
    meta_rows,
    preamble_row,
)
from workstation.dicom.read import read_dataset

if TYPE_CHECKING:
    from workstation.dicom.identity import Locator
    from workstation.dicom.read import PixelDataLocation, ReadResult

__all__ = [
    "ClinicalRow",
    "FrameRow",
    "HeaderRow",
    "children",
    "clinical_rows",
    "effective_frame_rows",
    "every_row",
    "full_value",
    "header_rows",
    "meta_rows",
    "pixel_data_row",
    "preamble_block",
    "preamble_row",
    "top_rows",
]

_PIXEL_NAMES = {
    0x7FE00008: ("FloatPixelData", "Float Pixel Data"),
    0x7FE00009: ("DoubleFloatPixelData", "Double Float Pixel Data"),
    0x7FE00010: ("PixelData", "Pixel Data"),
}


def preamble_block(locator: Locator) -> list[HeaderRow]:
    """Return preamble and group 0002 as rows of their own block.

    Raises
    ------
    NotDicom, CorruptFile, UnreadableFile, TooLarge, PasswordNeeded
    """
    ds = read_dataset(locator, pixels_in_buffer=False).ds
    return [preamble_row(ds), *meta_rows(ds)]


def top_rows(result: ReadResult) -> list[HeaderRow]:
    """Return the rows of the data set, with one for the pixel data that was not read."""
    rows = header_rows(result.ds)
    return [*rows, pixel_data_row(result.pixel_data)] if result.pixel_data is not None else rows


def pixel_data_row(location: PixelDataLocation) -> HeaderRow:
    """Return the row of the pixel data: its kind and size, never its value."""
    keyword, name = _PIXEL_NAMES[location.tag]
    kind = "encapsulated" if location.encapsulated else "native"
    length = location.length if location.length >= 0 else location.available
    size = "" if length is None else f", {length:,} bytes" if location.length >= 0 else f", about {length:,} bytes"
    tag = f"({location.tag >> 16:04X},{location.tag & 0xFFFF:04X})"
    return HeaderRow(tag, keyword, name, location.vr, 1, f"{kind}{size}", path=(location.tag,))
