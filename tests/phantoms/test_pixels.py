from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pydicom
import pytest

from workstation.phantoms.pixels import CASES, PixelCase, rle, write_case, ybr_full

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.name} {c.transfer_syntax_uid}")
def test_an_independent_reader_gets_the_expected_values(tmp_path: Path, case: PixelCase) -> None:
    """A3, L2: one image, every transfer syntax, the same values."""
    written = write_case(tmp_path, case)
    decoded = pydicom.pixels.pixel_array(pydicom.dcmread(written.path)).astype(np.float64)
    assert decoded.shape == written.stored.shape
    assert np.abs(decoded - written.stored).max() <= case.tolerance


def test_run_length_frames_begin_with_the_high_byte() -> None:
    """PS3.5 G.2: the first segment holds the most significant bytes."""
    frame = rle(np.full((2, 4), 0x1234, np.uint16))
    assert frame[:4] == b"\x02\x00\x00\x00"
    assert frame[64:66] == bytes((253, 0x12))


def test_grey_is_ybr_with_neutral_chroma() -> None:
    """PS3.3 C.7.6.3.1.2: Cb and Cr are 128 without colour."""
    assert ybr_full(np.array([[[77, 77, 77]]], np.uint8)).tolist() == [[[77, 128, 128]]]
