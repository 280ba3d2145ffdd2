"""Everything drawn over a picture in screen pixels: corner text, letters, ruler, slice bar, lines, notices."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from workstation.viewing.corner_text import Corners

PAD = 8
BAR_WIDTH = 6
TEXT = QColor("#e8e6e1")
QUIET = QColor("#a8a59e")
ACCENT = QColor("#4fb3d9")
WARNING = QColor("#f0b429")
LINE = QColor("#7fd1a8")
CROSS = {"axial": QColor("#e06c75"), "coronal": QColor("#7fd17f"), "sagittal": QColor("#e5c07b")}
SMALLEST_FOR_FULL = 260
"""Logical pixels of width below which corner text shrinks."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A polyline in screen pixels with a colour name and an optional dash and thickness."""

    points: tuple[tuple[float, float], ...]
    color: str = "line"
    width: float = 1.2
    dashed: bool = False
    closed: bool = False


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
    bar: SliceBar = field(default_factory=SliceBar)
    strokes: tuple[Stroke, ...] = ()
    labels: tuple[Label, ...] = ()
    notice: str = ""
    notice_detail: str = ""
    banner: str = ""
    active: bool = False
    focus_shown: bool = True


COLORS = {
    "line": LINE,
    "measure": QColor("#ffd166"),
    "selected": QColor("#ffffff"),
    "accent": ACCENT,
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
        font = QFont(self.font())
        smallest, largest = 9.0, 12.0
        share = (min(self.width(), self.height() * 1.3) - 180) / 400
        font.setPixelSize(round(smallest + (largest - smallest) * min(max(share, 0.0), 1.0)))
        return font

    def paintEvent(self, event: QPaintEvent) -> None:
        content = self._content
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(self.text_font())
            self._paint_strokes(painter, content.strokes)
            self._paint_corners(painter, content)
            self._paint_letters(painter, content.letters)
            if content.ruler is not None:
                self._paint_ruler(painter, content.ruler)
            self._paint_bar(painter, content.bar)
            for label in content.labels:
                _outlined(painter, QPointF(label.x, label.y), label.text, COLORS.get(label.color, TEXT))
            self._paint_notice(painter, content)
            self._paint_frame(painter, content)

    def _paint_strokes(self, painter: QPainter, strokes: tuple[Stroke, ...]) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for stroke in strokes:
            if len(stroke.points) < 2:
                continue
            path = QPainterPath(QPointF(*stroke.points[0]))
            for point in stroke.points[1:]:
                path.lineTo(QPointF(*point))
            if stroke.closed:
                path.closeSubpath()
            shadow = QPen(QColor(0, 0, 0, 150), stroke.width + 1.6)
            painter.setPen(shadow)
            painter.drawPath(path)
            pen = QPen(COLORS.get(stroke.color, LINE), stroke.width)
            if stroke.dashed:
                pen.setDashPattern([5, 4])
            painter.setPen(pen)
            painter.drawPath(path)

    def _paint_corners(self, painter: QPainter, content: OverlayContent) -> None:
        corners = content.corners
        metrics = QFontMetricsF(painter.font())
        height = metrics.lineSpacing()
        right = self.width() - PAD - (BAR_WIDTH + 6 if content.bar.count > 1 else 0)
        half = (right - PAD) / 2 - 14
        for lines, on_right, at_bottom in (
            (corners.top_left, False, False),
            (corners.top_right, True, False),
            (corners.bottom_left, False, True),
            (corners.bottom_right, True, True),
        ):
            y = (
                self.height() - PAD - height * (len(lines) - 1) - metrics.descent()
                if at_bottom
                else PAD + metrics.ascent()
            )
            for number, line in enumerate(lines):
                room = half if self.width() < 700 else half * 0.9
                text = metrics.elidedText(line, Qt.TextElideMode.ElideRight, room)
                x = right - metrics.horizontalAdvance(text) if on_right else PAD
                strong = not at_bottom and not on_right and number == 0
                color = WARNING if line.startswith(("LOSSY", "raw", "burned", "W/L not")) else TEXT if strong else QUIET
                _outlined(painter, QPointF(x, y), text, color)
                y += height

    def _paint_letters(self, painter: QPainter, letters: tuple[str, str, str, str]) -> None:
        metrics = QFontMetricsF(painter.font())
        left, right, top, bottom = letters
        middle_y = self.height() / 2 + metrics.ascent() / 2
        width = metrics.horizontalAdvance
        _outlined(painter, QPointF(PAD, middle_y), left, TEXT)
        _outlined(painter, QPointF(self.width() - PAD - BAR_WIDTH - 8 - width(right), middle_y), right, TEXT)
        _outlined(painter, QPointF((self.width() - width(top)) / 2, PAD + metrics.ascent()), top, TEXT)
        _outlined(
            painter, QPointF((self.width() - width(bottom)) / 2, self.height() - PAD - metrics.descent()), bottom, TEXT
        )

    def _paint_ruler(self, painter: QPainter, ruler: Ruler) -> None:
        x = float(self.width() - PAD - BAR_WIDTH - 12)
        top = (self.height() - ruler.length) / 2
        metrics = QFontMetricsF(painter.font())
        x -= metrics.horizontalAdvance("RPH") + 6
        for pen in (QPen(QColor(0, 0, 0, 150), 3.0), QPen(TEXT, 1.2)):
            painter.setPen(pen)
            painter.drawLine(QPointF(x, top), QPointF(x, top + ruler.length))
            for part in range(11):
                tick = 7 if part % 5 == 0 else 4
                y = top + ruler.length * part / 10
                painter.drawLine(QPointF(x - tick, y), QPointF(x, y))
        _outlined(
            painter, QPointF(x - metrics.horizontalAdvance(ruler.text), top + ruler.length + 14), ruler.text, TEXT
        )
        if ruler.source:
            width = metrics.horizontalAdvance(ruler.source)
            _outlined(painter, QPointF(x - width, top + ruler.length + 14 + metrics.lineSpacing()), ruler.source, QUIET)

    def _paint_bar(self, painter: QPainter, bar: SliceBar) -> None:
        if bar.count < 2:
            return
        top, height = 4.0, self.height() - 8.0
        x = self.width() - BAR_WIDTH - 3.0
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
        painter.setBrush(TEXT)
        knob = max(each, 5.0)
        y = top + (bar.index + 0.5) * each - knob / 2
        painter.drawRoundedRect(QRectF(x - 2, min(max(y, top), top + height - knob), BAR_WIDTH + 4, knob), 2, 2)

    def _paint_notice(self, painter: QPainter, content: OverlayContent) -> None:
        if content.banner:
            metrics = QFontMetricsF(painter.font())
            width = metrics.horizontalAdvance(content.banner) + 20
            box = QRectF((self.width() - width) / 2, 26, width, metrics.height() + 8)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(90, 60, 0, 220))
            painter.drawRoundedRect(box, 4, 4)
            painter.setPen(WARNING)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, content.banner)
        if content.notice:
            font = QFont(painter.font())
            font.setPixelSize(15)
            painter.setFont(font)
            box = QRectF(self.rect()).adjusted(30, 60, -30, -60)
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            detail = f"\n\n{content.notice_detail}" if content.notice_detail else ""
            painter.setPen(QUIET)
            painter.drawText(box, flags, content.notice + detail)

    def _paint_frame(self, painter: QPainter, content: OverlayContent) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if content.active and content.focus_shown:
            painter.setPen(QPen(ACCENT, 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))


def _outlined(painter: QPainter, at: QPointF, text: str, color: QColor) -> None:
    """Draw text readable on any grey."""
    if not text:
        return
    painter.setPen(QColor(0, 0, 0, 210))
    for dx, dy in ((1, 1), (-1, 1), (1, -1), (-1, -1)):
        painter.drawText(QPointF(at.x() + dx * 0.8, at.y() + dy * 0.8), text)
    painter.setPen(color)
    painter.drawText(at, text)


def _runs(loaded: frozenset[int], count: int) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for index in sorted(i for i in loaded if 0 <= i < count):
        if runs and runs[-1][1] == index - 1:
            runs[-1] = (runs[-1][0], index)
        else:
            runs.append((index, index))
    return runs
