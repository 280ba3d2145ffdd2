"""Planes turned, scrolled and thickened with the mouse in the real window."""

from __future__ import annotations

from math import atan2, cos, degrees, radians, sin
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from tests.journeys.hand import Hand, _move
from workstation.app import Application
from workstation.geometry.image_plane import dot
from workstation.phantoms.grid import linear_value
from workstation.phantoms.volumes import write_linear_series
from workstation.ui.commands.image import set_window
from workstation.ui.main_window import MainWindow
from workstation.ui.screenshot import wait_until_settled
from workstation.viewing.cross_lines import distance
from workstation.viewing.view_state import Section

Button, Mod, Key = Qt.MouseButton, Qt.KeyboardModifier, Qt.Key
AXIAL, CORONAL, SAGITTAL, STACK = range(4)


@pytest.fixture
def mpr(window: MainWindow, hand: Hand) -> MainWindow:
    window.dispatch("layout.mpr")
    hand.settle()
    return window


def section(window: MainWindow, pane: int) -> Section:
    found = window.workspace.state(pane).section
    assert found is not None
    return found


def normals(window: MainWindow) -> list[tuple[float, float, float]]:
    return [window.workspace.section_plane(pane).normal for pane in (AXIAL, CORONAL, SAGITTAL)]


def line(window: MainWindow, pane: int, other: int):
    """Return how the section of ``other`` is drawn in ``pane``."""
    return next(each for each in window.grid.pane(pane).lines._drawn if each.pane == other)


def turn_handle(
    window: MainWindow,
    hand: Hand,
    pane: int,
    other: int,
    by: float,
    modifiers: Qt.KeyboardModifier = Mod.NoModifier,
) -> None:
    """Drag a round handle of ``other``'s line in ``pane`` clockwise by some degrees."""
    drawn = line(window, pane, other)
    start = drawn.turn[0]
    dx, dy = start[0] - drawn.pivot[0], start[1] - drawn.pivot[1]
    angle = radians(by)
    end = (
        drawn.pivot[0] + dx * cos(angle) - dy * sin(angle),
        drawn.pivot[1] + dx * sin(angle) + dy * cos(angle),
    )
    hand.drag(window.grid.pane(pane), _whole(start), _whole(end), modifiers=modifiers)


def _whole(place: tuple[float, float]) -> tuple[int, int]:
    return round(place[0]), round(place[1])


def angle_between(a, b) -> float:
    return degrees(atan2(np.linalg.norm(np.cross(a, b)), dot(a, b)))


def test_a_handle_turns_the_other_planes_about_this_panes_normal_and_this_pane_stays_put(
    mpr: MainWindow, hand: Hand
) -> None:
    before, picture = normals(mpr), mpr.grid.pane(AXIAL).picture
    placed = mpr.grid.pane(AXIAL).transform()
    point = section(mpr, AXIAL).point
    turn_handle(mpr, hand, AXIAL, CORONAL, 25)
    after = normals(mpr)
    assert after[AXIAL] == before[AXIAL]
    assert mpr.grid.pane(AXIAL).picture is picture
    assert mpr.grid.pane(AXIAL).transform() == placed
    for pane in (CORONAL, SAGITTAL):
        assert angle_between(before[pane], after[pane]) == pytest.approx(25, abs=1.0)
        assert dot(after[pane], before[AXIAL]) == pytest.approx(0, abs=1e-9)
        assert section(mpr, pane).point == point
    assert dot(after[CORONAL], after[SAGITTAL]) == pytest.approx(0, abs=1e-9)
    turned = np.cross(before[CORONAL], after[CORONAL])
    assert dot(tuple(turned), before[AXIAL]) > 0, "clockwise on an axial picture is right-handed about its normal"


