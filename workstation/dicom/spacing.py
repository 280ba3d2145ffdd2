"""Sizes of pixels as headers state them, and which of them can be true (D32)."""

from __future__ import annotations

from typing import Any

LEAST, MOST = 1e-7, 1e6
"""Sizes in mm from which and up to which a pixel is believed: electron microscopes to walls."""
MOST_RATIO = 100.0
"""Greatest ratio of the two sizes that is believed; more would draw a picture as a line."""


def usable_sizes(pair: Any) -> tuple[float, float] | None:
    """Return two sizes that can be true, else None.

    Negative ones, seen in the wild, count by their size; zero counts as absent.
    """
    if not isinstance(pair, tuple) or len(pair) < 2 or None in pair[:2]:
        return None
    first, second = abs(float(pair[0])), abs(float(pair[1]))
    if not (LEAST <= first <= MOST and LEAST <= second <= MOST):
        return None
    return (first, second) if max(first, second) <= MOST_RATIO * min(first, second) else None
