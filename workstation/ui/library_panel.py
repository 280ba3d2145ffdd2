"""The study list: what there is, found by any piece of it, opened with Enter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from workstation.library.search import SeriesRow, StudyQuery, StudyRow
from workstation.ui import theme
from workstation.ui.study_list_model import COLUMNS, StudyListModel, counted
from workstation.ui.widgets import ElidedLabel, EmptyNote, plain, plain_label

TYPING = 120
"""Milliseconds of rest before what is typed is looked for."""
PRESETS = (("Any date", None), ("Today", 0), ("Last 7 days", 7), ("Last 30 days", 30), ("Last year", 365))


class LibraryPanel(QWidget):
    """Search, table and preview; knows nothing of files or databases."""

    query_changed = Signal(object)
    opened = Signal(list)
    """Ids of the studies to open."""
    binned = Signal(list)
    add_wanted = Signal()
    stop_wanted = Signal()
    dropped = Signal(list)
    previewed = Signal(int)
    seen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAcceptDrops(True)
        self._sort, self._descending, self._total = "date", True, 0
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search names, IDs, descriptions, accession numbers"))
        self.search.setAccessibleName(self.tr("Search the library"))
        self.search.setClearButtonEnabled(True)
        self.search.installEventFilter(self)
        self.dates = QComboBox()
        self.dates.setAccessibleName(self.tr("Study date"))
        for title, days in PRESETS:
            self.dates.addItem(self.tr(title), days)
        self.add = QPushButton(self.tr("Add…"))
        theme.give_icon(self.add, "plus")
        self.add.setToolTip(self.tr("Add a folder or disc to the library; its files stay where they are"))
        self.stop = QPushButton(self.tr("Stop"))
        self.stop.hide()
        self.model = StudyListModel(self)
        self.table = QTableView()
        self.count, self.preview = plain_label("", "dim"), ElidedLabel()
        self.preview.dim = True
        self._build_table()
        self._later = QTimer(self, singleShot=True, interval=TYPING)
        self._later.timeout.connect(self.ask)
        self.search.textChanged.connect(lambda: self._later.start())
        self.dates.currentIndexChanged.connect(lambda: self.ask())
        self.add.clicked.connect(lambda: self.add_wanted.emit())
        self.stop.clicked.connect(lambda: self.stop_wanted.emit())
        self.model.sort_wanted.connect(self._sort_by)
        self._lay_out()

    def sizeHint(self) -> QSize:
        return QSize(900, 320)

    def ask(self) -> None:
        """Say what is asked for now."""
        self._later.stop()
        self.query_changed.emit(self.query())

    def query(self) -> StudyQuery:
        """Return what is asked for."""
        days = self.dates.currentData()
        first = "" if days is None else (date.today() - timedelta(days=int(days))).strftime("%Y%m%d")
        return StudyQuery(self.search.text(), first_date=first, sort=self._sort, descending=self._descending)

    def show_studies(self, rows: Sequence[StudyRow], total: int) -> None:
        """Show the answer; the study that was current stays so if it is still there."""
        current = self.current()
        self._total = total
        self.model.set_rows(rows)
        place = next((n for n, row in enumerate(rows) if current is not None and row.id == current.id), 0)
        if rows:
            self.select(place)
        self._tell_count()
        narrowed = bool(self.search.text()) or self.dates.currentIndex() > 0
        self._pages.setCurrentIndex(0 if rows else 2 if narrowed else 1)

    def show_series(self, study: int, series: Sequence[SeriesRow]) -> None:
        """Show what the current study is made of."""
        current = self.current()
        if current is None or current.id != study:
            return
        parts = (
            " ".join(
                part
                for part in (
                    f"{one.number}." if one.number is not None else "",
                    one.modality,
                    plain(one.description, 40),
                    f"({counted(one.instance_count, one.declared_instances)})",
                )
                if part
            )
            for one in series
        )
        self.preview.set_text("   ·   ".join(parts))

    def show_import(self, text: str, running: bool) -> None:
        """Say how far an import is."""
        self.stop.setVisible(running)
        if running:
            self.count.setText(text)
        else:
            self._tell_count()

    def set_identity_hidden(self, hidden: bool) -> None:
        """Leave names and numbers of patients out."""
        self.model.set_identity_hidden(hidden)

    def select(self, row: int) -> None:
        """Select one line and go to it, whatever keys are held."""
        flags = QItemSelectionModel.SelectionFlag
        chosen = flags.ClearAndSelect | flags.Rows
        self.table.selectionModel().setCurrentIndex(self.model.index(row, 0), chosen)

    def current(self) -> StudyRow | None:
        """Return the study the keyboard is on."""
        index = self.table.currentIndex()
        return self.model.rows[index.row()] if index.isValid() and index.row() < len(self.model.rows) else None

    def chosen(self) -> list[int]:
        """Return the ids of the selected studies."""
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        return [self.model.rows[row].id for row in rows]

    # events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrow keys reach the list while one types."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self.table.setFocus()
                self.table.keyPressEvent(event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._open()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self.chosen():
            self.binned.emit(self.chosen())
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.seen.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)

    # building

    def _build_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setAccessibleName(self.tr("Studies in the library"))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 8)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        character = table.fontMetrics().averageCharWidth()
        for number, column in enumerate(COLUMNS):
            table.setColumnWidth(number, column.width * character + 16)
        header.setSortIndicator(
            next(n for n, c in enumerate(COLUMNS) if c.sort == "date"), Qt.SortOrder.DescendingOrder
        )
        table.setSortingEnabled(True)
        table.activated.connect(lambda index: self._open())
        table.selectionModel().currentRowChanged.connect(self._preview)

    def _lay_out(self) -> None:
        bar = QWidget()
        bar.setObjectName("panelBar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(theme.GAP, 5, theme.GAP, 5)
        row.setSpacing(theme.GAP)
        for widget, stretch in ((self.search, 1), (self.dates, 0), (self.count, 0), (self.stop, 0), (self.add, 0)):
            row.addWidget(widget, stretch)
        pages = QWidget()
        self._pages = QStackedLayout(pages)
        self._pages.addWidget(self.table)
        self._pages.addWidget(
            EmptyNote(
                "folder",
                self.tr("The library is empty"),
                self.tr("Drop a folder or a disc here, or choose Add: its files stay where they are."),
            )
        )
        self._pages.addWidget(
            EmptyNote("search", self.tr("No study matches"), self.tr("Try fewer letters or another date."))
        )
        self._pages.setCurrentIndex(1)
        below = QHBoxLayout()
        below.setContentsMargins(theme.GAP, 4, theme.GAP, 5)
        below.addWidget(self.preview)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(pages, 1)
        column.addLayout(below)

    def _sort_by(self, column: str, descending: bool) -> None:
        if (column, descending) != (self._sort, self._descending):
            self._sort, self._descending = column, descending
            self.ask()

    def _preview(self, current: QModelIndex) -> None:
        self.preview.set_text("")
        if current.isValid() and current.row() < len(self.model.rows):
            self.previewed.emit(self.model.rows[current.row()].id)

    def _open(self) -> None:
        if self.chosen():
            self.opened.emit(self.chosen())

    def _tell_count(self) -> None:
        shown = len(self.model.rows)
        if shown < self._total:
            self.count.setText(self.tr("{0} of {1} studies").format(shown, self._total))
        else:
            self.count.setText(self.tr("1 study") if shown == 1 else self.tr("{0} studies").format(shown))
