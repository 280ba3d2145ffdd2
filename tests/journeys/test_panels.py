"""Panels beside the panes: reached from the keyboard, left again, and never at the expense of the study browser."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.journeys.hand import Hand
from workstation.ui.main_window import MainWindow
from workstation.ui.panel_focus import FOCUSED, dock_of

Key, Mod = Qt.Key, Qt.KeyboardModifier


def panel_with_keyboard(window: MainWindow) -> str:
    dock = dock_of(QApplication.focusWidget())
    return next((name for name, each in window.docks.items() if each is dock), "")


def test_f6_goes_from_the_panes_to_each_panel_and_back(window: MainWindow, hand: Hand) -> None:
    """Features R1: everything can be reached without a mouse, and one sees where the keyboard is."""
    window.show_panel("header")
    hand.settle()
    seen = []
    for _ in range(3):
        hand.press(Key.Key_F6)
        seen.append(panel_with_keyboard(window))
    assert seen == ["browser", "header", ""]
    hand.press(Key.Key_F6, Mod.ShiftModifier)
    assert panel_with_keyboard(window) == "header"
    assert [name for name, dock in window.docks.items() if dock.property(FOCUSED)] == ["header"]
    assert window.inspector.table().currentIndex().isValid()
    hand.press(Key.Key_Escape)
    assert QApplication.focusWidget() is window.active_pane()


def test_a_panel_that_closes_gives_the_keyboard_back(window: MainWindow, hand: Hand) -> None:
    hand.press(Key.Key_F, Mod.ControlModifier)
    assert panel_with_keyboard(window) == "header"
    hand.press(Key.Key_I, Mod.ControlModifier)
    assert not window.panel_shown("header")
    assert QApplication.focusWidget() is window.active_pane()


def test_panels_take_their_room_from_the_panes(window: MainWindow, hand: Hand) -> None:
    """The page of an empty window is behind the panes and asks for no width of its own."""
    before = window.docks["browser"].width()
    for panel in ("header", "differences"):
        window.show_panel(panel)
        hand.settle()
    assert window.docks["browser"].width() == before


def test_a_pointer_at_rest_tells_of_the_image_under_it(window: MainWindow, hand: Hand, qtbot) -> None:
    """D45: scrolled by a key, the line at the foot tells the value of the image that is now shown."""
    pane = hand.pane
    pane.probe(pane.width() / 2, pane.height() / 2)
    before = window.status.probe.text()
    hand.press(Key.Key_End)
    qtbot.waitUntil(lambda: window.status.probe.text() != before)
    window.dispatch("file.close")
    qtbot.waitUntil(lambda: window.status.probe.text() == "")
