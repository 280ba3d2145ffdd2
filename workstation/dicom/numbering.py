"""Instance Numbers that are left out: evidence that images are missing, where they count images at all (N9)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import gcd
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

FEW = 4
"""Ranges that are told."""
SCATTERED = 20
"""Numbers left out for each that is there from which on they are no count of images."""


@dataclass(frozen=True, slots=True)
class Numbering:
    """How many numbers stand between the first and the last, these included, and which are left out, in words."""

    said: int
    ranges: str


def numbering(numbers: Sequence[int]) -> Numbering | None:
    """Return what ascending, distinct numbers tell, counted in even steps; None where they tell nothing.

    Examples
    --------
    >>> numbering([1, 2, 4, 8]), numbering([1, 3, 5]).said, numbering([1, 900])
    (Numbering(said=8, ranges='3, 5–7'), 3, Numbering(said=2, ranges=''))
    """
    if len(numbers) < 2:
        return None
    step = gcd(*(after - before for before, after in pairwise(numbers)))
    said = (numbers[-1] - numbers[0]) // step + 1
    if said > SCATTERED * len(numbers):
        return None
    ranges = [
        str(before + step) if after - before == 2 * step else f"{before + step}–{after - step}"
        for before, after in pairwise(numbers)
        if after - before > step
    ]
    return Numbering(said, ", ".join(ranges[:FEW]) + (" …" if len(ranges) > FEW else ""))
