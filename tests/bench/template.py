"""The header that all made series share: 155 elements with nested sequences and private blocks, as scanners write.

It is written once by pydicom with marks in it; a file is this header with the marks replaced by values of the same
length, so that thousands of files cost no more than writing their bytes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
CT = "1.2.840.10008.5.1.4.1.1.2"
MAMMOGRAM = "1.2.840.10008.5.1.4.1.1.1.2"

ROOT = b"123123123123123"
"""Digits in every UID; each made series has its own."""
SOP = b"2.25.1" + ROOT + b".1000000"
SERIES = b"2.25.2" + ROOT + b".1000"
STUDY = b"2.25.3" + ROOT + b".1000"
NUMBER = b"717171"
PLACE = b"88888.00"
TIME = b"101010.000000"
PATIENT = b"BENCH-000000"

_PLAIN = {
    "SpecificCharacterSet": "ISO_IR 100",
    "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL", "CT_SOM5 SPI"],
    "InstanceCreationDate": "20260102",
    "InstanceCreationTime": "101112.345000",
    "StudyDate": "20260102",
    "SeriesDate": "20260102",
    "AcquisitionDate": "20260102",
    "ContentDate": "20260102",
    "AcquisitionDateTime": "20260102101010.000000",
    "StudyTime": "100001.500000",
    "SeriesTime": "100801.250000",
    "AcquisitionTime": TIME.decode(),
    "ContentTime": TIME.decode(),
    "AccessionNumber": "A0001234567",
    "Manufacturer": "Example Medical",
    "InstitutionName": "Bench Hospital",
    "InstitutionAddress": "Some street 1, Some town",
    "ReferringPhysicianName": "Referrer^Anna",
    "StationName": "CT-BENCH-01",
    "StudyDescription": "Chest and abdomen with contrast",
    "SeriesDescription": "Thin slices, soft kernel",
    "InstitutionalDepartmentName": "Radiology",
    "PerformingPhysicianName": "Performer^Paul",
    "OperatorsName": "Operator^Olga",
    "ManufacturerModelName": "Somewhat Definite AS+",
    "PatientName": "Bench^Patient^Middle",
    "PatientID": PATIENT.decode(),
    "IssuerOfPatientID": "BENCH",
    "PatientBirthDate": "19600203",
    "PatientSex": "F",
    "PatientAge": "065Y",
    "PatientSize": "1.7",
    "PatientWeight": "72.5",
    "AdditionalPatientHistory": "Follow-up of a nodule seen in an earlier examination of the chest.",
    "ContrastBolusAgent": "Iodine 370",
    "BodyPartExamined": "CHEST",
    "ScanOptions": "HELICAL MODE",
    "SliceThickness": "1.25",
    "KVP": "120",
    "DataCollectionDiameter": "500",
    "DeviceSerialNumber": "12345",
    "SoftwareVersions": ["syngo CT 2012B", "VA48A"],
    "ProtocolName": "Thorax Abdomen 1.25",
    "ContrastBolusRoute": "IV",
    "ContrastBolusVolume": "90",
    "ContrastBolusStartTime": "101000.000000",
    "ContrastBolusTotalDose": "33.3",
    "ContrastFlowRate": "3.5",
    "ContrastFlowDuration": "25",
    "SpacingBetweenSlices": "1.25",
    "ReconstructionDiameter": "360",
    "DistanceSourceToDetector": "1085.6",
    "DistanceSourceToPatient": "595",
    "GantryDetectorTilt": "0",
    "TableHeight": "151.5",
    "RotationDirection": "CW",
    "ExposureTime": "500",
    "XRayTubeCurrent": "240",
    "Exposure": "120",
    "FilterType": "WEDGE_3",
    "GeneratorPower": "42",
    "FocalSpots": "1.2",
    "DateOfLastCalibration": "20260101",
    "TimeOfLastCalibration": "060000.000000",
    "ConvolutionKernel": ["B30f", "3"],
    "PatientPosition": "HFS",
    "AcquisitionType": "SPIRAL",
    "ReconstructionAlgorithm": "FILTER_BACK_PROJ",
    "RevolutionTime": 0.5,
    "SingleCollimationWidth": 0.6,
    "TotalCollimationWidth": 38.4,
    "TableSpeed": 46.0,
    "TableFeedPerRotation": 23.0,
    "SpiralPitchFactor": 0.6,
    "DataCollectionCenterPatient": [0.0, -150.0, -700.0],
    "ReconstructionTargetCenterPatient": [1.0, -149.0, -700.0],
    "ExposureModulationType": "XYZ_EC",
    "CTDIvol": 8.1,
    "StudyInstanceUID": STUDY.decode(),
    "SeriesInstanceUID": SERIES.decode(),
    "StudyID": "1",
    "SeriesNumber": "3",
    "AcquisitionNumber": "2",
    "InstanceNumber": NUMBER.decode(),
    "ImagePositionPatient": ["-180.0", "-330.0", PLACE.decode()],
    "ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"],
    "FrameOfReferenceUID": f"2.25.4{ROOT.decode()}.1000",
    "PositionReferenceIndicator": "SN",
    "SliceLocation": PLACE.decode(),
    "SamplesPerPixel": 1,
    "PhotometricInterpretation": "MONOCHROME2",
    "WindowCenter": ["40", "-600"],
    "WindowWidth": ["400", "1500"],
    "RescaleIntercept": "-1024",
    "RescaleSlope": "1",
    "RescaleType": "HU",
    "WindowCenterWidthExplanation": ["SOFT", "LUNG"],
    "LossyImageCompression": "00",
    "RequestedProcedureDescription": "CT chest and abdomen",
    "PerformedProcedureStepStartDate": "20260102",
    "PerformedProcedureStepStartTime": "100001.500000",
    "PerformedProcedureStepID": "P0001",
    "PerformedProcedureStepDescription": "CT chest and abdomen",
}


@dataclass(frozen=True, slots=True)
class Format:
    """What differs between the headers: everything else is the same in all."""

    syntax: str = EXPLICIT
    rows: int = 512
    columns: int = 512
    bits_allocated: int = 16
    bits_stored: int = 16
    signed: bool = True
    sop_class: str = CT


@cache
def template(made: Format) -> bytes:
    """Return the bytes before Pixel Data, marks in place, meta information included; not deflated yet."""
    ds = Dataset()
    for keyword, value in _PLAIN.items():
        setattr(ds, keyword, value)
    ds.SOPClassUID, ds.SOPInstanceUID = made.sop_class, SOP.decode()
    ds.Modality = "MG" if made.sop_class == MAMMOGRAM else "CT"
    ds.Rows, ds.Columns = made.rows, made.columns
    ds.PixelSpacing = [f"{360 / made.rows:.6f}"] * 2
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = made.bits_allocated, made.bits_stored, made.bits_stored - 1
    ds.PixelRepresentation = int(made.signed)
    if made.sop_class == MAMMOGRAM:
        _as_mammogram(ds, made)
    _sequences(ds)
    _private(ds)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = made.syntax
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = made.sop_class, SOP.decode()
    ds.file_meta.ImplementationClassUID = "2.25.155555555555555"
    buffer = io.BytesIO()
    # deflated by the writer of the file, after the marks are replaced
    implicit = made.syntax == IMPLICIT
    ds.file_meta.TransferSyntaxUID = IMPLICIT if implicit else EXPLICIT
    dcmwrite(buffer, ds, enforce_file_format=True)
    short, true = (IMPLICIT if implicit else EXPLICIT).encode(), made.syntax.encode()
    return _renamed_syntax(buffer.getvalue(), short, true)


def filled(raw: bytes, values: Mapping[bytes, str]) -> bytes:
    """Return a header with its marks replaced; a value must not be longer than its mark."""
    for mark, value in values.items():
        given = value.encode().ljust(len(mark))
        assert len(given) == len(mark), f"{value} is longer than {mark!r}"
        raw = raw.replace(mark, given)
    return raw


def _renamed_syntax(raw: bytes, short: bytes, true: bytes) -> bytes:
    """Write another Transfer Syntax UID into the meta information, and its new group length."""
    old, new = _ui(short), _ui(true)
    at = raw.index(b"\x02\x00\x10\x00UI")
    assert raw[at : at + len(old)] == old
    length = int.from_bytes(raw[140:144], "little") + len(new) - len(old)
    return raw[:140] + length.to_bytes(4, "little") + raw[144:at] + new + raw[at + len(old) :]


def _ui(uid: bytes) -> bytes:
    even = uid + b"\0" * (len(uid) % 2)
    return b"\x02\x00\x10\x00UI" + len(even).to_bytes(2, "little") + even


def _as_mammogram(ds: Dataset, made: Format) -> None:
    for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "FrameOfReferenceUID", "SliceLocation"):
        delattr(ds, keyword)
    top = 1 << made.bits_stored
    ds.PixelSpacing = ds.ImagerPixelSpacing = ["0.07", "0.07"]
    ds.RescaleIntercept, ds.RescaleType = "0", "US"
    ds.WindowCenter, ds.WindowWidth, ds.WindowCenterWidthExplanation = str(top // 2), str(top // 2), "NORMAL"
    ds.ImageLaterality, ds.ViewPosition, ds.PresentationIntentType = "L", "MLO", "FOR PRESENTATION"


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "SCT", meaning
    return item


def _reference(number: int) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = CT, f"2.25.1444444444444.{number}"
    item.PurposeOfReferenceCodeSequence = Sequence([_code("121311", "Localizer")])
    return item


def _sequences(ds: Dataset) -> None:
    ds.ReferencedStudySequence = Sequence([_reference(1)])
    ds.ReferencedImageSequence = Sequence([_reference(2), _reference(3)])
    ds.SourceImageSequence = Sequence([_reference(4)])
    ds.ProcedureCodeSequence = Sequence([_code("77477000", "CT")])
    ds.AnatomicRegionSequence = Sequence([_code("51185008", "Thorax")])
    ds.CTDIPhantomTypeCodeSequence = Sequence([_code("113691", "IEC Body Dosimetry Phantom")])
    request = Dataset()
    request.RequestedProcedureID, request.ScheduledProcedureStepID = "R0001", "S0001"
    request.ScheduledProcedureStepDescription = "CT chest"
    request.ScheduledProtocolCodeSequence = Sequence([_code("77477000", "CT"), _code("51185008", "Thorax")])
    ds.RequestAttributesSequence = Sequence([request])


def _private(ds: Dataset) -> None:
    for group, count in ((0x0009, 8), (0x0019, 12), (0x0021, 4), (0x0029, 4)):
        block = ds.private_block(group, f"BENCH PRIVATE {group:04X}", create=True)
        for element in range(count):
            kind = ("LO", "DS", "IS", "FD", "UL")[element % 5]
            value = {"LO": f"private value {element}", "DS": "1.5", "IS": "42", "FD": 0.125, "UL": 77}[kind]
            block.add_new(element, kind, value)
    ds.private_block(0x0029, "BENCH PRIVATE 0029").add_new(0x10, "OB", bytes(range(256)) * 4)
    nested = Dataset()
    nested.add_new(0x00190010, "LO", "BENCH PRIVATE 0019")
    nested.add_new(0x00191001, "LO", "inside a private sequence")
    ds.private_block(0x0019, "BENCH PRIVATE 0019").add_new(0x40, "SQ", Sequence([nested]))
