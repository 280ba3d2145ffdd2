from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.imaging.making import data_set
from workstation.errors import UnreadablePixels
from workstation.imaging.pixel_format import PixelFormat, pixel_format_of


def format_of(**attributes: Any) -> tuple[PixelFormat, tuple[str, ...]]:
    return pixel_format_of(data_set(np.zeros((2, 3), np.uint16), **attributes), "1.2.840.10008.1.2.1", name="a.dcm")


@pytest.mark.parametrize("attributes", [{"Rows": None}, {"Columns": 0}, {"BitsAllocated": 7}, {"BitsAllocated": None}])
def test_what_cannot_be_assumed_is_refused_by_name(attributes: dict[str, Any]) -> None:
    """B3: a message that names the file, not a traceback."""
    with pytest.raises(UnreadablePixels, match=r"a\.dcm"):
        format_of(**attributes)


@pytest.mark.parametrize("color", ["HSV", "ARGB", "CMYK"])
def test_retired_colour_spaces_are_named(color: str) -> None:
    """C3: a clear message."""
    with pytest.raises(UnreadablePixels, match=color):
        format_of(PhotometricInterpretation=color)


@pytest.mark.parametrize("stored", [0, 17, None])
def test_impossible_bits_stored_are_assumed_with_a_note(stored: int | None) -> None:
    """B3: 0, more than allocated, or missing."""
    fmt, notes = format_of(BitsStored=stored)
    assert fmt.bits_stored == 16
    assert any("Bits Stored" in note for note in notes)


def test_an_impossible_high_bit_is_assumed_with_a_note() -> None:
    """B2: below the stored bits."""
    fmt, notes = format_of(BitsStored=12, HighBit=3)
    assert (fmt.high_bit, len(notes)) == (11, 1)


def test_missing_planar_configuration_means_colour_by_pixel() -> None:
    """C1: three samples without (0028,0006)."""
    ds = data_set(np.zeros((2, 2, 3), np.uint8), PlanarConfiguration=None)
    fmt, notes = pixel_format_of(ds, "")
    assert fmt.planar_configuration == 0
    assert "Planar" in notes[0]


@pytest.mark.parametrize(
    ("photometric", "assumed"), [("XXXX", "MONOCHROME2"), ("RGB", "MONOCHROME2"), (None, "MONOCHROME2")]
)
def test_an_unfit_colour_space_is_replaced_with_a_note(photometric: str | None, assumed: str) -> None:
    """A7: one sample is grey."""
    fmt, notes = format_of(PhotometricInterpretation=photometric)
    assert fmt.photometric == assumed
    assert notes


def test_subsampled_frames_are_two_thirds_as_long() -> None:
    """C3: PS3.3 C.7.6.3.1.2."""
    ds = data_set(np.zeros((2, 4, 3), np.uint8), PhotometricInterpretation="YBR_FULL_422")
    assert pixel_format_of(ds, "")[0].frame_bytes == 16
