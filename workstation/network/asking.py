"""One association on which objects are asked for, on a thread of its own; what happens comes out of a queue.

The thread answers the peer at its pace whatever the one who reads the queue does, and an object is told the moment
it is whole on the disk. What the peer sends is written as it was encoded, never decoded.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pynetdicom import evt

from workstation import log
from workstation.errors import WorkstationError
from workstation.network.association import Handler, Proposal, associated, ended
from workstation.network.failures import NetworkFailure, Step
from workstation.network.peer_socket import PeerSocket
from workstation.network.spool import SpoolFull

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pynetdicom.association import Association

    from workstation.network.nodes import Node
    from workstation.network.spool import Kept, Spool

NOT_ASKED_FOR: Final = 0x0124
NO_ROOM: Final = 0xA700
NOT_UNDERSTOOD: Final = 0xC000
_MORE_THAN_AN_ANSWER: Final = 4096
"""Bytes at once that no response has: an object is on its way."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object is whole on the disk."""

    kept: Kept


@dataclass(frozen=True, slots=True)
class Answer:
    """A response to what was asked; counts are None where the peer does not give them."""

    code: int
    completed: int | None = None
    failed: int | None = None
    warnings: int | None = None
    remaining: int | None = None
    failed_uids: tuple[str, ...] = ()
    final: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """An object was sent that was not asked for, and was not taken."""

    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class Over:
    """The association has ended; ``failure`` says why, if it was not asked to."""

    failure: WorkstationError | None


Event = Stored | Answer | Refused | Over


@dataclass(slots=True)
class Wanted:
    """SOP Instance UIDs that are asked for; those that came leave ``missing`` and stay in ``known``.

    A set is changed by whoever takes an object and read by whoever asks for more.
    """

    missing: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)

    def add(self, uids: Sequence[str]) -> None:
        """Want these too."""
        self.known.update(uids)
        self.missing.update(uids)

    def drop(self, uid: str) -> None:
        """Want it no more; it may still come."""
        self.missing.discard(uid)


