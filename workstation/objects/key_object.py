"""A Key Object Selection: why something was selected, and what (PS3.3 A.35.4, PS3.16 TID 2010; F15)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workstation.objects.content_values import words_of
from workstation.objects.page import Block, Heading, Page, Paragraph, Table, Target, cell, facts_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workstation.dicom.identity import Instance
    from workstation.objects.content_item import Code, Reference
    from workstation.objects.structured_report import Report

DESCRIPTION, MODIFIER = "113012", "113011"
REJECTED = ("113001", "113010", "113037", "113038", "113039")
"""Titles that say the objects are not to be used (CID 7010, 7011): rejected for quality, safety, errors."""


@dataclass(frozen=True, slots=True, eq=False)
class KeyObject:
    """A selection; ``rejects`` tells that what it lists is not to be used."""

    title: str
    description: str
    modifiers: tuple[str, ...]
    references: tuple[Reference, ...]
    evidence: tuple[Reference, ...]
    rejects: bool = False

    def open_of(self, instances: Mapping[str, Instance]) -> tuple[Instance, ...]:
        """Return which of the selected objects are open, in the order of the selection."""
        return tuple(instances[one.sop_instance_uid] for one in self.references if one.sop_instance_uid in instances)

    def absent_from(self, instances: Mapping[str, Instance]) -> tuple[Reference, ...]:
        """Return what the selection or its evidence names and is not open, each once."""
        named = {one.sop_instance_uid: one for one in (*self.evidence, *self.references)}
        return tuple(one for uid, one in named.items() if uid not in instances)


def read_key_object(report: Report) -> KeyObject:
    """Return the selection a report of that SOP Class holds; its references in the order of the document."""
    items = list(report.root.walk())[1:]
    texts = [one.value for one in items if one.value_type == "TEXT" and _is(one.concept, DESCRIPTION)]
    modifiers = [one.value for one in items if one.value_type == "CODE" and _is(one.concept, MODIFIER)]
    return KeyObject(
        title=report.title,
        description="\n".join(text for text in texts if text),
        modifiers=tuple(word for word in modifiers if word),
        references=tuple(one.reference for one in items if one.reference is not None),
        evidence=report.evidence,
        rejects=_is(report.root.concept, *REJECTED),
    )


def _is(concept: Code | None, *codes: str) -> bool:
    return concept is not None and concept.is_one_of(*codes)


def key_object_page(report: Report) -> Page:
    """Return a selection as a page: title, description, and a link to each object."""
    selection = read_key_object(report)
    blocks: list[Block] = [Heading(selection.title, 1)]
    if selection.rejects:
        blocks.append(Paragraph(cell("This selection says that what it lists is not to be used.", "warning")))
    if selection.modifiers:
        blocks.append(Paragraph(cell(", ".join(selection.modifiers))))
    if selection.description:
        blocks.append(Paragraph(cell(selection.description)))
    patient = (("Patient", report.patient), ("ID, birth date, sex", report.identity))
    facts = (*patient, ("Study", report.study), ("Selected", report.date))
    table = facts_table((*facts, *((one.role, one.words) for one in report.observers)))
    blocks += [table] if table is not None else []
    blocks += [Paragraph(cell(sentence, "warning")) for sentence in report.notes]
    rows = tuple(
        (cell(str(number)), cell(words_of(one), "", number - 1)) for number, one in enumerate(selection.references, 1)
    )
    count = len(rows)
    blocks.append(Heading(f"{count} object{'' if count == 1 else 's'} selected"))
    if rows:
        blocks.append(Table(("#", "Object"), rows))
    targets = tuple(Target(words_of(one), one) for one in selection.references)
    return Page(selection.title, tuple(blocks), targets)
