"""Questions to columns of headers: what varies, what changed at a slice, in what two of them differ (N8)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from workstation.dicom.header_paths import SEVERAL, path_keyword, path_name, path_tag, value_text
from workstation.dicom.identifying import is_identifying
from workstation.objects.header_columns import Bulk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workstation.dicom.header_paths import Path
    from workstation.objects.header_columns import Column, HeaderColumns, Kept

NUMBERS = frozenset({"DS", "IS", "US", "SS", "UL", "SL", "FL", "FD", "SV", "UV"})
NOWHERE = "–"
"""Stands for an element that is not there."""
EMPTY = "(empty)"
"""Stands for one that is there without a value."""


@dataclass(frozen=True, slots=True)
class Element:
    """What an element is called; ``identifying`` where its value is hidden with identity."""

    keyword: str
    tag: str
    name: str
    vr: str
    identifying: bool


@dataclass(frozen=True, slots=True, eq=False)
class Variation:
    """An element that is not the same in every frame.

    ``distinct`` counts different values, ``missing`` frames without it. ``strip`` is 0 to 1 for each frame, NaN where
    it is absent: of numbers the value between least and greatest, of anything else the turn in which a value first
    came. ``shown`` is the range, or the values.
    """

    element: Element
    path: Path
    distinct: int
    missing: int
    shown: str
    strip: NDArray[np.float32]
    numeric: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """An element with two values; ``kind`` is "changed", "added" (only on the right) or "removed"."""

    element: Element
    path: Path
    kind: str
    left: str
    right: str


@dataclass(frozen=True, slots=True, eq=False)
class SeriesHeaders:
    """The headers of a stack and what varies in them, worked out once."""

    columns: HeaderColumns
    varying: tuple[Variation, ...]


@lru_cache(maxsize=20_000)
def element_at(path: Path, vr: str) -> Element:
    """Return what the element a path leads to is called."""
    tag = path[-1][0] if path[-1][0] >= SEVERAL else path[-2][0]
    keyword = path_keyword(path)
    within = any(
        step >= SEVERAL and is_identifying(step, path_keyword(((step, creator),)), "") for step, creator in path
    )
    identifying = within or is_identifying(tag, keyword.rpartition(".")[2], vr)
    return Element(keyword, path_tag(path), path_name(path), vr, identifying)


def varying(columns: HeaderColumns) -> list[Variation]:
    """Return the elements that are not the same in every frame that was read, in tag order."""
    found = []
    for path, column in columns.columns.items():
        counts = Counter(column.values)
        if len(counts) > 1 and not (columns.unread and len(counts) == 2 and counts[None] == columns.unread):
            found.append(_variation(path, column, counts, columns))
    return found


def _variation(path: Path, column: Column, counts: Counter[Any], columns: HeaderColumns) -> Variation:
    missing = counts.pop(None, 0)
    values = list(dict.fromkeys(value for value in column.values if value is not None))
    numbers = _numbers(path, column.vr, values, columns)
    element = element_at(path, column.vr)
    turn = {value: place for place, value in enumerate(values)}
    if numbers is None:
        levels = np.arange(len(values), dtype=np.float32) / max(len(values) - 1, 1)
        shown = _listed(path, column.vr, values, columns)
    else:
        low, high = numbers.min(axis=0), numbers.max(axis=0)
        spread = np.where(high > low, high - low, 1.0)
        most = int(np.argmax((high - low) / np.maximum(np.abs(numbers).max(axis=0), 1e-12)))
        levels = ((numbers[:, most] - low[most]) / spread[most]).astype(np.float32)
        shown = _ranged(low, high)
    levels = np.append(levels, np.float32(np.nan))
    strip = levels[np.array([turn.get(value, -1) for value in column.values])]
    return Variation(element, path, len(values), missing, shown, strip, numbers is not None)


def _numbers(path: Path, vr: str, values: list[Kept], columns: HeaderColumns) -> NDArray[np.float64] | None:
    """Return one row of numbers for each value; None where they are none, or not as many in each."""
    if vr not in NUMBERS:
        return None
    rows = []
    for value in values:
        try:
            rows.append([float(part) for part in _text(path, vr, value, columns).split("\\")])
        except ValueError:
            return None
    if len({len(row) for row in rows}) != 1:
        return None
    found = np.array(rows, np.float64)
    return found if np.isfinite(found).all() else None


def _ranged(low: NDArray[np.float64], high: NDArray[np.float64]) -> str:
    parts = [f"{a:.6g}" if a == b else f"{a:.6g} … {b:.6g}" for a, b in zip(low, high, strict=True)]
    moving = np.flatnonzero(low != high)
    if len(moving) == 1 and len(parts) > 1:
        return f"{parts[moving[0]]} (value {moving[0] + 1} of {len(parts)})".replace("-", "−")
    return " \\ ".join(parts).replace("-", "−")


def _listed(path: Path, vr: str, values: list[Kept], columns: HeaderColumns, most: int = 4) -> str:
    shown = [_text(path, vr, value, columns) for value in values[:most]]
    return ", ".join(shown) + (", …" if len(values) > most else "")


def changed(columns: HeaderColumns, index: int, before: int) -> list[Difference]:
    """Return what is different in one frame from another, in tag order."""
    return _compared(columns, index, columns, before)


def differences(left: HeaderColumns, i: int | None, right: HeaderColumns, j: int | None) -> list[Difference]:
    """Return what is different between two frames; None for an index means the whole series.

    A series says its value where it has but one, else how many and their range.
    """
    return _compared(right, j, left, i)


def _compared(right: HeaderColumns, j: int | None, left: HeaderColumns, i: int | None) -> list[Difference]:
    found = []
    for path in sorted({*left.columns, *right.columns}):
        sides = [side.columns.get(path) for side in (left, right)]
        vr = next(column.vr for column in sides if column is not None)
        a, b = _side(sides[0], i), _side(sides[1], j)
        if a == b:
            continue
        kind = "added" if not a - {None} else "removed" if not b - {None} else "changed"
        texts = [_side_text(path, vr, side, columns) for side, columns in ((a, left), (b, right))]
        found.append(Difference(element_at(path, vr), path, kind, texts[0], texts[1]))
    return found


def _side(column: Column | None, index: int | None) -> frozenset[Kept]:
    if column is None:
        return frozenset({None})
    return frozenset({column.values[index]}) if index is not None else frozenset(column.values)


def _side_text(path: Path, vr: str, values: frozenset[Kept], columns: HeaderColumns) -> str:
    present = list(values - {None})
    if not present:
        return NOWHERE
    if len(values) == 1:
        return _text(path, vr, present[0], columns)
    numbers = _numbers(path, vr, present, columns)
    shown = _ranged(numbers.min(axis=0), numbers.max(axis=0)) if numbers is not None else ""
    return f"{len(present)} values" + (f": {shown}" if shown else "")


def value_at(columns: HeaderColumns, path: Path, index: int) -> str:
    """Return a value as text, or that it is not there."""
    column = columns.columns.get(path)
    value = column.values[index] if column is not None and 0 <= index < columns.count else None
    return NOWHERE if column is None or value is None else _text(path, column.vr, value, columns)


def _text(path: Path, vr: str, value: Kept, columns: HeaderColumns) -> str:
    if value is None:
        return NOWHERE
    if isinstance(value, Bulk):
        return f"{value.length:,} bytes, hash {value.digest[:8]}"
    return value_text(path, vr, value, columns.charsets) or EMPTY
