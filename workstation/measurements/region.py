"""Ellipses and rectangles: which pixels are inside, and their statistics (D44)."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import TYPE_CHECKING, Any

import numpy as np

from workstation.measurements.measurement import shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workstation.measurements.calibration import Calibration

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class RegionStatistics:
    """Statistics of the modality values whose pixel centres lie inside a region.

    ``sd`` is the population standard deviation (divided by N). ``area`` is that of the drawn shape in ``area_unit``
    squared, not the pixel count. ``outside`` counts the region's pixels beyond the image, ``excluded`` those left out
    as padding; neither takes part. Without any pixel the values are NaN.
    """

    count: int
    mean: float
    sd: float
    least: float
    greatest: float
    median: float
    area: float
    area_unit: str
    outside: int = 0
    excluded: int = 0


def inside_mask(
    kind: str, start: Point, end: Point, rows: int, columns: int
) -> tuple[NDArray[np.bool_], tuple[slice, slice], int]:
    """Return the pixels inside a region: (mask, where it lies as (rows, columns) slices, pixels beyond the image).

    A pixel belongs if its centre is inside or on the edge. ``start`` and ``end`` are opposite corners (column, row),
    whole at pixel centres, of the rectangle or of the box around the ellipse.
    """
    (left, right), (top, bottom) = sorted((start[0], end[0])), sorted((start[1], end[1]))
    across = np.arange(np.ceil(left - 1e-9), np.floor(right + 1e-9) + 1)
    along = np.arange(np.ceil(top - 1e-9), np.floor(bottom + 1e-9) + 1)
    if kind == "ellipse":
        x = (across - (left + right) / 2) / max((right - left) / 2, 1e-9)
        y = (along - (top + bottom) / 2) / max((bottom - top) / 2, 1e-9)
        mask = x[None, :] ** 2 + y[:, None] ** 2 <= 1 + 1e-9
    else:
        mask = np.ones((along.size, across.size), dtype=np.bool_)
    keep_rows, keep_columns = (along >= 0) & (along < rows), (across >= 0) & (across < columns)
    kept = mask[keep_rows][:, keep_columns]
    first_row = int(along[keep_rows][0]) if kept.size else 0
    first_column = int(across[keep_columns][0]) if kept.size else 0
    where = (
        slice(first_row, first_row + kept.shape[0]),
        slice(first_column, first_column + kept.shape[1]),
    )
    return kept, where, int(mask.sum() - kept.sum())


def region_statistics(
    kind: str,
    start: Point,
    end: Point,
    modality_values: NDArray[Any],
    calibration: Calibration,
    padding: NDArray[np.bool_] | None = None,
) -> RegionStatistics:
    """Measure an ellipse or rectangle.

    Parameters
    ----------
    kind
        ``"ellipse"`` or ``"rectangle"``.
    start, end
        Opposite corners (column, row) of the box, whole at pixel centres.
    modality_values
        (rows, columns), before any window (statistics never see VOI values).
    calibration
        For the area: pi*a*b or width*height.
    padding
        True where a pixel holds no measurement; NaN values count as padding too.
    """
    rows, columns = modality_values.shape[:2]
    mask, where, outside = inside_mask(kind, start, end, rows, columns)
    values = np.asarray(modality_values[where], dtype=np.float64)[mask]
    known = ~np.isnan(values)
    if padding is not None:
        known &= ~padding[where][mask]
    return _summary(values[known], area_of(kind, start, end, calibration), calibration, outside, int((~known).sum()))


def _summary(
    values: NDArray[np.float64], area: float, calibration: Calibration, outside: int, excluded: int
) -> RegionStatistics:
    numbers = [float("nan")] * 5
    if values.size:
        numbers = [float(f) for f in (values.mean(), values.std(), values.min(), values.max(), np.median(values))]
    mean, sd, least, greatest, median = numbers
    unit = calibration.unit
    return RegionStatistics(values.size, mean, sd, least, greatest, median, area, unit, outside, excluded)


def area_of(kind: str, start: Point, end: Point, calibration: Calibration) -> float:
    """Return the analytic area in squared units of the calibration, NaN where its directions have different units."""
    if not calibration.unit:
        return float("nan")
    width = abs(end[0] - start[0]) * calibration.column_mm
    height = abs(end[1] - start[1]) * calibration.row_mm
    return width * height * (pi / 4 if kind == "ellipse" else 1.0)


def circle_corners(centre: Point, edge: Point, calibration: Calibration) -> tuple[Point, Point]:
    """Return the box of an ellipse that is a circle in mm, also where pixels are not square."""
    from workstation.measurements.length import pixel_length

    radius = pixel_length(centre, edge, calibration)
    across, along = radius / calibration.column_mm, radius / calibration.row_mm
    return (centre[0] - across, centre[1] - along), (centre[0] + across, centre[1] + along)


def described(statistics: RegionStatistics, calibration: Calibration, unit: str = "") -> tuple[str, ...]:
    """Return the lines to write beside a region; ``unit`` is that of the modality values."""
    suffix = f" {unit}" if unit else ""
    if not statistics.count:
        return ("no pixels inside",)
    lines = [
        f"mean {statistics.mean:.4g}{suffix}  SD {statistics.sd:.3g}",
        f"min {statistics.least:g}  max {statistics.greatest:g}  n {statistics.count}",
    ]
    if statistics.area_unit:
        size = shown(statistics.area, calibration.row_mm * calibration.column_mm)
        note = "" if calibration.plain else f" ({calibration.source})"
        lines.append(f"{size} {statistics.area_unit}²{note}")
    left_out = [(statistics.outside, "outside the image"), (statistics.excluded, "padding")]
    lines += [f"{count} px {why}, left out" for count, why in left_out if count]
    return tuple(lines)
