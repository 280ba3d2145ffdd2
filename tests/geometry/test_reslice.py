"""Every plane shows the value of each of its patient points (D39, D40, D41)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from tests.geometry import factory
from workstation.geometry import fast_sampling, sampling
from workstation.geometry import reslice as module
from workstation.geometry.reslice import reslice, scroll_range, section_plane, standard_section
from workstation.geometry.volume import Volume

RELAXED = settings(deadline=None, max_examples=40)
UNEVEN = (0.0, 3.0, 6.0, 10.0, 13.0, 19.0)
ROTATIONS = st.tuples(*[st.floats(-180, 180)] * 3)


@pytest.fixture(params=["numpy", "kernels"], scope="module", autouse=True)
def way(request, kernels):
    """Everything holds with machine code and without."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "numpy":
            patch.setattr(module, "kernels_ready", lambda: False)
        yield request.param


def turned(angles):
    """Return an Image Orientation turned by three angles."""
    a, b, c = np.radians(angles)
    x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    matrix = z @ y @ x
    return tuple(np.concatenate((matrix[:, 0], matrix[:, 1])).tolist())


def expected(volume, plane):
    """Return the formula on the plane, NaN outside the voxel centres' hull."""
    columns, rows = np.meshgrid(np.arange(plane.columns), np.arange(plane.rows))
    u, v = np.array(plane.right) * plane.spacing[1], np.array(plane.down) * plane.spacing[0]
    points = np.array(plane.origin) + columns[..., None] * u + rows[..., None] * v
    index = volume.grid.index_of(points)
    limits = np.array(volume.grid.shape) - 1
    inside = ((index >= 1e-6) & (index <= limits - 1e-6)).all(axis=-1)
    return np.where(inside, points @ factory.LINEAR, np.nan)


def assert_formula(volume, plane):
    wanted, found = expected(volume, plane), reslice(volume, plane)
    known = ~np.isnan(wanted)
    assume(known.any())
    assert_allclose(found[known], wanted[known], atol=1e-3 * np.ptp(volume.array) + 1e-3)


def stack_of(angles, offsets, tilt):
    return factory.one_stack(factory.series(offsets, turned(angles), tilt))


@RELAXED
@given(
    angles=ROTATIONS,
    view=ROTATIONS,
    tilt=st.sampled_from([0.0, 20.0, -15.0]),
    offsets=st.sampled_from([(0.0, 3.0, 6.0, 9.0, 12.0), UNEVEN, (9.0, 6.0, 3.0, 0.0)]),
)
def test_any_plane_of_any_volume_equals_the_formula(angles, view, tilt, offsets):
    """D39: oblique, anisotropic, tilted and uneven stacks, cut at any angle."""
    volume = factory.linear_volume(stack_of(angles, offsets, tilt))
    plane = turned(view)
    assert_formula(volume, section_plane(volume, plane[:3], plane[3:]))


@RELAXED
@given(
    orientation=st.sampled_from([factory.AXIAL, factory.CORONAL, factory.SAGITTAL, factory.OBLIQUE]),
    tilt=st.sampled_from([0.0, 20.0]),
    offsets=st.sampled_from([(0.0, 3.0, 6.0, 9.0), UNEVEN]),
    name=st.sampled_from(["axial", "coronal", "sagittal"]),
)
def test_standard_sections_equal_the_formula(orientation, tilt, offsets, name):
    """D39, D13, D11: axial, coronal and sagittal of stored axial, coronal, sagittal and oblique stacks."""
    volume = factory.linear_volume(factory.one_stack(factory.series(offsets, orientation, tilt)))
    assert_formula(volume, standard_section(volume, name))


