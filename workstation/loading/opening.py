"""Opens paths in the background: scans, and hands over snapshots of what is there so far."""

from __future__ import annotations

import gc
import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from workstation import log
from workstation.loading.collection import Collection
from workstation.loading.courtesy import Courtesy

if TYPE_CHECKING:
    from workstation.dicom.identity import FrameRef, Instance
    from workstation.loading.collection import Catalogue

_LOG = log.get("opening")
LONGEST_WAIT = 0.6
"""Seconds a scan waits for a first look."""
FIRST_IMAGE_PAUSE = 0.06
"""Seconds the scan stands back at most for the first image to be painted."""
WITHOUT_COLLECTOR = 2.0
"""Seconds of a scan for which garbage is not collected: what it finds stays, and looking it over takes as long."""
FIRST_INTERVAL = 0.3
"""Seconds from the first image to the next snapshot: most series are complete by then."""
LEAST_INTERVAL = 0.1
"""Seconds between snapshots: ten a second is what an eye follows and a tree can bear."""
SLOW_START = 0.15
"""Seconds of reading after which it is told whether a disc is slow."""
SLOW = 2.0
"""Seconds that reading a disc would take as it began, from which its records are shown meanwhile."""


FirstPicture = Callable[["Catalogue", "FrameRef"], object]
"""Fetches the first picture on the scan's own thread, so that the window has it with the catalogue."""


