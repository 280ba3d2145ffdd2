"""A length says what it is worth (D31-D35)."""

from __future__ import annotations

import pytest

from tests.geometry.factory import image
from workstation.dicom.identity import Region
from workstation.measurements.calibration import (
    calibration_of,
    physical_value,
    pixel_aspect,
    region_of,
    user_calibration,
)


def of(modality="DX", spacing=None, points=None, **header):
    instance = image(1, spacing=spacing, modality=modality, header=header)
    return calibration_of(instance, instance.frames[0], points)


def region(x0, y0, x1, y1, *, spatial_format=1, flags=0, units=(3, 3), delta=(0.02, 0.04), **more):
    return Region(x0, y0, x1, y1, spatial_format, 1, flags, *units, *delta, **more)


def test_cross_sections_are_in_mm():
    """D33: Pixel Spacing only; row spacing first."""
    found = of("CT", (2.0, 0.5))
    assert (found.row_mm, found.column_mm, found.unit, found.plain) == (2.0, 0.5, "mm", True)


@pytest.mark.parametrize(
    ("spacing", "header", "size", "source"),
    [
        ((0.2, 0.2), {"ImagerPixelSpacing": (0.2, 0.2)}, 0.2, "at detector"),
        ((0.18, 0.18), {"ImagerPixelSpacing": (0.2, 0.2)}, 0.18, "calibrated"),
        ((0.2, 0.2), {"PixelSpacingCalibrationType": "FIDUCIAL"}, 0.2, "calibrated (FIDUCIAL)"),
        ((0.2, 0.2), {}, 0.2, "Pixel Spacing, calibration not stated"),
        (None, {"ImagerPixelSpacing": (0.2, 0.2)}, 0.2, "at detector"),
        (
            None,
            {"ImagerPixelSpacing": (0.21, 0.21), "EstimatedRadiographicMagnificationFactor": 1.05},
            0.2,
            "÷ magnification 1.05 (estimated)",
        ),
        (
            None,
            {"ImagerPixelSpacing": (0.3, 0.3), "DistanceSourceToDetector": 1500.0, "DistanceSourceToPatient": 1000.0},
            0.2,
            "÷ magnification 1.5 (estimated)",
        ),
        (
            None,
            {"ImagerPixelSpacing": (0.2, 0.2), "DistanceSourceToDetector": 1500.0, "DistanceSourceToPatient": 0.0},
            0.2,
            "at detector",
        ),
        (None, {"NominalScannedPixelSpacing": (0.1, 0.1)}, 0.1, "on film"),
    ],
)
def test_projections_say_where_their_millimetres_hold(spacing, header, size, source):
    """D33 with its table of rules."""
    found = of("DX", spacing, **header)
    assert (found.unit, found.source, found.plain) == ("mm", source, False)
    assert found.row_mm == pytest.approx(size)


def test_a_secondary_capture_without_a_place_names_its_source():
    """D33: nobody knows what its Pixel Spacing was measured on."""
    instance = image(1, orientation=None, spacing=(0.5, 0.5), modality="OT")
    found = calibration_of(instance, instance.frames[0])
    assert (found.unit, found.source, found.plain) == ("mm", "Pixel Spacing", False)


def test_without_any_spacing_lengths_are_pixels():
    """D33."""
    assert of("OT").unit == "px"


def test_pixel_aspect_ratio_is_vertical_by_horizontal():
    """D32: 6\\5 is higher than wide, and lengths stay pixels."""
    found = of("OT", PixelAspectRatio=(6, 5))
    assert (found.aspect, found.unit, found.source) == (pytest.approx(1.2), "px", "aspect-corrected")


def test_negative_and_zero_sizes_are_not_believed():
    """D32."""
    assert of("DX", ImagerPixelSpacing=(-0.2, 0.2)).row_mm == 0.2
    assert of("DX", ImagerPixelSpacing=(0.0, 0.2)).unit == "px"


def test_a_users_calibration_wins_and_says_so():
    """D34: a line of 100 columns is 50 mm."""
    mine = user_calibration(50.0, 0, 100)
    assert (mine.column_mm, mine.source) == (0.5, "user")
    instance = image(1, modality="DX", spacing=(2.0, 2.0))
    assert calibration_of(instance, instance.frames[0], user=mine) is mine


def test_an_ultrasound_length_needs_all_points_in_one_region():
    """D35: centimetres times ten; bounds are inclusive."""
    regions = {"UltrasoundRegions": (region(10, 10, 50, 50),)}
    inside = of("US", points=[(10, 10), (50, 50)], **regions)
    assert (inside.row_mm, inside.column_mm, inside.unit) == (pytest.approx(0.4), pytest.approx(0.2), "mm")
    assert of("US", points=[(10, 10), (51, 50)], **regions).unit == "px"


def test_each_ultrasound_region_has_its_own_scale():
    """D35: the first region does not hold everywhere."""
    regions = {"UltrasoundRegions": (region(0, 0, 50, 50), region(60, 0, 99, 50, delta=(0.1, 0.1)))}
    assert of("US", points=[(70, 5), (80, 9)], **regions).row_mm == pytest.approx(1.0)


def test_where_regions_overlap_the_one_of_high_priority_counts():
    """D35: bit 0 of the flags set means low."""
    low, high = region(0, 0, 100, 100, flags=1), region(40, 40, 60, 60, delta=(0.5, 0.5))
    assert region_of([low, high], [(45, 45), (55, 55)]) is high
    assert region_of([low, high], [(5, 5), (9, 9)]) is low
    assert region_of([low, high], [(5, 5), (50, 50)]) is None


@pytest.mark.parametrize(("spatial_format", "units", "names"), [(2, (4, 3), ("s", "mm")), (3, (4, 7), ("s", "cm/s"))])
def test_m_mode_and_doppler_have_two_units(spatial_format, units, names):
    """D35: never one length of both."""
    found = of(
        "US",
        points=[(1, 1), (2, 2)],
        UltrasoundRegions=(region(0, 0, 9, 9, spatial_format=spatial_format, units=units),),
    )
    assert (found.unit, found.column_unit, found.row_unit) == ("", *names)


def test_velocity_counts_from_the_reference_pixel_and_may_be_negative():
    """D35: Reference Pixel is relative to the region; delta Y is negative as velocity rises."""
    doppler = region(
        100, 200, 300, 400, spatial_format=3, units=(4, 7), delta=(0.01, -0.5), reference_x=0, reference_y=80
    )
    assert physical_value(doppler, (150, 240)) == pytest.approx((0.5, 20.0))


def test_true_shapes_are_drawn_from_the_same_sizes():
    """D31."""
    instance = image(1, spacing=None, modality="OT", header={"PixelAspectRatio": (6, 5)})
    assert pixel_aspect(instance, instance.frames[0]) == (pytest.approx(1.2), 1.0)
    instance = image(1, spacing=(2.0, 0.5))
    assert pixel_aspect(instance, instance.frames[0]) == (2.0, 0.5)
