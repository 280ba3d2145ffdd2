"""The widget that paints one picture: words in a buffer that stays, placed by the display transform.

A plain widget, not a scene: it repaints in half the time and spares every start the import of a plotting library.
Where the screen has fewer pixels than the picture, each shows the mean of what it covers; where it has more, greys
are mixed between neighbours, and the rest is left to Qt. The cost is that of the screen, not of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QRegion, QTransform
from PySide6.QtWidgets import QWidget

from workstation import stopwatch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from workstation.imaging.painting import Painting
    from workstation.viewing.display_transform import DisplayTransform

NEARLY = 1e-6
WHOLE = 1 << 21
"""Pixels up to which a picture is drawn whole, so that moving it costs nothing; of a larger one what is seen."""
BORDER = 2
"""Pixels beyond the edge of the pane that smoothing looks at."""


def to_qimage(display: NDArray[np.uint8]) -> QImage:
    """Return display values, uint8 [row, column] or [row, column, RGB], as an image that owns its bytes (B28, C17)."""
    from workstation.imaging.rgb32 import rgb32_of

    return _image_of(rgb32_of(display))


def _image_of(words: NDArray[np.uint32]) -> QImage:
    rows, columns = words.shape
    image = QImage(words.data, columns, rows, columns * 4, QImage.Format.Format_RGB32)
    image.pixels = words  # type: ignore[attr-defined]  # QImage borrows the buffer: it must live as long
    return image


@dataclass(frozen=True, slots=True)
class _Placed:
    """An image and the map from its pixels to the pane's logical ones."""

    image: QImage
    transform: QTransform
    smooth: bool


