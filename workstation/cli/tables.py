"""Tables for people: columns as wide as what is in them, bounded, without control characters."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from workstation.dicom.display_names import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDEST = 40


def table(titles: Sequence[str], rows: Sequence[Sequence[str]], widest: int = WIDEST) -> list[str]:
    """Return the lines of a table; UIDs and other last columns are never cut.

    Characters of double width (East Asian) count as two.
    """
    last = len(titles) - 1
    cells = [
        [plain(cell, 200 if column == last else widest) for column, cell in enumerate(row)] for row in [titles, *rows]
    ]
    widths = [max(_width(row[column]) for row in cells) for column in range(len(titles))]
    return ["  ".join(cell + " " * (widths[n] - _width(cell)) for n, cell in enumerate(row)).rstrip() for row in cells]


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
