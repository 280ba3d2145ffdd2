"""Least-recently-used cache bounded by bytes; what somebody still holds stays: dropping it would free nothing."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator


@dataclass(frozen=True, slots=True, eq=False)
class Spare:
    """A value that only makes things quicker, as a second copy of the volume ``of``: the first to go.

    It goes with that volume at the latest; ``drop`` then frees its bytes. Any other value with ``of`` goes with that
    volume too: it lies in its memory, and keeps it from being dropped while somebody holds it.
    """

    of: Hashable
    drop: Callable[[], object]


class FrameCache:
    """Keeps what was used last within ``budget`` bytes. Not thread-safe: its owner holds the lock."""

    def __init__(self, budget: int, *, keep_held: bool = False) -> None:
        self.budget = budget
        self.used = 0
        self._items: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._reserved: dict[Hashable, int] = {}
        self._parts: dict[Hashable, set[Hashable]] = {}
        """Keys of the values that go with another value, because they make it quicker or lie in its memory."""
        self._keep_held = keep_held

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

    def sizes(self) -> Iterator[tuple[Hashable, int]]:
        """Yield every key with the bytes of its value, and those of what is being made."""
        yield from ((key, size) for key, (_, size) in self._items.items())
        yield from self._reserved.items()

    def put(self, key: Hashable, value: Any, size: int) -> None:
        """Keep a value of ``size`` bytes; the oldest go until it fits. The newest always stays.

        What lies in the memory of a value that was dropped meanwhile is not kept: it would hold all of it.
        """
        self.discard(key)
        self.release(key)
        whole = getattr(value, "of", None)
        if whole is not None and whole not in self._items:
            return
        self._items[key] = (value, size)
        self.used += size
        if whole is not None:
            self._parts.setdefault(whole, set()).add(key)
        self._trim(self.budget, but=key)

    def fixed(self) -> int:
        """Return the bytes that dropping everything nobody holds would leave."""
        held = sum(item[1] for key, item in self._items.items() if self._is_held(key))
        return held + sum(self._reserved.values())

    def reserve(self, key: Hashable, size: int) -> None:
        """Count ``size`` bytes for a value that is being made; the oldest go until it fits."""
        self.release(key)
        self._reserved[key] = size
        self.used += size
        self._trim(self.budget, but=key)

    def release(self, key: Hashable) -> None:
        """Count the bytes of :meth:`reserve` no more."""
        self.used -= self._reserved.pop(key, 0)

    def discard(self, key: Hashable) -> None:
        """Forget one key."""
        item = self._items.pop(key, None)
        if item is None:
            return
        self.used -= item[1]
        if isinstance(item[0], Spare):
            item[0].drop()
        whole = getattr(item[0], "of", None)
        if whole is not None and whole in self._parts:
            self._parts[whole].discard(key)
        for part in self._parts.pop(key, ()):
            self.discard(part)

    def discard_where(self, doomed: Callable[[Hashable], bool]) -> None:
        """Forget every key for which ``doomed(key)`` is true."""
        for key in [key for key in self._items if doomed(key)]:
            self.discard(key)

    def _trim(self, budget: int, but: Hashable) -> None:
        if self.used <= budget:
            return
        spare = [key for key, (value, _) in self._items.items() if isinstance(value, Spare) and key != but]
        others = [key for key, (value, _) in self._items.items() if not isinstance(value, Spare) and key != but]
        for key in (*spare, *others):
            if self.used <= budget:
                return
            if key in self._items and not self._is_held(key):
                self.discard(key)

    def _is_held(self, key: Hashable) -> bool:
        """Whether anything but this cache refers to a value: it is on screen, or being worked with."""
        item = self._items[key]
        if not self._keep_held or isinstance(item[0], Spare):
            return False
        return _references(item) > _UNHELD or any(self._is_held(part) for part in self._parts.get(key, ()))


def _references(item: tuple[Any, int]) -> int:
    return sys.getrefcount(item[0])


_UNHELD = _references((object(), 1))
"""References to a value that only the tuple of a cache holds, counted the same way."""
