"""The table of the study list: marks, keys, the menu of a study."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
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
from workstation.ui import place_words, theme
from workstation.ui.filter_header import FilterHeader
from workstation.ui.study_list_model import COLUMNS, COMMENT, MARK, WHERE, StudyListModel, lacks, light
from workstation.ui.widgets import chip_size, draw_chip, mask

Index = QModelIndex | QPersistentModelIndex
SIDE, MOST = 7, 4000
WIDE, HIGH = 30, 14
MARK_WIDTH = 40
_SELECTED, _ACTIVE = QStyle.StateFlag.State_Selected.value, QStyle.StateFlag.State_Active.value
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
STATUS_KEYS = {".": "unread", "/": "reviewed", ",": ""}
"""As in Horos: a key marks the studies that are selected."""
_MARKS = {"unread": "Mark unread", "reviewed": "Mark reviewed", "": "Take the mark away"}


class StudyDelegate(QStyledItemDelegate):
    """Draws a cell's text or marks and nothing else: by the style sheet a whole list takes three times as long."""

    def __init__(self, model: StudyListModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._elided: dict[str, tuple[int, str]] = {}
        self._marks: dict[tuple[str, str, float], QPixmap] = {}
        self._badges: dict[tuple[str, str, int, float], QPixmap] = {}
        self._theme = ""
        self.renew()

    def renew(self) -> None:
        """Take the colours of the theme that is worn now; asked once a picture, not once a cell."""
        colours = theme.current()
        if colours.name != self._theme:
            self._theme = colours.name
            self._marks.clear()
            self._badges.clear()
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
        if column == WHERE:
            self._badge(painter, option, index.row(), text)
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

    def _badge(self, painter: QPainter, option: QStyleOptionViewItem, number: int, text: str) -> None:
        """Draw where a study is as a chip: what is here alone is plain, what has to be fetched has a colour."""
        place = self._model.place(self._model.rows[number])
        tone = place_words.TONES[place.kind] if place is not None else ""
        room, ratio = option.rect.width() - 2 * SIDE + 4, painter.device().devicePixelRatio()
        drawn = self._badges.get((text, tone, room, ratio))
        if drawn is None:
            if len(self._badges) > MOST:
                self._badges.clear()
            drawn = self._badges[text, tone, room, ratio] = _drawn_badge(option, text, tone, room, ratio)
        top = option.rect.top() + (option.rect.height() - round(drawn.height() / ratio)) // 2
        painter.drawPixmap(option.rect.left() + SIDE - 2, top, drawn)

    def _mark(self, row: StudyRow, ratio: float) -> QPixmap:
        place = self._model.place(row)
        partly = place is not None and place.kind == "partly"
        key = (row.status, "" if row.id < 0 else "warning" if partly else light(row), ratio)
        if key not in self._marks:
            drawn = QPixmap(round(WIDE * ratio), round(HIGH * ratio))
            drawn.setDevicePixelRatio(ratio)
            drawn.fill(Qt.GlobalColor.transparent)
            painter = QPainter(drawn)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            _draw_status(painter, QPoint(6, HIGH // 2), row.status)
            if key[1]:  # of what is on a server alone nothing is known here
                _draw_light(painter, QPoint(WIDE - 7, HIGH // 2), key[1])
            painter.end()
            self._marks[key] = drawn
        return self._marks[key]


def _drawn_badge(option: QStyleOptionViewItem, text: str, tone: str, room: int, ratio: float) -> QPixmap:
    """Return a chip as a picture: drawn for each cell anew it costs more than the text of a whole row."""
    size = chip_size(option.font, text)
    size.setWidth(max(1, min(size.width(), room)))
    drawn = QPixmap(size * ratio)
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setFont(option.font)
    draw_chip(painter, QRect(QPoint(0, 0), size), text, tone)
    painter.end()
    return drawn


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


def _runs(rows: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of lines that follow each other."""
    first = last = -1
    for row in rows:
        if first >= 0 and row == last + 1:
            last = row
            continue
        if first >= 0:
            yield first, last
        first = last = row
    if first >= 0:
        yield first, last


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
    places_wanted = Signal(object)
    """A menu to add to what may be done with studies on servers."""
    columns_wanted = Signal(object)
    """A menu to fill with the columns."""
    patient_wanted = Signal()
    """Only the studies of the patient one is on."""

    def __init__(self, model: StudyListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.in_bin = False
        self.with_servers = False
        """Whether there are servers: then the column of places is offered."""
        self.touched = False
        """Whether a person has chosen the line one is on."""
        self._model = model
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
        self.lay_columns_out()
        self._prepare_header()
        self.doubleClicked.connect(lambda index: self.opened.emit())  # where one click activates, it only selects

    @property
    def filters(self) -> FilterHeader:
        """The header with its fields."""
        header = self.horizontalHeader()
        assert isinstance(header, FilterHeader)
        return header

    @property
    def editing(self) -> bool:
        """Whether a comment is being written."""
        return self.state() == QAbstractItemView.State.EditingState

    def first_width(self, number: int) -> int:
        """Return how wide a column is until somebody drags it."""
        if number == MARK:
            return MARK_WIDTH
        return COLUMNS[number].width * self.fontMetrics().averageCharWidth() + 16

    def lay_columns_out(self) -> None:
        """Show every column, in order; places stand beside the marks where there are servers."""
        header = self.filters
        for number in range(len(COLUMNS)):
            header.moveSection(header.visualIndex(number), number)
            self.setColumnHidden(number, number == WHERE and not self.with_servers)
            self.setColumnWidth(number, self.first_width(number))
        if self.with_servers:
            header.moveSection(WHERE, 1)

    def show_places(self, shown: bool) -> None:
        """Show where studies are, or leave that out; where the column was moved to it stays."""
        if shown == self.with_servers:
            return
        self.with_servers = shown
        header = self.filters
        self.setColumnHidden(WHERE, not shown)
        if shown and header.visualIndex(WHERE) == len(COLUMNS) - 1:
            header.moveSection(header.visualIndex(WHERE), 1)
        if shown and self.columnWidth(WHERE) < MARK_WIDTH:
            self.setColumnWidth(WHERE, self.first_width(WHERE))

    def _prepare_header(self) -> None:
        header = self.filters
        header.setStretchLastSection(True)
        header.setSectionsMovable(True)
        header.setFirstSectionMovable(False)
        header.setMinimumSectionSize(24)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(MARK, QHeaderView.ResizeMode.Fixed)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._header_menu)
        header.set_fields(
            {
                number: (self.tr("Filter"), self.tr("Filter by {0}").format(self.tr(column.title)))
                for number, column in enumerate(COLUMNS)
                if column.filter
            }
        )
        self.show_sort("date", descending=True)
        self.setSortingEnabled(True)

    def set_identity_hidden(self, hidden: bool) -> None:
        """Show filters that name a patient as dots."""
        for number, column in enumerate(COLUMNS):
            if column.filter and (column.names or number == COMMENT):
                mask(self.filters.field(number), hidden)

    def _header_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.columns_wanted.emit(menu)
        menu.popup(self.filters.mapToGlobal(at))

    def show_sort(self, name: str, *, descending: bool) -> None:
        """Show by which title the list is sorted, at none where there is no such title."""
        place = next((number for number, column in enumerate(COLUMNS) if column.sort == name), -1)
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.filters.blockSignals(True)
        self.filters.setSortIndicator(place, order)
        self.filters.blockSignals(False)
        self.filters.viewport().update()

    def select(self, row: int) -> None:
        """Select one line and go to it, whatever keys are held."""
        flags = QItemSelectionModel.SelectionFlag
        index = self.model().index(row, 1)
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    def select_all_of(self, rows: Iterable[int], current: int) -> None:
        """Select some lines again, after the list was made anew."""
        model, last, selection = self.model(), len(COLUMNS) - 1, QItemSelection()
        for first, end in _runs(sorted(rows)):
            selection.select(model.index(first, 0), model.index(end, last))
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(model.index(current, 1), flags.NoUpdate)
        self.selectionModel().select(selection, flags.ClearAndSelect)

    def chosen(self) -> list[int]:
        """Return the lines that are selected."""
        ranges = self.selectionModel().selection()  # of whole lines; to ask line by line takes seconds where all are
        spans = [(one.top(), one.bottom() + 1) for one in map(ranges.at, range(ranges.count()))]
        return sorted({row for first, end in spans for row in range(first, end)})

    def edit_comment(self) -> None:
        """Write into the comment of the current study."""
        row = self.currentIndex().row()
        if row >= 0:
            self.setColumnHidden(COMMENT, False)
            index = self.model().index(row, COMMENT)
            self.scrollTo(index)
            self.edit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text = event.text()
        self.touched = True
        if self.editing:  # what the field of a comment has no use for, as Enter
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        elif event.key() == Qt.Key.Key_Delete and self.chosen():
            self.binned.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        elif event.key() == Qt.Key.Key_F2:
            self.edit_comment()
        elif text in STATUS_KEYS and text and self.chosen() and not event.modifiers():
            self.marked.emit(STATUS_KEYS[text])
        elif text and text.isalnum() and not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier:
            self.typed.emit(text)
        else:
            super().keyPressEvent(event)

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        ends = {QAbstractItemView.CursorAction.MoveHome: 0, QAbstractItemView.CursorAction.MoveEnd: -1}
        if action in ends and self.model().rowCount():  # lines have an end, cells of a line do not matter here
            row = ends[action] % self.model().rowCount()
            return self.model().index(row, max(self.currentIndex().column(), 1))
        return super().moveCursor(action, modifiers)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.touched = True
        super().mousePressEvent(event)

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
            menu.addAction(self.tr("Open") + "\tEnter", self.opened.emit)
            here = any(self._model.rows[row].id >= 0 for row in self.chosen())
            self.places_wanted.emit(menu)
            menu.addSeparator()
            for key, status in STATUS_KEYS.items() if here else ():
                menu.addAction(f"{self.tr(_MARKS[status])}\t{key}", partial(self.marked.emit, status))
            if here:
                menu.addAction(self.tr("Comment…") + "\tF2", self.edit_comment)
            if not self._model.identity_hidden:  # it writes an ID or a name into a field
                menu.addAction(self.tr("Only this patient"), self.patient_wanted.emit)
            if here:
                self.menu_wanted.emit(menu)
                menu.addSeparator()
                menu.addAction(self.tr("Put into the bin") + "\tDel", self.binned.emit)
        menu.popup(event.globalPos())
