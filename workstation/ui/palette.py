"""The command palette (Ctrl+K): type a few letters, press Enter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from workstation.ui import theme
from workstation.ui.key_caps import caps_width, draw_caps
from workstation.ui.widgets import plain, plain_label

Index = QModelIndex | QPersistentModelIndex
WIDTH = 560
ROWS = 11


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that can be done. ``run`` is called after the palette has closed."""

    id: str
    title: str
    subtitle: str
    shortcut: str
    run: Callable[[], object]


def score(query: str, text: str) -> float:
    """Return how well ``query`` fits ``text``; 0 where its letters are not all there in order.

    A whole word part beats the start of words, which beat letters in between: "mpr" before "compare".
    """
    wanted, held = query.casefold().strip(), text.casefold()
    if not wanted:
        return 1.0
    place = held.find(wanted)
    if place >= 0:
        starts = place == 0 or not held[place - 1].isalnum()
        return 100.0 + (50.0 if starts else 0.0) + (25.0 if place == 0 else 0.0) - 0.1 * len(held)
    if " " in wanted:
        parts = [score(word, text) for word in wanted.split()]
        return sum(parts) / len(parts) - 5.0 if all(parts) else 0.0
    return _spread(wanted, held)


def _spread(wanted: str, held: str) -> float:
    """Score letters that stand in order with others between; 0 where they do not or lie far apart."""
    total, last = 0.0, -1
    for letter in wanted:
        place = held.find(letter, last + 1)
        if place < 0:
            return 0.0
        at_start = place == 0 or not held[place - 1].isalnum()
        total += 6.0 if at_start else 4.0 if place == last + 1 else 1.0
        last = place
    return total if total >= 2.0 * len(wanted) else 0.0


def ranked(entries: Sequence[Entry], query: str) -> list[Entry]:
    """Return the entries that fit, best first, equals in their own order."""
    rated = []
    for number, entry in enumerate(entries):
        words = f"{entry.title} {entry.subtitle} {entry.id}".casefold()
        beside = 0.5 * score(query, words) if all(word in words for word in query.casefold().split()) else 0.0
        best = max(score(query, entry.title), beside)
        if best > 0:
            rated.append((-best, number, entry))
    return [entry for _rate, _number, entry in sorted(rated, key=lambda item: item[:2])]


class _EntryModel(QAbstractListModel):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []

    def set_entries(self, entries: list[Entry]) -> None:
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        entry = self.entries[index.row()]
        parts = (entry.title, entry.subtitle, entry.shortcut)
        return entry.title if role == Qt.ItemDataRole.DisplayRole else ", ".join(part for part in parts if part)


class _EntryDelegate(QStyledItemDelegate):
    def __init__(self, model: _EntryModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, option.fontMetrics.height() + 12)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colours = theme.current()
        entry = self._model.entries[index.row()]
        area: QRect = option.rect.adjusted(12, 0, -10, 0)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, colours["accent-soft"])
        painter.setFont(option.font)
        if entry.shortcut:
            draw_caps(painter, area, entry.shortcut, right=True)
            area.setRight(area.right() - caps_width(option.font, entry.shortcut) - 12)
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        title = painter.fontMetrics().elidedText(plain(entry.title, 200), Qt.TextElideMode.ElideRight, area.width())
        painter.setPen(colours["text"])
        painter.drawText(area, left, title)
        area.setLeft(area.left() + painter.fontMetrics().horizontalAdvance(title) + 10)
        if area.width() > 40:
            painter.setPen(colours["text-dim"])
            rest = plain(entry.subtitle, 200)
            painter.drawText(
                area, left, painter.fontMetrics().elidedText(rest, Qt.TextElideMode.ElideRight, area.width())
            )
        painter.restore()


class CommandPalette(QFrame):
    """Lies over the window it belongs to; Esc or a click elsewhere closes it."""

    def __init__(self, entries: Sequence[Entry], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Command palette"))
        self._entries = tuple(entries)
        self._before: QWidget | None = None
        self._model = _EntryModel(self)
        self.query = QLineEdit()
        self.query.setPlaceholderText(self.tr("Search commands, series, presets"))
        self.query.setAccessibleName(self.tr("Search commands"))
        self.query.setFrame(False)
        self.list = QListView()
        self.list.setModel(self._model)
        self.list.setItemDelegate(_EntryDelegate(self._model, self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.none = plain_label(self.tr("Nothing fits"), "dim")
        self.none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.none.setMinimumHeight(56)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(6)
        for widget in (self.query, self.list, self.none):
            column.addWidget(widget)
        self.query.textChanged.connect(self._search)
        self.query.installEventFilter(self)
        self.list.clicked.connect(self._run)
        self.hide()

    def open_over(self, window: QWidget) -> None:
        """Come up over ``window``, ready to type."""
        self.setParent(window)
        self._before = window.window().focusWidget()
        self._search("")
        self.show()
        self.raise_()
        self.query.setFocus()

    def shown(self) -> tuple[Entry, ...]:
        """Return the entries that fit what was typed, best first."""
        return tuple(self._model.entries)

    def dismiss(self) -> None:
        """Go away for good and give the keyboard back."""
        if self.isHidden():
            return
        self.hide()
        if self._before is not None:
            self._before.setFocus()
        self._before = None
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.query and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        if watched is self.query and event.type() == QEvent.Type.FocusOut and self.isVisible():
            self._before = None
            self.dismiss()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), colours["panel"])
        painter.setPen(QPen(colours["border-strong"], 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _key(self, event: QKeyEvent) -> bool:
        page = ROWS - 1
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_PageUp: -page,
        }
        key = Qt.Key(event.key())
        if key in steps:
            self._step(steps[key], around=abs(steps[key]) == 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentIndex())
        elif key == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            return False
        return True

    def _step(self, by: int, *, around: bool) -> None:
        count = self._model.rowCount()
        if count:
            row = self.list.currentIndex().row() + by
            row = row % count if around else min(max(row, 0), count - 1)
            self.list.setCurrentIndex(self._model.index(row))

    def _search(self, query: str) -> None:
        self._model.set_entries(ranked(self._entries, query))
        found = self._model.rowCount()
        if found:
            self.list.setCurrentIndex(self._model.index(0))
        self.list.setVisible(bool(found))
        self.none.setVisible(not found)
        self._place()

    def _run(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        entry = self._model.entries[index.row()]
        self.dismiss()
        entry.run()

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        width = min(WIDTH, parent.width() - 24)
        found = self._model.rowCount()
        if found:
            self.list.setFixedHeight(min(found, ROWS) * self.list.sizeHintForRow(0))
        height = self.query.sizeHint().height() + 18 + (self.list.height() if found else 56)
        self.setGeometry((parent.width() - width) // 2, max(parent.height() // 9, 8), width, height)
