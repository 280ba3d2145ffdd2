"""What a directory record says of an instance, by its type (PS3.3 F.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workstation.dicom.vocabulary import tag_of

if TYPE_CHECKING:
    from pydicom import Dataset

NO_DATE: Final = "19000101"
"""Stands in a record, never in a file, where a date must be and the file has none."""
NO_TIME: Final = "000000"


@dataclass(frozen=True, slots=True)
class RecordType:
    """The attributes of one type of record.

    ``needed`` must have a value (type 1), ``present`` may be empty (type 2), ``taken`` are there where the file has
    them.
    """

    name: str
    needed: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()


def _type(name: str, needed: str = "", present: str = "", taken: str = "") -> RecordType:
    return RecordType(name, tuple(needed.split()), tuple(present.split()), tuple(taken.split()))


PATIENT: Final = _type("PATIENT", "PatientID", "PatientName", "PatientBirthDate PatientSex")
STUDY: Final = _type(
    "STUDY",
    "StudyDate StudyTime StudyInstanceUID StudyID",
    "StudyDescription AccessionNumber",
    "ReferringPhysicianName",
)
SERIES: Final = _type(
    "SERIES",
    "Modality SeriesInstanceUID SeriesNumber",
    "",
    "SeriesDescription SeriesDate SeriesTime BodyPartExamined Laterality InstitutionName PerformingPhysicianName",
)
_CREATED: Final = "InstanceNumber ContentDate ContentTime"
_LABELLED: Final = f"{_CREATED} ContentLabel"
_ABOUT: Final = "ContentDescription ContentCreatorName"
IMAGE: Final = _type(
    "IMAGE",
    "InstanceNumber",
    "",
    "ImageType Rows Columns NumberOfFrames ImagePositionPatient ImageOrientationPatient FrameOfReferenceUID "
    "PixelSpacing",
)
_LEAVES: Final = (
    _type("RT DOSE", "InstanceNumber DoseSummationType"),
    _type("RT STRUCTURE SET", "InstanceNumber StructureSetLabel", "StructureSetDate StructureSetTime"),
    _type("RT PLAN", "InstanceNumber RTPlanLabel", "RTPlanDate RTPlanTime"),
    _type("RT TREAT RECORD", "InstanceNumber", "TreatmentDate TreatmentTime"),
    _type("RADIOTHERAPY", "InstanceNumber", _ABOUT, "UserContentLabel UserContentLongLabel"),
    _type(
        "PRESENTATION",
        "PresentationCreationDate PresentationCreationTime InstanceNumber ContentLabel",
        _ABOUT,
        "ReferencedSeriesSequence BlendingSequence",
    ),
    _type("WAVEFORM", _CREATED),
    _type(
        "SR DOCUMENT",
        f"CompletionFlag VerificationFlag {_CREATED} ConceptNameCodeSequence",
        "",
        "VerificationDateTime ContentSequence",
    ),
    _type("KEY OBJECT DOC", f"{_CREATED} ConceptNameCodeSequence", "", "ContentSequence"),
    _type(
        "SPECTROSCOPY",
        f"ImageType {_CREATED} NumberOfFrames Rows Columns DataPointRows DataPointColumns",
        "",
        "ReferencedImageEvidenceSequence",
    ),
    _type("RAW DATA", _CREATED),
    _type("REGISTRATION", _LABELLED, _ABOUT),
    _type("FIDUCIAL", _LABELLED, _ABOUT),
    _type(
        "ENCAP DOC",
        "InstanceNumber MIMETypeOfEncapsulatedDocument",
        "ContentDate ContentTime DocumentTitle ConceptNameCodeSequence",
        "HL7InstanceIdentifier",
    ),
    _type("VALUE MAP", _LABELLED, _ABOUT),
    _type("STEREOMETRIC"),
    _type("MEASUREMENT", _LABELLED, _ABOUT),
    _type("SURFACE", _LABELLED, _ABOUT),
    _type("SURFACE SCAN", "ContentDate ContentTime"),
    _type("TRACT", _LABELLED, _ABOUT),
    _type("ASSESSMENT", "InstanceNumber InstanceCreationDate", "InstanceCreationTime"),
)
_BY_NAME: Final = {kind.name: kind for kind in _LEAVES}
_STORAGE: Final = "1.2.840.10008.5.1.4.1.1."
_BY_CLASS: Final = {
    f"{_STORAGE}{end}": name
    for name, ends in {
        "RT DOSE": "481.2",
        "RT STRUCTURE SET": "481.3",
        "RT PLAN": "481.5 481.8",
        "RT TREAT RECORD": "481.4 481.6 481.7 481.9",
        "RADIOTHERAPY": "481.10 481.11 481.12 481.13 481.14 481.15 481.16 481.17 481.18 481.19 481.20 481.21 481.22 "
        "481.25",
        "PRESENTATION": " ".join(f"11.{number}" for number in range(1, 13)) + " 131",
        "WAVEFORM": "9.1.1 9.1.2 9.1.3 9.1.4 9.2.1 9.3.1 9.4.1 9.4.2 9.5.1 9.6.1 9.6.2 9.7.1 9.7.2 9.7.3 9.7.4 9.8.1",
        "SR DOCUMENT": "88.11 88.22 88.33 88.34 88.35 88.40 88.50 88.65 88.67 88.68 88.69 88.70 88.71 88.72 88.73 "
        "88.74 88.75 88.76 88.77 79.1 78.6",
        "KEY OBJECT DOC": "88.59",
        "SPECTROSCOPY": "4.2",
        "RAW DATA": "66",
        "REGISTRATION": "66.1 66.3",
        "FIDUCIAL": "66.2",
        "ENCAP DOC": "104.1 104.2 104.3 104.4 104.5",
        "VALUE MAP": "67",
        "STEREOMETRIC": "77.1.5.3",
        "MEASUREMENT": "78.1 78.2 78.3 78.4 78.5 78.7 78.8 80.1",
        "SURFACE": "66.5",
        "SURFACE SCAN": "68.1 68.2",
        "TRACT": "66.6",
        "ASSESSMENT": "90.1",
    }.items()
    for end in ends.split()
}


def leaf_type(sop_class_uid: str, *, is_image: bool) -> RecordType | None:
    """Return the type of an instance's own record, None where the Standard has none for its SOP Class."""
    name = _BY_CLASS.get(sop_class_uid)
    if name is not None:
        return _BY_NAME[name]
    return IMAGE if is_image else None


def filled(keyword: str, header: Dataset, count: int) -> str:
    """Return what a record says where the file has no value: a neutral one, as it must have some (H2)."""
    if keyword == "PatientID":
        return f"NO_ID_{count}"
    if keyword == "StudyInstanceUID" or keyword == "SeriesInstanceUID":
        return ""
    if keyword.endswith("Date"):
        return str(header.get("StudyDate") or NO_DATE)
    if keyword.endswith("Time"):
        return NO_TIME
    return _FILLINGS.get(keyword, str(count))


_FILLINGS: Final = {
    "Modality": "OT",
    "DoseSummationType": "PLAN",
    "CompletionFlag": "PARTIAL",
    "VerificationFlag": "UNVERIFIED",
    "ContentLabel": "UNNAMED",
    "StructureSetLabel": "UNNAMED",
    "RTPlanLabel": "UNNAMED",
    "MIMETypeOfEncapsulatedDocument": "application/octet-stream",
}
TAGS: Final = tuple(
    sorted(
        {
            int(tag_of(keyword))
            for kind in (PATIENT, STUDY, SERIES, IMAGE, *_LEAVES)
            for keyword in (*kind.needed, *kind.present, *kind.taken)
        }
    )
)
"""Every attribute that some record holds."""
