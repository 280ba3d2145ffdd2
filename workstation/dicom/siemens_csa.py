"""Siemens CSA image header: a private block of named elements (SV10 and the older layout without a magic)."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_COUNTS = Struct("<ii").unpack_from
_ELEMENT = Struct("<64si4siii").unpack_from
_ITEM = Struct("<4i").unpack_from
_ELEMENT_SIZE, _ITEM_SIZE = 84, 16
_MOST = 1000


def parse_csa(data: bytes, wanted: Iterable[str] | None = None) -> dict[str, tuple[str, ...]]:
    """Return the values of the named elements as text; damaged headers give what could be read.

    Parameters
    ----------
    data
        Value of (0029,xx10) CSA Image Header Info, creator ``SIEMENS CSA HEADER``.
    wanted
        Names to keep, for example ``("NumberOfImagesInMosaic",)``; None keeps all.
    """
    names = None if wanted is None else frozenset(wanted)
    second = data[:4] == b"SV10"
    pos = 8 if second else 0
    out: dict[str, tuple[str, ...]] = {}
    if len(data) < pos + 8:
        return out
    count, _ = _COUNTS(data, pos)
    pos += 8
    for _ in range(min(max(count, 0), _MOST)):
        if pos + _ELEMENT_SIZE > len(data):
            break
        raw_name, _, _, _, items, _ = _ELEMENT(data, pos)
        name = raw_name.split(b"\0", 1)[0].decode("latin-1")
        pos += _ELEMENT_SIZE
        values, pos = _items(data, pos, items, second)
        if values and (names is None or name in names):
            out[name] = values
        if pos < 0:
            break
    return out


def _items(data: bytes, pos: int, count: int, second: bool) -> tuple[tuple[str, ...], int]:
    """Return the values of one element and the next position, -1 where the header is damaged."""
    values: list[str] = []
    for _ in range(min(max(count, 0), _MOST)):
        if pos + _ITEM_SIZE > len(data):
            return tuple(values), -1
        lengths = _ITEM(data, pos)
        pos += _ITEM_SIZE
        # The old layout stores the length off by a constant in another word; its second word repeats it.
        length = lengths[1] if second else lengths[0]
        if length < 0 or pos + length > len(data):
            return tuple(values), -1
        value = data[pos : pos + length].split(b"\0", 1)[0].decode("latin-1").strip()
        if value:
            values.append(value)
        pos += (length + 3) // 4 * 4
    return tuple(values), pos
