"""What a person types for a date -> the first and last day that are meant."""

from __future__ import annotations

import re
from calendar import monthrange

_PARTS = re.compile(r"(\d{4})(?:[-./ ]?(\d{1,2})(?:[-./ ]?(\d{1,2}))?)?\Z")


def date_range(text: str) -> tuple[str, str] | None:
    """Return (first, last) as DA values, None where the text is no date.

    A year, a month or a day; with ``..`` or an en dash between two of them everything from the one to the other, and
    with one side empty everything from or up to it.

    Examples
    --------
    >>> date_range("2024"), date_range("2024-02"), date_range("2023..2024-05-07")
    (('20240101', '20241231'), ('20240201', '20240229'), ('20230101', '20240507'))
    """
    first, separator, last = text.replace("–", "..").strip().partition("..")
    if not separator:
        return _span(first)
    start, end = _span(first) if first.strip() else ("", ""), _span(last) if last.strip() else ("", "")
    return (start[0], end[1]) if start is not None and end is not None else None


def _span(text: str) -> tuple[str, str] | None:
    match = _PARTS.match(text.strip())
    if match is None:
        return None
    year, month, day = match[1], int(match[2] or 0), int(match[3] or 0)
    if match[2] is None:
        return f"{year}0101", f"{year}1231"
    if not 1 <= month <= 12 or int(year) < 1:
        return None
    longest = monthrange(int(year), month)[1]
    if match[3] is None:
        return f"{year}{month:02}01", f"{year}{month:02}{longest:02}"
    return (f"{year}{month:02}{day:02}",) * 2 if 1 <= day <= longest else None