def test_the_line_follows_the_hand_and_the_letters_follow_the_plane(mpr: MainWindow, hand: Hand) -> None:
    turn_handle(mpr, hand, AXIAL, CORONAL, 30)
    (x0, y0), (x1, y1) = line(mpr, AXIAL, CORONAL).segments[0]
    assert degrees(atan2(y1 - y0, x1 - x0)) % 180 == pytest.approx(30, abs=1.5)
    content = mpr.grid.pane(CORONAL).overlay.content
    assert content.letters[:2] == ("RA", "LP")
    assert any("oblique, tilted 30" in text for text in content.corners.bottom_left)


def test_a_turned_picture_keeps_the_crosshair_where_it_was(mpr: MainWindow, hand: Hand) -> None:
    pane = mpr.grid.pane(CORONAL)
    point = section(mpr, CORONAL).point
    before, size = pane.transform().to_screen(*pane.plane.image_point(point)), pane.transform().scale
    turn_handle(mpr, hand, AXIAL, SAGITTAL, -40)
    assert pane.transform().to_screen(*pane.plane.image_point(point)) == pytest.approx(before)
    assert pane.transform().scale == pytest.approx(size)


def test_turning_is_one_undo_step_and_escape_in_the_middle_of_it_leaves_nothing(mpr: MainWindow, hand: Hand) -> None:
    steps = mpr.workspace.undo.count()
    before = [mpr.workspace.state(pane) for pane in range(4)]
    turn_handle(mpr, hand, SAGITTAL, AXIAL, 20)
    assert mpr.workspace.undo.count() == steps + 1
    mpr.dispatch("edit.undo")
    hand.settle()
    assert [mpr.workspace.state(pane) for pane in range(4)] == before
    pane, start = mpr.grid.pane(AXIAL), line(mpr, AXIAL, CORONAL).turn[0]
    QTest.mousePress(pane, Button.LeftButton, Mod.NoModifier, QPoint(*_whole(start)))
    _move(pane, QPointF(start[0] - 30, start[1] - 40), Button.LeftButton, Mod.NoModifier)
    assert not section(mpr, CORONAL).standard
    hand.press(Key.Key_Escape)
    QTest.mouseRelease(pane, Button.LeftButton, Mod.NoModifier, QPoint(*_whole(start)))
    hand.settle()
    assert [mpr.workspace.state(pane) for pane in range(4)] == before
    assert not mpr.workspace.dragging


def test_with_control_only_the_plane_of_the_line_turns(mpr: MainWindow, hand: Hand) -> None:
    turn_handle(mpr, hand, AXIAL, CORONAL, 20, Mod.ControlModifier)
    assert not section(mpr, CORONAL).standard
    assert section(mpr, SAGITTAL).standard


def test_reset_planes_brings_the_standard_planes_back_and_can_be_undone(mpr: MainWindow, hand: Hand) -> None:
    before = [mpr.workspace.state(pane) for pane in range(3)]
    assert not mpr.dispatch("mpr.reset")
    turn_handle(mpr, hand, AXIAL, CORONAL, 25)
    turned = [mpr.workspace.state(pane) for pane in range(3)]
    assert mpr.dispatch("mpr.reset")
    hand.settle()
    assert [mpr.workspace.state(pane) for pane in range(3)] == before
    mpr.dispatch("edit.undo")
    assert [mpr.workspace.state(pane) for pane in range(3)] == turned


def test_the_wheel_goes_along_the_oblique_normal(mpr: MainWindow, hand: Hand) -> None:
    """D40: the step is the spacing of the nearest axis, measured along the normal."""
    turn_handle(mpr, hand, AXIAL, CORONAL, 25)
    normal, before = np.array(normals(mpr)[CORONAL]), np.array(section(mpr, CORONAL).point)
    place = mpr.workspace.place(CORONAL)
    hand.wheel(mpr.grid.pane(CORONAL), 2)
    moved = np.array(section(mpr, CORONAL).point) - before
    assert mpr.workspace.place(CORONAL) == place + 2
    assert np.cross(moved, normal) == pytest.approx((0, 0, 0), abs=1e-9)
    assert moved @ normal > 0
    assert {section(mpr, pane).point for pane in range(3)} == {section(mpr, CORONAL).point}
    axis = mpr.workspace.axis(CORONAL)
    corners = axis.grid.corners(border=0.0) @ normal
    assert mpr.workspace.length(CORONAL) == int(np.ptp(corners) / axis.step + 1e-6) + 1


