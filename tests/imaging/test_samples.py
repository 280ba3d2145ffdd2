from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.imaging.making import pixel_format
from workstation.errors import UnreadablePixels
from workstation.imaging.samples import native_frame, resigned, stored_values, upsampled_422


def test_bits_above_the_stored_ones_are_masked_before_the_sign_is_extended() -> None:
    """B1: overlay bits or garbage in bits 12 to 15 change nothing."""
    cells = np.array([[0x8FFF, 0x8800], [0x87FF, 0x8005]], np.uint16)
    fmt = pixel_format(bits_stored=12, signed=True)
    assert stored_values(cells, fmt).tolist() == [[-1, -2048], [2047, 5]]


def test_left_justified_samples_are_shifted_down() -> None:
    """B2: High Bit 15 with 12 bits stored."""
    cells = (np.arange(4, dtype=np.uint16) << 4).reshape(2, 2)
    assert stored_values(cells, pixel_format(bits_stored=12, high_bit=15)).tolist() == [[0, 1], [2, 3]]


@pytest.mark.parametrize(
    ("bits", "signed", "dtype"),
    [(1, False, "uint8"), (8, False, "uint8"), (8, True, "int16"), (12, False, "uint16"), (12, True, "int16"),
     (16, True, "int16"), (32, False, "uint32"), (32, True, "int32"), (64, True, "int64")],
)  # fmt: skip
def test_the_dtype_is_the_smallest_that_holds_the_range(bits: int, signed: bool, dtype: str) -> None:
    """B3: 1, 8, 16, 32 and 64 bits."""
    assert resigned(np.zeros(2, np.uint64), bits, signed).dtype == dtype


@given(st.integers(1, 16), st.booleans(), st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=8))
@settings(deadline=None, max_examples=60)
def test_resigning_equals_twos_complement_arithmetic(bits: int, signed: bool, cells: list[int]) -> None:
    """B1: checked against the definition, one value at a time."""
    low = [cell & ((1 << bits) - 1) for cell in cells]
    expected = [v - (1 << bits) if signed and v >> (bits - 1) else v for v in low]
    assert resigned(np.array(cells, np.uint16), bits, signed).tolist() == expected


def test_one_bit_frames_follow_each_other_without_padding() -> None:
    """B3, PS3.5 8.1.1: the second 3 x 3 frame begins in the second byte's second bit."""
    bits = np.array([0] * 9 + [1, 0, 0, 0, 1, 0, 0, 0, 1] + [0] * 6, np.uint8)
    data = np.packbits(bits, bitorder="little").tobytes()
    fmt = pixel_format(rows=3, columns=3, bits_allocated=1, bits_stored=1)
    assert native_frame(data[1:], fmt, first_bit=1).samples.tolist() == np.eye(3).tolist()


def test_twelve_bit_cells_are_unpacked() -> None:
    """B3: Bits Allocated 12 (retired) packs two cells into three bytes."""
    fmt = pixel_format(rows=1, columns=2, bits_allocated=12, bits_stored=12)
    assert native_frame(bytes((0x23, 0x61, 0x45)), fmt).samples.tolist() == [[0x123, 0x456]]


def test_missing_rows_are_zero_and_counted() -> None:
    """A8: two of three rows are whole."""
    fmt = pixel_format(rows=3, columns=2)
    frame = native_frame(np.arange(1, 6, dtype="<u2").tobytes(), fmt)
    assert frame.complete_rows == 2
    assert frame.samples.tolist() == [[1, 2], [3, 4], [5, 0]]


def test_rows_of_planes_are_whole_only_when_the_last_plane_has_them() -> None:
    """A8, C1: colour by plane, blue plane half there."""
    fmt = pixel_format(samples_per_pixel=3, photometric="RGB", bits_allocated=8, bits_stored=8, planar_configuration=1)
    assert native_frame(bytes(10), fmt).complete_rows == 1


def test_planes_and_pixels_give_the_same_image() -> None:
    """C1: Planar Configuration 0 and 1."""
    rgb = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    fmt = {"samples_per_pixel": 3, "photometric": "RGB", "bits_allocated": 8, "bits_stored": 8}
    by_pixel = native_frame(rgb.tobytes(), pixel_format(**fmt))
    by_plane = native_frame(rgb.transpose(2, 0, 1).tobytes(), pixel_format(**fmt, planar_configuration=1))
    assert by_pixel.samples.tolist() == by_plane.samples.tolist() == rgb.tolist()


def test_a_pair_shares_its_chrominance() -> None:
    """C3: Y1 Y2 CB CR."""
    assert upsampled_422(np.array([10, 20, 30, 40]), 1, 2).tolist() == [[[10, 30, 40], [20, 30, 40]]]


def test_an_odd_width_cannot_be_subsampled() -> None:
    """C3: a message, not a traceback."""
    with pytest.raises(UnreadablePixels, match="odd"):
        upsampled_422(np.zeros(6), 1, 3)


def test_big_endian_cells_are_turned() -> None:
    """A3: native words of Explicit VR Big Endian."""
    fmt = pixel_format(rows=1, columns=2)
    assert native_frame(b"\x01\x02\x03\x04", fmt, big_endian=True).samples.tolist() == [[0x0102, 0x0304]]
