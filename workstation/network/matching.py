"""Whether a value fits a key of a query (PS3.4 C.2.2.2), asked again here since servers ignore keys (G5).

A value that a server may have matched more freely than the Standard's letter (case, accents, groups of a name) is
taken as a match: this must not hide what a server rightly found.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from workstation.errors import WorkstationError

TEXT_VRS: Final = frozenset({"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"})
"""Where ``*`` and ``?`` are wildcards (PS3.4 C.2.2.2.4)."""
BINARY_VRS: Final = frozenset({"FD", "FL", "SL", "SS", "SV", "UL", "US", "UV"})
NUMBER_VRS: Final = BINARY_VRS | {"DS", "IS"}
RANGE_VRS: Final = frozenset({"DA", "TM", "DT"})
LISTS: Final = frozenset({"ModalitiesInStudy", "Modality"})
"""Keys besides UIDs that take several values here; each is asked for on its own."""
PRESETS: Final = ("today", "yesterday", "last 7 days", "last 30 days", "last year")

_SHAPES: Final = {"DA": r"\d{8}", "TM": r"\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?", "DT": r"\d{4,14}(?:\.\d{1,6})?"}
_EXAMPLES: Final = {
    "DA": "a date is YYYYMMDD, a range YYYYMMDD-YYYYMMDD, with one end left out where it is open",
    "TM": "a time is HHMMSS, a range HHMMSS-HHMMSS, with one end left out where it is open",
    "DT": "a point in time is YYYYMMDDHHMMSS, a range has a - between two, with one end left out where it is open",
}
_NAME_DELIMITERS = re.compile(r"[\^ ]+")


class QueryError(WorkstationError):
    """A query that cannot be asked as it is written; the sentence names the key."""

    code = "query"


def date_range(preset: str, today: datetime.date | None = None) -> str:
    """Return the DA key of one of :data:`PRESETS`, ending with today.

    Examples
    --------
    >>> date_range("last 7 days", datetime.date(2024, 3, 2))
    '20240225-20240302'

    Raises
    ------
    QueryError
    """
    end = today or datetime.date.today()
    if preset == "yesterday":
        end -= datetime.timedelta(days=1)
    days = {"today": 0, "yesterday": 0, "last 7 days": 6, "last 30 days": 29, "last year": 364}
    if preset not in days:
        raise QueryError(f"There is no span of dates of that name; there are {', '.join(PRESETS)}.")
    first = end - datetime.timedelta(days=days[preset])
    return f"{end:%Y%m%d}" if first == end else f"{first:%Y%m%d}-{end:%Y%m%d}"


def checked_key(keyword: str, vr: str, value: str) -> str:
    """Return a key's value as it is sent: universal is empty, blanks around it are gone.

    Raises
    ------
    QueryError
        Where the value is not one for this kind of key.
    """
    value = value.strip()
    if not value.strip("*"):
        return ""
    if any(ord(char) < 32 for char in value):
        raise QueryError(f"{keyword}: control characters cannot be asked for.")
    if vr == "UI":
        parts = [part.strip() for part in value.split("\\")]
        if not all(re.fullmatch(r"[0-9.]{1,64}", part) for part in parts):
            raise QueryError(f"{keyword}: a UID is digits and dots, several are joined by a backslash.")
        return "\\".join(parts)
    if "\\" in value and keyword not in LISTS and vr not in ("ST", "LT", "UT"):
        raise QueryError(f"{keyword}: several values are possible for UIDs and modalities alone.")
    if vr in RANGE_VRS:
        shape = _SHAPES[vr]
        one = f"(?:{shape})"
        if not re.fullmatch(f"{one}|{one} ?- ?{one}?|- ?{one}", value, re.ASCII) or value == "-":
            raise QueryError(f"{keyword}: {_EXAMPLES[vr]}.")
        return value.replace(" ", "")
    if vr == "SQ":
        raise QueryError(f"{keyword}: a sequence cannot be asked for by a value.")
    if vr in NUMBER_VRS and _number(value) is None:
        raise QueryError(f"{keyword}: a number is asked for without wildcards.")
    if vr == "AS" and not re.fullmatch(r"\d{3}[DWMY]", value, re.ASCII):
        raise QueryError(f"{keyword}: an age is three digits and D, W, M or Y.")
    return value


def matches(vr: str, key: str, values: Sequence[str]) -> bool:
    """Tell whether one of the values fits the key; an empty key fits everything, no value fits nothing else.

    ``values`` are decoded, their padding stripped; ``key`` has gone through :func:`checked_key`.
    """
    if not key:
        return True
    fits = _fitting(vr, key)
    return any(value != "" and fits(value) for value in values)


@lru_cache(maxsize=64)
def _fitting(vr: str, key: str) -> Callable[[str], bool]:
    """Return the test of a key, made once for all answers."""
    if vr == "UI":
        uids = frozenset(key.split("\\"))
        return lambda value: value in uids
    if vr in RANGE_VRS:
        return _ranged(vr, key)
    if vr == "PN":
        whole = _pattern(_folded_name(key))
        # empty components at the end may be left out (PS3.5 6.2.1.1)
        return lambda value: any(whole.fullmatch(one) or whole.fullmatch(f"{one}^") for one in _groups(value))
    if vr in NUMBER_VRS:
        number = _number(key)
        return lambda value: _number(value) == number
    patterns = [_pattern(_folded(part)) for part in key.split("\\")]
    return lambda value: any(pattern.fullmatch(_folded(value)) for pattern in patterns)


def _ranged(vr: str, key: str) -> Callable[[str], bool]:
    first, dash, last = key.partition("-")
    last = last if dash else first
    first, last = _digits(first), _digits(last)

    def fits(value: str) -> bool:
        # ACR-NEMA wrote dates and times with dots and colons (PS3.5 6.2)
        there = _digits(value.replace(".", "") if vr == "DA" else value.replace(":", ""))
        return bool(there) and _padded(first, "0") <= _padded(there, "0") <= _padded(last, "9")

    return fits


def _digits(text: str) -> str:
    """Return the digits of a date or time, a fraction's behind them, its zone left out."""
    found = re.match(r"[\d.]*", text.strip())
    return found.group().replace(".", "") if found else ""


def _padded(digits: str, fill: str) -> str:
    return digits.ljust(20, fill)


def _number(text: str) -> float | None:
    try:
        return float(text) if text.isascii() and "_" not in text else None
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _pattern(folded: str) -> re.Pattern[str]:
    """Return the wildcards of a key as a pattern; runs of ``*`` are one, so that none is slow."""
    simple = re.sub(r"\*+", "*", folded)
    parts = [{"*": ".*", "?": "."}.get(char, re.escape(char)) for char in simple]
    return re.compile("".join(parts), re.DOTALL)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    kept = "".join(char for char in plain if not "\u0300" <= char <= "\u036f")
    return " ".join(unicodedata.normalize("NFKC", kept).lower().split())


def _folded_name(text: str) -> str:
    return _NAME_DELIMITERS.sub("^", _folded(text)).strip("^")


def _groups(name: str) -> tuple[str, ...]:
    """Return a name as a whole and its component groups (PS3.5 6.2.1), each as it is compared."""
    folded = _folded(name)
    groups = (folded, *folded.split("=")) if "=" in folded else (folded,)
    return tuple(_NAME_DELIMITERS.sub("^", group).strip("^") for group in groups)
