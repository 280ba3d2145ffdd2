"""Names, dates and ages as a person reads them; raw text where they are not valid (A16-A19, A23, A32)."""

from __future__ import annotations

import datetime
import re
import unicodedata
from functools import lru_cache

_AGE_UNITS = {"D": "d", "W": "w", "M": "m", "Y": "y"}
_KEEP = "\n\t"


def plain(text: object, limit: int = 200) -> str:
    """Return text safe to show on one line: no control, bidi-override or line characters, at most ``limit`` long.

    What is markup elsewhere stays the literal characters it is; widgets must show it as plain text (A32).
    """
    return _plain(str(text)[: 4 * limit], limit)


@lru_cache(maxsize=2048)
def _plain(text: str, limit: int) -> str:
    """Do the work of :func:`plain` once: the same few lines are shown with every slice."""
    shown = " ".join("".join(_visible(char) for char in text).split())
    return shown if len(shown) <= limit else shown[: max(0, limit - 1)] + "…"


def plain_lines(text: object, limit: int = 100_000) -> str:
    """Like :func:`plain` for text of several lines: line ends and tabs stay."""
    unified = str(text)[: limit + 1].replace("\r\n", "\n").replace("\r", "\n")
    shown = "".join(char if char in _KEEP else _visible(char) for char in unified)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _visible(char: str) -> str:
    if char in "\t\n\r\f\v":
        return " "
    # Cc controls, Cf format characters (bidi overrides, zero width), Cs lone surrogates; line separators.
    return "" if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char


def person_name(text: str, ideographic_first: bool = False) -> str:
    """Return a Person Name as shown: "Family, Given Middle, Suffix" (PS3.5 6.2.1.1).

    Parameters
    ----------
    text
        The decoded value; up to three component groups joined by ``=``.
    ideographic_first
        Show the ideographic group first where there is one, the others in brackets (A19).
    """
    groups = [one for group in text.split("=")[:3] if (one := _group(group))]
    if not groups:
        return ""
    if ideographic_first and len(groups) > 1 and text.split("=")[0].strip("^ "):
        groups = [groups[1], groups[0], *groups[2:]]
    first, others = groups[0], groups[1:]
    return f"{first} ({', '.join(others)})" if others else first


def name_groups(text: str) -> tuple[str, ...]:
    """Return every component group as shown, for searching in any of them (A19)."""
    return tuple(one for group in text.split("=") if (one := _group(group)))


def _group(text: str) -> str:
    family, given, middle, prefix, suffix = (plain(part) for part in (*text.split("^"), *[""] * 5)[:5])
    first_names = " ".join(part for part in (prefix, given, middle) if part)
    return ", ".join(part for part in (family, first_names, suffix) if part)


def date(text: str) -> str:
    """Return a DA or the date of a DT as ``2020-01-02``; anything else as it stands (A23)."""
    found = re.match(r"(\d{4})\.?(\d{2})\.?(\d{2})(?!\d{1,5}\Z)", text.strip(), re.ASCII)
    if found is None or not _is_day(*map(int, found.groups())):
        return plain(text, 40)
    return "-".join(found.groups())


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return True


def time(text: str) -> str:
    """Return a TM as ``13:45:10`` (``13:45`` without seconds); anything else as it stands (A23)."""
    found = re.fullmatch(r"(\d{2}):?(\d{2})?:?(\d{2})?(\.\d{1,6})?", text.strip(), re.ASCII)
    if found is None:
        return plain(text, 40)
    hour, minute, second = (int(part) if part else 0 for part in found.groups()[:3])
    if hour > 23 or minute > 59 or second > 60:
        return plain(text, 40)
    return ":".join(part for part in found.groups()[:3] if part) if found[2] else f"{found[1]}:00"


def date_time(text: str) -> str:
    """Return a DT with its offset from UTC shown, never applied (A41)."""
    found = re.fullmatch(r"(\d{8})(\d{2,6}(?:\.\d{1,6})?)?([+-]\d{4})?", text.strip(), re.ASCII)
    if found is None:
        return plain(text, 40)
    parts = [date(found[1]), time(found[2]) if found[2] else "", f"UTC{found[3]}" if found[3] else ""]
    return " ".join(part for part in parts if part)


def age(text: str) -> str:
    """Return an AS such as ``045Y`` as ``45 y``; anything else as it stands (A23)."""
    found = re.fullmatch(r"(\d{1,3})([DWMY])", text.strip(), re.ASCII)
    return f"{int(found[1])} {_AGE_UNITS[found[2]]}" if found else plain(text, 40)


def age_at(birth_date: str, study_date: str) -> str:
    """Return the age in whole years (months below two years) from two DA values, "" where either is unknown."""
    birth, study = date(birth_date), date(study_date)
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", birth) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", study):
        return ""
    (y0, m0, d0), (y1, m1, d1) = (tuple(map(int, one.split("-"))) for one in (birth, study))
    months = (y1 - y0) * 12 + m1 - m0 - (d1 < d0)
    if months < 0:
        return ""
    return f"{months // 12} y" if months >= 24 else f"{months} m"


def sex(text: str) -> str:
    """Return Patient's Sex as shown: F, M, O; anything else as it stands."""
    return plain(text, 16)
