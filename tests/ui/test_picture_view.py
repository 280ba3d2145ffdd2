"""Reduced copies of a picture keep its mean (B28)."""

from __future__ import annotations

import numpy as np
import pytest

from workstation.ui.picture_view import halved


@pytest.mark.parametrize("shape", [(6, 8), (7, 9), (6, 8, 3), (7, 9, 3)])
def test_a_halved_picture_is_the_rounded_mean_of_four_pixels(shape: tuple[int, ...]) -> None:
    display = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    even = display[: shape[0] // 2 * 2, : shape[1] // 2 * 2].astype(int)
    expected = (even[0::2, 0::2] + even[0::2, 1::2] + even[1::2, 0::2] + even[1::2, 1::2] + 2) // 4
    assert np.array_equal(expected, halved(display))
