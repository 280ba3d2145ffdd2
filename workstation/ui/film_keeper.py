"""Deletes films that wait on the disk as soon as no job needs them: they hold pixels of patients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from collections.abc import Callable

    from workstation.transfers.jobs import JobQueue

    Ask = Callable[[Callable[[], object], Callable[[object], object]], object]


class FilmKeeper(QObject):
    """Looks when it is told that the queue changed, and once for what an earlier run left.

    ``ask`` does something on a thread and uses the answer on the window's. ``begun`` is a time before which this run of
    the program kept no film: films are kept before their job is in the queue.
    """

    def __init__(self, queue: JobQueue, ask: Ask, begun: float, parent: QObject) -> None:
        super().__init__(parent)
        from workstation.transfers.film_spool import films_needed, forget_strays

        self._ask, self._queue = ask, queue
        self._held = needed = films_needed(queue.jobs())
        self._gone: frozenset[str] = frozenset()
        ask(lambda: forget_strays(needed, begun), lambda _: None)

    def look(self) -> None:
        """Delete films of jobs that ended or were taken off the list."""
        from workstation.transfers.film_spool import films_needed, forget_films

        jobs = self._queue.jobs()
        needed = films_needed(jobs)
        # a job may have come and ended since the last look
        named = {str(job.parameters["films"]) for job in jobs if "films" in job.parameters}
        gone = (self._held | named) - needed - self._gone
        self._held = needed
        self._gone |= gone
        if gone:
            self._ask(lambda: forget_films(gone), lambda _: None)
