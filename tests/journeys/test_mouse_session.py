"""The same study with the mouse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.journeys.hand import Hand
from workstation.ui.main_window import MainWindow

Button, Mod = Qt.MouseButton, Qt.KeyboardModifier


def test_a_drag_windows_by_the_arithmetic_of_b33(window: MainWindow, hand: Hand, qtbot) -> None:  # type: ignore[no-untyped-def]
    """Right widens, down raises the centre, one step is the sampled range over 1024 (B33)."""
    qtbot.waitUntil(lambda: window.loader.pending() == 0, timeout=5000)  # the step is the sampled stack's
    pane = hand.pane
    before, step = pane.shown_window(), pane.scene().step
    assert before is not None
    hand.drag(pane, (100, 100), (140, 80))
    after = pane.shown_window()
    assert after is not None
    assert after.width == pytest.approx(before.width + 40 * step)
    assert after.center == pytest.approx(before.center - 20 * step)


def test_control_makes_the_drag_four_times_faster(window: MainWindow, hand: Hand, qtbot) -> None:  # type: ignore[no-untyped-def]
    qtbot.waitUntil(lambda: window.loader.pending() == 0, timeout=5000)  # the step is the sampled stack's
    pane = hand.pane
    before, step = pane.shown_window(), pane.scene().step
    assert before is not None
    hand.drag(pane, (100, 100), (110, 100), modifiers=Mod.ControlModifier)
    after = pane.shown_window()
    assert after is not None
    assert after.width == pytest.approx(before.width + 40 * step)


def test_the_wheel_scrolls_one_slice_per_notch_and_control_zooms_at_the_pointer(window: MainWindow, hand: Hand) -> None:
    pane = hand.pane
    hand.wheel(pane, 3)
    assert window.workspace.state().index == 3
    before = pane.transform()
    under = before.to_image(pane.width() / 2, pane.height() / 2)
    hand.wheel(pane, -2, Mod.ControlModifier)
    after = pane.transform()
    assert after.scale > before.scale
    assert after.to_image(pane.width() / 2, pane.height() / 2) == pytest.approx(under)
    hand.wheel(pane, 1)
    assert pane.transform() == after


def test_middle_drag_pans_and_right_drag_zooms_in_every_tool(window: MainWindow, hand: Hand) -> None:
    pane = hand.pane
    window.dispatch("tool.length")
    start = pane.transform().to_image(100, 100)
    hand.drag(pane, (100, 100), (130, 120), Button.MiddleButton)
    assert pane.transform().to_image(130, 120) == pytest.approx(start)
    scale = pane.transform().scale
    hand.drag(pane, (100, 100), (100, 60), Button.RightButton)
    assert pane.transform().scale > scale


def test_double_click_maximises_and_restores(window: MainWindow, hand: Hand) -> None:
    pane = hand.pane
    QTest.mouseDClick(pane, Button.LeftButton, Mod.NoModifier, QPoint(80, 80))
    hand.settle()
    assert window.workspace.visible() == (pane.number,)
    QTest.mouseDClick(pane, Button.LeftButton, Mod.NoModifier, QPoint(80, 80))
    hand.settle()
    assert len(window.workspace.visible()) == 4


def test_a_length_is_kept_on_its_slice_and_deleted_by_key(window: MainWindow, hand: Hand) -> None:
    """A measurement belongs to its frame and says millimetres (D43, D46)."""
    pane = hand.pane
    window.dispatch("tool.length")
    hand.drag(pane, (100, 100), (200, 100))
    assert len(window.workspace.measurements) == 1
    labels = [label.text for label in pane.overlay.content.labels]
    spacing = pane.picture.calibration.column_mm
    expected = 100 / pane.transform().scale * spacing
    assert labels
    assert float(labels[0].split()[0]) == pytest.approx(expected, abs=0.06)
    hand.press(Qt.Key.Key_Down)
    assert pane.overlay.content.labels == ()
    hand.press(Qt.Key.Key_Up)
    hand.press(Qt.Key.Key_Delete)
    assert window.workspace.measurements == ()
    hand.press(Qt.Key.Key_Z, Mod.ControlModifier)
    assert len(window.workspace.measurements) == 1


def test_an_ellipse_says_mean_and_sd_of_modality_values(window: MainWindow, hand: Hand) -> None:
    pane = hand.pane
    window.dispatch("tool.ellipse")
    middle = (pane.width() // 2, pane.height() // 2)
    hand.drag(pane, (middle[0] - 20, middle[1] - 20), (middle[0] + 20, middle[1] + 20))
    lines = [label.text for label in pane.overlay.content.labels]
    assert lines[0].startswith("mean ")
    assert "HU" in lines[0]
    assert "SD" in lines[0]


def test_the_crosshair_moves_every_section_to_the_point(window: MainWindow, hand: Hand) -> None:
    window.dispatch("layout.mpr")
    hand.settle()
    window.dispatch("tool.crosshair")
    pane = window.grid.pane(0)
    x, y = pane.width() // 2 + 30, pane.height() // 2 - 20
    column, row = pane.transform().to_image(x, y)
    expected = pane.picture.plane.patient_point(column - 0.5, row - 0.5)
    QTest.mouseClick(pane, Button.LeftButton, Mod.NoModifier, QPoint(x, y))
    hand.settle()
    for number in (0, 1, 2):
        assert window.workspace.state(number).section.point == pytest.approx(expected)
    for number in (1, 2):
        assert abs(window.grid.pane(number).picture.plane.pixel(expected)[2]) < 1e-6


def test_scrolling_a_section_moves_along_its_normal_only(window: MainWindow, hand: Hand) -> None:
    window.dispatch("layout.mpr")
    hand.settle()
    before = window.workspace.state(1).section.point
    hand.wheel(window.grid.pane(1), 2)
    after = window.workspace.state(1).section.point
    assert (after[0], after[2]) == pytest.approx((before[0], before[2]))
    assert after[1] > before[1]


def test_the_probe_names_stored_modality_and_displayed_value(window: MainWindow, hand: Hand) -> None:
    """D45: column, row, stored value, HU, grey and patient millimetres."""
    pane = hand.pane
    QTest.mouseMove(pane, QPoint(pane.width() // 2, pane.height() // 2))
    pane.probe(pane.width() / 2, pane.height() / 2)
    text = window.status.probe.text()
    assert "stored" in text
    assert "HU" in text
    assert "grey" in text
    assert "mm" in text


def test_linked_panes_follow_by_position_within_one_frame_of_reference(window: MainWindow, hand: Hand) -> None:
    """Another Frame of Reference never follows (D36)."""
    others = {pane: window.workspace.state(pane) for pane in window.workspace.visible()[1:]}
    hand.wheel(hand.pane, 5)
    leader = window.workspace.plane(0)
    for pane, state in others.items():
        plane = window.workspace.plane(pane)
        same = plane is not None and plane.frame_of_reference_uid == leader.frame_of_reference_uid
        if not same:
            assert window.workspace.state(pane) == state


def _ends(hand: Hand) -> list[tuple[float, float]]:
    stroke = hand.pane.overlay.content.strokes[0]
    return [(round(x), round(y)) for x, y in stroke.points]


def test_a_click_selects_a_measurement_and_delete_removes_that_one_only(window: MainWindow, hand: Hand) -> None:
    pane = hand.pane
    window.dispatch("tool.length")
    hand.drag(pane, (100, 100), (200, 100))
    hand.drag(pane, (100, 200), (200, 200))
    window.dispatch("tool.window")
    before = pane.shown_window()
    QTest.mouseClick(pane, Button.LeftButton, Mod.NoModifier, QPoint(150, 101))
    hand.settle()
    assert window.workspace.selected_measurement == 1
    assert pane.shown_window() == before
    hand.press(Qt.Key.Key_Delete)
    assert [m.number for m in window.workspace.measurements] == [2]
    hand.press(Qt.Key.Key_Delete)
    assert len(window.workspace.measurements) == 1


def test_an_end_of_a_length_is_dragged_and_undo_puts_it_back(window: MainWindow, hand: Hand) -> None:
    pane = hand.pane
    window.dispatch("tool.length")
    hand.drag(pane, (100, 100), (200, 100))
    window.dispatch("tool.window")
    hand.drag(pane, (200, 100), (260, 140))
    assert _ends(hand) == [(100, 100), (260, 140)]
    hand.drag(pane, (180, 120), (190, 140))
    assert _ends(hand) == [(110, 120), (270, 160)]
    window.dispatch("edit.undo")
    window.dispatch("edit.undo")
    assert _ends(hand) == [(100, 100), (200, 100)]
    assert len(window.workspace.measurements) == 1


def test_a_click_beside_every_measurement_selects_none(window: MainWindow, hand: Hand) -> None:
    pane = hand.pane
    window.dispatch("tool.length")
    hand.drag(pane, (100, 100), (200, 100))
    assert window.workspace.selected_measurement == 1
    window.dispatch("tool.window")
    QTest.mouseClick(pane, Button.LeftButton, Mod.NoModifier, QPoint(60, 200))
    assert window.workspace.selected_measurement is None


def test_a_first_look_shows_at_once_and_gives_way_to_the_panes_own_picture(application, demo) -> None:
    from workstation.loading.first_look import FirstLook
    from workstation.ui.screenshot import wait_until_settled

    window = application.window
    window.bridge.first_look.emit(FirstLook(4, 6, (2.0, 1.0), b"\x10\x20\x30\xff" * 24))
    pane = window.grid.pane(0)
    seen = pane.grab().toImage().pixelColor(pane.width() // 2, pane.height() // 2)
    assert seen.getRgb()[:3] == (0x30, 0x20, 0x10)
    window.desk.open_paths([str(demo)])
    assert wait_until_settled(window, 30)
    assert pane.picture is not None
    assert pane.transform().to_screen(0, 0) != (0, 0)
