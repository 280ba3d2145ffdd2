"""Where the pixels of an open file lie, given those of another with the same pixel data header."""

from __future__ import annotations

import os

from workstation.dicom.identity import PixelPlace
from workstation.dicom.quick_build import builder

ITEM = b"\xfe\xff\x00\xe0"
DELIMITER = b"\xfe\xff\xdd\xe0\0\0\0\0"
_place = builder(PixelPlace)


def place_like(like: PixelPlace, at: int, data: bytes, descriptor: int) -> PixelPlace | None:
    """Return where the pixels of a file lie, None where they are not all there, or more is, or of another kind."""
    size = os.lseek(descriptor, 0, os.SEEK_END)
    available = size - at
    if like.encapsulated:
        if available < 8:
            return None
        os.lseek(descriptor, size - 8, os.SEEK_SET)
        if os.read(descriptor, 8) != DELIMITER:
            return None
    elif available != like.length or data[at : at + 4] == ITEM or (len(data) < at + 4 and size > len(data)):
        return None
    return _place((at, like.length, like.encapsulated, like.big_endian, available, size, False))
