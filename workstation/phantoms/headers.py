"""Well-formed headers for synthetic objects: every type 1 and 2 attribute of the modules they name.

Nothing here looks at the clock or a random source, so the same call writes the same bytes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"
US_MULTIFRAME = "1.2.840.10008.5.1.4.1.1.3.1"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
ENCAPSULATED_PDF = "1.2.840.10008.5.1.4.1.1.104.1"
PARAMETRIC_MAP = "1.2.840.10008.5.1.4.1.1.30"

IMPLEMENTATION = UID("2.25.218230114920395486270157219411520947133")
MANUFACTURER = "DICOM Workstation phantoms"


def uid(*seed: object) -> str:
    """Return a UID below 2.25 (PS3.5 B.2) that depends on ``seed`` alone."""
    digest = hashlib.sha256("\x1f".join(map(str, seed)).encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


@dataclass(frozen=True, slots=True)
class Subject:
    """The fictitious patient and study that objects of one call share."""

    name: str = "Phantom^Linear"
    patient_id: str = "PHANTOM-1"
    birth_date: str = "19700101"
    sex: str = "O"
    study: str = "phantom"
    study_description: str = "Synthetic phantom"
    study_date: str = "20200102"
    study_time: str = "101500"

    @property
    def study_instance_uid(self) -> str:
        """Study Instance UID made from the patient's and the study's name."""
        return uid("study", self.patient_id, self.study)


def attributes(ds: Dataset, **values: Any) -> Dataset:
    """Set attributes by keyword and return the dataset."""
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    return ds


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """Return one item of a code sequence (PS3.3 8.8)."""
    return attributes(Dataset(), CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def new_object(sop_class_uid: str, seed: Iterable[object], subject: Subject, modality: str) -> Dataset:
    """Return a dataset with SOP Common, Patient, General Study and General Equipment filled."""
    return attributes(
        Dataset(),
        SpecificCharacterSet="ISO_IR 192",
        SOPClassUID=sop_class_uid,
        SOPInstanceUID=uid("instance", subject.study_instance_uid, *seed),
        PatientName=subject.name,
        PatientID=subject.patient_id,
        PatientBirthDate=subject.birth_date,
        PatientSex=subject.sex,
        StudyInstanceUID=subject.study_instance_uid,
        StudyDate=subject.study_date,
        StudyTime=subject.study_time,
        StudyDescription=subject.study_description,
        StudyID="1",
        AccessionNumber="",
        ReferringPhysicianName="",
        Modality=modality,
        Manufacturer=MANUFACTURER,
        InstitutionName="Synthetic data",
        ContentDate=subject.study_date,
        ContentTime=subject.study_time,
    )


def set_series(ds: Dataset, subject: Subject, series: str, number: int, description: str) -> Dataset:
    """Fill General Series; ``series`` is the seed of the Series Instance UID."""
    return attributes(
        ds,
        SeriesInstanceUID=uid("series", subject.study_instance_uid, series),
        SeriesNumber=number,
        SeriesDescription=description,
        SeriesDate=subject.study_date,
        SeriesTime=subject.study_time,
    )


def set_plane(
    ds: Dataset,
    frame_of_reference: str,
    position: Iterable[float],
    orientation: Iterable[float],
    pixel_spacing: Iterable[float],
    thickness: float,
) -> Dataset:
    """Fill Frame of Reference and Image Plane; ``frame_of_reference`` is the UID's seed."""
    return attributes(
        ds,
        FrameOfReferenceUID=uid("frame of reference", frame_of_reference),
        PositionReferenceIndicator="",
        ImagePositionPatient=[decimal(v) for v in position],
        ImageOrientationPatient=[decimal(v) for v in orientation],
        PixelSpacing=[decimal(v) for v in pixel_spacing],
        SliceThickness=decimal(thickness),
    )


def set_pixels(ds: Dataset, values: NDArray[Any], bits_stored: int, photometric: str = "MONOCHROME2") -> Dataset:
    """Fill Image Pixel from ``values``: (rows, columns), (frames, rows, columns) or with 3 samples last."""
    colour = photometric in {"RGB", "YBR_FULL", "YBR_RCT"}
    shape = values.shape[:-1] if colour else values.shape
    attributes(
        ds,
        SamplesPerPixel=3 if colour else 1,
        PhotometricInterpretation=photometric,
        Rows=shape[-2],
        Columns=shape[-1],
        BitsAllocated=values.dtype.itemsize * 8,
        BitsStored=bits_stored,
        HighBit=bits_stored - 1,
        PixelRepresentation=int(values.dtype.kind == "i"),
    )
    if len(shape) == 3:
        ds.NumberOfFrames = shape[0]
    if colour:
        ds.PlanarConfiguration = 0
    ds["PixelData"] = pixel_data(values)
    return ds


def pixel_data(values: NDArray[Any]) -> Any:
    """Return Pixel Data of native samples in little endian, padded to an even length (PS3.5 8.1.1)."""
    from pydicom.dataelem import DataElement

    raw = values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes()
    vr = "OB" if values.dtype.itemsize == 1 else "OW"
    return DataElement(0x7FE00010, vr, raw + b"\0" * (len(raw) % 2))


def decimal(value: float) -> str:
    """Return a Decimal String of at most 16 characters (PS3.5 6.2)."""
    for digits in range(16, 5, -1):
        text = f"{float(value) + 0.0:.{digits}g}"
        if len(text) <= 16:
            return text
    return f"{float(value):.6g}"


def write(ds: Dataset, path: Path, transfer_syntax_uid: str = ExplicitVRLittleEndian) -> Path:
    """Write ``ds`` with File Meta Information and return ``path``; its folder is made."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = ds.SOPClassUID
    meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    meta.TransferSyntaxUID = UID(transfer_syntax_uid)
    meta.ImplementationClassUID = IMPLEMENTATION
    ds.file_meta = meta
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.save_as(path, enforce_file_format=True)
    return path
