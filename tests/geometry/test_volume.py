"""Volumes keep true positions and the smallest fitting type (D11, D13, D39, D42)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.geometry import factory
from workstation.errors import NotAVolume, TooLarge
from workstation.geometry.volume import Stored, checked_size, grid_of, volume_from


def stack_of(offsets=(0.0, 3.0, 6.0), **facts):
    return factory.one_stack(factory.series(offsets, **facts))


def constant(values):
    return lambda frame: np.full((frame.rows, frame.columns), values)


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (np.int16(-1000), np.int16),
        (np.int32(3000), np.int16),
        (np.uint16(60000), np.float32),
        (np.float32(1.5), np.float32),
    ],
)
def test_whole_numbers_stay_small(value, dtype):
    """D42: int16 where it fits, else float32, never float64."""
    volume = volume_from(stack_of(), constant(value))
    assert volume.array.dtype == dtype
    assert (volume.array == value).all()


def test_slices_with_fractions_make_all_of_it_float():
    """D42: slopes that vary, as in PET; the slices before are kept."""
    stack = stack_of()
    last = stack.frames[-1].ref
    volume = volume_from(stack, lambda frame: constant(np.float32(0.5) if frame.ref == last else np.int16(7))(frame))
    assert volume.array[:, 0, 0].tolist() == [7, 7, 0.5]


@pytest.mark.parametrize(
    ("stored", "slope", "intercept"),
    [
        (np.int16([-7, 0, 32767]), 0.25, -3.0),
        (np.uint16([0, 40000, 65535]), 2.0, -10.0),
        (np.uint8([0, 9, 255]), -1.5, 1000.0),
    ],
)
def test_one_rescale_for_all_keeps_the_stored_values(stored, slope, intercept):
    """D42: 16 bits and two numbers, also for unsigned values beyond 32767."""
    volume = volume_from(stack_of(), lambda frame: Stored(stored[None, :].repeat(7, 0).repeat(3, 1), slope, intercept))
    assert volume.array.dtype == np.int16
    found = volume.modality_values()[1, 2, ::3]
    np.testing.assert_array_equal(found, (stored * np.float64(slope) + intercept).astype(np.float32))


def test_rescales_that_vary_make_modality_values():
    """D42."""
    slopes = iter((1.0, 2.0, 0.5))
    volume = volume_from(stack_of(), lambda frame: Stored(constant(np.int16(4))(frame), next(slopes), 1.0))
    assert (volume.slope, volume.intercept) == (1.0, 0.0)
    assert volume.modality_values()[:, 0, 0].tolist() == [5, 9, 3]


def test_padding_of_stored_values_holds_the_background():
    """D39: what interpolates with padding meets air."""
    values = np.ma.masked_equal(np.full((7, 9), -2000, np.int16), -2000)
    volume = volume_from(stack_of(), lambda frame: Stored(values, 2.0, -1024.0))
    assert (volume.background, volume.array[0, 0, 0]) == (-1000, 12)


def test_a_volume_cannot_be_written_to():
    """Every pane shares it."""
    with pytest.raises(ValueError, match="read-only"):
        volume_from(stack_of(), constant(np.int16(1))).array[0] = 0


def test_outside_a_ct_is_air_and_outside_anything_else_its_least_value():
    """D39: 0 is water."""
    assert volume_from(stack_of(), constant(np.int16(40))).background == -1000
    assert volume_from(stack_of(modality="MR"), constant(np.int16(40))).background == 40


def test_padding_becomes_background_and_is_marked():
    """D39: padded pixels hold no measurement."""
    volume = volume_from(stack_of(), lambda frame: np.ma.masked_equal(constant(np.int16(-2000))(frame), -2000))
    assert (volume.array == -1000).all()
    assert volume.padding.all()


def test_what_is_no_volume_is_refused_with_its_reason():
    """D8."""
    with pytest.raises(NotAVolume, match="single slice"):
        grid_of(stack_of((0.0,)))


def test_too_large_a_volume_is_refused_with_its_size():
    """D42."""
    with pytest.raises(TooLarge, match="3 × 7 × 9 voxels"):
        volume_from(stack_of(), constant(np.int16(1)), budget=100)
    assert checked_size(stack_of()) == 3 * 7 * 9 * 2


def test_uneven_slices_keep_their_positions():
    """D11: nothing is squeezed; the gap is known."""
    grid = grid_of(stack_of((0.0, 5.0, 10.0, 20.0, 25.0)))
    np.testing.assert_allclose(grid.slice_positions, (-40, -35, -30, -20, -15))
    assert grid.gaps == ((-30.0, -20.0),)
    assert grid.voxel_sizes == (5.0, 2.0, 0.5)


@settings(deadline=None, max_examples=60)
@given(
    st.tuples(st.floats(-0.5, 4.5), st.floats(-0.5, 6.5), st.floats(-0.5, 8.5)),
    st.sampled_from([(0.0, 3.0, 6.0, 9.0, 12.0), (0.0, 3.0, 7.0, 9.0, 19.0), (12.0, 9.0, 6.0, 3.0, 0.0)]),
    st.sampled_from([0.0, 20.0]),
    st.sampled_from([factory.AXIAL, factory.SAGITTAL, factory.OBLIQUE]),
)
def test_index_and_point_undo_each_other(index, offsets, tilt, orientation):
    """D39: also between slices that are not even."""
    grid = grid_of(factory.one_stack(factory.series(offsets, orientation, tilt)))
    index = np.clip(np.array(index), 0, np.array(grid.shape) - 1)
    np.testing.assert_allclose(grid.index_of(grid.point_of(index)), index, atol=1e-9)


def test_an_irregular_slice_lies_where_its_header_says():
    """D14: per-slice positions are used."""
    instances = factory.series((0.0, 3.0, 6.0, 9.0))
    instances[2] = factory.image(3, (-6.5, 11.0, -34.0))
    grid = grid_of(factory.one_stack(instances))
    np.testing.assert_allclose(grid.point_of(np.array([2.0, 0.0, 0.0])), (-6.5, 11.0, -34.0))


def test_corners_reach_half_a_voxel_beyond_the_centres():
    """D2."""
    corners = grid_of(stack_of()).corners()
    np.testing.assert_allclose(np.ptp(corners, axis=0), (9 * 0.5, 7 * 2.0, 3 * 3.0))
    assert grid_of(stack_of()).centre == pytest.approx((-7.5 + 2, 11 + 6, -37))
