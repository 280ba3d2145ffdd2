"""Sends objects to a node (C-STORE): as they are where the peer takes that, else unpacked, never packed anew (G10).

Each object has its outcome. An association that breaks is opened again for what was not answered for; a UID is never
changed.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, Final

from pydicom.uid import UID

from workstation import log
from workstation.dicom import vocabulary as v
from workstation.dicom.identity import Instance, Locator
from workstation.dicom.sources import open_binary
from workstation.errors import WorkstationError
from workstation.imaging.decode import transfer_syntax_name
from workstation.imaging.transcode import native_file, same_syntax_file
from workstation.network.association import associated
from workstation.network.failures import Cancelled, NetworkFailure, Step
from workstation.network.outgoing import (
    NATIVE,
    Batch,
    NotSent,
    batches,
    extent,
    gathered,
    is_irregular,
    meta,
    open_extent,
    refusal,
)
from workstation.network.progress import Outcome, Progress
from workstation.network.statuses import status
from workstation.network.storing import Courier, CutShort, courier

if TYPE_CHECKING:
    from pynetdicom.association import Association

    from workstation.network.nodes import Node

CONSENTS: Final = ("lossless", "as_is")
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8.0
"""Seconds before an association is opened again; twice as long each time."""
MOST_TRIES: Final = 2
"""How often an object is sent over which the association breaks each time."""
_log = log.get("network")

Accepted = dict[str, dict[str, int]]
"""By SOP Class and transfer syntax: the context that the peer accepted."""


def send(
    node: Node,
    items: Iterable[Instance | Locator | str | os.PathLike[str]],
    *,
    stop: threading.Event | None = None,
    consent: str = "lossless",
    retries: int = 3,
) -> Iterator[Progress]:
    """Send files, folders, archives, or instances that are known already; yield how far it is, object by object.

    Parameters
    ----------
    node
        Where to.
    items
        What; of paths everything below them.
    stop
        Set by another thread, it ends the association at once.
    consent
        ``lossless``: an object whose syntax the peer does not take is sent as Explicit or Implicit VR Little Endian,
        its pixels unpacked, and the outcome says so. ``as_is``: such an object is not sent.
    retries
        How often in a row an association is opened again without success; 0 also sends no object a second time.

    Raises
    ------
    NetworkFailure
        If no association could be opened at all. Once one was, what cannot be sent has its outcome.
    Cancelled
    """
    if consent not in CONSENTS:
        raise ValueError(f"consent is one of {', '.join(CONSENTS)}")
    return _Sending(node, stop or threading.Event(), transcode=consent == "lossless", retries=retries).run(items)


class _Sending:
    def __init__(self, node: Node, stop: threading.Event, *, transcode: bool, retries: int) -> None:
        self._node, self._stop, self._transcode, self._retries = node, stop, transcode, retries
        self._counts = dict.fromkeys(("done", "warning", "failed", "skipped"), 0)
        self._total: int | None = None
        self._size = 0
        self._reached = False
        self._sent: set[str] = set()

    def run(self, items: Iterable[Instance | Locator | str | os.PathLike[str]]) -> Iterator[Progress]:
        instances: list[Instance] = []
        refused: list[Outcome] = []
        for found in gathered(items, self._stop):
            if isinstance(found, Outcome):
                refused.append(found)
            elif found is None:
                yield self._progress(f"{len(instances)} objects are to be sent.")
            elif why := refusal(found):
                refused.append(_outcome(found, "failed", why))
            else:
                instances.append(found)
        self._demand_going()
        self._total = len(instances) + len(refused)
        for outcome in refused:
            yield self._told(outcome)
        for batch in batches(instances, transcode=self._transcode):
            yield from self._batch(batch)

    def _batch(self, batch: Batch) -> Iterator[Progress]:
        """Send over one association after another until every object has its outcome."""
        left = deque(batch.instances)
        setbacks = tries = 0
        while left:
            before = len(left)
            try:
                yield from self._association(batch, left)
            except NetworkFailure as failure:
                self._demand_going()
                if isinstance(failure, Cancelled):
                    raise
                _log.info("sending was interrupted (%s), %d objects left", failure.cause, len(left))
                setbacks = 1 if len(left) < before else setbacks + 1
                tries = (1 if len(left) < before else tries + 1) if failure.step is Step.TRANSFER else tries
                if failure.step is Step.CONTEXT:
                    yield from self._all_failed(left, _no_context(failure, self._node))
                elif not self._reached and failure.cause != "busy":
                    raise
                elif tries > min(self._retries, MOST_TRIES - 1):
                    # it is this object that the peer cannot bear, the others may do
                    yield self._told(_outcome(left.popleft(), "failed", f"Not sent: {failure.sentence}"))
                    setbacks = tries = 0
                elif setbacks > self._retries or failure.step is Step.TITLE:
                    if not self._reached:
                        raise
                    yield from self._all_failed(left, f"Not sent: {failure.sentence}")
                else:
                    yield from self._pause(setbacks, failure)

    def _association(self, batch: Batch, left: deque[Instance]) -> Iterator[Progress]:
        with associated(self._node, batch.proposals, stop=self._stop) as association:
            self._reached = True
            accepted = _accepted(association)
            with courier(association, self._node, self._stop) as sender:
                while left:
                    outcome = self._one(sender, accepted, left[0])
                    left.popleft()
                    yield self._told(outcome)

    def _one(self, sender: Courier, accepted: Accepted, instance: Instance) -> Outcome:
        """Send one object and return what became of it.

        Raises
        ------
        NetworkFailure
            If the association is of no use any more and the object has to be sent again.
        """
        with ExitStack() as files:
            try:
                context, stream, length, sentence = self._encoded(accepted, instance, files)
            except WorkstationError as error:
                return _outcome(instance, "failed", _without_name(str(error), instance))
            try:
                answer = sender.store(context, instance.sop_class_uid, instance.sop_instance_uid, stream, length)
            except CutShort as error:
                raise NetworkFailure(
                    "The file could not be read to its end.", step=Step.TRANSFER, cause="file"
                ) from error
        self._size += length
        told = status(answer.status, "store")
        if not told.is_failure and instance.sop_instance_uid in self._sent:
            sentence = f"{sentence} Another object with this UID was sent before; it may keep one of them.".strip()
            return _outcome(instance, "warning", sentence)
        if not told.is_failure:
            self._sent.add(instance.sop_instance_uid)
        if told.kind == "success":
            return _outcome(instance, "done", sentence)
        words = f"{told}" + (f" It says: {answer.comment}" if answer.comment else "")
        kind = "warning" if told.kind == "warning" else "failed"
        return _outcome(instance, kind, f"{words} {sentence}".strip())

    def _encoded(self, accepted: Accepted, instance: Instance, files: ExitStack) -> tuple[int, BinaryIO, int, str]:
        """Return the context an object goes by, its data set and the length of that, and what was done to it.

        Raises
        ------
        WorkstationError
            If it cannot be sent; the sentence says why.
        """
        own, takes = instance.transfer_syntax_uid, accepted.get(instance.sop_class_uid, {})
        stream = files.enter_context(open_binary(instance.locator))
        place = extent(instance, stream)
        if own in takes and place is not None and not (self._transcode and is_irregular(instance)):
            return takes[own], *open_extent(stream, place, instance.locator), ""
        if not self._transcode:
            raise NotSent(self._not_as_is(instance, takes))
        if own not in takes:
            for target in NATIVE:
                if target in takes:
                    words = f"Sent as {transfer_syntax_name(target)}: {self._does_not_take(own)}."
                    return takes[target], *self._unpacked(instance, target), words
            raise NotSent(self._not_taken(instance, takes))
        try:
            context, data, length, words = self._written_anew(takes, instance)
        except WorkstationError:
            if place is None:
                raise
            return takes[own], *open_extent(stream, place, instance.locator), ""
        return context, data, length, words

    def _written_anew(self, takes: dict[str, int], instance: Instance) -> tuple[int, BinaryIO, int, str]:
        """Return the data set of a file that is irregular, in its own syntax if it can be."""
        own = instance.transfer_syntax_uid
        if own not in v.NATIVE:
            return takes[own], *_data_set(same_syntax_file(instance.locator)), "Written anew: its file is irregular."
        target = next((uid for uid in (own, *NATIVE) if uid in takes and uid in NATIVE), "")
        if not target:
            raise NotSent("Its file is irregular and has no syntax in which it could be written anew.")
        words = "Written anew" if target == own else f"Sent as {transfer_syntax_name(target)}"
        return takes[target], *self._unpacked(instance, target), f"{words}: its file is irregular."

    def _does_not_take(self, uid: str) -> str:
        return f"{self._node.name} does not take {transfer_syntax_name(uid)}"

    def _unpacked(self, instance: Instance, target: str) -> tuple[BinaryIO, int]:
        try:
            return _data_set(native_file(instance.locator, target))
        except WorkstationError as error:
            why = "Its file is irregular and cannot be written anew"
            if target != instance.transfer_syntax_uid:
                why = f"{self._does_not_take(instance.transfer_syntax_uid)}, and it cannot be unpacked"
            raise NotSent(f"{why}: {_without_name(str(error), instance)}") from error

    def _not_as_is(self, instance: Instance, takes: dict[str, int]) -> str:
        if instance.transfer_syntax_uid in takes:
            return "Its file is irregular: it would have to be written anew to be sent."
        return self._not_taken(instance, takes)

    def _not_taken(self, instance: Instance, takes: dict[str, int]) -> str:
        kind = _class_name(instance.sop_class_uid)
        if not takes:
            return f"{self._node.name} does not take objects of this kind: {kind}."
        return f"{self._node.name} does not take {transfer_syntax_name(instance.transfer_syntax_uid)} for {kind}."

    def _all_failed(self, left: deque[Instance], why: str) -> Iterator[Progress]:
        while left:
            yield self._told(_outcome(left.popleft(), "failed", why))

    def _pause(self, setbacks: int, failure: NetworkFailure) -> Iterator[Progress]:
        pause = min(FIRST_PAUSE * 2 ** (setbacks - 1), LONGEST_PAUSE)
        yield self._progress(f"{failure.sentence} Trying again in {pause:g} s.")
        self._stop.wait(pause)
        self._demand_going()

    def _demand_going(self) -> None:
        if self._stop.is_set():
            raise Cancelled

    def _told(self, outcome: Outcome) -> Progress:
        self._counts[outcome.kind] += 1
        return self._progress(outcome.sentence, outcome)

    def _progress(self, sentence: str, outcome: Outcome | None = None) -> Progress:
        counts = self._counts
        return Progress(
            done=counts["done"] + counts["warning"],
            total=self._total,
            warnings=counts["warning"],
            failed=counts["failed"],
            skipped=counts["skipped"],
            size=self._size,
            sentence=sentence,
            outcome=outcome,
        )


def _accepted(association: Association) -> Accepted:
    out: Accepted = {}
    for one in association.accepted_contexts:
        if one.abstract_syntax and one.context_id is not None:
            out.setdefault(str(one.abstract_syntax), {}).setdefault(str(one.transfer_syntax[0]), one.context_id)
    return out


def _data_set(file: bytes) -> tuple[BinaryIO, int]:
    """Return the data set of a file we wrote."""
    found = meta(file)
    assert found is not None
    stream = BytesIO(file)
    stream.seek(found[0])
    return stream, len(file) - found[0]


def _outcome(instance: Instance, kind: str, sentence: str) -> Outcome:
    return Outcome(instance.sop_instance_uid, kind, sentence, str(instance.locator))


def _no_context(failure: NetworkFailure, node: Node) -> str:
    return f"{node.name} takes none of the objects of this kind." if failure.cause == "no_context" else str(failure)


def _class_name(uid: str) -> str:
    return str(UID(uid).name)


def _without_name(sentence: str, instance: Instance) -> str:
    """Return a reason without the file's name, which the outcome holds."""
    told = sentence.removeprefix(f"{instance.locator.name}: ")
    return told[:1].upper() + told[1:]
