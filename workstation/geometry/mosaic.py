"""Siemens mosaics: many slices tiled into one classic MR image (D20).

The header's Image Position is that of the first pixel of an image as large as the whole mosaic but centred on
the slice; number of slices and stacking direction come from the private CSA header.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from typing import TYPE_CHECKING

from workstation.geometry.image_plane import ImagePlane, add, dot, length, unit

if TYPE_CHECKING:
    from workstation.dicom.identity import Instance, Vector


@dataclass(frozen=True, slots=True)
class Mosaic:
    """How a mosaic is cut: ``images`` tiles in a square grid, stacked ``step`` mm apart along ``normal``."""

    images: int
    grid: int
    rows: int
    columns: int
    normal: Vector | None
    step: float


def mosaic_of(instance: Instance) -> Mosaic | None:
    """Return how to cut the instance, None where it is no mosaic or its CSA header is missing."""
    stated = instance.values.get("Mosaic")
    if not stated or "MOSAIC" not in instance.image_type or instance.number_of_frames > 1:
        return None
    images, normal = int(stated[0]), stated[1]
    grid = ceil(sqrt(images)) if images > 0 else 0
    step = instance.values.get("SpacingBetweenSlices") or instance.values.get("SliceThickness") or 0.0
    if images < 1 or instance.rows < grid or instance.columns < grid or not step:
        return None
    return Mosaic(images, grid, instance.rows // grid, instance.columns // grid, normal, abs(step))


def tile_plane(whole: ImagePlane, mosaic: Mosaic, tile: int) -> ImagePlane:
    """Return the plane of one tile, counted from 0 in reading order."""
    row_spacing, column_spacing = whole.spacing
    origin = add(whole.origin, whole.right, 0.5 * (whole.columns - mosaic.columns) * column_spacing)
    origin = add(origin, whole.down, 0.5 * (whole.rows - mosaic.rows) * row_spacing)
    along = mosaic.normal
    # The private normal only decides the side; within rounding it is the plane's own.
    direction = whole.normal if along is None or length(along) < 0.5 else unit(along)
    if abs(dot(direction, whole.normal)) > 0.999:
        side = 1.0 if dot(direction, whole.normal) > 0 else -1.0
        direction = (whole.normal[0] * side, whole.normal[1] * side, whole.normal[2] * side)
    return ImagePlane(
        add(origin, direction, tile * mosaic.step),
        whole.right,
        whole.down,
        whole.spacing,
        mosaic.rows,
        mosaic.columns,
        whole.frame_of_reference_uid,
    )


def tile_slices(mosaic: Mosaic, tile: int) -> tuple[slice, slice]:
    """Return the (rows, columns) of one tile within the stored image."""
    row, column = divmod(tile, mosaic.grid)
    return (
        slice(row * mosaic.rows, (row + 1) * mosaic.rows),
        slice(column * mosaic.columns, (column + 1) * mosaic.columns),
    )
