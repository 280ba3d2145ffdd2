"""The histogram of the active picture with its window as a region to drag (features E9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workstation.ui import theme
from workstation.ui.widgets import plain_label

if TYPE_CHECKING:
    from workstation.imaging.window import Window
    from workstation.loading.shown import Shown

BINS = 256
SAMPLES = 500_000
DELAY = 80
"""Milliseconds of rest before a histogram is counted: scrolling must not count one per slice."""


class HistogramPanel(QWidget):
    """Counts the modality values of one picture, padding left out, on a logarithmic scale.

    The plotting library is imported when the panel is first seen.
    """

    window_dragged = Signal(float, float)
    """Centre and width while the region is dragged."""
    drag_ended = Signal()
    seen = Signal()
    """The panel came on screen and wants a picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumHeight(140)
        self.setAccessibleName(self.tr("Histogram"))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 6, 8, 6)
        self.caption = plain_label(self.tr("Show a series to see its histogram."), "dim")
        self._column.addWidget(self.caption)
        self._plot: Any = None
        self._curve: Any = None
        self.region: Any = None
        self._picture: Shown | None = None
        self._window: Window | None = None
        self._counted: Any = None
        self._following = False
        self._later = QTimer(self, singleShot=True, interval=DELAY)
        self._later.timeout.connect(self._count)

    def show_picture(self, picture: Shown | None, window: Window | None) -> None:
        """Show the values of a picture and the window on screen; colour has neither."""
        self._window = window
        changed = picture is not self._picture
        self._picture = picture
        if not self.isVisible():
            return
        if changed:
            self._later.start()
        self._place_region()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._build()
        self.seen.emit()
        self._count()

    def _build(self) -> None:
        if self._plot is not None:
            return
        import pyqtgraph as pg

        colours = theme.current()
        self._plot = pg.PlotWidget(background=colours["panel"] if "panel" in colours.colours else None)
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.hideAxis("left")
        self._curve = self._plot.plot(stepMode="center", fillLevel=0, brush=(120, 150, 175, 110), pen=(150, 180, 205))
        self.region = pg.LinearRegionItem(brush=(79, 179, 217, 40), hoverBrush=(79, 179, 217, 70))
        self.region.sigRegionChanged.connect(self._dragged)
        self.region.sigRegionChangeFinished.connect(lambda _: None if self._following else self.drag_ended.emit())
        self._plot.addItem(self.region)
        self._column.addWidget(self._plot, 1)

    def _count(self) -> None:
        import numpy as np

        from workstation.imaging.auto_window import samples_of

        picture = self._picture
        if self._plot is None:
            return
        usable = picture is not None and picture.rendering.has_window
        self._plot.setVisible(usable)
        self._counted = picture
        if picture is None or not usable:
            self.caption.setText(
                self.tr("Colour has no window.")
                if picture is not None
                else self.tr("Show a series to see its histogram.")
            )
            return
        values = samples_of(picture.values, picture.rendering, SAMPLES)
        values = values[np.isfinite(values)] if values.dtype.kind == "f" else values
        if not values.size:
            self._curve.setData([], [])
            return
        counts, edges = np.histogram(values, BINS)
        self._curve.setData(edges, np.log1p(counts))
        unit = f" {picture.rendering.unit}" if picture.rendering.unit else ""
        self.caption.setText(
            self.tr("{0:g} to {1:g}{2}, mean {3:.4g}").format(values.min(), values.max(), unit, values.mean())
        )
        self._place_region()

    def _place_region(self) -> None:
        if self.region is None or self._window is None:
            return
        half = self._window.width / 2
        self._following = True
        try:
            self.region.setRegion((self._window.center - half, self._window.center + half))
        finally:
            self._following = False

    def _dragged(self) -> None:
        if self._following:
            return
        low, high = self.region.getRegion()
        self.window_dragged.emit((low + high) / 2, max(high - low, 1e-6))
