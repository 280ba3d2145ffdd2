"""Draws the rows of the study browser: thumbnail, two lines of text, chips, marks."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QImage, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from workstation.ui import theme
from workstation.ui.study_rows import BrowserRow, Remark
from workstation.ui.widgets import chip_font, chip_size, draw_chip

INSET = 4
SIDE = theme.THUMBNAIL
_ELIDE = Qt.TextElideMode.ElideRight
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class Marks:
    """What the rows show beside their text: thumbnails, panes, what was looked at."""

    def __init__(self) -> None:
        self.shown: dict[str, str] = {}
        self.viewed: set[str] = set()
        self._images: dict[str, QImage] = {}
        self._scaled: dict[tuple[str, int], QPixmap] = {}

    def set_thumbnail(self, stack_id: str, image: QImage) -> None:
        self._images[stack_id] = image
        for key in [key for key in self._scaled if key[0] == stack_id]:
            del self._scaled[key]

    def has_thumbnail(self, stack_id: str) -> bool:
        return stack_id in self._images

    def keep_only(self, stack_ids: set[str]) -> None:
        """Forget what belongs to stacks that are gone."""
        for gone in [stack_id for stack_id in self._images if stack_id not in stack_ids]:
            del self._images[gone]
        self._scaled = {key: drawn for key, drawn in self._scaled.items() if key[0] in stack_ids}
        self.viewed &= stack_ids

    def thumbnail(self, stack_id: str, ratio: float) -> QPixmap | None:
        """Return the thumbnail for a device pixel ratio, scaled once."""
        image = self._images.get(stack_id)
        if image is None or image.isNull():
            return None
        pixels = round((SIDE - 2) * ratio)
        key = (stack_id, pixels)
        if key not in self._scaled:
            mode = Qt.TransformationMode.SmoothTransformation
            scaled = image.scaled(pixels, pixels, Qt.AspectRatioMode.KeepAspectRatio, mode)
            drawn = QPixmap.fromImage(scaled)
            drawn.setDevicePixelRatio(ratio)
            self._scaled[key] = drawn
        return self._scaled[key]


class StudyDelegate(QStyledItemDelegate):
    """Draws a :class:`BrowserRow`."""

    def __init__(
        self,
        row_of: Callable[[QModelIndex | QPersistentModelIndex], BrowserRow],
        marks: Marks,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._row_of = row_of
        self._marks = marks

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        row = self._row_of(index)
        line = option.fontMetrics.height()
        if row.pictured:
            chips = chip_size(option.font, "x").height() + 3 if row.remarks else 0
            return QSize(180, max(SIDE, 2 * line + 2 + chips) + 2 * INSET)
        return QSize(180, 2 * line + 3 + 2 * INSET + (2 if row.kind == "patient" else 0))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row = self._row_of(index)
        painter.save()
        painter.setClipRect(option.rect)
        self._ground(painter, option, row)
        area = option.rect.adjusted(INSET, INSET, -INSET - 2, -INSET)
        if row.pictured:
            self._picture(painter, QRect(area.topLeft(), QSize(SIDE, SIDE)), row, _ratio(painter))
            area.setLeft(area.left() + SIDE + theme.GAP)
        self._text(painter, area, row, option.font)
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, row: BrowserRow) -> None:
        colours = theme.current()
        state = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        active = bool(state & QStyle.StateFlag.State_Active)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        if row.kind == "patient" and not chosen:
            painter.fillRect(option.rect, colours["hover" if hovered else "raised"])
        elif chosen or hovered:
            painter.fillRect(
                option.rect, colours["accent-soft" if chosen and active else "accent-faint" if chosen else "hover"]
            )
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(colours["accent"], 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(option.rect.adjusted(0, 0, -1, -1))

    def _picture(self, painter: QPainter, place: QRect, row: BrowserRow, ratio: float) -> None:
        colours = theme.current()
        label = self._marks.shown.get(row.stack_id)
        drawn = self._marks.thumbnail(row.stack_id, ratio) if row.stack_id else None
        painter.fillRect(place, colours["image"] if row.stack_id else colours["window"])
        if drawn is not None:
            size = drawn.deviceIndependentSize().toSize()
            left_top = place.topLeft() + QPoint((SIDE - size.width()) // 2, (SIDE - size.height()) // 2)
            painter.drawPixmap(left_top, drawn)
        else:
            mark = theme.pixmap(row.icon, 24, ratio, "text-off")
            painter.drawPixmap(place.topLeft() + QPoint((SIDE - 24) // 2, (SIDE - 24) // 2), mark)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colours["accent"] if label else colours["border"], 1))
        painter.drawRect(place.adjusted(0, 0, -1, -1))
        if label:
            painter.drawRect(place.adjusted(1, 1, -2, -2))
            size = chip_size(painter.font(), label)
            draw_chip(painter, QRect(place.topLeft(), size), label, filled=True)
        elif row.stack_id in self._marks.viewed:
            corner = place.bottomRight() - QPoint(14, 14)
            painter.fillRect(QRect(corner, QSize(14, 14)), colours["image"])
            painter.drawPixmap(corner + QPoint(1, 1), theme.pixmap("check", 12, ratio, "ok"))

    def _text(self, painter: QPainter, area: QRect, row: BrowserRow, font: QFont) -> None:
        colours = theme.current()
        upper = theme.resized(font, 0, bold=row.kind in {"patient", "study"})
        line = QFontMetrics(upper).height()
        inline = row.remarks if not row.pictured else ()
        below = row.remarks if row.pictured else ()
        height = 2 * line + 2 + (QFontMetrics(chip_font(font)).height() + 5 if below else 0)
        top = area.top() + max((area.height() - height) // 2, 0)
        first = QRect(area.left(), top, area.width(), line)
        painter.setFont(font)
        if inline:
            first.setRight(self._chips_from_right(painter, first, row) - 6)
        painter.setFont(upper)
        painter.setPen(colours["text"])
        painter.drawText(first, _LEFT, painter.fontMetrics().elidedText(row.title, _ELIDE, first.width()))
        second = QRect(area.left(), top + line + 2, area.width(), line)
        painter.setFont(font)
        if row.badge:
            size = chip_size(font, row.badge)
            draw_chip(
                painter, QRect(second.left(), second.center().y() - size.height() // 2, *size.toTuple()), row.badge
            )
            second.setLeft(second.left() + size.width() + 6)
        painter.setPen(colours["text-dim"])
        painter.drawText(second, _LEFT, painter.fontMetrics().elidedText(row.detail, _ELIDE, second.width()))
        self._chips_from_left(painter, QRect(area.left(), second.bottom() + 4, area.width(), line), below)

    def _chips_from_left(self, painter: QPainter, area: QRect, remarks: tuple[Remark, ...]) -> None:
        left = area.left()
        for remark in remarks:
            size = chip_size(painter.font(), remark.text)
            width = min(size.width(), area.right() - left)
            if width < 24:
                return
            draw_chip(painter, QRect(left, area.top(), width, size.height()), remark.text, remark.tone)
            left += width + 4

    def _chips_from_right(self, painter: QPainter, area: QRect, row: BrowserRow) -> int:
        right = area.right()
        for remark in reversed(row.remarks):
            size = chip_size(painter.font(), remark.text)
            right -= size.width()
            place = QRect(QPoint(right, area.center().y() - size.height() // 2), size)
            draw_chip(painter, place, remark.text, remark.tone)
            right -= 4
        return right


def _ratio(painter: QPainter) -> float:
    return painter.device().devicePixelRatioF()
