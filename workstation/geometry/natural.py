"""Comparable values of times and names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

DIGITS = re.compile(r"(\d+)")


def moment(value: Any) -> float | None:
    """Return a number that orders times: numbers as they are, DA/TM/DT text by its digits, else None.

    Examples
    --------
    >>> moment("13:45"), moment("134500.25"), moment("x")
    (134500.0, 134500.25, None)
    """
    if isinstance(value, (int, float)):
        return float(value)
    if not isinstance(value, str):
        return None
    text = re.sub(r"[+-]\d{4}$", "", value.strip()).replace(":", "")
    whole, _, fraction = text.partition(".")
    if not whole.isdigit() or (fraction and not fraction.isdigit()):
        return None
    # Times may leave out seconds (HHMM) and date times everything below the year: both pad with zeros.
    size = 6 if len(whole) <= 6 else 14
    return float(f"{whole.ljust(size, '0')}.{fraction or 0}")


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key under which ``IM2`` comes before ``IM10``."""
    parts = DIGITS.split(text.casefold())
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts)
