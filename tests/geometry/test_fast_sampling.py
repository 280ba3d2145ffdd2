"""The kernels give what numpy and scipy give, on any volume and any plane (D39, D41, D42)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from tests.geometry import factory
from workstation.geometry.fast_sampling import kernels_ready, sampled_by_kernels
from workstation.geometry.layouts import make_sagittal
from workstation.geometry.oblique import Triad
from workstation.geometry.reslice import reslice, section_plane, slab_offsets, standard_section
from workstation.geometry.sampling import sampled
from workstation.geometry.volume import Volume, grid_of

pytestmark = pytest.mark.usefixtures("kernels")
RELAXED = settings(deadline=None, max_examples=60)
OFFSETS = {
    "even": tuple(3.0 * k for k in range(6)),
    "uneven": (0.0, 3.0, 6.0, 10.0, 13.0, 19.0),
    "two": (0.0, 2.5),
    "down": (9.0, 6.0, 3.0, 0.0),
}
NORMAL = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1)
AXIAL = Triad((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


def volume_of(
    rng, offsets, orientation=factory.AXIAL, tilt=0.0, dtype=np.int16, padded=False, slope=1.0, intercept=0.0
):
    """Return a volume of noise, as different from voxel to voxel as can be."""
    grid = grid_of(factory.one_stack(factory.series(offsets, orientation, tilt)))
    array = rng.integers(-32768, 32767, grid.shape).astype(dtype)
    padding = rng.random(grid.shape) < 0.2 if padded else None
    for each in (array, padding):
        if each is not None:
            each.flags.writeable = False
    return Volume(array, grid, -1000.0, padding, slope, intercept)


def assert_equal(volume, plane, offsets, projection):
    wanted = sampled(volume, plane, offsets, projection)
    found = sampled_by_kernels(volume, plane, offsets, projection)
    assert (found.dtype, found.shape, found.flags.c_contiguous) == (np.float32, wanted.shape, True)
    assert_allclose(found, wanted, atol=1e-3 * 65535 * abs(volume.slope))


VOLUMES = {
    "offsets": st.sampled_from(sorted(OFFSETS)),
    "orientation": st.sampled_from([factory.AXIAL, factory.CORONAL, factory.SAGITTAL, factory.OBLIQUE]),
    "tilt": st.sampled_from([0.0, 20.0, -15.0]),
    "dtype": st.sampled_from([np.int16, np.float32]),
    "padded": st.booleans(),
    "slope": st.sampled_from([1.0, 0.25, -2.0]),
    "copied": st.booleans(),
}
SLABS = {
    "slab": st.sampled_from([0.0, 4.0, 13.0]),
    "projection": st.sampled_from(["max", "min", "mean"]),
    "spacing": st.sampled_from([None, 0.3, 1.7]),
    "seed": st.integers(0, 99),
}


def check(directions, offsets, orientation, tilt, dtype, padded, slope, copied, slab, projection, spacing, seed):
    rng = np.random.default_rng(seed)
    volume = volume_of(rng, OFFSETS[offsets], orientation, tilt, dtype, padded, slope, 7.0 if slope != 1 else 0.0)
    if copied:
        make_sagittal(volume)
    point = tuple((np.array(volume.grid.centre) + rng.uniform(-3, 3, 3)).tolist())
    plane = section_plane(volume, *directions, point, spacing)
    assert_equal(volume, plane, slab_offsets(volume.grid, plane, slab), projection)


@RELAXED
@given(axis=NORMAL, angle=st.floats(-4, 4), **VOLUMES, **SLABS)
def test_any_plane_through_any_volume_is_the_same(axis, angle, **facts):
    """D39, D41, D13, D11: oblique planes and slabs."""
    turned = AXIAL.turned(axis, angle)
    check((turned.right, turned.down), **facts)


@RELAXED
@given(
    directions=st.sampled_from(
        [((1, 0, 0), (0, 1, 0)), ((1, 0, 0), (0, 0, -1)), ((0, 1, 0), (0, 0, -1)), ((0, 0, 1), (-1, 0, 0))]
    ),
    **VOLUMES,
    **SLABS,
)
def test_any_plane_along_the_axes_is_the_same(directions, **facts):
    """D39, D41: what runs along the voxels takes a way of its own."""
    check(directions, **facts)


def test_the_kernels_are_there():
    """Else this file compares nothing."""
    assert kernels_ready()


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_a_sagittal_section_of_the_copy_is_that_of_the_voxels_bit_for_bit(dtype):
    volume = volume_of(np.random.default_rng(1), OFFSETS["even"], dtype=dtype, slope=0.7)
    plane = standard_section(volume, "sagittal")
    strided = reslice(volume, plane)
    make_sagittal(volume)
    assert_array_equal(volume.copies.sagittal, volume.array.transpose(2, 0, 1))
    assert_array_equal(reslice(volume, plane), strided)
    assert volume.copies.nbytes == volume.array.nbytes == volume.nbytes


def test_a_copy_of_a_volume_larger_than_the_tiles_has_every_voxel():
    rng = np.random.default_rng(2)
    grid = grid_of(factory.one_stack(factory.series((0.0, 3.0, 6.0), rows=70, columns=131)))
    volume = Volume(rng.integers(-999, 999, grid.shape).astype(np.int16), grid)
    make_sagittal(volume)
    assert_array_equal(volume.copies.sagittal, volume.array.transpose(2, 0, 1))


@pytest.mark.parametrize("name", ["axial", "coronal", "sagittal"])
@pytest.mark.parametrize("slope", [1.0, 0.3])
def test_a_section_through_voxel_centres_holds_their_values_exactly(name, slope):
    """D39: as the frames are computed, bit for bit."""
    volume = volume_of(np.random.default_rng(3), OFFSETS["even"], slope=slope, intercept=-7.5)
    through = tuple(volume.grid.point_of(np.array([2.0, 3.0, 4.0])).tolist())
    plane = replace(standard_section(volume, name), origin=through)
    assert reslice(volume, plane)[0, 0] == volume.modality_values()[2, 3, 4]


def test_planes_wider_than_the_tiles_are_the_same():
    """Rows and columns beyond one strip and one block, partly outside the box."""
    volume = volume_of(np.random.default_rng(4), OFFSETS["even"])
    turned = AXIAL.turned((0.3, 1.0, 0.2), 0.7)
    plane = section_plane(volume, turned.right, turned.down, spacing=0.05)
    plane = replace(plane, origin=plane.patient_point(-40.0, -30.0), rows=plane.rows + 60, columns=plane.columns + 80)
    assert plane.rows > 128
    assert plane.columns > 128
    assert_equal(volume, plane, np.zeros(1), "mean")


def test_values_that_are_no_numbers_take_no_part_in_a_maximum():
    """D41: a damaged rescale leaves holes, not black slabs."""
    volume = volume_of(np.random.default_rng(5), OFFSETS["even"], dtype=np.float32)
    array = volume.array.copy()
    array[3] = np.nan
    plane = standard_section(volume, "axial")
    for way in (sampled, sampled_by_kernels):
        slab = way(replace(volume, array=array), plane, slab_offsets(volume.grid, plane, 12.0), "max")
        assert np.isfinite(slab).all()
