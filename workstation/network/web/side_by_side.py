"""Many small requests at once: on a far line most of the time of each is its way there and back."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from workstation.network.web.session import WebSession

WIDTH: Final = 3
"""Connections beside each other: as browsers do, and fewer than any server has as its limit."""
_PULSE: Final = 0.05
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Done(Generic[T, R]):
    """What became of one task: its result, or what it raised."""

    task: T
    result: R | None = None
    error: Exception | None = None


def side_by_side(web: WebSession, tasks: Sequence[T], work: Callable[[WebSession, T], R]) -> Iterator[Done[T, R]]:
    """Yield what ``work`` returns or raises for each task, in the order they end; each thread has its own session.

    Whoever ends the iteration early, or the user's stop, ends what still runs.

    Raises
    ------
    Cancelled
    """
    if len(tasks) < 2:
        for task in tasks:
            yield _done(web, task, work)
        return
    left, results, over = deque(tasks), queue.SimpleQueue[Done[T, R]](), threading.Event()

    def run() -> None:
        with web.another(over) as own:
            while not over.is_set():
                try:
                    task = left.popleft()
                except IndexError:
                    return
                results.put(_done(own, task, work))

    width = min(WIDTH, len(tasks))
    with ThreadPoolExecutor(width, "web") as pool:
        try:
            threads = [pool.submit(run) for _ in range(width)]
            for _ in tasks:
                yield _next(web, results, threads)
        finally:
            over.set()


def _done(web: WebSession, task: T, work: Callable[[WebSession, T], R]) -> Done[T, R]:
    try:
        return Done(task, work(web, task))
    except Exception as error:  # it is raised, or told, by who reads the results
        return Done(task, error=error)


def _next(web: WebSession, results: queue.SimpleQueue[Done[T, R]], threads: list[Future[None]]) -> Done[T, R]:
    while True:
        web.demand_going_on()
        try:
            return results.get(timeout=_PULSE)
        except queue.Empty:
            for thread in threads:
                if thread.done():
                    # one that could not even begin leaves nothing to wait for
                    thread.result()
