"""Asks a worklist for what is scheduled (Modality Worklist, PS3.4 Annex K; G14)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from workstation.network.find_service import Find, FindReport, find_association
from workstation.network.matching import QueryError, checked_key, matches
from workstation.network.query_keys import declare_character_set, key_tag, keyword_of, put_keys

if TYPE_CHECKING:
    import threading

    from pydicom.dataset import Dataset

    from workstation.network.nodes import Node

MODEL: Final = "1.2.840.10008.5.1.4.31"
STEPS: Final = "ScheduledProcedureStepSequence"
STEP_KEYS: Final = (
    "ScheduledStationAETitle",
    "ScheduledProcedureStepStartDate",
    "ScheduledProcedureStepStartTime",
    "Modality",
    "ScheduledPerformingPhysicianName",
    "ScheduledProcedureStepDescription",
    "ScheduledProtocolCodeSequence",
    "ScheduledProcedureStepID",
    "ScheduledStationName",
    "ScheduledProcedureStepLocation",
    "ScheduledProcedureStepStatus",
    "PreMedication",
    "RequestedContrastAgent",
    "CommentsOnTheScheduledProcedureStep",
)
"""What is asked of a step; each is in the one item of its sequence (PS3.4 Table K.6-1)."""
KEYS: Final = (
    "PatientName",
    "PatientID",
    "IssuerOfPatientID",
    "PatientBirthDate",
    "PatientSex",
    "PatientWeight",
    "PregnancyStatus",
    "MedicalAlerts",
    "Allergies",
    "SpecialNeeds",
    "PatientState",
    "AccessionNumber",
    "StudyInstanceUID",
    "RequestedProcedureID",
    "RequestedProcedureDescription",
    "RequestedProcedureCodeSequence",
    "RequestedProcedurePriority",
    "ReasonForTheRequestedProcedure",
    "RequestingPhysician",
    "ReferringPhysicianName",
    "ReferencedStudySequence",
    "AdmissionID",
    "CurrentPatientLocation",
)
_SURE: Final = frozenset(
    {"PatientName", "PatientID", "ScheduledStationAETitle", "ScheduledProcedureStepStartDate", "Modality"}
)


@dataclass(frozen=True, slots=True)
class WorklistQuery:
    """What is asked of a worklist; empty is any. ``start_date`` is a DA value or range, ``keys`` are further ones."""

    station_title: str = ""
    start_date: str = ""
    modality: str = ""
    patient_name: str = ""
    patient_id: str = ""
    accession: str = ""
    keys: tuple[tuple[str, str], ...] = ()
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """A coded concept (PS3.3 8.8)."""

    value: str
    scheme: str
    meaning: str


@dataclass(frozen=True, slots=True)
class WorklistItem:
    """One scheduled procedure step; ``model`` is everything the worklist returned, in the DICOM JSON model."""

    node: str
    model: dict[str, Any] = field(repr=False, compare=False)
    name: str = ""
    patient_id: str = ""
    birth_date: str = ""
    sex: str = ""
    accession: str = ""
    study_uid: str = ""
    procedure_id: str = ""
    procedure: str = ""
    procedure_codes: tuple[Code, ...] = ()
    priority: str = ""
    requesting: str = ""
    referring: str = ""
    step_id: str = ""
    step: str = ""
    protocols: tuple[Code, ...] = ()
    modality: str = ""
    station_title: str = ""
    station_name: str = ""
    location: str = ""
    date: str = ""
    time: str = ""
    performing: str = ""
    status: str = ""


def worklist(
    node: Node,
    query: WorklistQuery,
    *,
    limit: int | None = None,
    stop: threading.Event | None = None,
    report: FindReport | None = None,
) -> Iterator[WorklistItem]:
    """Ask a worklist and yield what is scheduled as it comes; nothing scheduled is no error (G14).

    Parameters are those of :func:`workstation.network.query.find`.

    Raises
    ------
    QueryError
        Before anything is sent.
    NetworkFailure, Cancelled
    """
    given = checked_worklist_keys(query)
    bound = node.answer_limit if limit is None else limit
    return _items(node, given, bound, stop, report or FindReport())


def checked_worklist_keys(query: WorklistQuery) -> dict[str, str]:
    """Return the keys of a worklist query by keyword, those of the step among them.

    Raises
    ------
    QueryError
    """
    from workstation.dicom.vocabulary import vr_of

    fields = (
        ("ScheduledStationAETitle", query.station_title),
        ("ScheduledProcedureStepStartDate", query.start_date),
        ("Modality", query.modality),
        ("PatientName", query.patient_name),
        ("PatientID", query.patient_id),
        ("AccessionNumber", query.accession),
    )
    given: dict[str, str] = {}
    for name, value in (*((name, value) for name, value in fields if value), *query.keys):
        tag = key_tag(name)
        keyword = keyword_of(tag)
        if keyword in given:
            raise QueryError(f"{keyword} is given twice.")
        if keyword in ("QueryRetrieveLevel", "SpecificCharacterSet", STEPS):
            raise QueryError(f"{keyword} is set by the program itself.")
        if keyword == "Modality" and "\\" in value:
            raise QueryError("A worklist is asked for one modality at a time.")
        given[keyword] = checked_key(keyword, vr_of(tag), value)
    if not query.everything and not any(given.values()):
        raise QueryError("Nothing is asked for: give at least one key, or say that everything is meant.")
    return given


def worklist_identifier(given: Mapping[str, str], character_set: str = "") -> Dataset:
    """Return the data set that asks a worklist; it has no Query/Retrieve Level (PS3.4 K.4.1.1.3)."""
    from pydicom.dataset import Dataset

    ds, step = Dataset(), Dataset()
    put_keys(ds, dict.fromkeys(KEYS, "") | {name: value for name, value in given.items() if name not in STEP_KEYS})
    put_keys(step, dict.fromkeys(STEP_KEYS, "") | {name: value for name, value in given.items() if name in STEP_KEYS})
    ds.ScheduledProcedureStepSequence = [step]
    declare_character_set(ds, given.values(), character_set)
    return ds


def _items(
    node: Node, given: Mapping[str, str], limit: int, stop: threading.Event | None, report: FindReport
) -> Iterator[WorklistItem]:
    from workstation.dicom.attributes import items
    from workstation.dicom.json_model import dataset_model
    from workstation.network.answers import settle

    with find_association(node, MODEL, stop=stop) as association:
        identifier = worklist_identifier(given, node.character_set)
        running = Find(association, node, MODEL, identifier, report, stop=stop)
        for ds in running:
            settle(ds, node)
            steps: Sequence[Dataset | None] = items(ds, STEPS) or [None]
            fitting = [step for step in steps if _fits(ds, step, given, report)]
            if not fitting:
                report.dropped += 1
            elif limit and report.kept >= limit:
                report.more = True
                running.cancel()
            else:
                report.kept += 1
                model = dataset_model(ds)
                for step in fitting:
                    yield _item(ds, step, model, node)


def _fits(ds: Dataset, step: Dataset | None, given: Mapping[str, str], report: FindReport) -> bool:
    """Tell whether an answer fits the keys, as far as it tells (G5)."""
    from workstation.dicom.vocabulary import vr_of
    from workstation.network.answers import texts_of
    from workstation.network.query import UNCHECKED

    for keyword, value in given.items():
        place = step if keyword in STEP_KEYS else ds
        values = texts_of(place, keyword) if place is not None else ()
        if not value:
            continue
        if not any(values):
            if place is not None and keyword in _SURE and key_tag(keyword) in place:
                return False
            report.hint(UNCHECKED.format(keyword))
        elif not matches(vr_of(key_tag(keyword)), value, values):
            return False
    return True


def _item(ds: Dataset, step: Dataset | None, model: dict[str, Any], node: Node) -> WorklistItem:
    from workstation.dicom.attributes import text

    def of_step(keyword: str) -> str:
        return text(step, keyword) if step is not None else ""

    return WorklistItem(
        node=node.name,
        model=model,
        name=text(ds, "PatientName"),
        patient_id=text(ds, "PatientID"),
        birth_date=text(ds, "PatientBirthDate"),
        sex=text(ds, "PatientSex"),
        accession=text(ds, "AccessionNumber"),
        study_uid=text(ds, "StudyInstanceUID"),
        procedure_id=text(ds, "RequestedProcedureID"),
        procedure=text(ds, "RequestedProcedureDescription"),
        procedure_codes=_codes(ds, "RequestedProcedureCodeSequence"),
        priority=text(ds, "RequestedProcedurePriority"),
        requesting=text(ds, "RequestingPhysician"),
        referring=text(ds, "ReferringPhysicianName"),
        step_id=of_step("ScheduledProcedureStepID"),
        step=of_step("ScheduledProcedureStepDescription"),
        protocols=_codes(step, "ScheduledProtocolCodeSequence") if step is not None else (),
        modality=of_step("Modality"),
        station_title=of_step("ScheduledStationAETitle"),
        station_name=of_step("ScheduledStationName"),
        location=of_step("ScheduledProcedureStepLocation"),
        date=of_step("ScheduledProcedureStepStartDate"),
        time=of_step("ScheduledProcedureStepStartTime"),
        performing=of_step("ScheduledPerformingPhysicianName"),
        status=of_step("ScheduledProcedureStepStatus"),
    )


def _codes(ds: Dataset, keyword: str) -> tuple[Code, ...]:
    from workstation.dicom.attributes import items, text

    codes = (
        Code(text(one, "CodeValue"), text(one, "CodingSchemeDesignator"), text(one, "CodeMeaning"))
        for one in items(ds, keyword)
    )
    return tuple(code for code in codes if code.value or code.meaning)
