"""Fetches what panes want, the most wanted first, on worker threads.

Each owner declares all it wants; a new declaration replaces the old, and what nobody wants any more is
forgotten before it starts. That is the cancellation: there are no tickets and no generation counters. An
answer carries its key; whoever still wants that key uses it. The rest of a stack is wanted as one lazy wish,
drawn from only while nothing else is to be done and half of the memory for images is free.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from time import monotonic, perf_counter
from typing import Any

from workstation import log, stopwatch
from workstation.errors import TooLarge, WorkstationError
from workstation.loading import memory
from workstation.loading.frame_cache import FrameCache
from workstation.loading.memory import Memory

_LOG = log.get("loading")
MOST_PASSED = 64
"""Cached keys of a rest that are passed over in one go."""


class Priority(IntEnum):
    """Smaller is served first."""

    VISIBLE = 0
    THUMBNAIL = 1
    PREFETCH = 2
    BACKGROUND = 3


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

    def reserve(self, size: int) -> None:
        """Make room for ``size`` bytes before they are allocated; raises TooLarge, naming all sizes."""
        self._loader.reserve(self.key, size)

    def also(self, key: Hashable, priority: Priority) -> None:
        """Want something else besides, on nobody's behalf: an answer that only makes later ones quicker."""
        self._loader.want(f"also {key}", [(key, priority)])