def test_alt_and_the_wheel_make_a_slab_and_its_edges_stand_at_half_its_thickness(mpr: MainWindow, hand: Hand) -> None:
    hand.wheel(mpr.grid.pane(CORONAL), -5, Mod.AltModifier)
    slab = section(mpr, CORONAL).slab_mm
    assert slab > 5
    pane, drawn = mpr.grid.pane(AXIAL), line(mpr, AXIAL, CORONAL)
    pixels = pane.transform().scale / min(pane.plane.spacing)
    assert [distance(edge, *drawn.pivot) for edge in drawn.edges] == pytest.approx([slab / 2 * pixels] * 2)
    assert f"MIP {slab:g} mm" in mpr.grid.pane(CORONAL).overlay.content.corners.bottom_left
    assert mpr.grid.pane(CORONAL).picture.key.slab_mm == slab
    assert section(mpr, AXIAL).slab_mm == 0
    hand.wheel(mpr.grid.pane(CORONAL), 9, Mod.AltModifier)
    assert section(mpr, CORONAL).slab_mm == 0
    assert line(mpr, AXIAL, CORONAL).edges == ()


def test_a_square_handle_is_dragged_to_the_thickness_under_the_hand(mpr: MainWindow, hand: Hand) -> None:
    mpr.workspace.set_active(CORONAL)
    hand.press(Key.Key_B, Mod.ControlModifier | Mod.AltModifier)
    assert (section(mpr, CORONAL).slab_mm, section(mpr, CORONAL).projection) == (10.0, "max")
    drawn = line(mpr, AXIAL, CORONAL)
    start = drawn.slab[1]
    end = (start[0] + 20 * drawn.across[0], start[1] + 20 * drawn.across[1])
    hand.drag(mpr.grid.pane(AXIAL), _whole(start), _whole(end))
    assert section(mpr, CORONAL).slab_mm == pytest.approx(10 + 40 * drawn.mm, abs=1.0)
    mpr.dispatch("edit.undo")
    assert section(mpr, CORONAL).slab_mm == 10.0


def test_one_key_goes_through_the_projections(mpr: MainWindow, hand: Hand) -> None:
    seen = []
    for _ in range(4):
        hand.press(Key.Key_B, Mod.ControlModifier | Mod.AltModifier)
        now = section(mpr, AXIAL)
        seen.append(now.projection if now.slab_mm else "off")
    assert seen == ["max", "min", "mean", "off"]


def test_one_plane_can_stand_in_a_pane_of_any_grid(window: MainWindow, hand: Hand) -> None:
    stack_id = window.workspace.state().stack_id
    window.dispatch("mpr.sagittal")
    hand.settle()
    assert section(window, 0).orientation == "sagittal"
    assert hand.pane.picture.is_section
    assert len(window.workspace.visible()) == 4
    window.dispatch("mpr.acquired")
    hand.settle()
    assert (window.workspace.state().stack_id, window.workspace.state().section) == (stack_id, None)


def test_a_plane_can_be_turned_from_the_images_it_was_made_of(mpr: MainWindow, hand: Hand) -> None:
    """The fourth pane shows the stack: planes are turned about its normal, and what lies as it does stays put."""
    turn_handle(mpr, hand, STACK, CORONAL, 20)
    assert section(mpr, AXIAL).standard
    assert not section(mpr, CORONAL).standard
    assert not section(mpr, SAGITTAL).standard


