"""Keys drawn as key caps: ``Ctrl+Shift+H`` as three small boxes."""

from __future__ import annotations

import re

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter

from workstation.ui import theme
from workstation.ui.widgets import chip_font

_ALTERNATIVES = re.compile(r"\s*,\s+|\s+/\s+")


def parts_of(keys: str) -> list[list[str]]:
    """Return the keys of each alternative: ``"Ctrl++, F1"`` is ``[["Ctrl", "+"], ["F1"]]``."""
    found = []
    for alternative in filter(None, _ALTERNATIVES.split(keys.strip()) if len(keys) > 1 else [keys]):
        names = alternative[:-1].split("+") if alternative.endswith("+") else alternative.split("+")
        found.append([name for name in names if name] + (["+"] if alternative.endswith("+") else []))
    return found


def caps_width(font: QFont, keys: str) -> int:
    """Return the width the caps of ``keys`` take."""
    metrics = QFontMetrics(chip_font(font))
    width = 0
    for number, alternative in enumerate(parts_of(keys)):
        width += 10 if number else 0
        width += sum(_cap_width(metrics, name) + 3 for name in alternative) - 3
    return width


def draw_caps(painter: QPainter, area: QRect, keys: str, *, right: bool = False) -> None:
    """Draw caps into ``area``, at its left or right end, vertically centred."""
    colours = theme.current()
    font = painter.font()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    left = area.right() - caps_width(font, keys) if right else area.left()
    painter.setFont(chip_font(font))
    metrics = painter.fontMetrics()
    height = metrics.height() + 2
    for number, alternative in enumerate(parts_of(keys)):
        left += 10 if number else 0
        for name in alternative:
            cap = QRect(QPoint(left, area.center().y() - height // 2), QPoint(0, 0))
            cap.setWidth(_cap_width(metrics, name))
            cap.setHeight(height)
            painter.setPen(colours["border-strong"])
            painter.setBrush(colours["raised"])
            painter.drawRoundedRect(cap.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
            painter.setPen(colours["text"])
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, name)
            left += cap.width() + 3
        left -= 3
    painter.restore()


def _cap_width(metrics: QFontMetrics, name: str) -> int:
    return max(metrics.horizontalAdvance(name) + 9, metrics.height() + 2)
