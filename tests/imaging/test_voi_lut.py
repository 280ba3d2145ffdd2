from __future__ import annotations

import numpy as np
import pytest

from workstation.imaging.lookup_table import LookupTable
from workstation.imaging.voi_lut import VoiLut, VoiLutStage, apply_window, is_usable
from workstation.imaging.window import VOILUTFunction, Window

SOFT = Window(40, 400)


def grey(value: float, window: Window) -> float:
    return float(apply_window(np.array([value]), window)[0])


@pytest.mark.parametrize(
    ("value", "expected"), [(-160, 0), (-159, 0.639), (0, 102.256), (40, 127.820), (100, 166.165), (239, 255)]
)
def test_linear_has_its_half_values(value: float, expected: float) -> None:
    """B10: c - 0.5 and w - 1, PS3.3 C.11.2.1.2.1."""
    assert grey(value, SOFT) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize(("value", "expected"), [(-160, 0), (0, 102), (40, 127.5), (239, 254.363), (240, 255)])
def test_linear_exact_has_none(value: float, expected: float) -> None:
    """B11: PS3.3 C.11.2.1.3.2."""
    exact = Window(40, 400, VOILUTFunction.LINEAR_EXACT)
    assert grey(value, exact) == pytest.approx(expected, abs=5e-4)


def test_linear_exact_can_be_the_identity() -> None:
    """B11: slope 1/65535, centre 0.5 and width 1 keep 16 bits."""
    exact = Window(0.5, 1, VOILUTFunction.LINEAR_EXACT)
    assert grey(32768 / 65535, exact) == pytest.approx(255 * 32768 / 65535)


@pytest.mark.parametrize(("value", "expected"), [(-160, 30.397), (40, 127.5), (240, 224.603)])
def test_sigmoid_is_not_clipped_at_the_window(value: float, expected: float) -> None:
    """B12: PS3.3 C.11.2.1.3.1."""
    assert grey(value, Window(40, 400, VOILUTFunction.SIGMOID)) == pytest.approx(expected, abs=5e-4)


def test_a_sigmoid_far_from_its_centre_does_not_overflow() -> None:
    """B12: the exponential is bounded."""
    assert grey(-1e6, Window(40, 1, VOILUTFunction.SIGMOID)) == pytest.approx(0)


def test_width_one_is_a_threshold() -> None:
    """B14: centre 40, width 1."""
    assert (grey(39, Window(40, 1)), grey(39.5, Window(40, 1)), grey(40, Window(40, 1))) == (0, 0, 255)


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (Window(0, 0), False),
        (Window(0, -5), False),
        (Window(0, 0.5), False),
        (Window(0, 1), True),
        (Window(0, 0.5, VOILUTFunction.LINEAR_EXACT), True),
        (Window(float("nan"), 10), False),
    ],
)
def test_unusable_widths_are_known(window: Window, expected: bool) -> None:
    """B14: LINEAR needs at least 1, the others more than 0."""
    assert is_usable(window) is expected


def test_a_table_of_4096_entries_of_8_bits_is_indexed_whole() -> None:
    """B18: the index does not wrap at 256, and values outside are clamped."""
    table = LookupTable(0, (np.arange(4096) >> 4).astype(np.int32), 8)
    found = VoiLutStage(VoiLut(table)).apply(np.array([0, 100, 255, 256, 2048, 4095, 9999, -7], np.int16))
    assert found.tolist() == [0, 6, 15, 16, 128, 255, 255, 0]


def test_a_table_is_scaled_from_its_own_depth() -> None:
    """B19: 12-bit entries, full scale is white."""
    table = LookupTable(0, np.array([0, 2048, 4095], np.int32), 12)
    assert VoiLutStage(VoiLut(table)).apply(np.arange(3)).tolist() == pytest.approx([0, 127.53, 255], abs=0.01)


def test_dragging_starts_from_the_span_of_the_table() -> None:
    """B17: centre and width over the table's inputs."""
    lut = VoiLut(LookupTable(-1024, np.zeros(4096, np.int32), 8))
    assert lut.as_window() == Window(1024, 4096)


def test_a_window_out_of_this_world_is_not_usable() -> None:
    """Damage such as a centre of 1e308 falls back to the next choice instead of overflowing (B14)."""
    assert not is_usable(Window(1e308, 400.0))
    assert not is_usable(Window(40.0, 1e-308, VOILUTFunction.LINEAR_EXACT))
    assert not is_usable(Window(float("nan"), 400.0))