def test_a_measurement_stays_on_the_plane_it_was_drawn_on(mpr: MainWindow, hand: Hand) -> None:
    pane = mpr.grid.pane(CORONAL)
    mpr.workspace.set_active(CORONAL)
    turn_handle(mpr, hand, AXIAL, CORONAL, 25)
    mpr.dispatch("tool.ellipse")
    hand.drag(pane, (150, 100), (200, 140))
    labels = [label.text for label in pane.overlay.content.labels]
    assert labels[-1] == "reformatted"
    assert mpr.workspace.measurements[0].plane == pane.plane
    mpr.dispatch("tool.window")
    turn_handle(mpr, hand, AXIAL, CORONAL, 10)
    assert pane.overlay.content.labels == ()
    mpr.dispatch("edit.undo")
    hand.settle()
    assert [label.text for label in pane.overlay.content.labels] == labels


def test_values_under_the_pointer_of_an_oblique_plane_are_those_of_the_patient(
    application: Application, tmp_path: Path
) -> None:
    """D39 through the window: a phantom linear in patient position, tilted, probed on a turned plane."""
    write_linear_series(tmp_path, slices=24, tilt_degrees=12.0)
    window = application.window
    window.desk.open_paths([str(tmp_path)])
    assert wait_until_settled(window, 30)
    hand = Hand(window)
    window.dispatch("layout.mpr")
    hand.settle()
    turn_handle(window, hand, AXIAL, CORONAL, 33)
    turn_handle(window, hand, CORONAL, AXIAL, -21)
    for number in (AXIAL, CORONAL, SAGITTAL):
        pane = window.grid.pane(number)
        x, y = pane.transform().to_screen(*pane.plane.image_point(section(window, number).point))
        pane.probe(x + 4, y - 3)
        text = window.status.probe.text()
        place = np.array([float(text.split(f"{letter} ")[1].split()[0]) for letter in ("L", "P", "H")])
        value = float(text.split("   ")[1].split()[0])
        assert value == pytest.approx(float(linear_value(place[None])[0]), abs=1.0), text
        assert "(interpolated)" in text


def test_turns_of_the_wheel_are_one_undo_step(mpr: MainWindow, hand: Hand) -> None:
    pane = mpr.grid.pane(AXIAL)
    hand.wheel(pane, -1, Mod.AltModifier)
    first = section(mpr, AXIAL).slab_mm
    for _ in range(4):
        hand.wheel(pane, -1, Mod.AltModifier)
    assert section(mpr, AXIAL).slab_mm > first
    mpr.dispatch("edit.undo")
    assert section(mpr, AXIAL).slab_mm == first
    mpr.dispatch("edit.undo")
    assert section(mpr, AXIAL).slab_mm == 0


def test_planes_meet_again_after_one_was_scrolled_alone(mpr: MainWindow, hand: Hand) -> None:
    mpr.workspace.set_active(CORONAL)
    mpr.dispatch("layout.maximise")
    hand.wheel(mpr.grid.pane(CORONAL), 7)
    mpr.dispatch("layout.maximise")
    hand.settle()
    assert len({section(mpr, pane).point for pane in (AXIAL, CORONAL, SAGITTAL)}) == 1


def test_while_a_handle_is_held_it_says_what_it_has_come_to(mpr: MainWindow, hand: Hand) -> None:
    pane, start = mpr.grid.pane(AXIAL), line(mpr, AXIAL, CORONAL).turn[0]
    QTest.mousePress(pane, Button.LeftButton, Mod.NoModifier, QPoint(*_whole(start)))
    _move(pane, QPointF(start[0], start[1] - 40), Button.LeftButton, Mod.NoModifier)
    texts = [label.text for label in pane.overlay.content.labels]
    QTest.mouseRelease(pane, Button.LeftButton, Mod.NoModifier, QPoint(round(start[0]), round(start[1]) - 40))
    hand.settle()
    assert len(texts) == 1
    assert texts[0].endswith("° from coronal")
    assert pane.overlay.content.labels == ()


