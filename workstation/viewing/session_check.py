"""A saved session against what is there now: what is missing, altered or moved, and if each pane looks the same."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workstation.dicom.identity import Skipped
from workstation.dicom.scan import Found, scan
from workstation.errors import WorkstationError
from workstation.objects.images import ImageReader
from workstation.viewing.session_pixels import chosen_voi, display_digest, pixel_digest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workstation.dicom.identity import Instance
    from workstation.viewing.session import InstanceRecord, PaneView, Session

SAME: Final = "same"
MOVED: Final = "moved"
MISSING: Final = "missing"
ALTERED: Final = "altered"
FAULTS: Final = (MISSING, ALTERED)


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one instance or pane; ``where`` is its path as the session has it, ``pane`` counts from 1."""

    where: str
    state: str
    reason: str = ""
    sop_instance_uid: str = ""
    found_at: str = ""
    pane: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """Everything that was found."""

    instances: tuple[Finding, ...]
    panes: tuple[Finding, ...]

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What is missing or altered."""
        return tuple(finding for finding in (*self.instances, *self.panes) if finding.state in FAULTS)

    def count(self, state: str) -> int:
        """Return how many instances are so."""
        return sum(finding.state == state for finding in self.instances)


def check_session(session: Session, base: Path, below: Path | None = None) -> Check:
    """Look for every instance of a session whose file is in ``base``, and draw its panes again.

    An instance is looked for at its path from there, where it was when it was saved, and at last by its UID in
    everything ``below`` a folder, by default ``base``.
    """
    there = _Place()
    there.look(path for record in session.instances for path in record.path.candidates(base) if os.path.isfile(path))
    if any(there.expected(record, base) is None for record in session.instances):
        there.look([str(below or base)])
    findings: list[Finding] = []
    instances: dict[str, Instance] = {}
    for record in session.instances:
        finding, instance = _looked_at(record, there, base)
        findings.append(finding)
        if instance is not None:
            instances[record.sop_instance_uid] = instance
    return Check(tuple(findings), tuple(_drawn_again(pane, instances, findings) for pane in session.panes))


class _Place:
    """What scans came upon."""

    def __init__(self) -> None:
        self._by_uid: dict[str, Instance] = {}
        self._by_place: dict[tuple[str, str], Instance] = {}
        self._skipped: dict[str, str] = {}

    def look(self, paths: Iterable[str]) -> None:
        """Add what is below some paths."""
        for item in scan(list(dict.fromkeys(paths))):
            if isinstance(item, Found):
                instance = item.instance
                self._by_uid.setdefault(instance.sop_instance_uid, instance)
                self._by_place.setdefault(_key(instance.locator.path, instance.locator.member or ""), instance)
            elif isinstance(item, Skipped):
                self._skipped.setdefault(os.path.abspath(item.path), item.reason)

    def expected(self, record: InstanceRecord, base: Path) -> Instance | None:
        """Return the instance where it is looked for first, or where it was."""
        places = (self.at(record, path) for path in record.path.candidates(base))
        found = [each for each in places if each is not None]
        same = (each for each in found if each.sop_instance_uid == record.sop_instance_uid)
        return next(same, None)

    def at(self, record: InstanceRecord, path: str) -> Instance | None:
        """Return what lies at a path."""
        return self._by_place.get(_key(path, record.path.member))

    def anywhere(self, record: InstanceRecord) -> Instance | None:
        """Return the instance with its UID."""
        return self._by_uid.get(record.sop_instance_uid)

    def reason(self, path: str) -> str:
        """Return why a file could not be read, "" where it could."""
        return self._skipped.get(os.path.abspath(path), "")


def _key(path: str, member: str) -> tuple[str, str]:
    return os.path.abspath(path), member


def _looked_at(record: InstanceRecord, there: _Place, base: Path) -> tuple[Finding, Instance | None]:
    name, uid = str(record.path), record.sop_instance_uid
    instance = there.expected(record, base)
    state = SAME
    if instance is None:
        in_place = [each for path in record.path.candidates(base) if (each := there.at(record, path)) is not None]
        # Of objects that share a UID the later ones are told apart by one that is not in their file.
        twin = next((each for each in in_place if _same_pixels(each, record)), None)
        if twin is not None:
            return Finding(name, SAME, "", uid, str(twin.locator)), twin
        instance, state = there.anywhere(record), MOVED
        if instance is None:
            return Finding(name, MISSING, _why_missing(record, there, base, bool(in_place)), uid), None
    found_at = str(instance.locator)
    try:
        size, digest = pixel_digest(instance.locator)
    except WorkstationError as error:
        return Finding(name, ALTERED, str(error), uid, found_at), None
    if digest != record.sha256:
        cut = f"; {size} bytes instead of {record.size}" if size != record.size else ""
        return Finding(name, ALTERED, f"its pixels are not those that were saved{cut}.", uid, found_at), instance
    return Finding(name, state, f"moved to {found_at}" if state == MOVED else "", uid, found_at), instance


def _why_missing(record: InstanceRecord, there: _Place, base: Path, other: bool) -> str:
    if other:
        return "another object is in its place, and its own was not found."
    reasons = (there.reason(path) for path in record.path.candidates(base))
    return next((reason for reason in reasons if reason), "it was not found.")


def _same_pixels(instance: Instance, record: InstanceRecord) -> bool:
    try:
        return pixel_digest(instance.locator)[1] == record.sha256
    except WorkstationError:
        return False


def _drawn_again(pane: PaneView, instances: dict[str, Instance], findings: list[Finding]) -> Finding:
    record = next((f for f in findings if f.sop_instance_uid == pane.sop_instance_uid), None)
    where = record.where if record is not None else pane.sop_instance_uid
    number, uid = pane.pane + 1, pane.sop_instance_uid
    if not pane.display_sha256:
        return Finding(where, SAME, "nothing to compare", uid, pane=number)
    instance = instances.get(pane.sop_instance_uid)
    if instance is None:
        return Finding(where, MISSING, f"pane {number} cannot be drawn again.", uid, pane=number)
    try:
        reader = ImageReader(instance)
        picture = reader.picture(pane.ref)
        voi = chosen_voi(pane.view, picture, lambda: picture.statistics)
        voi = pane.window if pane.window is not None and picture.rendering.has_window else voi
        digest = display_digest(picture, voi, inverted=pane.view.inverted)
    except WorkstationError as error:
        return Finding(where, ALTERED, f"pane {number} cannot be drawn again: {error}", uid, pane=number)
    if digest != pane.display_sha256:
        return Finding(where, ALTERED, f"pane {number} does not look as it did.", uid, pane=number)
    return Finding(where, SAME, "", uid, pane=number)
