"""Saves the window as a PNG once everything asked for is on screen."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, QTimer

from workstation.loading.loader import Priority

if TYPE_CHECKING:
    from workstation.ui.main_window import MainWindow

LONGEST = 120.0
"""Seconds after which the window is saved as it is."""
CALM = 3
"""Looks in a row that must find nothing left to do."""


def settled(window: MainWindow) -> bool:
    """Whether nothing that is on screen is still being fetched."""
    return (
        not window.desk.running
        and not window.sessions.restoring.waiting
        and not window.exports.asked
        and window.loader.pending(Priority.THUMBNAIL) == 0
        and all(pane.settled for pane in window.grid.visible_panes())
    )


def wait_until_settled(window: MainWindow, seconds: float = LONGEST) -> bool:
    """Run the event loop until the window is settled; return whether it is."""
    loop = QEventLoop()
    timer = QTimer()
    timer.setInterval(30)
    end = monotonic() + seconds
    calm = 0

    def look() -> None:
        nonlocal calm
        calm = calm + 1 if settled(window) else 0
        if calm >= CALM or monotonic() > end:
            loop.quit()

    timer.timeout.connect(look)
    timer.start()
    loop.exec()
    return calm >= CALM


def take(window: MainWindow, target: str, layout: str | None) -> int:
    """Wait, lay out, wait again, save; return the exit code."""
    done = wait_until_settled(window)
    if layout is not None:
        window.show_layout(layout)
        done = wait_until_settled(window) and done
    saved = window.grab().save(target, "PNG")
    if not saved:
        window.say("error", window.tr("The picture could not be saved."))
    window.close()
    return 0 if saved and done else 1
