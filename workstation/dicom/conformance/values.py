"""The form of values: repertoire, length and pattern of each Value Representation (PS3.5 6.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING

from workstation.dicom.conformance.findings import Remark, deviation, error
from workstation.wording import phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

CLAUSE = "PS3.5 6.2"
SHOWN = 32
_CONTROL = re.compile(r"[\x00-\x1a\x1c-\x1f\x7f]")
_CONTROL_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_UID = re.compile(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))*")
_UID_LOOSE = re.compile(r"\d+(?:\.\d+)*")
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)")
_OLD_DATE = re.compile(r"\d{4}\.\d\d\.\d\d")
_TIME = re.compile(r"([01]\d|2[0-3])(?:[0-5]\d(?:(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?")
_OLD_TIME = re.compile(r"\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?")
_MOMENT = re.compile(
    r"\d{4}(?:(?:0[1-9]|1[0-2])(?:(?:0[1-9]|[12]\d|3[01])(?:(?:[01]\d|2[0-3])(?:[0-5]\d(?:(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?)?)?)?"
    r"(?:[+-]\d{4})?"
)
_AGE = re.compile(r"\d{3}[DWMY]")
_DECIMAL = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_INTEGER = re.compile(r"[+-]?\d+")
_CODE = re.compile(r"[A-Z0-9 _]*")
_LENGTHS = {
    "AE": 16,
    "CS": 16,
    "SH": 16,
    "LO": 64,
    "ST": 1024,
    "LT": 10240,
    "UI": 64,
    "DS": 16,
    "IS": 12,
    "DT": 26,
    "TM": 16,
}


def shown(value: str) -> str:
    """Return a value for a sentence: short, printable, in quotation marks."""
    clean = "".join(char if char.isprintable() else "�" for char in value)
    return f"“{clean[:SHOWN]}…”" if len(clean) > SHOWN else f"“{clean}”"


def remarks(vr: str, values: Sequence[str]) -> Iterator[Remark]:
    """Yield what is wrong with the form of text values, each kind once.

    Parameters
    ----------
    vr
        The Value Representation they have or should have.
    values
        Decoded values, without padding.
    """
    judge = _FORMS.get(vr)
    seen = set()
    for value in values:
        for remark in (judge(value) if judge is not None else _text(vr, value)) if value else ():
            if remark.code not in seen:
                seen.add(remark.code)
                yield remark


def _too_long(vr: str, value: str) -> Iterator[Remark]:
    most = _LENGTHS.get(vr)
    if most is not None and len(value) > most:
        yield deviation(
            "length", phrase("{0} has {1} characters; {2} allows {3}.", shown(value), len(value), vr, most), CLAUSE
        )


def _form(vr: str, value: str, asked: str) -> Remark:
    return error("form", phrase("{0} is no {1} value: {2}.", shown(value), vr, asked), CLAUSE)


def _uid(value: str) -> Iterator[Remark]:
    if len(value) > 64:
        yield error("uid", phrase("The UID has {0} characters; 64 are allowed.", len(value)), "PS3.5 9.1")
    if not _UID_LOOSE.fullmatch(value):
        yield error(
            "uid", phrase("{0} is no UID: numbers with dots between them are asked for.", shown(value)), "PS3.5 9.1"
        )
    elif not _UID.fullmatch(value):
        yield error("uid", phrase("{0} has a component with a leading zero.", shown(value)), "PS3.5 9.1")
    elif value.partition(".")[0] not in ("0", "1", "2") or not value.strip("0."):
        yield error("uid", phrase("{0} has no root: the first component is 0, 1 or 2.", shown(value)), "PS3.5 B.1")


def _date(value: str) -> Iterator[Remark]:
    found = _DATE.fullmatch(value)
    if found is None:
        if _OLD_DATE.fullmatch(value):
            yield deviation(
                "old-form", phrase("{0} is a date in the form of ACR-NEMA, with dots.", shown(value)), CLAUSE
            )
        else:
            yield _form("DA", value, phrase("YYYYMMDD is asked for"))
        return
    try:
        date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        yield _form("DA", value, phrase("there is no such day"))


def _time(value: str) -> Iterator[Remark]:
    if _TIME.fullmatch(value) is None:
        if _OLD_TIME.fullmatch(value):
            yield deviation(
                "old-form", phrase("{0} is a time in the form of ACR-NEMA, with colons.", shown(value)), CLAUSE
            )
        else:
            yield _form("TM", value, phrase("HHMMSS.FFFFFF is asked for"))


def _moment(value: str) -> Iterator[Remark]:
    if _MOMENT.fullmatch(value) is None:
        yield _form("DT", value, phrase("YYYYMMDDHHMMSS.FFFFFF±ZZXX is asked for"))


def _age(value: str) -> Iterator[Remark]:
    if _AGE.fullmatch(value) is None:
        yield _form("AS", value, phrase("three digits and D, W, M or Y are asked for"))


def _decimal(value: str) -> Iterator[Remark]:
    if _DECIMAL.fullmatch(value) is None:
        yield _form("DS", value, phrase("a decimal number is asked for"))
    yield from _too_long("DS", value)


def _integer(value: str) -> Iterator[Remark]:
    if _INTEGER.fullmatch(value) is None:
        yield _form("IS", value, phrase("a whole number is asked for"))
    elif not -(1 << 31) <= int(value[:40]) < 1 << 31:
        yield error("range", phrase("{0} is outside the range of IS.", shown(value)), CLAUSE)
    else:
        yield from _too_long("IS", value)


def _code(value: str) -> Iterator[Remark]:
    if _CODE.fullmatch(value) is None:
        yield deviation(
            "repertoire",
            phrase("{0} has characters that CS does not allow: A-Z, 0-9, space and _ are.", shown(value)),
            CLAUSE,
        )
    yield from _too_long("CS", value)


def _name(value: str) -> Iterator[Remark]:
    groups = value.split("=")
    if len(groups) > 3:
        yield error(
            "form",
            phrase("{0} has {1} component groups; a name has three at most.", shown(value), len(groups)),
            "PS3.5 6.2.1",
        )
    if any(len(group) > 64 for group in groups):
        yield deviation(
            "length", phrase("{0} has a component group of more than 64 characters.", shown(value)), "PS3.5 6.2.1"
        )
    if any(group.count("^") > 4 for group in groups):
        yield error("form", phrase("{0} has more than five components.", shown(value)), "PS3.5 6.2.1")
    if _CONTROL.search(value):
        yield deviation("repertoire", phrase("{0} has control characters.", shown(value)), CLAUSE)


def _text(vr: str, value: str) -> Iterator[Remark]:
    pattern = _CONTROL_IN_TEXT if vr in ("ST", "LT", "UT") else _CONTROL
    if vr in ("AE", "SH", "LO", "UC", "UR", "ST", "LT", "UT") and pattern.search(value):
        yield deviation(
            "repertoire", phrase("{0} has control characters that {1} does not allow.", shown(value), vr), CLAUSE
        )
    yield from _too_long(vr, value)


_FORMS: dict[str, Callable[[str], Iterator[Remark]]] = {
    "UI": _uid,
    "DA": _date,
    "TM": _time,
    "DT": _moment,
    "AS": _age,
    "DS": _decimal,
    "IS": _integer,
    "CS": _code,
    "PN": _name,
}


def multiplicity(asked: str, given: int) -> bool:
    """Tell whether a number of values fits a multiplicity of PS3.6: "1", "1-n", "2-2n", "1-8" or "3-3n"."""
    for one in asked.split(" or "):
        least, _, most = one.partition("-")
        if not most:
            if given == int(least):
                return True
        elif most.endswith("n"):
            step = int(most[:-1] or 1)
            if given >= int(least) and given % step == 0:
                return True
        elif int(least) <= given <= int(most):
            return True
    return False
