"""Which frames of a stack are in memory, for the slice bar: counted seldom, kept up to date by what arrives."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from workstation.objects.picture import FrameKey

if TYPE_CHECKING:
    from workstation.geometry.stack import Stack
    from workstation.loading.loader import Loader

RECOUNT = 1.0
"""Seconds after which what the cache has dropped is noticed."""
REST = 120
"""Milliseconds in which arrivals are gathered before the bar is drawn again."""


class LoadedFrames(QObject):
    """The frames of one pane's stack that need no waiting."""

    def __init__(self, loader: Loader, changed: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._loader = loader
        self._stack: Stack | None = None
        self._places: dict[Hashable, int] = {}
        self._known: frozenset[int] = frozenset()
        self._counted = 0.0
        self._later = QTimer(self, singleShot=True, interval=REST)
        self._later.timeout.connect(changed)

    def of(self, stack: Stack) -> frozenset[int]:
        """Return the places in the stack that are in memory."""
        now = monotonic()
        if stack is not self._stack:
            self._stack = stack
            self._places = {FrameKey(frame.ref): place for place, frame in enumerate(stack.frames)}
            self._counted = 0.0
        if now - self._counted > RECOUNT:
            self._known = self._loader.held(self._places)
            self._counted = now
        return self._known

    def arrived(self, key: Hashable) -> None:
        """Take note of a frame that has come in."""
        place = self._places.get(key)
        if place is not None and place not in self._known:
            self._known |= {place}
            if not self._later.isActive():
                self._later.start()
