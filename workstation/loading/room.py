"""Memory for a volume, fetched from the system while headers are still being read.

A system gives memory out page by page, when it is first written to, and clears each page: for a large volume that
takes half as long as reading all of its pixels. While a scan understands headers on one processor another is idle.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

from workstation.loading import memory
from workstation.objects.quick_pixels import read_quickly

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workstation.dicom.identity import Instance

LEAST = 32 << 20
"""Bytes of a volume that is worth it."""
KEPT = 3.0
"""Seconds for which memory waits for its volume."""
WASTE = 1.25
"""How much larger than the volume the memory may be."""
SAMPLE = 8
"""Files of one kind after which the others of their folder are taken to be like them."""
MOST_FILES = 5000
NICE = 15
"""How far the thread that fetches stands back."""
_STEP, _PAGE = 8 << 20, 4096


class Room:
    """Guesses from the first files of a scan how large its volume will be; whoever builds it may take the memory.

    ``budget()`` is the most bytes that images may take.
    """

    def __init__(self, budget: Callable[[], int] = memory.default_budget) -> None:
        self._budget = budget
        self._lock = threading.Lock()
        self._made: NDArray[Any] | None = None
        self._enough = threading.Event()

    def expect(self, size: int) -> None:
        """Begin to fetch ``size`` bytes on a thread; what was fetched for another volume is given back."""
        self.leave()
        if size < LEAST or 2 * size > self._budget() or 2 * size > memory.available() - memory.LEFT_FREE:
            return
        with self._lock:
            self._enough = threading.Event()
            threading.Thread(target=self._fetch, args=(size, self._enough), name="room", daemon=True).start()

    def take(self, size: int) -> NDArray[Any] | None:
        """Return memory of just ``size`` bytes for good, as many of them fetched as there was time for, or None."""
        with self._lock:
            made, self._made = self._made, None
            self._enough.set()
        return made[:size] if made is not None and size <= made.size <= WASTE * size else None

    def leave(self) -> None:
        """Give back what nobody took."""
        self.take(0)

    def _fetch(self, size: int, enough: threading.Event) -> None:
        import numpy as np

        _give_way()
        with self._lock:
            if enough.is_set():
                return
            made = self._made = np.empty(size, np.uint8)
        for start in range(0, size, _STEP):
            if enough.is_set():
                return
            made[start : start + _STEP : _PAGE] = 0
        del made
        if not enough.wait(KEPT):
            with self._lock:
                if not enough.is_set():
                    self._made = None


def _give_way() -> None:
    """Let every other thread of the program have the processor before this one, where the system can."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


class Guess:
    """Looks at the first instances of a scan: the bytes of their volume if all files of the folder are like them."""

    def __init__(self) -> None:
        self._first: Instance | None = None
        self._seen = 0

    def after(self, instance: Instance) -> int | None:
        """Return the bytes once enough instances agree, 0 if one does not; None while it is not known yet."""
        first = self._first = self._first or instance
        self._seen += 1
        plain = read_quickly(instance) and instance.number_of_frames == 1
        one = (first.series_instance_uid, first.rows, first.columns, first.samples_per_pixel)
        other = (instance.series_instance_uid, instance.rows, instance.columns, instance.samples_per_pixel)
        if not plain or one != other or one[3] != 1:
            return 0
        if self._seen < SAMPLE:
            return None
        try:
            with os.scandir(os.path.dirname(instance.locator.path) or ".") as entries:
                count = sum(1 for _ in islice(entries, MOST_FILES))
        except OSError:
            return 0
        return count * first.rows * first.columns * 2
