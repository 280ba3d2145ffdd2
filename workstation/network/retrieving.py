"""Retrieves studies, series and objects by C-GET or C-MOVE, and goes on where it was cut (G8, G9, G19, G20).

What the node says it has is written into a ledger; only what is not here is asked for. A response is believed in
nothing but its refusals: an object has come when it is whole on the disk.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workstation import log
from workstation.network import getting_contexts as contexts
from workstation.network.asking import Answer, Conversation, Event, Over, Refused, Stored, Wanted, taker
from workstation.network.association import Proposal
from workstation.network.failures import Cancelled, NetworkFailure, Step
from workstation.network.ledger import Ledger
from workstation.network.moving import STUDY_ROOT_MOVE, destination_of, identifier, told_by
from workstation.network.progress import Outcome, Progress
from workstation.network.wishes import HeldInstance, HeldSeries, Wish, check_wish, held_instances, held_series

if TYPE_CHECKING:
    from workstation.network.arrival_relay import ArrivalSource
    from workstation.network.nodes import Node
    from workstation.network.spool import Kept, Spool

LIST: Final = 64
"""UIDs in one request at the IMAGE level."""
IN_VAIN: Final = 3
"""Requests for single objects that bring nothing, after which the rest is not asked for that way."""
PASSING: Final = frozenset({"aborted", "broken", "timeout", "refused", "unreachable", "busy", "stalled", "rejected"})
"""Causes of failures that may be over in a moment."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a retrieval tries, in seconds.

    ``pauses`` are those before each new try after a cut; they begin anew with every object that comes. ``drain`` is how
    long, after a C-MOVE that says it is done, the next object is waited for.
    """

    pauses: tuple[float, ...] = (0.5, 2.0, 5.0, 15.0)
    drain: float = 5.0


@dataclass(frozen=True, slots=True)
class _Way:
    """One manner of asking for some objects of a series."""

    proposals: list[Proposal]
    uids: tuple[str, ...]
    whole: bool = False


def retrieve(
    node: Node,
    wish: Wish,
    spool: Spool,
    *,
    have: Callable[[Iterable[str]], set[str]],
    stop: threading.Event,
    receiver: ArrivalSource | None = None,
    ledger_folder: Path | None = None,
    patience: Patience | None = None,
) -> Iterator[Progress]:
    """Retrieve what is wished, series by series, and tell of each object as it comes.

    Parameters
    ----------
    node
        Whom to ask.
    wish
        What to ask for.
    spool
        Where objects go that come by C-GET; a receiver has its own.
    have
        Returns which of some SOP Instance UIDs need not come, as the library has them.
    stop
        Set by another thread, it ends the retrieval; the same wish goes on from there.
    receiver
        Who listens for us: given, objects come by C-MOVE to it, otherwise by C-GET.
    ledger_folder
        Where the ledgers are, if not among the user's data.
    patience
        How long is tried.

    Raises
    ------
    NetworkFailure
        If nothing more can come; what came is kept and stays in the ledger.
    Cancelled
    SpoolFull
    """
    check_wish(wish)
    with contextlib.ExitStack() as closing:
        ledger = closing.enter_context(Ledger(node, wish, ledger_folder))
        job = _Job(node, wish, spool, have, stop, ledger, receiver, patience or Patience())
        if receiver is not None:
            closing.enter_context(receiver.arrivals(job.arrived))
        closing.callback(job.leave)
        yield from job.run()


class _Job:
    """One retrieval while it runs."""

    def __init__(
        self,
        node: Node,
        wish: Wish,
        spool: Spool,
        have: Callable[[Iterable[str]], set[str]],
        stop: threading.Event,
        ledger: Ledger,
        receiver: ArrivalSource | None,
        patience: Patience,
    ) -> None:
        self._node, self._wish, self._spool, self._have, self._stop = node, wish, spool, have, stop
        self._ledger, self._patience = ledger, patience
        self._moves = receiver is not None
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._wanted = Wanted()
        self._talk: Conversation | None = None
        self._progress = Progress()
        self._reasons: dict[str, str] = {}
        self._said = ""
        self._came = 0
        self._series_uids: tuple[str, ...] = ()
        self._whole = False
        self._found: dict[str, list[HeldInstance]] = {}
        self._estimate: dict[str, int | None] = {}

    def arrived(self, kept: Kept) -> None:
        """Take note of an object at the receiver, on its thread."""
        if kept.sop_instance_uid in self._wanted.missing:
            self._wanted.drop(kept.sop_instance_uid)
            self._events.put(Stored(kept))

    def leave(self) -> None:
        """End the association at once; what came and was not told yet is in the ledger."""
        for kept in self._hang_up():
            self._ledger.arrive(kept.sop_instance_uid, str(kept.path))

    def _hang_up(self, *, abort: bool = True) -> list[Kept]:
        """End the association, if there is one, and return what came and was not told yet."""
        if self._talk is not None:
            self._talk.close(abort=abort)
            self._talk = None
        left = []
        with contextlib.suppress(queue.Empty):
            while True:
                event = self._events.get_nowait()
                if isinstance(event, Stored):
                    left.append(event.kept)
        return left

    def _end(self, *, abort: bool = True) -> Iterator[Progress]:
        for kept in self._hang_up(abort=abort):
            yield self._take(kept)

    def run(self) -> Iterator[Progress]:
        """Retrieve everything."""
        listed, self._found = held_series(self._node, self._wish, self._stop)
        self._estimate = {one.uid: one.count for one in listed}
        for series in listed:
            yield from self._through_cuts(series)
        yield from self._end(abort=False)
        yield self._progress

    def _through_cuts(self, series: HeldSeries) -> Iterator[Progress]:
        """Retrieve a series, again after every cut, as long as that brings something."""
        pauses = iter(self._patience.pauses)
        begun = False
        while True:
            before = self._came
            try:
                if not begun:
                    yield from self._expect(series)
                    begun = True
                yield from self._series(series)
            except NetworkFailure as failure:
                yield from self._end()
                if self._stop.is_set():
                    raise Cancelled from failure
                if failure.cause not in PASSING:
                    raise
                if self._came > before:
                    pauses = iter(self._patience.pauses)
                pause = next(pauses, None)
                if pause is None:
                    raise
                log.get("network").info("a retrieval was cut (%s); again in %g s", failure.cause, pause)
                yield self._tell(sentence=f"{failure.sentence} Trying again in {pause:g} s.")
                if self._stop.wait(pause):
                    raise Cancelled from failure
            else:
                return

    def _expect(self, series: HeldSeries) -> Iterator[Progress]:
        """Find out what there is of a series, and tell of what is here already."""
        held = self._found.pop(series.uid, None)
        if held is None:
            held = held_instances(self._node, self._wish, series, self._stop)
        self._ledger.expect(held)
        uids = [one.uid for one in held]
        here = self._have(uids)
        self._estimate[series.uid] = len(uids)
        counts = self._estimate.values()
        total = None if None in counts else sum(count or 0 for count in counts)
        self._progress = replace(self._progress, total=total)
        missing = []
        for uid in uids:
            path = self._ledger.lies_at(uid)
            if uid in here or path:
                self._progress = replace(self._progress, skipped=self._progress.skipped + 1)
                yield self._tell(Outcome(uid, "skipped", "It is here already.", path))
            else:
                missing.append(uid)
        self._wanted.add(missing)
        self._whole = len(missing) == len(uids) and not self._wish.instances
        self._series_uids = tuple(missing)
        if not uids:
            yield self._tell(sentence="A series has no objects, or the node does not list them.")

    def _series(self, series: HeldSeries) -> Iterator[Progress]:
        for way in self._ways(series):
            missing = self._missing(way.uids)
            if missing:
                yield from self._talk_with(way.proposals)
                whole = way.whole and len(missing) == len(self._series_uids)
                yield from self._ask_whole(series) if whole else self._ask_lists(series, missing)
        for uid in self._missing(self._series_uids):
            self._wanted.drop(uid)
            why = (
                self._reasons.get(uid) or self._said or "The node said that it was done, but this object did not come."
            )
            self._ledger.fail(uid, why)
            self._progress = replace(self._progress, failed=self._progress.failed + 1)
            yield self._tell(Outcome(uid, "failed", why))

    def _missing(self, uids: Sequence[str]) -> tuple[str, ...]:
        return tuple(uid for uid in uids if uid in self._wanted.missing)

    def _ways(self, series: HeldSeries) -> Iterator[_Way]:
        """Return how the objects of a series are asked for, one way after another until all are there."""
        uids = self._series_uids
        if self._moves:
            proposals = [Proposal(STUDY_ROOT_MOVE, contexts.PLAIN)]
            yield _Way(proposals, uids, whole=self._whole)
            before = -1
            while self._came > before:  # what broke may have been the connection that the objects come on
                before = self._came
                yield _Way(proposals, uids)
            return
        class_of = {uid: self._ledger.expected[uid].sop_class_uid for uid in uids}
        told = tuple(dict.fromkeys(one for one in class_of.values() if one))
        unsaid = tuple(uid for uid, one in class_of.items() if not one)
        for some, proposals in contexts.by_class_and_syntax(told):
            own = tuple(uid for uid in uids if class_of[uid] in some)
            yield _Way(proposals, own, whole=self._whole and len(own) == len(uids))
        if unsaid:
            yield from self._ways_of_unsaid(series, unsaid)
        for _some, proposals in contexts.by_class(told):
            yield _Way(proposals, tuple(uid for uid in uids if class_of[uid]))

    def _ways_of_unsaid(self, series: HeldSeries, uids: tuple[str, ...]) -> Iterator[_Way]:
        """Return the ways for objects of which the node does not tell the SOP Class: likely ones, then all."""
        likely = contexts.likely(series.modality)
        for _some, proposals in contexts.by_class_and_syntax(likely):
            yield _Way(proposals, uids, whole=self._whole)
        for _some, proposals in contexts.by_class(contexts.storage_classes()):
            yield _Way(proposals, uids, whole=self._whole)

    def _talk_with(self, proposals: list[Proposal]) -> Iterator[Progress]:
        if self._talk is not None and self._talk.is_alive and self._talk.proposals == proposals:
            return
        yield from self._end(abort=False)
        if self._moves:
            title = destination_of(self._node)
            self._talk = Conversation(self._node, proposals, STUDY_ROOT_MOVE, self._events, destination=title)
        else:
            take = taker(self._node, self._spool, self._wanted, self._events)
            self._talk = Conversation(self._node, proposals, contexts.STUDY_ROOT_GET, self._events, take=take)

    def _ask_whole(self, series: HeldSeries) -> Iterator[Progress]:
        yield from self._ask(series, ())

    def _ask_lists(self, series: HeldSeries, uids: tuple[str, ...]) -> Iterator[Progress]:
        """Ask for lists of objects, or for one after another where the node makes nothing of lists (G20)."""
        for some in contexts.batches(uids, LIST):
            before = self._came
            yield from self._ask(series, some)
            if self._came == before and len(some) > 1:
                yield from self._ask_singles(series, self._missing(uids))
                return

    def _ask_singles(self, series: HeldSeries, uids: tuple[str, ...]) -> Iterator[Progress]:
        in_vain = 0
        for uid in uids:
            before = self._came
            yield from self._ask(series, (uid,))
            in_vain = 0 if self._came > before else in_vain + 1
            if in_vain == IN_VAIN:
                return

    def _ask(self, series: HeldSeries, uids: tuple[str, ...]) -> Iterator[Progress]:
        """Do one request to its end: the final response, and by C-MOVE the last object (G8)."""
        assert self._talk is not None
        asked = uids or self._series_uids
        before = self._came
        self._talk.ask(identifier(self._wish.study, series.uid, uids))
        moved, final = time.monotonic(), None
        counts: tuple[int | None, ...] = ()
        while final is None or not self._is_drained(final, asked, before, moved):
            try:
                event = self._events.get(timeout=0.1)
            except queue.Empty:
                event = None
            if self._stop.is_set():
                raise Cancelled
            if isinstance(event, Stored):
                moved = time.monotonic()
                yield self._take(event.kept)
            elif isinstance(event, Answer):
                now = (event.completed, event.failed, event.warnings)
                moved, counts = (moved, counts) if now == counts else (time.monotonic(), now)
                final = self._judge(event) or final
            elif isinstance(event, Refused):
                yield self._tell(sentence="An object that was not asked for was refused.")
            elif isinstance(event, Over):
                raise event.failure or self._cut()
            elif final is None and time.monotonic() - max(moved, self._talk.heard) > self._node.stall_timeout:
                raise self._stalled()

    def _is_drained(self, final: Answer, asked: tuple[str, ...], before: int, moved: float) -> bool:
        """Tell whether nothing more is to be expected after the final response."""
        if not self._events.empty():
            return False
        if not self._moves or not self._missing(asked):
            return True
        done = None if final.completed is None else final.completed + (final.warnings or 0)
        if done is not None and self._came - before >= done:
            return True
        return time.monotonic() - moved > min(self._patience.drain, self._node.stall_timeout)

    def _judge(self, answer: Answer) -> Answer | None:
        """Return the answer if it is the last, after noting what it says.

        Raises
        ------
        NetworkFailure
            If it is no use to ask for anything else.
        """
        if not answer.final:
            return None
        self._said = told_by(self._node, answer, by_move=self._moves)
        for uid in answer.failed_uids:
            self._reasons[uid] = "The node said that it could not send this object."
        return answer

    def _take(self, kept: Kept) -> Progress:
        uid = kept.sop_instance_uid
        self._came += 1
        self._ledger.arrive(uid, str(kept.path))
        self._progress = replace(self._progress, done=self._progress.done + 1, size=self._progress.size + kept.size)
        return self._tell(Outcome(uid, "done", path=str(kept.path)))

    def _tell(self, outcome: Outcome | None = None, sentence: str = "") -> Progress:
        return replace(self._progress, outcome=outcome, sentence=sentence)

    def _cut(self) -> NetworkFailure:
        return NetworkFailure(
            f"{self._node.name} ended the conversation.", step=Step.TRANSFER, cause="aborted", remedy="Try again."
        )

    def _stalled(self) -> NetworkFailure:
        return NetworkFailure(
            f"{self._node.name} has sent no new object for {self._node.stall_timeout:g} s.",
            step=Step.TRANSFER,
            cause="stalled",
            remedy="What had arrived is kept; try again for the rest.",
        )
