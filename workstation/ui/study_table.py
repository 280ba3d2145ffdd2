"""The table of the study list: marks, keys, the menu of a study."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent, QPen, QPixmap
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
from workstation.ui.study_list_model import COLUMNS, COMMENT, MARK, StudyListModel, lacks, light

Index = QModelIndex | QPersistentModelIndex
SIDE, MOST = 7, 4000
WIDE, HIGH = 30, 14
_SELECTED, _ACTIVE = QStyle.StateFlag.State_Selected.value, QStyle.StateFlag.State_Active.value
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
STATUS_KEYS = {".": "unread", "/": "reviewed", ",": ""}
"""As in Horos: a key marks the studies that are selected."""


class StudyDelegate(QStyledItemDelegate):
    """Draws a cell's text or marks and nothing else: by the style sheet a whole list takes three times as long."""

    def __init__(self, model: StudyListModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._elided: dict[str, tuple[int, str]] = {}
        self._marks: dict[tuple[str, str, float], QPixmap] = {}
        self._theme = ""
        self.renew()

    def renew(self) -> None:
        """Take the colours of the theme that is worn now; asked once a picture, not once a cell."""
        colours = theme.current()
        if colours.name != self._theme:
            self._theme = colours.name
            self._marks.clear()
            self._soft, self._faint = colours["accent-soft"], colours["accent-faint"]
            self._text, self._warning = colours["text"], colours["warning"]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect, state, column = option.rect, option.state.value, index.column()
        if state & _SELECTED:
            painter.fillRect(rect, self._soft if state & _ACTIVE else self._faint)
        if column == MARK:
            at = rect.center() - QPoint(WIDE // 2, HIGH // 2 - 1)
            painter.drawPixmap(at, self._mark(self._model.rows[index.row()], painter.device().devicePixelRatio()))
            return
        text = self._model.text(index.row(), column)
        if not text:
            return
        width = rect.width() - 2 * SIDE
        known = self._elided.get(text)
        if known is None or known[0] != width:
            if len(self._elided) > MOST:
                self._elided.clear()
            elided = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
            known = self._elided[text] = width, elided
        number = COLUMNS[column].number
        painter.setPen(self._warning if number and lacks(self._model.rows[index.row()]) else self._text)
        painter.drawText(rect.left() + SIDE, rect.top(), width, rect.height(), _RIGHT if number else _LEFT, known[1])

    def _mark(self, row: StudyRow, ratio: float) -> QPixmap:
        key = (row.status, light(row), ratio)
        if key not in self._marks:
            drawn = QPixmap(round(WIDE * ratio), round(HIGH * ratio))
            drawn.setDevicePixelRatio(ratio)
            drawn.fill(Qt.GlobalColor.transparent)
            painter = QPainter(drawn)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            _draw_status(painter, QPoint(6, HIGH // 2), row.status)
            _draw_light(painter, QPoint(WIDE - 7, HIGH // 2), key[1])
            painter.end()
            self._marks[key] = drawn
        return self._marks[key]


def _draw_status(painter: QPainter, at: QPoint, status: str) -> None:
    colours = theme.current()
    if status == "unread":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours["accent"])
        painter.drawEllipse(at, 4, 4)
    elif status == "reviewed":
        painter.setPen(QPen(colours["text-dim"], 1.6))
        painter.drawPolyline([at + QPoint(-4, 0), at + QPoint(-1, 3), at + QPoint(4, -4)])


def _draw_light(painter: QPainter, at: QPoint, colour: str) -> None:
    """Draw a triangle where something is missing, a ring where nothing speaks for it."""
    ink = theme.current()[colour]
    painter.setPen(QPen(ink, 1.4))
    if colour == "warning":
        painter.setBrush(ink)
        painter.drawPolygon([at + QPoint(0, -4), at + QPoint(5, 4), at + QPoint(-5, 4)])
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush)
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
        self._cells = StudyDelegate(model, self)
        self.setItemDelegate(self._cells)
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

    def paintEvent(self, event: QPaintEvent) -> None:
        self._cells.renew()
        super().paintEvent(event)

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
