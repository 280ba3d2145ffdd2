"""A window never opens where no screen is (features, section 3, row 28)."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from workstation.settings import Settings, load
from workstation.ui.window_place import clamped, keep, restore_docks

HERE = QRect(0, 0, 1600, 1000)


def test_a_window_on_a_screen_stays_where_it_is() -> None:
    assert clamped(QRect(100, 50, 800, 600), [HERE]) == QRect(100, 50, 800, 600)


def test_a_window_of_a_screen_that_is_gone_comes_to_the_middle_of_the_first() -> None:
    placed = clamped(QRect(2500, 50, 800, 600), [HERE])
    assert placed.size() == QRect(0, 0, 800, 600).size()
    assert (placed.center() - HERE.center()).manhattanLength() <= 2


def test_a_title_above_the_screen_can_not_be_reached_and_is_brought_back() -> None:
    assert HERE.contains(clamped(QRect(100, -400, 800, 600), [HERE]))


def test_a_window_is_never_larger_than_its_screen() -> None:
    assert clamped(QRect(0, 0, 5000, 3000), [HERE]).size() == HERE.size()


def _window(qtbot) -> tuple[QMainWindow, QDockWidget]:  # type: ignore[no-untyped-def]
    window = QMainWindow()
    qtbot.addWidget(window)
    dock = QDockWidget("x", window)
    dock.setObjectName("x")
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    return window, dock


def test_panels_come_back_only_where_that_is_preferred(qtbot, tmp_path) -> None:  # type: ignore[no-untyped-def]
    settings: Settings = load(tmp_path / "settings.json")
    window, dock = _window(qtbot)
    dock.hide()
    keep(window, settings)
    other, its_dock = _window(qtbot)
    restore_docks(other, settings)
    assert not its_dock.isHidden()
    settings.set("open_last_layout", True)
    restore_docks(other, settings)
    assert its_dock.isHidden()
