"""Enhanced multi-frame CT: random frame order, rescale per frame, shared spacing (D21, B8)."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
from pydicom.dataset import Dataset

from workstation.phantoms.grid import LINEAR, OBLIQUE, Coefficients, Direction6, Grid, linear_value
from workstation.phantoms.headers import (
    ENHANCED_CT,
    Subject,
    attributes,
    decimal,
    new_object,
    set_pixels,
    set_series,
    uid,
    write,
)

if TYPE_CHECKING:
    from pathlib import Path


def write_enhanced_ct(
    path: Path,
    *,
    frames: int = 9,
    orientation: Direction6 = OBLIQUE,
    spacing: tuple[float, float, float] = (2.5, 2.0, 0.5),
    rows: int = 12,
    columns: int = 20,
    seed: int = 3,
    coefficients: Coefficients = LINEAR,
    transfer_syntax_uid: str = "1.2.840.10008.1.2.1",
) -> Path:
    """Write one Enhanced CT object whose modality values follow the linear formula and return ``path``.

    Frames are stored in an order drawn from ``seed``; each has its own slope, intercept and window, so that
    neither frame number nor a top-level rescale gives the right answer.
    """
    grid = Grid(orientation, spacing, rows, columns)
    order = list(range(frames))
    random.Random(seed).shuffle(order)
    subject = Subject(study="enhanced")
    ds = new_object(ENHANCED_CT, ("enhanced", seed), subject, "CT")
    set_series(ds, subject, "enhanced", 6, "Enhanced CT, frames out of order")
    stored, items = [], []
    for offset in order:
        values = linear_value(grid.points(offset), coefficients)
        slope = float(decimal(np.ptp(values) / 40000 * (1 + 0.25 * (offset % 3))))
        intercept = float(decimal(values.mean() + 7 * (offset % 2)))
        stored.append(np.rint((values - intercept) / slope).astype(np.int16))
        items.append(_frame_item(grid, offset, slope, intercept, float(values.mean())))
    set_pixels(ds, np.stack(stored), 16)
    ds.PerFrameFunctionalGroupsSequence = items
    ds.SharedFunctionalGroupsSequence = [_shared_item(grid)]
    _general(ds)
    return write(ds, path, transfer_syntax_uid)


def _general(ds: Dataset) -> None:
    organization = uid("dimension organization", "enhanced")
    index = attributes(
        Dataset(),
        DimensionOrganizationUID=organization,
        DimensionIndexPointer=0x00209057,
        FunctionalGroupPointer=0x00209111,
        DimensionDescriptionLabel="In-Stack Position",
    )
    attributes(
        ds,
        ImageType=["ORIGINAL", "PRIMARY", "VOLUME", "NONE"],
        InstanceNumber=1,
        PatientPosition="HFS",
        FrameOfReferenceUID=uid("frame of reference", "linear"),
        PositionReferenceIndicator="",
        AcquisitionDateTime=ds.StudyDate + ds.StudyTime,
        AcquisitionDuration=1000.0,
        AcquisitionNumber=1,
        PixelPresentation="MONOCHROME",
        VolumetricProperties="VOLUME",
        VolumeBasedCalculationTechnique="NONE",
        BurnedInAnnotation="NO",
        LossyImageCompression="00",
        PresentationLUTShape="IDENTITY",
        ContentQualification="RESEARCH",
        DeviceSerialNumber="1",
        ManufacturerModelName="phantoms",
        SoftwareVersions="1",
        DimensionOrganizationSequence=[attributes(Dataset(), DimensionOrganizationUID=organization)],
        DimensionIndexSequence=[index],
        AcquisitionContextSequence=[],
    )


def _shared_item(grid: Grid) -> Dataset:
    measures = attributes(
        Dataset(),
        PixelSpacing=[decimal(v) for v in grid.spacing[1:]],
        SliceThickness=decimal(grid.spacing[0]),
    )
    orientation = attributes(Dataset(), ImageOrientationPatient=[decimal(v) for v in grid.orientation])
    anatomy = attributes(Dataset(), FrameLaterality="U", AnatomicRegionSequence=[])
    kind = attributes(
        Dataset(),
        FrameType=["ORIGINAL", "PRIMARY", "VOLUME", "NONE"],
        PixelPresentation="MONOCHROME",
        VolumetricProperties="VOLUME",
        VolumeBasedCalculationTechnique="NONE",
    )
    return attributes(
        Dataset(),
        PixelMeasuresSequence=[measures],
        PlaneOrientationSequence=[orientation],
        FrameAnatomySequence=[anatomy],
        CTImageFrameTypeSequence=[kind],
    )


def _frame_item(grid: Grid, offset: int, slope: float, intercept: float, center: float) -> Dataset:
    content = attributes(
        Dataset(),
        StackID="1",
        InStackPositionNumber=offset + 1,
        DimensionIndexValues=[offset + 1],
        FrameAcquisitionNumber=1,
    )
    position = attributes(Dataset(), ImagePositionPatient=[decimal(v) for v in grid.position(offset)])
    rescale = attributes(
        Dataset(),
        RescaleSlope=decimal(slope),
        RescaleIntercept=decimal(intercept),
        RescaleType="HU",
    )
    window = attributes(Dataset(), WindowCenter=decimal(round(center)), WindowWidth=str(100 + offset))
    return attributes(
        Dataset(),
        FrameContentSequence=[content],
        PlanePositionSequence=[position],
        PixelValueTransformationSequence=[rescale],
        FrameVOILUTSequence=[window],
    )
