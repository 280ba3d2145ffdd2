"""Turning keeps directions perpendicular and points at their distance (D40)."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from workstation.geometry.oblique import Triad, orthonormal, rotated, rotated_about

AXES = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1)
AXIAL = Triad((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


def test_a_quarter_turn_about_the_head_feet_axis_takes_left_to_the_back():
    """D29: right-handed in LPS."""
    assert_allclose(rotated((1.0, 0.0, 0.0), (0.0, 0.0, 5.0), pi / 2), (0, 1, 0), atol=1e-15)


@settings(deadline=None, max_examples=30)
@given(AXES, st.floats(-7, 7))
def test_a_triad_turned_a_thousand_times_is_still_orthonormal(axis, angle):
    """No drift, however long somebody drags."""
    triad = AXIAL
    for _ in range(1000):
        triad = triad.turned(axis, angle)
    frame = np.array([triad.right, triad.down, triad.normal])
    assert_allclose(frame @ frame.T, np.eye(3), atol=1e-14)


@settings(deadline=None, max_examples=30)
@given(AXES, st.floats(-7, 7), AXES)
def test_turning_back_undoes_turning(axis, angle, point):
    """Points keep their distance from the centre."""
    centre = (10.0, -20.0, 30.0)
    there = rotated_about(point, centre, axis, angle)
    assert_allclose(np.linalg.norm(np.subtract(there, centre)), np.linalg.norm(np.subtract(point, centre)))
    assert_allclose(rotated_about(there, centre, axis, -angle), point, atol=1e-12)


def test_skewed_directions_are_made_perpendicular():
    """The first stays."""
    assert orthonormal((2.0, 0.0, 0.0), (1.0, 1.0, 0.0)) == AXIAL


def test_directions_along_one_line_are_no_plane():
    with pytest.raises(ZeroDivisionError):
        orthonormal((1.0, 0.0, 0.0), (2.0, 0.0, 0.0))