class Conversation:
    """An association that is opened by the first request and kept for the next; see :meth:`ask`.

    ``heard`` is the moment, of ``time.monotonic``, of the last sign that objects are on their way.
    """

    def __init__(
        self,
        node: Node,
        proposals: Sequence[Proposal],
        model: str,
        events: queue.SimpleQueue[Event],
        *,
        destination: str = "",
        take: Callable[[Any], int] | None = None,
    ) -> None:
        """Start the thread.

        ``destination`` is the title of a C-MOVE, without one it is C-GET; ``take`` answers C-STORE requests.
        """
        self.proposals = list(proposals)
        self.heard = time.monotonic()
        self._node, self._model, self._destination = node, model, destination
        self._events, self._take = events, take
        self._orders: queue.SimpleQueue[Dataset | None] = queue.SimpleQueue()
        self._halt = threading.Event()
        self._association: Association | None = None
        self._thread = threading.Thread(target=self._run, name="retrieving", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Tell whether it can be asked."""
        return self._thread.is_alive() and not self._halt.is_set()

    def ask(self, identifier: Dataset) -> None:
        """Request what the identifier names; :class:`Answer` come, the last of them ``final``, or :class:`Over`."""
        self.heard = time.monotonic()
        self._orders.put(identifier)

    def close(self, *, abort: bool = False) -> None:
        """End the association, politely or at once, and wait for the thread."""
        self._orders.put(None)
        if abort:
            self._halt.set()
            if self._association is not None:
                # taken for an answer that did not come: the thread itself aborts, and never between request and reply
                self._association.dimse.msg_queue.put((None, None))
        self._thread.join(10)

    def _attentive(self, association: Association) -> AbstractContextManager[None]:
        connection = association.dul.socket
        return connection.attentive() if isinstance(connection, PeerSocket) else nullcontext()

    def _run(self) -> None:
        failure: WorkstationError | None = None
        try:
            with associated(self._node, self.proposals, handlers=self._handlers()) as association:
                self._association = association
                # how long nothing may come is judged by who reads the events: one object may take longer than that
                association.dimse_timeout = None
                while (identifier := self._orders.get()) is not None and not self._halt.is_set():
                    # each object is answered before the next comes: a millisecond of waiting adds up
                    with self._attentive(association):
                        self._request(association, identifier)
        except WorkstationError as error:
            failure = error
        except Exception as error:  # of pynetdicom, over something a peer sent: told like a broken connection
            log.get("network").exception("a retrieval ended by a fault of the program")
            failure = NetworkFailure(
                f"The conversation with {self._node.name} ended by a fault: {type(error).__name__}.",
                step=Step.TRANSFER,
                cause="fault",
            )
        self._events.put(Over(failure))

    def _handlers(self) -> list[Handler]:
        taking = [(evt.EVT_C_STORE, self._take)] if self._take is not None else []
        return [*taking, (evt.EVT_DATA_RECV, self._hear)]

    def _hear(self, event: Any) -> None:
        if len(event.data) > _MORE_THAN_AN_ANSWER:
            self.heard = time.monotonic()

    def _request(self, association: Association, identifier: Dataset) -> None:
        try:
            if self._destination:
                answers = association.send_c_move(identifier, self._destination, self._model)
            else:
                answers = association.send_c_get(identifier, self._model)
        except RuntimeError as error:
            raise ended(association, self._node) from error
        except ValueError as error:
            raise NetworkFailure(
                f"{self._node.name} does not offer {'C-MOVE' if self._destination else 'C-GET'} to us.",
                step=Step.CONTEXT,
                cause="no_context",
                remedy=f"Choose retrieving by {'get' if self._destination else 'move'} for it.",
            ) from error
        for answer, found in answers:
            if "Status" not in answer:
                raise ended(association, self._node)
            self._events.put(_answer(answer, found))


def _answer(answer: Dataset, found: Dataset | None) -> Answer:
    from pydicom.multival import MultiValue

    listed: Any = found.get("FailedSOPInstanceUIDList") if found is not None else None
    failed = [str(uid) for uid in listed] if isinstance(listed, MultiValue) else [str(listed)] if listed else []
    return Answer(
        code=int(answer.Status),
        completed=answer.get("NumberOfCompletedSuboperations"),
        failed=answer.get("NumberOfFailedSuboperations"),
        warnings=answer.get("NumberOfWarningSuboperations"),
        remaining=answer.get("NumberOfRemainingSuboperations"),
        failed_uids=tuple(failed),
        final=answer.Status not in (0xFF00, 0xFF01),
    )


def taker(node: Node, spool: Spool, wanted: Wanted, events: queue.SimpleQueue[Event]) -> Callable[[Any], int]:
    """Return what takes the objects of a C-GET: those asked for are kept as they come, others are refused."""

    def take(event: Any) -> int:
        request = event.request
        uid = str(request.AffectedSOPInstanceUID)
        if uid not in wanted.missing:
            if uid in wanted.known:
                return 0x0000  # it is here already: the answer to it had been lost
            events.put(Refused(uid))
            return NOT_ASKED_FOR
        if request.DataSet is None:
            return NOT_UNDERSTOOD
        try:
            kept = spool.keep(
                [request.DataSet.getbuffer()],
                sop_class_uid=str(request.AffectedSOPClassUID),
                sop_instance_uid=uid,
                transfer_syntax_uid=str(event.context.transfer_syntax),
                source_title=node.ae_title,
            )
        except (SpoolFull, OSError) as error:
            events.put(Over(_no_room(error)))
            return NO_ROOM
        wanted.drop(uid)
        events.put(Stored(kept))
        return 0x0000

    return take


def _no_room(error: SpoolFull | OSError) -> WorkstationError:
    if isinstance(error, SpoolFull):
        return error
    return SpoolFull(f"What came could not be written: {error.strerror or 'the system gave no reason'}.")
