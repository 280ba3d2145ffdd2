"""What stands in place of the study list where there is no study to show, and what to do then."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedLayout, QWidget

from workstation.library.search import StudyQuery
from workstation.ui.widgets import EmptyNote

TABLE, EMPTY, NO_MATCH, BIN, OPENED, UNREAD, REVIEWED, ASK, ASKING, FAILED = range(10)


class LibraryPages(QWidget):
    """The table, or a note with what helps."""

    add_wanted = Signal()
    clear_wanted = Signal()

    def __init__(self, table: QWidget) -> None:
        super().__init__()
        tr = partial(QCoreApplication.translate, "LibraryPages")
        self._pages = QStackedLayout(self)
        self._pages.addWidget(table)
        self.add = QPushButton(tr("Add a folder…"))
        self.add.setProperty("primary", True)
        self.add.clicked.connect(lambda: self.add_wanted.emit())
        self.clear = QPushButton(tr("Show all studies"))
        self.clear.clicked.connect(lambda: self.clear_wanted.emit())
        back = tr("All studies are in the list beside the search.")
        for icon, line, advice, button in (
            (
                "folder",
                tr("The library is empty"),
                tr("Drop a folder or a disc here, or add one: its files stay where they are, the library finds them."),
                self.add,
            ),
            ("search", tr("No study matches"), tr("Fewer letters, another date or other modalities."), self.clear),
            ("delete", tr("The bin is empty"), tr("Delete puts a study here; its files stay."), None),
            ("study-list", tr("No study was opened yet"), back, None),
            ("study-list", tr("No study is marked unread"), tr("The key . marks the selected studies."), None),
            ("study-list", tr("No study is marked reviewed"), tr("The key / marks the selected studies."), None),
        ):
            note = EmptyNote(icon, line, advice)
            if button is not None:
                note.add_button(button)
            self._pages.addWidget(note)
        self._make_server_pages()
        self.show_page(TABLE)

    def _make_server_pages(self) -> None:
        tr = partial(QCoreApplication.translate, "LibraryPages")
        self.today, self.week = QPushButton(tr("Studies of today")), QPushButton(tr("Of the last 7 days"))
        self.today.setProperty("primary", True)
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        for button in (self.today, self.week):
            row.addWidget(button)
        self._servers = []
        offers: tuple[tuple[str, str, QWidget | None], ...] = (
            (
                "search",
                tr(
                    "Type a name, an ID or an accession number, or choose dates or modalities, and press Enter. "
                    "A server is never asked for everything."
                ),
                both,
            ),
            ("search", tr("What it answers appears here as it comes. Esc ends the search."), None),
            ("warning", tr("Above is said why. “Check…” finds what to change."), None),
        )
        for icon, advice, buttons in offers:
            note = EmptyNote(icon, "", advice)
            if buttons is not None:
                note.add_button(buttons)
            self._servers.append(note)
            self._pages.addWidget(note)

    def name_servers(self, names: str) -> None:
        """Say whom the pages on servers speak of."""
        tr = partial(QCoreApplication.translate, "LibraryPages")
        for note, text in zip(
            self._servers,
            (tr("What shall {0} be asked for?"), tr("Asking {0}…"), tr("No answer from {0}")),
            strict=True,
        ):
            note.title.setText(text.format(names))

    @property
    def page(self) -> int:
        """Which page is shown."""
        return self._pages.currentIndex()

    def show_page(self, page: int) -> None:
        """Show the table or a note."""
        self._pages.setCurrentIndex(page)


def page_of(query: StudyQuery, view: StudyQuery, *, found: bool, narrowed: bool) -> int:
    """Return the page for an answer: ``view`` is the question without search and filters."""
    if found:
        return TABLE
    if query.text or query.columns or query.modalities or query.first_date or query.last_date or query.days is not None:
        return NO_MATCH
    marks = {"unread": UNREAD, "reviewed": REVIEWED}
    if view.binned or view.opened or view.status in marks:
        return BIN if view.binned else OPENED if view.opened else marks[str(view.status)]
    return NO_MATCH if narrowed else EMPTY
