"""An MR series of a head, prescribed at a double oblique angle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workstation.phantoms.grid import Grid
from workstation.phantoms.headers import (
    MR_IMAGE,
    Subject,
    attributes,
    decimal,
    new_object,
    set_pixels,
    set_plane,
    set_series,
    write,
)
from workstation.phantoms.shapes import Canvas, blend, ellipsoid, grain, tube

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

SCALP, SKULL, FLUID, GREY, WHITE, LESION = 850.0, 90.0, 150.0, 430.0, 590.0, 980.0
EVERYWHERE = (slice(None), slice(None))


def oblique(pitch: float, yaw: float) -> tuple[float, float, float, float, float, float]:
    """Return an axial orientation pitched about the patient's x axis, then turned about z (degrees)."""
    p, q = np.radians(pitch), np.radians(yaw)
    right = (np.cos(q), np.sin(q), 0.0)
    down = (-np.sin(q) * np.cos(p), np.cos(q) * np.cos(p), np.sin(p))
    return tuple(float(decimal(v)) for v in (*right, *down))  # type: ignore[return-value]


def write_mr_oblique(
    folder: Path,
    *,
    slices: int = 36,
    rows: int = 256,
    columns: int = 208,
    subject: Subject | None = None,
    number: int = 3,
) -> list[Path]:
    """Write a head as oblique slices 4 mm apart (3.5 mm thick, 0.5 mm between) and return the paths.

    The head lies along the slices' own axes, so each image looks like an axial one while rows, columns and
    normal are oblique in the patient. Stored values are unsigned 12 bit without a rescale, as MR often has.
    """
    subject = subject or Subject("Phantom^Head", "PHANTOM-MR", study="head")
    pixel = 0.9375 * 256 / rows
    grid = Grid(oblique(-17.0, 8.0), (4.0, pixel, pixel), rows, columns)
    right, down, normal = grid.axes
    x = ((np.arange(columns) - (columns - 1) / 2) * pixel).astype(np.float32)
    y = ((np.arange(rows) - (rows - 1) / 2) * pixel).astype(np.float32)
    noise = grain(21, (rows, columns))
    bias = 1.0 + 0.16 * np.exp(-((x[None, :] - 50) ** 2 + (y[:, None] + 40) ** 2) / 6000.0)
    paths = []
    for index in range(slices):
        z = (index - (slices - 1) / 2) * grid.spacing[0]
        values = np.full((rows, columns), 12.0, np.float32)
        paint(Canvas(values, x, y, z, pixel))
        values = values * bias + 14.0 * np.roll(noise, (31 * index, 57 * index), (0, 1))
        corner = x[0] * right + y[0] * down + z * normal + (3.0, -12.0, 25.0)
        ds = _header(subject, index, grid, corner)
        set_series(ds, subject, "head", number, "T1 oblique post contrast")
        set_pixels(ds, np.clip(np.rint(np.abs(values)), 0, 4095).astype(np.uint16), 12)
        attributes(ds, InstanceNumber=index + 1)
        paths.append(write(ds, folder / f"MR{index + 1:04d}.dcm"))
    return paths


def paint(canvas: Canvas) -> None:
    """Paint one slice of the head on axes of its own: x to the left, y backwards, z up."""
    ellipsoid(canvas, (0, 0, -18), (78, 97, 100), SCALP)
    ellipsoid(canvas, (0, 0, -18), (73, 92, 95), SKULL)
    if canvas.z < -40:
        ellipsoid(canvas, (0, 30, -70), (52, 48, 40), 380.0)
        ellipsoid(canvas, (0, -56, -66), (30, 24, 26), 60.0)
        for side in (-1.0, 1.0):
            ellipsoid(canvas, (side * 32, -66, -52), (14, 14, 14), FLUID)
            ellipsoid(canvas, (side * 26, 44, -58), (26, 24, 22), GREY + 30)
        tube(canvas, (0, 14, -30), (0, 24, -110), 11.0, 540.0)
    _brain(canvas)


def _brain(canvas: Canvas) -> None:
    x, y = canvas.x[None, :], canvas.y[:, None]
    rise = (canvas.z - 2.0) / 68.0
    height = 1.0 - (rise * rise if rise > 0 else abs(rise) ** 3.5)
    if height <= 0:
        return
    angle = np.arctan2(y, x)
    radius = np.sqrt((x / 66.0) ** 2 + (y / 84.0) ** 2)
    depth = (np.sqrt(height) - radius) * 66.0
    folds = 3.4 * np.sin(14 * angle + canvas.z / 7) + 2.2 * np.sin(23 * angle - canvas.z / 5)
    fissure = np.abs(x) - 1.6
    blend(canvas, EVERYWHERE, depth, FLUID)
    depth = np.where(depth > 0, depth, -50.0)
    inward = np.maximum(depth, 0.0)
    cortex = np.minimum(depth - 2.0 + np.minimum(folds, 1.5) * np.exp(-inward / 14), fissure)
    blend(canvas, EVERYWHERE, cortex, GREY)
    white = np.minimum(depth - 8.0 + folds * np.exp(-inward / 30), fissure - 3.2)
    blend(canvas, EVERYWHERE, white, WHITE)
    for side in (-1.0, 1.0):
        ellipsoid(canvas, (side * 22, 2, 2), (13, 20, 14), GREY + 50)
        ellipsoid(canvas, (side * 11, -20, 14), (6.5, 19, 13), FLUID)
        ellipsoid(canvas, (side * 15, 26, 12), (7, 20, 12), FLUID)
    ellipsoid(canvas, (0, 4, -2), (2.4, 13, 10), FLUID)
    ellipsoid(canvas, (34, -30, 26), (11, 11, 11), LESION)
    ellipsoid(canvas, (34, -30, 26), (7, 7, 7), FLUID + 60)


def _header(subject: Subject, index: int, grid: Grid, corner: NDArray[Any]) -> Dataset:
    ds = new_object(MR_IMAGE, ("head", index), subject, "MR")
    set_plane(ds, "head", corner, grid.orientation, grid.spacing[1:], 3.5)
    return attributes(
        ds,
        ImageType=["ORIGINAL", "PRIMARY", "M", "ND", "NORM"],
        BodyPartExamined="HEAD",
        PatientPosition="HFS",
        AcquisitionNumber="1",
        ScanningSequence="SE",
        SequenceVariant="SK",
        ScanOptions="",
        MRAcquisitionType="2D",
        RepetitionTime="520",
        EchoTime="12",
        EchoNumbers="1",
        EchoTrainLength=1,
        FlipAngle="70",
        MagneticFieldStrength="1.5",
        SpacingBetweenSlices=decimal(grid.spacing[0]),
        WindowCenter="480",
        WindowWidth="960",
    )
