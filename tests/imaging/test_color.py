from __future__ import annotations

import numpy as np
import pytest
from pydicom.dataset import Dataset

from workstation.errors import UnreadablePixels
from workstation.imaging.color import (
    ColorDepth,
    Palette,
    expand_segments,
    palette_of,
    rgb_from_ybr_full,
    rgb_from_ybr_partial,
)
from workstation.imaging.lookup_table import Descriptor


def palette_set(descriptor: list[int], data: bytes, *, segmented: bool = False) -> Dataset:
    ds = Dataset()
    for channel in ("Red", "Green", "Blue"):
        name = f"{channel}PaletteColorLookupTable"
        ds.add_new(f"{name}Descriptor", "US", descriptor)
        ds.add_new(f"Segmented{name}Data" if segmented else f"{name}Data", "OW", data)
    return ds


def test_full_range_ybr_becomes_rgb_once() -> None:
    """C2: Y, CB, CR = 128, 128, 255."""
    assert rgb_from_ybr_full(np.array([[[128, 128, 255]]], np.uint8)).tolist() == [[[255, 37, 128]]]


def test_grey_without_chrominance_stays_grey() -> None:
    """C2: PS3.3 C.7.6.3.1.2, chrominance 128 is none."""
    greys = np.array([[[v, 128, 128] for v in (0, 77, 255)]], np.uint8)
    assert rgb_from_ybr_full(greys).tolist() == [[[v] * 3 for v in (0, 77, 255)]]


def test_partial_range_is_stretched() -> None:
    """C3: luminance 16 is black, 235 is white."""
    found = rgb_from_ybr_partial(np.array([[[16, 128, 128], [235, 128, 128]]], np.uint8))
    assert found.tolist() == [[[0, 0, 0], [255, 255, 255]]]


def test_deep_ybr_keeps_its_depth() -> None:
    """C7: chrominance is centred on half of 2**bits."""
    assert rgb_from_ybr_full(np.array([[[4095, 2048, 2048]]], np.uint16), 12).tolist() == [[[4095] * 3]]


@pytest.mark.parametrize(("bits", "value", "expected"), [(8, 200, 200), (16, 65535, 255), (12, 2048, 128), (1, 1, 255)])
def test_colour_of_any_depth_is_scaled_by_its_stored_bits(bits: int, value: int, expected: int) -> None:
    """C7: by 2**BitsStored - 1."""
    assert ColorDepth(bits).apply(np.full((1, 1, 3), value, np.uint16)).tolist() == [[[expected] * 3]]


def test_indices_outside_the_palette_take_its_ends() -> None:
    """C8: below the first and above the last entry; 300 does not wrap to 44."""
    palette = Palette(10, np.array([[1, 2, 3], [4, 5, 6]], np.uint8))
    assert palette.apply(np.array([0, 10, 11, 300], np.uint16)).tolist() == [[1, 2, 3], [1, 2, 3], [4, 5, 6], [4, 5, 6]]


def test_16_bit_palettes_show_their_upper_byte() -> None:
    """C8: 0xAB80 is shown as 0xAB."""
    palette = palette_of(palette_set([2, 0, 16], np.array([0, 0xAB80], "<u2").tobytes()), signed=False)
    assert palette.table[:, 0].tolist() == [0, 0xAB]


def test_8_bit_entries_in_16_bit_cells_are_not_shifted_away() -> None:
    """C8: descriptor says 16, values stay below 256."""
    palette = palette_of(palette_set([2, 0, 16], np.array([0, 200], "<u2").tobytes()), signed=False)
    assert palette.table[:, 1].tolist() == [0, 200]


def test_a_padded_odd_palette_keeps_its_length() -> None:
    """C8: 255 packed entries and a pad byte."""
    palette = palette_of(palette_set([255, 0, 8], bytes(range(255)) + b"\0"), signed=False)
    assert (len(palette.table), palette.table[-1].tolist()) == (255, [254] * 3)


def test_a_descriptor_of_zero_means_65536_entries() -> None:
    """C8: 16-bit indices."""
    data = np.arange(65536, dtype="<u2").tobytes()
    assert len(palette_of(palette_set([0, 0, 16], data), signed=False).table) == 65536


def test_a_missing_channel_is_named() -> None:
    """C8: a message, not a traceback."""
    with pytest.raises(UnreadablePixels, match="red palette"):
        palette_of(Dataset(), signed=False)


def test_discrete_and_linear_segments() -> None:
    """C9: a linear segment starts after the previous value and ends on its own."""
    assert expand_segments(bytes((0, 2, 10, 20, 1, 4, 60)), Descriptor(6, 0, 8)) == [10, 20, 30, 40, 50, 60]


def test_an_indirect_segment_counts_bytes_in_16_bit_data() -> None:
    """C9: byte offset 8 is cell 4, least significant word first."""
    cells = np.array([0, 2, 1, 2, 0, 1, 9, 2, 1, 8, 0], "<u2")
    assert expand_segments(cells.tobytes(), Descriptor(4, 0, 16)) == [1, 2, 9, 9]


def test_a_linear_segment_inside_a_copy_continues_from_zero() -> None:
    """C9: the previous value may be 0."""
    cells = np.array([0, 1, 0, 1, 2, 100, 0, 1, 0, 2, 1, 6, 0], "<u2")
    assert expand_segments(cells.tobytes(), Descriptor(6, 0, 16)) == [0, 50, 100, 0, 50, 100]


@pytest.mark.parametrize("cells", [[7, 1, 0], [1, 2], [2, 1, 0]])
def test_damaged_segments_are_refused(cells: list[int]) -> None:
    """C9: unknown opcode, or data that end too soon."""
    with pytest.raises(UnreadablePixels):
        expand_segments(np.array(cells, "<u2").tobytes(), Descriptor(4, 0, 16))


def test_segments_that_copy_each_other_end() -> None:
    """C9: an indirect segment cannot hold another."""
    with pytest.raises(UnreadablePixels, match="opcode 2"):
        expand_segments(np.array([2, 1, 0, 0], "<u2").tobytes(), Descriptor(4, 0, 16))
