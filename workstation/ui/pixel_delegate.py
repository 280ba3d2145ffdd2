"""Draws a value with how it came about: beside it where there is room, else below, on as many lines as it takes."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView

from workstation.ui import theme

Index = QModelIndex | QPersistentModelIndex
HOW_ROLE = Qt.ItemDataRole.UserRole
SWATCH_ROLE = Qt.ItemDataRole.UserRole + 1
MARGIN, PAD, GAP, SWATCH = 5, 3, 14, 13
_CORNER = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop


class ValueDelegate(QStyledItemDelegate):
    """Values in the colour of text, how they came about dimmed."""

    def __init__(self, view: QTreeView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        width = self._view.columnWidth(index.column())
        value, how = self._places(QRect(0, 0, width, 10_000), index)
        return QSize(width, max(value.bottom(), how.bottom()) + 1 + PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colours = theme.current()
        if option.state & QStyle.StateFlag.State_Selected:
            active = option.state & QStyle.StateFlag.State_Active
            painter.fillRect(option.rect, colours["accent-soft" if active else "accent-faint"])
        value, how = self._places(option.rect, index)
        painter.save()
        painter.setFont(self._view.font())
        swatch = index.data(SWATCH_ROLE)
        if swatch is not None:
            box = QRect(value.left() - SWATCH - 5, value.top() + (self._line() - SWATCH) // 2, SWATCH, SWATCH)
            painter.fillRect(box, swatch)
            painter.setPen(colours["text-off"])
            painter.drawRect(box.adjusted(0, 0, -1, -1))
        for place, text, tone in ((value, index.data(), "text"), (how, index.data(HOW_ROLE), "text-dim")):
            painter.setPen(colours[tone])
            painter.drawText(place, self._wrapping(text or "", place.width()), text or "")
        painter.restore()

    def _wrapping(self, text: str, room: int) -> int:
        """Return how a text is wrapped: between words, inside them where one is longer than a line."""
        metrics = self._view.fontMetrics()
        longest = max((metrics.horizontalAdvance(word) for word in text.split()), default=0)
        how = Qt.TextFlag.TextWrapAnywhere if longest > room else Qt.TextFlag.TextWordWrap
        return int(how.value | _CORNER.value)

    def _line(self) -> int:
        return self._view.fontMetrics().height()

    def _places(self, cell: QRect, index: Index) -> tuple[QRect, QRect]:
        """Return where value and explanation stand."""
        metrics = self._view.fontMetrics()
        left = cell.left() + MARGIN + (SWATCH + 5 if index.data(SWATCH_ROLE) is not None else 0)
        room = max(cell.right() - MARGIN - left, 40)
        text, how = index.data() or "", index.data(HOW_ROLE) or ""
        whole = metrics.boundingRect(QRect(0, 0, room, 10_000), self._wrapping(text, room), text)
        value = QRect(left, cell.top() + PAD, room, max(whole.height(), self._line()))
        if not how:
            return value, QRect(left, value.top(), 0, 0)
        used = metrics.horizontalAdvance(text) + GAP
        if used + metrics.horizontalAdvance(how) <= room:
            return value, QRect(left + used, value.top(), room - used, self._line())
        below = metrics.boundingRect(QRect(0, 0, room, 10_000), self._wrapping(how, room), how)
        return value, QRect(left, value.bottom() + 1, room, below.height())
