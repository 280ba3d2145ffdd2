"""Angles (D43)."""

from __future__ import annotations

import pytest

from workstation.measurements.angle import angle_at, cobb_angle
from workstation.measurements.calibration import Calibration

PLAIN = Calibration(2.0, 0.5, "mm", "Pixel Spacing", plain=True)


def test_a_diagonal_of_the_pixel_grid_is_steep_where_pixels_are_high():
    """D43 golden value: 75.96 degrees."""
    assert angle_at((10, 0), (0, 0), (7, 7), PLAIN) == pytest.approx(75.96, abs=0.01)


def test_an_angle_does_not_depend_on_which_arm_came_first():
    """D43: 0 to 180."""
    assert angle_at((0, 5), (0, 0), (-4, 0), PLAIN) == angle_at((-4, 0), (0, 0), (0, 5), PLAIN) == pytest.approx(90)


def test_lines_drawn_from_opposite_sides_give_the_supplement():
    """D43: the rule for acute and obtuse."""
    level, risen = ((0, 0), (40, 0)), ((0, 10), (40, 5))
    assert cobb_angle(level, risen, PLAIN) == pytest.approx(26.57, abs=0.01)
    assert cobb_angle(level, risen[::-1], PLAIN) == pytest.approx(180 - 26.57, abs=0.01)
