"""Instance -> the rows of the index that describe it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workstation.dicom.organise import patient_key

if TYPE_CHECKING:
    from workstation.dicom.identity import Instance

PATIENT = (
    "key",
    "patient_id",
    "name",
    "birth_date",
    "sex",
    *(f"declared_{what}" for what in ("studies", "series", "instances")),
)
STUDY = (
    "uid",
    "date",
    "time",
    "description",
    "accession",
    "study_id",
    "age",
    "institution",
    "declared_series",
    "declared_instances",
    "declared_classes",
)
SERIES = ("uid", "number", "modality", "description", "body_part", "date", "time", "declared_instances")
INSTANCE = ("uid", "original_uid", "sop_class", "transfer_syntax", "number", "frames", "rows", "columns", "has_pixels")


@dataclass(frozen=True, slots=True)
class Row:
    """What one instance says on each of the four levels, in the order of the names above."""

    patient: tuple[Any, ...]
    study: tuple[Any, ...]
    series: tuple[Any, ...]
    instance: tuple[Any, ...]


def row_of(instance: Instance) -> Row:
    """Return the rows of an instance; what is unknown is empty text or None."""
    get = instance.values.get
    text = instance.values.get
    return Row(
        patient=(
            patient_key(instance),
            text("PatientID", ""),
            text("PatientName", ""),
            text("PatientBirthDate", ""),
            text("PatientSex", ""),
            get("NumberOfPatientRelatedStudies"),
            get("NumberOfPatientRelatedSeries"),
            get("NumberOfPatientRelatedInstances"),
        ),
        study=(
            instance.study_instance_uid,
            text("StudyDate", ""),
            text("StudyTime", ""),
            text("StudyDescription", ""),
            text("AccessionNumber", ""),
            text("StudyID", ""),
            text("PatientAge", ""),
            text("InstitutionName", ""),
            get("NumberOfStudyRelatedSeries"),
            get("NumberOfStudyRelatedInstances"),
            "\\".join(get("SOPClassesInStudy", ())),
        ),
        series=(
            instance.series_instance_uid,
            get("SeriesNumber"),
            instance.modality,
            text("SeriesDescription", ""),
            text("BodyPartExamined", ""),
            text("SeriesDate", ""),
            text("SeriesTime", ""),
            get("NumberOfSeriesRelatedInstances"),
        ),
        instance=(
            instance.sop_instance_uid,
            get("DuplicateOf"),
            instance.sop_class_uid,
            instance.transfer_syntax_uid,
            instance.instance_number,
            instance.number_of_frames,
            instance.rows,
            instance.columns,
            int(instance.has_pixels),
        ),
    )
