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

    It goes with that volume at the latest; ``drop`` then frees its bytes.
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
        """Keep a value of ``size`` bytes; the oldest go until it fits. The newest always stays."""
        self.discard(key)
        self.release(key)
        self._items[key] = (value, size)
        self.used += size
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
        else:
            self.discard_where(lambda other: self._belongs(other, key))

    def discard_where(self, doomed: Callable[[Hashable], bool]) -> None:
        """Forget every key for which ``doomed(key)`` is true."""
        for key in [key for key in self._items if doomed(key)]:
            self.discard(key)

    def _belongs(self, key: Hashable, to: Hashable) -> bool:
        value = self._items[key][0]
        return isinstance(value, Spare) and value.of == to

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
        return self._keep_held and not isinstance(item[0], Spare) and _references(item) > _UNHELD


def _references(item: tuple[Any, int]) -> int:
    return sys.getrefcount(item[0])


_UNHELD = _references((object(), 1))
"""References to a value that only the tuple of a cache holds, counted the same way."""
