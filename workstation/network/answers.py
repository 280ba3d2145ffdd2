"""Answers of a server as frozen rows, decoded by their own character set (G6); what it left out is None (G11)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pydicom.tag import BaseTag

from workstation.dicom import vocabulary as v
from workstation.dicom.attributes import components_at, integer, text, texts, texts_at
from workstation.dicom.charset import is_declared, read_as, settle_character_set
from workstation.dicom.json_model import dataset_model
from workstation.network.matching import BINARY_VRS
from workstation.network.query_keys import COMPUTED, key_tag

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydicom.dataset import Dataset

    from workstation.network.nodes import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What every answer has.

    ``node`` is the name of the server asked, ``model`` everything it returned in the DICOM JSON model (PS3.18 F),
    ``not_supplied`` the keywords asked for that it did not return; counts among them where they are empty.
    """

    node: str
    model: dict[str, Any] = field(repr=False, compare=False)
    not_supplied: tuple[str, ...] = ()
    retrieve_titles: tuple[str, ...] = ()
    availability: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientAnswer(Answer):
    """A patient; counts are those of the server, None where it does not supply them."""

    patient_id: str
    issuer: str = ""
    name: str = ""
    birth_date: str = ""
    sex: str = ""
    study_count: int | None = None
    series_count: int | None = None
    instance_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyAnswer(Answer):
    """A study, with the fields that a row of the local study list has."""

    uid: str
    name: str = ""
    patient_id: str = ""
    birth_date: str = ""
    sex: str = ""
    date: str = ""
    time: str = ""
    age: str = ""
    description: str = ""
    accession: str = ""
    study_id: str = ""
    referring: str = ""
    institution: str = ""
    modalities: tuple[str, ...] | None = None
    sop_classes: tuple[str, ...] | None = None
    series_count: int | None = None
    instance_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesAnswer(Answer):
    """A series of a study."""

    uid: str
    study_uid: str = ""
    number: int | None = None
    modality: str = ""
    description: str = ""
    body_part: str = ""
    laterality: str = ""
    protocol: str = ""
    date: str = ""
    time: str = ""
    instance_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceAnswer(Answer):
    """An instance of a series."""

    uid: str
    series_uid: str = ""
    study_uid: str = ""
    number: int | None = None
    sop_class: str = ""
    rows: int | None = None
    columns: int | None = None
    frames: int | None = None
    date: str = ""
    time: str = ""


def settle(ds: Dataset, node: Node) -> None:
    """Decide how the text of an answer is read: as it says, else as the node's settings say, else as it looks.

    Servers leave the character set out although there is text that needs it (wlmscpfs, dcmqrscp).
    """
    if is_declared(ds):
        return
    if not node.character_set or not read_as(ds, node.character_set):
        settle_character_set(ds, _high_text(ds))


def _high_text(ds: Dataset) -> list[bytes]:
    """Return the values of text that are not ASCII, those of items included."""
    found: list[bytes] = []
    pending = [ds]
    while pending:
        current = pending.pop()
        for tag in v.tags_of(current):
            element: Any = current.get_item(tag)
            vr = element.VR if element.VR not in (None, "UN") else v.vr_of(tag)
            if vr == "SQ":
                pending += [item for item in _items(current, tag) if not is_declared(item)]
            elif isinstance(element.value, bytes) and vr in v.ENCODED_TEXT and not element.value.isascii():
                found.append(element.value)
    return found


def _items(ds: Dataset, tag: Any) -> list[Any]:
    try:
        return list(ds[tag].value or ())
    except Exception:
        # pydicom raises whatever its readers raise; an unreadable sequence has no text
        return []


def not_supplied(ds: Dataset, asked: Iterable[str]) -> tuple[str, ...]:
    """Return the keywords asked for that an answer does not hold; what servers compute also where it is empty (G11)."""
    return tuple(
        keyword
        for keyword in asked
        if key_tag(keyword) not in ds or (keyword in COMPUTED and not any(texts(ds, keyword)))
    )


