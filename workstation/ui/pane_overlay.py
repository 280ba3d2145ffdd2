"""Everything drawn over a picture in screen pixels: corner text, letters, ruler, slice bar, lines, notices."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QRegion,
)
from PySide6.QtWidgets import QWidget

from workstation import stopwatch
from workstation.ui.kept_pixmap import KeptPixmap
from workstation.ui.overlay_text import Line, corner_lines, draw_text, kept_text
from workstation.viewing.corner_text import Corners

PAD = 8
BAR_WIDTH = 6
TEXT = QColor("#e8e6e1")
QUIET = QColor("#c4c1b9")
FAINT = QColor("#7d7b76")
ACCENT = QColor("#4fb3d9")
WARNING = QColor("#f0b429")
LINE = QColor("#7fd1a8")
STAR = QColor("#ffd166")
TONES = {"strong": QColor("#ffffff"), "quiet": QUIET, "warning": WARNING}
CROSS = {"axial": QColor("#e06c75"), "coronal": QColor("#7fd17f"), "sagittal": QColor("#e5c07b")}
RULER_ROOM = 14
SHADOW = QColor(0, 0, 0, 150)
DASH, SPACE = 6.0, 5.0
"""Logical pixels of a dash and of the space to the next."""
HANDLE = 4.8
"""Logical pixels from the middle of a handle to its edge."""
FAINT_HANDLE = 0.55
COLORS_WIDTH = 10
"""Logical pixels of the bar of a colour map."""
TAB = 3
"""Logical pixels of the bar in the colour of a section, at the top of its pane."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A polyline in screen pixels with a colour name and an optional dash and thickness."""

    points: tuple[tuple[float, float], ...]
    color: str = "line"
    width: float = 1.2
    dashed: bool = False
    closed: bool = False
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Handle:
    """What can be taken hold of at a screen point: round to turn a line, square to make a slab thicker.

    A ``strong`` one is under the pointer; one is ``faint`` while the pointer is in another pane.
    """

    x: float
    y: float
    color: str
    round: bool = True
    strong: bool = False
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """Text at a screen point."""

    x: float
    y: float
    text: str
    color: str = "measure"


@dataclass(frozen=True, slots=True)
class Ruler:
    """A scale bar: its length in screen pixels, its text and where the scale comes from."""

    length: float
    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class ColorBar:
    """The colours of a map beside the picture, ``low`` at the bottom; with ``inverted`` they run the other way."""

    color_map: str
    low: str
    high: str
    inverted: bool = False


@dataclass(frozen=True, slots=True)
class SliceBar:
    """Position in the stack, which frames are in memory, and where events are."""

    count: int = 0
    index: int = 0
    loaded: frozenset[int] = frozenset()
    marks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OverlayContent:
    """All that an overlay draws, as one value."""

    corners: Corners = field(default_factory=Corners)
    letters: tuple[str, str, str, str] = ("", "", "", "")
    ruler: Ruler | None = None
    color_bar: ColorBar | None = None
    bar: SliceBar = field(default_factory=SliceBar)
    strokes: tuple[Stroke, ...] = ()
    handles: tuple[Handle, ...] = ()
    tab: str = ""
    labels: tuple[Label, ...] = ()
    notice: str = ""
    notice_detail: str = ""
    quiet: bool = False
    banner: str = ""
    starred: bool = False
    active: bool = False
    focus_shown: bool = True


COLORS = {
    "line": LINE,
    "end": QColor("#4d7f66"),
    "measure": QColor("#ffd166"),
    "selected": QColor("#ffffff"),
    "accent": ACCENT,
    "report": QColor("#ff9ecb"),
    "warning": WARNING,
    **CROSS,
}


