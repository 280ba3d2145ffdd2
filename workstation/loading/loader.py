"""Fetches what panes want, the most wanted first, on worker threads.

Each owner declares all it wants; a new declaration replaces the old, and what nobody wants any more is
forgotten before it starts. That is the cancellation: there are no tickets and no generation counters. An
answer carries its key; whoever still wants that key uses it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from time import perf_counter
from typing import Any

from workstation import log, stopwatch
from workstation.errors import WorkstationError
from workstation.loading.frame_cache import FrameCache

_LOG = log.get("loading")


class Priority(IntEnum):
    """Smaller is served first."""

    VISIBLE = 0
    THUMBNAIL = 1
    PREFETCH = 2


@dataclass(frozen=True, slots=True)
class Loaded:
    """An answer: the value, or the error that came instead of it."""

    key: Hashable
    value: Any = None
    error: BaseException | None = None


class Job:
    """What a long fetch may ask and say while it runs."""

    def __init__(self, key: Hashable, loader: Loader) -> None:
        self.key = key
        self._loader = loader

    @property
    def cancelled(self) -> bool:
        """Whether nobody wants the key any more."""
        return not self._loader.wanted(self.key)

    def progress(self, fraction: float) -> None:
        """Report how far a long fetch is, 0 to 1."""
        self._loader.report_progress(self.key, fraction)


class Cancelled(Exception):
    """Raised by a fetch that noticed nobody wants its key."""


Fetch = Callable[[Any, Job], tuple[Any, int]]
Deliver = Callable[[Loaded], None]


class Loader:
    """Priority queue, workers and cache.

    ``fetch(key, job)`` returns (value, bytes) on a worker thread; ``deliver`` is called there with the answer.
    ``is_long(key)`` marks work that may take seconds: one worker always stays free of it.
    """

    def __init__(
        self,
        fetch: Fetch,
        deliver: Deliver,
        *,
        workers: int = 3,
        cache_bytes: int = 1 << 30,
        is_long: Callable[[Any], bool] = lambda key: False,
        on_progress: Callable[[Hashable, float], None] | None = None,
    ) -> None:
        self._fetch = fetch
        self._deliver = deliver
        self._is_long = is_long
        self._on_progress = on_progress
        self._cache = FrameCache(cache_bytes)
        self._wishes: dict[str, dict[Hashable, tuple[Priority, int]]] = {}
        self._running: dict[Hashable, Priority] = {}
        self._failed: dict[Hashable, BaseException] = {}
        self._changed = threading.Condition()
        self._closing = False
        self._long_limit = max(1, workers - 1)
        self._threads = [threading.Thread(target=self._work, name=f"loader-{i}", daemon=True) for i in range(workers)]
        for thread in self._threads:
            thread.start()

    def want(self, owner: str, wishes: Iterable[tuple[Hashable, Priority]]) -> None:
        """Replace what ``owner`` wants; the order given breaks ties inside a priority."""
        fresh: dict[Hashable, tuple[Priority, int]] = {}
        for place, (key, priority) in enumerate(wishes):
            fresh.setdefault(key, (priority, place))
        with self._changed:
            for key in fresh:
                # a failed key is tried again only when someone newly asks for it
                if not any(key in wanted for wanted in self._wishes.values()):
                    self._failed.pop(key, None)
            if fresh:
                self._wishes[owner] = fresh
            else:
                self._wishes.pop(owner, None)
            self._changed.notify_all()

    def peek(self, key: Hashable) -> Any | None:
        """Return the cached value, or None."""
        with self._changed:
            return self._cache.get(key)

    def supply(self, key: Hashable, value: Any, size: int) -> None:
        """Keep a value that was made elsewhere, as if it had been fetched."""
        with self._changed:
            self._cache.put(key, value, size)

    def has(self, key: Hashable) -> bool:
        """Whether the key is cached, without marking it as used."""
        with self._changed:
            return key in self._cache

    def held(self, keys: Iterable[Hashable]) -> frozenset[int]:
        """Return the places of the keys that are cached."""
        with self._changed:
            return frozenset(place for place, key in enumerate(keys) if key in self._cache)

    def forget(self, doomed: Callable[[Hashable], bool]) -> None:
        """Drop cached values, for example of a study that was closed."""
        with self._changed:
            self._cache.discard_where(doomed)

    def wanted(self, key: Hashable) -> bool:
        """Whether any owner wants the key."""
        with self._changed:
            return not self._closing and any(key in wishes for wishes in self._wishes.values())

    def pending(self, most: Priority = Priority.PREFETCH) -> int:
        """Return how many wishes up to a priority are neither cached nor failed."""
        with self._changed:
            return sum(
                1
                for wishes in self._wishes.values()
                for key, (priority, _) in wishes.items()
                if priority <= most and key not in self._cache and key not in self._failed
            )

    @property
    def cache_used(self) -> int:
        """Bytes in the cache."""
        with self._changed:
            return self._cache.used

    def sizes(self) -> tuple[tuple[Hashable, Any, int], ...]:
        """Return (key, value, bytes) of all that is cached, the least used first; marks nothing as used."""
        with self._changed:
            return self._cache.sizes()

    def report_progress(self, key: Hashable, fraction: float) -> None:
        """Pass the progress of a long fetch on."""
        if self._on_progress is not None:
            self._on_progress(key, fraction)

    def close(self) -> None:
        """Stop the workers; a running fetch sees ``job.cancelled``."""
        with self._changed:
            self._closing = True
            self._wishes.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout=5)

    def _next(self) -> Hashable | None:
        long_running = sum(1 for key in self._running if self._is_long(key))
        best: tuple[Priority, int] | None = None
        chosen: Hashable | None = None
        # what is on screen has the interpreter to itself: a second thread would only slow it down
        busy = any(p == Priority.VISIBLE and not self._is_long(key) for key, p in self._running.items())
        for wishes in self._wishes.values():
            for key, rank in wishes.items():
                if key in self._running or key in self._cache or key in self._failed:
                    continue
                if long_running >= self._long_limit and self._is_long(key):
                    continue
                if busy and rank[0] != Priority.VISIBLE:
                    continue
                if best is None or rank < best:
                    best, chosen = rank, key
        return chosen

    def _priority_of(self, key: Hashable) -> Priority:
        return min((wishes[key][0] for wishes in self._wishes.values() if key in wishes), default=Priority.PREFETCH)

    def _work(self) -> None:
        while True:
            with self._changed:
                key = self._next()
                while key is None:
                    if self._closing:
                        return
                    self._changed.wait()
                    key = self._next()
                if self._closing:
                    return
                self._running[key] = self._priority_of(key)
            answer = self._answer(key)
            if answer is not None:
                self._deliver(answer)

    def _answer(self, key: Hashable) -> Loaded | None:
        begin = perf_counter()
        try:
            value, size = self._fetch(key, Job(key, self))
        except Cancelled:
            with self._changed:
                self._running.pop(key, None)
                self._changed.notify_all()
            return None
        except Exception as error:
            if not isinstance(error, WorkstationError):
                _LOG.exception("fetching %s failed", type(key).__name__)
            with self._changed:
                self._running.pop(key, None)
                self._failed[key] = error
                self._changed.notify_all()
            return Loaded(key, error=error)
        stopwatch.took(type(key).__name__, perf_counter() - begin)
        with self._changed:
            self._running.pop(key, None)
            self._cache.put(key, value, size)
            # a wish is granted once: what the cache drops later is fetched again only when asked for again
            for wishes in self._wishes.values():
                wishes.pop(key, None)
            self._changed.notify_all()
        return Loaded(key, value)
