"""Reads the heads of the next files while the present one is being understood, where the medium makes one wait."""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Iterator
from queue import SimpleQueue
from typing import TypeVar

from workstation.dicom.identity import Locator

FILES = 64
"""How many files ahead are read."""
SAMPLE = 8
"""Files between two looks at whether the medium had to be asked."""
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
        self._paths: SimpleQueue[str | None] | None = None
        self._passed = 0
        self._asked = _blocks_read()
        self.slow = False
        """Whether the files come from something slower than memory; it stays so for the files to come."""

    def _look(self) -> None:
        # Time would not tell: a thread also waits for the interpreter.
        asked = _blocks_read()
        self.slow = asked > self._asked
        self._asked = asked

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
                self._passed += 1
                if not self.slow and self._passed % SAMPLE == 0:
                    self._look()
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


def _blocks_read() -> int:
    """Return how often this thread has had the medium read something; 0 where the system does not count."""
    if sys.platform != "linux":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_THREAD).ru_inblock


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
