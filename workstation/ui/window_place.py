"""Where the window stood and how it was laid out, kept between starts and never off every screen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QRect
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from workstation.settings import Settings

GRIP = (120, 30)
"""Least width and height of the title bar that must be in reach, logical pixels."""
VERSION = 1
"""Raise when docks are renamed, so that an older arrangement is left alone."""
RESTORED = "docks.restored"
"""Property of a window whose docks are where the user left them."""


def clamped(frame: QRect, screens: Sequence[QRect]) -> QRect:
    """Return a window's place so that its title can be reached on a screen that is there (features 3, row 28)."""
    if not screens:
        return frame
    title = QRect(frame.x(), frame.y(), frame.width(), GRIP[1])
    for screen in screens:
        seen = title.intersected(screen)
        if seen.width() >= min(GRIP[0], frame.width()) and seen.height() >= GRIP[1] // 2:
            size = frame.size().boundedTo(screen.size())
            return QRect(frame.topLeft(), size)
    first = screens[0]
    placed = QRect(first.topLeft(), frame.size().boundedTo(first.size()))
    placed.moveCenter(first.center())
    return placed


def keep(window: QMainWindow, settings: Settings) -> None:
    """Remember the window's place and its docks."""
    settings.set("window_geometry", _text(window.saveGeometry()))
    settings.set("window_state", _text(window.saveState(VERSION)))


def restore(window: QMainWindow, settings: Settings) -> None:
    """Put the window where it was."""
    if settings["window_geometry"]:
        window.restoreGeometry(_bytes(settings["window_geometry"]))
        screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
        placed = clamped(window.geometry(), screens)
        if placed != window.geometry() and not (window.isMaximized() or window.isFullScreen()):
            window.setGeometry(placed)


def restore_docks(window: QMainWindow, settings: Settings) -> None:
    """Lay the docks out as they were, with the preference for it."""
    if settings["open_last_layout"] and settings["window_state"]:
        window.setProperty(RESTORED, window.restoreState(_bytes(settings["window_state"]), VERSION))


def _text(data: QByteArray) -> str:
    return bytes(data.toBase64().data()).decode("ascii")


def _bytes(text: str) -> QByteArray:
    return QByteArray.fromBase64(text.encode("ascii", "ignore"))