class PictureView(QWidget):
    """Paints one picture on black; the mouse and the keys belong to its pane."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._painting: Painting | None = None
        self._image: QImage | None = None
        self._transform: DisplayTransform | None = None
        self._ratio = 1.0
        self._buffer: NDArray[np.uint32] | None = None
        self._filled: tuple[object, ...] = ()
        self._placed: _Placed | None = None
        self.smooth = True
        self._fresh = False
        """Whether the next paint shows something new: only that is counted as a picture."""

    def set_painting(self, painting: Painting | None) -> None:
        """Show another picture or the same under another window, or nothing."""
        if painting is not self._painting or self._image is not None:
            self._painting, self._image, self._fresh = painting, None, True
            self._filled = ()
        self.update()

    def set_image(self, image: QImage) -> None:
        """Show a picture that was drawn elsewhere, until there is one to paint."""
        self._painting, self._image, self._fresh = None, image, True
        self._filled = ()
        self.update()

    def place(self, transform: DisplayTransform, device_ratio: float) -> None:
        """Put the picture where the transform says."""
        if (transform, device_ratio) != (self._transform, self._ratio):
            self._transform, self._ratio, self._fresh = transform, device_ratio, True
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        begin = perf_counter()
        self._paint()
        if self._fresh and (self._painting or self._image) is not None:
            self._fresh = False
            stopwatch.painted(perf_counter() - begin)

    def _paint(self) -> None:
        with QPainter(self) as painter:
            placed = self._prepare()
            if placed is None:
                painter.fillRect(self.rect(), Qt.GlobalColor.black)
                return
            image = placed.image
            target = placed.transform.mapRect(QRectF(0, 0, image.width(), image.height()))
            slanted = placed.transform.m11() and placed.transform.m12()
            for rim in [self.rect()] if slanted else _outside(self.rect(), target):
                painter.fillRect(rim, Qt.GlobalColor.black)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, placed.smooth)
            painter.setTransform(placed.transform)
            painter.drawImage(QPointF(0, 0), image)

    def _prepare(self) -> _Placed | None:
        """Return what to draw; words are made only where the picture, its window or its place have changed."""
        t = self._transform
        if t is None:
            return None
        if self._image is not None:
            return _Placed(self._image, _qtransform(t), self.smooth)
        if self._painting is None:
            return None
        if abs(t.a * t.b) + abs(t.c * t.d) > NEARLY * abs(t.a * t.d - t.b * t.c):
            return self._own_size(t)
        across, down = _step(t.a, t.c) * self._ratio, _step(t.b, t.d) * self._ratio
        smaller = across <= 1 + NEARLY, down <= 1 + NEARLY
        if all(smaller):
            return self._reduced(t, abs(across - 1) < NEARLY and abs(down - 1) < NEARLY)
        if any(smaller):
            return self._reduced_one_way(t, *smaller)
        if self.smooth and self._painting.enlarges_fast and min(self._painting.rows, self._painting.columns) > 1:
            return self._enlarged(t)
        return self._own_size(t)

    # the ways of filling the buffer

    def _own_size(self, t: DisplayTransform) -> _Placed | None:
        """Return the picture's own pixels, for Qt to enlarge."""
        painting = self._painting
        assert painting is not None
        rows, columns = painting.rows, painting.columns
        top, left, bottom, right = 0, 0, rows, columns
        if rows * columns > WHOLE:
            top, left, bottom, right = self._seen(t, rows, columns)
            if bottom <= top or right <= left:
                return None
        wanted = (painting, top, left, bottom, right)
        if wanted != self._filled or self._placed is None:
            words = self._words(bottom - top, right - left)
            painting.write(top, left, words)
            image = _image_of(words)
            self._filled = wanted
        else:
            image = self._placed.image
        moved = QTransform(t.a, t.c, t.b, t.d, *t.to_screen(left, top))
        self._placed = _Placed(image, moved, self.smooth)
        return self._placed

    def _enlarged(self, t: DisplayTransform) -> _Placed | None:
        """Return an image of screen pixels, mixed between the picture's: several times as fast as Qt does it."""
        from workstation.imaging.resampling import points_of

        painting = self._painting
        assert painting is not None
        wanted = (painting, t, self._ratio, self.width(), self.height())
        if wanted == self._filled:
            return self._placed
        turned, across, down, wide, high = self._axes(t)
        sizes = (painting.rows, painting.columns) if turned else (painting.columns, painting.rows)
        along_x = points_of(across, t.tx * self._ratio, sizes[0], wide)
        along_y = points_of(down, t.ty * self._ratio, sizes[1], high)
        self._filled, self._placed = wanted, None
        if along_x is None or along_y is None:
            return None
        words = self._words(along_y.count, along_x.count)
        painting.enlarge(along_y, along_x, turned, words)
        self._placed = self._on_screen(words, along_x.position, along_y.position)
        return self._placed

    def _axes(self, t: DisplayTransform) -> tuple[bool, float, float, int, int]:
        """Return (whether rows run across the screen, steps of its axes, its size), device pixels."""
        ratio = self._ratio
        turned = abs(t.b) > abs(t.a)
        across, down = (t.b, t.c) if turned else (t.a, t.d)
        return turned, across * ratio, down * ratio, round(self.width() * ratio), round(self.height() * ratio)

    def _on_screen(self, words: NDArray[np.uint32], x: int, y: int) -> _Placed:
        """Return words that are pixels of the screen, at a place of it."""
        ratio = self._ratio
        return _Placed(_image_of(words), QTransform(1 / ratio, 0, 0, 1 / ratio, x / ratio, y / ratio), False)

    def _seen(self, t: DisplayTransform, rows: int, columns: int) -> tuple[int, int, int, int]:
        corners = [t.to_image(x, y) for x in (0, self.width()) for y in (0, self.height())]
        return (
            max(0, floor(min(row for _, row in corners)) - BORDER),
            max(0, floor(min(column for column, _ in corners)) - BORDER),
            min(rows, ceil(max(row for _, row in corners)) + BORDER),
            min(columns, ceil(max(column for column, _ in corners)) + BORDER),
        )

    def _reduced(self, t: DisplayTransform, one_to_one: bool) -> _Placed | None:
        """Return an image of screen pixels, turned and mirrored as the transform says."""
        from workstation.imaging.resampling import boxes_of

        painting = self._painting
        assert painting is not None
        wanted = (painting, t, self._ratio, self.width(), self.height())
        if wanted == self._filled:
            return self._placed
        turned, across, down, wide, high = self._axes(t)
        shift_x, shift_y = t.tx * self._ratio, t.ty * self._ratio
        if one_to_one:
            # a picture that falls between the pixels of the screen would be blurred
            shift_x, shift_y = round(shift_x), round(shift_y)
        sizes = (painting.rows, painting.columns) if turned else (painting.columns, painting.rows)
        along_x = boxes_of(across, shift_x, sizes[0], wide)
        along_y = boxes_of(down, shift_y, sizes[1], high)
        self._filled, self._placed = wanted, None
        if along_x is None or along_y is None:
            return None
        words = self._words(along_y.count, along_x.count)
        first_x, step_x = (along_x.count - 1, -1) if along_x.reversed else (0, 1)
        stride = along_x.count
        first_y, step_y = ((along_y.count - 1) * stride, -stride) if along_y.reversed else (0, stride)
        flat = words.reshape(-1)
        if turned:
            painting.average(along_x, along_y, flat, first_x + first_y, step_x, step_y)
        else:
            painting.average(along_y, along_x, flat, first_x + first_y, step_y, step_x)
        self._placed = self._on_screen(words, along_x.position, along_y.position)
        return self._placed

    def _reduced_one_way(self, t: DisplayTransform, fewer_columns: bool, fewer_rows: bool) -> _Placed | None:
        """Return the picture made smaller along one axis; Qt enlarges it along the other."""
        from workstation.imaging.resampling import PARTS, boxes_of, each_pixel

        painting = self._painting
        assert painting is not None
        wanted = (painting, t, self._ratio, self.width(), self.height())
        if wanted == self._filled:
            return self._placed
        top, left, bottom, right = self._seen(t, painting.rows, painting.columns)
        self._filled, self._placed = wanted, None
        if bottom <= top or right <= left:
            return None
        rows, columns = each_pixel(top, bottom), each_pixel(left, right)
        if fewer_columns:
            count = max(1, round(painting.columns * _step(t.a, t.c) * self._ratio))
            columns = boxes_of(count / painting.columns, 0.0, painting.columns, count) or columns
        if fewer_rows:
            count = max(1, round(painting.rows * _step(t.b, t.d) * self._ratio))
            rows = boxes_of(count / painting.rows, 0.0, painting.rows, count) or rows
        words = self._words(rows.count, columns.count)
        painting.average(rows, columns, words.reshape(-1), 0, columns.count, 1)
        x_step = columns.edges[-1] / PARTS / columns.count
        y_step = rows.edges[-1] / PARTS / rows.count
        moved = QTransform(
            t.a * x_step, t.c * x_step, t.b * y_step, t.d * y_step, *t.to_screen(columns.first, rows.first)
        )
        self._placed = _Placed(_image_of(words), moved, self.smooth)
        return self._placed

    def _words(self, rows: int, columns: int) -> NDArray[np.uint32]:
        """Return the buffer in a shape; it is made anew only when it must grow."""
        import numpy as np

        count = rows * columns
        if self._buffer is None or len(self._buffer) < count or len(self._buffer) > 4 * count + WHOLE:
            self._buffer = np.empty(count, np.uint32)
        return self._buffer[:count].reshape(rows, columns)


def _outside(area: QRect, picture: QRectF) -> list[QRect]:
    """Return the parts of an area that a picture does not cover for certain."""
    whole = picture.toRect()
    covered = whole if QRectF(whole) == picture else whole.adjusted(1, 1, -1, -1)
    return list(QRegion(area) - QRegion(covered))  # type: ignore[call-overload]


def _step(x: float, y: float) -> float:
    """Return the length of a step that runs along one axis of the screen."""
    return max(abs(x), abs(y))


def _qtransform(t: DisplayTransform) -> QTransform:
    return QTransform(t.a, t.c, t.b, t.d, t.tx, t.ty)