@pytest.mark.parametrize("orientation", [factory.AXIAL, factory.CORONAL, factory.SAGITTAL])
@pytest.mark.parametrize("offsets", [(0.0, 3.0, 6.0, 9.0), UNEVEN])
@pytest.mark.parametrize("name", ["axial", "coronal", "sagittal"])
def test_the_fast_path_equals_the_general_one(monkeypatch, orientation, offsets, name):
    """Planes along the voxels take a shortcut that must not show."""
    volume = factory.linear_volume(factory.one_stack(factory.series(offsets, orientation)))
    plane = standard_section(volume, name)
    assert sampling.separable(volume.grid, plane) is not None
    fast = reslice(volume, plane)
    for each in (sampling, fast_sampling):
        monkeypatch.setattr(each, "separable", lambda grid, plane: None)
    assert_allclose(fast, reslice(volume, plane), atol=1e-3)


def test_an_axial_section_through_a_slice_is_that_slice():
    """D39: no half-voxel shift."""
    stack = factory.one_stack(factory.series((0.0, 2.0, 4.0), spacing=(2.0, 2.0)))
    volume = factory.linear_volume(stack)
    section = reslice(volume, standard_section(volume, "axial", stack.frames[1].plane.origin))
    assert_allclose(section, volume.array[1])


@pytest.mark.parametrize("orientation", [factory.AXIAL, factory.CORONAL, factory.SAGITTAL, factory.OBLIQUE])
def test_standard_sections_are_radiological_however_stored(orientation):
    """D29: R left and A top; R left and H top; A left and H top."""
    volume = factory.linear_volume(factory.one_stack(factory.series((0.0, 3.0, 6.0), orientation)))
    views = {name: standard_section(volume, name) for name in ("axial", "coronal", "sagittal")}
    assert (views["axial"].right, views["axial"].down) == ((1, 0, 0), (0, 1, 0))
    assert (views["coronal"].right, views["coronal"].down) == ((1, 0, 0), (0, 0, -1))
    assert (views["sagittal"].right, views["sagittal"].down) == ((0, 1, 0), (0, 0, -1))


def test_sections_are_isotropic_at_the_smallest_voxel_edge_and_cover_the_box():
    """D40."""
    volume = factory.linear_volume(factory.one_stack(factory.series((0.0, 3.0, 6.0))))
    plane = standard_section(volume, "coronal")
    assert plane.spacing == (0.5, 0.5)
    assert (plane.rows, plane.columns) == (18, 9)


def test_scrolling_steps_by_the_native_spacing_of_the_nearest_axis():
    """D40: 5 mm along a table tilted by 20 degrees are 4.698 mm along the normal."""
    volume = factory.linear_volume(factory.one_stack(factory.series((0.0, 5.0, 10.0), tilt=20.0)))
    first, last, step = scroll_range(volume, (0.0, 0.0, 1.0))
    assert step == pytest.approx(4.698, abs=1e-3)
    assert last - first == pytest.approx(9.397, abs=1e-3)
    assert scroll_range(volume, (1.0, 0.0, 0.0))[2] == pytest.approx(0.5)


def dotted(value=1000.0):
    """Return a volume of zeros with one bright voxel at index (5, 3, 4) and its patient point."""
    volume = factory.linear_volume(
        factory.one_stack(factory.series(np.arange(11.0), spacing=(1.0, 1.0), origin=(0.0, 0.0, 0.0)))
    )
    array = np.zeros(volume.array.shape, dtype=np.float32)
    array[5, 3, 4] = value
    return Volume(array, volume.grid, background=-1000.0), (4.0, 3.0, 5.0)


def test_a_bright_dot_appears_in_a_slab_at_its_true_position():
    """D41."""
    volume, point = dotted()
    plane = standard_section(volume, "axial", (4.0, 3.0, 3.0))
    slab = reslice(volume, plane, 5.0, "max")
    column, row, _ = plane.pixel(point)
    assert np.argwhere(slab > 0).tolist() == [[round(row), round(column)]]
    assert slab.max() == pytest.approx(1000)


