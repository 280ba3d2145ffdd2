"""Reads the Standard's own words on conditions where they follow a fixed form, and nothing else.

``"Required if Samples per Pixel has a value greater than 1."`` becomes a question to :class:`Facts`. A text whose first
sentence does not parse to its last word is not evaluated: guessing would raise false alarms.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workstation.dicom.conformance.facts import Facts

Question = Callable[["Facts"], "bool | None"]

_START = re.compile(r"(?:Required|Shall be present) if:? (?:Required if )?")
_END = re.compile(r"\.(?=\s+[A-Z(])|\.?\s*$|[,;] (?:and )?(?:may|shall|otherwise)\b")
_PARENTHESIS = re.compile(r"\s*\([^()]*\)")
_JOIN = re.compile(r",? (and|or)(?: if)? ")
_VALUE = r'(?:"[^"]+"|[A-Z0-9][A-Z0-9_.]*(?: [A-Z0-9_]{2,})*(?![a-z]))'
_VALUES = re.compile(rf"{_VALUE}(?:(?:,| or|, or|/) {_VALUE})*")
_ONE = re.compile(_VALUE)
_VERB = re.compile(
    r"(?:,)?(?: [Vv]alue (?P<number>\d))?(?: of this frame)?,? "
    r"(?:(?P<absent>(?:is|are) (?:not present|absent)\b)"
    r"|(?P<present>(?:is|are) present(?: and has a value(?! of)\b)?|exists\b)"
    r"|has a value greater than (?P<more>\d+)|is greater than (?P<above>\d+)"
    r"|(?:is present and has a value of|has a value of|has the value|equals|is EQUAL to|is equal to|=|is)"
    r" (?P<other>other than |not )?(?=[\"A-Z0-9]))"
)


@cache
def question(text: str) -> Question | None:
    """Return what a text asks, None where its form is not known."""
    start = _START.match(text)
    if start is None:
        return None
    rest = _PARENTHESIS.sub("", text[start.end() :])
    end = _END.search(rest)
    rest = rest[: end.start()] if end else rest
    parts: list[Question] = []
    joins: set[str] = set()
    while True:
        atom = _atom(rest)
        if atom is None:
            return None
        parts.append(atom[0])
        rest = rest[atom[1] :]
        if not rest.strip(" ."):
            break
        join = _JOIN.match(rest)
        if join is None:
            return None
        joins.add(join[1])
        rest = rest[join.end() :]
    if len(joins) > 1:
        return None
    return _any(parts) if joins == {"or"} else _all(parts)


def shall_not_be_otherwise(text: str) -> bool:
    """Tell whether the Standard forbids the attribute where the condition does not hold."""
    return "hall not be present otherwise" in text or "hall be absent otherwise" in text


def _atom(text: str) -> tuple[Question, int] | None:
    """Return the question at the start of ``text`` and where it ends."""
    skipped = 0
    for article in ("the value of ", "either ", "the "):
        if text.startswith(article):
            text, skipped = text[len(article) :], skipped + len(article)
    for verb in _VERB.finditer(text):
        keyword = _names().get(text[: verb.start()].strip().casefold())
        if keyword is None:
            continue
        if verb["absent"]:
            return _presence(keyword, False), skipped + verb.end()
        if verb["present"]:
            return _presence(keyword, True), skipped + verb.end()
        limit = verb["more"] or verb["above"]
        if limit:
            return _greater(keyword, float(limit)), skipped + verb.end()
        values = _VALUES.match(text, verb.end())
        if values is None:
            return None
        found = frozenset(one.strip('"') for one in _ONE.findall(values[0]))
        number = int(verb["number"]) - 1 if verb["number"] else None
        return _equality(keyword, number, found, bool(verb["other"])), skipped + values.end()
    return None


def _presence(keyword: str, wanted: bool) -> Question:
    return lambda facts: facts.has_value(keyword) is wanted if wanted else not facts.has(keyword)


def _greater(keyword: str, limit: float) -> Question:
    def ask(facts: Facts) -> bool | None:
        value = facts.number(keyword)
        return None if value is None else value > limit

    return ask


def _equality(keyword: str, number: int | None, values: frozenset[str], other: bool) -> Question:
    def ask(facts: Facts) -> bool | None:
        found = facts.texts(keyword)
        if not found and keyword == "FrameType":
            found = facts.texts("ImageType")
        given = set(found) if number is None else set(found[number : number + 1])
        if not given - {""}:
            return None
        return bool(given & values) is not other

    return ask


def _all(parts: list[Question]) -> Question:
    def ask(facts: Facts) -> bool | None:
        answers = [part(facts) for part in parts]
        return False if False in answers else None if None in answers else True

    return ask


def _any(parts: list[Question]) -> Question:
    def ask(facts: Facts) -> bool | None:
        answers = [part(facts) for part in parts]
        return True if True in answers else None if None in answers else False

    return ask


@cache
def _names() -> dict[str, str]:
    """Return keywords by the names of PS3.6."""
    from pydicom._dicom_dict import DicomDictionary

    return {entry[2].casefold(): entry[4] for entry in DicomDictionary.values() if not entry[3]}
