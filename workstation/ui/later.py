"""Work that follows a change but can wait until the change itself is on screen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

AFTER_PAINT = 12
"""Milliseconds until what was asked to be painted is: a window system gathers repaints for a few of them."""
AFTER_SCAN = 30
"""Milliseconds from the end of a scan to the words, the tree and the buttons: the image it leads to comes first."""


class Later(QObject):
    """Calls once, after what waits to be painted, however often it was asked for meanwhile."""

    def __init__(self, act: Callable[[], object], parent: QObject, wait: int = AFTER_PAINT) -> None:
        super().__init__(parent)
        self._wait = wait
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(act)

    def ask(self, *_: object, wait: int | None = None) -> None:
        """Ask for the call, in ``wait`` milliseconds or as usual; a signal may be connected to this."""
        due = self._wait if wait is None else wait
        if not self._timer.isActive() or self._timer.remainingTime() > due:
            self._timer.start(due)

    @property
    def due(self) -> int:
        """Milliseconds until the call; -1 if none was asked for."""
        return self._timer.remainingTime()
