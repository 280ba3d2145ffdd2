"""What is wrong with a disc, and which application profile it could claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QStackedLayout,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workstation.ui import theme
from workstation.ui.audit_rows import MOST_LINES, Group, Line, report, sections, summary
from workstation.ui.skipped_panel import MiddleElided
from workstation.ui.widgets import EmptyNote, plain, plain_label, tooltip

if TYPE_CHECKING:
    from workstation.dicom.media_audit import Audit

KEY, TONE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
MARKS = {"ok": "check", "error": "error", "warning": "warning", "": "info"}


class AuditPanel(QWidget):
    """The report of an audit, and the buttons that begin and end one."""

    disc_wanted = Signal()
    """The disc that is open is to be checked."""
    folder_wanted = Signal()
    stop_wanted = Signal()
    file_chosen = Signal(str)
    """Where a file lies of which the line was activated."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._groups: list[QTreeWidgetItem] = []
        self._audit: Audit | None = None
        self._hidden = False
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.summary = plain_label("", wrap=True)
        self.check_open = QPushButton(self.tr("Check the open disc"))
        self.choose = QPushButton(self.tr("Choose a folder…"))
        self.again = QPushButton(self.tr("Check another…"))
        self.stop = QPushButton(self.tr("Stop"))
        self.copying = QPushButton(self.tr("Copy report"))
        self.check_open.clicked.connect(self.disc_wanted)
        self.choose.clicked.connect(self.folder_wanted)
        self.again.clicked.connect(self.folder_wanted)
        self.stop.clicked.connect(self.stop_wanted)
        self.copying.clicked.connect(self.copy)
        self.tree = _tree(self.tr("Profile, fault or file"), self.tr("What was found"))
        self.tree.setAccessibleName(self.tr("What was found on the disc"))
        self.tree.itemActivated.connect(self._activate)
        self._lay_out()
        self.offer(disc=False)

    def offer(self, *, disc: bool) -> None:
        """Ask what is to be checked: the disc that is open, if there is one, or a folder."""
        self.check_open.setVisible(disc)
        self._pages.setCurrentIndex(0)

    def show_progress(self, files: int) -> None:
        """Say how far the audit is."""
        text = self.tr("Checking… {0} files looked at").format(files) if files else self.tr("Checking…")
        self._audit = None
        self._clear()
        self._show(text, running=True)

    def show_failure(self, text: str) -> None:
        """Say why there is no result."""
        self._audit = None
        self._clear()
        self._show(text, running=False)

    def show_audit(self, audit: Audit) -> None:
        """Show what an audit found."""
        self._audit = audit
        self._renew()

    def set_identity_hidden(self, hidden: bool) -> None:
        """Hide the names of files, which may be those of patients, or show them again."""
        if hidden != self._hidden:
            self._hidden = hidden
            self._renew()

    def copy(self) -> None:
        """Copy the whole report as plain text."""
        if self._audit is not None:
            QGuiApplication.clipboard().setText(report(self._audit, self.tr, hidden=self._hidden))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for group in self._groups:
                _mark(group)

    def _clear(self) -> None:
        self._groups.clear()
        self.tree.clear()

    def _show(self, text: str, *, running: bool) -> None:
        self.summary.setText(plain(text, 600))
        self.stop.setVisible(running)
        self.again.setVisible(not running)
        self.copying.setVisible(self._audit is not None)
        self._pages.setCurrentIndex(1)

    def _renew(self) -> None:
        audit = self._audit
        if audit is None:
            return
        self._show(summary(audit, self.tr), running=False)
        self.summary.setToolTip("" if self._hidden else tooltip(audit.directory))
        self._clear()
        for title, groups in sections(audit, self.tr, hidden=self._hidden):
            section = QTreeWidgetItem([title])
            font = self.tree.font()
            font.setBold(True)
            section.setFont(0, font)
            self.tree.addTopLevelItem(section)
            section.setFirstColumnSpanned(True)
            items = [self._group(group) for group in groups]
            self._groups += items
            section.addChildren(items)
            section.setExpanded(True)

    def _group(self, group: Group) -> QTreeWidgetItem:
        item = QTreeWidgetItem([plain(group.title), plain(group.remark)])
        item.setToolTip(0, tooltip(group.title))
        item.setData(0, TONE, group.tone)
        _mark(item)
        item.addChildren([self._line(line) for line in group.lines[:MOST_LINES]])
        rest = len(group.lines) - MOST_LINES
        if rest > 0:
            item.addChild(QTreeWidgetItem([self.tr("… and {0} more, in the report").format(rest)]))
        return item

    def _line(self, line: Line) -> QTreeWidgetItem:
        item = QTreeWidgetItem([plain(line.where), plain(line.text)])
        item.setToolTip(0, tooltip(line.where))
        item.setToolTip(1, tooltip(line.text))
        item.setData(0, KEY, line.key)
        return item

    def _activate(self, item: QTreeWidgetItem) -> None:
        if item.data(0, KEY) and not self._hidden:
            self.file_chosen.emit(item.data(0, KEY))

    def _lay_out(self) -> None:
        bar = QWidget()
        bar.setObjectName("panelBar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(theme.GAP, 5, 6, 5)
        row.addWidget(self.summary, 1)
        for button in (self.stop, self.again, self.copying):
            row.addWidget(button)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.tree, 1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._start())
        self._pages.addWidget(content)

    def _start(self) -> QWidget:
        page = QWidget()
        advice = self.tr("Its DICOMDIR is compared with the files, and nothing on it is changed or started.")
        column = QVBoxLayout(page)
        column.addWidget(EmptyNote("check", self.tr("Check a disc, a stick or a copy of one"), advice), 1)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.check_open)
        row.addWidget(self.choose)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)
        return page


def _mark(group: QTreeWidgetItem) -> None:
    """Draw the mark of a group in the colours of the theme."""
    tone = str(group.data(0, TONE))
    group.setIcon(0, QIcon(theme.pixmap(MARKS[tone], 16, 2.0, tone or "text-off")))


def _tree(*titles: str) -> QTreeWidget:
    tree = QTreeWidget()
    tree.setHeaderLabels(list(titles))
    tree.headerItem().setTextAlignment(0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    tree.headerItem().setTextAlignment(1, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    tree.setItemDelegateForColumn(0, MiddleElided(tree))
    tree.setUniformRowHeights(True)
    tree.setAllColumnsShowFocus(True)
    tree.setIndentation(22)  # a line without an icon begins where the words above it do
    tree.header().resizeSection(0, 64 * tree.fontMetrics().horizontalAdvance("0"))
    return tree
