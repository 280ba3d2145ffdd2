"""The voxels one pixel of a section is made of, with their weights (D39, D41)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from workstation.geometry.reslice import slab_offsets
from workstation.geometry.sampling import ON_GRID, nearest_voxel
from workstation.geometry.volume import rescaled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workstation.geometry.image_plane import ImagePlane
    from workstation.geometry.sampling import Projection
    from workstation.geometry.volume import Volume

ROUND = 1e-5
"""Voxels by which a coordinate may miss a centre and take no part of the next voxel, as in :mod:`sampling`."""


@dataclass(frozen=True, slots=True)
class Voxel:
    """One voxel with its share of a sample: slice, row and column from 0, and its modality value."""

    slice: int
    row: int
    column: int
    weight: float
    value: float


@dataclass(frozen=True, slots=True)
class Sample:
    """The volume at one place: ``offset`` mm from the plane. Without voxels it is padding or outside the box."""

    offset: float
    voxels: tuple[Voxel, ...] = ()
    why_none: str = ""

    @property
    def value(self) -> float:
        """The weighted sum of the voxels."""
        return sum(voxel.weight * voxel.value for voxel in self.voxels)


@dataclass(frozen=True, slots=True)
class Contributions:
    """Everything that took part in one pixel.

    ``chosen`` is the sample a maximum or minimum takes; None for a plane's only sample, a mean, and background.
    """

    samples: tuple[Sample, ...]
    projection: Projection
    background: float
    chosen: Sample | None = None

    @property
    def known(self) -> tuple[Sample, ...]:
        """The samples inside the box that are no padding."""
        return tuple(sample for sample in self.samples if sample.voxels)

    @property
    def value(self) -> float:
        """The pixel's modality value."""
        known = self.known
        if not known:
            return self.background
        if self.chosen is not None:
            return self.chosen.value
        return sum(sample.value for sample in known) / len(known)


def contributions(
    volume: Volume, plane: ImagePlane, slab_mm: float, projection: Projection, column: int, row: int
) -> Contributions:
    """Return the voxels that make up a pixel of :func:`workstation.geometry.reslice.reslice`."""
    offsets = slab_offsets(volume.grid, plane, slab_mm)
    points = np.array(plane.patient_point(column, row)) + offsets[:, None] * np.array(plane.normal)
    index = volume.grid.index_of(points)
    samples = tuple(_sample(volume, float(offset), place) for offset, place in zip(offsets, index, strict=True))
    known = [sample for sample in samples if sample.voxels]
    chosen = None
    if len(samples) > 1 and known and projection != "mean":
        chosen = (max if projection == "max" else min)(known, key=lambda sample: sample.value)
    return Contributions(samples, projection, volume.background, chosen)


def _sample(volume: Volume, offset: float, index: NDArray[np.float64]) -> Sample:
    shape = np.array(volume.grid.shape)
    if (index < -0.5 - ON_GRID).any() or (index > shape - 0.5 + ON_GRID).any():
        return Sample(offset, why_none="outside the volume")
    if volume.padding is not None:
        nearest = tuple(int(nearest_voxel(index[axis], int(shape[axis]))) for axis in range(3))
        if volume.padding[nearest]:
            return Sample(offset, why_none="the nearest voxel is padding")
    return Sample(offset, _voxels(volume, np.clip(index, 0, shape - 1)))


def _voxels(volume: Volume, index: NDArray[np.float64]) -> tuple[Voxel, ...]:
    """Return the neighbours with a weight, greatest first; padding takes no part and the others share its weight."""
    axes = []
    for place, size in zip(index.tolist(), volume.grid.shape, strict=True):
        whole = round(place)
        if abs(place - whole) <= ROUND:
            axes.append([(whole, 1.0)])
        else:
            low = min(int(place), max(size - 2, 0))
            axes.append([(low, 1 - (place - low)), (min(low + 1, size - 1), place - low)])
    shares = {(k, r, c): a * b * d for (k, a), (r, b), (c, d) in product(*axes)}
    if volume.padding is not None:
        shares = {place: share for place, share in shares.items() if not volume.padding[place]}
    stored = np.array([volume.array[place] for place in shares])
    values = rescaled(stored, volume.slope, volume.intercept).tolist()
    total = sum(shares.values())
    found = (Voxel(*place, shares[place] / total, value) for place, value in zip(shares, values, strict=True))
    return tuple(sorted(found, key=lambda voxel: -voxel.weight))
