"""Asks for the sections of one pane: coarse while things move, fine when they rest, and never a queue of them.

One request is on its way at a time; when its answer is there the latest wish goes out. So every answer is shown, a
moment late at worst, and the pace is that of the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from workstation.loading.loader import Priority
from workstation.objects.picture import SectionKey

if TYPE_CHECKING:
    from workstation.loading.loader import Loader

REST = 80
"""Milliseconds without a change after which the fine section is asked for."""
HURRY = 0.25
"""Seconds between two changes below which the reader is on the move."""
ENOUGH, SLOW = 0.022, 0.03
"""Seconds a section should take while things move, and those from which on it is too slow."""
COARSEST = 4
STALLED = 2.0
"""Seconds after which an answer is no longer waited for while things move."""
MOST_ASKED = 32


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request: which wish it serves, how much coarser than that it is, and when it was sent."""

    serial: int
    factor: int
    since: float


class SectionFeed(QObject):
    """Turns the wish of the moment into requests; ``show(picture)`` is called with what comes, never an older one."""

    def __init__(
        self,
        owner: str,
        loader: Loader,
        show: Callable[[Any], None],
        dragging: Callable[[], bool],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._owner, self._loader, self._show, self._dragging = owner, loader, show, dragging
        self._wish: SectionKey | None = None
        self._serial = 0
        self._shown = (0, 0)
        self._changed = 0.0
        self._asked: dict[Hashable, _Asked] = {}
        self._flying: Hashable | None = None
        self._pace = 2
        self._moving = QTimer(self, singleShot=True, interval=REST)
        self._moving.timeout.connect(self._pump)

    def want(self, key: SectionKey) -> None:
        """Ask for a section, in place of the one before."""
        if key == self._wish:
            return
        now = monotonic()
        hurried = self._dragging() or now - self._changed < HURRY
        self._wish, self._changed, self._serial = key, now, self._serial + 1
        held = self._loader.peek(key)
        if held is not None:
            self._moving.stop()
            self._take(held, _Asked(self._serial, 1, now))
        elif hurried and self._pace > 1:
            self._moving.start()
        else:
            self._moving.stop()
        self._pump()

    def settle(self) -> None:
        """Ask for the fine section at once: a gesture has ended."""
        if self._moving.isActive():
            self._moving.stop()
            self._pump()

    def stop(self) -> None:
        """Want nothing any more."""
        self._moving.stop()
        self._wish = self._flying = None
        self._asked.clear()

    def answered(self, key: Hashable, picture: Any) -> None:
        """Take an answer, or None where an error came instead."""
        asked = self._asked.pop(key, None)
        if asked is None:
            return
        if key == self._flying:
            self._flying = None
            self._keep_pace(asked.factor, monotonic() - asked.since)
        if picture is None:
            # what failed is not asked for again until something changes; the fine section says why
            self._moving.stop()
            self._shown = max(self._shown, (asked.serial, -asked.factor))
        else:
            self._take(picture, asked)
        self._pump()

    def _take(self, picture: Any, asked: _Asked) -> None:
        if (asked.serial, -asked.factor) > self._shown:
            self._shown = (asked.serial, -asked.factor)
            self._show(picture)

    def _keep_pace(self, factor: int, took: float) -> None:
        """Choose how much coarser sections are while things move, from how long one took."""
        if factor == 1:
            # a fine one tells where to begin; only in part does it shrink with the pixels
            needed = next((f for f in range(1, COARSEST) if took / f**2 <= ENOUGH), COARSEST)
            self._pace = needed if min(self._pace, needed) == 1 else min(self._pace, needed)
        elif took > SLOW and factor < COARSEST:
            self._pace = factor + 1
        elif took * (factor / (factor - 1)) ** 2 <= ENOUGH:
            self._pace = factor - 1

    def _pump(self) -> None:
        """Send what the wish of the moment still lacks, unless an answer is awaited."""
        wish = self._wish
        moving = self._moving.isActive()
        factor = self._pace if moving else 1
        # while things move any section of the wish will do
        if wish is None or self._shown >= (self._serial, -COARSEST if moving else -1):
            return
        now = monotonic()
        ahead = self._asked.get(self._flying) if self._flying is not None else None
        # a coarse section need not wait behind the fine one of a moment ago
        if ahead is not None and now - ahead.since < STALLED and not ahead.factor < factor:
            return
        key = replace(wish, plane=wish.plane.coarser(factor)) if factor > 1 else wish
        held = self._loader.peek(key)
        if held is not None:
            self._take(held, _Asked(self._serial, factor, now))
            return
        self._asked.pop(key, None)
        self._asked[key] = _Asked(self._serial, factor, now)
        self._flying = key
        while len(self._asked) > MOST_ASKED:
            del self._asked[next(iter(self._asked))]
        self._loader.want(self._owner, [(key, Priority.VISIBLE)])
