"""Gestures run without Qt: press, moves, release."""

from __future__ import annotations

from dataclasses import replace
from math import atan2, cos, sin

import pytest

from workstation.geometry.image_plane import ImagePlane
from workstation.imaging.window import Window
from workstation.tools.crosshair import CROSSHAIR, thicken, turn
from workstation.tools.measure import LENGTH, edit, handles_of, moved
from workstation.tools.navigate import PAN, SCROLL, ZOOM
from workstation.tools.tool import Crosshair, Draft, Pointer, Scene, Tool
from workstation.tools.window import WINDOW
from workstation.viewing.display_transform import DisplayTransform
from workstation.viewing.view_state import Section, ViewState

STATE = ViewState("s", index=5)
PLANE = ImagePlane((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (2.0, 0.5), 100, 100, "1.2")


def scene(**changes) -> Scene:
    transform = DisplayTransform.of(STATE, 100, 100, (1.0, 1.0), 200, 200)
    values = {"window": Window(40, 400), "step": 2.0, "frames": 20, "plane": PLANE, **changes}
    return Scene(STATE, transform, 200, 200, **values)


def run(tool: Tool, *path: tuple[float, float], fast: bool = False, **changes) -> list[object]:
    """Return what a gesture yields along a path of pane pixels."""
    where = scene(**changes)
    pointers = [Pointer("move", x, y, where.transform.to_image(x, y), fast) for x, y in path]
    drag = tool.drag(where, Pointer("press", *path[0], where.transform.to_image(*path[0])))
    seen = [next(drag)]
    try:
        seen += [drag.send(pointer) for pointer in pointers[1:]]
        last = pointers[-1]
        seen.append(drag.send(Pointer("release", last.x, last.y, last.image_point)))
    except StopIteration:
        pass
    return [outcome for outcome in seen if outcome is not None]


def test_right_widens_and_down_raises_the_centre() -> None:
    """B33."""
    final = run(WINDOW, (10, 10), (20, 15), (30, 20))[-1]
    assert (final.voi.width, final.voi.center) == (400 + 20 * 2, 40 + 10 * 2)


def test_the_width_stops_at_one() -> None:
    assert run(WINDOW, (500, 10), (0, 10))[-1].voi.width == 1


@pytest.mark.parametrize(("style", "center"), [("normal", 60), ("inverted", 20)])
def test_the_level_direction_is_a_preference(style, center) -> None:
    assert run(WINDOW, (10, 10), (10, 20), drag_style=style)[-1].voi.center == center


def test_a_colour_image_has_no_window_to_drag() -> None:
    gesture = WINDOW.drag(scene(window=None), Pointer("press", 0, 0, (0, 0)))
    with pytest.raises(StopIteration):
        next(gesture)


def test_scrolling_down_the_whole_pane_goes_through_the_whole_stack() -> None:
    assert run(SCROLL, (50, 0), (50, 200))[-1].index == 19
    assert run(SCROLL, (50, 200), (50, 0))[-1].index == 0


def test_zoom_enlarges_upwards_about_the_press() -> None:
    where = scene()
    final = run(ZOOM, (60, 80), (60, 40))[-1]
    after = DisplayTransform.of(final, 100, 100, (1.0, 1.0), 200, 200)
    assert after.scale > where.transform.scale
    assert after.to_image(60, 80) == pytest.approx(where.transform.to_image(60, 80))


def test_pan_moves_with_the_pointer() -> None:
    where = scene()
    final = run(PAN, (60, 80), (70, 95))[-1]
    after = DisplayTransform.of(final, 100, 100, (1.0, 1.0), 200, 200)
    assert after.to_image(70, 95) == pytest.approx(where.transform.to_image(60, 80))


def test_the_crosshair_is_a_patient_point_by_pixel_centres() -> None:
    """D2: image point 0.5, 0.5 is the position of the first pixel."""
    where = scene()
    x, y = where.transform.to_screen(10.5, 20.5)
    assert run(CROSSHAIR, (x, y))[0] == Crosshair(pytest.approx((5.0, 40.0, 0.0)))


def test_a_length_is_drafted_while_drawn_and_kept_on_release() -> None:
    drafts = run(LENGTH, (10, 10), (20, 10), (60, 10))
    assert [draft.done for draft in drafts] == [False, False, True]
    assert drafts[-1].points == (scene().transform.to_image(10, 10), scene().transform.to_image(60, 10))


def test_a_slip_of_the_hand_is_no_measurement() -> None:
    assert not any(isinstance(d, Draft) and d.done for d in run(LENGTH, (10, 10), (11, 10)))


def test_a_corner_moves_and_the_opposite_one_stays() -> None:
    box = ((10.0, 10.0), (30.0, 20.0))
    assert handles_of("ellipse", box)[2] == (30.0, 10.0)
    assert moved("ellipse", box, 2, 5.0, -4.0) == ((10.0, 6.0), (35.0, 20.0))
    assert moved("length", box, 1, 1.0, 2.0) == ((10.0, 10.0), (31.0, 22.0))


def test_taking_hold_of_the_line_moves_all_of_it_and_keeps_its_number() -> None:
    tool = Tool("edit", "", "", "", "", edit("length", ((10.0, 10.0), (30.0, 10.0)), None, 7))
    last = run(tool, (50, 50), (60, 70))[-1]
    (x0, y0), (x1, y1) = scene().transform.to_image(50, 50), scene().transform.to_image(60, 70)
    assert isinstance(last, Draft)
    assert (last.done, last.replaces) == (True, 7)
    assert last.points[0] == pytest.approx((10 + x1 - x0, 10 + y1 - y0))
    assert last.points[1] == pytest.approx((30 + x1 - x0, 10 + y1 - y0))


def test_a_click_on_a_measurement_changes_nothing() -> None:
    tool = Tool("edit", "", "", "", "", edit("length", ((10.0, 10.0), (30.0, 10.0)), 0, 7))
    assert run(tool, (50, 50)) == []


def turned_by(*path: tuple[float, float], fast: bool = False) -> dict[int, Section]:
    """Return the sections after a drag about the middle of a pane of 0.5 x 2 mm pixels."""
    middle = PLANE.patient_point(49.5, 49.5)
    others = {1: Section("coronal", middle), 2: Section("sagittal", middle)}
    tool = Tool("turn", "", "", "", "", turn(others, 1))
    return run(tool, *path, fast=fast)[-1].sections


def test_dragging_a_handle_a_quarter_round_turns_the_other_planes_by_ninety_degrees() -> None:
    after = turned_by((150, 100), (140, 150), (100, 150))
    assert after[1].right == pytest.approx((0, 1, 0), abs=1e-9)
    assert after[1].down == pytest.approx((0, 0, -1), abs=1e-9)
    assert after[2].right == pytest.approx((-1, 0, 0), abs=1e-9)
    assert after[1].point == PLANE.patient_point(49.5, 49.5)


def test_an_angle_is_one_of_the_patient_where_pixels_are_not_square() -> None:
    """Forty-five degrees on the screen of 0.5 x 2 mm pixels drawn square are 76 in the patient."""
    after = turned_by((150, 100), (150, 150))
    assert after[1].right == pytest.approx((cos(atan2(2.0, 0.5)), sin(atan2(2.0, 0.5)), 0), abs=1e-9)


def test_with_control_only_the_plane_that_is_held_turns() -> None:
    after = turned_by((150, 100), (100, 150), fast=True)
    assert not after[1].standard
    assert after[2].standard


def test_an_edge_of_a_slab_moves_both_edges() -> None:
    section = Section("coronal", (0.0, 0.0, 0.0), slab_mm=10.0)
    tool = Tool("slab", "", "", "", "", thicken(1, section, (0.0, -1.0), 0.5))
    assert run(tool, (50, 50), (80, 42))[-1].sections == {1: replace(section, slab_mm=18.0)}
    assert run(tool, (50, 50), (50, 90))[-1].sections[1].slab_mm == 0.0
