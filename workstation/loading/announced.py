"""What the records of a disc say before its files are read, and when the files take their place."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from workstation.dicom.identity import Instance
    from workstation.geometry.stack import Stack

WHO = (
    "PatientID",
    "IssuerOfPatientID",
    "IssuerOfPatientIDQualifiers",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
)
"""What tells patients apart; records leave the issuer out, the files have it."""


class Announcements:
    """Instances of records, until their files are read.

    A series takes the place of its records once all of its files are read: of a half-read one neither order nor
    spacing is known, and it would fall apart into stacks that come and go. Not safe for threads by itself.
    """

    def __init__(self) -> None:
        self.shown = False
        self.changed = False
        """Whether the tree has to be made anew."""
        self._awaited: dict[str, Instance] = {}
        self._series: dict[str, dict[str, Instance]] = {}
        self._left: Counter[str] = Counter()
        self._of_uid: dict[str, str] = {}
        self._held: dict[str, str] = {}
        """Series of the record whose file holds an instance."""
        self._who: dict[str, Mapping[str, Any]] = {}

    def __bool__(self) -> bool:
        return bool(self._awaited)

    def add(self, instances: Iterable[Instance], known: Container[str]) -> None:
        """Take what records say, but for what cannot be told apart by it or is there already."""
        chosen = list(instances)
        uids = Counter(one.sop_instance_uid for one in chosen)
        for one in chosen:
            uid, series, path = one.sop_instance_uid, one.series_instance_uid, str(one.locator)
            if one.synthetic or not one.sop_class_uid or uids[uid] > 1 or uid in known:
                continue
            if uid in self._of_uid or path in self._awaited:
                continue
            self._awaited[path] = one
            self._series.setdefault(series, {})[uid] = self._bare(one) if self.shown else one
            self._left[series] += 1
            self._of_uid[uid] = series
            self.changed |= self.shown

    def settle(self, path: str, instance: Instance | None = None) -> None:
        """Take note of what a file turned out to hold: an instance that is kept, or nothing to be listed."""
        announced = self._awaited.pop(path, None)
        uid = instance.sop_instance_uid if instance is not None else ""
        if uid and (announced is None or announced.sop_instance_uid != uid):
            self._withdraw(uid)
        if announced is None:
            return
        if instance is None or uid != announced.sop_instance_uid:
            self._withdraw(announced.sop_instance_uid)
        if instance is not None:
            self._held[uid] = announced.series_instance_uid
            self._learn(announced, instance)
        self._count_down(announced.series_instance_uid)

    def drop(self, instances: Iterable[Instance]) -> None:
        """Wait no longer for the files of these; what was not read is not listed."""
        for one in instances:
            self.settle(str(one.locator))
        if not self._awaited:
            self._of_uid.clear()
            self._who.clear()
            self.shown = False

    def forget(self, study_uids: Container[str]) -> None:
        """Drop the records of some studies."""
        self.drop([one for one in self._awaited.values() if one.study_instance_uid in study_uids])

    def show(self) -> None:
        """List what is announced from now on."""
        if not self.shown and self._awaited:
            self.shown = self.changed = True
            for group in self._series.values():
                group.update({uid: self._bare(one) for uid, one in group.items()})

    def standing(self) -> list[Instance]:
        """Return the instances that stand for a series that was not read whole."""
        return [one for group in self._series.values() for one in group.values()] if self.shown else []

    def holds(self, uid: str) -> bool:
        """Whether an instance that was read waits for the rest of its series."""
        return self.shown and uid in self._held

    def stands_for(self, series_uid: str) -> bool:
        """Whether records stand for a series, or for some of it."""
        return self.shown and series_uid in self._series

    def _bare(self, one: Instance) -> Instance:
        """Return an instance without the places some records give: order and volumes are made from files alone."""
        values = {**one.values, **self._who.get(one.study_instance_uid, {})}
        frames = tuple(replace(frame, position=None, orientation=None, spacing=None) for frame in one.frames)
        return replace(one, frames=frames, values=MappingProxyType(values))

    def _learn(self, announced: Instance, instance: Instance) -> None:
        """Give the records of a study the patient its first file names: else it would stand there twice (E1)."""
        study = announced.study_instance_uid
        if study in self._who or instance.study_instance_uid != study:
            return
        self._who[study] = {key: instance.values.get(key, "") for key in WHO}
        if not self.shown:
            return
        for group in self._series.values():
            for uid, one in group.items():
                if one.study_instance_uid == study:
                    group[uid] = self._bare(one)
        self.changed = True

    def _withdraw(self, uid: str) -> None:
        series = self._of_uid.pop(uid, None)
        if series is not None and self._series.get(series, {}).pop(uid, None) is not None:
            self.changed |= self.shown

    def _count_down(self, series: str) -> None:
        self._left[series] -= 1
        if self._left[series] > 0:
            return
        del self._left[series]
        self._series.pop(series, None)
        self._held = {uid: of for uid, of in self._held.items() if of != series}
        self.changed |= self.shown


def filled(stacks: tuple[Stack, ...], read: Mapping[str, Instance]) -> tuple[Stack, ...]:
    """Return stacks of records with the frames of those files that were read meanwhile, each in its place."""
    from workstation.geometry.frames import frames_of

    made = []
    for stack in stacks:
        frames = list(stack.frames)
        for place, frame in enumerate(frames):
            real = read.get(frame.ref.sop_instance_uid) if frame.instance.announced else None
            found = frames_of(real) if real is not None else ()
            if len(found) == frame.instance.number_of_frames and found[frame.ref.frame_index].ref == frame.ref:
                frames[place] = found[frame.ref.frame_index]
        made.append(replace(stack, frames=tuple(frames)))
    return tuple(made)
