"""What the rows of the study browser say: patients and stacks -> text. Pure; drawing is elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from workstation.dicom.display_names import date, person_name, plain
from workstation.dicom.identity import Instance, Patient, Series, Study
from workstation.objects.completeness import Light, key_of
from workstation.ui import completeness_text
from workstation.ui.keyed_tree import Branch

if TYPE_CHECKING:
    from workstation.geometry.stack import Stack

OBJECT_ICONS = {
    "SR": "series-report",
    "DOC": "series-document",
    "PR": "series-presentation",
    "KO": "series-key",
    "SEG": "series-segmentation",
    "RTSTRUCT": "series-plan",
    "RTPLAN": "series-plan",
    "RTRECORD": "series-plan",
    "REG": "series-other",
    "ECG": "series-wave",
    "HD": "series-wave",
    "EPS": "series-wave",
    "AU": "series-wave",
}
"""Icon of series that have no pixels, by modality (PS3.3 C.7.3.1.1.1)."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A chip on a row: short text and the tone it is drawn in."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class BrowserRow:
    """One row. ``stack_id`` is what opens when the row is activated, "" where nothing does."""

    kind: str
    key: str
    title: str
    detail: str
    badge: str = ""
    stack_id: str = ""
    remarks: tuple[Remark, ...] = ()
    icon: str = "series-image"
    pictured: bool = False
    tip: str = ""
    search: str = ""

    def __str__(self) -> str:
        parts = (self.badge, self.title, self.detail, *(remark.text for remark in self.remarks))
        return ", ".join(part for part in parts if part)


def _tr(text: str) -> str:
    return QCoreApplication.translate("StudyBrowser", text)


def _count(number: int, one: str, many: str) -> str:
    return _tr(one) if number == 1 else _tr(many).format(number)


class RowWriter:
    """Writes the rows; a series that is the same object as last time keeps its row without a second look."""

    def __init__(self) -> None:
        self.hidden = False
        self.ideographic_first = False
        self.lights: Mapping[str, Light] = {}
        """What speaks for missing images, of the studies of which something does."""
        self._known: dict[str, tuple[Series, tuple[Stack, ...], Branch]] = {}

    def forget(self) -> None:
        """Drop the rows kept from before."""
        self._known.clear()

    def tree(self, patients: Sequence[Patient], stacks: Mapping[str, tuple[Stack, ...]]) -> tuple[Branch, ...]:
        """Return the whole tree."""
        return tuple(self._patient(patient, place, stacks) for place, patient in enumerate(patients, 1))

    def _patient(self, patient: Patient, place: int, stacks: Mapping[str, tuple[Stack, ...]]) -> Branch:
        studies = tuple(self._study(study, number, stacks) for number, study in enumerate(patient.studies, 1))
        if self.hidden:
            title, detail = _tr("Patient {}").format(place), _tr("identity hidden")
        else:
            title = person_name(patient.name, self.ideographic_first) or _tr("No name")
            facts = (patient.patient_id or _tr("no ID"), date(patient.birth_date), patient.sex)
            detail = " · ".join(plain(fact, 80) for fact in facts if fact)
        remarks = _note_remarks(() if self.hidden else patient.notes)
        tip = "\n".join((title, detail, *(() if self.hidden else patient.notes)))
        row = BrowserRow("patient", patient.key, title, detail, remarks=remarks, tip=tip, search=f"{title} {detail}")
        return Branch(patient.key, row, studies)

    def _study(self, study: Study, place: int, stacks: Mapping[str, tuple[Stack, ...]]) -> Branch:
        series = tuple(self.series(item, stacks.get(item.key, ())) for item in study.series)
        when = date(study.date)
        if self.hidden:
            when = study.date[:4] or _tr("Study {}").format(place)
        title = " · ".join(part for part in (when, plain(study.description, 200)) if part) or _tr("No description")
        detail = " · ".join(
            (
                " ".join(study.modalities) or _tr("no modality"),
                _count(len(series), "1 series", "{} series"),
            )
        )
        light = self.lights.get(key_of(study)) if self.lights else None
        light_remarks = (Remark(completeness_text.chip(light), "warning"),) if light else ()
        accession = "" if self.hidden else plain(study.accession_number, 64)
        tip = "\n".join(
            part
            for part in (
                title,
                detail,
                accession and _tr("Accession number {}").format(accession),
                *study.notes,
                *(completeness_text.lines(light, hidden=self.hidden) if light else ()),
            )
            if part
        )
        row = BrowserRow(
            "study",
            study.study_instance_uid,
            title,
            detail,
            remarks=(*_note_remarks(study.notes), *light_remarks),
            tip=tip,
            search=f"{title} {detail} {accession}",
        )
        return Branch(study.study_instance_uid, row, series)

    def series(self, series: Series, stacks: tuple[Stack, ...]) -> Branch:
        """Return the row of a series, with rows of its stacks below when it has several."""
        key = series.key
        known = self._known.get(key)
        if known and known[0] is series and known[1] is stacks:
            return known[2]
        branch = _series_branch(series, stacks)
        self._known[key] = (series, stacks, branch)
        return branch


