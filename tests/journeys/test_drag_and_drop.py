"""Drags from the study browser to a pane, and files dropped on the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.journeys.hand import Hand, _move
from workstation.phantoms.zoo import write_gap
from workstation.ui import study_browser
from workstation.ui.main_window import MainWindow

COPY, LEFT, PLAIN = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def _drop(target: QWidget, data: QMimeData) -> bool:
    """Give a widget what the system gives it at the end of a drag."""
    middle = target.rect().center()
    enter = QDragEnterEvent(middle, COPY, data, LEFT, PLAIN)
    enter.ignore()
    QApplication.sendEvent(target, enter)
    if not enter.isAccepted():
        return False
    QApplication.sendEvent(target, QDropEvent(QPointF(middle), COPY, data, LEFT, PLAIN))
    return True


def test_a_series_dragged_from_the_browser_lands_in_the_pane_it_is_dropped_on(
    window: MainWindow, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The press, the moves and the data are real; only the system's own drag loop is left out."""
    target = window.grid.pane(3)

    class Drag(study_browser.QDrag):
        def exec(self, *_: object) -> Qt.DropAction:
            assert _drop(target, self.mimeData())
            return COPY

    monkeypatch.setattr(study_browser, "QDrag", Drag)
    tree, model = window.browser.tree, window.browser.model
    index = next(row for row in tree.visible_rows() if model.row_at(row).badge == "MR")
    start = tree.visualRect(index).center()
    QTest.mousePress(tree.viewport(), LEFT, PLAIN, start)
    for step in range(1, 6):
        _move(tree.viewport(), QPointF(start + QPoint(12 * step, 4 * step)), LEFT, PLAIN)
    hand.settle()
    assert window.workspace.state(3).stack_id == model.row_at(index).stack_id
    assert window.workspace.active == 3
    assert target.hasFocus()
    hand.press(Qt.Key.Key_Down)
    assert window.workspace.state(3).index == 1


def test_files_dropped_anywhere_on_the_window_open(window: MainWindow, hand: Hand, tmp_path: Path) -> None:
    write_gap(tmp_path)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    enter = QDragEnterEvent(QPoint(5, 5), COPY, data, LEFT, PLAIN)
    enter.ignore()
    window.grid.pane(0).dragEnterEvent(enter)
    assert not enter.isAccepted(), "a pane leaves files to the window"
    assert _drop(window, data)
    hand.settle()
    assert len(window.workspace.catalogue.patients) == 2


def test_text_dropped_on_the_window_is_refused(window: MainWindow) -> None:
    data = QMimeData()
    data.setText("not a file")
    assert not _drop(window, data)
