"""The graphics item that paints one picture: display values in a QImage, placed by the display transform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, QTransform

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

    from workstation.viewing.display_transform import DisplayTransform


def to_qimage(display: NDArray[np.uint8]) -> QImage:
    """Return display values, uint8 [row, column] or [row, column, RGB], as an image that owns its bytes (B28, C17)."""
    rows, columns = display.shape[:2]
    rgb32 = np.empty((rows, columns), np.uint32)
    if display.ndim == 2:
        np.multiply(display, np.uint32(0x010101), out=rgb32, casting="unsafe", dtype=np.uint32)
    else:
        np.left_shift(display[..., 0], 16, out=rgb32, casting="unsafe", dtype=np.uint32)
        rgb32 |= display[..., 1].astype(np.uint32) << np.uint32(8)
        rgb32 |= display[..., 2]
    rgb32 |= np.uint32(0xFF000000)
    image = QImage(rgb32.data, columns, rows, columns * 4, QImage.Format.Format_RGB32)
    image.pixels = rgb32  # type: ignore[attr-defined]  # QImage borrows the buffer: it must live as long
    return image


def halved(display: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the area average at half the size; an odd last row or column is dropped."""
    rows, columns = display.shape[0] // 2 * 2, display.shape[1] // 2 * 2
    even = display[:rows, :columns].astype(np.uint16)
    total = even[0::2, 0::2] + even[0::2, 1::2] + even[1::2, 0::2] + even[1::2, 1::2]
    return ((total + 2) >> 2).astype(np.uint8)


class PictureItem(pg.GraphicsObject):
    """Paints one picture in image points, so that it and everything on it share one transform."""

    def __init__(self) -> None:
        super().__init__()
        self._levels: list[tuple[QImage, int, int]] = []
        self._display: NDArray[np.uint8] | None = None
        self._size = (0, 0)
        self._scale = 1.0
        self.smooth = True

    def set_display(self, display: NDArray[np.uint8] | None) -> None:
        """Show new display values, or nothing."""
        size = (0, 0) if display is None else (display.shape[0], display.shape[1])
        if size != self._size:
            self.prepareGeometryChange()
            self._size = size
        self._display = display
        self._levels = []
        self.update()

    def place(self, transform: DisplayTransform, device_ratio: float) -> None:
        """Put the picture where the transform says."""
        self._scale = transform.scale * device_ratio
        t = transform
        self.setTransform(QTransform(t.a, t.c, t.b, t.d, t.tx, t.ty))
        self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(0, 0, self._size[1], self._size[0])

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self._display is None:
            return
        image, columns, rows = self._level()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.smooth)
        painter.drawImage(QRectF(0, 0, columns, rows), image)

    def _level(self) -> tuple[QImage, int, int]:
        """Return the smallest halved image not coarser than the screen: bilinear alone aliases when reduced."""
        wanted = 0
        scale = self._scale
        while scale < 0.5 and min(self._size) >> (wanted + 1) >= 16:
            scale *= 2
            wanted += 1
        if len(self._levels) > wanted:
            return self._levels[wanted]
        if not self._levels:
            assert self._display is not None
            self._levels = [(to_qimage(self._display), self._size[1], self._size[0])]
            self._reduced: Any = self._display
        while len(self._levels) <= wanted:
            self._reduced = halved(self._reduced)
            covered = self._reduced.shape[1] << len(self._levels), self._reduced.shape[0] << len(self._levels)
            self._levels.append((to_qimage(self._reduced), *covered))
        return self._levels[wanted]
