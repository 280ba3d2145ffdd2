"""Frozen values made without the detour through their constructors, which costs most where thousands are made."""

from __future__ import annotations

from collections import deque
from itertools import repeat
from operator import call
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")


def builder(of: type[T]) -> Callable[[Iterable[Any]], T]:
    """Return a function from all fields, in order, to a frozen dataclass with slots that checks nothing itself."""
    setters = tuple([getattr(of, name).__set__ for name in of.__slots__])  # type: ignore[attr-defined]
    new = of.__new__

    def build(values: Iterable[Any]) -> T:
        out = new(of)
        deque(map(call, setters, repeat(out), values), 0)
        return out

    return build
