"""The lines of a header as a table model: open and closed sequences, and a filter that reaches into all of them.

The tree is kept flat: which lines stand where is a list made from the open paths, so another slice of the same
series replaces values in place and nothing that the reader opened, scrolled to or typed is lost.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QFont

from workstation.dicom.plain_words import words_for
from workstation.ui import theme
from workstation.ui.spoken import FINDING, WORDS, spoken, told
from workstation.ui.widgets import plain, tooltip

if TYPE_CHECKING:
    from workstation.dicom.header_tree import HeaderRow

SLICE_SECONDS = 0.012
"""Longest stretch of searching before the window gets its turn."""

_DIGITS = re.compile(r"\d+")

Index = QModelIndex | QPersistentModelIndex


Children = Callable[["HeaderRow"], Sequence["HeaderRow"]]
Key = tuple[str, ...]
"""Where a line stands: block, then tag and which of its like, level by level."""


@dataclass(frozen=True, slots=True)
class Block:
    """Rows under one heading, for example the File Meta Information; "" for no heading."""

    title: str
    rows: Sequence[HeaderRow]


@dataclass(slots=True, eq=False)
class Line:
    """A line of the table: an element at its depth, or a heading (no row)."""

    key: Key
    depth: int
    row: HeaderRow | None
    heading: str = ""


class HeaderModel(QAbstractTableModel):
    """Lines of blocks of rows. ``columns`` are attribute names of a row."""

    replacing = Signal()
    replaced = Signal()
    """Around a change of which lines there are; views keep their place between the two."""
    searched = Signal()
    """The filter has seen every element."""

    def __init__(self, columns: Sequence[tuple[str, str]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.lines: list[Line] = []
        self.matches: list[int] = []
        self._blocks: tuple[Block, ...] = ()
        self._children: Children = lambda _row: ()
        self._open: set[Key] = set()
        self._below: dict[Key, list[Line]] = {}
        self._words: tuple[str, ...] = ()
        self._all_open = False
        self._every: list[tuple[Line, str]] | None = None
        self._search: Iterator[None] | None = None
        self._turn = QTimer(self, interval=0)
        self._turn.timeout.connect(self._search_on)

    @property
    def searching(self) -> bool:
        return self._search is not None

    def show_blocks(self, blocks: Sequence[Block], children: Children, *, all_open: bool = False) -> None:
        """Show other rows; open sequences and the filter stay. ``all_open`` keeps every sequence open."""
        self._blocks, self._children, self._all_open = tuple(blocks), children, all_open
        self._below.clear()
        self._every = None
        self._arrange()

    def set_filter(self, text: str) -> None:
        """Keep only lines (and what they lie in) that hold every word; "" shows all."""
        words = tuple(text.casefold().split())
        if words != self._words:
            self._words = words
            self._arrange()

    def is_open(self, line: Line) -> bool:
        return bool(self._words) or self._all_open or line.key in self._open

    def can_open(self, line: Line) -> bool:
        return line.row is not None and line.row.opens

    def set_open(self, number: int, opened: bool) -> None:
        """Open or close the sequence on a line."""
        line = self.lines[number]
        if not self.can_open(line) or self._words or self._all_open or opened == (line.key in self._open):
            return
        (self._open.add if opened else self._open.discard)(line.key)
        end = number + 1
        if opened:
            new = list(self._visible(self._inside(line)))
            if new:
                self.beginInsertRows(QModelIndex(), end, end + len(new) - 1)
                self.lines[end:end] = new
                self.endInsertRows()
        else:
            while end < len(self.lines) and self.lines[end].depth > line.depth:
                end += 1
            if end > number + 1:
                self.beginRemoveRows(QModelIndex(), number + 1, end - 1)
                del self.lines[number + 1 : end]
                self.endRemoveRows()
        here = self.index(number, 0)
        self.dataChanged.emit(here, here)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section][1]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line = self.lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell(line, index.column())
        if role == Qt.ItemDataRole.ToolTipRole and line.row is not None:
            return tooltip(_explained(line.row))
        if role == Qt.ItemDataRole.FontRole:
            return _font(self.columns[index.column()][0], line.row)
        if role == Qt.ItemDataRole.ForegroundRole and self.columns[index.column()][0] not in {"value", "name"}:
            return theme.current()["text-dim"]
        return None

    def cell(self, line: Line, column: int) -> str:
        """Return the text of a cell, safe to draw."""
        if line.row is None:
            return line.heading if column == 0 else ""
        attribute = self.columns[column][0]
        if attribute == "name":
            return _named(line.row)
        shown = getattr(line.row, attribute)
        return plain(spoken(FINDING, shown) if isinstance(shown, str) else str(shown))

    def line_of(self, key: Key) -> int:
        """Return the number of the line with a key, -1 where it is not shown."""
        return next((number for number, line in enumerate(self.lines) if line.key == key), -1)

    def _arrange(self) -> None:
        self._turn.stop()
        self._search = None
        if not self._words:
            self._put(list(self._visible(self._top())), [])
            self.searched.emit()
            return
        self._search = self._searching()
        self._search_on()

    def _search_on(self) -> None:
        if self._search is None:
            self._turn.stop()
            return
        try:
            next(self._search)
            self._turn.start()
        except StopIteration:
            self._search = None
            self._turn.stop()
            self.searched.emit()

    def _searching(self) -> Iterator[None]:
        """Look at every element, a slice of time at once; yields when the window should get its turn."""
        deadline = time.perf_counter() + SLICE_SECONDS
        if self._every is None:
            every = []
            for line in self._all(self._top()):
                every.append((line, _search_text(line)))
                if time.perf_counter() > deadline:
                    yield
                    deadline = time.perf_counter() + SLICE_SECONDS
            self._every = every
        words = self._words
        lines: list[Line] = []
        fits: list[int] = []
        above: list[Line] = []
        for line, text in self._every:
            while above and above[-1].depth >= line.depth:
                above.pop()
            if text and _holds(text, words):
                lines += above
                above = []
                fits.append(len(lines))
                lines.append(line)
            elif line.row is None or line.row.opens:
                above.append(line)
        self._put(lines, fits)

    def _put(self, lines: list[Line], matches: list[int]) -> None:
        self.matches = matches
        old = self.lines
        if [line.key for line in old] == [line.key for line in lines]:
            self.lines = lines
            changed = [n for n, line in enumerate(lines) if line.row != old[n].row]
            if changed:
                last = self.columnCount() - 1
                self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], last))
            return
        self.replacing.emit()
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()
        self.replaced.emit()

    def _top(self) -> Iterator[Line]:
        for block in self._blocks:
            key = (_DIGITS.sub("#", block.title),)
            if block.title:
                yield Line(key, -1, None, plain(block.title, 200))
            yield from _lines(key, 0, block.rows)

    def _inside(self, line: Line) -> list[Line]:
        """Return what a sequence holds, asked once per data set."""
        if line.key not in self._below:
            rows = self._children(line.row) if line.row is not None else ()
            self._below[line.key] = list(_lines(line.key, line.depth + 1, rows))
        return self._below[line.key]

    def _visible(self, lines: Iterator[Line] | list[Line]) -> Iterator[Line]:
        for line in lines:
            yield line
            if (self._all_open or line.key in self._open) and self.can_open(line):
                yield from self._visible(self._inside(line))

    def _all(self, lines: Iterator[Line] | list[Line]) -> Iterator[Line]:
        for line in lines:
            yield line
            if self.can_open(line):
                yield from self._all(self._inside(line))


def _lines(above: Key, depth: int, rows: Sequence[HeaderRow]) -> Iterator[Line]:
    """Key rows by tag and occurrence, not by path: the group of another frame stands in the same place."""
    seen: dict[str, int] = {}
    for row in rows:
        name = row.tag if row.keyword or not row.name else f"{row.tag} {row.name}"
        count = seen[name] = seen.get(name, 0) + 1
        yield Line((*above, f"{name} {count}" if count > 1 else name), depth, row)


def _font(column: str, row: HeaderRow | None) -> QFont | None:
    font = theme.fixed_font(-0.5) if column in {"tag", "vr", "vm"} else None
    if getattr(row, "absent", False):
        font = QFont(font) if font is not None else QFont()
        font.setItalic(True)
    return font


def _named(row: HeaderRow) -> str:
    name = plain(spoken(FINDING, row.name or row.keyword), 200)
    creator = plain(row.private_creator or "", 80)
    return f"{name}  [{creator}]" if creator else name


def _holds(text: str, words: tuple[str, ...]) -> bool:
    for word in words:  # noqa: SIM110 - quicker than all(), and run for 10,000 elements at each key
        if word not in text:
            return False
    return True


def _search_text(line: Line) -> str:
    row = line.row
    if row is None:
        return ""
    digits = row.tag.strip("()").replace(",", "")
    creator = row.private_creator or ""
    return f"{row.tag} {digits} {row.keyword} {row.name} {row.vr} {creator} {spoken(FINDING, row.value)}".casefold()


def _explained(row: HeaderRow) -> str:
    creator = f"private creator {row.private_creator}" if row.private_creator else ""
    head = "  ".join(part for part in (row.tag, row.keyword, row.vr, str(row.vm)) if part)
    value = "" if getattr(row, "absent", False) else row.value[:1500]
    words = told(WORDS, words_for(row.keyword))
    parts = (head, row.name, words, creator, value, spoken(FINDING, getattr(row, "explained", "")))
    return "\n".join(part for part in parts if part)
