"""The voxels told for a pixel of a section add up to that pixel (D39, D41)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.geometry import factory
from tests.geometry.test_reslice import ROTATIONS, UNEVEN, turned
from workstation.geometry import reslice as module
from workstation.geometry.contributions import contributions
from workstation.geometry.reslice import reslice, section_plane, standard_section
from workstation.geometry.volume import Volume


@pytest.fixture(params=["numpy", "kernels"], scope="module", autouse=True)
def way(request, kernels):
    """Everything holds with machine code and without."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "numpy":
            patch.setattr(module, "kernels_ready", lambda: False)
        yield request.param


def noise(offsets, padded: bool = False, slope: float = 1.0) -> Volume:
    """Return a volume of random voxels."""
    volume = factory.linear_volume(factory.one_stack(factory.series(offsets, factory.OBLIQUE)))
    chance = np.random.default_rng(3)
    array = chance.integers(-1000, 3000, volume.array.shape).astype(np.int16)
    padding = chance.random(array.shape) < 0.3 if padded else None
    return replace(volume, array=array, padding=padding, slope=slope, intercept=-24.0, background=-1000.0)


def assert_adds_up(volume: Volume, plane, slab: float = 0.0, projection="mean") -> None:
    values = reslice(volume, plane, slab, projection)
    chance = np.random.default_rng(5)
    for _ in range(40):
        row, column = int(chance.integers(plane.rows)), int(chance.integers(plane.columns))
        found = contributions(volume, plane, slab, projection, column, row)
        for sample in found.known:
            assert sum(voxel.weight for voxel in sample.voxels) == pytest.approx(1)
        assert found.value == pytest.approx(float(values[row, column]), rel=1e-4, abs=0.05), (row, column)


@settings(deadline=None, max_examples=25)
@given(view=ROTATIONS, padded=st.booleans(), offsets=st.sampled_from([(0.0, 3.0, 6.0, 9.0, 12.0), UNEVEN]))
def test_any_plane_adds_up(view, padded, offsets):
    plane = turned(view)
    volume = noise(offsets, padded)
    assert_adds_up(volume, section_plane(volume, plane[:3], plane[3:]))


@pytest.mark.parametrize("projection", ["max", "min", "mean"])
@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("slope", [1.0, -0.5])
def test_slabs_add_up(projection, padded, slope):
    """A projection takes one sample, or the mean of those that are known; with a negative slope too."""
    volume = noise((0.0, 3.0, 6.0, 9.0, 12.0), padded, slope)
    for name in ("axial", "coronal", "sagittal"):
        assert_adds_up(volume, standard_section(volume, name), 7.0, projection)


def test_the_stored_plane_is_one_voxel():
    volume = noise((0.0, 3.0, 6.0, 9.0))
    affine = volume.affine
    right, down = affine[:3, 2] / volume.voxel_sizes[2], affine[:3, 1] / volume.voxel_sizes[1]
    at = tuple(volume.grid.point_of(np.array([2.0, 0.0, 0.0])).tolist())
    plane = section_plane(volume, tuple(right.tolist()), tuple(down.tolist()), at)
    (sample,) = contributions(volume, plane, 0.0, "mean", 1, 1).samples
    assert [(voxel.slice, voxel.weight) for voxel in sample.voxels] == [(2, 1.0)]


def test_outside_the_volume_there_is_background():
    volume = noise((0.0, 3.0, 6.0, 9.0))
    plane = standard_section(volume, "axial").moved(500.0)
    found = contributions(volume, plane, 0.0, "mean", 0, 0)
    assert (found.value, found.samples[0].why_none) == (-1000.0, "outside the volume")
