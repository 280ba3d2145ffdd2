"""The panels of the table as docks of a window, where they stand at first."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from workstation.ui.panels import PANELS

TOGETHER = (("doctor", "histogram"), ("doctor", "skipped"), ("header", "report"), ("header", "performance"))
"""Panels that share a place, the first on top."""


def add_docks(window: QMainWindow) -> tuple[dict[str, QDockWidget], dict[str, QWidget]]:
    """Add every panel to a window; return docks and panels by id."""
    docks: dict[str, QDockWidget] = {}
    widgets: dict[str, QWidget] = {}
    for panel in PANELS:
        dock = QDockWidget(window.tr(panel.title), window)
        dock.setObjectName(f"dock.{panel.id}")
        docks[panel.id], widgets[panel.id] = dock, panel.factory()
        dock.setWidget(widgets[panel.id])
        dock.setVisible(panel.shown)
        window.addDockWidget(panel.area, dock)
    window.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
    window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
    for front, behind in TOGETHER:
        window.tabifyDockWidget(docks[front], docks[behind])
    window.resizeDocks([docks[p.id] for p in PANELS], [p.width for p in PANELS], Qt.Orientation.Horizontal)
    return docks, widgets