def test_without_lines_there_is_nothing_to_take_hold_of(mpr: MainWindow, hand: Hand) -> None:
    start = line(mpr, AXIAL, CORONAL).turn[0]
    mpr.dispatch("view.reference_lines")
    hand.drag(mpr.grid.pane(AXIAL), _whole(start), (round(start[0]), round(start[1]) - 40))
    assert section(mpr, CORONAL).standard


def test_keys_turn_the_other_planes_too(mpr: MainWindow, hand: Hand) -> None:
    """Every action of the mouse has a key (features 2b, rule 5)."""
    before = normals(mpr)
    mpr.workspace.set_active(AXIAL)
    hand.press(Key.Key_Right, Mod.ShiftModifier, times=3)
    assert angle_between(before[CORONAL], normals(mpr)[CORONAL]) == pytest.approx(15)
    (x0, y0), (x1, y1) = line(mpr, AXIAL, CORONAL).segments[0]
    assert degrees(atan2(y1 - y0, x1 - x0)) % 180 == pytest.approx(15), "clockwise as seen"
    mpr.dispatch("edit.undo")
    assert normals(mpr) == before


def test_a_zoomed_pane_keeps_the_crosshair_in_sight(mpr: MainWindow, hand: Hand) -> None:
    pane, steps = mpr.grid.pane(CORONAL), mpr.workspace.undo.count()
    hand.wheel(pane, -12, Mod.ControlModifier)
    drawn = line(mpr, AXIAL, CORONAL)
    x, y = _whole(drawn.pivot)
    hand.drag(mpr.grid.pane(AXIAL), (x, y), (x - 90, y))
    x, y = pane.transform().to_screen(*pane.plane.image_point(section(mpr, CORONAL).point))
    assert 0 < x < pane.width()
    assert 0 < y < pane.height()
    assert mpr.workspace.undo.count() == steps, "a view that follows is no step of its own"


def test_a_drag_shows_coarse_sections_in_the_very_place_of_the_fine_ones(mpr: MainWindow, hand: Hand, qtbot) -> None:
    pane, other = mpr.grid.pane(AXIAL), mpr.grid.pane(CORONAL)
    other.feed._pace = 3
    start = line(mpr, AXIAL, CORONAL).turn[0]
    before = other.picture
    QTest.mousePress(pane, Button.LeftButton, Mod.NoModifier, QPoint(*_whole(start)))
    _move(pane, QPointF(start[0] + 5, start[1] - 50), Button.LeftButton, Mod.NoModifier)
    qtbot.waitUntil(lambda: other.picture is not before, timeout=5000)
    coarse = other.picture.plane
    place = section(mpr, CORONAL).point
    expected = other.transform().to_screen(*other.plane.image_point(place))
    assert other.picture_transform().to_screen(*coarse.image_point(place)) == pytest.approx(expected)
    QTest.mouseRelease(pane, Button.LeftButton, Mod.NoModifier, QPoint(*_whole(start)))
    hand.settle()
    assert coarse.spacing == pytest.approx(tuple(3 * size for size in other.plane.spacing))
    assert other.picture.plane == other.plane
    assert other.picture_transform() == other.transform()


def test_a_window_says_which_pane_it_came_from(mpr: MainWindow) -> None:
    """B20, D40: what the layout handed on was not set by hand, and what is chosen afterwards was."""
    workspace = mpr.workspace
    assert {workspace.state(pane).voi_came for pane in (AXIAL, CORONAL, SAGITTAL, STACK)} == {"made"}
    set_window(mpr, 10, 20)
    came = {pane: workspace.state(pane).voi_came for pane in (AXIAL, CORONAL, SAGITTAL, STACK)}
    assert came == {**dict.fromkeys(came, "alike"), workspace.active: ""}
    mpr.dispatch("edit.undo")
    assert workspace.state(workspace.active).voi_came == "made"
