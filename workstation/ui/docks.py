"""The panels of the table as docks of a window, where they stand at first."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QWidget

from workstation.ui.later import Later
from workstation.ui.panel_focus import PanelFocus
from workstation.ui.panels import PANELS, Panel
from workstation.ui.window_place import RESTORED

TOGETHER = (
    ("doctor", "histogram"),
    ("doctor", "differences"),
    ("doctor", "skipped"),
    ("doctor", "completeness"),
    ("doctor", "audit"),
    ("doctor", "transfers"),
    ("header", "report"),
    ("header", "pixel"),
    ("header", "performance"),
)
"""Panels that share a place, the first on top."""
SIDES = (Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea)
BELOW = 250
"""Height of a panel below the panes."""
MOST_OF_WINDOW = 0.4
"""Share of a window's width that a panel beside the panes takes at most by itself: images come first."""
LAID_OUT = 100
"""Milliseconds from a panel's coming or going until the window is laid out again."""
SIZED = "dock.sized"
"""Property of a dock that has had its first size."""


def add_docks(window: QMainWindow, to_panes: Callable[[], object]) -> tuple[dict[str, QDockWidget], dict[str, QWidget]]:
    """Add every panel to a window; return docks and panels by id. ``to_panes`` gives the panes the keyboard."""
    docks: dict[str, QDockWidget] = {}
    widgets: dict[str, QWidget] = {}
    bars = Later(lambda: _tabs_in_reach(window), window, LAID_OUT)
    for panel in PANELS:
        dock = QDockWidget(window.tr(panel.title), window)
        dock.setObjectName(f"dock.{panel.id}")
        docks[panel.id], widgets[panel.id] = dock, panel.factory()
        dock.setWidget(widgets[panel.id])
        dock.setVisible(panel.shown)
        window.addDockWidget(panel.area, dock)
        dock.visibilityChanged.connect(partial(_size_once, window, dock, panel))
        dock.visibilityChanged.connect(bars.ask)
    window.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
    window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
    for front, behind in TOGETHER:
        window.tabifyDockWidget(docks[front], docks[behind])
    PanelFocus(to_panes, window)
    return docks, widgets


def _tabs_in_reach(window: QMainWindow) -> None:
    """Keep Tab from the bars of tabs Qt puts aside, out of the window, while a place has one panel or none."""
    for bar in window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
        seen = window.rect().intersects(bar.geometry())
        bar.setFocusPolicy(Qt.FocusPolicy.TabFocus if seen else Qt.FocusPolicy.NoFocus)


def _size_once(window: QMainWindow, dock: QDockWidget, panel: Panel, shown: bool) -> None:
    """Give a panel its size when it is first seen: a window that is not laid out yet would forget it."""
    if shown and not window.property(RESTORED) and not dock.property(SIZED):
        dock.setProperty(SIZED, True)
        aside = panel.area in SIDES
        width = min(panel.width, round(window.width() * MOST_OF_WINDOW))
        size, way = (width, Qt.Orientation.Horizontal) if aside else (BELOW, Qt.Orientation.Vertical)
        QTimer.singleShot(0, dock, lambda: window.resizeDocks([dock], [size], way))
