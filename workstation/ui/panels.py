"""The table of dockable panels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from workstation.ui.audit_panel import AuditPanel
from workstation.ui.completeness_panel import CompletenessPanel
from workstation.ui.differ_panel import DifferPanel
from workstation.ui.header_panel import HeaderPanel
from workstation.ui.histogram_panel import HistogramPanel
from workstation.ui.order_panel import OrderPanel
from workstation.ui.performance_panel import PerformancePanel
from workstation.ui.pixel_panel import PixelPanel
from workstation.ui.report_panel import ReportPanel
from workstation.ui.skipped_panel import SkippedPanel
from workstation.ui.study_browser import StudyBrowser
from workstation.ui.transfers_panel import TransfersPanel


@dataclass(frozen=True, slots=True)
class Panel:
    """A row: ``factory()`` makes the widget, ``area`` is where it docks at first."""

    id: str
    title: str
    area: Qt.DockWidgetArea
    factory: Callable[[], QWidget]
    shown: bool = False
    width: int = 320


PANELS = (
    Panel("browser", "Studies", Qt.DockWidgetArea.LeftDockWidgetArea, StudyBrowser, shown=True, width=300),
    Panel("header", "Header", Qt.DockWidgetArea.RightDockWidgetArea, HeaderPanel, width=560),
    Panel("report", "Report", Qt.DockWidgetArea.RightDockWidgetArea, ReportPanel, width=560),
    Panel("doctor", "Series doctor", Qt.DockWidgetArea.BottomDockWidgetArea, OrderPanel),
    Panel("histogram", "Histogram", Qt.DockWidgetArea.BottomDockWidgetArea, HistogramPanel),
    Panel("differences", "Differences", Qt.DockWidgetArea.BottomDockWidgetArea, DifferPanel),
    Panel("skipped", "What was skipped", Qt.DockWidgetArea.BottomDockWidgetArea, SkippedPanel),
    Panel("completeness", "What is missing?", Qt.DockWidgetArea.BottomDockWidgetArea, CompletenessPanel),
    Panel("audit", "Check of a disc", Qt.DockWidgetArea.BottomDockWidgetArea, AuditPanel),
    Panel("transfers", "Transfers", Qt.DockWidgetArea.BottomDockWidgetArea, TransfersPanel),
    Panel("pixel", "Pixel", Qt.DockWidgetArea.RightDockWidgetArea, PixelPanel, width=560),
    Panel("performance", "Performance", Qt.DockWidgetArea.RightDockWidgetArea, PerformancePanel),
)
