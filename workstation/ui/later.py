"""Work that follows a change but can wait until the change itself is on screen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class Later(QObject):
    """Calls once, after what waits to be painted, however often it was asked for meanwhile."""

    def __init__(self, act: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(act)

    def ask(self, *_: object) -> None:
        """Ask for the call; a signal may be connected to this."""
        if not self._timer.isActive():
            self._timer.start()
