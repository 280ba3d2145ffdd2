"""Sizes of pixels that can be true, and those that cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dicom import build
from workstation.dicom.facts import read_instance
from workstation.dicom.spacing import usable_sizes


@pytest.mark.parametrize(
    ("pair", "sizes"),
    [
        ((2.0, 0.5), (2.0, 0.5)),
        ((-2.0, 0.5), (2.0, 0.5)),
        ((0.00025, 0.00025), (0.00025, 0.00025)),
        ((0.0, 0.5), None),
        ((1e308, 1e-308), None),
        ((1.0, 1000.0), None),
        ((5e-324, 5e-324), None),
        ((1.0,), None),
        (None, None),
    ],
)
def test_negative_sizes_count_and_impossible_ones_do_not(pair, sizes) -> None:
    """D32."""
    assert usable_sizes(pair) == sizes


@pytest.mark.parametrize(
    ("spacing", "shown", "word"),
    [("2\\0.5", (2.0, 0.5), ""), ("-2\\0.5", (2.0, 0.5), "negative"), ("1e300\\1 ", None, "cannot be true")],
)
def test_a_doubtful_spacing_is_said(tmp_path: Path, spacing: str, shown, word: str) -> None:
    """D32: taken by its size or ignored, with a warning in the header view."""
    data = build.part10(build.image(extra=build.element(0x00280030, "DS", spacing)))
    instance = read_instance(build.write(tmp_path, data))
    assert instance.frames[0].spacing == shown
    said = [sentence for sentence in instance.deviations if sentence.startswith("Pixel Spacing")]
    assert [word in sentence for sentence in said] == ([True] if word else [])
