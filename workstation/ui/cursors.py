"""Cursors by name: what a press would do."""

from __future__ import annotations

from functools import lru_cache
from math import atan2, cos, degrees, pi, sin

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QCursor, QPainter, QPen, QPixmap, QPolygonF

SHAPES = {
    "cross": Qt.CursorShape.CrossCursor,
    "move": Qt.CursorShape.SizeAllCursor,
    "across-0": Qt.CursorShape.SizeHorCursor,
    "across-1": Qt.CursorShape.SizeFDiagCursor,
    "across-2": Qt.CursorShape.SizeVerCursor,
    "across-3": Qt.CursorShape.SizeBDiagCursor,
}
SIDE = 24
"""Logical pixels of the cursor that turns."""


def across(direction: tuple[float, float]) -> str:
    """Return the name of the cursor with arrows along a direction on the screen."""
    eighth = round(degrees(atan2(direction[1], direction[0])) / 45)
    return f"across-{eighth % 4}"


def cursor(name: str) -> QCursor | None:
    """Return the cursor of a name, None for the usual one."""
    if name == "turn":
        return _turning()
    shape = SHAPES.get(name)
    return QCursor(shape) if shape is not None else None


@lru_cache(maxsize=1)
def _turning() -> QCursor:
    """Draw two arrows round a middle; no system has this cursor."""
    pixmap = QPixmap(2 * SIDE, 2 * SIDE)
    pixmap.setDevicePixelRatio(2.0)
    pixmap.fill(Qt.GlobalColor.transparent)
    middle, radius = SIDE / 2, 7.0
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for color, width in ((QColor(0, 0, 0, 200), 4.0), (QColor("#ffffff"), 1.8)):
            painter.setPen(QPen(color, width))
            painter.setBrush(color)
            for start in (20, 200):
                painter.drawArc(QRectF(middle - radius, middle - radius, 2 * radius, 2 * radius), start * 16, 120 * 16)
                painter.drawPolygon(_arrow_head(middle, radius, start + 128))
    return QCursor(pixmap, SIDE // 2, SIDE // 2)


def _arrow_head(middle: float, radius: float, angle: float) -> QPolygonF:
    """Return a triangle at an angle of the circle, counter-clockwise from the right, pointing onwards."""
    a = angle * pi / 180
    x, y = middle + radius * cos(a), middle - radius * sin(a)
    onwards, outwards = (-sin(a), -cos(a)), (cos(a), -sin(a))
    return QPolygonF(
        [
            QPointF(x + 4.0 * onwards[0], y + 4.0 * onwards[1]),
            QPointF(x + 3.2 * outwards[0], y + 3.2 * outwards[1]),
            QPointF(x - 3.2 * outwards[0], y - 3.2 * outwards[1]),
        ]
    )
