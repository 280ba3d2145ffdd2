"""Reference lines and the slice nearest to a point (D36, D37)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workstation.geometry.image_plane import ImagePlane
from workstation.geometry.intersection import clip, nearest_slice, off_plane, reference_line

AXIAL = ImagePlane((0.0, 0.0, 0.0), (1, 0, 0), (0, 1, 0), (2.0, 0.5), 10, 40, "1.9")
SAGITTAL = ImagePlane((5.0, -5.0, 20.0), (0, 1, 0), (0, 0, -1), (1.0, 1.0), 40, 60, "1.9")


def test_a_sagittal_slice_is_a_vertical_line_on_an_axial_one():
    """D36: x = 5 mm is column 10; clipped to the picture with its half-pixel border."""
    start, end = reference_line(AXIAL, SAGITTAL)
    assert sorted((start, end)) == [pytest.approx((10, -0.5)), pytest.approx((10, 9.5))]


def test_the_line_ends_where_the_other_picture_ends():
    """D36: the other rectangle covers y from -5.5 to 4.5 mm only."""
    start, end = reference_line(AXIAL, replace(SAGITTAL, columns=10))
    assert max(start[1], end[1]) == pytest.approx(4.5 / 2)


def test_without_a_common_frame_of_reference_there_is_no_line():
    """D36: nor if both have none."""
    assert reference_line(AXIAL, replace(SAGITTAL, frame_of_reference_uid="1.8")) is None
    nowhere = [replace(plane, frame_of_reference_uid="") for plane in (AXIAL, SAGITTAL)]
    assert reference_line(*nowhere) is None


def test_parallel_planes_have_no_line():
    """D36."""
    assert reference_line(AXIAL, AXIAL.moved(3.0)) is None


def test_pictures_that_do_not_meet_have_no_line():
    """D36: the sagittal one ends above the axial one, or lies beside it."""
    assert reference_line(AXIAL, replace(SAGITTAL, origin=(5.0, -5.0, 80.0))) is None
    assert reference_line(AXIAL, replace(SAGITTAL, origin=(500.0, -5.0, 20.0))) is None


def test_the_nearest_slice_is_the_one_with_the_smallest_distance_along_the_normal():
    """D37: frames without a place are passed over."""
    planes = [AXIAL, None, AXIAL.moved(3.0), AXIAL.moved(6.0)]
    assert nearest_slice(planes, (100.0, 0.0, 3.5)) == (2, pytest.approx(0.5))
    assert nearest_slice([None], (0.0, 0.0, 0.0)) is None


def test_a_point_beyond_half_a_step_is_off_plane():
    """D37."""
    assert off_plane(1.6, 3.0)
    assert not off_plane(-1.5, 3.0)


def test_clipping_keeps_what_is_inside():
    """A diagonal through a square."""
    assert clip((-2, -2), (4, 4), (0, 0), (2, 2)) == ((0, 0), (2, 2))
    assert clip((5, 0), (5, 9), (0, 0), (2, 2)) is None
