"""What a top-level element means for the facts of an instance: may it differ from file to file, and how is it read."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from workstation.dicom import vocabulary as v
from workstation.dicom import wanted
from workstation.dicom.content import REFERRING
from workstation.dicom.nuclear import VECTORS
from workstation.dicom.vocabulary import tag_of

if TYPE_CHECKING:
    from workstation.dicom.identity import Instance

FIXED, FREE, READ = range(3)
"""Must be byte for byte the template's; never looked at; read anew where it differs."""

UIDS = {
    int(tag_of(keyword)): (field, keyword)
    for field, keyword in (
        ("sop_instance_uid", "SOPInstanceUID"),
        ("series_instance_uid", "SeriesInstanceUID"),
        ("study_instance_uid", "StudyInstanceUID"),
    )
}
FRAME_OF_REFERENCE = int(tag_of("FrameOfReferenceUID"))
INSTANCE_NUMBER = int(tag_of("InstanceNumber"))
IMAGE_TYPE = int(tag_of("ImageType"))
POSITION, ORIENTATION = int(tag_of("ImagePositionPatient")), int(tag_of("ImageOrientationPatient"))
PIXEL_SPACING = int(tag_of("PixelSpacing"))
PATIENT_ID = int(tag_of("PatientID"))
SIZES = frozenset(
    int(tag_of(keyword))
    for keyword in ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing", "PixelAspectRatio")
)
"""Pairs of sizes that earn a note where they cannot be true."""

_FREE_META = frozenset(
    0x00020000 | number for number in (0x00, 0x01, 0x03, 0x12, 0x13, 0x16, 0x17, 0x18, 0x26, 0x27, 0x28, 0x100, 0x102)
)
_FIXED = frozenset(
    int(tag_of(keyword))
    for words in (
        "SpecificCharacterSet SOPClassUID Modality SamplesPerPixel PhotometricInterpretation PlanarConfiguration",
        "NumberOfFrames FrameIncrementPointer Rows Columns BitsAllocated BitsStored HighBit PixelRepresentation",
        "ModalityLUTSequence SequenceOfUltrasoundRegions SegmentSequence ConceptNameCodeSequence",
        "IssuerOfPatientIDQualifiersSequence DimensionIndexSequence ReferencedFrameOfReferenceSequence",
        "DetectorInformationSequence SharedFunctionalGroupsSequence PerFrameFunctionalGroupsSequence",
        "GridFrameOffsetVector",
        *VECTORS,
    )
    for keyword in words.split()
)
_READ = frozenset(
    {*map(int, wanted.INSTANCE), *map(int, wanted.FRAME), *UIDS}
    | {FRAME_OF_REFERENCE, INSTANCE_NUMBER, IMAGE_TYPE, POSITION, ORIENTATION}
)
_RENAMED = frozenset(int(tag_of(keyword)) for keyword in wanted.RENAMED)
_NEVER = _RENAMED | {
    int(tag_of(keyword))
    for keyword in (
        "DirectoryRecordSequence",
        "SharedFunctionalGroupsSequence",
        "PerFrameFunctionalGroupsSequence",
    )
}


@cache
def role_of(tag: int) -> int:
    """Return how an element may differ from file to file."""
    group, number = tag >> 16, tag & 0xFFFF
    if group == 0x0002:
        return FREE if tag in _FREE_META else FIXED
    if tag in _FIXED:
        return FIXED
    if tag in _READ:
        return READ
    if group & 1 and number < 0x100:
        return FIXED
    return FREE


def is_plain(instance: Instance, tags: frozenset[int]) -> bool:
    """Tell whether the facts of an instance hang on nothing but its own elements, one by one.

    Frames described by functional groups, nuclear medicine, mosaics and what refers to other objects look deeper.
    """
    return (
        instance.has_pixels
        and instance.number_of_frames == len(instance.frames) == 1
        and not instance.synthetic
        and not instance.problems
        and instance.modality != "NM"
        and instance.modality not in REFERRING
        and "MOSAIC" not in instance.image_type
        and instance.sop_class_uid != v.MEDIA_STORAGE_DIRECTORY
        and not tags & _NEVER
    )
