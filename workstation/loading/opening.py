"""Opens paths in the background: scans, organises, and hands over snapshots of what is there so far."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from workstation import log
from workstation.dicom.duplicates import Duplicates
from workstation.loading.courtesy import Courtesy

if TYPE_CHECKING:
    from workstation.dicom.identity import FrameRef, Instance, Patient, Skipped
    from workstation.geometry.stack import Stack

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


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything open, as one frozen snapshot.

    ``stacks`` maps the key of a series to its stacks in display order, ``places`` a frame to its stack and its
    place in it; ``done`` counts the files looked at, ``duplicates`` those that repeat another file (E4).
    ``opening`` counts what was asked to be opened, ``lead`` is the first image the latest of them found,
    ``brought`` the UIDs of its series, ``settled`` tells whether it has ended, ``finished`` whether all have.
    """

    patients: tuple[Patient, ...] = ()
    stacks: Mapping[str, tuple[Stack, ...]] = field(default_factory=lambda: MappingProxyType({}))
    instances: Mapping[str, Instance] = field(default_factory=lambda: MappingProxyType({}))
    skipped: tuple[Skipped, ...] = ()
    not_dicom: tuple[str, ...] = ()
    done: int = 0
    duplicates: int = 0
    finished: bool = True
    opening: int = 0
    lead: FrameRef | None = None
    brought: frozenset[str] = frozenset()
    settled: bool = True
    by_id: Mapping[str, Stack] = field(default_factory=lambda: MappingProxyType({}))
    places: Mapping[FrameRef, tuple[Stack, int]] = field(default_factory=lambda: MappingProxyType({}))

    def stack(self, stack_id: str | None) -> Stack | None:
        """Return the stack of that id, or None."""
        return self.by_id.get(stack_id) if stack_id else None

    def stack_with(self, ref: FrameRef) -> tuple[Stack, int] | None:
        """Return the stack that holds a frame and the frame's place in it."""
        return self.places.get(ref)

    def phases(self, stack: Stack) -> tuple[Stack, ...]:
        """Return the passes of the 4-D series a stack is one of, in order; the stack alone if it is none."""
        if stack.phase_of is None:
            return (stack,)
        return tuple(other for other in self.by_id.values() if other.phase_of == stack.phase_of)

    def stacks_of(self, patient: Patient) -> tuple[Stack, ...]:
        """Return a patient's stacks in the order of the tree."""
        return tuple(
            stack for study in patient.studies for series in study.series for stack in self.stacks.get(series.key, ())
        )

    def ordered_stacks(self) -> tuple[Stack, ...]:
        """Return every stack in the order of the tree."""
        return tuple(stack for patient in self.patients for stack in self.stacks_of(patient))

    def damaged(self) -> tuple[Instance, ...]:
        """Return every listed object that cannot be shown whole."""
        return tuple(instance for instance in self.instances.values() if instance.problems)


