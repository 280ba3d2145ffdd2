"""The table of the study list: marks, keys, the menu of a study."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from workstation.library.search import StudyRow
from workstation.ui import theme
from workstation.ui.filter_header import FilterHeader
from workstation.ui.study_list_model import COLUMNS, COMMENT, MARK, StudyListModel, light

Index = QModelIndex | QPersistentModelIndex
STATUS_KEYS = {".": "unread", "/": "reviewed", ",": ""}
"""As in Horos: a key marks the studies that are selected."""


class MarkDelegate(QStyledItemDelegate):
    """Draws the status and the completeness light of a study."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        if not isinstance(model, StudyListModel):
            return
        colours, row = theme.current(), model.rows[index.row()]
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        active = bool(option.state & QStyle.StateFlag.State_Active)
        if chosen:
            painter.fillRect(option.rect, colours["accent-soft" if active else "accent-faint"])
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = option.rect.center()
        self._status(painter, QPoint(middle.x() - 7, middle.y()), row)
        self._light(painter, QPoint(middle.x() + 8, middle.y()), row)
        painter.restore()

    def _status(self, painter: QPainter, at: QPoint, row: StudyRow) -> None:
        colours = theme.current()
        if row.status == "unread":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours["accent"])
            painter.drawEllipse(at, 4, 4)
        elif row.status == "reviewed":
            painter.setPen(QPen(colours["text-dim"], 1.6))
            painter.drawPolyline([at + QPoint(-4, 0), at + QPoint(-1, 3), at + QPoint(4, -4)])

    def _light(self, painter: QPainter, at: QPoint, row: StudyRow) -> None:
        colour = light(row)
        painter.setPen(QPen(theme.current()[colour], 1.4))
        painter.setBrush(theme.current()[colour] if colour == "warning" else Qt.BrushStyle.NoBrush)
        if colour == "warning":
            painter.drawPolygon([at + QPoint(0, -4), at + QPoint(5, 4), at + QPoint(-5, 4)])
        else:
            painter.drawEllipse(at, 3, 3)


class StudyTable(QTableView):
    """Studies as lines; what keys and the menu ask for is told by signals."""

    opened = Signal()
    binned = Signal()
    restored = Signal()
    marked = Signal(str)
    typed = Signal(str)
    """A letter that belongs into the search."""
    menu_wanted = Signal(object)
    """A menu to add to before it is shown."""

    def __init__(self, model: StudyListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.in_bin = False
        self.setModel(model)
        self.setHorizontalHeader(FilterHeader(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setItemDelegateForColumn(MARK, MarkDelegate(self))
        self.setAccessibleName(self.tr("Studies in the library"))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 9)
        self._columns()
        self.activated.connect(lambda index: self.opened.emit())

    @property
    def filters(self) -> FilterHeader:
        """The header with its fields."""
        header = self.horizontalHeader()
        assert isinstance(header, FilterHeader)
        return header

    def _columns(self) -> None:
        header = self.filters
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        character = self.fontMetrics().averageCharWidth()
        for number, column in enumerate(COLUMNS):
            self.setColumnWidth(number, column.width * character + 16)
        self.setColumnWidth(MARK, 40)
        header.setSectionResizeMode(MARK, QHeaderView.ResizeMode.Fixed)
        header.set_fields(
            {
                number: (self.tr("Filter"), self.tr("Filter by {0}").format(self.tr(column.title)))
                for number, column in enumerate(COLUMNS)
                if column.filter
            }
        )
        header.setSortIndicator(
            next(n for n, c in enumerate(COLUMNS) if c.sort == "date"), Qt.SortOrder.DescendingOrder
        )
        self.setSortingEnabled(True)

    def select(self, row: int) -> None:
        """Select one line and go to it, whatever keys are held."""
        flags = QItemSelectionModel.SelectionFlag
        index = self.model().index(row, 1)
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    def chosen(self) -> list[int]:
        """Return the lines that are selected."""
        return sorted({index.row() for index in self.selectionModel().selectedRows()})

    def edit_comment(self) -> None:
        """Write into the comment of the current study."""
        row = self.currentIndex().row()
        if row >= 0:
            index = self.model().index(row, COMMENT)
            self.scrollTo(index)
            self.edit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text = event.text()
        if event.key() == Qt.Key.Key_Delete and self.chosen():
            self.binned.emit()
        elif event.key() == Qt.Key.Key_F2:
            self.edit_comment()
        elif text in STATUS_KEYS and text and self.chosen() and not event.modifiers():
            self.marked.emit(STATUS_KEYS[text])
        elif text and text.isalnum() and not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier:
            self.typed.emit(text)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not self.chosen():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.in_bin:
            menu.addAction(self.tr("Bring back"), self.restored.emit)
        else:
            menu.addAction(self.tr("Open"), self.opened.emit)
            menu.addSeparator()
            for title, status in (("Mark unread", "unread"), ("Mark reviewed", "reviewed"), ("Take the mark away", "")):
                menu.addAction(self.tr(title), partial(self.marked.emit, status))
            menu.addAction(self.tr("Comment…"), self.edit_comment)
            self.menu_wanted.emit(menu)
            menu.addSeparator()
            menu.addAction(self.tr("Put into the bin"), self.binned.emit)
        menu.popup(event.globalPos())
