"""The widget that paints one picture: display values in a QImage, placed by the display transform.

A plain widget, not a scene: it repaints in half the time and spares every start the import of a plotting library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QTransform
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from workstation.viewing.display_transform import DisplayTransform


def to_qimage(display: NDArray[np.uint8]) -> QImage:
    """Return display values, uint8 [row, column] or [row, column, RGB], as an image that owns its bytes (B28, C17)."""
    from workstation.imaging.rgb32 import rgb32_of

    rows, columns = display.shape[:2]
    rgb32 = rgb32_of(display)
    image = QImage(rgb32.data, columns, rows, columns * 4, QImage.Format.Format_RGB32)
    image.pixels = rgb32  # type: ignore[attr-defined]  # QImage borrows the buffer: it must live as long
    return image


def halved(display: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the area average at half the size; an odd last row or column is dropped."""
    import numpy as np

    rows, columns = display.shape[0] // 2 * 2, display.shape[1] // 2 * 2
    even = display[:rows, :columns]
    if even.ndim == 2:
        # two neighbours are read as one number of 16 bits: three times as fast as two strided passes
        pairs = np.ascontiguousarray(even).view(np.uint16)
        beside = (pairs & 0xFF) + (pairs >> 8)
        total = beside[0::2] + beside[1::2]
    else:
        above = np.add(even[0::2], even[1::2], dtype=np.uint16)
        total = above[:, 0::2] + above[:, 1::2]
    total += 2
    total >>= 2
    return total.astype(np.uint8)


class PictureView(QWidget):
    """Paints one picture on black; the mouse and the keys belong to its pane."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._reduced: list[NDArray[np.uint8]] = []
        self._images: dict[int, QImage] = {}
        self._display: NDArray[np.uint8] | None = None
        self._transform = QTransform()
        self._scale = 1.0
        self.smooth = True

    def set_display(self, display: NDArray[np.uint8] | None) -> None:
        """Show new display values, or nothing."""
        self._display = display
        self._reduced = [] if display is None else [display]
        self._images = {}
        self.update()

    def set_image(self, image: QImage) -> None:
        """Show a picture that was drawn elsewhere, until there are display values."""
        self._display, self._reduced = None, []
        self._images = {0: image}
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
            if not self._images and self._display is None:
                return
            image, columns, rows = self._level()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.smooth)
            painter.setTransform(self._transform)
            painter.drawImage(QRectF(0, 0, columns, rows), image)

    def _level(self) -> tuple[QImage, int, int]:
        """Return the smallest halved image not coarser than the screen: bilinear alone aliases when reduced."""
        if self._display is None:
            return self._images[0], self._images[0].width(), self._images[0].height()
        wanted, scale = 0, self._scale
        while scale < 0.5 and min(self._display.shape[:2]) >> (wanted + 1) >= 16:
            scale *= 2
            wanted += 1
        while len(self._reduced) <= wanted:
            self._reduced.append(halved(self._reduced[-1]))
        small = self._reduced[wanted]
        if wanted not in self._images:
            self._images[wanted] = to_qimage(small)
        return self._images[wanted], small.shape[1] << wanted, small.shape[0] << wanted
