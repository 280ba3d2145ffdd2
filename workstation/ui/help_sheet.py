"""The F1 sheet: every key and every mouse action, from the tables that make them work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QLineEdit,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from workstation.ui import theme
from workstation.ui.key_caps import caps_width, draw_caps
from workstation.ui.widgets import icon_button, plain, plain_label

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QPainter

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class HelpRow:
    """A line: what it does, and by which key or mouse action."""

    group: str
    title: str
    keys: str


class _SheetModel(QAbstractListModel):
    """Rows under the headings of their groups; a heading is a plain string."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[HelpRow, ...] = ()
        self.lines: list[HelpRow | str] = []

    def set_rows(self, rows: Sequence[HelpRow]) -> None:
        self._rows = tuple(rows)
        self.narrow("")

    def narrow(self, text: str) -> None:
        words = text.casefold().split()
        self.beginResetModel()
        self.lines = []
        for group in dict.fromkeys(row.group for row in self._rows):
            members = [row for row in self._rows if row.group == group and _fits(row, words)]
            self.lines += [group, *members] if members else []
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or role != Qt.ItemDataRole.DisplayRole:
            return None
        line = self.lines[index.row()]
        return line if isinstance(line, str) else f"{line.title}: {line.keys}"

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled


class _SheetDelegate(QStyledItemDelegate):
    def __init__(self, model: _SheetModel, parent: QListView) -> None:
        super().__init__(parent)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        heading = isinstance(self._model.lines[index.row()], str)
        return QSize(160, option.fontMetrics.height() + (16 if heading else 9))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colours = theme.current()
        line = self._model.lines[index.row()]
        area: QRect = option.rect.adjusted(2, 0, -8, 0)
        painter.save()
        painter.setFont(option.font)
        if isinstance(line, str):
            painter.setFont(theme.resized(option.font, 0, bold=True))
            painter.setPen(colours["accent"])
            painter.drawText(area.adjusted(0, 8, 0, 0), Qt.AlignmentFlag.AlignVCenter, plain(line, 100))
        else:
            draw_caps(painter, area, line.keys, right=True)
            area.setRight(area.right() - caps_width(option.font, line.keys) - 10)
            shown = painter.fontMetrics().elidedText(plain(line.title, 200), Qt.TextElideMode.ElideRight, area.width())
            painter.setPen(colours["text"])
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()


class HelpSheet(QWidget):
    """Keyboard on the left, mouse on the right, one filter over both."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(self.tr("Keys and mouse"))
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter keys and actions"))
        self.filter.setAccessibleName(self.tr("Filter keys and actions"))
        self.filter.setClearButtonEnabled(True)
        self.keyboard = self._list(self.tr("Keyboard"))
        self.mouse = self._list(self.tr("Mouse"))
        close = icon_button("close", self.tr("Close (Esc)"))
        close.clicked.connect(self.closed)
        grid = QGridLayout(self)
        grid.setContentsMargins(2 * theme.GAP, theme.GAP, theme.GAP, theme.GAP)
        grid.setHorizontalSpacing(3 * theme.GAP)
        grid.addWidget(plain_label(self.tr("Keys and mouse"), "panelTitle"), 0, 0)
        grid.addWidget(self.filter, 0, 1)
        grid.addWidget(close, 0, 2)
        grid.addWidget(self.keyboard, 1, 0)
        grid.addWidget(self.mouse, 1, 1, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.filter.textChanged.connect(self._narrow)
        self.resize(860, 620)

    def set_content(self, keyboard: Sequence[HelpRow], mouse: Sequence[HelpRow]) -> None:
        """Show these rows, groups in the order in which they first come."""
        for view, rows in ((self.keyboard, keyboard), (self.mouse, mouse)):
            _model_of(view).set_rows(rows)
        self._narrow(self.filter.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.filter.text():
                self.filter.clear()
            else:
                self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _narrow(self, text: str) -> None:
        for view in (self.keyboard, self.mouse):
            _model_of(view).narrow(text)

    def _list(self, name: str) -> QListView:
        view = QListView()
        model = _SheetModel(view)
        view.setModel(model)
        view.setItemDelegate(_SheetDelegate(model, view))
        view.setAccessibleName(name)
        view.setSelectionMode(QListView.SelectionMode.NoSelection)
        view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return view


def _model_of(view: QListView) -> _SheetModel:
    model = view.model()
    assert isinstance(model, _SheetModel)
    return model


def _fits(row: HelpRow, words: Sequence[str]) -> bool:
    text = f"{row.group} {row.title} {row.keys}".casefold()
    return all(word in text for word in words)
