"""Lengths (D43) and how many digits they get (D46)."""

from __future__ import annotations

import pytest

from workstation.measurements.calibration import UNCALIBRATED, Calibration
from workstation.measurements.length import length_of, patient_length, pixel_length
from workstation.measurements.measurement import shown

ANISOTROPIC = Calibration(2.0, 0.5, "mm", "Pixel Spacing", plain=True)


def test_rows_and_columns_have_their_own_size():
    """D43 golden value: sqrt(1.5² + 8²) = 8.139 mm."""
    assert pixel_length((0, 0), (3, 4), ANISOTROPIC) == pytest.approx(8.139, abs=1e-3)


def test_a_length_between_patient_points_is_their_distance():
    """D43."""
    assert patient_length((1, 2, 3), (1, 5, 7)) == 5


def test_the_calibration_is_written_beside_the_length():
    """D33: unless it holds in the patient."""
    assert length_of((0, 0), (3, 4), ANISOTROPIC).text == "8.14 mm"
    assert length_of((0, 0), (3, 4), Calibration(0.1, 0.1, "mm", "at detector")).text == "0.50 mm (at detector)"
    assert length_of((0, 0), (3, 4), UNCALIBRATED).text == "5.0 px (no calibration)"


def test_two_units_give_two_differences():
    """D35: an M-mode trace."""
    trace = Calibration(0.5, 0.01, "", "M-mode region", row_unit="mm", column_unit="s")
    assert length_of((0, 0), (50, 20), trace).text == "0.500 s, 10.00 mm"


@pytest.mark.parametrize(("resolution", "text"), [(0.5, "81.39"), (1.0, "81.4"), (3.0, "81.4"), (20.0, "81")])
def test_no_more_digits_than_the_pixels_carry(resolution, text):
    """D46."""
    assert shown(81.3862, resolution) == text
