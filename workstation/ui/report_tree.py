"""The content tree of a report: every item with its value, also those a page leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView, QWidget

from workstation.ui import theme
from workstation.ui.widgets import plain, tooltip

if TYPE_CHECKING:
    from workstation.loading.report_view import ReportView, TreeRow

Index = QModelIndex | QPersistentModelIndex
OPENED = 400
"""Rows up to which the whole tree is opened at first."""
OPENED_LEVELS = 2
PIECE = 300
"""Rows below a row that a view learns of at a time."""


class ContentModel(QAbstractItemModel):
    """Rows of a report by their number; the number is the index's id."""

    def __init__(self, titles: tuple[str, str, str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._titles = titles
        self._rows: tuple[TreeRow, ...] = ()
        self._below: tuple[tuple[int, ...], ...] = ()
        self._fetched: dict[int, int] = {}

    @property
    def rows(self) -> tuple[TreeRow, ...]:
        """All rows from top to bottom."""
        return self._rows

    def show_rows(self, view: ReportView | None) -> None:
        """Show another report's items."""
        self.beginResetModel()
        self._rows, self._below = (view.rows, view.below) if view is not None else ((), ())
        self._fetched = {}
        self.endResetModel()

    def number(self, index: Index) -> int:
        """Return the number of a row."""
        return int(index.internalId())

    def index_of(self, number: int, column: int = 0) -> QModelIndex:
        """Return the index of a row by its number."""
        return self.createIndex(self._rows[number].place, column, number)

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        below = self._children(parent)
        if not 0 <= row < len(below) or not 0 <= column < 3:
            return QModelIndex()
        return self.createIndex(row, column, below[row])

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        if not index.isValid():
            return QModelIndex()
        above = self._rows[self.number(index)].above
        return QModelIndex() if above < 0 else self.index_of(above)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.column() > 0 else len(self._children(parent))

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 3

    def _children(self, parent: Index) -> tuple[int, ...]:
        if parent.isValid():
            number = self.number(parent)
            return self._below[number][: self._fetched.get(number, PIECE)]
        return (0,) if self._rows else ()

    def canFetchMore(self, parent: Index) -> bool:
        return parent.isValid() and len(self._children(parent)) < len(self._below[self.number(parent)])

    def fetchMore(self, parent: Index) -> None:
        if parent.isValid():
            self.fetch_to(self.number(parent), len(self._children(parent)) + PIECE - 1)

    def fetch_to(self, number: int, place: int) -> None:
        """Let the views know of the rows below a row up to a place; a view asks for them in pieces."""
        there, below = self._fetched.get(number, PIECE), len(self._below[number])
        if there <= place and there < below:
            last = min(place + 1, below)
            self.beginInsertRows(self.index_of(number), there, last - 1)
            self._fetched[number] = last
            self.endInsertRows()

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self._rows[self.number(index)], index.column()
        value = row.problem if row.problem and not row.value else row.value
        if role == Qt.ItemDataRole.DisplayRole:
            return plain((row.name, value, row.kind)[column], 300)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip("\n".join(part for part in (row.name, row.value, row.problem, row.kind) if part))
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(row, column)
        return None

    def _colour(self, row: TreeRow, column: int) -> Any:
        colours = theme.current()
        if row.problem and column == 1:
            return colours["warning"]
        if row.target is not None and column == 1:
            return colours["link"]
        return colours["text-dim"] if column == 2 else None


def _levels(view: ReportView) -> int:
    """Return to which depth a tree is opened, counted from 0, so that no more than some rows are seen at once."""
    level: list[int] = [0]
    for depth in range(1, OPENED_LEVELS + 1):
        level = [below for number in level for below in view.below[number][:PIECE]]
        if len(level) + sum(len(view.below[number][:PIECE]) for number in level) > OPENED:
            return depth - 1
    return OPENED_LEVELS


class ContentTree(QTreeView):
    """Shows the items; Enter or a double-click on one that leads somewhere follows it."""

    followed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        titles = (self.tr("Item"), self.tr("Value"), self.tr("Kind"))
        self.items = ContentModel(titles, self)
        self.setModel(self.items)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setIndentation(14)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(self.tr("Content tree"))
        self.setExpandsOnDoubleClick(True)
        self.doubleClicked.connect(self._activate)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        digit = self.fontMetrics().horizontalAdvance("0")
        self.header().resizeSection(0, 29 * digit)
        self.header().resizeSection(1, 21 * digit)
        self._found: list[int] = []

    def show_view(self, view: ReportView | None) -> None:
        """Show a report's items, opened as far as they fit."""
        self.items.show_rows(view)
        self._found = []
        if len(self.items.rows) <= OPENED:
            self.expandAll()
        elif view is not None:
            self.expandToDepth(_levels(view))

    def find_words(self, words: str) -> int:
        """Go to the first item with some words; return how many have them."""
        folded = words.casefold()
        rows = self.items.rows
        self._found = [n for n, row in enumerate(rows) if folded and folded in row.words]
        if self._found:
            here = self._here()
            self._go(next((n for n in self._found if n >= here), self._found[0]))
        return len(self._found)

    def step_found(self, way: int) -> None:
        """Go to the next item found, or the one before, around the ends."""
        if not self._found:
            return
        here = self._here()
        if way > 0:
            self._go(next((n for n in self._found if n > here), self._found[0]))
        else:
            self._go(next((n for n in reversed(self._found) if n < here), self._found[-1]))

    def found_here(self) -> int:
        """Return which of the items found is current, from 1; 0 for none."""
        here = self._here()
        return self._found.index(here) + 1 if here in self._found else 0

    def copy(self) -> None:
        """Copy the current item: name and value."""
        if self.currentIndex().isValid():
            row = self.items.rows[self._here()]
            QGuiApplication.clipboard().setText(f"{row.name}\t{row.value}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._activate(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _here(self) -> int:
        index = self.currentIndex()
        return self.items.number(index) if index.isValid() else 0

    def _go(self, number: int) -> None:
        row = self.items.rows[number]
        while row.above >= 0:
            self.items.fetch_to(row.above, row.place)
            row = self.items.rows[row.above]
        index = self.items.index_of(number)
        self.setCurrentIndex(index)
        self.scrollTo(index)

    def _activate(self, index: QModelIndex) -> None:
        target = self.items.rows[self.items.number(index)].target
        if target is not None:
            self.followed.emit(target)
