"""The plot of the series doctor: where each image of a stack lies, and the step to the one before."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from workstation.geometry.order_report import OrderReport
from workstation.ui import theme
from workstation.ui.widgets import chip_font

TONES = {
    "gap": "warning",
    "uneven": "warning",
    "duplicate": "error",
    "mixed_orientation": "error",
    "missing_position": "error",
    "tilt": "info",
    "irregular": "info",
}
"""How alarming an event is."""
_EMPTY = OrderReport((), "")


class OrderPlot(QWidget):
    """Position in mm against image number; below it the steps. Click or arrow keys choose an image."""

    slice_requested = Signal(int)
    """Index in the ordered stack, from 0."""
    pointed = Signal(int)
    """The image under the pointer, -1 for none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report: OrderReport = _EMPTY
        self._current = 0
        self._pointed = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Position of each image"))

    def set_report(self, report: OrderReport, current: int = 0) -> None:
        self._report, self._current, self._pointed = report, current, -1
        self.update()

    def set_current(self, index: int) -> None:
        """Mark the image that the pane shows."""
        if index != self._current:
            self._current = index
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(420, 260)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 160)

    def x_of(self, index: float) -> float:
        """Return where an image stands, logical pixels."""
        area = self._areas()[0]
        last = max(len(self._report.positions) - 1, 1)
        return area.left() + (area.width() - 1) * index / last

    def index_at(self, x: float) -> int:
        """Return the image nearest to a place, -1 without images."""
        count = len(self._report.positions)
        area = self._areas()[0]
        if not count or area.width() < 2:
            return -1
        return min(max(round((x - area.left()) / (area.width() - 1) * max(count - 1, 1)), 0), count - 1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(self.index_at(event.position().x()))

    def leaveEvent(self, event: object) -> None:
        self._point_at(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.index_at(event.position().x())
        if event.button() == Qt.MouseButton.LeftButton and index >= 0:
            self._request(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._report.positions) - 1
        target = {
            Qt.Key.Key_Left: self._current - 1,
            Qt.Key.Key_Right: self._current + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }.get(Qt.Key(event.key()))
        if target is None or last < 0:
            super().keyPressEvent(event)
        else:
            self._request(min(max(target, 0), last))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.current()["panel"])
        painter.setFont(chip_font(self.font()))
        if len(self._report.positions) < 2:
            return
        upper, lower = self._areas()
        self._draw_axes(painter, upper, self._span(), self.tr("mm"))
        self._draw_gaps(painter, upper)
        self._draw_steps(painter, lower)
        self._draw_positions(painter, upper)
        self._draw_line(painter, self._pointed, "text-off", upper, lower)
        self._draw_line(painter, self._current, "accent", upper, lower)
        if self.hasFocus():
            painter.setPen(theme.current()["accent"])
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _areas(self) -> tuple[QRect, QRect]:
        line = self.fontMetrics().height()
        left = self.fontMetrics().horizontalAdvance("-0000.0") + 8
        inside = self.rect().adjusted(left, line + 6, -14, -line - 8)
        split = inside.top() + round(inside.height() * 0.68)
        upper = QRect(inside.left(), inside.top(), inside.width(), split - inside.top() - 2 * line)
        lower = QRect(inside.left(), split, inside.width(), inside.bottom() - split)
        return upper, lower

    def _span(self) -> tuple[float, float]:
        low, high = min(self._report.positions), max(self._report.positions)
        return (low, high) if high > low else (low - 1, high + 1)

    def _y_of(self, position: float, area: QRect) -> float:
        low, high = self._span()
        return area.bottom() - (position - low) / (high - low) * area.height()

    def _draw_axes(self, painter: QPainter, area: QRect, span: tuple[float, float], unit: str) -> None:
        colours = theme.current()
        for value, text in ticks(*span, max(area.height() // 34, 2)):
            y = area.bottom() - (value - span[0]) / (span[1] - span[0]) * area.height()
            painter.setPen(QPen(colours["border"], 1))
            painter.drawLine(QPointF(area.left(), round(y) + 0.5), QPointF(area.right(), round(y) + 0.5))
            painter.setPen(colours["text-dim"])
            box = QRectF(0, y - 10, area.left() - 6, 20)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(colours["text-dim"])
        corner = QRectF(0, area.top() - painter.fontMetrics().height() - 3, area.left() - 6, 16)
        painter.drawText(corner, Qt.AlignmentFlag.AlignRight, unit)

    def _draw_gaps(self, painter: QPainter, area: QRect) -> None:
        for event in self._report.events:
            if event.code == "gap" and len(event.at) == 2:
                shade = theme.current()["warning"]
                shade.setAlphaF(0.22)
                left, right = self.x_of(event.at[0]), self.x_of(event.at[1])
                wide = max(right - left, 3.0)
                painter.fillRect(QRectF((left + right - wide) / 2, area.top(), wide, area.height()), shade)

    def _draw_positions(self, painter: QPainter, area: QRect) -> None:
        colours = theme.current()
        points = [QPointF(self.x_of(i), self._y_of(p, area)) for i, p in enumerate(self._report.positions)]
        painter.setPen(QPen(colours["text-dim"], 1.25))
        painter.drawPolyline(QPolygonF(points))
        pitch = area.width() / len(points)
        if pitch >= 4:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours["text"])
            for point in points:
                painter.drawEllipse(point, 1.8, 1.8)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for code, index in self._marked():
            painter.setPen(QPen(colours[TONES.get(code, "info")], 1.75))
            painter.drawEllipse(points[index], 4.5, 4.5)

    def _draw_steps(self, painter: QPainter, area: QRect) -> None:
        """Draw the step to the image before as bars: a gap of one slice in 500 is invisible in the line above."""
        colours = theme.current()
        steps = [abs(b - a) for a, b in pairwise(self._report.positions)]
        top = max(max(steps), (self._report.spacing or 0) * 1.5, 1e-6)
        self._draw_axes(painter, area, (0.0, top), self.tr("step"))
        odd = {index: code for code, index in self._marked(with_gaps=True)}
        width = max(min(area.width() / len(steps) * 0.6, 8.0), 1.0)
        for index, step in enumerate(steps, 1):
            tone = TONES.get(odd.get(index, ""), "")
            height = max(step / top * area.height(), 1.5)
            x = self.x_of(index)
            painter.fillRect(
                QRectF(x - width / 2, area.bottom() - height, width, height),
                colours[tone] if tone else colours.mixed("panel", "text-dim", 0.6),
            )
        painter.setPen(colours["text-dim"])
        for index, flag in self._numbers():
            box = QRectF(self.x_of(index) - 40, area.bottom() + 3, 80, 18)
            if flag == Qt.AlignmentFlag.AlignLeft:
                box.moveLeft(self.x_of(index) - 4)
            if flag == Qt.AlignmentFlag.AlignRight:
                box.moveRight(self.x_of(index) + 4)
            painter.drawText(box, flag | Qt.AlignmentFlag.AlignTop, str(index + 1))

    def _numbers(self) -> Iterator[tuple[int, Qt.AlignmentFlag]]:
        last = len(self._report.positions) - 1
        yield 0, Qt.AlignmentFlag.AlignLeft
        if last > 3:
            yield last // 2, Qt.AlignmentFlag.AlignHCenter
        yield last, Qt.AlignmentFlag.AlignRight

    def _marked(self, *, with_gaps: bool = False) -> Iterator[tuple[str, int]]:
        count = len(self._report.positions)
        for event in self._report.events:
            places = event.at[1:] if event.code == "gap" else event.at
            if event.code != "gap" or with_gaps:
                yield from ((event.code, index) for index in places if 0 <= index < count)

    def _draw_line(self, painter: QPainter, index: int, colour: str, upper: QRect, lower: QRect) -> None:
        if 0 <= index < len(self._report.positions):
            x = round(self.x_of(index)) + 0.5
            painter.setPen(QPen(theme.current()[colour], 1))
            painter.drawLine(QPointF(x, upper.top()), QPointF(x, lower.bottom()))

    def _point_at(self, index: int) -> None:
        if index != self._pointed:
            self._pointed = index
            self.pointed.emit(index)
            self.update()

    def _request(self, index: int) -> None:
        self.set_current(index)
        self.slice_requested.emit(index)


def ticks(low: float, high: float, most: int) -> Iterator[tuple[float, str]]:
    """Yield at most about ``most`` round values of a range with their text."""
    rough = (high - low) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= 0.7 * rough)
    digits = max(0, -math.floor(math.log10(step)))
    value = math.ceil(low / step) * step
    while value <= high + step * 1e-6:
        yield value, f"{value:.{digits}f}".replace("-0", "0") if abs(value) < step / 2 else f"{value:.{digits}f}"
        value += step


def place_of(plot: OrderPlot, index: int) -> QPoint:
    """Return where to click for an image; for tests and scripts."""
    return QPoint(round(plot.x_of(index)), plot.height() // 2)
