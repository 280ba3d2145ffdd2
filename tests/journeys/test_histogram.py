"""The histogram's region is the window (features E9)."""

from __future__ import annotations

import pytest

from tests.journeys.hand import Hand
from workstation.ui.main_window import MainWindow


def test_the_region_shows_the_window_and_dragging_it_windows(window: MainWindow, hand: Hand) -> None:
    window.dispatch("view.histogram")
    hand.settle()
    panel, shown = window.panels["histogram"], hand.pane.shown_window()
    assert panel.region.getRegion() == pytest.approx((shown.center - shown.width / 2, shown.center + shown.width / 2))
    panel.region.setRegion((-100.0, 300.0))
    hand.settle()
    assert (hand.pane.shown_window().center, hand.pane.shown_window().width) == (100.0, 400.0)
    window.dispatch("edit.undo")
    hand.settle()
    assert hand.pane.shown_window() == shown


def test_scrolling_brings_another_histogram(window: MainWindow, hand: Hand, qtbot) -> None:
    window.dispatch("view.histogram")
    hand.settle()
    panel = window.panels["histogram"]
    before = panel.caption.text()
    window.workspace.go_to(0, 30)
    hand.settle()
    qtbot.waitUntil(lambda: panel.caption.text() != before, timeout=2000)
