"""The Standard's tables, read once on demand: SOP Class -> IOD -> modules -> attributes with their types.

The file is made by ``packaging/make_conformance.py``. It stores each list of attributes once, as a node; an attribute
that is a sequence points to the node of its items. A *claim* is what one module says of one attribute.
"""

from __future__ import annotations

import json
import lzma
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from workstation.paths import resource

TYPES = ("1", "1C", "2", "2C", "3")
SHARED, PER_FRAME = 0x52009229, 0x52009230
CONTENT_SEQUENCE = 0x0040A730
GROUPS_MODULE = "multi-frame-functional-groups"
"""How the keys of modules with functional groups end: there is one for each IOD, the Standard has one for all."""
GROUPS_NAME, GROUPS_CLAUSE = "Multi-frame Functional Groups", "PS3.3 C.7.6.16"


class Claim(NamedTuple):
    """What a module says of an attribute; ``node`` and ``text`` are -1 where there is none."""

    module: int
    type: str
    node: int
    text: int


Attributes = dict[int, tuple[Claim, ...]]
"""Attributes that may stand side by side, by tag; repeating groups under the first of them."""


class Place(NamedTuple):
    """What the inspector shows of an attribute: ``module`` is its name; ``type`` "" where no module claims it."""

    type: str
    module: str
    ie: str
    condition: str = ""


NOWHERE = Place("", "", "")
NEWER_GROUPS = {
    "photoacoustic-image": (0x00209111, 0x00289110, 0x00189807, 0x00189835),
}
"""Mandatory functional groups of IODs that are newer than the words of the tables (PS3.3 A.92.4)."""


_META_TYPES = {0x0000: "1", 0x0001: "1", 0x0002: "1", 0x0003: "1", 0x0010: "1", 0x0012: "1", 0x0102: "1C"}


def meta_place(tag: int) -> Place:
    """Return type and place of an element of the File Meta Information (PS3.10 Table 7.1-1)."""
    return Place(_META_TYPES.get(tag & 0xFFFF, "3"), "File Meta Information", "File")


@dataclass(frozen=True, slots=True)
class Module:
    """A module of an IOD. ``usage`` is M, C or U; ``condition`` the Standard's words, "" where there are none."""

    key: str
    name: str
    clause: str
    usage: str
    ie: str
    condition: str
    node: int


@dataclass(frozen=True, slots=True)
class Group:
    """A functional group macro of an IOD, by the tag of its sequence (PS3.3 A.x, C.7.6.16)."""

    tag: int
    usage: str
    condition: str


@dataclass(slots=True, eq=False)
class Iod:
    """An Information Object Definition."""

    key: str
    name: str
    clause: str
    modules: tuple[Module, ...]
    groups: tuple[Group, ...]
    nodes: Nodes
    top: Attributes = field(init=False)
    _below: dict[tuple[tuple[int, int], ...], Attributes] = field(default_factory=dict)
    _places: dict[tuple[int, ...], Place] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.top = self._merged(tuple((number, module.node) for number, module in enumerate(self.modules)))

    def below(self, claims: tuple[Claim, ...]) -> Attributes | None:
        """Return what may stand in the items of a sequence; None where the tables do not tell."""
        key = tuple((claim.module, claim.node) for claim in claims if claim.node >= 0)
        if not key:
            return None
        found = self._below.get(key)
        if found is None:
            found = self._below[key] = self._merged(key)
        return found

    def has_module(self, key: str, usage: str = "MCU") -> bool:
        """Tell whether a module is among the IOD's, with one of the usages."""
        return any(module.key == key and module.usage in usage for module in self.modules)

    def place(self, tags: tuple[int, ...]) -> Place:
        """Return type, module and IE of an attribute by the tags that lead to it."""
        known = self._places.get(tags)
        if known is None:
            known = self._places[tags] = self._found(tags)
        return known

    def text(self, claim: Claim) -> str:
        """Return the Standard's words on a condition, "" where it has none."""
        return self.nodes.texts[claim.text] if claim.text >= 0 else ""

    def _found(self, tags: tuple[int, ...]) -> Place:
        level: Attributes | None = self.top
        claims: tuple[Claim, ...] = ()
        for tag in tags:
            if level is None:
                return NOWHERE
            claims = level.get(base_tag(tag), ())
            if claims:
                level = self.below(claims)
            elif tag != CONTENT_SEQUENCE:
                return NOWHERE
        if not claims:
            return NOWHERE
        claim = strictest(claims)
        module = self.modules[claim.module]
        return Place(claim.type, module.name, module.ie, self.text(claim))

    def _merged(self, parts: tuple[tuple[int, int], ...]) -> Attributes:
        level: dict[int, tuple[Claim, ...]] = {}
        for module, node in parts:
            for tag, (kind, below, text) in self.nodes.node(node).items():
                level[tag] = (*level.get(tag, ()), Claim(module, kind, below, text))
        return level


class Nodes:
    """Lists of attributes, unpacked when first asked for."""

    def __init__(self, flat: list[list[int]], texts: list[str]) -> None:
        self.texts = texts
        self._flat = flat
        self._made: dict[int, dict[int, tuple[str, int, int]]] = {}

    def node(self, number: int) -> dict[int, tuple[str, int, int]]:
        """Return tag -> type, node of the items, condition."""
        found = self._made.get(number)
        if found is None:
            it = iter(self._flat[number])
            found = {tag: (TYPES[kind], below, text) for tag, kind, below, text in zip(it, it, it, it, strict=True)}
            self._made[number] = found
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Everything in the file."""

    edition: str
    raw: dict[str, Any]
    nodes: Nodes

    def iod_of(self, sop_class_uid: str) -> Iod | None:
        """Return the IOD of a SOP Class; None for private and unknown ones."""
        key = self.raw["sops"].get(sop_class_uid)
        return None if key is None else _iod(key)


@cache
def tables() -> Tables:
    """Read the tables; some 10 ms at the first call."""
    raw = json.loads(lzma.decompress(resource("conformance/tables.json.xz").read_bytes()))
    return Tables(raw["edition"], raw, Nodes(raw["nodes"], raw["texts"]))


@cache
def _iod(key: str) -> Iod:
    found = tables()
    name, clause, modules, groups = found.raw["iods"][key]

    def words(text: int) -> str:
        return str(found.raw["texts"][text]) if text >= 0 else ""

    made = []
    for module, usage, ie, text in modules:
        title, where, node = found.raw["modules"][module]
        if module.endswith(GROUPS_MODULE):
            title, where = GROUPS_NAME, GROUPS_CLAUSE
        made.append(Module(module, title, where, usage, ie, words(text), node))
    return Iod(
        key,
        name,
        clause,
        tuple(made),
        (
            *(Group(tag, usage, words(text)) for tag, usage, text in groups),
            *(Group(tag, "M", "") for tag in NEWER_GROUPS.get(key, ())),
        ),
        found.nodes,
    )


def base_tag(tag: int) -> int:
    """Return the tag in the first group of a repeating one (PS3.5 7.6): (6002,0010) is (6000,0010)."""
    group = tag >> 16
    if 0x6000 < group <= 0x60FF or 0x5000 < group <= 0x50FF:
        return (group & 0xFF00) << 16 | tag & 0xFFFF
    return tag


def strictest(claims: tuple[Claim, ...]) -> Claim:
    """Return the claim that asks most: a specific module sharpens what a general one says (PS3.3 5.4)."""
    return min(claims, key=lambda claim: (claim.type, -claim.module))
