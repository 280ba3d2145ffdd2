from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from tests.imaging.making import data_set, read
from workstation.imaging.frame_access import FrameAccess
from workstation.imaging.overlay_plane import OverlayPlane, draw_overlays, overlays_of

CROSS = np.array([[0, 1, 0], [1, 1, 1]], np.bool_)


def overlaid(bits: Any = CROSS, group: int = 0x6000, **elements: Any) -> Dataset:
    """Return a data set with one overlay of (rows, columns) or (frames, rows, columns)."""
    ds = data_set(np.zeros((4, 5), np.uint16))
    tags = {"origin": (0x50, "SS"), "first": (0x51, "US"), "frames": (0x15, "IS"), "kind": (0x40, "CS"),
            "allocated": (0x100, "US"), "position": (0x102, "US")}  # fmt: skip
    values = {"origin": [1, 1], "kind": "G", "allocated": 1, "position": 0, **elements}
    ds.add_new(group << 16 | 0x10, "US", np.shape(bits)[-2])
    ds.add_new(group << 16 | 0x11, "US", np.shape(bits)[-1])
    for name, value in values.items():
        element, vr = tags[name]
        ds.add_new(group << 16 | element, vr, value)
    packed = np.packbits(np.asarray(bits, np.uint8).ravel(), bitorder="little").tobytes()
    ds.add_new(group << 16 | 0x3000, "OW", packed + b"\0" * (len(packed) % 2))
    return ds


def only_plane(ds: Dataset) -> OverlayPlane:
    planes, _, _ = overlays_of(ds, 16, 12, 11)
    assert len(planes) == 1
    return planes[0]


@pytest.mark.parametrize(
    ("origin", "rows", "columns", "inside"),
    [((1, 1), slice(0, 2), slice(0, 3), CROSS), ((0, 0), slice(0, 1), slice(0, 2), CROSS[1:, 1:]),
     ((-9, 1), None, None, None), ((4, 4), slice(3, 4), slice(3, 5), CROSS[:1, :2])],
)  # fmt: skip
def test_an_overlay_lies_at_its_origin_and_is_cropped(origin: Any, rows: Any, columns: Any, inside: Any) -> None:
    """F21: row and column counted from 1; 0 and negative ones are legal."""
    mask = only_plane(overlaid(origin=list(origin))).mask(0, 4, 5)
    if inside is None:
        assert mask is None
        return
    expected = np.zeros((4, 5), np.bool_)
    expected[rows, columns] = inside
    assert mask is not None
    assert np.array_equal(mask, expected)


def test_overlay_frames_begin_at_their_image_frame() -> None:
    """F21: Image Frame Origin counts from 1."""
    plane = only_plane(overlaid(np.stack([CROSS, ~CROSS]), frames=2, first=3))
    masks = [plane.mask(index, 2, 3) for index in range(5)]
    assert [mask is not None for mask in masks] == [False, False, True, True, False]
    assert np.array_equal(masks[3], ~CROSS)


def test_an_overlay_without_frames_belongs_to_every_frame() -> None:
    """F21: no Number of Frames in Overlay."""
    assert only_plane(overlaid()).mask(17, 2, 3) is not None


def test_short_overlay_data_are_padded() -> None:
    """F21: a note, no exception."""
    ds = overlaid(np.ones((4, 8)))
    ds[0x60003000].value = b"\xff\xff"
    planes, _, notes = overlays_of(ds, 16, 12, 11)
    assert int(planes[0].bits.sum()) == 16
    assert "short" in notes[0]


def test_all_sixteen_groups_are_read() -> None:
    """F21: 6000 to 601E."""
    ds = overlaid()
    ds.update(overlaid(group=0x601E))
    assert [plane.group for plane in overlays_of(ds, 16, 12, 11)[0]] == [0x6000, 0x601E]


def test_an_embedded_overlay_comes_from_the_unmasked_cells(tmp_path: Path) -> None:
    """F22: bit 14 of 12-bit pixels; the values do not contain it."""
    cells = np.array([[5, 0x4005], [0x4000, 0]], np.uint16)
    ds = data_set(cells, BitsStored=12, HighBit=11)
    for element, value in ((0x10, 2), (0x11, 2), (0x100, 16), (0x102, 14)):
        ds.add_new(0x60000000 | element, "US", value)
    result = read(tmp_path, ds)
    decoded = FrameAccess(result).stored_values()
    _, embedded, _ = overlays_of(result.ds, 16, 12, 11)
    assert decoded.cells is not None
    assert decoded.values.tolist() == [[5, 5], [0, 0]]
    assert embedded[0].plane(decoded.cells).mask(0, 2, 2).tolist() == [[False, True], [True, False]]


@pytest.mark.parametrize("position", [0, 11])
def test_an_overlay_inside_the_value_bits_is_ignored(position: int) -> None:
    """F22: position 0 without data would paint the image over."""
    ds = overlaid(allocated=16, position=position)
    del ds[0x60003000]
    planes, embedded, notes = overlays_of(ds, 16, 12, 11)
    assert (planes, embedded) == ((), ())
    assert notes


def test_drawing_leaves_the_given_greys_alone() -> None:
    """F21: a copy, white by default, in colour too."""
    grey = np.zeros((2, 3), np.uint8)
    assert draw_overlays(grey, (CROSS,)).tolist() == (CROSS * 255).tolist()
    assert not grey.any()
