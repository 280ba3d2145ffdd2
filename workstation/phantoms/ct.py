"""A CT series of the chest phantom: plausible to look at, with findings to measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workstation.phantoms import chest
from workstation.phantoms.headers import (
    CT_IMAGE,
    Subject,
    attributes,
    decimal,
    new_object,
    set_pixels,
    set_plane,
    set_series,
    write,
)
from workstation.phantoms.shapes import Canvas, grain

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

FIELD_OF_VIEW = 360.0
NOISE = 9.0


def write_ct(
    folder: Path,
    *,
    slices: int = 60,
    rows: int = 512,
    columns: int = 512,
    spacing: float = 3.0,
    subject: Subject | None = None,
    number: int = 2,
) -> list[Path]:
    """Write the chest as axial images ``spacing`` mm apart, feet first, and return the paths.

    Pixels are 360 mm / ``columns`` wide; the middle slice is at z = -10 mm. Stored values are HU + 1024 in 12
    bits. The findings are :data:`workstation.phantoms.chest.FINDINGS`; noise has a fixed seed and a standard
    deviation of 9 HU.
    """
    subject = subject or Subject("Phantom^Chest", "PHANTOM-CT", study="chest")
    pixel = FIELD_OF_VIEW / columns
    x = ((np.arange(columns) - (columns - 1) / 2) * pixel).astype(np.float32)
    y = ((np.arange(rows) - (rows - 1) / 2) * pixel).astype(np.float32)
    noise, texture = grain(11, (rows, columns)), grain(12, (rows, columns), smooth=2)
    paths = []
    for index in range(slices):
        z = (index - (slices - 1) / 2) * spacing - 10.0
        values = np.full((rows, columns), chest.AIR, np.float32)
        # The same noise field, shifted by amounts prime to its size: new noise per slice at no cost.
        chest.paint(Canvas(values, x, y, z, pixel), np.roll(texture, (37 * index, 91 * index), (0, 1)))
        values += NOISE * np.roll(noise, (73 * index, 53 * index), (0, 1))
        ds = _header(subject, index, (float(x[0]), float(y[0]), z), pixel, spacing)
        set_series(ds, subject, "chest", number, "Chest 3.0 soft tissue")
        set_pixels(ds, _stored(values), 12)
        attributes(ds, InstanceNumber=index + 1)
        paths.append(write(ds, folder / f"CT{index + 1:04d}.dcm"))
    return paths


def _stored(values: NDArray[Any]) -> NDArray[np.uint16]:
    return np.clip(np.rint(values + 1024.0), 0, 4095).astype(np.uint16)


def _header(
    subject: Subject, index: int, position: tuple[float, float, float], pixel: float, spacing: float
) -> Dataset:
    ds = new_object(CT_IMAGE, ("chest", index), subject, "CT")
    set_plane(ds, "chest", position, (1, 0, 0, 0, 1, 0), (pixel, pixel), spacing)
    return attributes(
        ds,
        ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
        BodyPartExamined="CHEST",
        PatientPosition="HFS",
        AcquisitionNumber="1",
        AcquisitionDate=subject.study_date,
        AcquisitionTime=subject.study_time,
        KVP="120",
        XRayTubeCurrent="220",
        ExposureTime="500",
        ConvolutionKernel="B31f",
        ScanOptions="",
        ReconstructionDiameter=decimal(FIELD_OF_VIEW),
        SliceLocation=decimal(position[2]),
        RescaleIntercept="-1024",
        RescaleSlope="1",
        RescaleType="HU",
        WindowCenter=["40", "-600"],
        WindowWidth=["400", "1500"],
        WindowCenterWidthExplanation=["SOFT TISSUE", "LUNG"],
    )