TO_PAINT = 0.012
"""Seconds for which prefetch leaves the interpreter to whoever paints what was just fetched for the screen."""


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
        cache_bytes: int | None = None,
        is_long: Callable[[Any], bool] = lambda key: False,
        on_progress: Callable[[Hashable, float], None] | None = None,
    ) -> None:
        self._fetch = fetch
        self._deliver = deliver
        self._is_long = is_long
        self._on_progress = on_progress
        self._cache = FrameCache(cache_bytes or memory.default_budget(), keep_held=True)
        self._rest: dict[str, Iterator[Hashable]] = {}
        self._passed = False
        self._wishes: dict[str, dict[Hashable, tuple[Priority, int]]] = {}
        self._running: dict[Hashable, Priority] = {}
        self._orphans: set[Hashable] = set()
        self._patient_until = 0.0
        self._failed: dict[Hashable, BaseException] = {}
        self._changed = threading.Condition()
        self._closing = False
        self._long_limit = max(1, workers - 1)
        self._threads = [threading.Thread(target=self._work, name=f"loader-{i}", daemon=True) for i in range(workers)]
        for thread in self._threads:
            thread.start()

    def want(self, owner: str, wishes: Iterable[tuple[Hashable, Priority]], rest: Iterable[Hashable] = ()) -> None:
        """Replace what ``owner`` wants; the order given breaks ties inside a priority.

        What is cached already is no wish. Keys of ``rest`` are drawn one by one, on a worker, when nothing else is
        wanted; it may be a generator over thousands.
        """
        ranked = sorted(((priority, place, key) for place, (key, priority) in enumerate(wishes)), key=_rank)
        with self._changed:
            fresh: dict[Hashable, tuple[Priority, int]] = {}
            for priority, place, key in ranked:
                if key not in self._cache:
                    fresh.setdefault(key, (priority, place))
            if self._failed:
                for key, (priority, _) in fresh.items():
                    # a failed key is tried again only when someone newly asks for it, or needs it sooner
                    if key in self._failed and all(priority < asked for asked in self._priorities(key)):
                        del self._failed[key]
            self._replace(self._wishes, owner, fresh)
            self._replace(self._rest, owner, iter(rest) if rest else None)
            if fresh or rest:
                self._changed.notify_all()

    @staticmethod
    def _replace(where: dict[str, Any], owner: str, value: Any) -> None:
        if value:
            where[owner] = value
        else:
            where.pop(owner, None)

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
            # what is being fetched for it has nowhere to go either
            self._orphans.update(key for key in self._running if doomed(key))

    def hold_back(self, seconds: float) -> None:
        """Fetch only what is on screen for a while, 0 to end it: something else needs the interpreter more."""
        with self._changed:
            self._patient_until = monotonic() + seconds
            self._changed.notify_all()

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

    def memory(self) -> Memory:
        """Return what loaded images take."""
        with self._changed:
            volumes = sum(size for key, size in self._cache.sizes() if self._is_long(key))
            return Memory(self._cache.used, self._cache.budget, volumes, self._cache.used - volumes)

    @property
    def budget(self) -> int:
        """The most bytes images may take."""
        return self._cache.budget

    def set_budget(self, budget: int) -> None:
        """Let images take so many bytes from now on."""
        with self._changed:
            self._cache.budget = budget

    def reserve(self, key: Hashable, size: int) -> None:
        """Count the bytes of a value that is about to be made, dropping older ones for it.

        Raises
        ------
        TooLarge
            When they do not fit into the budget beside what is on screen, or into the memory that is free.
        """
        free = memory.available()
        with self._changed:
            self._cache.release(key)
            fixed, budget = self._cache.fixed(), self._cache.budget
            if size > budget - fixed or size > free + (self._cache.used - fixed) - memory.LEFT_FREE // 4:
                others = f" of which {_gib(fixed)} are in use," if fixed else ""
                raise TooLarge(f"it needs {_gib(size)}, the budget is {_gib(budget)},{others} free are {_gib(free)}")
            self._cache.reserve(key, size)

    @property
    def cache_used(self) -> int:
        """Bytes in the cache."""
        with self._changed:
            return self._cache.used

    def sizes(self) -> tuple[tuple[Hashable, int], ...]:
        """Return every key with the bytes of its value, and those of what is being made; marks nothing as used."""
        with self._changed:
            return tuple(self._cache.sizes())

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
        busy = busy or self._held_back() > 0
        for wishes in self._wishes.values():
            for key, rank in wishes.items():
                if best is not None and rank >= best:
                    break  # an owner's wishes are in the order of their ranks
                if key in self._running or key in self._failed or key in self._cache:
                    continue
                if long_running >= self._long_limit and self._is_long(key):
                    continue
                if busy and rank[0] != Priority.VISIBLE:
                    break
                best, chosen = rank, key
                break
        return self._draw() if chosen is None else chosen

    def _held_back(self) -> float:
        """Return the seconds for which only what is on screen is fetched."""
        return max(0.0, self._patient_until - monotonic())

    def _draw(self) -> Hashable | None:
        """Draw the next key of a rest, where nothing is being done for anybody; None where there is none just now."""
        if self._running or self._held_back() > 0 or self._cache.used * 2 >= self._cache.budget:
            return None
        for owner, rest in list(self._rest.items()):
            for count, key in enumerate(rest):
                if key not in self._cache and key not in self._failed:
                    return key
                if count >= MOST_PASSED:
                    self._passed = True  # the lock is not held longer: whoever scrolls waits for it
                    return None
            del self._rest[owner]
        return None

    def _priorities(self, key: Hashable) -> Iterator[Priority]:
        return (wishes[key][0] for wishes in self._wishes.values() if key in wishes)

    def _priority_of(self, key: Hashable) -> Priority:
        return min(self._priorities(key), default=Priority.BACKGROUND)

    def _work(self) -> None:
        while True:
            with self._changed:
                while (key := self._next()) is None:
                    if self._closing:
                        return
                    self._changed.wait(0.001 if self._passed else self._held_back() or None)
                    self._passed = False
                if self._closing:
                    return
                self._running[key] = self._priority_of(key)
            answer = self._answer(key)
            if answer is not None:
                self._deliver(answer)
            del answer  # a value that only the cache holds may be dropped

    def _answer(self, key: Hashable) -> Loaded | None:
        begin = perf_counter()
        try:
            value, size = self._fetch(key, Job(key, self))
        except Cancelled:
            with self._changed:
                self._running.pop(key, None)
                self._orphans.discard(key)
                self._cache.release(key)
                self._changed.notify_all()
            return None
        except Exception as error:
            if not isinstance(error, WorkstationError):
                _LOG.exception("fetching %s failed", type(key).__name__)
            with self._changed:
                self._running.pop(key, None)
                self._orphans.discard(key)
                self._cache.release(key)
                self._failed[key] = error
                self._changed.notify_all()
            return Loaded(key, error=error)
        stopwatch.took(type(key).__name__, perf_counter() - begin)
        with self._changed:
            priority = self._running.pop(key, None)
            if key in self._orphans and not any(key in wishes for wishes in self._wishes.values()):
                self._orphans.discard(key)
                self._cache.release(key)
                self._changed.notify_all()
                return None
            self._orphans.discard(key)
            if priority == Priority.VISIBLE and self._patient_until < monotonic() + TO_PAINT:
                self._patient_until = monotonic() + TO_PAINT
            self._cache.put(key, value, size)
            # a wish is granted once: what the cache drops later is fetched again only when asked for again
            for wishes in self._wishes.values():
                wishes.pop(key, None)
            self._wishes = {owner: wishes for owner, wishes in self._wishes.items() if wishes}
            self._changed.notify_all()
        return Loaded(key, value)


def _rank(wish: tuple[Priority, int, Hashable]) -> tuple[Priority, int]:
    return wish[:2]


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 // 10 else f"{size / 2**20:.0f} MiB"
