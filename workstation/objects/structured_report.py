"""Any structured report as a tree of frozen content items, bounded in depth and size (PS3.3 A.35, C.17; F16)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workstation.dicom.attributes import integers, items, text
from workstation.dicom.display_names import date, date_time, person_name, plain, time
from workstation.objects.content_item import ContentItem, Path, Reference
from workstation.objects.content_values import class_name, code_of, values_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydicom.dataset import Dataset

DEPTH_LIMIT = 512
"""Levels of content that are read; what stands deeper is left out and told."""
ITEM_LIMIT = 100_000
"""Content items that are read."""
EVIDENCE_LIMIT = 20_000
"""Instances of the evidence sequences that are kept."""


@dataclass(frozen=True, slots=True)
class Observer:
    """A person or device that is named in the header; ``role`` says as what."""

    role: str
    name: str
    organisation: str = ""
    when: str = ""

    @property
    def words(self) -> str:
        """Name, organisation and time on one line."""
        return ", ".join(part for part in (self.name, self.organisation, self.when) if part)


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """A structured report: what its header says, and its content (C.17.2, C.17.3).

    ``completion`` and ``verification`` are the flags in words, ``evidence`` the instances its content may refer to,
    ``notes`` sentences on what is odd or was left out.
    """

    title: str
    sop_class_uid: str
    root: ContentItem
    completion: str = ""
    verification: str = ""
    verified: bool = False
    patient: str = ""
    identity: str = ""
    study: str = ""
    date: str = ""
    observers: tuple[Observer, ...] = ()
    predecessors: tuple[str, ...] = ()
    evidence: tuple[Reference, ...] = ()
    notes: tuple[str, ...] = ()

    def item(self, path: Path) -> ContentItem | None:
        """Return the item at a place, None where there is none."""
        found = self.root
        for number in path[1:]:
            if not 1 <= number <= len(found.children):
                return None
            found = found.children[number - 1]
        return found if path[:1] == (1,) else None


def read_report(ds: Dataset) -> Report:
    """Return the report a data set holds; broken items stay in it and say what is wrong.

    Completion is COMPLETE or PARTIAL, verification VERIFIED or UNVERIFIED (C.17.2); a report that has neither flag,
    as a Key Object Selection, says nothing of them.
    """
    root, notes = _content(ds)
    completion, verification = text(ds, "CompletionFlag"), text(ds, "VerificationFlag")
    described = plain(text(ds, "CompletionFlagDescription"), 200)
    return Report(
        title=root.name or plain(text(ds, "SeriesDescription"), 100) or class_name(text(ds, "SOPClassUID")),
        sop_class_uid=plain(text(ds, "SOPClassUID"), 64),
        root=root,
        completion=" – ".join(part for part in (_flag(completion), described) if part),
        verification=_flag(verification),
        verified=verification == "VERIFIED",
        patient=person_name(text(ds, "PatientName")),
        identity=_identity(ds),
        study=_study(ds),
        date=" ".join(part for part in (date(text(ds, "ContentDate")), time(text(ds, "ContentTime"))) if part),
        observers=tuple(_observers(ds)),
        predecessors=_predecessors(ds),
        evidence=evidence_of(ds),
        notes=notes,
    )


def _flag(value: str) -> str:
    known = {"COMPLETE": "Complete", "PARTIAL": "Partial", "VERIFIED": "Verified", "UNVERIFIED": "Not verified"}
    return known.get(value, plain(value, 20))


def _identity(ds: Dataset) -> str:
    """Return ID, birth date and sex; apart from the name, whose direction of writing would turn a date around."""
    parts = (
        plain(text(ds, "PatientID"), 64),
        date(text(ds, "PatientBirthDate")),
        plain(text(ds, "PatientSex"), 16),
    )
    return " · ".join(part for part in parts if part)


def _study(ds: Dataset) -> str:
    accession = plain(text(ds, "AccessionNumber"), 64)
    parts = (
        plain(text(ds, "StudyDescription"), 100),
        date(text(ds, "StudyDate")),
        f"accession {accession}" if accession else "",
    )
    return " · ".join(part for part in parts if part)


def _observers(ds: Dataset) -> Iterable[Observer]:
    for item in items(ds, "VerifyingObserverSequence"):
        name = person_name(text(item, "VerifyingObserverName"))
        organisation = plain(text(item, "VerifyingOrganization"), 100)
        yield Observer("Verified by", name or "unnamed", organisation, date_time(text(item, "VerificationDateTime")))
    for role, keyword in (("Author", "AuthorObserverSequence"), ("Participant", "ParticipantSequence")):
        for item in items(ds, keyword):
            name = person_name(text(item, "PersonName")) or plain(text(item, "StationName"), 40)
            name = name or plain(text(item, "ManufacturerModelName"), 64)
            organisation = plain(text(item, "InstitutionName"), 100)
            yield Observer(role, name or "unnamed", organisation, date_time(text(item, "ParticipationDateTime")))


def _predecessors(ds: Dataset) -> tuple[str, ...]:
    """Return a sentence for each document this one follows (C.17.2.2)."""
    return tuple(
        f"Follows an earlier {class_name(one.sop_class_uid)} document, {one.sop_instance_uid}."
        for one in _instances(ds, "PredecessorDocumentsSequence")
    )


def evidence_of(ds: Dataset) -> tuple[Reference, ...]:
    """Return the instances named as evidence, each once (C.17.2.3)."""
    named = ("CurrentRequestedProcedureEvidenceSequence", "PertinentOtherEvidenceSequence")
    found = [one for keyword in named for one in _instances(ds, keyword)]
    return tuple({one.sop_instance_uid: one for one in found[:EVIDENCE_LIMIT]}.values())


def _instances(ds: Dataset, keyword: str) -> list[Reference]:
    """Return what a hierarchical reference lists: studies, their series, their instances (C.17.2.1)."""
    found: list[Reference] = []
    for study in items(ds, keyword):
        for series in items(study, "ReferencedSeriesSequence"):
            for item in items(series, "ReferencedSOPSequence"):
                uid = plain(text(item, "ReferencedSOPInstanceUID"), 64)
                if uid and len(found) < EVIDENCE_LIMIT:
                    found.append(Reference(plain(text(item, "ReferencedSOPClassUID"), 64), uid))
    return found


# the tree


@dataclass(slots=True)
class _Node:
    """An item on its way: its data set, its place, and where the one above it stands in the list."""

    ds: Dataset
    path: Path
    above: int


def _content(ds: Dataset) -> tuple[ContentItem, tuple[str, ...]]:
    nodes, notes = _nodes(ds)
    children: list[list[ContentItem]] = [[] for _ in nodes]
    for place in range(len(nodes) - 1, -1, -1):
        node = nodes[place]
        item = _item(node, tuple(reversed(children[place])))
        if node.above >= 0:
            children[node.above].append(item)
    root = item
    return _resolved(root, notes)


def _nodes(ds: Dataset) -> tuple[list[_Node], list[str]]:
    """Return all items in the order of the report: those above come before those below."""
    nodes: list[_Node] = []
    notes: list[str] = []
    waiting = [_Node(ds, (1,), -1)]
    while waiting:
        node = waiting.pop()
        if len(nodes) >= ITEM_LIMIT:
            notes.append(f"The report has more than {ITEM_LIMIT:,} items; the rest is left out.")
            break
        place = len(nodes)
        nodes.append(node)
        below: Sequence[Dataset] = items(node.ds, "ContentSequence")
        if below and len(node.path) >= DEPTH_LIMIT:
            notes.append(f"The content is nested deeper than {DEPTH_LIMIT} levels; what stands deeper is left out.")
            continue
        room = ITEM_LIMIT - len(nodes) + 1
        waiting.extend(_Node(child, (*node.path, n), place) for n, child in reversed(list(enumerate(below[:room], 1))))
    return nodes, list(dict.fromkeys(notes))


def _item(node: _Node, children: tuple[ContentItem, ...]) -> ContentItem:
    ds, relationship = node.ds, plain(text(node.ds, "RelationshipType"), 16)
    target = integers(ds, "ReferencedContentItemIdentifier")
    if target and not text(ds, "ValueType"):
        return ContentItem(node.path, relationship, "", target=tuple(target), children=children)
    value_type = plain(text(ds, "ValueType"), 16)
    facts = values_of(ds, value_type)
    if not relationship and node.above >= 0:
        facts["problem"] = " ".join(part for part in (facts.get("problem", ""), "Its relationship is missing.") if part)
    return ContentItem(
        node.path,
        relationship,
        value_type,
        code_of(ds, "ConceptNameCodeSequence"),
        observed=date_time(text(ds, "ObservationDateTime")),
        children=children,
        **facts,
    )


def _resolved(root: ContentItem, notes: list[str]) -> tuple[ContentItem, tuple[str, ...]]:
    """Return the tree with its items by reference looked up: they take name and value of what they point to."""
    everything = list(root.walk())
    by_path = {item.path: item for item in everything}
    changed = {item.path: _pointing(item, by_path.get(item.target)) for item in everything if item.target is not None}
    if not changed:
        return root, tuple(notes)
    for path in _closing(everything, by_path):
        changed[path] = replace(changed[path], reference=None, graphic=None, problem=_CIRCLE)
        notes.append(f"Item {_dotted(path)} closes a circle of references; it is cut there.")
    return _rebuilt(everything, changed), tuple(notes)


_CIRCLE = "This reference leads back to an item above it."


def _pointing(item: ContentItem, target: ContentItem | None) -> ContentItem:
    if target is None or target.target is not None:
        what = "nothing" if target is None else "another reference"
        return replace(item, problem=f"It points to item {_dotted(item.target or ())}, where there is {what}.")
    return replace(
        item,
        value_type=target.value_type,
        concept=target.concept,
        value=target.value,
        reference=target.reference,
        graphic=target.graphic,
    )


def _dotted(path: Path) -> str:
    return ".".join(map(str, path[:40]))


def _closing(everything: list[ContentItem], by_path: dict[Path, ContentItem]) -> list[Path]:
    """Return the items by reference that close a circle, by a walk along children and references.

    C.17.3.2.5 forbids circles ("loops"): following one would never end.
    """
    state: dict[Path, int] = {}
    found: list[Path] = []
    stack: list[tuple[ContentItem, int]] = [(everything[0], 0)]
    while stack:
        item, step = stack.pop()
        if step == 0:
            state[item.path] = 1
        target = by_path.get(item.target) if item.target is not None else None
        following = (*item.children, target) if target is not None else item.children
        if step >= len(following):
            state[item.path] = 2
            continue
        stack.append((item, step + 1))
        following_item = following[step]
        seen = state.get(following_item.path, 0)
        if seen == 0:
            stack.append((following_item, 0))
        elif seen == 1 and following_item is target:
            found.append(item.path)
    return found


def _rebuilt(everything: list[ContentItem], changed: dict[Path, ContentItem]) -> ContentItem:
    """Return the tree with some items exchanged: from the last to the first, as it was built."""
    built: dict[Path, ContentItem] = {}
    for item in reversed(everything):
        new = changed.get(item.path, item)
        children = tuple(built.pop(child.path) for child in item.children)
        built[item.path] = replace(new, children=children) if new is not item or children else item
    return built[(1,)]
