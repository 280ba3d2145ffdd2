from __future__ import annotations

import numpy as np
import pytest

from workstation.imaging.lookup_table import LookupTable
from workstation.imaging.modality_lut import ModalityLut, Rescale


def test_whole_rescales_stay_integer() -> None:
    """B7: 12-bit CT fits int16."""
    values = Rescale(1, -1024, "HU", (0, 4095)).apply(np.array([0, 4095], np.uint16))
    assert values.tolist() == [-1024, 3071]
    assert values.dtype == np.int16


def test_whole_rescales_that_need_it_are_wider() -> None:
    """B7: nothing wraps."""
    values = Rescale(3, 5, "", (0, 65535)).apply(np.array([65535], np.uint16))
    assert values.tolist() == [196610]


@pytest.mark.parametrize("slope", [1e-8, 1e-6, 0.1, -2.5])
def test_other_slopes_are_not_rounded(slope: float) -> None:
    """B7: tiny slopes are not skipped, and give float32."""
    values = Rescale(slope, 0.25).apply(np.array([1, 1000], np.int16))
    assert values.dtype == np.float32
    assert values.tolist() == pytest.approx([slope + 0.25, 1000 * slope + 0.25], rel=1e-6)


def test_no_rescale_gives_the_very_values() -> None:
    """B7: identity copies nothing."""
    stored = np.arange(4, dtype=np.uint16)
    assert Rescale().apply(stored) is stored


def test_a_rescale_explains_itself() -> None:
    """B38: the same arithmetic for one value."""
    report = Rescale(2, -10, "HU").explain(30)
    assert (report.output, report.sentence) == (50, "30 × 2 − 10 = 50 HU")


def test_a_modality_lut_clamps_and_gives_unsigned_entries() -> None:
    """B5, B6: below the first and above the last."""
    table = ModalityLut(LookupTable(10, np.array([5, 60000], np.int32), 16))
    assert table.apply(np.array([0, 10, 11, 12], np.uint8)).tolist() == [5, 5, 60000, 60000]
