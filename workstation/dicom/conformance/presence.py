"""What must be there and is not, or is there without a value: types 1, 1C, 2, 2C (PS3.5 7.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from workstation.dicom.conformance import conditions
from workstation.dicom.conformance.conditions import CONDITIONAL, Condition
from workstation.dicom.conformance.facts import is_empty
from workstation.dicom.conformance.findings import Remark, deviation, error, words
from workstation.dicom.conformance.rules import keyword_of, name_of
from workstation.dicom.conformance.tables import Place
from workstation.wording import phrase

if TYPE_CHECKING:
    from workstation.dicom.conformance.facts import Facts
    from workstation.dicom.conformance.tables import Attributes, Claim, Iod

HARMLESS = frozenset(
    words(
        "AccessionNumber ReferringPhysicianName StudyID StudyDate StudyTime PatientName PatientBirthDate "
        "PatientSex Manufacturer PositionReferenceIndicator SeriesNumber InstanceNumber OperatorsName "
        "ProtocolName BodyPartExamined ViewPosition Laterality ContentDate ContentTime DeviceSerialNumber "
        "AcquisitionContextSequence PatientOrientation KVP AcquisitionNumber SliceThickness "
        "ReferencedImageSequence"
    )
)
"""Type 2 attributes that describe: a reader shows less without them, and nothing wrong."""


class Said(NamedTuple):
    """A remark, where it belongs and what the IOD says of the place."""

    path: tuple[int, ...]
    remark: Remark
    place: Place
    clause: str


def missing(facts: Facts, level: Attributes, path: tuple[int, ...], *, group: bool) -> Iterator[Said]:
    """Yield what the innermost item of ``facts`` lacks.

    Parameters
    ----------
    facts
        The data set, seen from the item.
    level
        What may stand in the item.
    path
        Where the item is.
    group
        The item holds functional groups: which of them must be there depends on the IOD
        (:mod:`~workstation.dicom.conformance.groups`), only empty ones are told here.
    """
    item = facts.chain[0]
    active = active_modules(facts) if not path else None
    there = item.keys()
    for tag, claims in level.items():
        if tag in there:
            if any(claim.type in ("1", "1C") for claim in claims) and is_empty(item.get_item(tag, keep_deferred=True)):
                yield from _empty(facts, tag, claims, path, active)
        elif not group and not (tag in facts.extra and not path):
            yield from _absent(facts, tag, claims, path, active)
        if tag in there and not group:
            yield from _not_allowed(facts, tag, claims, path)


def active_modules(facts: Facts) -> frozenset[int]:
    """Return the numbers of the modules that are in use: mandatory, required by condition, or begun."""
    iod = facts.iod
    active = set()
    for number, module in enumerate(iod.modules):
        if module.usage == "M":
            active.add(number)
            continue
        condition = conditions.of_module(module) if module.usage == "C" else None
        holds = condition.holds(facts) if condition is not None else None
        if holds or (holds is None and _is_begun(facts, number)):
            active.add(number)
    return frozenset(active)


def _is_begun(facts: Facts, number: int) -> bool:
    """Tell whether there is an attribute that only this module asks for."""
    iod, there = facts.iod, facts.root.keys()
    for tag, claims in iod.top.items():
        if tag not in there and tag not in facts.extra:
            continue
        asks = any(claim.module == number and claim.type != "3" for claim in claims)
        if asks and not any(claim.module != number and iod.modules[claim.module].usage != "U" for claim in claims):
            return True
    return False


def _relevant(claims: tuple[Claim, ...], active: frozenset[int] | None) -> list[Claim]:
    """Return the claims that ask for something, the strictest first."""
    asking = [claim for claim in claims if claim.type != "3" and (active is None or claim.module in active)]
    return sorted(asking, key=lambda claim: (claim.type, -claim.module))


def _condition(iod: Iod, claim: Claim, keyword: str) -> tuple[str, Condition | None]:
    """Return the type that holds here, with its condition where that is 1C or 2C."""
    module = iod.modules[claim.module].key
    special = conditions.SPECIALISED.get((module, keyword))
    if special is not None and iod.has_module(special.partition("/")[0]):
        return "1C", conditions.ATTRIBUTES[special]
    if claim.type in ("1C", "2C"):
        return claim.type, conditions.of_attribute(iod, claim, keyword)
    if f"{module}/{keyword}" in CONDITIONAL:
        return f"{claim.type}C", conditions.of_attribute(iod, claim, keyword)
    return claim.type, None


def _absent(
    facts: Facts, tag: int, claims: tuple[Claim, ...], path: tuple[int, ...], active: frozenset[int] | None
) -> Iterator[Said]:
    keyword = keyword_of(tag)
    for claim in _relevant(claims, active):
        kind, condition = _condition(facts.iod, claim, keyword)
        if kind in ("1C", "2C") and (condition is None or not condition.holds(facts)):
            continue
        why = _after(condition) if condition is not None else _why_module(facts, claim, path)
        sentence = phrase("{0} (type {1}) is missing.{2}", name_of(tag), kind, why)
        make = deviation if kind.startswith("2") and keyword in HARMLESS else error
        yield _said(facts.iod, claim, kind, (*path, tag), make(f"missing-{kind.lower()}", sentence, ""))
        return


def _after(condition: Condition) -> str:
    return phrase(" {0}", phrase(condition.sentence))


def _why_module(facts: Facts, claim: Claim, path: tuple[int, ...]) -> str:
    """Return why the module of an attribute is in use, where that is a condition."""
    module = facts.iod.modules[claim.module]
    condition = conditions.of_module(module) if module.usage == "C" and not path else None
    if condition is None or not condition.holds(facts):
        return ""
    when = phrase(condition.sentence.removeprefix("Required "))
    return phrase(" Its module {0} is required {1}", module.name, when)


def _empty(
    facts: Facts, tag: int, claims: tuple[Claim, ...], path: tuple[int, ...], active: frozenset[int] | None
) -> Iterator[Said]:
    keyword = keyword_of(tag)
    for claim in _relevant(claims, active):
        kind, condition = _condition(facts.iod, claim, keyword)
        if kind == "1":
            sentence = phrase("{0} (type 1) has no value.", name_of(tag))
            yield _said(facts.iod, claim, kind, (*path, tag), error("empty-1", sentence, ""))
            return
        if kind == "1C":
            holds = condition.holds(facts) if condition is not None else None
            why = _after(condition) if holds and condition else phrase(" Without one it must be left out.")
            make = error if holds else deviation
            sentence = phrase("{0} (type 1C) has no value.{1}", name_of(tag), why)
            yield _said(facts.iod, claim, kind, (*path, tag), make("empty-1c", sentence, ""))
            return


def _not_allowed(facts: Facts, tag: int, claims: tuple[Claim, ...], path: tuple[int, ...]) -> Iterator[Said]:
    if len(claims) > 1 or claims[0].type not in ("1C", "2C"):
        return
    condition = conditions.of_attribute(facts.iod, claims[0], keyword_of(tag))
    if condition is not None and condition.only and condition.holds(facts) is False:
        sentence = phrase(
            "{0} must not be there. {1} It shall not be present otherwise.", name_of(tag), phrase(condition.sentence)
        )
        remark = deviation("not-allowed", sentence, "")
        yield _said(facts.iod, claims[0], claims[0].type, (*path, tag), remark)


def _said(iod: Iod, claim: Claim, kind: str, path: tuple[int, ...], remark: Remark) -> Said:
    module = iod.modules[claim.module]
    return Said(path, remark, Place(kind, module.name, module.ie), f"{module.clause}; PS3.5 7.4")