class Opening:
    """One scan on a thread of its own; ``stop`` ends it and keeps what was found."""

    def __init__(
        self,
        paths: Iterable[str],
        collection: Collection,
        on_snapshot: Callable[[Opening, Catalogue], None],
        passwords: Mapping[str, bytes] | None = None,
        after: threading.Event | None = None,
        first_picture: FirstPicture | None = None,
    ) -> None:
        self._after = after
        self._paths = tuple(paths)
        self.collection = collection
        self._on_snapshot = on_snapshot
        self._passwords = passwords or {}
        self._first_picture = first_picture
        self._stop = threading.Event()
        self._free = threading.Event()
        self._free.set()
        self._looked = False
        self.first_painted = threading.Event()
        """Set by whoever painted the first image, for the scan to go on."""
        self.lead: FrameRef | None = None
        """The first image it found, where its series was not known before."""
        self.series: set[str] = set()
        """Series Instance UIDs of what it found."""
        self._announced: list[Instance] = []
        self._reading, self._read = 0.0, 0
        """Seconds spent on reading what was announced, and how many files that were."""
        self._thread = threading.Thread(target=self._run, name="opening", daemon=True)

    def start(self) -> None:
        """Begin scanning."""
        self._thread.start()

    def hold(self) -> None:
        """Stand back before the next file: something else is wanted sooner."""
        self._free.clear()

    def go_on(self) -> None:
        """Go on after :meth:`hold`."""
        self._free.set()

    def stop(self) -> None:
        """Ask the scan to end soon."""
        self._stop.set()
        self._free.set()
        self.first_painted.set()

    def pause(self) -> None:
        """Leave the interpreter to what its last snapshot brings on screen, unless it is stopped."""
        self._stop.wait(FIRST_IMAGE_PAUSE)

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end of the scan."""
        self._thread.join(timeout)

    def _run(self) -> None:
        if self._after is not None:
            self._after.wait(LONGEST_WAIT)
        gc.disable()
        try:
            self._scan()
            self.collection.end_announced(self._announced)
            catalogue = self.collection.snapshot(finished=True, of=self.series)
        except Exception:
            _LOG.exception("the scan ended early")
            self.collection.end_announced(self._announced)
            catalogue = self.collection.snapshot(finished=True)
        finally:
            # Thousands of facts that live until they are closed: the collector would walk them for a tenth of a second.
            gc.freeze()
            gc.enable()
        self._on_snapshot(self, catalogue)

    def _scan(self) -> None:
        from workstation.dicom.scan import Announced, Found, scan

        due, courtesy = 0.0, Courtesy()
        collecting = time.monotonic() + WITHOUT_COLLECTOR
        begun = time.monotonic()
        for item in scan(self._paths, stop=self._stop, passwords=self._passwords, announce=True):
            if self._announced and self._is_slow(time.monotonic() - begun):
                self.collection.show_announced()
                due = 0.0
            if not self._free.is_set():
                self._free.wait()
            courtesy.give_way()
            if isinstance(item, Found):
                instance = item.instance
                self.collection.admit(instance)
                self.series.add(instance.series_instance_uid)
                if not self._looked and instance.has_pixels:
                    self._show_first(instance)
                    due = time.monotonic() + FIRST_INTERVAL
            elif isinstance(item, Announced):
                self._announce(item.instances)
            else:
                self.collection.add(item)
            now = time.monotonic()
            if now >= collecting:
                # what was found so far is no garbage, and the first look over all of it would stop every thread
                gc.freeze()
                gc.enable()
                collecting = math.inf
            if now >= due:
                self._on_snapshot(self, self.collection.snapshot(finished=False, of=self.series))
                # organising thousands of instances takes longer than a tick: never spend more than a fifth on it
                spent = time.monotonic() - now
                due = time.monotonic() + max(LEAST_INTERVAL, (20 if courtesy.asked else 4) * spent)
            begun = time.monotonic()

    def _announce(self, instances: tuple[Instance, ...]) -> None:
        self._announced += instances
        self.series.update(one.series_instance_uid for one in instances)
        self.collection.announce(instances)

    def _is_slow(self, seconds: float) -> bool:
        """Tell, once, whether the next files will keep one waiting, by the time it took to get this far."""
        if self._read < 0:
            return False
        self._reading, self._read = self._reading + seconds, self._read + 1
        if self._reading < SLOW_START:
            return False
        pays = self._reading / self._read * len(self._announced) > SLOW
        self._read = -1
        return pays

    def _show_first(self, instance: Instance) -> None:
        """Hand over the first image before anything else is read."""
        self._looked = True
        catalogue = self.collection.early(instance)
        if catalogue is None:
            return
        series = [stack for group in catalogue.stacks.values() for stack in group]
        frame = next((f for stack in reversed(series) for f in stack.frames if f.instance is instance), None)
        if frame is None:
            return
        self.lead = frame.ref
        if self._first_picture is not None:
            self._first_picture(catalogue, frame.ref)
        self._on_snapshot(self, catalogue)
        # painting the first image needs the interpreter more than the next headers do
        self.first_painted.wait(FIRST_IMAGE_PAUSE)


class Openings:
    """Runs openings on one collection: what was asked for last goes first, the others stand back meanwhile."""

    def __init__(self, on_snapshot: Callable[[Catalogue], None], first_picture: FirstPicture | None = None) -> None:
        self._on_snapshot = on_snapshot
        self._first_picture = first_picture
        self.after: threading.Event | None = None
        """What the next scan waits for, at most :data:`LONGEST_WAIT`: a first look needs the processor more."""
        self.collection = Collection()
        self._running: list[Opening] = []
        self._latest: Opening | None = None
        self._count = 0
        self._lock = threading.Lock()

    @property
    def running(self) -> bool:
        """Whether a scan goes on or waits."""
        with self._lock:
            return bool(self._running)

    def open(self, paths: Iterable[str], passwords: Mapping[str, bytes] | None = None) -> None:
        """Scan these paths, before what is being scanned now."""
        opening = Opening(paths, self.collection, self._take, passwords, self.after, self._first_picture)
        with self._lock:
            self.after = None
            for other in self._running:
                other.hold()
            self._running.append(opening)
            self._latest = opening
            self._count += 1
        opening.start()

    def first_painted(self) -> None:
        """Say that the first image of the latest opening is on screen."""
        with self._lock:
            latest = self._latest
        if latest is not None:
            latest.first_painted.set()

    def refresh(self) -> None:
        """Organise what is there anew, in the background."""
        threading.Thread(
            target=lambda: self._on_snapshot(self._told(self.collection.snapshot(finished=True))),
            name="organising",
            daemon=True,
        ).start()

    def stop(self) -> None:
        """Stop the scans; what was found stays."""
        with self._lock:
            running = list(self._running)
        for opening in running:
            opening.stop()

    def clear(self) -> Catalogue:
        """Stop the scans and forget everything, also what they still come upon; return the empty snapshot.

        Snapshots that were handed over before count fewer openings than this one.
        """
        self.stop()
        self.collection = Collection()
        with self._lock:
            self._count += 1
        return replace(self.collection.snapshot(finished=True), opening=self._count)

    def close(self) -> None:
        """Stop and wait for the threads."""
        with self._lock:
            running = list(self._running)
        for opening in running:
            opening.stop()
        for opening in running:
            opening.join(5)

    def _take(self, opening: Opening, catalogue: Catalogue) -> None:
        if catalogue.finished:
            with self._lock:
                self._running.remove(opening)
        if opening.collection is self.collection:
            self._on_snapshot(self._told(catalogue))
        if catalogue.finished and self.running:
            opening.pause()
            with self._lock:
                if self._running:
                    self._running[-1].go_on()

    def _told(self, catalogue: Catalogue) -> Catalogue:
        """Return a snapshot that says which opening it answers and what is still under way."""
        with self._lock:
            latest = self._latest
            return replace(
                catalogue,
                opening=self._count,
                lead=latest.lead if latest is not None else None,
                brought=frozenset(latest.series.copy()) if latest is not None else frozenset(),
                settled=latest not in self._running,
                finished=not self._running,
            )
