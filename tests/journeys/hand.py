"""Keys and mouse on a window, as a person uses them."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from workstation.ui.image_pane import ImagePane
from workstation.ui.main_window import MainWindow
from workstation.ui.screenshot import wait_until_settled


class Hand:
    """Keys and mouse on a window, each followed until everything is on screen."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window

    def press(
        self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier, times: int = 1
    ) -> None:
        for _ in range(times):
            target = QApplication.focusWidget() or self.window
            QTest.keyClick(target, key, modifiers)
        self.settle()

    def type(self, text: str) -> None:
        QTest.keyClicks(QApplication.focusWidget(), text)
        self.settle()

    def drag(
        self,
        widget: QWidget,
        start: tuple[int, int],
        end: tuple[int, int],
        button: Qt.MouseButton = Qt.MouseButton.LeftButton,
        modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        QTest.mousePress(widget, button, modifiers, QPoint(*start))
        steps = 5
        for step in range(1, steps + 1):
            x = start[0] + (end[0] - start[0]) * step / steps
            y = start[1] + (end[1] - start[1]) * step / steps
            _move(widget, QPointF(x, y), button, modifiers)
        QTest.mouseRelease(widget, button, modifiers, QPoint(*end))
        self.settle()

    def wheel(
        self, widget: QWidget, notches: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        middle = QPointF(widget.width() / 2, widget.height() / 2)
        event = QWheelEvent(
            middle,
            widget.mapToGlobal(middle),
            QPoint(),
            QPoint(0, -120 * notches),
            Qt.MouseButton.NoButton,
            modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(widget, event)
        self.settle()

    def settle(self) -> None:
        assert wait_until_settled(self.window, 20)

    @property
    def pane(self) -> ImagePane:
        return self.window.active_pane()


def wait(until: Callable[[], bool], seconds: float = 30) -> None:
    """Let window and workers go on until something is so."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "waited in vain"
        QApplication.processEvents()
        time.sleep(0.004)


def to_front(window: MainWindow) -> None:
    """Give a window the keyboard, as a click on it does."""
    window.activate()
    wait(window.isActiveWindow)


def _move(widget: QWidget, to: QPointF, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> None:
    event = QMouseEvent(QEvent.Type.MouseMove, to, widget.mapToGlobal(to), Qt.MouseButton.NoButton, button, modifiers)
    QApplication.sendEvent(widget, event)