class Collection:
    """Gathers instances and makes snapshots; stacks are made again only for series that changed."""

    def __init__(self) -> None:
        self._instances: dict[str, Instance] = {}
        self._duplicates = Duplicates()
        self._skipped: list[Skipped] = []
        self._not_dicom: list[str] = []
        self._identical: set[str] = set()
        self._stacks: dict[str, tuple[tuple[Instance, ...], tuple[Stack, ...]]] = {}
        self._merged: set[str] = set()
        self._last = Catalogue()
        self._lock = threading.Lock()
        self._organising = threading.Lock()
        self.done = 0

    def add(self, item: Any) -> None:
        """Take one item a scan yields."""
        from workstation.dicom.identity import Skipped
        from workstation.dicom.scan import Duplicate, Found, Missing, NotDicomFile

        if isinstance(item, Found):
            self.admit(item.instance)
            return
        with self._lock:
            self.done += isinstance(item, Duplicate | Skipped | NotDicomFile)
            if isinstance(item, Duplicate):
                self._identical.add(item.path)
            elif isinstance(item, Skipped):
                self._skipped.append(item)
            elif isinstance(item, NotDicomFile):
                self._not_dicom.append(item.path)
            elif isinstance(item, Missing):
                self._skipped.append(Skipped(item.path, "missing", item.reason))

    def admit(self, instance: Instance) -> None:
        """Take an instance a scan found."""
        with self._lock:
            self.done += 1
            kept = self._duplicates.admit(instance)
            if kept is not None:
                self._instances[kept.sop_instance_uid] = kept
            elif self._duplicates.original_of(instance) != instance.locator:
                self._identical.add(str(instance.locator))

    def remove_studies(self, study_uids: Iterable[str]) -> None:
        """Forget the instances of some studies; files are not touched."""
        doomed = set(study_uids)
        with self._lock:
            self._instances = {k: i for k, i in self._instances.items() if i.study_instance_uid not in doomed}
            self._duplicates.forget(doomed)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._instances.clear()
            self._duplicates = Duplicates()
            self._stacks.clear()
            self._identical.clear()
            self._last = Catalogue()
            self.done = 0
        self.clear_report()

    def set_merged(self, series_key: str, merged: bool) -> None:
        """Show the stacks of a series as one, or apart again (features C6)."""
        with self._lock:
            (self._merged.add if merged else self._merged.discard)(series_key)
            self._stacks.pop(series_key, None)

    def is_merged(self, series_key: str) -> bool:
        """Whether the stacks of a series are shown as one."""
        return series_key in self._merged

    def clear_report(self) -> None:
        """Forget what was skipped earlier."""
        with self._lock:
            self._skipped.clear()
            self._not_dicom.clear()

    def snapshot(self, *, finished: bool) -> Catalogue:
        """Organise what is there now."""
        with self._organising:
            self._last = self._snapshot(finished=finished)
            return self._last

    def early(self, instance: Instance) -> Catalogue | None:
        """Return the last snapshot with one image of a new series added, without organising everything again.

        None where its series is there already.
        """
        from workstation.dicom.organise import organise
        from workstation.geometry.stack import stacks_of

        last = self._last
        (patient,) = organise((instance,))
        series = patient.studies[0].series[0]
        stacks = stacks_of(series.instances)
        if series.key in last.stacks or any(stack.id in last.by_id for stack in stacks):
            return None
        places = {frame.ref: (stack, place) for stack in stacks for place, frame in enumerate(stack.frames)}
        self._last = replace(
            last,
            patients=_joined_by(last.patients, patient),
            stacks=MappingProxyType({**last.stacks, series.key: stacks}),
            instances=MappingProxyType({**last.instances, instance.sop_instance_uid: instance}),
            by_id=MappingProxyType({**last.by_id, **{stack.id: stack for stack in stacks}}),
            places=MappingProxyType({**last.places, **places}),
            finished=False,
        )
        return self._last

    def _joined(self, series_key: str, stacks: tuple[Stack, ...]) -> tuple[Stack, ...]:
        from workstation.geometry.stack import merge

        if series_key not in self._merged or len(stacks) < 2:
            return stacks
        images = [stack for stack in stacks if stack.kind == "image"]
        others = tuple(stack for stack in stacks if stack.kind != "image")
        return (merge(images), *others) if len(images) > 1 else stacks

    def _snapshot(self, *, finished: bool) -> Catalogue:
        from workstation.dicom.organise import organise
        from workstation.geometry.stack import stacks_of

        with self._lock:
            instances = dict(self._instances)
            skipped, not_dicom, done = tuple(self._skipped), tuple(self._not_dicom), self.done
            duplicates = len(self._identical)
        patients = organise(instances.values())
        stacks: dict[str, tuple[Stack, ...]] = {}
        for patient in patients:
            for study in patient.studies:
                for series in study.series:
                    known = self._stacks.get(series.key)
                    if known is None or not _same(known[0], series.instances):
                        found = stacks_of(series.instances)
                        known = (series.instances, self._joined(series.key, found))
                        self._stacks[series.key] = known
                    stacks[series.key] = known[1]
        with self._lock:
            self._stacks = {key: known for key, known in self._stacks.items() if key in stacks}
        stacks = _told_apart(stacks)
        every = [stack for group in stacks.values() for stack in group]
        return Catalogue(
            patients=patients,
            stacks=MappingProxyType(stacks),
            instances=MappingProxyType({i.sop_instance_uid: i for i in instances.values()}),
            skipped=skipped,
            not_dicom=not_dicom,
            done=done,
            duplicates=duplicates,
            finished=finished,
            by_id=MappingProxyType({stack.id: stack for stack in every}),
            places=MappingProxyType({f.ref: (stack, n) for stack in every for n, f in enumerate(stack.frames)}),
        )


