"""Is compressed pixel data all there? Told from item headers, without decoding (A8, A10, PS3.5 A.4)."""

from __future__ import annotations

from struct import unpack
from typing import TYPE_CHECKING, BinaryIO

from workstation.dicom.sources import open_stream

if TYPE_CHECKING:
    from workstation.dicom.identity import Locator

_ITEM, _END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
MOST_FRAGMENTS = 1 << 20


def complete_fragments(locator: Locator, offset: int, size: int) -> tuple[int, bool] | None:
    """Return how many fragments are whole, and whether one is cut, where the file ends too early; else None.

    A file that ends in a Sequence Delimitation Item costs one read of eight bytes; only others are walked through,
    item by item. The Basic Offset Table is no fragment. Archive members are not looked at: that would inflate them.
    """
    if locator.member is not None:
        return None
    with open_stream(locator) as stream:
        stream.seek(max(offset, size - 8))
        if stream.read(8) == _END + bytes(4):
            return None
        return _walk(stream, offset, size)


def _walk(stream: BinaryIO, at: int, size: int) -> tuple[int, bool] | None:
    """Count the whole fragments before the end of the file; None where a delimiter comes first."""
    for count in range(-1, MOST_FRAGMENTS):
        stream.seek(at)
        head = stream.read(8)
        if not head:
            return max(count, 0), False
        if len(head) < 8 or head[:4] != _ITEM:
            # A delimiter, whole or cut, or no items any more: what the decoder makes of those is another matter.
            return (max(count, 0), True) if len(head) < 8 and head[:4] == _ITEM[: len(head)] else None
        at += 8 + unpack("<L", head[4:])[0]
        if at > size:
            return max(count, 0), True
    return None
