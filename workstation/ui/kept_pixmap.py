"""A part of an overlay that seldom changes: drawn once, copied from then on."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from math import ceil, floor

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap


class KeptPixmap:
    """Keeps the last drawing of one part."""

    def __init__(self) -> None:
        self._key: Hashable = None
        self._pixmap = QPixmap()

    def draw(self, painter: QPainter, area: QRectF, key: Hashable, paint: Callable[[QPainter], object]) -> None:
        """Draw what ``paint`` draws inside ``area``; it is asked again only when ``key``, area or font are others."""
        ratio = painter.device().devicePixelRatioF()
        left, top = floor(area.left()), floor(area.top())
        width, height = ceil(area.right()) - left, ceil(area.bottom()) - top
        wanted = (key, width, height, left, top, ratio, painter.font().key())
        if wanted != self._key:
            self._key = wanted
            self._pixmap = QPixmap(max(1, ceil(width * ratio)), max(1, ceil(height * ratio)))
            self._pixmap.setDevicePixelRatio(ratio)
            self._pixmap.fill(Qt.GlobalColor.transparent)
            with QPainter(self._pixmap) as inner:
                inner.setRenderHints(painter.renderHints())
                inner.setFont(painter.font())
                inner.translate(-left, -top)
                paint(inner)
        painter.drawPixmap(QPointF(left, top), self._pixmap)