class PaneOverlay(QWidget):
    """Transparent to the mouse; draws one :class:`OverlayContent`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self._content = OverlayContent()
        self._text_font: QFont | None = None
        self._places: tuple[QPointF, ...] = ()
        self._places_for: tuple[object, ...] = ()
        self._letters: list[tuple[QPointF, QPixmap]] = []
        self._letters_for: tuple[object, ...] = ()
        self._kept_ruler, self._kept_bar, self._kept_colors = KeptPixmap(), KeptPixmap(), KeptPixmap()

    @property
    def content(self) -> OverlayContent:
        """What is drawn."""
        return self._content

    def set_content(self, content: OverlayContent) -> None:
        """Draw something else."""
        if content != self._content:
            self._content = content
            self.update()

    def text_font(self) -> QFont:
        """Return the corner text font: smaller in small panes (features D3)."""
        smallest, largest = 9.0, 12.0
        share = (min(self.width(), self.height() * 1.3) - 180) / 400
        size = round(smallest + (largest - smallest) * min(max(share, 0.0), 1.0))
        if self._text_font is None or self._text_font.pixelSize() != size:
            self._text_font = QFont(self.font())
            self._text_font.setPixelSize(size)
        return self._text_font

    def paintEvent(self, event: QPaintEvent) -> None:
        with stopwatch.timing(stopwatch.GRAPHICS), QPainter(self) as painter:
            content = self._content
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(self.text_font())
            self._paint_strokes(painter, content)
            self._paint_handles(painter, content.handles)
            self._paint_corners(painter)
            self._paint_star(painter)
            self._paint_letters(painter, content)
            self._paint_ruler(painter, content)
            self._paint_bar(painter, content.bar)
            self._paint_colors(painter, content.color_bar)
            for label in content.labels:
                draw_text(painter, QPointF(label.x, label.y), label.text, COLORS.get(label.color, TEXT))
            self._paint_notice(painter, content)
            self._paint_frame(painter, content)

    def _paint_strokes(self, painter: QPainter, content: OverlayContent) -> None:
        if not content.strokes:
            return
        painter.setClipRegion(self._open_region(content, QFontMetricsF(painter.font())))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for stroke in content.strokes:
            if len(stroke.points) < 2:
                continue
            path = QPainterPath(QPointF(*stroke.points[0]))
            for point in stroke.points[1:]:
                path.lineTo(QPointF(*point))
            if stroke.closed:
                path.closeSubpath()
            painter.setOpacity(stroke.opacity)
            for color, width in ((SHADOW, stroke.width + 1.6), (COLORS.get(stroke.color, LINE), stroke.width)):
                pen = QPen(color, width)
                if stroke.dashed:
                    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
                    pen.setDashPattern([DASH / width, SPACE / width])
                painter.setPen(pen)
                painter.drawPath(path)
        painter.setOpacity(1.0)
        painter.setClipping(False)

    def _paint_handles(self, painter: QPainter, handles: tuple[Handle, ...]) -> None:
        for handle in handles:
            painter.setOpacity(FAINT_HANDLE if handle.faint else 1.0)
            color = COLORS.get(handle.color, LINE)
            size = HANDLE + 1.5 if handle.strong else HANDLE
            box = QRectF(handle.x - size, handle.y - size, 2 * size, 2 * size)
            if not handle.round:
                box.adjust(1, 1, -1, -1)
            inside = color if handle.strong else QColor(0, 0, 0, 120)
            for pen, brush in ((QPen(SHADOW, 3.6), Qt.BrushStyle.NoBrush), (QPen(color, 1.6), inside)):
                painter.setPen(pen)
                painter.setBrush(brush)
                if handle.round:
                    painter.drawEllipse(box)
                else:
                    painter.drawRect(box)
        painter.setOpacity(1.0)

    def _open_region(self, content: OverlayContent, metrics: QFontMetricsF) -> QRegion:
        """Return where lines may run: not through a letter."""
        region = QRegion(self.rect())
        places = self.letter_places(content, metrics)
        reach = ((-PAD, 0, 3, 0), (-3, 0, 3 * PAD, 0), (0, -PAD, 0, 1), (0, -1, 0, PAD))
        for letter, place, (left, top, right, bottom) in zip(content.letters, places, reach, strict=True):
            if letter:
                box = QRectF(
                    place.x(), place.y() - metrics.ascent(), metrics.horizontalAdvance(letter), metrics.height()
                )
                region -= QRegion(box.adjusted(left - 2, top, right + 2, bottom).toAlignedRect())
        return region

    def _right_edge(self, content: OverlayContent) -> float:
        return self.width() - PAD - (BAR_WIDTH + 6 if content.bar.count > 1 else 0)

    def _lines(self, metrics: QFontMetricsF) -> Iterator[Line]:
        content, letters = self._content, (self._content.letters[2], self._content.letters[3])
        right, bottom = self._right_edge(content), self.height() - PAD
        return corner_lines(content.corners, letters, metrics, PAD, right, PAD, bottom)

    def _paint_corners(self, painter: QPainter) -> None:
        for line in self._lines(QFontMetricsF(painter.font())):
            draw_text(painter, QPointF(line.x, line.y), line.text, TONES[line.tone])

    def line_at(self, at: QPoint) -> str:
        """Return the line of corner text at a point, as it is drawn."""
        metrics = QFontMetricsF(self.text_font())
        for line in self._lines(metrics):
            top, width = line.y - metrics.ascent(), metrics.horizontalAdvance(line.text)
            if QRectF(line.x, top, width, metrics.lineSpacing()).contains(at.toPointF()):
                return line.text
        return ""

    def star_place(self) -> QRectF:
        """Return where the star of a key image stands, below the text at the top right; empty where there is none."""
        if not self._content.starred:
            return QRectF()
        line = QFontMetricsF(self.text_font()).lineSpacing()
        top, size = PAD + 3 + line * len(self._content.corners.top_right), 1.4 * line
        return QRectF(self._right_edge(self._content) - size, top, size, size)

    def _paint_star(self, painter: QPainter) -> None:
        place = self.star_place()
        if place.isEmpty():
            return
        painter.setPen(QPen(SHADOW, 1.6))
        painter.setBrush(STAR)
        painter.drawPolygon(_star(place))

    def letter_places(self, content: OverlayContent, metrics: QFontMetricsF) -> tuple[QPointF, ...]:
        """Return the baselines of the left, right, top and bottom letter; the ruler stands outside the right one."""
        key = (content.letters, self._right_edge(content), content.ruler is None, self.size(), metrics.height())
        if key != self._places_for:
            self._places_for, self._places = key, self._letter_places(content, metrics)
        return self._places

    def _letter_places(self, content: OverlayContent, metrics: QFontMetricsF) -> tuple[QPointF, ...]:
        advance = metrics.horizontalAdvance
        middle_y = self.height() / 2 + metrics.ascent() / 2
        _, right, top, bottom = content.letters
        edge = self._right_edge(content) - (RULER_ROOM if content.ruler is not None else 0)
        return (
            QPointF(PAD, middle_y),
            QPointF(edge - advance(right), middle_y),
            QPointF((self.width() - advance(top)) / 2, PAD + metrics.ascent()),
            QPointF((self.width() - advance(bottom)) / 2, self.height() - PAD - metrics.descent()),
        )

    def _paint_letters(self, painter: QPainter, content: OverlayContent) -> None:
        places = self.letter_places(content, QFontMetricsF(painter.font()))
        key = (content.letters, places, painter.font().key(), self.devicePixelRatioF())
        if key != self._letters_for:
            self._letters_for = key
            pairs = zip(content.letters, places, strict=True)
            self._letters = [kept_text(painter, place, letter, TEXT) for letter, place in pairs if letter]
        for corner, drawn in self._letters:
            painter.drawPixmap(corner, drawn)

    def _paint_ruler(self, painter: QPainter, content: OverlayContent) -> None:
        ruler = content.ruler
        if ruler is None:
            return
        x = float(self._right_edge(content))
        top = (self.height() - ruler.length) / 2
        metrics = QFontMetricsF(painter.font())
        widest = max(metrics.horizontalAdvance(ruler.text), metrics.horizontalAdvance(ruler.source), 8) + PAD
        area = QRectF(x - widest, top - PAD, widest + PAD, ruler.length + 3 * metrics.lineSpacing() + PAD)
        self._kept_ruler.draw(painter, area, (ruler, x, top), lambda inner: self._draw_ruler(inner, ruler, x, top))

    def _draw_ruler(self, painter: QPainter, ruler: Ruler, x: float, top: float) -> None:
        metrics = QFontMetricsF(painter.font())
        for pen in (QPen(QColor(0, 0, 0, 150), 3.0), QPen(TEXT, 1.2)):
            painter.setPen(pen)
            painter.drawLine(QPointF(x, top), QPointF(x, top + ruler.length))
            for part in range(11):
                tick = 7 if part % 5 == 0 else 4
                y = top + ruler.length * part / 10
                painter.drawLine(QPointF(x - tick, y), QPointF(x, y))
        y = top + ruler.length + metrics.ascent() + 4
        for text, color in ((ruler.text, TEXT), (ruler.source, QUIET)):
            draw_text(painter, QPointF(x - metrics.horizontalAdvance(text), y), text, color)
            y += metrics.lineSpacing()

    def _paint_colors(self, painter: QPainter, bar: ColorBar | None) -> None:
        if bar is None:
            return
        top, height = round(self.height() * 0.3), round(self.height() * 0.4)
        left = PAD + 2 * painter.font().pixelSize()
        area = QRectF(left - 1, top - 1, COLORS_WIDTH + 2, height + 2)
        key = (bar.color_map, bar.inverted)
        self._kept_colors.draw(painter, area, key, lambda inner: _draw_colors(inner, bar, left, top, height))
        metrics = QFontMetricsF(painter.font())
        beside = left + COLORS_WIDTH + 5
        draw_text(painter, QPointF(beside, top + metrics.ascent() / 2), bar.high, QUIET)
        draw_text(painter, QPointF(beside, top + height + metrics.ascent() / 2), bar.low, QUIET)

    def _paint_bar(self, painter: QPainter, bar: SliceBar) -> None:
        if bar.count < 2:
            return
        top, height = 4.0, self.height() - 8.0
        x = self.width() - BAR_WIDTH - 3.0
        area = QRectF(x - 3, 0, BAR_WIDTH + 6, self.height())
        key = (bar.count, bar.loaded, bar.marks)
        self._kept_bar.draw(painter, area, key, lambda inner: self._draw_bar(inner, bar, x, top, height))
        each = height / bar.count
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(TEXT)
        knob = max(each, 5.0)
        y = top + (bar.index + 0.5) * each - knob / 2
        painter.drawRoundedRect(QRectF(x - 2, min(max(y, top), top + height - knob), BAR_WIDTH + 4, knob), 2, 2)

    def _draw_bar(self, painter: QPainter, bar: SliceBar, x: float, top: float, height: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(255, 255, 255, 28))
        painter.drawRoundedRect(QRectF(x, top, BAR_WIDTH, height), 3, 3)
        each = height / bar.count
        painter.setBrush(QColor(79, 179, 217, 110))
        for first, last in _runs(bar.loaded, bar.count):
            painter.drawRect(QRectF(x, top + first * each, BAR_WIDTH, (last - first + 1) * each))
        painter.setBrush(WARNING)
        for mark in bar.marks:
            painter.drawRect(QRectF(x - 3, top + (mark + 0.5) * each - 1, BAR_WIDTH + 3, 2))

    def _paint_notice(self, painter: QPainter, content: OverlayContent) -> None:
        if content.banner:
            metrics = QFontMetricsF(painter.font())
            width = metrics.horizontalAdvance(content.banner) + 20
            rows = max(len(content.corners.top_left) + 1.6, len(content.corners.top_right), 1)
            top = PAD + rows * metrics.lineSpacing() + 4
            box = QRectF((self.width() - width) / 2, top, width, metrics.height() + 8)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(90, 60, 0, 220))
            painter.drawRoundedRect(box, 4, 4)
            painter.setPen(WARNING)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, content.banner)
        if content.notice:
            font = QFont(painter.font())
            font.setPixelSize(15 if self.width() > 320 else 12)
            painter.setFont(font)
            aside = 30 if self.width() > 320 else 10
            box = QRectF(self.rect()).adjusted(aside, 40, -aside, -40)
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            detail = f"\n\n{content.notice_detail}" if content.notice_detail else ""
            painter.setPen(FAINT if content.quiet else QUIET)
            painter.drawText(box, flags, content.notice + detail)

    def _paint_frame(self, painter: QPainter, content: OverlayContent) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if content.active and content.focus_shown:
            painter.setPen(QPen(ACCENT, 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        if content.tab:
            painter.fillRect(0, 0, self.width(), TAB, COLORS.get(content.tab, LINE))


def _draw_colors(painter: QPainter, bar: ColorBar, left: int, top: int, height: int) -> None:
    from workstation.imaging.color_maps import ramp_of

    words = ramp_of(bar.color_map)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(left - 1, top - 1, COLORS_WIDTH + 2, height + 2, SHADOW)
    for line in range(height):
        grey = round(255 * line / max(height - 1, 1))
        word = int(words[grey if bar.inverted else 255 - grey])
        painter.fillRect(left, top + line, COLORS_WIDTH, 1, QColor.fromRgb(word))


def _star(place: QRectF) -> QPolygonF:
    """Return a star of five points that fits a square."""
    reach = place.width() / 2
    corners = []
    for number in range(10):
        radius, angle = reach * (1.0 if number % 2 == 0 else 0.42), math.pi * number / 5
        corners.append(place.center() + QPointF(radius * math.sin(angle), -radius * math.cos(angle)))
    return QPolygonF(corners)


def _runs(loaded: frozenset[int], count: int) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for index in sorted(i for i in loaded if 0 <= i < count):
        if runs and runs[-1][1] == index - 1:
            runs[-1] = (runs[-1][0], index)
        else:
            runs.append((index, index))
    return runs
