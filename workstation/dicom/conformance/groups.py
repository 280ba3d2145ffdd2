"""Functional groups: each must be there for every frame, shared or per frame, and not both (PS3.3 C.7.6.16)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.dicom import attributes as a
from workstation.dicom.conformance import conditions
from workstation.dicom.conformance.findings import error
from workstation.dicom.conformance.rules import name_of
from workstation.dicom.conformance.tables import GROUPS_CLAUSE, GROUPS_NAME, PER_FRAME, SHARED, Place
from workstation.wording import phrase

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from workstation.dicom.conformance.book import Book
    from workstation.dicom.conformance.facts import Facts, FrameGroups
    from workstation.dicom.conformance.tables import Group

FRAME_CONTENT = 0x00209111


def check_groups(facts: Facts, groups: FrameGroups, book: Book) -> None:
    """Tell which functional groups are missing, for which frames, and which stand in both places."""
    root = facts.root
    if SHARED not in root and PER_FRAME not in root:
        return
    shared = a.first_item(root, "SharedFunctionalGroupsSequence") if SHARED in root else None
    frames = a.items(root, "PerFrameFunctionalGroupsSequence") if PER_FRAME in root else ()
    _twice(shared, frames, book)
    for group in facts.iod.groups:
        if group.usage == "U" or (shared is not None and group.tag in shared):
            continue
        if not frames:
            if _required(facts.of_frame(groups.of(0)), group):
                path = (SHARED, 0, group.tag) if SHARED in root else (PER_FRAME,)
                _missing(facts, group, path, book)
            continue
        for index, frame in enumerate(frames):
            if group.tag not in frame and _required(facts.of_frame(groups.of(index)), group):
                _missing(facts, group, (PER_FRAME, index, group.tag), book)


def _required(facts: Facts, group: Group) -> bool:
    condition = conditions.of_group(facts.iod, group)
    if condition is None:
        return group.usage == "M"
    return bool(condition.holds(facts))


def _missing(facts: Facts, group: Group, path: tuple[int, ...], book: Book) -> None:
    condition = conditions.of_group(facts.iod, group)
    why = phrase(" {0}", phrase(condition.sentence)) if condition is not None else ""
    sentence = phrase("The functional group {0} (usage {1}) is missing.{2}", name_of(group.tag), group.usage, why)
    kind = "1" if group.usage == "M" else "1C"
    book.add(error("missing-group", sentence, GROUPS_CLAUSE), path, Place(kind, GROUPS_NAME, "Image"))


def _twice(shared: Dataset | None, frames: tuple[Dataset, ...] | list[Dataset] | object, book: Book) -> None:
    if shared is None:
        return
    common = {int(tag) for tag in shared.keys()}  # noqa: SIM118 - iterating the data set converts every element
    for index, frame in enumerate(frames):  # type: ignore[arg-type, var-annotated]
        for tag in common.intersection(map(int, frame.keys())):
            if tag >> 16 & 1 or tag & 0xFFFF == 0:
                continue
            sentence = phrase("{0} is among the shared and the per-frame functional groups.", name_of(tag))
            book.add(error("group-twice", sentence, GROUPS_CLAUSE), (PER_FRAME, index, tag))
    if FRAME_CONTENT in common:
        sentence = phrase("Frame Content Sequence may only stand among the per-frame functional groups.")
        book.add(error("group-place", sentence, "PS3.3 C.7.6.16.2.2"), (SHARED, 0, FRAME_CONTENT))
