"""The same SOP Instance UID twice: identical content is one object, different content stays two (E4)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from struct import unpack_from
from types import MappingProxyType
from typing import TYPE_CHECKING

from workstation.dicom.identity import Instance, Locator
from workstation.dicom.sources import file_size, open_stream, read_some
from workstation.dicom.uids import synthetic
from workstation.errors import WorkstationError

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

HEAD = 4096
"""Bytes in which file meta information is expected to end."""


class Duplicates:
    """What was seen so far, by SOP Instance UID.

    Only when a UID comes again are files read whole and compared.
    """

    def __init__(self) -> None:
        self._first: dict[str, Instance] = {}
        self._more: dict[str, list[Instance]] = {}
        """Those that share a UID with the first of it."""
        self._digests: dict[Locator, str] = {}

    def admit(self, instance: Instance) -> Instance | None:
        """Return the instance to keep, renamed where its UID is taken; None where it is already known."""
        count = len(self._first)
        self._first.setdefault(instance.sop_instance_uid, instance)
        if len(self._first) > count:
            return instance
        known = self._known(instance.sop_instance_uid)
        if any(self._same(instance, other) for other in known):
            return None
        self._more.setdefault(instance.sop_instance_uid, []).append(instance)
        return renamed(instance, self._digest(instance.locator))

    def original_of(self, instance: Instance) -> Locator | None:
        """Return the file itself where it was seen before, else the first with this SOP Instance UID."""
        known = self._known(instance.sop_instance_uid)
        if any(other.locator == instance.locator for other in known):
            return instance.locator
        return known[0].locator if known else None

    def forget(self, study_uids: Container[str]) -> None:
        """Forget the instances of some studies, so that they may come again."""
        uids = {uid for uid, one in self._first.items() if one.study_instance_uid in study_uids} | self._more.keys()
        for uid in uids:
            left = [one for one in self._known(uid) if one.study_instance_uid not in study_uids]
            self._more.pop(uid, None)
            del self._first[uid]
            if left:
                self._first[uid] = left[0]
            if left[1:]:
                self._more[uid] = left[1:]

    def _known(self, uid: str) -> list[Instance]:
        first = self._first.get(uid)
        return [] if first is None else [first, *self._more.get(uid, ())]

    def _same(self, one: Instance, other: Instance) -> bool:
        if one.locator == other.locator:
            return True
        if one.series_instance_uid != other.series_instance_uid or one.transfer_syntax_uid != other.transfer_syntax_uid:
            return False
        try:
            # The file meta tells who wrote the file, not what the object is: copies differ in it.
            if _body_size(one.locator) != _body_size(other.locator):
                return False
        except WorkstationError:
            return False
        return self._digest(one.locator) == self._digest(other.locator)

    def _digest(self, locator: Locator) -> str:
        if locator not in self._digests:
            self._digests[locator] = body_digest(locator)
        return self._digests[locator]


def _body_at(head: bytes) -> int:
    """Return where the data set starts behind a preamble and file meta of a stated length, else 0 (PS3.10 7.1)."""
    if head[128:140] != b"DICM\x02\0\0\0UL\x04\0" or len(head) < 144:
        return 0
    (length,) = unpack_from("<L", head, 140)
    at = 144 + int(length)
    # A wrong length must not leave part of the data set out of the comparison.
    return at if head[at : at + 2] == b"\x08\0" else 0


def _body_size(locator: Locator) -> int:
    with open_stream(locator) as stream:
        return file_size(locator) - _body_at(read_some(stream, HEAD, locator))


def body_digest(locator: Locator) -> str:
    """Return the SHA-256 of a file's data set: copies may differ in the file meta, which tells who wrote the file."""
    engine = hashlib.sha256()
    try:
        with open_stream(locator) as stream:
            head = read_some(stream, HEAD, locator)
            engine.update(head[_body_at(head) :])
            while piece := read_some(stream, 1 << 20, locator):
                engine.update(piece)
    except WorkstationError:
        # Unreadable by now: nothing equals it, so nothing is hidden.
        engine.update(str(locator).encode("utf-8", "surrogateescape"))
    return engine.hexdigest()


def renamed(instance: Instance, digest: str) -> Instance:
    """Give the second object an identity of its own, so that no key of one ever shows the other."""
    uid = synthetic("duplicate", instance.sop_instance_uid, digest)
    values: Mapping[str, object] = {**instance.values, "DuplicateOf": instance.sop_instance_uid}
    note = "Another file has the same SOP Instance UID and different content; both are kept."
    return replace(
        instance,
        sop_instance_uid=uid,
        values=MappingProxyType(values),
        deviations=(*instance.deviations, note),
        synthetic=(*instance.synthetic, "SOPInstanceUID"),
    )