def test_a_bright_dot_vanishes_beyond_half_the_slab():
    """D41: 4 mm above the plane, a slab of 5 mm ends at 2.5 mm."""
    volume, _ = dotted()
    assert reslice(volume, standard_section(volume, "axial", (4.0, 3.0, 1.0)), 5.0, "max").max() == 0


def test_least_and_mean_leave_out_what_lies_outside_the_volume():
    """D41: a slab half outside the box is not darkened by the background."""
    volume, _ = dotted()
    plane = standard_section(volume, "axial", (4.0, 3.0, 0.0))
    assert reslice(volume, plane, 6.0, "min").min() == 0
    assert reslice(volume, plane, 6.0, "mean").min() == 0


def test_padding_takes_no_part_in_a_slab():
    """D41, D39."""
    volume, _ = dotted()
    padding = np.zeros(volume.array.shape, dtype=bool)
    padding[4] = True
    hidden = Volume(np.where(padding, -3000, volume.array).astype(np.float32), volume.grid, -1000.0, padding)
    plane = standard_section(hidden, "axial", (4.0, 3.0, 4.0))
    assert reslice(hidden, plane).max() == -1000
    assert reslice(hidden, plane, 4.0, "min").min() == 0


def test_a_thin_slab_is_the_plane_itself():
    """D41."""
    volume = factory.linear_volume(factory.one_stack(factory.series((0.0, 3.0, 6.0))))
    plane = standard_section(volume, "axial")
    assert_allclose(reslice(volume, plane, 0.4, "max"), reslice(volume, plane))


def test_outside_the_volume_is_background():
    """D39: air, never water."""
    volume, _ = dotted()
    far = replace(standard_section(volume, "axial"), origin=(0.0, 0.0, 500.0))
    assert (reslice(volume, far) == -1000).all()


def test_a_sphere_in_a_tilted_stack_stays_a_sphere_in_the_sagittal_view():
    """D13: the golden case; its extent in z equals its extent in y."""
    stack = factory.one_stack(
        factory.series(np.arange(0, 42, 1.0), tilt=20.0, rows=60, columns=60, spacing=(1.0, 1.0), origin=(0, 10, 0))
    )

    def ball(frame):
        plane = frame.plane
        y = plane.origin[1] + np.arange(60)[:, None]
        x = plane.origin[0] + np.arange(60)[None, :]
        r2 = (x - 30) ** 2 + (y - 32) ** 2 + (plane.origin[2] - 20) ** 2
        return (np.clip(13 - np.sqrt(r2), 0, 1) * 1000).astype(np.float32)

    from workstation.geometry.volume import volume_from

    volume = volume_from(stack, ball)
    section = reslice(volume, standard_section(volume, "sagittal", (30.0, 32.0, 20.0))) > 500
    high, wide = np.ptp(np.argwhere(section), axis=0)
    size = min(volume.voxel_sizes)
    assert high * size == pytest.approx(24, abs=1)
    assert wide * size == pytest.approx(24, abs=1)


def test_a_section_of_an_absurd_volume_stays_small():
    """D40: square pixels of the smallest edge, but no header makes a picture of a million rows."""
    volume = factory.linear_volume(factory.one_stack(factory.series((0.0, 2.5, 5.0, 7.5, 900000.0), turned((0, 0, 0)))))
    plane = standard_section(volume, "coronal")
    assert max(plane.rows, plane.columns) <= module.MOST_PIXELS + 1
    assert plane.spacing[0] == plane.spacing[1]


def test_a_slab_thicker_than_the_volume_is_sampled_where_the_volume_is(monkeypatch):
    """D41: what lies beyond the box takes no part and costs nothing."""
    volume = factory.linear_volume(stack_of((0, 0, 0), (0.0, 3.0, 6.0), 0.0))
    plane = standard_section(volume, "axial")
    thick, whole = reslice(volume, plane, 1e6, "max"), reslice(volume, plane, 40.0, "max")
    assert_allclose(thick, whole, atol=1e-3)
