"""Pages of the network open and close without asking anybody; the trace of sockets runs this too (N14)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from tests.journeys.hand import to_front, wait
from workstation.network.nodes import Node
from workstation.ui.main_window import MainWindow
from workstation.ui.preferences import Preferences
from workstation.ui.send_dialog import SendDialog
from workstation.ui.worklist_page import FIRST, WorklistPage

CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def somewhere(window: MainWindow) -> Iterator[MainWindow]:
    """The window with a node that would be called by its name."""
    window.network.put_node(Node("archive", "ARCHIVE", "archive.invalid"))
    yield window
    for kind in (WorklistPage, SendDialog, Preferences):
        for page in window.findChildren(kind):
            page.close()


def opened(window: MainWindow, key: Qt.Key, kind: type[QWidget]) -> QWidget:
    to_front(window)
    QTest.keyClick(window, key, CTRL_SHIFT)
    wait(lambda: any(page.isVisible() for page in window.findChildren(kind)))
    return next(page for page in window.findChildren(kind) if page.isVisible())


def test_the_worklist_page_asks_nobody_until_it_is_told_to(somewhere: MainWindow) -> None:
    page = opened(somewhere, Qt.Key.Key_J, WorklistPage)
    assert isinstance(page, WorklistPage)
    QTest.keyClicks(page.patient, "Doe")
    QTest.keyClick(page.node, Qt.Key.Key_Down)
    assert (page.running, page.pages.currentIndex()) == (False, FIRST)


def test_the_send_dialog_asks_nobody_until_send(somewhere: MainWindow) -> None:
    page = opened(somewhere, Qt.Key.Key_S, SendDialog)
    assert isinstance(page, SendDialog)
    wait(page.send.isEnabled)
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert somewhere.network.queue.jobs() == ()


def test_preferences_of_receiving_open_no_port(somewhere: MainWindow) -> None:
    somewhere.settings.set("receive_from", "MODALITY1")
    somewhere.dispatch("edit.preferences", group="Receiving")
    wait(lambda: any(page.isVisible() for page in somewhere.findChildren(Preferences)))
    assert not somewhere.receives
