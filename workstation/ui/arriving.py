"""What is being fetched is opened while it comes: files of watched transfers, handed to the opening desk in batches."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

if TYPE_CHECKING:
    from workstation.transfers.jobs import Job
    from workstation.ui.opening_desk import OpeningDesk

FETCHING = ("retrieve", "web_retrieve")
"""Kinds of jobs that bring files."""
PACE = 250
"""Milliseconds between two batches: each is organised anew with what is there already."""


class Arriving(QObject):
    """The first file is opened as something new, all others as more of it, so that nobody is led away from it."""

    _came = Signal()

    def __init__(self, desk: OpeningDesk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._lock = threading.Lock()
        self._watched: set[str] = set()
        self._unclaimed: dict[str, list[str]] | None = None
        self._paths: dict[str, list[str]] = {}
        self._begun: set[str] = set()
        self._clock = QTimer(self, singleShot=True, interval=PACE)
        self._clock.timeout.connect(self._hand_over)
        self._came.connect(self._soon)
        desk.emptied.connect(self.forget)

    def watch(self, add: Callable[[], Job]) -> Job:
        """Put a transfer into the queue by ``add`` and open what it brings; it may bring some before that returns."""
        with self._lock:
            self._unclaimed = {}
        job = add()
        with self._lock:
            early, self._unclaimed = self._unclaimed or {}, None
            self._watched.add(job.key)
            if job.key in early:
                self._paths[job.key] = early[job.key]
        self._came.emit()
        return job

    def moved(self, job: Job) -> None:
        """Hear of a change in the queue, on whatever thread."""
        outcome = job.progress.outcome
        path = outcome.path if outcome is not None else ""
        with self._lock:
            if not path:
                return
            if job.key in self._watched:
                paths = self._paths.setdefault(job.key, [])
            elif self._unclaimed is not None and job.kind in FETCHING:
                paths = self._unclaimed.setdefault(job.key, [])
            else:
                return
            if not paths or paths[-1] != path:
                paths.append(path)
        self._came.emit()

    def arrived(self, paths: list[str], *, more: bool = False) -> None:
        """Open files that came; ``more`` of what is open already."""
        self._desk.open_paths(paths, remember=False, more=more)

    def forget(self) -> None:
        """Open nothing of what still comes: everything was closed."""
        with self._lock:
            self._watched.clear()
            self._paths.clear()
        self._begun.clear()

    def close(self) -> None:
        """End it."""
        self._clock.stop()
        self.forget()

    def _soon(self) -> None:
        if not self._clock.isActive():
            self._clock.start(0 if self._fresh() else PACE)

    def _fresh(self) -> bool:
        """Whether something came of a transfer of which nothing is open yet: that waits for nothing."""
        with self._lock:
            return any(key not in self._begun for key in self._paths)

    def _hand_over(self) -> None:
        with self._lock:
            came, self._paths = self._paths, {}
        for key, paths in came.items():
            if paths:
                more = key in self._begun
                self._begun.add(key)
                self.arrived(paths, more=more)
