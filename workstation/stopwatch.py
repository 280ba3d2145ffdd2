"""What the program did and how long it took: counters any room may write and the performance panel reads.

Writing costs less than a microsecond and needs no lock; each name keeps its last :data:`KEPT` times and no more.
No name, UID or path ever enters: what is counted is work, not patients.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from time import perf_counter

FRAME = "frame"
"""One new picture on screen: from the widget's paint event to its end, in seconds of work."""
FIRST_IMAGE = "first image"
"""From asking for paths to the first picture painted."""
GRAPHICS = "graphics"
"""Text and lines over a picture, from paint event to its end."""
CINE_SHOWN, CINE_DROPPED = "cine shown", "cine dropped"

KEPT = 480
PAUSE = 0.25
"""Seconds without a frame that end a run of scrolling."""
LONGEST_RUN = 2.0
"""Seconds of a run that its rate is taken from."""

Times = Sequence[tuple[float, float]]
"""(moment it ended, seconds it took), the oldest first."""

_times: dict[str, deque[tuple[float, float]]] = {}
_counts: dict[str, int] = {}
_opened: list[float] = []


@dataclass(frozen=True, slots=True)
class Summary:
    """Times of one kind of work in milliseconds; ``count`` is how many they are taken from."""

    count: int
    last: float
    median: float
    p99: float


def took(name: str, seconds: float) -> None:
    """Note that a piece of work just ended and how long it took."""
    kept = _times.get(name)
    if kept is None:
        kept = _times.setdefault(name, deque(maxlen=KEPT))
    kept.append((perf_counter(), seconds))


def add(name: str, number: int = 1) -> None:
    """Count something; call it from one thread only."""
    _counts[name] = _counts.get(name, 0) + number


@contextmanager
def timing(name: str) -> Iterator[None]:
    """Time a block that ends without an error."""
    begin = perf_counter()
    yield
    took(name, perf_counter() - begin)


def opened() -> None:
    """Start the clock to the next first image."""
    _opened[:] = [perf_counter()]


def painted(seconds: float) -> None:
    """Note a new picture on screen; the first after :func:`opened` stops the clock."""
    took(FRAME, seconds)
    add(FRAME)
    if _opened:
        took(FIRST_IMAGE, perf_counter() - _opened.pop())


def times(name: str) -> Times:
    """Return the kept times of one kind of work."""
    kept = _times.get(name)
    return () if kept is None else tuple(kept.copy())


def names() -> tuple[str, ...]:
    """Return every kind of work that was timed."""
    return tuple(sorted(_times))


def count(name: str) -> int:
    """Return how often something was counted."""
    return _counts.get(name, 0)


def reset() -> None:
    """Forget everything."""
    _times.clear()
    _counts.clear()
    _opened.clear()


def summary(kept: Times) -> Summary | None:
    """Return last, median and 99th percentile, None where nothing was timed."""
    if not kept:
        return None
    ranked = sorted(seconds for _, seconds in kept)
    middle, high = ranked[len(ranked) // 2], ranked[min(int(0.99 * len(ranked)), len(ranked) - 1)]
    return Summary(len(ranked), kept[-1][1] * 1000, middle * 1000, high * 1000)


def rate(kept: Times) -> float:
    """Return how many ended per second in the latest run without a pause, 0 where there was none."""
    moments = [moment for moment, _ in kept]
    start = len(moments) - 1
    for place in range(len(moments) - 1, 0, -1):
        earlier, later = moments[place - 1], moments[place]
        if later - earlier > PAUSE or moments[-1] - earlier > LONGEST_RUN:
            break
        start = place - 1
    if len(moments) - 1 - start < 2:
        return 0.0
    return (len(moments) - 1 - start) / max(moments[-1] - moments[start], 1e-6)


def longest_gap(kept: Times) -> float:
    """Return the longest time in ms between two frames of the latest run, 0 where there was none."""
    gaps: list[float] = []
    for earlier, later in reversed(list(pairwise(moment for moment, _ in kept))):
        if later - earlier > PAUSE:
            break
        gaps.append(later - earlier)
    return max(gaps, default=0.0) * 1000
