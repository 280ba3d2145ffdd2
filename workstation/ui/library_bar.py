"""The fields and buttons above the study list."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from workstation.library.search import StudyQuery
from workstation.ui import theme
from workstation.ui.modality_chips import ModalityChips
from workstation.ui.source_chips import SourceChips
from workstation.ui.widgets import icon_button, plain_label

PRESETS = (("Any date", None), ("Today", 0), ("Last 7 days", 7), ("Last 30 days", 30), ("Last year", 365))
VIEWS = (
    ("All studies", StudyQuery()),
    ("Opened lately", StudyQuery(opened=True, sort="opened")),
    ("Added lately", StudyQuery(sort="added")),
    ("Unread", StudyQuery(status="unread")),
    ("Reviewed", StudyQuery(status="reviewed")),
    ("Bin", StudyQuery(binned=True)),
)
"""Which studies, and in which order unless a title was clicked."""


class LibraryBar(QWidget):
    """Search, dates, views and what may be added; below it where is looked, modalities and the count."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search names, IDs, descriptions, accession numbers"))
        self.search.setAccessibleName(self.tr("Search the library"))
        self.search.setClearButtonEnabled(True)
        self.search.setAcceptDrops(False)
        self.search.setMinimumWidth(140)
        self.dates, self.views = self._combo(PRESETS, "Study date"), self._combo(VIEWS, "Which studies")
        self.searches = icon_button("save", self.tr("Saved searches"))
        self.more = icon_button("more", self.tr("More: watch folders, check, rebuild, bin"))
        for button in (self.searches, self.more):
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            button.setMenu(QMenu(button))
        self.add = QPushButton(self.tr("Add…"))
        theme.give_icon(self.add, "plus")
        self.add.setToolTip(self.tr("Add a folder or disc to the library; its files stay where they are"))
        self.ask = QPushButton(self.tr("Ask servers"))
        theme.give_icon(self.ask, "search", "accent-text")
        self.ask.setProperty("primary", True)
        self.ask.setToolTip(self.tr("Ask the servers for what is typed and chosen here (Enter, Ctrl+Enter)"))
        self.ask.hide()
        self.stop, self.widen = QPushButton(self.tr("Stop")), QPushButton(self.tr("Show all"))
        self.widen.setToolTip(self.tr("Take search, dates, modalities and filters away"))
        self.restore, self.empty_bin = QPushButton(self.tr("Bring back")), QPushButton(self.tr("Empty the bin…"))
        for small in (self.stop, self.widen):
            small.setProperty("chip", True)
            small.hide()
        for one in (self.add, self.ask, self.stop, self.widen, self.restore, self.empty_bin):
            one.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard where it is
        self.sources, self.chips, self.count = SourceChips(), ModalityChips(), plain_label("", "dim")
        self._lay_out()

    def _combo(self, entries: Sequence[tuple[str, object]], name: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(self.tr(name))
        for title, value in entries:
            box.addItem(self.tr(title), value)
        return box

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        buttons: list[QWidget] = [self.searches, self.add, self.restore, self.empty_bin, self.more]
        for part in [self.search, self.ask, self.dates, self.views, *buttons]:
            first.addWidget(part, int(part is self.search))
        for part in [self.chips, self.widen, self.count, self.stop]:
            second.addWidget(part, int(part is self.chips))
        rows = QVBoxLayout(self)
        rows.setContentsMargins(theme.GAP, 6, theme.GAP, 5)
        rows.setSpacing(5)
        for row in (first, second):
            row.setSpacing(theme.GAP)
        rows.addLayout(first)
        rows.addWidget(self.sources)
        rows.addLayout(second)
