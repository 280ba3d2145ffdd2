"""Reads the heads of the next files while the present one is being understood, where the medium makes one wait."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator
from queue import SimpleQueue
from typing import TypeVar

from workstation.dicom.identity import Locator

FILES = 64
"""How many files ahead are read."""
SLOW = 30e-6
"""Seconds for opening and reading one head from which it pays; from memory it takes a fifth of that."""
HEAD = 1 << 14
THREADS = 3
"""Each waits for the medium most of the time; more of them give no more."""

Item = TypeVar("Item")


class ReadAhead:
    """Passes items on in their order; while :attr:`slow`, files among the next ones are read on threads before.

    What is read is thrown away: it is in the system's cache when its turn comes. Nothing is reported from there, who
    reads the file in its turn meets whatever is wrong with it.
    """

    def __init__(self) -> None:
        self._usual = 0.0
        self._paths: SimpleQueue[str | None] | None = None

    def took(self, seconds: float) -> None:
        """Take note of how long opening and reading a head took; what was slow once is given time to show it again."""
        self._usual += (seconds - self._usual) / (8 if seconds > self._usual else 256)

    @property
    def slow(self) -> bool:
        """Whether the files come from something slower than memory."""
        return self._usual > SLOW

    def of(self, items: Iterator[Item]) -> Iterator[Item]:
        """Yield the items."""
        waiting: deque[Item] = deque()
        try:
            while True:
                while self.slow and len(waiting) < FILES and (item := next(items, None)) is not None:
                    self._fetch(item)
                    waiting.append(item)
                following = waiting.popleft() if waiting else next(items, None)
                if following is None:
                    return
                yield following
        finally:
            if self._paths is not None:
                for _ in range(THREADS):
                    self._paths.put(None)
                self._paths = None

    def _fetch(self, item: object) -> None:
        if not isinstance(item, Locator) or item.member is not None:
            return
        if self._paths is None:
            self._paths = SimpleQueue()
            for _ in range(THREADS):
                threading.Thread(target=_read, args=(self._paths,), name="read ahead", daemon=True).start()
        self._paths.put(item.path)


def _read(paths: SimpleQueue[str | None]) -> None:
    while (path := paths.get()) is not None:
        try:
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
            try:
                os.read(descriptor, HEAD)
            finally:
                os.close(descriptor)
        except OSError:
            continue  # met again, and told, when its turn comes
