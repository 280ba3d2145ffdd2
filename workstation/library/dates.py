"""What a person types for a date -> the first and last day that are meant."""

from __future__ import annotations

import re
from calendar import monthrange

_YEAR_FIRST = re.compile(r"([0-9]{4})(?:[-./ ]?([0-9]{1,2})(?:[-./ ]?([0-9]{1,2}))?)?[-./ ]?\Z")
_DAY_FIRST = re.compile(r"(?:([0-9]{1,2})\.)?([0-9]{1,2})\.([0-9]{4})\Z")


def date_range(text: str) -> tuple[str, str] | None:
    """Return (first, last) as DA values, None where the text is no date.

    A year, a month or a day; with ``..`` or an en dash between two of them everything from the one to the other, and
    with one side empty everything from or up to it. What is still being typed means what is there of it: ``2024-0``
    is 2024.

    Examples
    --------
    >>> date_range("2024"), date_range("2024-02"), date_range("2023..2024-05-07"), date_range("7.5.2024")
    (('20240101', '20241231'), ('20240201', '20240229'), ('20230101', '20240507'), ('20240507', '20240507'))
    """
    first, separator, last = text.replace("–", "..").strip().partition("..")
    if not separator:
        return _span(first)
    start, end = _span(first) if first.strip() else ("", ""), _span(last) if last.strip() else ("", "")
    if start is None or end is None or not (start[0] or end[1]):
        return None
    if start[0] and end[1] and start[0] > end[1]:
        start, end = end, start
    return start[0], end[1]


def _span(text: str) -> tuple[str, str] | None:
    match, turned = _YEAR_FIRST.match(text.strip()), _DAY_FIRST.match(text.strip())
    if match is None and turned is None:
        return None
    year, month, day = match.groups() if match is not None else turned.groups()[::-1]  # type: ignore[union-attr]
    return _days(int(year), int(month or 0), int(day or 0))


def _days(year: int, month: int, day: int) -> tuple[str, str] | None:
    """Return the first and last day of a year, of a month (``day`` 0), or one day twice."""
    if not 1 <= year <= 9999 or month > 12:
        return None
    if not month:
        return None if day else (f"{year:04}0101", f"{year:04}1231")
    longest = monthrange(year, month)[1]
    if not day:
        return f"{year:04}{month:02}01", f"{year:04}{month:02}{longest:02}"
    return (f"{year:04}{month:02}{day:02}",) * 2 if day <= longest else None
