"""Rules of reformatted planes (D39-D41)."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.geometry.image_plane import cross, dot, unit
from workstation.geometry.reslice import section_plane
from workstation.geometry.volume import VolumeGrid
from workstation.viewing.display_transform import DisplayTransform
from workstation.viewing.sections import (
    SectionAxis,
    in_sight,
    kept_in_place,
    on_plane,
    reset,
    slab_text,
    thicker,
    tilt,
    triad,
    turned,
)
from workstation.viewing.view_state import ORIENTATIONS, Section, ViewState

POINT = (3.0, -4.0, 11.0)
GRID = VolumeGrid(
    (40, 60, 50), np.array([[0, 0, 0.8, -20.0], [0, 0.8, 0, -24.0], [2.0, 0, 0, -40.0], [0, 0, 0, 1.0]]), "1.2"
)
angles = st.floats(-pi, pi)
turns = st.lists(st.tuples(st.sampled_from(ORIENTATIONS), angles), max_size=12)


def sections() -> dict[str, Section]:
    return {name: Section(name, POINT) for name in ORIENTATIONS}


def plane_of(section: Section):
    return section_plane(GRID, *_directions(section), section.point)


def _directions(section: Section):
    directions = triad(section)
    return directions.right, directions.down


@settings(deadline=None, max_examples=60)
@given(turns)
def test_three_planes_stay_perpendicular_and_go_through_their_point_however_they_are_turned(path) -> None:
    now = sections()
    for held, angle in path:
        axis = triad(now[held]).normal
        now = {name: each if name == held else turned(each, axis, angle) for name, each in now.items()}
    normals = [triad(each).normal for each in now.values()]
    assert np.array(normals) @ np.array(normals).T == pytest.approx(np.eye(3), abs=1e-9)
    for each in now.values():
        right, down = _directions(each)
        assert (dot(right, right), dot(down, down), dot(right, down)) == pytest.approx((1, 1, 0), abs=1e-12)
        assert plane_of(each).pixel(POINT)[2] == pytest.approx(0, abs=1e-9)


def test_turning_back_gives_the_standard_plane() -> None:
    there = turned(Section("coronal", POINT), (0, 0, 1), 0.7)
    right, down = _directions(turned(there, (0, 0, 1), -0.7))
    assert (*right, *down) == pytest.approx((1, 0, 0, 0, 0, -1), abs=1e-12)
    assert reset(there) == Section("coronal", POINT)


def test_a_plane_says_how_far_it_is_tilted_from_the_nearest_standard_one() -> None:
    coronal = Section("coronal", POINT)
    assert tilt(coronal) == ("coronal", 0.0)
    assert tilt(turned(coronal, (0, 0, 1), np.radians(23))) == ("coronal", pytest.approx(23))
    assert tilt(turned(coronal, (0, 0, 1), np.radians(80))) == ("sagittal", pytest.approx(10))
    assert tilt(turned(coronal, (0, 1, 0), np.radians(30))) == ("coronal", 0.0)


def test_thicknesses_step_through_those_thicker_than_a_voxel() -> None:
    assert [thicker(0.0, steps, 2.5) for steps in (1, 2, 99, -1)] == [3.0, 5.0, 100.0, 0.0]
    assert [thicker(12.0, steps, 1.0) for steps in (1, -1, -99)] == [15.0, 10.0, 0.0]
    assert thicker(7.0, 0, 1.0) == 7.0


def test_a_slab_is_named_by_its_projection_and_thickness() -> None:
    assert slab_text(Section("axial", POINT, slab_mm=20.0)) == "MIP 20 mm"
    assert slab_text(Section("axial", POINT, slab_mm=2.5, projection="min")) == "MinIP 2.5 mm"
    assert slab_text(Section("axial", POINT)) == ""


def screen(state: ViewState, plane) -> DisplayTransform:
    return DisplayTransform.of(state, plane.rows, plane.columns, plane.spacing, 400, 300)


@settings(deadline=None, max_examples=60)
@given(angles, st.sampled_from([None, 3.0]), st.sampled_from([None, (10.0, 20.0)]), st.sampled_from([0, 90, 180]))
def test_a_turned_picture_stays_at_its_point_and_as_large(angle, scale, centre, rotation) -> None:
    section = Section("coronal", POINT)
    state = ViewState("s", section=section, scale=scale, centre=centre, rotation=rotation)
    old, after = plane_of(section), turned(section, (0.3, 0.5, 0.8), angle)
    new = plane_of(after)
    turned_state = kept_in_place(state, old, new, after)
    before, now = screen(state, old), screen(turned_state, new)
    assert now.to_screen(*new.image_point(POINT)) == pytest.approx(before.to_screen(*old.image_point(POINT)), abs=1e-6)
    assert now.scale / new.spacing[0] == pytest.approx(before.scale / old.spacing[0])
    assert turned_state.section == after


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 5), st.floats(0, 40), st.floats(0, 40), st.booleans())
def test_a_coarse_picture_lies_exactly_where_the_fine_one_will(factor, column, row, flipped) -> None:
    plane = section_plane(GRID, unit((0.8, 0.6, 0.1)), unit(cross((0.8, 0.6, 0.1), (0.0, 0.3, 1.0))), POINT)
    view = screen(ViewState("s", flip_horizontal=flipped, centre=(20.0, 17.0)), plane)
    coarse = plane.coarser(factor)
    placed = on_plane(view, plane, coarse, POINT)
    place = plane.patient_point(column, row)
    expected = view.to_screen(*plane.image_point(place))
    assert placed.to_screen(*coarse.image_point(place)) == pytest.approx(expected, abs=1e-6)


def test_an_oblique_axis_reaches_through_the_whole_rotated_box() -> None:
    """D40: half the voxel diagonal never falls outside, and a step is the spacing along the nearest axis."""
    normal = unit((0.0, 0.5, 0.8))
    axis = SectionAxis.of(GRID, normal)
    along = GRID.corners(border=0.0) @ np.array(normal)
    assert (axis.low, axis.high) == pytest.approx((along.min(), along.max()))
    assert axis.step == pytest.approx(2.0)
    moved = axis.point_at(axis.index_of(POINT) + 3, POINT)
    assert dot(moved, normal) - axis.low == pytest.approx((axis.index_of(POINT) + 3) * axis.step)
    across = np.array(moved) - np.array(POINT)
    assert np.cross(across, normal) == pytest.approx((0, 0, 0), abs=1e-9)


def test_a_view_moves_only_as_far_as_its_point_needs() -> None:
    section = Section("coronal", POINT)
    plane, state = plane_of(section), ViewState("s", section=section, scale=8.0, centre=(10.0, 10.0))
    assert in_sight(state, plane, plane.patient_point(12, 12), (400, 300)) is state
    moved = in_sight(state, plane, plane.patient_point(45, 11), (400, 300))
    x, y = screen(moved, plane).to_screen(*plane.image_point(plane.patient_point(45, 11)))
    assert x == pytest.approx(360)
    assert y == pytest.approx(screen(state, plane).to_screen(0, 11.5)[1])
