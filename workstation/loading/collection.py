"""Everything that was found, as frozen snapshots in which only what changed is made again."""

from __future__ import annotations

import threading
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from workstation.dicom.duplicates import Duplicates
from workstation.loading.announced import Announcements, filled

if TYPE_CHECKING:
    from workstation.dicom.identity import FrameRef, Instance, Patient, Skipped
    from workstation.dicom.organise import Organiser
    from workstation.dicom.scan import Missing
    from workstation.geometry.stack import Stack


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything open, as one frozen snapshot.

    ``stacks`` maps the key of a series to its stacks in display order, ``places`` a frame to its stack and its
    place in it; ``done`` counts the files looked at, ``duplicates`` those that repeat another file (E4).
    ``opening`` counts what was asked to be opened, ``lead`` is the first image the latest of them found,
    ``brought`` the UIDs of its series, ``settled`` tells whether it has ended, ``finished`` whether all have.
    ``announced`` tells whether records stand in it for files that were not read, ``missing`` what records name and is
    not there.
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
    announced: bool = False
    missing: tuple[Missing, ...] = ()
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

    def overtaken(self, later: Catalogue) -> frozenset[str]:
        """Return the UIDs that records gave to one file and that another was found to have since."""
        if not self.announced:
            return frozenset()
        pairs = ((uid, one, later.instances.get(uid)) for uid, one in self.instances.items() if one.announced)
        return frozenset(uid for uid, one, real in pairs if real is not None and real.locator != one.locator)

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
        self._missing: dict[Missing, None] = {}
        self._announced = Announcements()
        self._stacks: dict[str, _Known] = {}
        self._organiser: Organiser | None = None
        self._pending: list[Instance] = []
        """Those the organiser was not given yet."""
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
            if self._announced and isinstance(item, Duplicate | Skipped | NotDicomFile):
                self._announced.settle(item.path)
            if isinstance(item, Duplicate):
                self._identical.add(item.path)
            elif isinstance(item, Skipped):
                self._skipped.append(item)
            elif isinstance(item, NotDicomFile):
                self._not_dicom.append(item.path)
            elif isinstance(item, Missing):
                self._skipped.append(Skipped(item.path, "missing", item.reason))
                self._missing[item] = None

    def admit(self, instance: Instance) -> None:
        """Take an instance a scan found."""
        with self._lock:
            self.done += 1
            kept = self._duplicates.admit(instance)
            if self._announced:
                self._announced.settle(str(instance.locator), kept)
            if kept is not None:
                self._instances[kept.sop_instance_uid] = kept
                self._pending.append(kept)
            elif self._duplicates.original_of(instance) != instance.locator:
                self._identical.add(str(instance.locator))

    def announce(self, instances: Iterable[Instance]) -> None:
        """Take what records say of files that are read next; it is listed after :meth:`show_announced`."""
        with self._lock:
            self._announced.add(instances, self._instances)

    def show_announced(self) -> None:
        """List what was announced, each series until its files are read."""
        with self._lock:
            self._announced.show()

    def end_announced(self, instances: Iterable[Instance]) -> None:
        """Keep of what was announced only what was read."""
        with self._lock:
            self._announced.drop(instances)

    def remove_studies(self, study_uids: Iterable[str]) -> None:
        """Forget the instances of some studies; files are not touched."""
        doomed = set(study_uids)
        with self._lock:
            self._instances = {k: i for k, i in self._instances.items() if i.study_instance_uid not in doomed}
            self._missing = {one: None for one in self._missing if one.study_instance_uid not in doomed}
            self._organiser = None
            self._duplicates.forget(doomed)
            self._announced.forget(doomed)

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

    def snapshot(self, *, finished: bool, of: Container[str] | None = None) -> Catalogue:
        """Organise what is there now; with ``of`` only what came since for these Series Instance UIDs."""
        with self._organising:
            self._last = self._snapshot(finished, of)
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
        is_known = instance.sop_instance_uid in last.instances or series.key in last.stacks
        if is_known or any(stack.id in last.by_id for stack in stacks):
            return None
        places = places_of(stacks)
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

    def _snapshot(self, finished: bool, of: Container[str] | None) -> Catalogue:
        from workstation.dicom.organise import Organiser
        from workstation.geometry.stack import stacks_of

        with self._lock:
            instances = dict(self._instances)
            skipped, not_dicom, done = tuple(self._skipped), tuple(self._not_dicom), self.done
            duplicates, missing = len(self._identical), tuple(self._missing)
            announced, standing = self._announced, self._announced.standing()
            if announced.changed or self._organiser is None:
                self._organiser, self._pending = Organiser(), [*instances.values(), *standing]
                of = None if announced.changed else of
                announced.changed = False
            organiser = self._organiser
            fresh = [one for one in self._pending if not announced.holds(one.sop_instance_uid) or one.announced]
            self._pending = [] if of is None else [one for one in fresh if one.series_instance_uid not in of]
            awaited = {one.series_instance_uid for one in standing}
        for instance in fresh:
            if of is None or instance.series_instance_uid in of:
                organiser.add(instance)
        patients = organiser.tree()
        stacks: dict[str, tuple[Stack, ...]] = {}
        places: dict[FrameRef, tuple[Stack, int]] = {}
        for patient in patients:
            for study in patient.studies:
                for series in study.series:
                    known = self._stacks.get(series.key)
                    if known is None or not _same(known.instances, series.instances):
                        found = self._joined(series.key, stacks_of(series.instances))
                        known = self._stacks[series.key] = _Known(series.instances, found, places_of(found))
                    if series.series_instance_uid in awaited:
                        found = filled(known.stacks, instances)
                        known = known._replace(stacks=found, places=places_of(found))
                    stacks[series.key] = known.stacks
                    places.update(known.places)
        with self._lock:
            self._stacks = {key: known for key, known in self._stacks.items() if key in stacks}
        apart = _told_apart(stacks)
        for key, group in apart.items():
            if group is not stacks[key]:
                places.update(places_of(group))
        return Catalogue(
            patients=patients,
            stacks=MappingProxyType(apart),
            instances=MappingProxyType({**{one.sop_instance_uid: one for one in standing}, **instances}),
            skipped=skipped,
            not_dicom=not_dicom,
            done=done,
            duplicates=duplicates,
            finished=finished,
            announced=bool(standing),
            missing=missing,
            by_id=MappingProxyType({stack.id: stack for group in apart.values() for stack in group}),
            places=MappingProxyType(places),
        )


class _Known(NamedTuple):
    """What was found in the instances of a series."""

    instances: tuple[Instance, ...]
    stacks: tuple[Stack, ...]
    places: dict[FrameRef, tuple[Stack, int]]


def places_of(stacks: Iterable[Stack]) -> dict[FrameRef, tuple[Stack, int]]:
    """Return the stack of every frame and its place there."""
    return {frame.ref: (stack, place) for stack in stacks for place, frame in enumerate(stack.frames)}


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
