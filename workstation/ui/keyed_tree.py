"""A tree model whose rows have keys: given a new tree it changes only what differs.

Selection, expansion and scroll position belong to rows, so they stay with them while data arrives.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Branch:
    """A row as it should be: ``key`` is unique among its siblings and stable, ``value`` is compared by ==."""

    key: str
    value: Any
    children: tuple[Branch, ...] = ()


@dataclass(slots=True, eq=False)
class Node:
    """A row as it is."""

    branch: Branch
    parent: Node | None
    number: int
    row: int = 0
    children: list[Node] = field(default_factory=list)


class KeyedTreeModel(QAbstractItemModel):
    """Rows of one column; :meth:`set_tree` is the only way to change them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._count = 0
        self._nodes: dict[int, Node] = {}
        self._root = Node(Branch("", None), None, 0)

    def set_tree(self, branches: Sequence[Branch]) -> None:
        """Make the rows equal to ``branches`` with the fewest changes that keep order."""
        self._update(self._root, tuple(branches))

    def value(self, index: Index) -> Any:
        """Return what the row holds, None for an invalid index."""
        return self.node(index).branch.value

    def node(self, index: Index) -> Node:
        return self._nodes.get(index.internalId(), self._root) if index.isValid() else self._root

    def index_of(self, node: Node) -> QModelIndex:
        return QModelIndex() if node is self._root else self.createIndex(node.row, 0, node.number)

    def walk(self, node: Node | None = None) -> Iterator[Node]:
        """Yield every row below ``node``, top to bottom."""
        for child in (node or self._root).children:
            yield child
            yield from self.walk(child)

    def find(self, keys: Sequence[str]) -> QModelIndex:
        """Return the row reached by keys from the top; invalid where there is none."""
        node = self._root
        for key in keys:
            match = next((child for child in node.children if child.branch.key == key), None)
            if match is None:
                return QModelIndex()
            node = match
        return self.index_of(node)

    def changed(self, node: Node) -> None:
        """Tell the views that a row looks different."""
        index = self.index_of(node)
        self.dataChanged.emit(index, index)

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        children = self.node(parent).children
        if column != 0 or not 0 <= row < len(children):
            return QModelIndex()
        return self.createIndex(row, 0, children[row].number)

    def parent(self, index: Index = QModelIndex()) -> Any:  # noqa: B008
        above = self.node(index).parent
        return QModelIndex() if above is None else self.index_of(above)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self.node(parent).children) if parent.column() <= 0 else 0

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return str(self.value(index)) if index.isValid() and role == Qt.ItemDataRole.DisplayRole else None

    def _update(self, node: Node, wanted: tuple[Branch, ...]) -> None:
        self._remove_missing(node, {branch.key for branch in wanted})
        self._place(node, wanted)
        for child, branch in zip(tuple(node.children), wanted, strict=True):
            old = child.branch
            if old is branch:
                continue
            child.branch = branch
            self._update(child, branch.children)
            if old.value != branch.value:
                self.changed(child)

    def _remove_missing(self, node: Node, keys: set[str]) -> None:
        last = len(node.children) - 1
        while last >= 0:
            if node.children[last].branch.key in keys:
                last -= 1
                continue
            first = last
            while first > 0 and node.children[first - 1].branch.key not in keys:
                first -= 1
            self.beginRemoveRows(self.index_of(node), first, last)
            for gone in node.children[first : last + 1]:
                self._forget(gone)
            del node.children[first : last + 1]
            _number(node, first)
            self.endRemoveRows()
            last = first - 1

    def _place(self, node: Node, wanted: tuple[Branch, ...]) -> None:
        present = {child.branch.key for child in node.children}
        place = 0
        while place < len(wanted):
            key = wanted[place].key
            if place < len(node.children) and node.children[place].branch.key == key:
                place += 1
            elif key in present:
                self._move(node, key, place)
                place += 1
            else:
                end = place
                while end < len(wanted) and wanted[end].key not in present:
                    end += 1
                self.beginInsertRows(self.index_of(node), place, end - 1)
                node.children[place:place] = [self._grow(node, branch) for branch in wanted[place:end]]
                _number(node, place)
                self.endInsertRows()
                place = end

    def _move(self, node: Node, key: str, place: int) -> None:
        index = self.index_of(node)
        source = next(child.row for child in node.children if child.branch.key == key)
        self.beginMoveRows(index, source, source, index, place)
        node.children.insert(place, node.children.pop(source))
        _number(node, place)
        self.endMoveRows()

    def _grow(self, parent: Node, branch: Branch) -> Node:
        self._count += 1
        node = Node(branch, parent, self._count)
        self._nodes[node.number] = node
        node.children = [self._grow(node, child) for child in branch.children]
        _number(node, 0)
        return node

    def _forget(self, node: Node) -> None:
        for child in node.children:
            self._forget(child)
        del self._nodes[node.number]


def _number(node: Node, first: int) -> None:
    for row, child in enumerate(node.children[first:], first):
        child.row = row
