from __future__ import annotations

from io import BytesIO
from struct import pack

import pytest

from workstation.errors import UnreadablePixels
from workstation.imaging.encapsulation import frames_of, read_fragments, split_joined_frames

START, REST = b"\xff\xd8\xff\xe0", b"\x11\x22"


def item(content: bytes) -> bytes:
    return b"\xfe\xff\x00\xe0" + pack("<L", len(content)) + content


def encapsulated(fragments: list[bytes], table: list[int] | None = None, *, end: bytes | None = None) -> bytes:
    offsets = b"" if table is None else pack(f"<{len(table)}L", *table)
    delimiter = b"\xfe\xff\xdd\xe0\0\0\0\0" if end is None else end
    return b"".join([item(offsets), *map(item, fragments), delimiter])


def lengths(data: bytes, number_of_frames: int, **more: tuple[int, ...]) -> list[list[int]]:
    frames, _ = frames_of(read_fragments(BytesIO(data), 0), number_of_frames, **more)
    return [[fragment.length for fragment in frame] for frame in frames]


TWO_FRAMES = [START + b"ab", REST, START + b"abcd", REST]


def test_an_offset_table_that_fits_is_believed() -> None:
    """A10: every entry is the place of an item."""
    assert lengths(encapsulated(TWO_FRAMES, [0, 24]), 2) == [[6, 2], [8, 2]]


@pytest.mark.parametrize("table", [None, [0, 23], [24, 0], [0], [0, 14, 24], [4, 24]])
def test_an_empty_or_wrong_offset_table_is_not(table: list[int] | None) -> None:
    """A10: start-of-image markers find the frames instead."""
    assert lengths(encapsulated(TWO_FRAMES, table), 2) == [[6, 2], [8, 2]]


def test_an_extended_offset_table_is_used() -> None:
    """A10: 64-bit offsets, Basic Offset Table empty."""
    fragments = [b"aa", b"bb", b"cc"]
    assert lengths(encapsulated(fragments), 2, extended_offsets=(0, 10)) == [[2], [2, 2]]


def test_as_many_fragments_as_frames_are_one_each() -> None:
    """A10: even without markers."""
    assert lengths(encapsulated([b"aa", b"bbbb"]), 2) == [[2], [4]]


def test_all_fragments_belong_to_a_single_frame() -> None:
    """A10: fragments without a marker continue the one before."""
    assert lengths(encapsulated([START, REST, REST]), 1) == [[4, 2, 2]]


def test_frames_beyond_the_stated_number_are_left_out() -> None:
    """A9: exactly Number of Frames."""
    assert lengths(encapsulated([START, START, START]), 1) == [[4]]


def test_missing_frames_are_counted() -> None:
    """A10: two of three."""
    frames, notes = frames_of(read_fragments(BytesIO(encapsulated([START, REST, START, REST])), 0), 3)
    assert len(frames) == 2
    assert notes == ("pixel data hold 2 of 3 frames",)


def test_a_missing_delimiter_ends_at_the_file() -> None:
    """A5, A10: the last fragment is cut, not lost."""
    data = encapsulated([START + b"abcd"], end=b"")[:-2]
    table = read_fragments(BytesIO(data), 0)
    assert [fragment.length for fragment in table.fragments] == [6]
    assert "cut short" in table.notes[0]


def test_a_delimiter_inside_a_fragment_is_data() -> None:
    """A10: items are walked by their lengths."""
    assert lengths(encapsulated([START + b"\xfe\xff\xdd\xe0\0\0\0\0", START]), 2) == [[12], [4]]


def test_a_missing_offset_table_item_is_noticed() -> None:
    """A10: the first item already is a frame."""
    data = item(START + REST) + b"\xfe\xff\xdd\xe0\0\0\0\0"
    table = read_fragments(BytesIO(data), 0)
    assert [fragment.length for fragment in table.fragments] == [6]


def test_a_length_beyond_the_file_allocates_nothing() -> None:
    """A37: 0xFFFFFFF0 in a short file."""
    data = item(b"") + b"\xfe\xff\x00\xe0" + pack("<L", 0xFFFFFFF0) + START
    assert [fragment.length for fragment in read_fragments(BytesIO(data), 0).fragments] == [4]


@pytest.mark.parametrize("data", [b"", b"\0" * 16, encapsulated([])])
def test_nothing_encapsulated_is_a_sentence(data: bytes) -> None:
    """A10: no traceback."""
    with pytest.raises(UnreadablePixels):
        frames_of(read_fragments(BytesIO(data), 0), 1)


def test_frames_joined_in_one_fragment_are_split_at_their_markers() -> None:
    """A10: end of image, perhaps padding, start of image."""
    one, two = START + b"a\xff\xd9", START + b"b\xff\xd9"
    assert split_joined_frames(one + b"\0" + two) == (one + b"\0", two)
