"""The inspector's page on conformance: types and modules beside the elements, what is missing in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from workstation.ui import theme
from workstation.ui.header_model import Block, HeaderModel
from workstation.ui.header_table import CHEVRON, INDENT, HeaderTable
from workstation.ui.spoken import FINDING, spoken, told
from workstation.ui.widgets import ElidedLabel, IconLabel, plain, plain_label

if TYPE_CHECKING:
    from workstation.loading.check_view import CheckView

MARK = 13
MARKS = {"error": ("error", "error"), "deviation": ("warning", "warning"), "hint": ("info", "info")}
"""Icon and colour of each level: told by form as well as by colour."""
EDGE = 4
VALUE, MODULE = 3, 4
"""The columns of values and modules."""
ROOM_FOR_MODULE = 600
"""Logical pixels of width from which the module stands beside the value; the line under the table tells it too."""
LONGEST = 400
"""Characters of a line under the table."""


class MarkDelegate(QStyledItemDelegate):
    """Draws the type of a row after the mark of its findings; a small dot tells of findings further inside."""

    def __init__(self, model: HeaderModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row = self._model.lines[index.row()].row
        if option.state & QStyle.StateFlag.State_Selected:
            active = option.state & QStyle.StateFlag.State_Active
            painter.fillRect(option.rect, theme.current()["accent-soft" if active else "accent-faint"])
        moved = QStyleOptionViewItem(option)
        moved.rect = option.rect.adjusted(MARK + EDGE, 0, 0, 0)
        super().paint(painter, moved, index)
        rect: QRect = option.rect
        place = QPoint(rect.left() + EDGE, rect.center().y() - MARK // 2)
        level, inside = getattr(row, "level", ""), getattr(row, "inside", "")
        if level:
            name, colour = MARKS[level]
            painter.drawPixmap(place, theme.pixmap(name, MARK, painter.device().devicePixelRatioF(), colour))
        elif inside:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.current()[MARKS[inside][1]])
            painter.drawEllipse(place + QPoint(MARK // 2, MARK // 2), 2, 2)
            painter.restore()


class Count(QWidget):
    """A number of findings after the mark of their level."""

    def __init__(self, level: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = plain_label()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(IconLabel(MARKS[level][0], MARK, MARKS[level][1]))
        row.addWidget(self._label)

    def set_text(self, text: str) -> None:
        """Show a number and a word."""
        self._label.setText(text)

    def text(self) -> str:
        return self._label.text()


class CheckPage(QWidget):
    """A summary, a switch, and the rows. Asks for a check when it comes into view."""

    wanted = Signal()
    """The page is in view and shows no check."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        columns = (
            ("tag", self.tr("Tag")),
            ("type", self.tr("Type")),
            ("name", self.tr("Name")),
            ("value", self.tr("Value")),
            ("module", self.tr("Module")),
        )
        self.table = HeaderTable(HeaderModel(columns, self))
        self.table.setItemDelegateForColumn(1, MarkDelegate(self.table.lines, self.table))
        self.table.setAccessibleName(self.tr("The header against its IOD"))
        self.counts = {level: Count(level) for level in MARKS}
        self.edition = ElidedLabel()
        self.edition.dim = True
        self.only = QCheckBox(self.tr("Only findings"))
        self.only.toggled.connect(self._arrange)
        self.detail = plain_label(wrap=True)
        self.detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.detail.setContentsMargins(theme.GAP, 6, theme.GAP, 6)
        self.table.selectionModel().currentChanged.connect(self._explain)
        self.table.lines.modelReset.connect(self._explain)
        self._view: CheckView | None = None
        self._fitted = False
        self._lay_out()
        self.show_check(None)

    @property
    def view(self) -> CheckView | None:
        """What is shown."""
        return self._view

    def show_check(self, view: CheckView | None, said: str = "") -> None:
        """Show a check; None while there is none yet, with what to say meanwhile."""
        self._view = view
        for label in self.counts.values():
            label.setVisible(view is not None)
        self.only.setEnabled(view is not None)
        if view is None:
            self.edition.set_text(said)
            self.table.lines.show_blocks((), lambda _row: ())
            return
        errors, deviations, hints = view.counts.values()
        self.counts["error"].set_text(_count(errors, self.tr("error"), self.tr("errors")))
        self.counts["deviation"].set_text(_count(deviations, self.tr("deviation"), self.tr("deviations")))
        self.counts["hint"].set_text(_count(hints, self.tr("hint"), self.tr("hints")))
        edition = self.tr("edition {}").format(view.edition)
        name = view.iod or self.tr("no IOD known for this SOP Class")
        self.edition.set_text(f"{name} · {edition}")
        self._arrange()

    def say(self, text: str) -> None:
        """Say something beside the counts; the rows stay, so that the view keeps its place from slice to slice."""
        self.edition.set_text(text)

    def summary(self) -> str:
        """Return the line of counts as one text."""
        if self._view is None:
            return self.edition.text()
        counts = " · ".join(label.text() for label in self.counts.values())
        return f"{counts} ({self.tr('edition {}').format(self._view.edition)})"

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._view is None:
            self.wanted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.table.setColumnHidden(MODULE, self.width() < ROOM_FOR_MODULE)

    def _explain(self) -> None:
        """Tell under the table what was found about the current row: its sentence is longer than a cell."""
        index = self.table.currentIndex()
        lines = self.table.lines.lines
        row = lines[index.row()].row if index.isValid() and index.row() < len(lines) else None
        said = spoken(FINDING, getattr(row, "explained", ""))
        self.detail.setVisible(bool(said))
        self.detail.setText("\n".join(plain(line, LONGEST) for line in said.split("\n")[:6]))

    def _arrange(self) -> None:
        if self._view is None:
            return
        only = self.only.isChecked()
        view = self._view.only_findings(only)
        blocks = [Block(told(FINDING, title), rows) for title, rows in view.groups]
        self.table.lines.show_blocks(blocks, view.children, all_open=only)
        if only and not self.table.currentIndex().isValid():
            lines = self.table.lines.lines
            first = next((number for number, line in enumerate(lines) if getattr(line.row, "level", "")), None)
            if first is not None:  # its sentence stands under the table: a list of names alone says nothing
                self.table.setCurrentIndex(self.table.lines.index(first, 0))
        self._fit_columns()

    def _lay_out(self) -> None:
        counts = QHBoxLayout()
        counts.setContentsMargins(theme.GAP, 6, 6, 0)
        counts.setSpacing(12)
        for label in self.counts.values():
            counts.addWidget(label)
        counts.addStretch(1)
        counts.addWidget(self.only)
        against = QHBoxLayout()
        against.setContentsMargins(theme.GAP, 0, 6, 4)
        against.addWidget(self.edition, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(counts)
        column.addLayout(against)
        column.addWidget(self.table, 1)
        column.addWidget(self.detail)
        # the value takes what is left: nothing stands beyond the edge of the panel
        self.table.header().setStretchLastSection(False)
        self.table.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.table.header().setSectionResizeMode(VALUE, QHeaderView.ResizeMode.Stretch)

    def _fit_columns(self) -> None:
        if self._fitted:
            return
        self._fitted = True
        digit = self.fontMetrics().horizontalAdvance("0")
        tag = QFontMetrics(theme.fixed_font(-0.5)).horizontalAdvance("(0028,0010)") + 2 * INDENT + CHEVRON + 14
        for column, width in zip((0, 1, 2, MODULE), (tag, 3 * digit + MARK + 18, 18 * digit, 14 * digit), strict=True):
            self.table.header().resizeSection(column, width)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
