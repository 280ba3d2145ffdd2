"""The F1 sheet: every key and every mouse action, from the tables that make them work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QLineEdit,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from workstation.ui import theme
from workstation.ui.key_caps import caps_width, draw_caps
from workstation.ui.widgets import plain, plain_label

if TYPE_CHECKING:
    from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter

Index = QModelIndex | QPersistentModelIndex
MOUSE_SHARE = 0.36
"""Part of the width that the mouse action takes, its effect has the rest."""
_WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class _Line:
    """A heading (only ``group``), a command (with ``keys``) or a mouse action (no keys, what it does in ``hint``)."""

    group: str = ""
    title: str = ""
    keys: str = ""
    hint: str = ""

    @property
    def is_heading(self) -> bool:
        return not self.title

    def fits(self, words: Sequence[str]) -> bool:
        text = f"{self.group} {self.title} {self.keys} {self.hint}".casefold()
        return all(word in text for word in words)


class _SheetModel(QAbstractListModel):
    """Lines under the headings of their groups."""

    def __init__(self, rows: Sequence[_Line], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows = tuple(rows)
        self.lines: list[_Line] = []
        self.narrow("")

    def narrow(self, text: str) -> None:
        words = text.casefold().split()
        self.beginResetModel()
        self.lines = []
        for group in dict.fromkeys(row.group for row in self._rows):
            members = [row for row in self._rows if row.group == group and row.fits(words)]
            self.lines += [_Line(group), *members] if members and group else members
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or role != Qt.ItemDataRole.DisplayRole:
            return None
        line = self.lines[index.row()]
        return line.group if line.is_heading else ", ".join(filter(None, (line.title, line.keys, line.hint)))

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled


class _SheetDelegate(QStyledItemDelegate):
    def __init__(self, model: _SheetModel, view: QListView, *, mouse: bool) -> None:
        super().__init__(view)
        self._model, self._view, self._mouse = model, view, mouse

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line = self._model.lines[index.row()]
        height = option.fontMetrics.height()
        if line.is_heading:
            return QSize(160, height + 16)
        if self._mouse:
            height = max(self._effect(self._view.viewport().width(), option.fontMetrics, line), height)
        return QSize(160, height + 9)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        line = self._model.lines[index.row()]
        area: QRect = option.rect.adjusted(2, 0, -8, 0)
        painter.save()
        painter.setFont(option.font)
        if line.is_heading:
            painter.setFont(theme.resized(option.font, 0, bold=True))
            painter.setPen(theme.current()["accent"])
            painter.drawText(area.adjusted(0, 8, 0, 0), Qt.AlignmentFlag.AlignVCenter, plain(line.group, 100))
        elif self._mouse:
            self._paint_action(painter, area, line)
        else:
            self._paint_command(painter, area, line)
        painter.restore()

    def _paint_command(self, painter: QPainter, area: QRect, line: _Line) -> None:
        colours = theme.current()
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        if line.keys:
            draw_caps(painter, area, line.keys, right=True)
            area.setRight(area.right() - caps_width(painter.font(), line.keys) - 10)
        shown = painter.fontMetrics().elidedText(plain(line.title, 200), Qt.TextElideMode.ElideRight, area.width())
        painter.setPen(colours["text"])
        painter.drawText(area, left, shown)
        area.setLeft(area.left() + painter.fontMetrics().horizontalAdvance(shown) + 10)
        if line.hint and area.width() > 50:
            painter.setPen(colours["text-dim"])
            hint = painter.fontMetrics().elidedText(plain(line.hint, 200), Qt.TextElideMode.ElideRight, area.width())
            painter.drawText(area, left, hint)

    def _paint_action(self, painter: QPainter, area: QRect, line: _Line) -> None:
        colours = theme.current()
        split = area.left() + round(self._view.viewport().width() * MOUSE_SHARE)
        painter.setPen(colours["text-dim"])
        painter.drawText(
            QRect(area.left(), area.top(), split - area.left() - 8, area.height()), _WRAPPED, plain(line.title)
        )
        painter.setPen(colours["text"])
        painter.drawText(QRect(split, area.top(), area.right() - split, area.height()), _WRAPPED, plain(line.hint))

    def _effect(self, width: int, metrics: QFontMetrics, line: _Line) -> int:
        """Return the height of a mouse line's text, wrapped."""
        left = round(width * MOUSE_SHARE)
        room = QRect(0, 0, width - left - 10, 1000)
        return metrics.boundingRect(room, _WRAPPED, plain(line.hint)).height()


class HelpSheet(QWidget):
    """Keyboard on the left, mouse on the right, one filter over both; a window of its own that Esc closes.

    Parameters
    ----------
    rows
        (group, title, keys, hint) of each command, in order.
    mouse
        (action, what it does) of each mouse action; empty for a sheet of one column.
    """

    def __init__(
        self,
        rows: Sequence[tuple[str, str, Sequence[str], str]],
        mouse: Sequence[tuple[str, str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Dialog)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(self.tr("Keys and mouse"))
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter"))
        self.filter.setAccessibleName(self.tr("Filter the sheet"))
        self.filter.setClearButtonEnabled(True)
        commands = [_Line(group, title, ", ".join(keys), hint) for group, title, keys, hint in rows]
        self.keyboard = self._list(self.tr("Keyboard"), commands, mouse=False)
        actions = [_Line("", action, "", effect) for action, effect in mouse]
        self.mouse = self._list(self.tr("Mouse"), actions, mouse=True)
        grid = QGridLayout(self)
        grid.setContentsMargins(2 * theme.GAP, theme.GAP, theme.GAP, theme.GAP)
        grid.setHorizontalSpacing(3 * theme.GAP)
        grid.addWidget(self.filter, 0, 0, 1, 2)
        if mouse:
            grid.addWidget(plain_label(self.tr("Keyboard"), "panelTitle"), 1, 0)
            grid.addWidget(plain_label(self.tr("Mouse"), "panelTitle"), 1, 1)
        grid.addWidget(self.keyboard, 2, 0)
        grid.addWidget(self.mouse, 2, 1)
        self.mouse.setVisible(bool(mouse))
        grid.setColumnStretch(0, 5)
        grid.setColumnStretch(1, 4 if mouse else 0)
        self.filter.textChanged.connect(self._narrow)
        self.resize(940 if mouse else 620, 660)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.filter.text():
                self.filter.clear()
            else:
                self.close()
        else:
            super().keyPressEvent(event)

    def _narrow(self, text: str) -> None:
        for view in (self.keyboard, self.mouse):
            model = view.model()
            assert isinstance(model, _SheetModel)
            model.narrow(text)

    def _list(self, name: str, lines: Sequence[_Line], *, mouse: bool) -> QListView:
        view = QListView()
        model = _SheetModel(lines, view)
        view.setModel(model)
        view.setItemDelegate(_SheetDelegate(model, view, mouse=mouse))
        view.setAccessibleName(name)
        view.setSelectionMode(QListView.SelectionMode.NoSelection)
        view.setResizeMode(QListView.ResizeMode.Adjust)
        view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return view
