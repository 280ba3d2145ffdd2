"""What the library has of a file already: the same, a copy, one that moved or changed, or another object (E4, E17)."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from workstation.dicom.duplicates import body_digest, renamed
from workstation.dicom.identity import Locator
from workstation.dicom.quick import quick_reader
from workstation.errors import WorkstationError
from workstation.library.places import location
from workstation.library.reading import place_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence
    from pathlib import Path
    from sqlite3 import Connection

    from workstation.dicom.identity import Instance
    from workstation.library.store import Library

AT_ONCE: Final = 500
"""UIDs asked for in one query."""


class Kind(Enum):
    """What a file is to the library."""

    NEW = 0
    KNOWN = 1
    """The same file under the same path."""
    CHANGED = 2
    """The same path, written to since."""
    MOVED = 3
    """The file that was remembered is gone, and this is the same object elsewhere."""
    IDENTICAL = 4
    """The object is there already, byte for byte."""
    APART = 5
    """Another object under a UID that is taken."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object of the index lies, and what was true of its file when it was read."""

    file: int
    locator: Locator
    linked: bool
    size: int
    mtime_ns: int
    series_uid: str
    plain: bool
    """Whether the object goes by the UID in its file, not by one that tells it from others."""

    def is_at(self, path: bytes, member: str) -> bool:
        """Tell whether a file is this one, by its path."""
        return os.fsencode(self.locator.path) == path and (self.locator.member or "") == member

    def is_as_it_was(self) -> bool:
        """Tell whether nobody wrote to the file since; the library's own files are what their names say."""
        try:
            status = os.stat(self.locator.path)
        except OSError:
            return True
        return not self.linked or (status.st_size, status.st_mtime_ns) == (self.size, self.mtime_ns)

    def holds(self, uid: str) -> bool:
        """Tell whether an object of this UID is still in the file: another may have taken its name."""
        with quick_reader() as reader:
            try:
                return reader.read(self.locator).sop_instance_uid == uid
            except WorkstationError:
                return False

    def became(self, instance: Instance) -> bool:
        """Tell whether a file of the same SOP Instance UID is this one that was moved: copying changes times."""
        try:
            size = os.stat(instance.locator.path).st_size
        except OSError:
            return False
        return size == self.size and instance.series_instance_uid == self.series_uid


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a file is, under which UID it goes into the index, and which object it is about if there is one."""

    kind: Kind
    instance: Instance
    place: Place | None = None


def own_uid(instance: Instance) -> str:
    """Return the SOP Instance UID that stands in an instance's file, also where it goes by another."""
    return str(instance.values.get("DuplicateOf", instance.sop_instance_uid))


def judge(instance: Instance, there: Sequence[Place], taken: Container[int]) -> Verdict:
    """Tell what a file is, given the objects of its UID; those in ``taken`` have been found elsewhere meanwhile."""
    if not there:
        return Verdict(Kind.NEW, instance)
    path, member = place_of(instance.locator.path), instance.locator.member or ""
    same = next((place for place in there if place.is_at(path, member)), None)
    if same is not None:
        if same.is_as_it_was():
            return Verdict(Kind.KNOWN, instance, same)
        return Verdict(Kind.CHANGED, instance if same.plain else _apart(instance), same)
    left = [place for place in there if os.path.exists(place.locator.path)]
    if left:
        mine = body_digest(instance.locator)
        twin = next((place for place in left if body_digest(place.locator) == mine), None)
        if twin is not None:
            return Verdict(Kind.IDENTICAL, instance, twin)
    gone = [place for place in there if place not in left or not place.holds(own_uid(instance))]
    moved = next((place for place in gone if place.file not in taken and place.became(instance)), None)
    if moved is not None:
        return Verdict(Kind.MOVED, instance, moved)
    return Verdict(Kind.APART, _apart(instance))


def _apart(instance: Instance) -> Instance:
    if own_uid(instance) != instance.sop_instance_uid:
        return instance
    return renamed(instance, body_digest(instance.locator))


def places(connection: Connection, files: Path, uids: Sequence[str]) -> dict[str, list[Place]]:
    """Return where objects under these SOP Instance UIDs lie, also those that were renamed since."""
    out: dict[str, list[Place]] = {}
    for start in range(0, len(uids), AT_ONCE):
        some = uids[start : start + AT_ONCE]
        marks = ", ".join("?" * len(some))
        rows = connection.execute(
            f"""SELECT instances.uid, original_uid, files.id AS file, path, member, linked, size, mtime_ns,
                series.uid AS series_uid FROM instances
                JOIN files ON files.id = instances.file JOIN series ON series.id = instances.series
                WHERE instances.uid IN ({marks}) OR original_uid IN ({marks}) ORDER BY instances.id""",
            (*some, *some),
        )
        for row in rows:
            locator = Locator(os.fsdecode(location(files, row)), row["member"] or None)
            for uid in {row["uid"], row["original_uid"]} - {None}:
                place = Place(
                    row["file"],
                    locator,
                    bool(row["linked"]),
                    row["size"],
                    row["mtime_ns"],
                    row["series_uid"],
                    plain=uid == row["uid"],
                )
                out.setdefault(str(uid), []).append(place)
    return out


def lacks(library: Library, uids: Sequence[str]) -> bool:
    """Tell whether an object of these is not in the library."""
    for start in range(0, len(uids), AT_ONCE):
        some = list(dict.fromkeys(uids[start : start + AT_ONCE]))
        marks = ",".join("?" * len(some))
        if library.query(f"SELECT count(*) FROM instances WHERE uid IN ({marks})", tuple(some))[0][0] < len(some):
            return True
    return False


def held(library: Library, uids: Iterable[str]) -> set[str]:
    """Return which of some SOP Instance UIDs the library has, also under another name (E4), and not in the bin."""
    listed = json.dumps(list(uids))
    named = "(SELECT value FROM json_each(?))"
    rows = library.query(
        f"""SELECT instances.uid, original_uid FROM instances
            JOIN series ON series.id = instances.series JOIN studies ON studies.id = series.study
            WHERE (instances.uid IN {named} OR original_uid IN {named}) AND binned IS NULL""",
        (listed, listed),
    )
    return {row["original_uid"] or row["uid"] for row in rows}
