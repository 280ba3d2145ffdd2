"""Which object a file holds, by the first bytes of it (PS3.10 7.1): what its data set says, else its meta."""

from __future__ import annotations

import struct
from typing import Final

from workstation.errors import NotDicom
from workstation.network.data_set_head import LONG, Unreadable, object_named

LONGEST_HEAD: Final = 1 << 16
"""Bytes at the beginning of a file in which it has to say which object it is."""
_NAMED: Final = (0x0002, 0x0003, 0x0010)


def object_of_file(head: bytes) -> tuple[str, str, str]:
    """Return SOP Class, SOP Instance and transfer syntax UID of a file that begins like this.

    The data set's own UIDs count: they are what others refer to, and many a file was given new ones there alone.

    Raises
    ------
    NotDicom
    """
    if head[128:132] != b"DICM":
        raise NotDicom("It is no DICOM file: the prefix is missing.")
    meta, start = _meta(head)
    syntax = meta.get(0x0010, "")
    try:
        named = object_named(head[start:], syntax, whole=len(head) < LONGEST_HEAD) or (None, None)
    except Unreadable:
        named = (None, None)
    sop_class, instance = named[0] or meta.get(0x0002, ""), named[1] or meta.get(0x0003, "")
    if not instance:
        raise NotDicom("It is a DICOM file that does not say which object it holds.")
    return sop_class, instance, syntax


def _meta(head: bytes) -> tuple[dict[int, str], int]:
    """Return what the File Meta Information names, and where it ends."""
    found: dict[int, str] = {}
    place = 132
    while place + 8 <= len(head) and head[place : place + 2] == b"\2\0":
        number = int.from_bytes(head[place + 2 : place + 4], "little")
        start, form = (place + 12, "<I") if head[place + 4 : place + 6] in LONG else (place + 8, "<H")
        if start > len(head):
            break
        end = start + struct.unpack_from(form, head, start - struct.calcsize(form))[0]
        if number in _NAMED and end <= len(head):
            found[number] = head[start:end].decode("ascii", "replace").strip("\0 ")
        place = end
    return found, place
