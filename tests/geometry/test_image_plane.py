"""Pixels and patient points (D1, D2, D3)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.geometry import factory
from workstation.dicom.identity import Frame
from workstation.geometry.image_plane import ImagePlane, plane_of, plane_or_reason


def plane(orientation=factory.AXIAL, spacing=(2.0, 0.5), position=(0.0, 0.0, 0.0)):
    found = plane_of(factory.image(1, position, orientation, spacing=spacing), Frame(0, position, orientation, spacing))
    assert found is not None
    return found


def test_row_spacing_goes_down_and_column_spacing_goes_right():
    """D1: Pixel Spacing 2.0\\0.5."""
    assert plane().patient_point(1, 0) == (0.5, 0, 0)
    assert plane().patient_point(0, 1) == (0, 2.0, 0)


def test_the_position_is_the_centre_of_the_first_pixel():
    """D2: the picture reaches half a pixel beyond; image point 0.5, 0.5 is the position."""
    assert plane().corners()[0] == (-0.25, -1.0, 0)
    assert plane().image_point((0.0, 0.0, 0.0)) == (0.5, 0.5)


@settings(deadline=None, max_examples=50)
@given(st.floats(-50, 50), st.floats(-50, 50))
def test_pixel_undoes_patient_point_on_an_oblique_plane(column, row):
    """D1."""
    oblique = plane(factory.OBLIQUE, position=(3.0, -4.0, 5.0))
    assert oblique.pixel(oblique.patient_point(column, row)) == pytest.approx((column, row, 0), abs=1e-9)


def test_it_agrees_with_highdicom():
    """D1, D2: an independent implementation."""
    spatial = pytest.importorskip("highdicom.spatial")
    position, spacing = [3.0, -4.0, 5.0], [2.0, 0.5]
    theirs = spatial.PixelToReferenceTransformer(position, list(factory.OBLIQUE), spacing)
    ours = plane(factory.OBLIQUE, tuple(spacing), tuple(position)).patient_point(7, 3)
    np.testing.assert_allclose(theirs(np.array([[7, 3]]))[0], ours, atol=1e-9)


def test_slightly_wrong_directions_are_repaired():
    """D3: off by less than 1e-2."""
    repaired = plane((1.004, 0.0, 0.0, 0.005, 0.998, 0.0))
    assert repaired.right == (1, 0, 0)
    assert repaired.down == pytest.approx((0, 1, 0))


@pytest.mark.parametrize(
    ("orientation", "position", "spacing", "word"),
    [
        ((1.2, 0, 0, 0, 1, 0), (0, 0, 0), (1, 1), "perpendicular"),
        ((1, 0, 0, 0.5, 0.87, 0), (0, 0, 0), (1, 1), "perpendicular"),
        (None, (0, 0, 0), (1, 1), "Orientation"),
        (factory.AXIAL, None, (1, 1), "Position"),
        (factory.AXIAL, (0, 0, 0), None, "Spacing"),
    ],
)
def test_without_usable_geometry_there_is_no_plane_and_a_reason(orientation, position, spacing, word):
    """D3: no letters, no sections, no reference lines."""
    frame = Frame(0, position, orientation, spacing)
    found, reason = plane_or_reason(factory.image(1), frame)
    assert found is None
    assert word in reason


def test_moving_along_the_normal_keeps_everything_else():
    """A slab is sampled on parallel planes."""
    moved = plane().moved(2.5)
    assert moved == ImagePlane((0.0, 0.0, 2.5), (1, 0, 0), (0, 1, 0), (2.0, 0.5), 7, 9, "1.9")


def test_a_position_outside_any_room_is_no_position():
    """A20: finite, but nothing could be computed from it."""
    found, reason = plane_or_reason(factory.image(1), Frame(0, (0.0, 0.0, 1e300), factory.AXIAL, (1.0, 1.0)))
    assert found is None
    assert "Image Position (Patient) cannot be true" in reason


@pytest.mark.parametrize("factor", [1, 2, 3, 4])
def test_a_coarser_plane_covers_the_same_box(factor):
    """D40: fewer pixels while dragging, in the same place."""
    plane = ImagePlane((1.0, 2.0, 3.0), (0.6, 0.8, 0.0), (0.0, 0.0, -1.0), (0.5, 0.25), 12, 24, "1.9")
    coarse = plane.coarser(factor)
    assert (coarse.rows, coarse.columns) == (12 // factor, 24 // factor)
    assert coarse.spacing == (0.5 * factor, 0.25 * factor)
    np.testing.assert_allclose(coarse.corners(), plane.corners(), atol=1e-12)
