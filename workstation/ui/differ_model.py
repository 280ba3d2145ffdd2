"""The lines of the differences panel as a table: what varies along a series, or two values side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from workstation.ui import theme
from workstation.ui.widgets import plain, tooltip

if TYPE_CHECKING:
    from workstation.objects.header_differences import Element, Variation

Index = QModelIndex | QPersistentModelIndex
PER_FRAME = "PerFrameFunctionalGroupsSequence."
STRIP_ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One line: the texts of its cells, its element, and its strip or its kind of difference."""

    element: Element
    cells: tuple[str, ...]
    variation: Variation | None = None
    kind: str = ""


class DifferModel(QAbstractTableModel):
    """Lines in tag order, those the filter leaves; a click on a heading sorts them."""

    def __init__(self, hidden_word: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hidden_word = hidden_word
        self._titles: tuple[str, ...] = ()
        self._all: tuple[Row, ...] = ()
        self.rows: list[Row] = []
        self.hidden = False
        self._words: tuple[str, ...] = ()
        self._order: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)

    def set_rows(self, titles: Sequence[str], rows: Sequence[Row]) -> None:
        """Show other lines; where only values changed, what is chosen stays."""
        old = self.rows
        self._all = tuple(rows)
        fresh = self._left()
        same = tuple(titles) == self._titles and [r.element for r in fresh] == [r.element for r in old]
        if same:
            self.rows = fresh
            if fresh:
                self.dataChanged.emit(self.index(0, 0), self.index(len(fresh) - 1, len(self._titles) - 1))
            return
        self.beginResetModel()
        self._titles, self.rows = tuple(titles), fresh
        self.endResetModel()

    def set_filter(self, text: str) -> None:
        """Keep only lines that hold every word."""
        words = tuple(text.casefold().split())
        if words != self._words:
            self._words = words
            self.beginResetModel()
            self.rows = self._left()
            self.endResetModel()

    @property
    def total(self) -> int:
        """Lines without the filter."""
        return len(self._all)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._order = (column, order)
        self.beginResetModel()
        self.rows = self._left()
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section] if section < len(self._titles) else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(self._explained(row))
        if role == STRIP_ROLE:
            return row.variation
        if role == Qt.ItemDataRole.FontRole and column == 1:
            return theme.fixed_font(-0.5)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(row, column)
        return None

    def cell(self, row: Row, column: int) -> str:
        """Return the text of a cell, safe to draw; identity is left out where it is hidden."""
        text = row.cells[column] if column < len(row.cells) else ""
        if column > 1 and self.hidden and row.element.identifying and text not in ("", "–", "(empty)"):
            counted = row.variation is not None and column == 3
            return text if counted else self._hidden_word
        return plain(text, 300)

    def text(self) -> str:
        """Return titles and lines, columns parted by tabs."""
        lines = ["\t".join(title for title in self._titles if title).rstrip()]
        lines += ["\t".join(self.cell(row, n) for n in range(len(row.cells))).rstrip() for row in self.rows]
        return "\n".join(lines)

    def _colour(self, row: Row, column: int) -> Any:
        colours = theme.current()
        if row.kind == "added" and column == 3:
            return colours["ok"]
        if row.kind == "removed" and column == 2:
            return colours["warning"]
        dim = column == 1 or (column < len(row.cells) and row.cells[column] in ("–", "(empty)"))
        return colours["text-dim"] if dim else None

    def _explained(self, row: Row) -> str:
        element = row.element
        head = "  ".join(part for part in (element.keyword, element.tag, element.vr, element.name) if part)
        return "\n".join([head, *(self.cell(row, column) for column in range(2, len(row.cells)))])

    def _left(self) -> list[Row]:
        rows = [row for row in self._all if self._fits(row)]
        column, order = self._order
        if column >= 0:
            rows.sort(key=lambda row: _natural(row, column), reverse=order == Qt.SortOrder.DescendingOrder)
        return rows

    def _fits(self, row: Row) -> bool:
        if not self._words:
            return True
        element = row.element
        digits = element.tag.replace("(", "").replace(")", "").replace(",", "")
        shown = " ".join(self.cell(row, column) for column in range(len(row.cells)))
        text = f"{element.keyword} {element.name} {element.tag} {digits} {shown}".casefold()
        return all(word in text for word in self._words)


def _natural(row: Row, column: int) -> tuple[int, float, str]:
    """Return what a line is sorted by: numbers before words."""
    text = row.cells[column] if column < len(row.cells) else ""
    try:
        return 0, float(text.split()[0].replace("−", "-")), ""
    except (ValueError, IndexError):
        return 1, 0.0, text.casefold()


def label_of(element: Element) -> str:
    """Return the name of an element for a line: its keyword, of a private one its name."""
    keyword = element.keyword.removeprefix(PER_FRAME)
    return element.name if keyword.startswith("(") and "." not in keyword else keyword
