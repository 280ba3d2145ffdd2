"""The real window on the demo study, driven as a person drives it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from workstation.app import Application, build
from workstation.phantoms.demo import write_demo
from workstation.ui.image_pane import ImagePane
from workstation.ui.main_window import MainWindow
from workstation.ui.screenshot import wait_until_settled


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder)
    return folder


@pytest.fixture
def application(qapp: QApplication) -> Iterator[Application]:
    built = build()
    built.window.resize(1200, 800)
    built.window.show()
    yield built
    built.window.close()
    built.close()
    built.window.deleteLater()
    QTest.qWait(10)


@pytest.fixture
def window(application: Application, demo: Path) -> MainWindow:
    """The window with the demo study open and everything on screen."""
    application.window.open_paths([str(demo)])
    assert wait_until_settled(application.window, 30)
    application.window.grid.focus_active()
    return application.window


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


def _move(widget: QWidget, to: QPointF, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> None:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    event = QMouseEvent(QEvent.Type.MouseMove, to, widget.mapToGlobal(to), Qt.MouseButton.NoButton, button, modifiers)
    QApplication.sendEvent(widget, event)


@pytest.fixture
def hand(window: MainWindow) -> Hand:
    return Hand(window)