def _series_branch(series: Series, stacks: tuple[Stack, ...]) -> Branch:
    key = series.key
    title = plain(series.description, 200) or _tr("No description")
    several = len(stacks) > 1
    number = "" if series.number is None else str(series.number)
    detail = " · ".join(part for part in (number, _amount(series, stacks)) if part)
    remarks = (*_stack_remarks(stacks[0] if len(stacks) == 1 else None), *_series_remarks(series))
    row = BrowserRow(
        "series",
        key,
        title,
        detail,
        badge=plain(series.modality, 12) or "?",
        stack_id=stacks[0].id if stacks else "",
        remarks=remarks,
        icon=_icon(series, stacks),
        pictured=not several,
        tip=_series_tip(series, stacks, title, detail),
        search=f"{title} {number} {series.modality} " + " ".join(stack.label for stack in stacks),
    )
    below = (
        tuple(Branch(stack.id, _stack_row(stack, place)) for place, stack in enumerate(stacks, 1)) if several else ()
    )
    return Branch(key, row, below)


def _stack_row(stack: Stack, place: int) -> BrowserRow:
    pictured = stack.kind == "image"
    one, many = ("1 image", "{} images") if pictured else ("1 object", "{} objects")
    amount = _count(len(stack.frames), one, many)
    title = plain(stack.label, 120) or _tr("Stack {}").format(place)
    return BrowserRow(
        "stack",
        stack.id,
        title,
        amount,
        stack_id=stack.id,
        remarks=(
            *((Remark(reason),) if (reason := _short_reason(stack)) else ()),
            *_order_remarks(stack),
        ),
        icon="series-image" if pictured else "series-other",
        pictured=True,
        tip="\n".join((title, amount, _matrix(stack), stack.reason or "")).strip(),
        search=f"{title} {stack.reason or ''}",
    )


def _amount(series: Series, stacks: tuple[Stack, ...]) -> str:
    pictured = [stack for stack in stacks if stack.kind == "image"]
    if pictured:
        images = _count(sum(len(stack.frames) for stack in pictured), "1 image", "{} images")
        return images if len(stacks) == 1 else _count(len(stacks), "1 stack", "{} stacks") + " · " + images
    frames = sum(instance.number_of_frames for instance in series.instances if instance.has_pixels)
    if frames and series.modality not in OBJECT_ICONS:
        return _count(frames, "1 image", "{} images")
    if series.modality in {"SR", "DOC"}:
        return _count(len(series.instances), "1 document", "{} documents")
    return _count(len(series.instances), "1 object", "{} objects")


def _icon(series: Series, stacks: tuple[Stack, ...]) -> str:
    if any(stack.kind == "image" for stack in stacks):
        return "series-image"
    has_pixels = any(instance.has_pixels for instance in series.instances)
    return OBJECT_ICONS.get(series.modality, "series-image" if has_pixels else "series-other")


def _short_reason(stack: Stack) -> str:
    """Return why a stack stands alone without what its label says already; the whole reason is in the tooltip."""
    reason = (stack.reason or "").removesuffix(stack.label).rstrip(": ").removeprefix("series ")
    return plain(reason, 80)


def _stack_remarks(stack: Stack | None) -> tuple[Remark, ...]:
    if stack is None:
        return ()
    reason = (Remark(plain(stack.label or stack.reason, 80)),) if stack.reason else ()
    return (*reason, *_order_remarks(stack))


def _order_remarks(stack: Stack) -> tuple[Remark, ...]:
    """Return a chip for what may mislead a reader: missing, doubled or unplaced images."""
    counts = Counter(event.code for event in stack.order.events)
    chips = {
        "gap": ("1 gap", "{} gaps"),
        "duplicate": ("doubled positions", "doubled positions"),
        "mixed_orientation": ("mixed orientations", "mixed orientations"),
        "missing_position": ("positions missing", "positions missing"),
    }
    return tuple(Remark(_count(counts[code], *texts), "warning") for code, texts in chips.items() if counts[code])


def _series_remarks(series: Series) -> tuple[Remark, ...]:
    damaged = sum(1 for instance in series.instances if instance.problems)
    remarks = _note_remarks(series.notes)
    return (*remarks, Remark(_tr("{} damaged").format(damaged), "warning")) if damaged else remarks


def _note_remarks(notes: tuple[str, ...]) -> tuple[Remark, ...]:
    return (Remark(_count(len(notes), "1 note", "{} notes"), "info"),) if notes else ()


def _series_tip(series: Series, stacks: tuple[Stack, ...], title: str, detail: str) -> str:
    lines = [f"{series.modality} {title}", detail]
    lines += [f"{stack.label or _tr('Stack')}: {_matrix(stack)} {stack.reason or ''}".rstrip() for stack in stacks[:8]]
    lines += series.notes
    reasons = dict.fromkeys(problem.reason for instance in series.instances for problem in _problems(instance))
    lines += list(reasons)[:6]
    return "\n".join(lines)


def _problems(instance: Instance) -> tuple[Any, ...]:
    return instance.problems


def _matrix(stack: Stack) -> str:
    return f"{stack.columns} × {stack.rows}" if stack.rows and stack.columns else ""
