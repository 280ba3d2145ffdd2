"""The page that asks a worklist what is scheduled; nothing is asked before the user wants it (G14)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QCloseEvent, QGuiApplication, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from workstation.dicom.display_names import person_name
from workstation.ui import theme
from workstation.ui.header_model import Block, HeaderModel
from workstation.ui.header_table import HeaderTable
from workstation.ui.modality_chips import ModalityChips
from workstation.ui.row_words import RowWords
from workstation.ui.spoken import FINDING, spoken
from workstation.ui.widgets import ElidedLabel, EmptyNote, mask, plain, plain_label, tooltip
from workstation.ui.worklist_model import COLUMNS, Step, WorklistModel, day_span, in_order, typed_span

if TYPE_CHECKING:
    from workstation.errors import WorkstationError
    from workstation.network.find_service import FindReport
    from workstation.network.nodes import Node
    from workstation.network.worklist import WorklistQuery
    from workstation.ui.network_desk import Errand, NetworkDesk
    from workstation.ui.window_api import WindowApi

MODALITIES = ("CR", "CT", "DX", "ES", "IO", "MG", "MR", "NM", "OP", "PT", "PX", "RF", "SC", "US", "XA")
"""What is offered before anything was asked: steps of these are common (PS3.3 C.7.3.1.1.1)."""
DATES = (
    ("Today", (0, 0)),
    ("Tomorrow", (1, 1)),
    ("Next 7 days", (0, 6)),
    ("Last 7 days", (-6, 0)),
    ("Any date", None),
    ("Dates…", ()),
)
"""Days from today; a pair of none is what is typed."""
TABLE, FIRST, EMPTY, FAILED, NO_NODE = range(5)


class WorklistPage(QWidget):
    """Filters, steps and, beside them, all that a worklist says of one."""

    def __init__(self, window: WindowApi, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(self.tr("Worklist"))
        self._window = window
        self._network: NetworkDesk = window.network  # type: ignore[assignment]
        self._errand: Errand | None = None
        self._reports: list[FindReport] = []
        self._hidden = False
        self.model = WorklistModel(self)
        self._make_filters()
        self._make_table()
        self._make_notes()
        self._lay_out()
        self._connect()
        self._list_nodes()
        self._hide_identity()
        self._show_page(FIRST if self.node.count() else NO_NODE)
        room = self.screen().availableGeometry().width() if parent is None else parent.window().width()
        self.resize(max(min(room - 60, 1560), 900), 680)
        self._seen = False

    # building

    def _line(self, title: str, placeholder: str, width: int) -> QLineEdit:
        line = QLineEdit()
        line.setAccessibleName(title)
        line.setPlaceholderText(placeholder)
        line.setToolTip(tooltip(title))
        line.setClearButtonEnabled(True)
        line.setMinimumWidth(width)
        return line

    def _make_filters(self) -> None:
        self.node = QComboBox()
        self.node.setAccessibleName(self.tr("Worklist to ask"))
        self.node.setToolTip(tooltip(self.tr("Nodes for which “worklist” is ticked")))
        self.dates = QComboBox()
        self.dates.setAccessibleName(self.tr("Scheduled for"))
        for title, span in DATES:
            self.dates.addItem(self.tr(title), span)
        self.typed = self._line(self.tr("Dates: 2024-05-07, 2024-05, 2023..2024-05"), self.tr("2024-05-07..05-09"), 130)
        self.typed.hide()
        self.patient = self._line(self.tr("Patient's name, * and ? allowed"), self.tr("Patient’s name"), 130)
        self.patient_id = self._line(self.tr("Patient ID"), self.tr("Patient ID"), 90)
        self.accession = self._line(self.tr("Accession number"), self.tr("Accession"), 90)
        self.station = self._line(self.tr("AE title of the station"), self.tr("Station title"), 100)
        self.chips = ModalityChips()
        self.chips.set_modalities(MODALITIES)
        self.go = QPushButton(self.tr("Search"))
        theme.give_icon(self.go, "search")
        self.cancel = QPushButton(self.tr("Cancel"))
        self.cancel.hide()
        self.at_once = QCheckBox(self.tr("Search on opening"))
        self.at_once.setToolTip(tooltip(self.tr("Without this, nothing is asked before Enter or Search")))
        self.at_once.setChecked(self._window.settings["worklist_at_once"])

    def _make_table(self) -> None:
        self.table = table = QTableView()
        table.setModel(self.model)
        table.setAccessibleName(self.tr("Scheduled steps"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setSortingEnabled(True)
        table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 9)
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.horizontalHeader().setHighlightSections(False)
        table.horizontalHeader().setStretchLastSection(True)
        width = table.fontMetrics().averageCharWidth()
        for number, column in enumerate(COLUMNS):
            table.setColumnWidth(number, column.width * width + 14)
        name, value, tag = ("name", self.tr("Name")), ("value", self.tr("Value")), ("tag", self.tr("Tag"))
        self.header = HeaderTable(HeaderModel((tag, name, value), self))
        self.header.setAccessibleName(self.tr("All that the worklist says of the step"))
        self.header.setColumnWidth(0, 138)
        self.header.setColumnWidth(1, 160)
        RowWords(self.header, self.header.lines)
        copying = QAction(self.tr("Copy value"), self.header)
        copying.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copying.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copying.triggered.connect(self.copy_values)
        self.header.addAction(copying)
        self.header.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        cell = QAction(self.tr("Copy value"), table)
        cell.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        cell.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        cell.triggered.connect(self.copy_cell)
        find = QAction(self.tr("Find this patient’s studies"), table)
        find.triggered.connect(self.find_patient)
        table.addActions([cell, find])
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._find_action = find

    def _make_notes(self) -> None:
        self.first = EmptyNote(
            "calendar",
            self.tr("Nothing has been asked yet"),
            self.tr("Enter or Search asks the worklist that is chosen above."),
        )
        self.nothing = EmptyNote("calendar", self.tr("Nothing is scheduled that fits"), "")
        self.failed = EmptyNote("error", self.tr("The worklist could not be asked"), "")
        self.no_node = EmptyNote(
            "node",
            self.tr("There is no worklist to ask"),
            self.tr("Add a node and tick “worklist” for it."),
        )
        add = QPushButton(self.tr("Nodes…"))
        add.clicked.connect(lambda: self._window.dispatch("network.nodes"))
        self.no_node.add_button(add)
        self.state = ElidedLabel()
        self.mpps = plain_label(self.tr("MPPS is not offered"), "dim")
        self.mpps.setToolTip(
            tooltip(
                self.tr(
                    "Modalities report what they have performed by Modality Performed Procedure Step. This program "
                    "only looks: it performs nothing, and so reports nothing to the worklist."
                )
            )
        )
        self.find_button = QPushButton(self.tr("Find this patient’s studies"))
        self.find_button.setToolTip(tooltip(self.tr("Puts the patient ID into the search of the study list")))
        self.find_button.setEnabled(False)

    def _lay_out(self) -> None:
        bar = QWidget()
        bar.setObjectName("panelBar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        first, second = QHBoxLayout(), QHBoxLayout()
        for widget in (self.node, self.dates, self.typed, self.patient, self.patient_id, self.accession, self.station):
            first.addWidget(widget, 1 if widget is self.patient else 0)
        first.addWidget(self.go)
        first.addWidget(self.cancel)
        second.addWidget(self.chips, 1)
        second.addWidget(self.at_once)
        rows = QVBoxLayout(bar)
        rows.setContentsMargins(theme.GAP, 6, theme.GAP, 5)
        rows.setSpacing(5)
        for row in (first, second):
            row.setSpacing(theme.GAP)
            rows.addLayout(row)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.addWidget(self.table)
        self.split.addWidget(self.header)
        self.split.setStretchFactor(0, 1)
        self.split.setSizes([820, 400])
        self.pages = QStackedWidget()
        for page in (self.split, self.first, self.nothing, self.failed, self.no_node):
            self.pages.addWidget(page)
        foot = QWidget()
        foot.setObjectName("panelFoot")
        foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        line = QHBoxLayout(foot)
        line.setContentsMargins(theme.GAP, 5, theme.GAP, 5)
        line.setSpacing(2 * theme.GAP)
        line.addWidget(self.state, 1)
        line.addWidget(self.mpps)
        line.addWidget(self.find_button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(bar)
        whole.addWidget(self.pages, 1)
        whole.addWidget(foot)

    def _connect(self) -> None:
        self.go.clicked.connect(self.search)
        self.cancel.clicked.connect(self.stop)
        self.find_button.clicked.connect(self.find_patient)
        self.dates.currentIndexChanged.connect(self._date_chosen)
        self.at_once.toggled.connect(lambda on: self._window.settings.set("worklist_at_once", on))
        self.table.selectionModel().currentRowChanged.connect(self._show_step)
        self._network.nodes_changed.connect(self._list_nodes)
        self._window.workspace.options_changed.connect(self._hide_identity)

    def sizeHint(self) -> QSize:
        return QSize(1240, 680)

    def _list_nodes(self) -> None:
        """Offer the nodes that are worklists, the one asked last first chosen."""
        chosen = self.node.currentText() or self._window.settings["worklist_node"]
        self.node.clear()
        for node in self._network.book:
            if "worklist" in node.services and node.speaks_dimse:
                self.node.addItem(node.name, node)
        self.node.setCurrentIndex(max(self.node.findText(chosen), 0))
        some = self.node.count() > 0
        self.go.setEnabled(some)
        if self.pages.currentIndex() in (FIRST, NO_NODE):
            self._show_page(FIRST if some else NO_NODE)

    def _date_chosen(self) -> None:
        self.typed.setVisible(self.dates.currentData() == ())
        if self.typed.isVisible():
            self.typed.setFocus()

    # asking

    @property
    def running(self) -> bool:
        """Whether answers are waited for."""
        return self._errand is not None

    def query(self) -> WorklistQuery | None:
        """Return what is asked for, without the modality; None where a date cannot be read."""
        from workstation.network.worklist import WorklistQuery

        span = self.dates.currentData()
        if span == ():
            start = typed_span(self.typed.text()) if self.typed.text().strip() else ""
            if start is None:
                return None
        else:
            start = day_span(*span) if span else ""
        return WorklistQuery(
            station_title=self.station.text().strip(),
            start_date=start,
            patient_name=self.patient.text().strip(),
            patient_id=self.patient_id.text().strip(),
            accession=self.accession.text().strip(),
            everything=True,
        )

    def search(self) -> None:
        """Ask the worklist."""
        node: Node | None = self.node.currentData()
        if node is None:
            return
        query = self.query()
        if query is None:
            self._say(self.tr("Dates look like 2024, 2024-05, 2024-05-07, 7.5.2024 or 2023..2024-05"), "error")
            return
        if self._errand is not None:
            self._errand.stop()
        self._window.settings.set("worklist_node", node.name)
        self._reports = []
        self.model.clear()
        self._show_step()
        self._set_running(True)
        self._say(self.tr("Asking {0}…").format(plain(node.name, 60)))
        chosen = in_order(self.chips.chosen())
        reports = self._reports

        def run(stop: threading.Event) -> Iterator[Step]:
            from dataclasses import replace

            from pydicom.dataset import Dataset

            from workstation.network.find_service import FindReport
            from workstation.network.worklist import worklist

            for modality in chosen:
                report = FindReport()
                reports.append(report)
                for item in worklist(node, replace(query, modality=modality), stop=stop, report=report):
                    yield Step(item, Dataset.from_json(item.model))

        self._errand = self._network.follow(run, self._add, self._ended)

    def stop(self) -> None:
        """Ask no further; what came stays."""
        if self._errand is not None:
            self._errand.stop()
            self._set_running(False)
            self._say(self.tr("Stopped after {0}; there may be more.").format(len(self.model.steps)), "warning")
            self._show_page(TABLE if self.model.steps else FIRST)

    def _add(self, step: Step) -> None:
        self.model.add(step)
        if len(self.model.steps) == 1:
            self._show_page(TABLE)
            self.table.selectRow(0)

    def _ended(self, failure: WorkstationError | None) -> None:
        self._set_running(False)
        number = len(self.model.steps)
        if failure is not None:
            self.failed.advice.setText(plain(str(failure), 600))
            self._say(str(failure) if number else "", "error")
            self._show_page(TABLE if number else FAILED)
            return
        counted = self.tr("1 step is scheduled") if number == 1 else self.tr("{0} steps are scheduled").format(number)
        said = " ".join(dict.fromkeys(spoken(FINDING, one.sentence) for one in self._reports if one.sentence))
        doubtful = any(one.more or one.unreadable for one in self._reports)
        if number:
            self._say(" · ".join(part for part in (counted, said) if part), "warning" if doubtful else "")
            self._show_page(TABLE)
            self.table.setFocus()
        else:
            node = plain(self.node.currentText(), 60)
            answered = self.tr("{0} was asked and answered; ask for other dates, or for less.").format(node)
            self.nothing.advice.setText(answered)
            self._say(said)
            self._show_page(EMPTY)

    def _set_running(self, running: bool) -> None:
        if not running:
            self._errand = None
        self.cancel.setVisible(running)
        self.go.setVisible(not running)

    def _say(self, text: str, tone: str = "") -> None:
        self.state.tone = tone
        self.state.set_text(plain(text, 400))
        self.state.setToolTip(tooltip(text))

    def _show_page(self, page: int) -> None:
        self.pages.setCurrentIndex(page)

    # one step

    def current(self) -> Step | None:
        """Return the step the keyboard is on."""
        row = self.table.currentIndex().row()
        return self.model.steps[row] if 0 <= row < len(self.model.steps) else None

    def _show_step(self, *_: object) -> None:
        step = self.current()
        self.find_button.setEnabled(step is not None and bool(step.item.patient_id or step.item.name))
        self._find_action.setEnabled(self.find_button.isEnabled())
        if step is None:
            self.header.lines.show_blocks((), lambda _row: ())
            return
        from workstation.dicom.header_tree import children, header_rows
        from workstation.loading.header_view import masked

        def shown(rows: list[Any]) -> list[Any]:
            return [masked(row) for row in rows] if self._hidden else rows

        self.header.lines.show_blocks(
            [Block("", shown(header_rows(step.dataset)))],
            lambda row: shown(children(step.dataset, row)),
            all_open=True,
        )

    def _hide_identity(self) -> None:
        self._hidden = self._window.workspace.options.identity_hidden
        self.model.set_identity_hidden(self._hidden)
        for field in (self.patient, self.patient_id, self.accession):
            mask(field, self._hidden)
        self._show_step()

    def copy_values(self) -> None:
        """Copy the values of the chosen lines of the step."""
        values = (spoken(FINDING, line.row.value) for line in self.header.selected_lines() if line.row is not None)
        QGuiApplication.clipboard().setText("\n".join(values))

    def copy_cell(self) -> None:
        """Copy what the cell says that the keyboard is on."""
        index = self.table.currentIndex()
        if index.isValid():
            QGuiApplication.clipboard().setText(self.model.text(index.row(), index.column()))

    def find_patient(self) -> None:
        """Look for the studies of the patient in the study list."""
        step = self.current()
        if step is None:
            return
        patient_id, name = step.item.patient_id, step.item.name
        self._window.library.find_patient(patient_id, person_name(name))
        self._window.activate()

    # events

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.running:
            self.stop()
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self.split.isAncestorOf(self.focusWidget()):
            # fields and chips leave the key to the page
            self.search()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._seen:
            self.patient.setFocus()
        if not self._seen and self.at_once.isChecked() and self.node.count():
            self.search()
        self._seen = True

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._errand is not None:
            self._errand.stop()
        super().closeEvent(event)
