"""Sections as lines of other panes: where they run, and what of them a press takes hold of."""

from __future__ import annotations

from math import radians, tan

import pytest

from tests.viewing.test_sections import POINT, plane_of, screen
from workstation.geometry.image_plane import dot
from workstation.viewing.cross_lines import GAP, Grip, cross_line, distance, grip_at, parallel
from workstation.viewing.sections import triad, turned
from workstation.viewing.view_state import Section, ViewState

AXIAL, CORONAL, SAGITTAL = (Section(name, POINT) for name in ("axial", "coronal", "sagittal"))
STATE = ViewState("s", section=AXIAL, scale=3.0)


def line_of(section: Section, state: ViewState = STATE, width: float = 400, height: float = 300):
    plane = plane_of(state.section)
    return cross_line(1, section, plane_of(section), plane, screen(state, plane), width, height)


def crosshair(state: ViewState = STATE):
    plane = plane_of(state.section)
    return screen(state, plane).to_screen(*plane.image_point(POINT))


def test_a_line_runs_through_the_crosshair_across_the_pane_and_leaves_a_gap() -> None:
    line, (x, y) = line_of(CORONAL), crosshair()
    assert line.pivot == pytest.approx((x, y))
    places = sorted(end[0] for segment in line.segments for end in segment)
    assert places == pytest.approx([0, x - GAP, x + GAP, 400])
    assert [end[1] for segment in line.segments for end in segment] == pytest.approx([y] * 4)


def test_parallel_planes_give_no_line() -> None:
    assert line_of(Section("axial", (0.0, 0.0, 0.0))) is None
    assert parallel(plane_of(AXIAL), plane_of(Section("axial", (0.0, 0.0, 5.0))))


def test_a_line_of_a_plane_elsewhere_is_where_it_really_cuts() -> None:
    line = line_of(Section("coronal", (0.0, POINT[1] + 8.0, 50.0)))
    assert line.pivot[1] - crosshair()[1] == pytest.approx(8.0 * 3.0 / 0.8)


def test_edges_of_a_slab_lie_half_its_thickness_away() -> None:
    """A pixel of 0.8 mm is three screen pixels wide."""
    line = line_of(Section("coronal", POINT, slab_mm=20.0))
    first, second = line.edges
    assert abs(first[0][1] - crosshair()[1]) == pytest.approx(10.0 * 3.0 / 0.8)
    assert abs(second[0][1] - first[0][1]) == pytest.approx(20.0 * 3.0 / 0.8)
    assert line.mm * 3.0 / 0.8 == pytest.approx(1.0)
    assert [distance(edge, *square) for edge, square in zip(line.edges, line.slab, strict=True)] == pytest.approx(
        [0, 0], abs=1e-6
    )


def test_a_slab_that_is_cut_aslant_is_wider() -> None:
    tilted = turned(Section("coronal", POINT, slab_mm=10.0), (1.0, 0.0, 0.0), radians(30))
    line = line_of(tilted)
    assert distance(line.edges[0], *line.pivot) == pytest.approx(5.0 / abs(_cosine(tilted)) * 3.0 / 0.8)


def _cosine(section: Section) -> float:
    return dot(triad(section).normal, (0.0, 1.0, 0.0))


def test_a_turned_plane_is_a_turned_line() -> None:
    line = line_of(turned(CORONAL, (0.0, 0.0, 1.0), radians(20)))
    (x0, y0), (x1, y1) = line.segments[0]
    assert abs((y1 - y0) / (x1 - x0)) == pytest.approx(tan(radians(20)))


def test_handles_stand_on_the_line_at_both_sides_within_the_pane() -> None:
    line = line_of(CORONAL)
    assert len(line.turn) == 2
    assert all(distance((line.segments[0][0], line.segments[1][1]), *place) < 1e-6 for place in line.turn)
    cornered = line_of(CORONAL, ViewState("s", section=AXIAL, scale=3.0, centre=(-30.0, 30.0)))
    assert all(20 <= x <= 380 for x, _ in cornered.turn)


def test_a_press_takes_the_nearest_handle_before_the_crosshair_before_a_line() -> None:
    lines = [line_of(Section("coronal", POINT, slab_mm=20.0)), line_of(SAGITTAL)]
    x, y = lines[0].turn[0]
    assert grip_at(lines, x + 6, y + 6) == Grip("turn", 1, 0)
    x, y = lines[0].slab[1]
    assert grip_at(lines, x + 4, y) == Grip("slab", 1, 1, 1)
    assert grip_at(lines, *crosshair()) == Grip("centre")
    x, y = crosshair()
    assert grip_at(lines, x + 40, y + 5) == Grip("line", 1)
    assert grip_at(lines, x + 40, lines[0].edges[0][0][1]).kind == "slab"
    assert grip_at(lines, x + 20, y + 20) is None


def test_across_points_along_the_normal() -> None:
    line = line_of(Section("coronal", POINT, slab_mm=20.0))
    plane = plane_of(AXIAL)
    view = screen(STATE, plane)
    x, y = view.to_screen(*plane.image_point((POINT[0], POINT[1] + 10.0, POINT[2])))
    way = (x - line.pivot[0]) * line.across[0] + (y - line.pivot[1]) * line.across[1]
    assert way * line.mm == pytest.approx(10.0 * dot(triad(CORONAL).normal, (0.0, 1.0, 0.0)))
