"""Least-recently-used cache bounded by bytes."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable


class FrameCache:
    """Keeps what was used last within ``budget`` bytes. Not thread-safe: its owner holds the lock."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.used = 0
        self._items: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()

    def get(self, key: Hashable) -> Any | None:
        """Return the value and mark it as just used, or None."""
        item = self._items.get(key)
        if item is None:
            return None
        self._items.move_to_end(key)
        return item[0]

    def __contains__(self, key: Hashable) -> bool:
        return key in self._items

    def __len__(self) -> int:
        return len(self._items)

    def sizes(self) -> tuple[tuple[Hashable, Any, int], ...]:
        """Return (key, value, bytes) of everything, the least used first."""
        return tuple((key, value, size) for key, (value, size) in self._items.items())

    def put(self, key: Hashable, value: Any, size: int) -> None:
        """Keep a value of ``size`` bytes; the oldest go until it fits. The newest always stays."""
        self.discard(key)
        self._items[key] = (value, size)
        self.used += size
        while self.used > self.budget and len(self._items) > 1:
            _, (_, freed) = self._items.popitem(last=False)
            self.used -= freed

    def discard(self, key: Hashable) -> None:
        """Forget one key."""
        item = self._items.pop(key, None)
        if item is not None:
            self.used -= item[1]

    def discard_where(self, doomed: Any) -> None:
        """Forget every key for which ``doomed(key)`` is true."""
        for key in [key for key in self._items if doomed(key)]:
            self.discard(key)
