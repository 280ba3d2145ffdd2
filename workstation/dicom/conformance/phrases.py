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
_END = re.compile(r"\.(?=\s+[A-Z(])|\.?\s*$|[,;] (?:and )?(?:may|shall|otherwise)\b|(?= May be present otherwise)")
_PARENTHESIS = re.compile(r"\s*\([^()]*\)|(?<= present) in this (?:Sequence Item|Item of the [A-Z][A-Za-z ]+ Sequence)")
_JOIN = re.compile(r",? (and|or)(?: if)? ")
_VALUE = r'(?:"[^"]+"|[A-Z0-9][A-Z0-9_.]*(?: [A-Z0-9_]{2,})*(?![a-z]))'
_VALUES = re.compile(rf"{_VALUE}(?:(?:,| or|, or|/) {_VALUE})*")
_NOT_VALUES = re.compile(rf"{_VALUE}(?:(?:,| or|, or|/| and not) {_VALUE})*")
_ONE = re.compile(_VALUE)
_VERB = re.compile(
    r"(?:,)?(?: Attribute value)?(?: [Vv]alue (?P<number>\d))?(?: of this frame)?,? "
    r"(?:(?P<unless>is absent or not )|(?P<absent>(?:is|are) (?:not present|absent)\b)"
    r"|(?P<present>(?:is|are) present(?: and has a value(?! of)\b| with a value)?"
    r"(?! and equals| and has a non-zero)|exists\b)"
    r"|has a value greater than (?P<more>\d+)|is greater than (?P<above>\d+)"
    r"|(?P<nonzero>is (?:non-zero|not zero|greater than zero|present and has a non-zero value)(?! length))"
    r"|(?:is present and has a value of|is present and equals|has a value of|has the value|equals"
    r"|is EQUAL to|is equal to"
    r"|(?P<unequal>is not equal to)|=|is)"
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
    skipped, either = 0, text.startswith("either ")
    for article in ("the value of ", "value of ", "either ", "the "):
        if text.startswith(article):
            text, skipped = text[len(article) :], skipped + len(article)
    for verb in _VERB.finditer(text):
        keyword = _names().get(text[: verb.start()].strip().casefold())
        if keyword is None:
            several = _several(text[: verb.start()]) if verb["absent"] or verb["present"] else None
            if several is not None and not (verb["absent"] and several[1] and not either):
                return _presences(*several, wanted=not verb["absent"]), skipped + verb.end()
            continue
        if verb["absent"]:
            return _presence(keyword, False), skipped + verb.end()
        if verb["present"]:
            return _presence(keyword, True), skipped + verb.end()
        limit = "0" if verb["nonzero"] else verb["more"] or verb["above"]
        if limit:
            return _greater(keyword, float(limit)), skipped + verb.end()
        other = bool(verb["other"] or verb["unequal"] or verb["unless"])
        values = (_NOT_VALUES if other else _VALUES).match(text, verb.end())
        if values is None:
            return None
        found = frozenset(one.strip('"') for one in _ONE.findall(values[0]))
        number = int(verb["number"]) - 1 if verb["number"] else None
        ask = _equality(keyword, number, found, other)
        return _any([_presence(keyword, False), ask]) if verb["unless"] else ask, skipped + values.end()
    return None


def _several(text: str) -> tuple[tuple[str, ...], bool] | None:
    """Return the keywords of "A, B, and C", and whether "or" joins them; None where one is no attribute."""
    join = re.search(r",? (and|or) (?!.* (?:and|or) )", text)
    if join is None:
        return None
    names = [*text[: join.start()].split(", "), text[join.end() :]]
    keywords = [_names().get(name.strip().casefold(), "") for name in names]
    return (tuple(keywords), join[1] == "or") if all(keywords) else None


def _presences(keywords: tuple[str, ...], alternatively: bool, *, wanted: bool) -> Question:
    asked = [_presence(keyword, wanted) for keyword in keywords]
    return _any(asked) if alternatively else _all(asked)


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
