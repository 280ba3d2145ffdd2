"""Text over a picture: readable on any grey, laid out so that lines use the room they have, drawn once and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap

from workstation.viewing.corner_text import Corners

HALO = QColor(0, 0, 0, 150)
MARGIN = 3
MOST_KEPT = 600
GAP = 12.0
WIDEST = 0.6
"""Share of a pane's width a line may take: the middle belongs to the picture."""
WARNED = ("LOSSY", "raw", "burned")

_kept: dict[tuple[str, int, str, float], tuple[QPixmap, float]] = {}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of corner text: the left end of its baseline, its words, and how it is coloured."""

    x: float
    y: float
    text: str
    tone: str


def draw_text(painter: QPainter, at: QPointF, text: str, color: QColor) -> None:
    """Draw text with a dark rim at a baseline; each is drawn once and copied from then on."""
    if text:
        painter.drawPixmap(*kept_text(painter, at, text, color))


def kept_text(painter: QPainter, at: QPointF, text: str, color: QColor) -> tuple[QPointF, QPixmap]:
    """Return the drawing of a text, and where its upper left corner stands when its baseline begins at a point."""
    ratio = painter.device().devicePixelRatioF() if painter.device() is not None else 1.0
    font = painter.font()
    key = (text, color.rgba(), font.key(), ratio)
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= MOST_KEPT:
            for old in list(_kept)[: MOST_KEPT // 2]:
                del _kept[old]
        found = _kept[key] = _drawn(text, color, font, ratio), QFontMetricsF(font).ascent()
    drawn, ascent = found
    x, y = at.x() - MARGIN, at.y() - ascent - MARGIN
    # whole device pixels: a copy that falls between them would be blurred
    return QPointF(round(x * ratio) / ratio, round(y * ratio) / ratio), drawn


def _drawn(text: str, color: QColor, font: QFont, ratio: float) -> QPixmap:
    metrics = QFontMetricsF(font)
    width, height = metrics.horizontalAdvance(text) + 2 * MARGIN + 2, metrics.height() + 2 * MARGIN
    pixmap = QPixmap(max(round(width * ratio), 1), max(round(height * ratio), 1))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    base = QPointF(MARGIN, MARGIN + metrics.ascent())
    with QPainter(pixmap) as painter:
        painter.setFont(font)
        painter.setPen(HALO)
        for dx in (-1.0, 0.0, 1.0):
            for dy in (-1.0, 0.0, 1.0):
                if dx or dy:
                    painter.drawText(QPointF(base.x() + dx, base.y() + dy), text)
        painter.setPen(color)
        painter.drawText(base, text)
    return pixmap


def corner_lines(
    corners: Corners,
    letters: tuple[str, str],
    metrics: QFontMetricsF,
    left: float,
    right: float,
    top: float,
    bottom: float,
) -> Iterator[Line]:
    """Yield the lines of the four corners; a line is shortened only where the one opposite needs the room.

    ``letters`` are those at the top and bottom edge: they stand in the outermost rows and keep their place.
    """
    height = metrics.lineSpacing()
    for ours, theirs, letter, at_bottom in (
        (corners.top_left, corners.top_right, letters[0], False),
        (corners.bottom_left, corners.bottom_right, letters[1], True),
    ):
        for row in range(max(len(ours), len(theirs))):
            first = _line(ours, row, at_bottom)
            second = _line(theirs, row, at_bottom)
            y = bottom - metrics.descent() - height * row if at_bottom else top + metrics.ascent() + height * row
            middle = metrics.horizontalAdvance(letter) + GAP if letter and row == 0 else 0.0
            room_left, room_right = _rooms(first, second, right - left, middle, metrics.horizontalAdvance)
            if first:
                shown = metrics.elidedText(first, Qt.TextElideMode.ElideRight, room_left)
                yield Line(left, y, shown, _tone(first, strong=row == 0 and not at_bottom))
            if second:
                shown = metrics.elidedText(second, Qt.TextElideMode.ElideRight, room_right)
                yield Line(right - metrics.horizontalAdvance(shown), y, shown, _tone(second, strong=False))


def _line(lines: tuple[str, ...], row: int, from_below: bool) -> str:
    if row >= len(lines):
        return ""
    return lines[-1 - row] if from_below else lines[row]


def _rooms(
    first: str, second: str, width: float, middle: float, advance: Callable[[str], float]
) -> tuple[float, float]:
    if middle:
        half = max((width - middle - GAP) / 2, 0.0)
        return half, half
    ours, theirs = advance(first) + 1, advance(second) + 1
    most = width * WIDEST if second else width
    if ours + theirs + GAP <= width:
        return (min(ours, most) if width > 500 else ours), theirs
    theirs = min(theirs, max(width * 0.45, width - GAP - ours))
    return max(width - GAP - theirs, 0.0), theirs


def _tone(line: str, *, strong: bool) -> str:
    if line.startswith(WARNED):
        return "warning"
    return "strong" if strong else "quiet"
