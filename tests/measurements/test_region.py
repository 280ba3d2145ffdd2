"""Regions: which pixels are inside and what they hold (D44)."""

from __future__ import annotations

from math import nan, pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.measurements.calibration import Calibration
from workstation.measurements.region import circle_corners, described, inside_mask, region_statistics

PLAIN = Calibration(2.0, 0.5, "mm", "Pixel Spacing", plain=True)
VALUES = np.arange(60.0).reshape(6, 10)
CORNERS = st.tuples(st.floats(-3, 12), st.floats(-3, 9))


def test_a_pixel_belongs_if_its_centre_is_inside():
    """D44: from column 0.6 to 3.4 are the centres 1, 2, 3."""
    mask, where, _ = inside_mask("rectangle", (0.6, 0.5), (3.4, 2.0), 6, 10)
    assert (where, mask.all()) == ((slice(1, 3), slice(1, 4)), True)


@settings(deadline=None, max_examples=80)
@given(CORNERS, CORNERS)
def test_the_ellipse_is_the_set_of_centres_within_it(start, end):
    """D44: against the formula at every pixel, whichever corner was first."""
    mask, where, outside = inside_mask("ellipse", start, end, 6, 10)
    found = np.zeros((6, 10), dtype=bool)
    found[where] = mask
    a, b = abs(end[0] - start[0]) / 2, abs(end[1] - start[1]) / 2
    columns, rows = np.meshgrid(np.arange(-5, 15), np.arange(-5, 12))
    x, y = columns - (start[0] + end[0]) / 2, rows - (start[1] + end[1]) / 2
    expected = (x / max(a, 1e-9)) ** 2 + (y / max(b, 1e-9)) ** 2 <= 1 + 1e-9
    assert (found == expected[5:11, 5:15]).all()
    assert found.sum() + outside == expected.sum()


def test_statistics_are_those_of_the_modality_values():
    """D44: population standard deviation, stated."""
    found = region_statistics("rectangle", (1, 1), (3, 2), VALUES, PLAIN)
    inside = VALUES[1:3, 1:4]
    assert (found.count, found.mean, found.least, found.greatest) == (6, inside.mean(), 11, 23)
    assert (found.sd, found.median) == (pytest.approx(inside.std()), np.median(inside))


def test_areas_are_those_of_the_shape():
    """D44: pi a b dx dy, not the pixel count."""
    ellipse = region_statistics("ellipse", (1, 1), (5, 4), VALUES, PLAIN)
    assert ellipse.area == pytest.approx(pi * 2 * 1.5 * 0.5 * 2.0)
    assert region_statistics("rectangle", (1, 1), (5, 4), VALUES, PLAIN).area == pytest.approx(4 * 0.5 * 3 * 2.0)


def test_padding_and_what_lies_outside_the_image_take_no_part():
    """D44: both are reported."""
    padding = VALUES == 0
    found = region_statistics("rectangle", (-2, 0), (1, 0), VALUES, PLAIN, padding)
    assert (found.count, found.mean, found.outside, found.excluded) == (1, 1, 2, 1)
    assert described(found, PLAIN, "HU")[-2:] == ("2 px outside the image, left out", "1 px padding, left out")


def test_an_empty_region_has_no_values():
    """D44."""
    found = region_statistics("rectangle", (20, 20), (30, 30), VALUES, PLAIN)
    assert found.count == 0
    assert np.isnan(found.mean)
    assert described(found, PLAIN) == ("no pixels inside",)


def test_values_that_are_not_numbers_are_left_out():
    """D44: float pixel data may hold NaN."""
    values = VALUES.copy()
    values[0, 0] = nan
    assert region_statistics("rectangle", (0, 0), (1, 0), values, PLAIN).mean == 1


def test_a_circle_is_round_in_mm():
    """D44: 4 mm are 8 columns of 0.5 mm or 2 rows of 2 mm."""
    assert circle_corners((10, 10), (18, 10), PLAIN) == ((2, 8), (18, 12))


def test_what_is_written_beside_a_region():
    """D33, D44."""
    lines = described(region_statistics("rectangle", (1, 1), (3, 2), VALUES, PLAIN), PLAIN, "HU")
    assert lines == ("mean 17 HU  SD 5.07", "min 11  max 23  n 6", "2.0 mm²")
