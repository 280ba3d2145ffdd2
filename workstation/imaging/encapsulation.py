"""Where each frame lies inside encapsulated Pixel Data (PS3.5 A.4)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from struct import Struct, unpack
from typing import TYPE_CHECKING, BinaryIO, Final

from workstation.errors import UnreadablePixels
from workstation.imaging.codestream import SOI, starts_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

ITEM: Final = b"\xfe\xff\x00\xe0"
SEQUENCE_DELIMITER: Final = b"\xfe\xff\xdd\xe0"
UNDEFINED: Final = 0xFFFFFFFF
_HEADER: Final = Struct("<4sL")
_START_BYTES: Final = 12
_MOST_FRAGMENTS: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class Fragment:
    """One item of the sequence: where its tag stands relative to the first fragment, and its value."""

    item_offset: int
    offset: int
    length: int
    starts_frame: bool = False


@dataclass(frozen=True, slots=True)
class FragmentTable:
    """The items of encapsulated Pixel Data; ``offsets`` is the Basic Offset Table as written."""

    offsets: tuple[int, ...]
    fragments: tuple[Fragment, ...]
    notes: tuple[str, ...] = ()


def read_fragments(stream: BinaryIO, offset: int, length: int = -1) -> FragmentTable:
    """Walk the item tags from ``offset``, the first byte of the element's value.

    Only item headers and a few leading bytes are read, never whole fragments. A last item that runs past the
    end of the file is cut there and noted.
    """
    stream.seek(0, 2)
    size = stream.tell()
    end = size if length < 0 else min(size, offset + length)
    table, at, notes = _basic_offset_table(stream, offset, end)
    first = at
    fragments: list[Fragment] = []
    while at + 8 <= end and len(fragments) < _MOST_FRAGMENTS:
        stream.seek(at)
        tag, count = _HEADER.unpack(stream.read(8))
        if tag != ITEM:
            if tag != SEQUENCE_DELIMITER:
                notes.append("the fragments end without a sequence delimiter")
            break
        start = at + 8
        if count == UNDEFINED or start + count > end:
            notes.append("the last fragment is cut short by the end of the file")
            count = end - start
        head = stream.read(min(_START_BYTES, count))
        fragments.append(Fragment(at - first, start, count, starts_frame(head)))
        at = start + count
    return FragmentTable(table, tuple(fragments), tuple(notes))


def _basic_offset_table(stream: BinaryIO, offset: int, end: int) -> tuple[tuple[int, ...], int, list[str]]:
    """Return (offsets, where the first fragment's item stands, notes)."""
    stream.seek(offset)
    head = stream.read(8)
    if len(head) < 8 or head[:4] != ITEM:
        raise UnreadablePixels("the encapsulated pixel data do not begin with an item")
    length = _HEADER.unpack(head)[1]
    start = stream.read(min(length, _START_BYTES)) if length <= end - offset - 8 else b""
    if starts_frame(start) or length > end - offset - 8:
        # Some writers leave the table out altogether: the first item already is a fragment.
        return (), offset, ["the Basic Offset Table is missing"]
    stream.seek(offset + 8)
    content = stream.read(length - length % 4)
    return unpack(f"<{len(content) // 4}L", content), offset + 8 + length, []


def frames_of(
    table: FragmentTable, number_of_frames: int, *, extended_offsets: Sequence[int] = ()
) -> tuple[tuple[tuple[Fragment, ...], ...], tuple[str, ...]]:
    """Return each frame's fragments and sentences on tables that lied (A10).

    Tried in turn: the Extended or Basic Offset Table where every entry is an item's place, one fragment per
    frame, then the start-of-image markers. Fewer frames than asked for may come back, never more (A9).
    """
    fragments, notes = table.fragments, []
    if not fragments:
        raise UnreadablePixels("the encapsulated pixel data hold no fragment")
    if number_of_frames == 1:
        return _by_markers(fragments)[:1] if fragments[0].starts_frame else (fragments,), ()
    for name, offsets in (("Extended", tuple(extended_offsets)), ("Basic", table.offsets)):
        if not offsets:
            continue
        grouped = _by_offsets(fragments, offsets, number_of_frames)
        if grouped:
            return grouped, ()
        notes.append(f"the {name} Offset Table does not fit the fragments and is not used")
    if len(fragments) == number_of_frames:
        grouped = tuple((fragment,) for fragment in fragments[:number_of_frames])
    else:
        grouped = _by_markers(fragments)[:number_of_frames]
    if len(grouped) < number_of_frames:
        notes.append(f"pixel data hold {len(grouped)} of {number_of_frames} frames")
    return grouped, tuple(notes)


def _by_offsets(
    fragments: Sequence[Fragment], offsets: Sequence[int], number_of_frames: int
) -> tuple[tuple[Fragment, ...], ...]:
    """Group by a table whose entries all are item places in rising order; empty where they are not."""
    places = {fragment.item_offset: index for index, fragment in enumerate(fragments)}
    starts = [places.get(offset, -1) for offset in offsets]
    rising = all(a < b for a, b in pairwise(starts))
    if len(starts) != number_of_frames or starts[0] != 0 or not rising:
        return ()
    bounds = [*starts, len(fragments)]
    return tuple(tuple(fragments[a:b]) for a, b in pairwise(bounds))


def _by_markers(fragments: Sequence[Fragment]) -> tuple[tuple[Fragment, ...], ...]:
    """Group at the fragments that begin with a start-of-image marker."""
    starts = [index for index, fragment in enumerate(fragments) if fragment.starts_frame]
    if not starts:
        return tuple((fragment,) for fragment in fragments)
    bounds = [0, *starts[1:], len(fragments)]
    return tuple(tuple(fragments[a:b]) for a, b in pairwise(bounds))


def split_joined_frames(data: bytes) -> tuple[bytes, ...]:
    """Return the JPEG streams that lie one after the other in one fragment, by end and start markers."""
    parts, start = [], 0
    at = data.find(b"\xff\xd9")
    while at >= 0:
        follows = at + 2
        while follows < len(data) and data[follows] == 0 and follows < at + 4:
            follows += 1
        if data[follows : follows + 2] == SOI:
            parts.append(data[start:follows])
            start = follows
        at = data.find(b"\xff\xd9", at + 2)
    parts.append(data[start:])
    return tuple(parts)
