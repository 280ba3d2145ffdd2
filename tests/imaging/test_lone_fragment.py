"""A frame that is one fragment is read in one go, anything else by walking its items: both give the same bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.loading.stacks import compressed_slice, stack_in, write_slices
from workstation.imaging import plain_frame as module
from workstation.imaging.plain_frame import NotPlainError, PlainFrame, plain_frame

RLE = "1.2.840.10008.1.2.5"
PIXELS = np.zeros((16, 16), "i2")
ITEM, END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0" + bytes(4)
DATA = bytes(range(64)) * 4


def item(value: bytes) -> bytes:
    return ITEM + len(value).to_bytes(4, "little") + value


def frame_of(folder: Path, value: bytes) -> PlainFrame:
    """Return the frame of a file whose Pixel Data holds just these bytes."""
    slices = [compressed_slice(DATA, PIXELS, number) for number in range(2)]
    for one in slices:
        one.PixelData = value
    write_slices(folder, slices, RLE)
    first = stack_in(folder).frames[0]
    found = plain_frame(first.instance, first.frame)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("value", "alone"),
    [
        (item(b"") + item(DATA) + END, True),
        (item(bytes(4)) + item(DATA) + END, True),
        (item(b"") + item(DATA[:100]) + item(DATA[100:]) + END, False),
        (item(b"\xff\xd8\xff\xe0" + DATA) + END, False),
        (item(bytes(100)) + item(DATA) + END, False),
    ],
    ids=["empty table", "table", "two fragments", "no table", "long table"],
)
def test_both_ways_give_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: bytes, alone: bool
) -> None:
    """A10: what cannot be one fragment for certain is walked."""
    frame = frame_of(tmp_path, value)
    assert (module._only_fragment(frame) is not None) == alone
    quick = module._compressed(frame)
    monkeypatch.setattr(module, "_HAS_PREAD", False)
    assert module._compressed(frame) == quick
    assert DATA in quick


def test_a_fragment_cut_short_is_left_to_the_walk(tmp_path: Path) -> None:
    """A9: a last fragment that ends with the file is said to be cut."""
    frame = frame_of(tmp_path, item(b"") + item(DATA) + END)
    path = Path(frame.path)
    path.write_bytes(path.read_bytes()[:-40])
    assert module._only_fragment(frame) is None
    with pytest.raises(NotPlainError):
        module._compressed(frame)


def test_a_file_that_changed_since_the_scan_is_not_read_this_way(tmp_path: Path) -> None:
    frame = frame_of(tmp_path, item(b"") + item(DATA) + END)
    with open(frame.path, "ab") as stream:
        stream.write(b"more")
    with pytest.raises(NotPlainError):
        module._only_fragment(frame)
