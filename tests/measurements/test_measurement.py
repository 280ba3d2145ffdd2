"""A measurement stays where it was drawn (D46)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workstation.dicom.identity import FrameRef
from workstation.geometry.image_plane import ImagePlane
from workstation.measurements.measurement import measured_on, pixels_on

PLANE = ImagePlane((0.0, 0.0, 10.0), (1, 0, 0), (0, 1, 0), (2.0, 0.5), 10, 40, "1.9")
REF = FrameRef("1.1", 3)
LINE = measured_on(1, "length", ((0.0, 0.0), (8.0, 2.0)), REF, PLANE)


def test_points_are_kept_in_the_patient():
    """D46: 8 columns of 0.5 mm, 2 rows of 2 mm."""
    assert LINE.patient_points == ((0, 0, 10), (4, 4, 10))
    assert not LINE.reformatted


def test_it_is_shown_on_its_own_frame_only():
    """D46: not on the same slice of another phase."""
    assert pixels_on(LINE, REF, PLANE) == LINE.pixels
    assert pixels_on(LINE, FrameRef("1.1", 4), PLANE) is None


def test_it_appears_on_a_section_through_all_its_points():
    """D46: at the section's own pixels."""
    section = replace(PLANE, origin=(-1.0, 0.0, 10.0), spacing=(1.0, 1.0))
    assert pixels_on(LINE, None, section) == (pytest.approx((1, 0)), pytest.approx((5, 4)))
    assert pixels_on(LINE, None, section.moved(0.5)) is None


def test_it_does_not_appear_in_another_frame_of_reference():
    """D36, D46."""
    assert pixels_on(LINE, None, replace(PLANE, frame_of_reference_uid="1.8")) is None


def test_without_patient_space_it_is_bound_to_its_frame():
    """D46: an ultrasound image."""
    line = measured_on(2, "length", ((0.0, 0.0), (8.0, 2.0)), REF, None)
    assert line.patient_points == ()
    assert pixels_on(line, REF, None) == line.pixels
    assert pixels_on(line, None, PLANE) is None
