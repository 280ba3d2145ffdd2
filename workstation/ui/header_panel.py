"""The header inspector: a short clinical page, a page with every element, and one that holds them against the IOD."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QStackedLayout,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from workstation.ui import theme
from workstation.ui.check_page import CheckPage
from workstation.ui.header_dumps import HeaderDumps
from workstation.ui.header_model import Block, Children, HeaderModel, Line
from workstation.ui.header_table import CHEVRON, INDENT, HeaderTable
from workstation.ui.row_words import RowWords
from workstation.ui.spoken import FINDING, spoken
from workstation.ui.widgets import ElidedLabel, EmptyNote, icon_button, plain_label

if TYPE_CHECKING:
    from workstation.dicom.header_tree import HeaderRow

FILTER_DELAY = 120
"""Milliseconds between the last key and the filter."""


class HeaderPanel(QWidget):
    """Follows what it is given; keeps filter, open sequences and scroll position while slices change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        name, value = ("name", self.tr("Name")), ("value", self.tr("Value"))
        tag, vr, vm = ("tag", self.tr("Tag")), ("vr", self.tr("VR")), ("vm", self.tr("VM"))
        self.clinical = HeaderTable(HeaderModel((name, value), self))
        self.everything = HeaderTable(HeaderModel((tag, name, vr, vm, value), self))
        self.check = CheckPage()
        self.title = ElidedLabel("", Qt.TextElideMode.ElideMiddle)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter by tag, name or value"))
        self.filter.setAccessibleName(self.tr("Filter the header"))
        self.filter.setClearButtonEnabled(True)
        self.found = plain_label("", "dim")
        self._full_value: Callable[[HeaderRow], str] = lambda row: row.value
        self._make_actions()
        self._lay_out()
        self._later = QTimer(self, singleShot=True, interval=FILTER_DELAY)
        self._later.timeout.connect(self._apply_filter)
        self.filter.textChanged.connect(self._later.start)
        self.filter.returnPressed.connect(self.go_next)
        self.pages.currentChanged.connect(self._say_found)
        for table in self.tables:
            table.lines.searched.connect(self._say_found)
            table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
            table.addActions(self._copying)
            RowWords(table, table.lines)
            table.selectionModel().currentChanged.connect(self._say_found)

    def show_rows(
        self,
        title: str,
        clinical: Sequence[Block] | Sequence[HeaderRow],
        everything: Sequence[Block] | Sequence[HeaderRow],
        children: Children = lambda _row: (),
        full_value: Callable[[HeaderRow], str] | None = None,
        dump: Callable[[str], str] | None = None,
    ) -> None:
        """Show a data set.

        Rows may stand in blocks with headings; ``children(row)`` gives what a sequence holds, ``full_value(row)``
        the text that "Copy value" takes where ``row.value`` is shortened. ``dump(form)`` writes the whole header, None
        where it may not be taken out.
        """
        self.dumps.show_header(title, dump)
        self._full_value = full_value or (lambda row: row.value)
        self.title.set_text(title)
        self.clinical.lines.show_blocks(_blocks(clinical), children)
        self.everything.lines.show_blocks(_blocks(everything), children)
        self._stack.setCurrentIndex(0)
        self._fit_columns()

    def clear(self) -> None:
        """Show that there is nothing to show."""
        self.show_rows("", (), ())
        self._stack.setCurrentIndex(1)

    def focus_filter(self) -> None:
        """Put the keyboard into the filter line (Ctrl+F)."""
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    @property
    def tables(self) -> tuple[HeaderTable, ...]:
        """The table of each page."""
        return self.clinical, self.everything, self.check.table

    def table(self) -> HeaderTable:
        """Return the table of the page in front."""
        return self.tables[max(self.pages.currentIndex(), 0)]

    def go_next(self) -> None:
        """Go to the next match, around the end (F3)."""
        self._step(1)

    def go_previous(self) -> None:
        """Go to the match before, around the start (Shift+F3)."""
        self._step(-1)

    def copy_rows(self) -> None:
        """Copy the chosen lines, one a line, columns parted by tabs."""
        self._copy(self.table().selected_lines())

    def copy_values(self) -> None:
        """Copy the values of the chosen lines."""
        view = self.check.view
        full = view.full_value if view is not None and self.table() is self.check.table else self._full_value
        values = (spoken(FINDING, full(line.row)) for line in self.table().selected_lines() if line.row is not None)
        QGuiApplication.clipboard().setText("\n".join(values))

    def copy_visible(self) -> None:
        """Copy every line of the page that the filter leaves."""
        self._copy(self.table().lines.lines)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.filter.text():
            self.filter.clear()
        elif event.key() == Qt.Key.Key_Down and self.filter.hasFocus():
            self.table().setFocus()
            if not self.table().currentIndex().isValid() and self.table().lines.lines:
                self._step(1)
        else:
            super().keyPressEvent(event)

    def _copy(self, lines: Sequence[Line]) -> None:
        model = self.table().lines
        columns = range(model.columnCount())
        text = ("\t".join(model.cell(line, column) for column in columns).rstrip("\t") for line in lines)
        QGuiApplication.clipboard().setText("\n".join(text))

    def _apply_filter(self) -> None:
        for table in self.tables:
            table.lines.set_filter(self.filter.text())

    def _step(self, way: int) -> None:
        if self._later.isActive():
            self._later.stop()
            self._apply_filter()
        table = self.table()
        matches = table.lines.matches
        if not matches:
            return
        here = table.currentIndex().row() if table.currentIndex().isValid() else -1
        if way > 0:
            target = next((number for number in matches if number > here), matches[0])
        else:
            target = next((number for number in reversed(matches) if number < here), matches[-1])
        table.go_to(target)
        self._say_found()

    def _say_found(self) -> None:
        table = self.table()
        matches = table.lines.matches
        if not self.filter.text().strip() or table.lines.searching:
            self.found.setText("")
            return
        here = table.currentIndex().row()
        if here in matches:
            self.found.setText(self.tr("{} of {}").format(matches.index(here) + 1, len(matches)))
        else:
            self.found.setText(self.tr("{} found").format(len(matches)) if matches else self.tr("none"))

    def _make_actions(self) -> None:
        row = QAction(self.tr("Copy row"), self)
        row.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        row.triggered.connect(self.copy_rows)
        value = QAction(self.tr("Copy value"), self)
        value.setShortcut(QKeySequence("Ctrl+Shift+C"))
        value.triggered.connect(self.copy_values)
        every = QAction(self.tr("Copy all shown"), self)
        every.triggered.connect(self.copy_visible)
        self.dumps = HeaderDumps(self, lambda: [line.row for line in self.table().selected_lines() if line.row])
        self._copying = [row, value, self.dumps.path, every, self.dumps.menu.menuAction()]
        further = QAction(self)
        further.setShortcut(QKeySequence("F3"))
        further.triggered.connect(self.go_next)
        back = QAction(self)
        back.setShortcut(QKeySequence("Shift+F3"))
        back.triggered.connect(self.go_previous)
        for action in (row, value, further, back):
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.addActions([further, back])

    def _lay_out(self) -> None:
        bar = QWidget()
        bar.setObjectName("panelBar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        previous = icon_button("chevron-up", self.tr("Previous match (Shift+F3)"))
        previous.clicked.connect(self.go_previous)
        following = icon_button("chevron-down", self.tr("Next match (F3)"))
        following.clicked.connect(self.go_next)
        copying = icon_button("copy", self.tr("Copy"))
        copying.setPopupMode(copying.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(copying)
        menu.addActions(self._copying)
        copying.setMenu(menu)
        row = QHBoxLayout(bar)
        row.setContentsMargins(6, 5, 6, 5)
        row.setSpacing(2)
        row.addWidget(self.filter, 1)
        row.addSpacing(4)
        row.addWidget(self.found)
        for button in (previous, following, copying):
            row.addWidget(button)
        self.pages = QTabWidget()
        self.pages.setDocumentMode(True)
        self.pages.addTab(self.clinical, self.tr("Clinical"))
        self.pages.addTab(self.everything, self.tr("Everything"))
        self.pages.addTab(self.check, self.tr("Check"))
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        heading = QWidget()
        line = QHBoxLayout(heading)
        line.setContentsMargins(theme.GAP, 6, theme.GAP, 2)
        line.addWidget(self.title)
        column.addWidget(heading)
        column.addWidget(bar)
        column.addWidget(self.pages, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(content)
        advice = self.tr("Open a series: its header follows the active pane, slice by slice.")
        self._stack.addWidget(EmptyNote("header", self.tr("No header to show"), advice))
        self._stack.setCurrentIndex(1)
        self._fitted = False
        for table, label in ((self.clinical, self.tr("Clinical page")), (self.everything, self.tr("Every element"))):
            table.setAccessibleName(label)
            table.header().setStretchLastSection(True)
            table.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)

    def _fit_columns(self) -> None:
        """Give the columns their first widths once; later they are the reader's."""
        if self._fitted:
            return
        self._fitted = True
        digit = self.fontMetrics().horizontalAdvance("0")
        tag = QFontMetrics(theme.fixed_font(-0.5)).horizontalAdvance("(0028,0010)") + INDENT + CHEVRON + 14
        for column, width in enumerate((tag, 18 * digit, 4 * digit, 5 * digit)):
            self.everything.header().resizeSection(column, width)
        self.clinical.header().resizeSection(0, 24 * digit)


def _blocks(rows: Sequence[Block] | Sequence[HeaderRow]) -> tuple[Block, ...]:
    if all(isinstance(row, Block) for row in rows):
        return tuple(rows)  # type: ignore[arg-type]
    return (Block("", rows),)  # type: ignore[arg-type]
