"""Key Object Selections written by us: chosen images with a title, a document for each study (PS3.3 A.35.4, TID 2010).

What spans several studies is written once into each of them, every document naming the others as identical.
"""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final

from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import KeyObjectSelectionDocumentStorage

from workstation import __version__
from workstation.dicom.file_meta import file_meta
from workstation.dicom.uids import is_valid
from workstation.errors import WorkstationError
from workstation.objects.image_classes import DOSE

if TYPE_CHECKING:
    from workstation.dicom.identity import Instance

TITLES: Final[Mapping[str, str]] = {
    "113000": "Of Interest",
    "113004": "For Teaching",
    "113005": "For Conference",
    "113003": "For Surgery",
    "113002": "For Referring Provider",
    "113006": "For Therapy",
    "113007": "For Patient",
    "113008": "For Peer Review",
    "113009": "For Research",
    "113018": "For Printing",
    "113020": "For Report Attachment",
    "113013": "Best In Set",
}
"""Document titles on offer, by code (CID 7010)."""
BEST_IN_SET: Final = "113013"
SERIES_NUMBER: Final = 9900
"""High, so that it stands behind the series of the devices."""
LONGEST_TEXT: Final = 1024
_EMPTY: Final = (
    "StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName", "PatientName", "PatientID",
    "PatientBirthDate", "PatientSex", "StudyID",
)  # fmt: skip
"""Type 2: there in any case, empty where nothing is known."""
_TAKEN: Final = ("StudyDescription", "IssuerOfPatientID", "PatientIdentityRemoved", "DeidentificationMethod")
_OLD_SIGNS: Final = {"DA": ".", "TM": ":"}
"""What dates and times were written with before DICOM 3.0 (PS3.5 6.2)."""
_WELL_FORMED: Final = {"DA": re.compile(r"\d{8}"), "TM": re.compile(r"\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?")}


class KeyObjectError(WorkstationError):
    """Images cannot be named in a document; the sentence says why."""

    code = "key_object"


@dataclass(frozen=True, slots=True)
class KeyImage:
    """An image that was chosen: frame numbers from 1, none for the whole instance; ``header`` is its data set's."""

    instance: Instance
    header: Dataset = field(repr=False)
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """What the author says of the images: a code of :data:`TITLES`, some words, the author's name; when it was."""

    title: str
    description: str = ""
    observer: str = ""
    when: datetime | None = None


def key_object_documents(images: Sequence[KeyImage], selection: Selection) -> list[FileDataset]:
    """Return the documents: for each patient one in every study that has one of the images.

    Raises
    ------
    KeyObjectError
        If there is no image, the title is not on offer, or an image has no UID of its own to be named by.
    """
    if not images:
        raise KeyObjectError("No image was chosen.")
    if selection.title not in TITLES:
        raise KeyObjectError(f"{selection.title!r} is not a title on offer.")
    when = selection.when or datetime.now()
    documents: list[FileDataset] = []
    for belonging in _by_patient(images):
        documents += _documents_of_patient(belonging, selection, when.astimezone())
    return documents


def encoded(document: FileDataset) -> bytes:
    """Return a document as a Part 10 file."""
    buffer = io.BytesIO()
    dcmwrite(buffer, document, enforce_file_format=True)
    return buffer.getvalue()


def _by_patient(images: Sequence[KeyImage]) -> list[list[KeyImage]]:
    """Part the images by patient: no document may name two."""
    groups: dict[tuple[str, ...], dict[str, KeyImage]] = {}
    for image in images:
        _refuse_unnamed(image)
        header = image.header
        known = str(header.get("PatientID", "")).strip()
        key = (known, str(header.get("IssuerOfPatientID", "")))
        if not known:
            key = (str(header.get("PatientName", "")), str(header.get("PatientBirthDate", "")))
        group = groups.setdefault(key, {})
        uid = image.instance.sop_instance_uid
        group[uid] = _merged(group[uid], image) if uid in group else image
    return [list(group.values()) for group in groups.values()]


def _merged(one: KeyImage, other: KeyImage) -> KeyImage:
    """Return one image for two mentions of it; the whole instance holds every frame."""
    frames = tuple(sorted({*one.frames, *other.frames})) if one.frames and other.frames else ()
    return KeyImage(one.instance, one.header, frames)


