"""Pictures with their text and lines, painted for film and paper: on any device, at any resolution, on any thread.

A pane is painted in its own coordinates and the painter enlarges it: pixels come from the picture, not from the
screen, and text and lines stay text and lines where the device has such. No QPixmap is used, which belongs to the
window's thread.
"""

from __future__ import annotations

import math
from time import sleep
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QPolygonF, QTransform

from workstation.ui.overlay_text import corner_lines
from workstation.ui.pane_overlay import (
    COLORS,
    COLORS_WIDTH,
    DASH,
    LINE,
    PAD,
    QUIET,
    RULER_ROOM,
    SHADOW,
    SPACE,
    STAR,
    TEXT,
    TONES,
    WARNING,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from workstation.ui.pane_overlay import ColorBar, OverlayContent, Ruler, Stroke
    from workstation.viewing.corner_text import Corners
    from workstation.viewing.display_transform import DisplayTransform

RIM, RIM_COLOR = 0.26, QColor(0, 0, 0, 225)
"""Width of the dark rim of letters, by their height, and its colour: text must be read on white bone and black air."""

BAND, LAP = 1 << 15, 4
"""Pixels that are drawn at once, and rows by which such bands lap over each other, so that no seam shows.

Qt keeps the interpreter while it draws and packs an image: the window would stand still for a large one.
"""
REST = 0.001
"""Seconds between two bands, in which the window has its turn."""


def image_of(pixels: NDArray[np.uint8]) -> QImage:
    """Return pixels, (rows, columns) grey or (rows, columns, 3) RGB, as an image that owns its bytes."""
    import numpy as np

    lines = np.ascontiguousarray(pixels)
    rows, columns = lines.shape[:2]
    kind = QImage.Format.Format_Grayscale8 if lines.ndim == 2 else QImage.Format.Format_RGB888
    return QImage(lines.data, columns, rows, lines.strides[0], kind).copy()


def draw_pixels(painter: QPainter, target: QRectF, pixels: NDArray[np.uint8]) -> None:
    """Draw pixels into a place; where the device has far fewer, each of its shows the mean of what it covers."""
    t = painter.combinedTransform()
    across = math.hypot(t.m11(), t.m12()) * target.width() / pixels.shape[1]
    factor = int(1 / across) if across > 0 else 1
    if factor >= 2:
        from PIL import Image

        small = Image.fromarray(pixels).reduce(factor)
        pixels = _array_of(small)
    rows, columns = pixels.shape[:2]
    each = max(BAND // columns, 2 * LAP)
    for top in range(0, rows, each):
        first, last = max(top - LAP, 0), min(top + each, rows)
        high = target.height() / rows
        band = QRectF(target.left(), target.top() + first * high, target.width(), (last - first) * high)
        painter.drawImage(band, image_of(pixels[first:last]))
        if last < rows:
            sleep(REST)


def _array_of(picture: object) -> NDArray[np.uint8]:
    import numpy as np

    return np.asarray(picture, np.uint8)


def font_of(base: QFont, height: float) -> QFont:
    """Return a font whose letters are that many units high, laid out alike at every resolution."""
    font = QFont(base)
    font.setPixelSize(max(round(height), 1))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def draw_words(painter: QPainter, at: QPointF, text: str, color: QColor) -> None:
    """Draw text at a baseline with a dark rim, which is a line and not text a second time."""
    if not text:
        return
    rim = QPainterPath()
    rim.addText(at, painter.font(), text)
    painter.strokePath(rim, QPen(RIM_COLOR, max(RIM * painter.font().pixelSize(), 1.0), j=Qt.PenJoinStyle.RoundJoin))
    painter.setPen(color)
    painter.drawText(at, text)


def draw_corners(painter: QPainter, area: QRectF, corners: Corners, letters: tuple[str, str] = ("", "")) -> None:
    """Draw the text of the four corners into an area, in the painter's font."""
    metrics = QFontMetricsF(painter.font())
    for line in corner_lines(corners, letters, metrics, area.left(), area.right(), area.top(), area.bottom()):
        draw_words(painter, QPointF(line.x, line.y), line.text, TONES[line.tone])


def draw_pane(
    painter: QPainter,
    size: tuple[int, int],
    pixels: NDArray[np.uint8] | None,
    transform: DisplayTransform,
    content: OverlayContent,
    font: QFont,
    *,
    smooth: bool = True,
) -> None:
    """Draw a pane of ``size`` (width, height) as on screen; ``pixels`` are display values on the picture's own grid."""
    width, height = size
    area = QRectF(0, 0, width, height)
    painter.save()
    painter.setClipRect(area)
    painter.fillRect(area, Qt.GlobalColor.black)
    if pixels is not None:
        t = transform
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.setTransform(QTransform(t.a, t.c, t.b, t.d, t.tx, t.ty), True)
        rows, columns = pixels.shape[:2]
        draw_pixels(painter, QRectF(0, 0, columns, rows), pixels)
        painter.restore()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font)
    _Content(painter, content, width, height).draw()
    painter.restore()


class _Content:
    """Draws what stands over a picture, where a pane has it on screen."""

    def __init__(self, painter: QPainter, content: OverlayContent, width: int, height: int) -> None:
        self._painter, self._content = painter, content
        self._width, self._height = width, height
        self._metrics = QFontMetricsF(painter.font())
        self._right = width - PAD

    def draw(self) -> None:
        content, painter = self._content, self._painter
        painter.save()
        painter.setClipPath(self._open_path(), Qt.ClipOperation.IntersectClip)
        for stroke in content.strokes:
            self._stroke(stroke)
        painter.restore()
        area = QRectF(PAD, PAD, self._width - 2 * PAD, self._height - 2 * PAD)
        draw_corners(painter, area, content.corners, (content.letters[2], content.letters[3]))
        self._letters()
        if content.starred:
            self._star()
        if content.ruler is not None:
            self._ruler(content.ruler)
        if content.color_bar is not None:
            self._colors(content.color_bar)
        for label in content.labels:
            draw_words(painter, QPointF(label.x, label.y), label.text, COLORS.get(label.color, TEXT))
        self._notices()

    def _stroke(self, stroke: Stroke) -> None:
        if len(stroke.points) < 2:
            return
        path = QPainterPath(QPointF(*stroke.points[0]))
        for point in stroke.points[1:]:
            path.lineTo(QPointF(*point))
        if stroke.closed:
            path.closeSubpath()
        self._painter.setOpacity(stroke.opacity)
        for color, width in ((SHADOW, stroke.width + 1.6), (COLORS.get(stroke.color, LINE), stroke.width)):
            pen = QPen(color, width)
            if stroke.dashed:
                pen.setCapStyle(Qt.PenCapStyle.FlatCap)
                pen.setDashPattern([DASH / width, SPACE / width])
            self._painter.strokePath(path, pen)

    def _open_path(self) -> QPainterPath:
        """Return where lines may run: not through a letter."""
        path = QPainterPath()
        path.addRect(QRectF(0, 0, self._width, self._height))
        reach = ((-PAD, 0, 3, 0), (-3, 0, 3 * PAD, 0), (0, -PAD, 0, 1), (0, -1, 0, PAD))
        for (letter, x, y), (left, top, right, bottom) in zip(self._letter_places(), reach, strict=True):
            if letter:
                hole = QPainterPath()
                metrics = self._metrics
                box = QRectF(x, y - metrics.ascent(), metrics.horizontalAdvance(letter), metrics.height())
                hole.addRect(box.adjusted(left - 2, top, right + 2, bottom))
                path -= hole
        return path

    def _letter_places(self) -> tuple[tuple[str, float, float], ...]:
        """Return the letters with their baselines: left, right, top, bottom."""
        metrics, advance = self._metrics, self._metrics.horizontalAdvance
        left, right, top, bottom = self._content.letters
        middle = self._height / 2 + metrics.ascent() / 2
        edge = self._right - (RULER_ROOM if self._content.ruler is not None else 0)
        return (
            (left, PAD, middle),
            (right, edge - advance(right), middle),
            (top, (self._width - advance(top)) / 2, PAD + metrics.ascent()),
            (bottom, (self._width - advance(bottom)) / 2, self._height - PAD - metrics.descent()),
        )

    def _letters(self) -> None:
        for letter, x, y in self._letter_places():
            draw_words(self._painter, QPointF(x, y), letter, TEXT)

    def _star(self) -> None:
        line = self._metrics.lineSpacing()
        reach = 0.7 * line
        middle = QPointF(self._right - reach, PAD + 3 + line * len(self._content.corners.top_right) + reach)
        points = []
        for number in range(10):
            radius, angle = reach * (1.0 if number % 2 == 0 else 0.42), math.pi * number / 5
            points.append(middle + QPointF(radius * math.sin(angle), -radius * math.cos(angle)))
        self._painter.setPen(QPen(SHADOW, 1.6))
        self._painter.setBrush(STAR)
        self._painter.drawPolygon(QPolygonF(points))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)

    def _ruler(self, ruler: Ruler) -> None:
        painter, metrics, x = self._painter, self._metrics, float(self._right)
        top = (self._height - ruler.length) / 2
        for pen in (QPen(SHADOW, 3.0), QPen(TEXT, 1.2)):
            painter.setPen(pen)
            painter.drawLine(QPointF(x, top), QPointF(x, top + ruler.length))
            for part in range(11):
                y = top + ruler.length * part / 10
                painter.drawLine(QPointF(x - (7 if part % 5 == 0 else 4), y), QPointF(x, y))
        y = top + ruler.length + metrics.ascent() + 4
        for text, color in ((ruler.text, TEXT), (ruler.source, QUIET)):
            draw_words(painter, QPointF(x - metrics.horizontalAdvance(text), y), text, color)
            y += metrics.lineSpacing()

    def _colors(self, bar: ColorBar) -> None:
        from workstation.imaging.color_maps import ramp_of

        painter, metrics = self._painter, self._metrics
        top, height = self._height * 0.3, self._height * 0.4
        left = PAD + 2 * painter.font().pixelSize()
        words, each = ramp_of(bar.color_map), height / 256
        painter.fillRect(QRectF(left - 1, top - 1, COLORS_WIDTH + 2, height + 2), SHADOW)
        for line in range(256):
            word = int(words[line if bar.inverted else 255 - line])
            painter.fillRect(QRectF(left, top + line * each, COLORS_WIDTH, each * 1.05), QColor.fromRgb(word))
        beside = left + COLORS_WIDTH + 5
        draw_words(painter, QPointF(beside, top + metrics.ascent() / 2), bar.high, QUIET)
        draw_words(painter, QPointF(beside, top + height + metrics.ascent() / 2), bar.low, QUIET)

    def _notices(self) -> None:
        content, painter, metrics = self._content, self._painter, self._metrics
        if content.banner:
            width = metrics.horizontalAdvance(content.banner)
            rows = max(len(content.corners.top_left) + 1.6, len(content.corners.top_right), 1)
            y = PAD + rows * metrics.lineSpacing() + 8 + metrics.ascent()
            draw_words(painter, QPointF((self._width - width) / 2, y), content.banner, WARNING)
        if content.notice and not content.quiet:
            painter.setPen(QUIET)
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            box = QRectF(10, 40, self._width - 20, self._height - 80)
            painter.drawText(box, flags, content.notice)
