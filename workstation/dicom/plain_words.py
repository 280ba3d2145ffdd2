"""What elements and subjects of DICOM mean, in plain words: read from two files when first asked for."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from workstation.paths import resource
from workstation.wording import phrase

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Range:
    """A row of a subject's table: something and its usual values."""

    name: str
    low: int
    high: int

    def text(self, unit: str) -> str:
        """Return the values for people, ``-120 to -60 HU``, with true minus signs."""
        low, high, unit = (part.replace("-", "\N{MINUS SIGN}") for part in (str(self.low), str(self.high), unit))
        return f"{low} {unit}" if low == high else phrase("{0} to {1} {2}", low, high, unit)


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject: title, paragraphs, and a table of ranges where it has one."""

    id: str
    title: str
    paragraphs: tuple[str, ...]
    keywords: tuple[str, ...] = ()
    unit: str = ""
    ranges: tuple[Range, ...] = ()


def words_for(keyword: str) -> str:
    """Return what an element is in one or two sentences, empty where nothing is written about it."""
    return _elements().get(keyword, "") if keyword else ""


def topics() -> tuple[Topic, ...]:
    """Return every subject, in the order of the file."""
    return tuple(_topic(entry) for entry in _loaded("topics")["topics"])


@cache
def _by_keyword() -> Mapping[str, Topic]:
    return MappingProxyType({keyword: topic for topic in topics() for keyword in topic.keywords})


def topic_for(keyword: str) -> Topic | None:
    """Return the subject an element belongs to."""
    return _by_keyword().get(keyword)


@cache
def _elements() -> Mapping[str, str]:
    return MappingProxyType(_loaded("elements"))


def _loaded(name: str) -> dict[str, Any]:
    return tomllib.loads(resource(f"words/{name}.toml").read_text(encoding="utf-8"))


def _topic(entry: Mapping[str, Any]) -> Topic:
    return Topic(
        id=entry["id"],
        title=entry["title"],
        paragraphs=tuple(part.strip() for part in entry["text"].strip().split("\n\n")),
        keywords=tuple(entry["keywords"]),
        unit=entry.get("unit", ""),
        ranges=tuple(Range(*row) for row in entry.get("ranges", ())),
    )


@dataclass(frozen=True, slots=True)
class Described:
    """An element of the dictionary that has words: ``tag`` is ``"(0028,0010)"``."""

    keyword: str
    name: str
    tag: str
    vr: str


def described(keyword: str) -> Described:
    """Return what the dictionary says of an element that has words."""
    from pydicom.datadict import dictionary_description, dictionary_VR, tag_for_keyword

    number = tag_for_keyword(keyword) or 0
    tag = f"({number >> 16:04X},{number & 0xFFFF:04X})"
    return Described(keyword, dictionary_description(number), tag, dictionary_VR(number))


@cache
def glossary() -> tuple[tuple[Described, str], ...]:
    """Return every element that has words, by name, each with the text to look for it in."""
    every = sorted(map(described, _elements()), key=lambda each: each.name)
    return tuple((each, _searched(each)) for each in every)


def _searched(each: Described) -> str:
    digits = each.tag.strip("()").replace(",", "")
    return f"{each.name} {each.keyword} {each.tag} {digits}".casefold()
