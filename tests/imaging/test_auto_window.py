from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from workstation.imaging.auto_window import (
    auto_window,
    default_voi,
    drag_step,
    frame_statistics,
    merged,
    samples_of,
    statistics_of,
)
from workstation.imaging.modality_lut import Rescale
from workstation.imaging.pipeline import Pipeline
from workstation.imaging.rendering import Rendering
from workstation.imaging.window import VOILUTFunction, Window


def rendering(**more: Any) -> Rendering:
    return Rendering(more.pop("stage", Rescale()), **more)


def phantom() -> np.ndarray:
    return np.linspace(0, 1000, 64 * 64).astype(np.int16).reshape(64, 64)


def test_one_marker_pixel_does_not_blacken_the_image() -> None:
    """B22: 0.5 and 99.5 percentiles."""
    values = phantom()
    values[0, 0] = 32767
    window = auto_window(statistics_of(values.ravel()))
    assert (window.center, window.width) == pytest.approx((500.5, 991), abs=4)


def test_the_same_samples_give_the_same_window_in_any_order() -> None:
    """B22: deterministic."""
    values = phantom().ravel()
    shuffled = np.random.default_rng(1).permutation(values)
    assert auto_window(values) == auto_window(shuffled)


def test_the_window_reaches_just_from_black_to_white() -> None:
    """B22: c = (lo + hi + 1) / 2, w = hi - lo + 1."""
    values = np.repeat(np.array([10, 20], np.int16), 500)
    pipeline = Pipeline(rendering(), auto_window(values))
    assert pipeline.display(values[np.newaxis, 499:501]).tolist() == [[0, 255]]


def test_amplitude_does_not_change_the_exposure() -> None:
    """B21: the same phantom times 1 and times 16 within 2 greys."""
    greys = []
    for factor in (1, 16):
        values = phantom() * np.int16(factor)
        greys.append(Pipeline(rendering(), auto_window(values.ravel())).display(values).astype(int))
    assert np.abs(greys[0] - greys[1]).max() <= 2


def test_a_flat_image_has_width_one() -> None:
    """B22: c = v, w = 1."""
    window = auto_window(np.full(100, 7, np.int16))
    assert (window.center, window.width) == (7, 1)


def test_real_values_get_an_exact_window() -> None:
    """B11, B22: widths below 1 are normal for SUV, ADC and dose."""
    window = auto_window(np.linspace(0, 0.01, 1000, dtype=np.float32))
    assert window.function == VOILUTFunction.LINEAR_EXACT
    assert window.width == pytest.approx(0.0099, abs=1e-5)


def test_pet_starts_at_zero() -> None:
    """B22: 0 to the 99.9 percentile."""
    window = auto_window(np.linspace(2, 100, 1000, dtype=np.float32), rendering(modality="PT"))
    assert window.center - window.width / 2 == pytest.approx(0)


def test_padding_and_values_that_are_not_finite_are_left_out() -> None:
    """B26: by stored value, before the rescale."""
    stored = np.array([[-2000, 1, 2, 3]], np.int16)
    assert samples_of(stored, rendering(padding=(-2000, -2000), stage=Rescale(2, 0))).tolist() == [2, 4, 6]
    assert statistics_of(np.array([np.nan, 1, 3], np.float32)).mean == 2


def test_missing_rows_are_left_out() -> None:
    """A8: the filled part of a truncated frame does not count."""
    stored = np.array([[5, 5], [0, 0]], np.uint16)
    assert frame_statistics(stored, rendering(), complete_rows=1).minimum == 5


def test_nothing_to_look_at_gives_the_whole_range() -> None:
    """B22: all padding."""
    nothing = frame_statistics(np.full((2, 2), 9, np.uint16), rendering(padding=(9, 9)))
    window = default_voi(rendering(stored_range=(0, 4095), modality="MR"), nothing)
    assert (window.center, window.width) == (2048, 4096)


def test_the_header_comes_before_the_modality_and_that_before_auto() -> None:
    """B20, B22: CT in HU has 40/400."""
    header = Window(1, 2)
    statistics = statistics_of(np.arange(100))
    assert default_voi(rendering(voi=(header,), modality="CT", unit="HU"), statistics) is header
    ct = default_voi(rendering(modality="CT", unit="HU"), statistics)
    assert (ct.center, ct.width) == (40, 400)
    assert default_voi(rendering(modality="MR"), statistics).name == "Auto"


def test_screen_greys_are_shown_as_they_are() -> None:
    """B22: an 8-bit capture is no measurement."""
    voi = default_voi(rendering(bits_stored=8, stored_range=(0, 255), modality="OT"), statistics_of(np.arange(9)))
    values = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(Pipeline(rendering(), voi).display(values), values)


def test_frames_of_a_display_set_share_one_window() -> None:
    """B22, B36: the median of the frames' percentiles, exact extremes."""
    parts = [statistics_of(np.arange(low, low + 100)) for low in (0, 10, 1000)]
    together = merged(parts)
    assert (together.minimum, together.maximum, together.count) == (0, 1099, 300)
    assert together.low == parts[1].low


def test_a_drag_is_worth_the_range_over_1024() -> None:
    """B33: padding excluded, fixed at press."""
    assert drag_step(statistics_of(np.array([-1024, 1024]))) == 2
    assert drag_step(statistics_of(np.array([5, 5]))) == 1
