"""The study list: what there is, found by any piece of it, opened with Enter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QVBoxLayout,
    QWidget,
)

from workstation.dicom import display_names
from workstation.library.dates import date_range
from workstation.library.search import SeriesRow, StudyQuery, StudyRow
from workstation.ui import study_columns
from workstation.ui.completeness_text import sentence
from workstation.ui.library_bar import PRESETS, VIEWS, LibraryBar
from workstation.ui.library_notes import TABLE, LibraryPages, page_of
from workstation.ui.remote_part import RemotePart
from workstation.ui.series_strip import SeriesStrip
from workstation.ui.study_foot import StudyFoot
from workstation.ui.study_list_model import COLUMNS, StudyListModel, plural
from workstation.ui.study_table import StudyTable
from workstation.ui.widgets import mask

if TYPE_CHECKING:
    from workstation.library.completeness import Completeness
    from workstation.library.stacks import StackRow

TYPING = 120
"""Milliseconds of rest before what is typed is looked for."""
GLANCE = 90
"""Milliseconds one must rest on a study before its series are asked for."""


class LibraryPanel(QWidget):
    """Search, filters, table and preview; knows nothing of files or databases."""

    query_changed = Signal(object)
    opened = Signal(list, str)
    """Ids of the studies to open, and the series to begin with, "" for the first."""
    binned = Signal(list)
    restored = Signal(list)
    marked = Signal(list, str)
    commented = Signal(int, str)
    add_wanted = Signal()
    stop_wanted = Signal()
    empty_bin_wanted = Signal()
    dropped = Signal(list)
    previewed = Signal(int)
    menu_wanted = Signal(object)
    seen = Signal()
    left = Signal()
    """Back to what is open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAcceptDrops(True)
        self._sort, self._descending, self._total = "date", True, 0
        self._local: Sequence[StudyRow] = ()
        self._series: Sequence[SeriesRow] = ()
        self._importing, self._missed, self._sums = "", False, (0, 0)
        self._wanted: set[int] = set()
        self._described: int | None = None
        self._answered: StudyQuery | None = None
        self._list_wanted = self._waiting = self._open_then = False
        self.bar = bar = LibraryBar()
        self.search, self.dates, self.views, self.searches = bar.search, bar.dates, bar.views, bar.searches
        self.more, self.add, self.stop, self.widen = bar.more, bar.add, bar.stop, bar.widen
        self.restore, self.empty_bin, self.chips, self.count = bar.restore, bar.empty_bin, bar.chips, bar.count
        self.search.installEventFilter(self)
        self.model = StudyListModel(self)
        self.table = StudyTable(self.model)
        self.pages = LibraryPages(self.table)
        self.strip = SeriesStrip()
        self.foot = StudyFoot()
        self.evidence = self.foot.evidence
        self.remote = RemotePart(self, self)
        self._glance = QTimer(self, singleShot=True, interval=GLANCE)
        self._later = QTimer(self, singleShot=True, interval=TYPING)
        self._catch_up = QTimer(self, singleShot=True, interval=0)
        self._catch_up.timeout.connect(lambda: self.ask() if self._missed else None)
        self._connect()
        self._lay_out()
        self._view_changed()

    def _connect(self) -> None:
        table = self.table
        self._later.timeout.connect(self.ask)
        self._glance.timeout.connect(self._ask_preview)
        self.search.textChanged.connect(self._typed)
        self.dates.currentIndexChanged.connect(lambda: self.ask())
        self.views.currentIndexChanged.connect(lambda: self._view_changed(ask=True))
        for box in (self.dates, self.views):
            box.activated.connect(lambda: self.go_to_list())
        self.chips.changed.connect(self.ask)
        table.filters.filters_changed.connect(self.ask)
        table.filters.left.connect(self.go_to_list)
        table.filters.escaped = self.remote.stop
        table.filters.entered.connect(lambda: self.remote.enter())
        for button in (self.add, self.pages.add):
            button.clicked.connect(lambda: self.add_wanted.emit())
        for button in (self.widen, self.pages.clear):
            button.clicked.connect(lambda: self.clear())
        self.stop.clicked.connect(lambda: self.stop_wanted.emit())
        self.restore.clicked.connect(lambda: self.restored.emit(self.chosen()))
        self.empty_bin.clicked.connect(lambda: self.empty_bin_wanted.emit())
        self.model.sort_wanted.connect(self._sort_by)
        self.model.commented.connect(self.commented)
        table.opened.connect(self.open)
        table.binned.connect(lambda: self.binned.emit(self.chosen()) if not table.in_bin else None)
        table.restored.connect(lambda: self.restored.emit(self.chosen()))
        table.marked.connect(self._mark)
        table.typed.connect(self._type)
        table.menu_wanted.connect(self.menu_wanted)
        table.columns_wanted.connect(lambda menu: study_columns.fill(menu, table))
        table.patient_wanted.connect(self._only_patient)
        table.itemDelegate().closeEditor.connect(lambda: self._catch_up.start())
        table.selectionModel().currentRowChanged.connect(self._preview)
        self.strip.activated.connect(lambda series: self.open(series))

    def sizeHint(self) -> QSize:
        return QSize(1000, 600)

    # what is asked

    def ask(self) -> None:
        """Say what is asked for now."""
        self._later.stop()
        text = self.table.filters.texts().get(DATE, "")
        doubtful = text and date_range(text) is None
        hint = self.tr("Dates look like 2024, 2024-05, 2024-05-07, 7.5.2024 or 2023..2024-05")
        self.table.filters.set_doubtful(DATE, hint if doubtful else "")
        self.widen.setVisible(self.narrowed)
        self._waiting = True
        self.remote.question_changed()
        self.query_changed.emit(self.query())

    def query(self) -> StudyQuery:
        """Return what is asked for."""
        view: StudyQuery = self.views.currentData()
        texts = self.table.filters.texts()
        first, last = date_range(texts.pop(DATE, "")) or ("", "")
        columns = [(COLUMNS[number].filter, text) for number, text in texts.items()]
        return replace(
            view,
            text=self.search.text(),
            columns=tuple(columns),
            modalities=self.chips.chosen(),
            first_date=first,
            last_date=last,
            days=self.dates.currentData(),
            sort=self._sort,
            descending=self._descending,
        )

    @property
    def narrowed(self) -> bool:
        """Whether less is asked for than all there is."""
        plain = replace(StudyQuery(), sort=self._sort, descending=self._descending)
        return self.query() != plain or bool(self.table.filters.texts())

    def show_query(self, query: StudyQuery, source: str | None = None) -> None:
        """Ask for something, as it was saved; where a source is named there, and a server of it at once."""
        self.search.setText(query.text)
        for widget in (self.dates, self.views):
            widget.blockSignals(True)
        self.dates.setCurrentIndex(next((n for n, (_, days) in enumerate(PRESETS) if days == query.days), 0))
        place = next((n for n, (_, v) in enumerate(VIEWS) if _which(v) == _which(query) and n != ADDED), 0)
        self.views.setCurrentIndex(place)
        for widget in (self.dates, self.views):
            widget.blockSignals(False)
        self._view_changed()
        self.chips.choose(query.modalities)
        numbers = {column.filter: number for number, column in enumerate(COLUMNS) if column.filter}
        texts = {numbers[name]: text for name, text in query.columns if name in numbers}
        if query.first_date or query.last_date:
            texts[DATE] = "..".join(map(display_names.date, (query.first_date, query.last_date)))
        self.table.filters.set_texts(texts)
        self._sort_as(query.sort, query.descending)
        if source is not None:
            self.bar.sources.choose(source)
        self.ask()
        if source is not None:
            self.remote.source_chosen()

    def clear(self) -> None:
        """Ask for everything again."""
        self.show_query(StudyQuery())
        self.go_to_list()

    def go_to_list(self) -> None:
        """Give the list the keyboard; where it is empty, the search."""
        self._list_wanted = self.pages.page != TABLE
        (self.search if self._list_wanted else self.table).setFocus()

    def go_to_search(self) -> None:
        """Give the search the keyboard, with all that is in it selected."""
        self.search.setFocus()
        self.search.selectAll()

    def _only_patient(self) -> None:
        current = self.current()
        if current is not None:
            column = "patient_id" if current.patient_id else "name"
            text = current.patient_id or current.name
            self.show_query(StudyQuery(columns=((column, text),)))

    # what is answered

    def show_studies(self, rows: Sequence[StudyRow], total: int) -> None:
        """Show the library's answer; what was selected stays so if it is still there, else its place does."""
        if self.table.editing:  # a new list would take away what is being written
            self._missed = True
            return
        self._local, self._total, self._waiting = rows, total, False
        self.renew()
        if self._open_then:
            self._open_then = False
            self.open()

    def renew(self) -> None:
        """Show what library and servers have told, as one list."""
        if self.table.editing:
            self._missed = True
            return
        current, chosen = self.current(), self._wanted or {one.id for one in self.chosen_rows()}
        uids = {one.uid for one in self.chosen_rows() if one.id < 0}
        top, row = self.table.verticalScrollBar().value(), self.table.currentIndex().row()
        self._missed, self._wanted = False, set()
        query = self.query()
        again, self._answered = query == self._answered, query
        rows, places = self.remote.merged(self._local, query)
        self.model.set_rows(rows, places)
        self._sums = len({one.patient for one in rows}), sum(one.instance_count for one in rows)
        # what was fetched from a server is another row from then on
        kept = {number: one for number, one in enumerate(rows) if one.id in chosen or one.uid in uids}
        if kept and self.table.touched:
            stays = next((n for n, one in kept.items() if _same(one, current)), min(kept))
            self.table.select_all_of(kept, stays)
            if again and _same(rows[stays], current):
                self.table.verticalScrollBar().setValue(top)
        elif rows:
            self.table.select(min(max(row, 0), len(rows) - 1) if again and self.table.touched else 0)
        else:
            self.show_series(None, ())
        self.show_page()

    def want_selected(self, studies: Sequence[int]) -> None:
        """Select these in the next answer."""
        self.table.touched = True
        self._wanted = set(studies)

    def show_page(self) -> None:
        """Show the list, or what there is to say where it is empty."""
        view: StudyQuery = self.views.currentData()
        focus = QApplication.focusWidget()
        had_focus = focus is not None and self.pages.isAncestorOf(focus)
        elsewhere = focus is None or not self.isAncestorOf(focus)
        page = self.remote.page() if not self.model.rows else None
        if page is None:
            page = page_of(self.query(), view, found=bool(self.model.rows), narrowed=self.narrowed)
        changed = page != self.pages.page
        self.pages.show_page(page)
        for part in (self.foot, self.strip):
            part.setVisible(page == TABLE)
        wanted = had_focus or elsewhere or (self._list_wanted and not self.search.text())
        if changed and wanted and self.isVisible():
            self.go_to_list()
        self._tell_count()

    def show_series(self, study: int | None, series: Sequence[SeriesRow], found: Completeness | None = None) -> None:
        """Show what the current study is made of, and what speaks for or against its being whole."""
        current = self.current()
        if study is not None and (current is None or current.id != study):
            return
        self._described, self._series = study, series
        self.strip.set_series(self.remote.with_series(current, series))
        self.evidence.tone = "warning" if found is not None and found.doubtful else ""
        self.foot.tell(sentence(found) if found is not None else "", self.remote.place(current))

    def renew_series(self) -> None:
        """Show what has become known of the current study's series."""
        current = self.current()
        self.strip.set_series(self.remote.with_series(current, self._series))
        self.foot.tell(self.foot.said, self.remote.place(current))

    def show_stacks(self, study: int, series: int, stacks: Sequence[StackRow]) -> None:
        """Show the picture of a series of the current study."""
        current = self.current()
        if current is not None and current.id == study:
            self.strip.set_stacks(series, stacks)

    def show_import(self, text: str, running: bool) -> None:
        """Say how far an import is."""
        self.stop.setVisible(running)
        self._importing = text if running else ""
        self._tell_count()

    def set_identity_hidden(self, hidden: bool) -> None:
        """Leave names and numbers of patients out, also of what is typed to find them."""
        mask(self.bar.search, hidden)
        self.table.set_identity_hidden(hidden)
        chosen, current = self.table.chosen(), self.table.currentIndex().row()
        self.model.set_identity_hidden(hidden)
        if chosen:
            self.table.select_all_of(chosen, max(current, 0))

    def select(self, row: int) -> None:
        """Select one line and go to it."""
        self.table.touched = True
        self.table.select(row)

    def current(self) -> StudyRow | None:
        """Return the study the keyboard is on."""
        index = self.table.currentIndex()
        return self.model.rows[index.row()] if index.isValid() and index.row() < len(self.model.rows) else None

    def chosen(self) -> list[int]:
        """Return the ids of the selected studies of the library."""
        return [row.id for row in self.chosen_rows() if row.id >= 0]

    def chosen_rows(self) -> list[StudyRow]:
        """Return the selected studies, those of servers as well."""
        return [self.model.rows[row] for row in self.table.chosen() if row < len(self.model.rows)]

    def open(self, series: str = "") -> None:
        """Open what is selected; what is on servers is fetched for it."""
        if self.table.in_bin:
            return
        rows = self.chosen_rows()
        if any(row.id >= 0 for row in rows) and not self.remote.has_alone(series):
            self.opened.emit(self.chosen(), series)
        self.remote.open(rows, series)

    def _typed(self) -> None:
        self._open_then = False
        self._later.start()

    def _open_found(self) -> None:
        """Open what is found, never what was listed before: who types and presses Enter is quicker than the answer."""
        if self._later.isActive():
            self.ask()
        if self.remote.enter():
            return
        self._open_then = self._waiting
        if not self._waiting:
            self.open()

    # events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrow keys reach the list while one types."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self.table.setFocus()
                self.table.keyPressEvent(event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._open_found()
                return True
            if event.key() == Qt.Key.Key_Escape:
                if self.remote.stop():
                    pass
                elif self.search.text():
                    self.search.clear()
                else:
                    self.go_to_list()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc ends a search on servers; then it leads to the list, and from there to what is open."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.remote.stop():
            pass
        elif self.table.hasFocus() or self.pages.page != TABLE:
            self.left.emit()
        else:
            self.go_to_list()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.seen.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
            self.count.setText(self.tr("Drop to add to the library; the files stay where they are"))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._tell_count()

    def dropEvent(self, event: QDropEvent) -> None:
        self._tell_count()
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)

    # building

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.remote.lines)
        column.addWidget(self.pages, 1)
        column.addWidget(self.foot)
        column.addWidget(self.strip)

    def _view_changed(self, *, ask: bool = False) -> None:
        view: StudyQuery = self.views.currentData()
        self.table.in_bin = view.binned
        self.add.setVisible(not view.binned)
        self.restore.setVisible(view.binned)
        self.empty_bin.setVisible(view.binned)
        if ask:
            self.table.touched = False
            self._sort_as(view.sort, True)
            self.ask()

    def _sort_as(self, column: str, descending: bool) -> None:
        self._sort, self._descending = column, descending
        self.table.show_sort(column, descending=descending)

    def _sort_by(self, column: str, descending: bool) -> None:
        if (column, descending) != (self._sort, self._descending):
            self._sort, self._descending = column, descending
            self.ask()

    def _mark(self, status: str) -> None:
        chosen = self.chosen()
        for study in chosen:
            self.model.change(study, status=status)
        self.marked.emit(chosen, status)

    def _type(self, text: str) -> None:
        self.search.setFocus()
        self.search.setText(self.search.text() + text)

    def _preview(self, current: QModelIndex) -> None:
        study = self.model.rows[current.row()].id if current.isValid() else None
        if study is None or study != self._described:
            self.show_series(None, ())
        self.remote.rest_on(self.current())
        if study is not None:
            self._glance.start()

    def _ask_preview(self) -> None:
        current = self.current()
        if current is not None and current.id >= 0:
            self.previewed.emit(current.id)

    def _tell_count(self) -> None:
        shown = len(self.model.rows)
        text = plural(shown, self.tr("1 study"), self.tr("{0} studies"))
        if shown < self._total and not self.remote.source:
            text = self.tr("{0} of {1}").format(shown, plural(self._total, self.tr("1 study"), self.tr("{0} studies")))
        patients, images = self._sums
        parts = [self._importing, text]
        if shown:
            parts.append(plural(patients, self.tr("1 patient"), self.tr("{0} patients")))
            if not self.remote.source:  # servers do not all tell how many they have
                parts.append(plural(images, self.tr("1 image"), self.tr("{0} images")))
        self.count.setText(" · ".join(part for part in parts if part))


ADDED = 2
DATE = next(number for number, column in enumerate(COLUMNS) if column.filter == "date")


def _which(query: StudyQuery) -> tuple[object, ...]:
    return query.status, query.opened, query.binned


def _same(row: StudyRow, before: StudyRow | None) -> bool:
    return before is not None and (row.id == before.id or (before.id < 0 and row.uid == before.uid))
