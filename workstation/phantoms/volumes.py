"""Series whose modality value is a linear formula of patient position (L1)."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from workstation.phantoms.grid import LINEAR, Coefficients, Direction6, Grid, linear_value
from workstation.phantoms.headers import (
    CT_IMAGE,
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

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

SUBJECT = Subject()
HALF_RANGE = 30000


@dataclass(frozen=True, slots=True)
class Slice:
    """One image to write: how many steps from the first slice, and attributes of its own."""

    offset: float
    extra: Mapping[str, Any] = field(default_factory=dict)
    orientation: Direction6 | None = None
    add: float = 0.0


def write_linear_series(
    folder: Path,
    *,
    orientation: Direction6 = (1, 0, 0, 0, 1, 0),
    spacing: tuple[float, float, float] = (3.0, 2.0, 0.5),
    slices: int = 8,
    rows: int = 12,
    columns: int = 20,
    origin: tuple[float, float, float] = (-7.5, 11.0, -40.0),
    tilt_degrees: float = 0.0,
    gaps: Sequence[int] = (),
    shuffle: int | None = None,
    coefficients: Coefficients = LINEAR,
    modality: str = "CT",
    series: str = "linear",
) -> list[Path]:
    """Write one image per slice whose modality value is ``a*x + b*y + c*z + d`` and return the paths.

    ``spacing`` is (slice, row, column) in mm; ``gaps`` are slice indices left out; ``shuffle`` seeds a random
    order of file names and Instance Numbers; ``series`` seeds the Series Instance UID. Stored values are
    signed 16 bit with one slope for the series, so a voxel is off the formula by half a slope at most. The
    paths come in slice order.
    """
    grid = Grid(orientation, spacing, rows, columns, origin, tilt_degrees)
    plan = [Slice(float(k)) for k in range(slices) if k not in set(gaps)]
    return write_slices(
        folder, grid, plan, shuffle=shuffle, coefficients=coefficients, modality=modality, series=series
    )


def write_slices(
    folder: Path,
    grid: Grid,
    plan: Sequence[Slice],
    *,
    shuffle: int | None = None,
    coefficients: Coefficients = LINEAR,
    modality: str = "CT",
    series: str = "linear",
    subject: Subject = SUBJECT,
) -> list[Path]:
    """Write the slices of ``plan`` on ``grid`` as one series and return the paths in the plan's order.

    Each slice's value is the formula plus its own ``add``.
    """
    numbers = list(range(1, len(plan) + 1))
    if shuffle is not None:
        random.Random(shuffle).shuffle(numbers)
    values = [_values(grid, item, coefficients) for item in plan]
    slope, intercept = _rescale(values)
    paths = []
    for index, (item, number) in enumerate(zip(plan, numbers, strict=True)):
        ds = _image(grid, item, modality, subject, (series, index))
        set_series(ds, subject, series, 1, f"{series} phantom")
        stored = np.rint((values[index] - intercept) / slope).astype(np.int16)
        set_pixels(ds, stored, 16)
        attributes(ds, RescaleSlope=decimal(slope), RescaleIntercept=decimal(intercept))
        attributes(ds, InstanceNumber=number, **item.extra)
        paths.append(write(ds, folder / f"IM{number:05d}"))
    return paths


def _own_grid(grid: Grid, item: Slice) -> Grid:
    if item.orientation is None:
        return grid
    return Grid(item.orientation, grid.spacing, grid.rows, grid.columns, grid.origin, 0.0)


def _values(grid: Grid, item: Slice, coefficients: Coefficients) -> NDArray[np.float64]:
    return linear_value(_own_grid(grid, item).points(item.offset), coefficients) + item.add


def _rescale(values: Iterable[NDArray[np.float64]]) -> tuple[float, float]:
    extremes = [(float(v.min()), float(v.max())) for v in values]
    low, high = min(e[0] for e in extremes), max(e[1] for e in extremes)
    # What the header can say is what the pixels must be divided by: round both to a Decimal String first.
    return float(decimal(max(high - low, 1.0) / (2 * HALF_RANGE))), float(decimal((low + high) / 2))


def _image(grid: Grid, item: Slice, modality: str, subject: Subject, seed: Iterable[object]) -> Dataset:
    ds = new_object(CT_IMAGE if modality == "CT" else MR_IMAGE, seed, subject, modality)
    own = _own_grid(grid, item)
    set_plane(ds, "linear", own.position(item.offset), own.orientation, own.spacing[1:], thickness=own.spacing[0])
    attributes(ds, ImageType=["ORIGINAL", "PRIMARY", "AXIAL"], PatientPosition="HFS", AcquisitionNumber="")
    if modality == "CT":
        return attributes(ds, KVP="120", RescaleType="HU")
    return attributes(
        ds,
        ImageType=["ORIGINAL", "PRIMARY", "M", "ND"],
        ScanningSequence="GR",
        SequenceVariant="NONE",
        ScanOptions="",
        MRAcquisitionType="3D",
        RepetitionTime="100",
        EchoTime="10",
        EchoTrainLength=1,
    )
