"""Values along the images of a series as a strip of colours, the current image marked."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect
from PySide6.QtGui import QImage, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from workstation.ui import theme
from workstation.ui.differ_model import STRIP_ROLE

if TYPE_CHECKING:
    from workstation.objects.header_differences import Variation

Index = QModelIndex | QPersistentModelIndex
MARGIN, HEIGHT = 6, 12


class HeatStrip(QStyledItemDelegate):
    """Draws the last column. Numbers run from dark to light; other values change colour where they change."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.current = -1

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        variation: Variation | None = index.data(STRIP_ROLE)
        colours = theme.current()
        if option.state & QStyle.StateFlag.State_Selected:
            active = option.state & QStyle.StateFlag.State_Active
            painter.fillRect(option.rect, colours["accent-soft" if active else "accent-faint"])
        if variation is None:
            return
        place = strip_rect(option.rect)
        count = len(variation.strip)
        if place.width() < 2 or not count:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(place, _image(variation, colours.name))
        if 0 <= self.current < count:
            x = place.left() + (self.current + 0.5) * place.width() / count
            painter.setPen(QPen(colours["text"], 1))
            painter.drawRect(QRect(round(x) - 2, place.top() - 3, 4, place.height() + 5))
        painter.restore()


def strip_rect(cell: QRect) -> QRect:
    """Return where in a cell the strip is drawn."""
    inside = cell.adjusted(MARGIN, 0, -MARGIN, 0)
    return QRect(inside.left(), inside.center().y() - HEIGHT // 2 + 1, inside.width(), HEIGHT)


def slice_at(cell: QRect, x: int, count: int) -> int:
    """Return the image whose piece of the strip is at a place, the nearest one beside it."""
    place = strip_rect(cell)
    return min(max(int((x - place.left()) * count / max(place.width(), 1)), 0), count - 1)


@lru_cache(maxsize=512)
def _image(variation: Variation, theme_name: str) -> QImage:
    """Return the strip as an image of one row, a pixel for each image of the series."""
    import numpy as np

    colours = theme.current()
    tone = "accent" if variation.numeric else "warning"
    ramp = np.array([_word(colours.mixed("raised", tone, 0.12 + 0.88 * step / 63)) for step in range(64)], np.uint32)
    absent = _word(colours["panel"])
    strip = variation.strip
    levels = np.rint(np.nan_to_num(strip) * 63).astype(np.int64)
    words = np.where(np.isnan(strip), np.uint32(absent), ramp[levels]).astype(np.uint32)
    data: Any = words.tobytes()
    return QImage(data, len(words), 1, len(words) * 4, QImage.Format.Format_RGB32).copy()


def _word(colour: Any) -> int:
    return int(colour.rgb())
