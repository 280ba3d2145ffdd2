"""A small plot of how long the last pictures took to paint."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workstation.ui import theme

SMOOTH = 1000 / 60
"""Milliseconds a picture may take where the screen shows 60 a second."""
SLOW = 1000 / 30
STEP = 3
"""Logical pixels from bar to bar."""
LEAST_TOP = 20.0
"""Milliseconds at the top edge where all pictures were quicker."""


class FramePlot(QWidget):
    """One bar a picture, the latest at the right; lines at 60 and 30 a second."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.times: tuple[float, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(64)
        self.setAccessibleName(self.tr("Milliseconds of the last pictures"))

    def set_times(self, times: Sequence[float]) -> None:
        """Show times in ms, the latest last."""
        if tuple(times) != self.times:
            self.times = tuple(times)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, 64)

    def top(self) -> float:
        """Return the milliseconds at the top edge; one very slow picture must not flatten all others."""
        seen = sorted(self._seen())
        return max(LEAST_TOP, seen[int(0.98 * (len(seen) - 1))] * 1.15) if seen else LEAST_TOP

    def _seen(self) -> tuple[float, ...]:
        return self.times[-max(self.width() // STEP, 1) :]

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), colours["field"])
            top, high = self.top(), float(self.height())
            for place, time in enumerate(reversed(self._seen())):
                colour = "accent" if time <= SMOOTH else "warning" if time <= SLOW else "error"
                bar = min(max(time / top * high, 1.0), high)
                painter.fillRect(QRectF(self.width() - (place + 1) * STEP, high - bar, STEP - 1, bar), colours[colour])
            painter.setFont(theme.resized(self.font(), -1.5))
            for limit, text in ((SMOOTH, self.tr("60 a second")), (SLOW, self.tr("30 a second"))):
                if limit < top:
                    y = round(high - limit / top * high) + 0.5
                    painter.setPen(QPen(colours["border-strong"], 1, Qt.PenStyle.DotLine))
                    painter.drawLine(QPointF(0, y), QPointF(self.width(), y))
                    painter.setPen(colours["text-dim"])
                    painter.drawText(QPointF(4, y - 3), text)
