"""What a check says: findings in three levels, each with its place and one plain sentence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Level(StrEnum):
    """How much a finding weighs.

    ``ERROR``: the Standard forbids it and readers may fail on it. ``DEVIATION``: the Standard forbids it, readers
    cope. ``HINT``: allowed, and worth knowing.
    """

    ERROR = "error"
    DEVIATION = "deviation"
    HINT = "hint"


LEVELS = (Level.ERROR, Level.DEVIATION, Level.HINT)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found.

    ``path`` leads to the element as :class:`~workstation.dicom.header_tree.HeaderRow` does: tags and item indices
    in turn, empty for the file as a whole. ``frames`` are frame numbers, from 1, where the same holds for several
    frames; ``path`` then names the first. ``type`` is "" where the IOD doesn't know the element.
    """

    level: Level
    code: str
    path: tuple[int, ...]
    keyword: str
    module: str
    ie: str
    type: str
    sentence: str
    clause: str
    frames: tuple[int, ...] = ()

    @property
    def is_absence(self) -> bool:
        """Whether the element that ``path`` names is not there."""
        return self.code in ABSENT


ABSENT = frozenset({"missing-1", "missing-1c", "missing-2", "missing-2c", "missing-group"})
"""Codes of findings about elements that are not there."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding that does not know yet where it stands."""

    level: Level
    code: str
    sentence: str
    clause: str


def error(code: str, sentence: str, clause: str) -> Remark:
    """Return a remark of level error."""
    return Remark(Level.ERROR, code, sentence, clause)


def deviation(code: str, sentence: str, clause: str) -> Remark:
    """Return a remark of level deviation."""
    return Remark(Level.DEVIATION, code, sentence, clause)


def hint(code: str, sentence: str, clause: str) -> Remark:
    """Return a remark of level hint."""
    return Remark(Level.HINT, code, sentence, clause)


def shown_tag(tag: int) -> str:
    """Return ``"(0028,0010)"``."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def shown_path(path: Sequence[int]) -> str:
    """Return ``"(0008,1140)[1](0008,1150)"``: tags with item numbers, from 1."""
    return "".join(shown_tag(part) if step % 2 == 0 else f"[{part + 1}]" for step, part in enumerate(path))


def counted(findings: Iterable[Finding]) -> dict[Level, int]:
    """Return how many findings there are of each level."""
    counts = dict.fromkeys(LEVELS, 0)
    for finding in findings:
        counts[finding.level] += 1
    return counts


def words(text: str) -> tuple[str, ...]:
    """Return the words of a list that is written as one text."""
    return tuple(text.split())


def spans(numbers: Sequence[int], most: int = 6) -> str:
    """Return ``"1-12, 15"`` of ascending numbers, at most ``most`` spans of them."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    shown = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs[:most])
    return shown + (", …" if len(runs) > most else "")
