"""One content item of a structured report as frozen facts (PS3.3 C.17.3), and its words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[int, ...]
"""Where an item stands: ``(1, 2, 1)`` is the first child of the second child of the root (C.17.3.2.5)."""


@dataclass(frozen=True, slots=True)
class Code:
    """A coded entry (PS3.3 8.8): its value, the scheme it is of, and its meaning."""

    value: str
    scheme: str
    meaning: str
    version: str = ""

    def is_one_of(self, *values: str) -> bool:
        """Tell whether this is one of some codes of the scheme DCM (PS3.16 Annex D)."""
        return self.scheme == "DCM" and self.value in values

    @property
    def words(self) -> str:
        """The meaning; value and scheme where that is empty."""
        return self.meaning or " ".join(part for part in (self.value, self.scheme) if part)


@dataclass(frozen=True, slots=True)
class Reference:
    """What an IMAGE, COMPOSITE or WAVEFORM item refers to (C.18.3, C.18.4); ``frames`` are numbers from 1."""

    sop_class_uid: str
    sop_instance_uid: str
    frames: tuple[int, ...] = ()
    segments: tuple[int, ...] = ()
    presentation_state_uid: str = ""


@dataclass(frozen=True, slots=True)
class Graphic:
    """Coordinates of an SCOORD (column, row of an image, C.18.6) or SCOORD3D (x, y, z in mm, C.18.9) item.

    Image points count from the corner of the first pixel, whose centre is (0.5, 0.5).
    """

    kind: str
    points: tuple[tuple[float, ...], ...]
    frame_of_reference_uid: str = ""
    label: str = ""

    @property
    def in_space(self) -> bool:
        """Whether the points are places in the patient rather than on a picture."""
        return bool(self.points) and len(self.points[0]) == 3


@dataclass(frozen=True, slots=True, eq=False)
class ContentItem:
    """One item and what stands below it.

    ``value`` is the value in words, ``problem`` a sentence on what is wrong with the item, ``target`` the place of
    the item that is meant where the item is there by reference.
    """

    path: Path
    relationship: str
    value_type: str
    concept: Code | None = None
    value: str = ""
    code: Code | None = None
    number: float | None = None
    unit: Code | None = None
    qualifier: Code | None = None
    reference: Reference | None = None
    graphic: Graphic | None = None
    table: tuple[tuple[str, ...], ...] = ()
    template: str = ""
    observed: str = ""
    target: Path | None = None
    problem: str = ""
    children: tuple[ContentItem, ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """The meaning of the concept name, "" without one."""
        return self.concept.words if self.concept is not None else ""

    @property
    def unit_text(self) -> str:
        """The unit as printed: its UCUM code, or a sign everybody knows; "" for UCUM's unit 1 (PS3.16 CID 82).

        The words of a unit in braces count something: they are left out where the name says of what.
        """
        if self.unit is None or self.unit.value == "1":
            return ""
        code = self.unit.value
        if code.startswith("{") and code.endswith("}"):
            return "" if code[1:-1].casefold() in self.name.casefold() else code[1:-1]
        return PRINTED_UNITS.get(code, code) or self.unit.meaning

    def walk(self) -> Iterator[ContentItem]:
        """Yield this item and all below it in the order of the report, without recursion."""
        waiting = [self]
        while waiting:
            item = waiting.pop()
            yield item
            waiting.extend(reversed(item.children))

    def child(self, *codes: str) -> ContentItem | None:
        """Return the first child whose concept is one of some codes of DCM."""
        return next((one for one in self.children if one.concept and one.concept.is_one_of(*codes)), None)


PRINTED_UNITS = {
    "[hnsf'U]": "HU",
    "Cel": "°C",
    "um": "µm",
    "mm2": "mm²",
    "cm2": "cm²",
    "mm3": "mm³",
    "cm3": "cm³",
    "deg": "°",
}
"""UCUM codes (PS3.16 CID 82) nobody reads as units, and how they are printed; others are their own signs."""

RELATIONSHIPS = {
    "CONTAINS": "contains",
    "HAS OBS CONTEXT": "observation context",
    "HAS CONCEPT MOD": "modifier",
    "HAS PROPERTIES": "property",
    "HAS ACQ CONTEXT": "acquisition context",
    "INFERRED FROM": "inferred from",
    "SELECTED FROM": "selected from",
}
"""Relationship types (PS3.3 C.17.3.2.4) in words."""