def _refuse_unnamed(image: KeyImage) -> None:
    """Refuse what has no UIDs, or a stand-in for them: nobody else could find it."""
    each = image.instance
    uids = (each.sop_class_uid, each.sop_instance_uid, each.series_instance_uid, each.study_instance_uid)
    known = _text(image.header, "SOPInstanceUID") or each.sop_instance_uid
    if each.synthetic or known != each.sop_instance_uid or not all(is_valid(uid) for uid in uids):
        number, series = each.instance_number, each.values.get("SeriesNumber")
        which = f"Image {'?' if number is None else number} of series {'?' if series is None else series}"
        raise KeyObjectError(f"{which} has no valid UIDs of its own, so no document can name it.")


def _documents_of_patient(images: list[KeyImage], selection: Selection, when: datetime) -> list[FileDataset]:
    studies: dict[str, Dataset] = {}
    for image in images:
        studies.setdefault(image.instance.study_instance_uid, image.header)
    documents = [_document(study, header, images, selection, when) for study, header in studies.items()]
    for document in documents:
        others = [other for other in documents if other is not document]
        if others:
            document.IdenticalDocumentsSequence = [_named(other) for other in others]
    return documents


def _document(
    study_instance_uid: str, header: Dataset, images: list[KeyImage], selection: Selection, when: datetime
) -> FileDataset:
    ds = _file(_new_uid())
    ds.SpecificCharacterSet = "ISO_IR 192"
    for keyword in _EMPTY:
        setattr(ds, keyword, _text(header, keyword))
    for keyword in _TAKEN:
        if _text(header, keyword):
            setattr(ds, keyword, _text(header, keyword))
    ds.StudyInstanceUID = study_instance_uid
    _tell_series(ds, selection)
    _tell_time(ds, header, when)
    ds.CurrentRequestedProcedureEvidenceSequence = _evidence(images)
    _tell_content(ds, images, selection)
    return ds


def _file(sop_instance_uid: str) -> FileDataset:
    meta = file_meta(KeyObjectSelectionDocumentStorage, sop_instance_uid)
    ds = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    ds.SOPClassUID = KeyObjectSelectionDocumentStorage
    ds.SOPInstanceUID = sop_instance_uid
    return ds


def _tell_series(ds: Dataset, selection: Selection) -> None:
    ds.Modality = "KO"
    ds.SeriesInstanceUID = _new_uid()
    ds.SeriesNumber = SERIES_NUMBER
    ds.InstanceNumber = 1
    ds.SeriesDescription = TITLES[selection.title]
    ds.ReferencedPerformedProcedureStepSequence = []
    ds.Manufacturer = "DICOM Workstation"
    ds.ManufacturerModelName = "DICOM Workstation"
    ds.SoftwareVersions = __version__


def _tell_time(ds: Dataset, header: Dataset, when: datetime) -> None:
    """Write when it was made.

    The offset of the images is kept and our time told in it. Where they name none, ours would claim to be that of
    their dates too: then it stands with the time of our observation alone (PS3.3 C.12.1.1.8, C.17.3).
    """
    zone = _zone(_text(header, "TimezoneOffsetFromUTC"))
    if zone is not None:
        when = when.astimezone(zone)
        ds.TimezoneOffsetFromUTC = when.strftime("%z")
    ds.ContentDate = ds.SeriesDate = ds.InstanceCreationDate = when.strftime("%Y%m%d")
    ds.ContentTime = ds.SeriesTime = ds.InstanceCreationTime = when.strftime("%H%M%S.%f")
    ds.ObservationDateTime = when.strftime("%Y%m%d%H%M%S.%f%z")


def _zone(offset: str) -> timezone | None:
    if len(offset) != 5 or offset[0] not in "+-" or not offset[1:].isdigit():
        return None
    minutes = int(offset[1:3]) * 60 + int(offset[3:])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes)) if minutes < 24 * 60 else None


def _evidence(images: list[KeyImage]) -> list[Dataset]:
    """Return every instance that is named, by study and series."""
    studies: dict[str, dict[str, list[Dataset]]] = {}
    for image in images:
        each = image.instance
        series = studies.setdefault(each.study_instance_uid, {}).setdefault(each.series_instance_uid, [])
        series.append(_item(ReferencedSOPClassUID=each.sop_class_uid, ReferencedSOPInstanceUID=each.sop_instance_uid))
    return [
        _item(
            StudyInstanceUID=study,
            ReferencedSeriesSequence=[
                _item(SeriesInstanceUID=series, ReferencedSOPSequence=instances) for series, instances in parts.items()
            ],
        )
        for study, parts in studies.items()
    ]


