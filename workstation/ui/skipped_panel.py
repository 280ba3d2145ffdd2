"""What could not be shown, or not whole, and why: nothing is left out in silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QIcon, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QStackedLayout,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from workstation.dicom.identity import Instance, Skipped
from workstation.ui import theme
from workstation.ui.widgets import EmptyNote, icon_button, plain, plain_label, tooltip

Index = QModelIndex | QPersistentModelIndex
COLUMNS = ("path", "reason", "code")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: where, why, the short code, and how grave ("error", "warning", "")."""

    path: str
    reason: str
    code: str
    tone: str = "error"


class FindingModel(QAbstractTableModel):
    """Findings as a table."""

    def __init__(self, titles: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._titles = tuple(titles)
        self.findings: tuple[Finding, ...] = ()

    def set_findings(self, findings: Sequence[Finding]) -> None:
        """Replace the lines; lines that were only added to keep selection and scroll position."""
        new = tuple(findings)
        old = len(self.findings)
        if new[:old] == self.findings:
            if len(new) > old:
                self.beginInsertRows(QModelIndex(), old, len(new) - 1)
                self.findings = new
                self.endInsertRows()
            return
        self.beginResetModel()
        self.findings = new
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.findings)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        finding = self.findings[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return plain(str(getattr(finding, COLUMNS[index.column()])))
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(f"{finding.path}\n{finding.reason}")
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            name = finding.tone or "info"
            return QIcon(theme.pixmap(name, 16, 2.0, finding.tone or "text-off"))
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 2:
            return theme.current()["text-dim"]
        return None


class MiddleElided(QStyledItemDelegate):
    """Keeps both ends of a path: the disc and the file."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideMiddle


class SkippedPanel(QWidget):
    """The report of an opening."""

    reveal_requested = Signal(str)
    """Path of a line that was activated."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._skipped: tuple[Finding, ...] = ()
        self._damaged: tuple[Finding, ...] = ()
        self._others: tuple[Finding, ...] = ()
        self._hidden = False
        self.summary = plain_label("", wrap=True)
        self.show_others = QCheckBox(self.tr("Show files that are not DICOM"))
        self.model = FindingModel((self.tr("File"), self.tr("Reason"), self.tr("Code")), self)
        self.table = QTreeView()
        self.table.setModel(self.model)
        self.table.setItemDelegateForColumn(0, MiddleElided(self.table))
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setAllColumnsShowFocus(True)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setAccessibleName(self.tr("Files that could not be read"))
        self.copying = QAction(self.tr("Copy"), self)
        self.copying.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self.copying.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.copying.triggered.connect(self.copy)
        self.table.addAction(self.copying)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.table.activated.connect(self._reveal)
        self.show_others.toggled.connect(self._renew)
        self._lay_out()

    def show_report(
        self,
        skipped: Sequence[Skipped],
        damaged: Sequence[Instance] = (),
        not_dicom: Sequence[str] = (),
    ) -> None:
        """Show what an opening left out; may be called again while it goes on."""
        self._skipped = tuple(Finding(item.path, item.reason, item.code) for item in skipped)
        self._damaged = tuple(
            Finding(str(instance.locator), problem.reason, problem.code, "warning")
            for instance in damaged
            for problem in instance.problems
        )
        reason = self.tr("not a DICOM file")
        self._others = tuple(Finding(path, reason, "not_dicom", "") for path in not_dicom)
        self._renew()

    def set_identity_hidden(self, hidden: bool) -> None:
        """Files and folders are often named after patients: number the files instead, or name them again."""
        if hidden != self._hidden:
            self._hidden = hidden
            self._renew()

    def copy(self) -> None:
        """Copy the chosen lines, or all, columns parted by tabs."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        chosen = [self.model.findings[row] for row in rows] or list(self.model.findings)
        lines = (f"{finding.path}\t{finding.reason}\t{finding.code}" for finding in chosen)
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _renew(self) -> None:
        graver = (*self._skipped, *self._damaged)
        others = self._others if self.show_others.isChecked() or not graver else ()
        findings = (*graver, *others)
        self.model.set_findings(_unnamed(findings, self.tr("file {}")) if self._hidden else findings)
        self.show_others.setVisible(bool(self._others and graver))
        self.summary.setText(self._summarised())
        anything = bool(self._skipped or self._damaged or self._others)
        self._pages.setCurrentIndex(0 if anything else 1)

    def _summarised(self) -> str:
        counts = (
            (len(self._skipped), self.tr("1 file could not be read"), self.tr("{} files could not be read")),
            (len(self._damaged), self.tr("1 object is damaged"), self.tr("{} objects are damaged")),
            (len(self._others), self.tr("1 file is not DICOM"), self.tr("{} files are not DICOM")),
        )
        return " · ".join(one if count == 1 else many.format(count) for count, one, many in counts if count)

    def _reveal(self, index: QModelIndex) -> None:
        if self._hidden:
            return
        self.reveal_requested.emit(self.model.findings[index.row()].path)

    def _lay_out(self) -> None:
        bar = QWidget()
        bar.setObjectName("panelBar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        button = icon_button("copy", self.tr("Copy the list"))
        button.clicked.connect(self.copy)
        row = QHBoxLayout(bar)
        row.setContentsMargins(theme.GAP, 5, 6, 5)
        row.addWidget(self.summary, 1)
        row.addWidget(self.show_others)
        row.addWidget(button)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.table, 1)
        digit = self.fontMetrics().horizontalAdvance("0")
        self.table.header().resizeSection(0, 44 * digit)
        self.table.header().resizeSection(1, 50 * digit)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(content)
        advice = self.tr("Files that cannot be read, or not whole, are named here with the reason.")
        self._pages.addWidget(EmptyNote("check", self.tr("Nothing was left out"), advice))
        self._pages.setCurrentIndex(1)


def _unnamed(findings: Sequence[Finding], name: str) -> tuple[Finding, ...]:
    """Return findings that number their files, in the reasons too."""
    numbered = []
    for place, finding in enumerate(findings, 1):
        called = name.format(place)
        reason = finding.reason.replace(finding.path, called)
        for part in PurePath(finding.path.replace("!", "/")).parts[-1:]:
            reason = reason.replace(part, called)
        numbered.append(replace(finding, path=called, reason=reason))
    return tuple(numbered)
