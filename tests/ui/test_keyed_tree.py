"""The tree model changes only what differs."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester

from workstation.ui.keyed_tree import Branch, KeyedTreeModel

KEYS = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8)
TREES = st.lists(
    st.tuples(st.sampled_from("ABCDE"), st.integers(0, 2), KEYS), unique_by=lambda item: item[0], max_size=5
)


def tree(shape):
    return tuple(Branch(key, value, tuple(Branch(child, child) for child in below)) for key, value, below in shape)


def rows(model, parent=QModelIndex()):  # noqa: B008
    indexes = [model.index(row, 0, parent) for row in range(model.rowCount(parent))]
    return [(model.node(index).branch.key, model.value(index), rows(model, index)) for index in indexes]


@settings(deadline=None, max_examples=60)
@given(st.lists(TREES, min_size=1, max_size=4))
def test_the_rows_always_equal_the_tree_given_last(shapes):
    model = KeyedTreeModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for shape in shapes:
        model.set_tree(tree(shape))
        assert rows(model) == [(key, value, [(child, child, []) for child in below]) for key, value, below in shape]
    del tester


@settings(deadline=None, max_examples=40)
@given(TREES, TREES)
def test_a_row_that_stays_keeps_its_index(first, second):
    """A selection must follow its row (features T8, C10)."""
    model = KeyedTreeModel()
    model.set_tree(tree(first))
    held = {key: QPersistentModelIndex(model.find([key])) for key, _value, _below in first}
    model.set_tree(tree(second))
    kept = {key for key, _value, _below in second}
    for key, index in held.items():
        assert index.isValid() == (key in kept)
        assert not index.isValid() or model.node(index).branch.key == key


def test_an_equal_tree_changes_nothing(qtbot):
    model = KeyedTreeModel()
    shape = [("A", 1, ["a", "b"]), ("B", 2, [])]
    model.set_tree(tree(shape))
    signals = [model.dataChanged, model.rowsInserted, model.rowsRemoved, model.rowsMoved, model.modelReset]
    heard = []
    for signal in signals:
        signal.connect(lambda *_args: heard.append(True))
    model.set_tree(tree(shape))
    assert heard == []


def test_only_the_row_that_differs_is_redrawn(qtbot):
    model = KeyedTreeModel()
    model.set_tree(tree([("A", 1, []), ("B", 1, [])]))
    with qtbot.waitSignal(model.dataChanged) as changed:
        model.set_tree(tree([("A", 1, []), ("B", 2, [])]))
    assert changed.args[0].row() == 1
