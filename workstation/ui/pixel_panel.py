"""Where a grey comes from: one pixel, stage by stage, from the bits in the file to the screen (features N3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QGuiApplication, QHideEvent, QKeySequence, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QStackedLayout,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from workstation.ui import theme
from workstation.ui.pixel_delegate import HOW_ROLE, SWATCH_ROLE, ValueDelegate
from workstation.ui.spoken import PIXEL, spoken, told
from workstation.ui.widgets import ElidedLabel, EmptyNote, icon_button, plain, plain_label, tooltip

if TYPE_CHECKING:
    from workstation.viewing.origin_lines import Line
    from workstation.viewing.provenance import Explanation

Index = QModelIndex | QPersistentModelIndex
STAGE, VALUE, HOW = range(3)


class PixelModel(QAbstractTableModel):
    """Headings and lines; what names a file is left out where identity is hidden."""

    def __init__(self, titles: Sequence[str], hidden_word: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._titles, self._hidden_word = tuple(titles), hidden_word
        self.rows: list[Line | str] = []
        self.hidden = False

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show other lines, a heading before each group."""
        rows: list[Line | str] = []
        group = ""
        for line in lines:
            if line.group != group:
                group = line.group
                rows.append(group)
            rows.append(line)
        alike = [_shape(row) for row in rows] == [_shape(row) for row in self.rows]
        if alike:
            self.rows = rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, VALUE))
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if isinstance(row, str):
            return told(PIXEL, row) if role == Qt.ItemDataRole.DisplayRole and index.column() == STAGE else None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell(row, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip("\n".join(self.cell(row, column) for column in (STAGE, VALUE, HOW)))
        if role == Qt.ItemDataRole.ForegroundRole and index.column() != VALUE:
            return theme.current()["text-dim"]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        if role == HOW_ROLE and index.column() == VALUE:
            return self.cell(row, HOW)
        if role == SWATCH_ROLE and index.column() == VALUE and row.swatch is not None:
            return QColor(*row.swatch)
        return None

    def cell(self, line: Line, column: int) -> str:
        """Return the text of a cell, safe to draw."""
        if column == STAGE:
            return plain(told(PIXEL, line.stage))
        if column == VALUE:
            return self._hidden_word if line.identity and self.hidden else plain(spoken(PIXEL, line.value))
        named = "" if self.hidden or not line.file else f" · {line.file}"
        return plain(spoken(PIXEL, line.how) + named)

    def text(self) -> str:
        """Return every line, columns parted by tabs."""
        lines = []
        for row in self.rows:
            cells = (
                [told(PIXEL, row)]
                if isinstance(row, str)
                else [self.cell(row, column) for column in (STAGE, VALUE, HOW)]
            )
            lines.append("\t".join(cells).rstrip())
        return "\n".join(lines)


def _shape(row: Line | str) -> tuple[str, int, int]:
    """Return what decides how high a row is: rows that stay as high need no new layout."""
    return (row, 0, 0) if isinstance(row, str) else (row.stage, len(row.value) // 12, len(row.how) // 12)


class PixelTable(QTreeView):
    """The lines; a sentence that is too long for its column goes on below."""

    def __init__(self, model: PixelModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = model
        self.setModel(model)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setUniformRowHeights(False)
        self.setAllColumnsShowFocus(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegateForColumn(VALUE, ValueDelegate(self))
        self.header().setStretchLastSection(True)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.header().sectionResized.connect(lambda *_: self.scheduleDelayedItemsLayout())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def drawRow(self, painter: QPainter, options: QStyleOptionViewItem, index: Index) -> None:
        row = self.lines.rows[index.row()]
        if not isinstance(row, str):
            super().drawRow(painter, options, index)
            return
        colours, rect = theme.current(), options.rect
        painter.save()
        painter.fillRect(rect, colours["raised"])
        painter.setPen(colours["text"])
        painter.setFont(theme.resized(self.font(), 0, bold=True))
        inside = QRect(8, rect.top(), self.viewport().width() - 16, rect.height())
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter, told(PIXEL, row))
        painter.restore()


class PixelPanel(QWidget):
    """Shows what it is given; the pin keeps a pixel while the pointer moves on."""

    seen = Signal()
    """The panel came on screen and wants a pixel."""
    gone = Signal()
    """It left the screen."""
    pin_toggled = Signal(bool)
    slice_requested = Signal(int)
    """Index of a slice whose voxel was chosen, from 0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Pixel"))
        titles = (self.tr("Stage"), self.tr("Value"))
        self.model = PixelModel(titles, self.tr("hidden"), self)
        self.table = PixelTable(self.model)
        self.table.setAccessibleName(self.tr("From the file to the screen"))
        self.title = ElidedLabel()
        self.place = plain_label()
        self.note = plain_label("", "dim", wrap=True)
        self.pin = icon_button("pin", self.tr("Keep this pixel (click in the image)"), checkable=True)
        self.pin.toggled.connect(self.pin_toggled)
        self._fitted = False
        self._make_copying()
        self._lay_out()
        self.table.doubleClicked.connect(self._follow_line)

    def show_pixel(self, explanation: Explanation) -> None:
        """Show a pixel."""
        self.title.set_text(spoken(PIXEL, explanation.heading))
        self.place.setText(explanation.place)
        self.place.setVisible(bool(explanation.place))
        self.model.set_lines(explanation.lines)
        self._pages.setCurrentIndex(0)
        self._fit_columns()

    def clear(self) -> None:
        """Show that no pixel is looked at."""
        self.model.set_lines(())
        self._pages.setCurrentIndex(1)

    def set_pinned(self, pinned: bool) -> None:
        """Show whether the pixel is kept, without telling anyone."""
        self.pin.blockSignals(True)
        self.pin.setChecked(pinned)
        self.pin.blockSignals(False)
        if pinned:
            self.note.setText(self.tr("Kept: click another pixel, or the pin to follow the pointer again."))
        else:
            self.note.setText(self.tr("Follows the pointer; a click keeps the pixel."))

    def sizeHint(self) -> QSize:
        return QSize(440, 600)

    def set_identity_hidden(self, hidden: bool) -> None:
        """Leave names of files out, or show them again."""
        self.model.hidden = hidden
        self.table.scheduleDelayedItemsLayout()
        self.table.viewport().update()

    def copy(self) -> None:
        """Copy every line."""
        QGuiApplication.clipboard().setText("\n".join((self.title.text(), self.place.text(), self.model.text())))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.seen.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.gone.emit()

    def _follow_line(self, index: QModelIndex) -> None:
        row = self.model.rows[index.row()]
        if not isinstance(row, str) and row.slice is not None:
            self.slice_requested.emit(row.slice)

    def _make_copying(self) -> None:
        self._copy_action = QAction(self.tr("Copy all"), self)
        self._copy_action.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self._copy_action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._copy_action.triggered.connect(self.copy)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.table.addAction(self._copy_action)

    def _lay_out(self) -> None:
        copying = icon_button("copy", self.tr("Copy all"))
        copying.clicked.connect(self.copy)
        top = QHBoxLayout()
        top.setContentsMargins(theme.GAP, 6, 6, 2)
        top.addWidget(self.title, 1)
        top.addWidget(self.pin)
        top.addWidget(copying)
        below = QVBoxLayout()
        below.setContentsMargins(theme.GAP, 0, theme.GAP, 6)
        below.setSpacing(2)
        below.addWidget(self.place)
        below.addWidget(self.note)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addLayout(below)
        column.addWidget(self.table, 1)
        advice = self.tr("Point at an image: every stage from the stored bits to the screen follows the pointer.")
        self._pages = QStackedLayout(self)
        self._pages.addWidget(content)
        self._pages.addWidget(EmptyNote("probe", self.tr("No pixel"), advice))
        self._pages.setCurrentIndex(1)
        self.set_pinned(False)

    def _fit_columns(self) -> None:
        """Give the columns their first widths once; later they are the reader's."""
        if not self._fitted:
            self._fitted = True
            digit = self.fontMetrics().horizontalAdvance("0")
            self.table.header().resizeSection(STAGE, 19 * digit)