def _joined_by(patients: tuple[Patient, ...], newcomer: Patient) -> tuple[Patient, ...]:
    """Return the patients with one more of a single series, which a known patient or study takes in."""
    known = next((patient for patient in patients if patient.key == newcomer.key), None)
    if known is None:
        return (*patients, newcomer)
    (study,) = newcomer.studies
    same = [s for s in known.studies if s.study_instance_uid == study.study_instance_uid]
    joined = [replace(s, series=(*s.series, *study.series)) if s in same else s for s in known.studies]
    grown = replace(known, studies=tuple(joined) if same else (*known.studies, study))
    return tuple(grown if patient is known else patient for patient in patients)


def _same(one: tuple[Instance, ...], other: tuple[Instance, ...]) -> bool:
    """Whether two tuples hold the very same objects: comparing their values would cost more than sorting them."""
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))


def _told_apart(stacks: dict[str, tuple[Stack, ...]]) -> dict[str, tuple[Stack, ...]]:
    """Return the stacks with ids that are unique, also where a Series Instance UID is used twice (E2)."""
    seen: set[str] = set()
    result = {}
    for key, group in stacks.items():
        if any(stack.id in seen for stack in group):
            mark = sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:8]
            group = tuple(replace(stack, id=f"{stack.id}-{mark}") for stack in group)
        seen.update(stack.id for stack in group)
        result[key] = group
    return result


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
        self._collection = collection
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

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end of the scan."""
        self._thread.join(timeout)

    def _run(self) -> None:
        if self._after is not None:
            self._after.wait(LONGEST_WAIT)
        gc.disable()
        try:
            self._scan()
            catalogue = self._collection.snapshot(finished=True)
        except Exception:
            _LOG.exception("the scan ended early")
            catalogue = self._collection.snapshot(finished=True)
        finally:
            gc.enable()
        # Thousands of facts that live until they are closed: the collector would walk them for a tenth of a second.
        gc.freeze()
        self._on_snapshot(self, catalogue)

    def _scan(self) -> None:
        from workstation.dicom.scan import Found, scan

        due, courtesy = 0.0, Courtesy()
        collecting = time.monotonic() + WITHOUT_COLLECTOR
        for item in scan(self._paths, stop=self._stop, passwords=self._passwords):
            if not self._free.is_set():
                self._free.wait()
            courtesy.give_way()
            if isinstance(item, Found):
                instance = item.instance
                self._collection.admit(instance)
                self.series.add(instance.series_instance_uid)
                if not self._looked and instance.has_pixels:
                    self._show_first(instance)
                    due = time.monotonic() + FIRST_INTERVAL
            else:
                self._collection.add(item)
            now = time.monotonic()
            if now >= collecting:
                gc.enable()
            if now >= due:
                self._on_snapshot(self, self._collection.snapshot(finished=False))
                # organising thousands of instances takes longer than a tick: never spend more than a fifth on it
                spent = time.monotonic() - now
                due = time.monotonic() + max(LEAST_INTERVAL, (20 if courtesy.asked else 4) * spent)

    def _show_first(self, instance: Instance) -> None:
        """Hand over the first image before anything else is read."""
        self._looked = True
        catalogue = self._collection.early(instance)
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
                if self._running:
                    self._running[-1].go_on()
        self._on_snapshot(self._told(catalogue))

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