def _named(document: Dataset) -> Dataset:
    named = _item(ReferencedSOPClassUID=document.SOPClassUID, ReferencedSOPInstanceUID=document.SOPInstanceUID)
    series = _item(SeriesInstanceUID=document.SeriesInstanceUID, ReferencedSOPSequence=[named])
    return _item(StudyInstanceUID=document.StudyInstanceUID, ReferencedSeriesSequence=[series])


def _tell_content(ds: Dataset, images: list[KeyImage], selection: Selection) -> None:
    ds.ValueType = "CONTAINER"
    ds.ConceptNameCodeSequence = [_code(selection.title, TITLES[selection.title])]
    ds.ContinuityOfContent = "SEPARATE"
    ds.ContentTemplateSequence = [_item(MappingResource="DCMR", TemplateIdentifier="2010")]
    ds.ContentSequence = [
        *_modifiers(images, selection),
        *_observer(selection.observer),
        *_described(selection.description),
        *(_reference(image) for image in images),
    ]


def _modifiers(images: list[KeyImage], selection: Selection) -> list[Dataset]:
    """Say what the best of a set is the best of (CID 7012)."""
    if selection.title != BEST_IN_SET:
        return []
    one = len({image.instance.series_instance_uid for image in images}) == 1
    value = _code("113015", "Series") if one else _code("113014", "Study")
    named = _code("113011", "Document Title Modifier")
    return [_content("HAS CONCEPT MOD", "CODE", named, ConceptCodeSequence=[value])]


def _observer(name: str) -> list[Dataset]:
    """Return who chose (TID 1002), nothing where no name is given."""
    cleaned = _cleaned(name, 64)
    if not cleaned:
        return []
    person = _code("121006", "Person")
    return [
        _content("HAS OBS CONTEXT", "CODE", _code("121005", "Observer Type"), ConceptCodeSequence=[person]),
        _content("HAS OBS CONTEXT", "PNAME", _code("121008", "Person Observer Name"), PersonName=cleaned),
    ]


def _described(text: str) -> list[Dataset]:
    cleaned = "\n".join(line for part in text.splitlines() if (line := _cleaned(part, LONGEST_TEXT)))[:LONGEST_TEXT]
    named = _code("113012", "Key Object Description")
    return [_content("CONTAINS", "TEXT", named, TextValue=cleaned)] if cleaned else []


def _reference(image: KeyImage) -> Dataset:
    each = image.instance
    named = _item(ReferencedSOPClassUID=each.sop_class_uid, ReferencedSOPInstanceUID=each.sop_instance_uid)
    if image.frames and each.number_of_frames > 1:
        if not all(1 <= number <= each.number_of_frames for number in image.frames):
            raise KeyObjectError(f"The instance has frames 1 to {each.number_of_frames}, not all that were named.")
        named.ReferencedFrameNumber = list(image.frames)
    is_image = each.has_pixels and each.sop_class_uid not in DOSE.uids
    return _content("CONTAINS", "IMAGE" if is_image else "COMPOSITE", None, ReferencedSOPSequence=[named])


def _content(relationship: str, value_type: str, name: Dataset | None, **values: Any) -> Dataset:
    item = _item(RelationshipType=relationship, ValueType=value_type, **values)
    if name is not None:
        item.ConceptNameCodeSequence = [name]
    return item


def _code(value: str, meaning: str) -> Dataset:
    return _item(CodeValue=value, CodingSchemeDesignator="DCM", CodeMeaning=meaning)


def _item(**values: Any) -> Dataset:
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def _text(header: Dataset, keyword: str) -> str:
    """Return a value as decoded text, several as they stand in a file; a date or time no reader knows is left out."""
    element = header.get_item(keyword) and header[keyword]
    if element is None or element.value is None:
        return ""
    several = element.VM > 1
    text = "\\".join(map(str, element.value)) if several else str(element.value).strip()
    if element.VR in _OLD_SIGNS:
        text = text.replace(_OLD_SIGNS[element.VR], "")
        return text if _WELL_FORMED[element.VR].fullmatch(text) else ""
    return text


def _cleaned(text: str, limit: int) -> str:
    kept = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(kept.replace("\\", " ").split())[:limit]


def _new_uid() -> str:
    return f"2.25.{uuid.uuid4().int}"
