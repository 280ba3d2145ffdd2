"""The widget that paints one picture: display values in a QImage, placed by the display transform.

A plain widget, not a scene: it repaints in half the time and spares every start the import of a plotting library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QTransform
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from numpy.typing import NDArray

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


class PictureView(QWidget):
    """Paints one picture on black; the mouse and the keys belong to its pane."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._levels: list[tuple[QImage, int, int]] = []
        self._display: NDArray[np.uint8] | None = None
        self._reduced: Any = None
        self._transform = QTransform()
        self._scale = 1.0
        self.smooth = True

    def set_display(self, display: NDArray[np.uint8] | None) -> None:
        """Show new display values, or nothing."""
        self._display = display
        self._levels = []
        self.update()

    def place(self, transform: DisplayTransform, device_ratio: float) -> None:
        """Put the picture where the transform says."""
        t = transform
        self._scale = t.scale * device_ratio
        self._transform = QTransform(t.a, t.c, t.b, t.d, t.tx, t.ty)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), Qt.GlobalColor.black)
            if self._display is None:
                return
            image, columns, rows = self._level()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.smooth)
            painter.setTransform(self._transform)
            painter.drawImage(QRectF(0, 0, columns, rows), image)

    def _level(self) -> tuple[QImage, int, int]:
        """Return the smallest halved image not coarser than the screen: bilinear alone aliases when reduced."""
        assert self._display is not None
        wanted, scale = 0, self._scale
        while scale < 0.5 and min(self._display.shape[:2]) >> (wanted + 1) >= 16:
            scale *= 2
            wanted += 1
        if not self._levels:
            self._levels = [(to_qimage(self._display), self._display.shape[1], self._display.shape[0])]
            self._reduced = self._display
        while len(self._levels) <= wanted:
            self._reduced = halved(self._reduced)
            covered = self._reduced.shape[1] << len(self._levels), self._reduced.shape[0] << len(self._levels)
            self._levels.append((to_qimage(self._reduced), *covered))
        return self._levels[wanted]
