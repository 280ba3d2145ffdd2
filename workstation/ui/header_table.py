"""The table of header lines: depth and marks of sequences in the first column, keys as in any tree."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from workstation.ui import theme
from workstation.ui.header_model import HeaderModel, Key, Line

INDENT = 14
CHEVRON = 12


class IndentDelegate(QStyledItemDelegate):
    """Draws the first column with its depth and the mark of a sequence."""

    def __init__(self, model: HeaderModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        line = self._model.lines[index.row()]
        indent = indent_of(line)
        if option.state & QStyle.StateFlag.State_Selected:
            active = option.state & QStyle.StateFlag.State_Active
            painter.fillRect(option.rect, theme.current()["accent-soft" if active else "accent-faint"])
        moved = QStyleOptionViewItem(option)
        moved.rect = option.rect.adjusted(indent + CHEVRON, 0, 0, 0)
        super().paint(painter, moved, index)
        if self._model.can_open(line):
            name = "chevron-down" if self._model.is_open(line) else "chevron-right"
            place = QPoint(option.rect.left() + indent + 2, option.rect.center().y() - CHEVRON // 2 + 1)
            ratio = painter.device().devicePixelRatioF()
            painter.drawPixmap(place, theme.pixmap(name, CHEVRON, ratio, "text-dim"))


def indent_of(line: Line) -> int:
    """Return how far a line is set in, logical pixels."""
    return 2 + INDENT * max(line.depth, 0)


class HeaderTable(QTreeView):
    """The lines. Left and right close and open a sequence as in any tree."""

    def __init__(self, model: HeaderModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = model
        self.setModel(model)
        if model.columns[0][0] == "tag":
            self.setItemDelegateForColumn(0, IndentDelegate(model, self))
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._scrolled = 0
        self._place: tuple[Key, int] | None = None
        self._chosen: list[Key] = []
        self._current: Key | None = None
        model.replacing.connect(self._remember_place)
        model.replaced.connect(self._return_to_place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if index.isValid():
            line = self.lines.lines[index.row()]
            opened = self.lines.is_open(line)
            if event.key() == Qt.Key.Key_Right and self.lines.can_open(line) and not opened:
                self.lines.set_open(index.row(), True)
                return
            if event.key() == Qt.Key.Key_Left:
                self._close_or_climb(index.row(), line)
                return
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.lines.set_open(index.row(), not opened)
                return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() == 0 and event.button() == Qt.MouseButton.LeftButton:
            line = self.lines.lines[index.row()]
            start = self.visualRect(index).left() + indent_of(line)
            if self.lines.can_open(line) and start - 2 <= event.position().x() <= start + CHEVRON + 4:
                self.lines.set_open(index.row(), not self.lines.is_open(line))
                return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid():
            self.lines.set_open(index.row(), not self.lines.is_open(self.lines.lines[index.row()]))

    def drawRow(
        self, painter: QPainter, options: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        line = self.lines.lines[index.row()]
        if line.row is not None:
            super().drawRow(painter, options, index)
            return
        colours = theme.current()
        rect: QRect = options.rect
        painter.save()
        painter.fillRect(rect, colours["raised"])
        painter.setPen(colours["text"])
        painter.setFont(theme.resized(self.font(), 0, bold=True))
        shown = painter.fontMetrics().elidedText(
            line.heading, Qt.TextElideMode.ElideRight, self.viewport().width() - 16
        )
        painter.drawText(QRect(8, rect.top(), rect.width(), rect.height()), Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()

    def selected_lines(self) -> list[Line]:
        """Return the chosen lines, top to bottom."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self.lines.lines[row] for row in rows]

    def go_to(self, number: int) -> None:
        """Make a line current and bring it into view."""
        self.setCurrentIndex(self.lines.index(number, 0))

    def _close_or_climb(self, number: int, line: Line) -> None:
        if self.lines.can_open(line) and self.lines.is_open(line):
            self.lines.set_open(number, False)
            return
        above = next((n for n in range(number - 1, -1, -1) if self.lines.lines[n].depth < line.depth), None)
        if above is not None and self.lines.lines[above].row is not None:
            self.go_to(above)

    def _remember_place(self) -> None:
        top = self.indexAt(QPoint(2, 1))
        self._scrolled = self.verticalScrollBar().value()
        self._place = (self.lines.lines[top.row()].key, self.visualRect(top).top()) if top.isValid() else None
        self._chosen = [line.key for line in self.selected_lines()]
        current = self.currentIndex()
        self._current = self.lines.lines[current.row()].key if current.isValid() else None

    def _return_to_place(self) -> None:
        model = self.selectionModel()
        keys = {line.key: number for number, line in enumerate(self.lines.lines)}
        if self._current in keys:
            index = self.lines.index(keys[self._current], 0)
            model.setCurrentIndex(index, model.SelectionFlag.NoUpdate)
        for key in self._chosen:
            if key in keys:
                index = self.lines.index(keys[key], 0)
                model.select(index, model.SelectionFlag.Select | model.SelectionFlag.Rows)
        if self._place is not None and self._place[0] in keys:
            self.scrollTo(self.lines.index(keys[self._place[0]], 0), QAbstractItemView.ScrollHint.PositionAtTop)
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() - self._place[1])
        else:
            self.verticalScrollBar().setValue(self._scrolled)