def answer(level: str, ds: Dataset, node: Node, asked: Iterable[str]) -> Answer:
    """Return an answer as a row; the data set has been through :func:`settle`."""
    common = {
        "node": node.name,
        "model": dataset_model(ds),
        "not_supplied": not_supplied(ds, asked),
        "retrieve_titles": tuple(part for part in texts(ds, "RetrieveAETitle") if part),
        "availability": text(ds, "InstanceAvailability"),
    }
    return _MAKERS[level](ds, common)


def _patient(ds: Dataset, common: dict[str, Any]) -> PatientAnswer:
    return PatientAnswer(
        **common,
        patient_id=text(ds, "PatientID"),
        issuer=text(ds, "IssuerOfPatientID"),
        name=text(ds, "PatientName"),
        birth_date=text(ds, "PatientBirthDate"),
        sex=text(ds, "PatientSex"),
        study_count=count(ds, "NumberOfPatientRelatedStudies"),
        series_count=count(ds, "NumberOfPatientRelatedSeries"),
        instance_count=count(ds, "NumberOfPatientRelatedInstances"),
    )


def _study(ds: Dataset, common: dict[str, Any]) -> StudyAnswer:
    return StudyAnswer(
        **common,
        uid=text(ds, "StudyInstanceUID"),
        name=text(ds, "PatientName"),
        patient_id=text(ds, "PatientID"),
        birth_date=text(ds, "PatientBirthDate"),
        sex=text(ds, "PatientSex"),
        date=text(ds, "StudyDate"),
        time=text(ds, "StudyTime"),
        age=text(ds, "PatientAge"),
        description=text(ds, "StudyDescription"),
        accession=text(ds, "AccessionNumber"),
        study_id=text(ds, "StudyID"),
        referring=text(ds, "ReferringPhysicianName"),
        institution=text(ds, "InstitutionName"),
        modalities=_some(ds, "ModalitiesInStudy"),
        sop_classes=_some(ds, "SOPClassesInStudy"),
        series_count=count(ds, "NumberOfStudyRelatedSeries"),
        instance_count=count(ds, "NumberOfStudyRelatedInstances"),
    )


def _series(ds: Dataset, common: dict[str, Any]) -> SeriesAnswer:
    return SeriesAnswer(
        **common,
        uid=text(ds, "SeriesInstanceUID"),
        study_uid=text(ds, "StudyInstanceUID"),
        number=integer(ds, "SeriesNumber"),
        modality=text(ds, "Modality"),
        description=text(ds, "SeriesDescription"),
        body_part=text(ds, "BodyPartExamined"),
        laterality=text(ds, "Laterality"),
        protocol=text(ds, "ProtocolName"),
        date=text(ds, "SeriesDate"),
        time=text(ds, "SeriesTime"),
        instance_count=count(ds, "NumberOfSeriesRelatedInstances"),
    )


def _instance(ds: Dataset, common: dict[str, Any]) -> InstanceAnswer:
    return InstanceAnswer(
        **common,
        uid=text(ds, "SOPInstanceUID"),
        series_uid=text(ds, "SeriesInstanceUID"),
        study_uid=text(ds, "StudyInstanceUID"),
        number=integer(ds, "InstanceNumber"),
        sop_class=text(ds, "SOPClassUID"),
        rows=integer(ds, "Rows"),
        columns=integer(ds, "Columns"),
        frames=integer(ds, "NumberOfFrames"),
        date=text(ds, "ContentDate"),
        time=text(ds, "ContentTime"),
    )


_MAKERS: Final = {"PATIENT": _patient, "STUDY": _study, "SERIES": _series, "IMAGE": _instance}


def count(ds: Dataset, keyword: str) -> int | None:
    """Return a count that a server made, None where it supplies none (G11)."""
    number = integer(ds, keyword)
    return number if number is not None and number >= 0 else None


def _some(ds: Dataset, keyword: str) -> tuple[str, ...] | None:
    found = tuple(dict.fromkeys(part for part in texts(ds, keyword) if part))
    return found or None


def texts_of(ds: Dataset, keyword: str) -> tuple[str, ...]:
    """Return the values of any attribute as text, also of one without a keyword (``gggg,eeee``)."""
    tag = key_tag(keyword)
    if v.vr_of(tag).split(" or ")[0] in BINARY_VRS:
        return tuple(f"{number:g}" for number in components_at(ds, BaseTag(tag)) if number is not None)
    return texts_at(ds, BaseTag(tag))
