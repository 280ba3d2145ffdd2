"""Storage commitment: asks a node to answer for what it was sent, and takes its report (PS3.4 J, G16).

The report comes on the association of the request, or later on one that the node opens to us. What was asked is kept
in a file until the report is there, also over restarts; only what a report names as committed may be deleted here.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from workstation import log
from workstation.network.association import (
    IMPLEMENTATION_UID,
    IMPLEMENTATION_VERSION,
    Proposal,
    associated,
    ended,
)
from workstation.network.commitments import Commitments, Report, Transaction, reference
from workstation.network.failures import NetworkFailure, Step
from workstation.network.statuses import status
from workstation.network.tls import server_context

if TYPE_CHECKING:
    from pydicom import Dataset

    from workstation.network.nodes import Node

PUSH_MODEL: Final = "1.2.840.10008.1.20.1"
PUSH_MODEL_INSTANCE: Final = "1.2.840.10008.1.20.1.1"
REQUEST: Final = 1
"""The one type of action there is (PS3.4 J.3.2.1)."""
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
_log = log.get("network")


def ask(
    node: Node,
    references: Sequence[tuple[str, str]],
    book: Commitments,
    *,
    stop: threading.Event | None = None,
    wait: float = 2.0,
    elsewhere: threading.Event | None = None,
) -> Transaction:
    """Ask a node to commit to objects, (SOP Class UID, SOP Instance UID) each; return the transaction as it stands.

    It is kept in ``book`` before the node hears of it: the report may come sooner than the answer. ``wait`` is how
    long, in seconds, the association stays open for the report. ``elsewhere`` is the event of :func:`listening`, set
    where the report comes by another way.

    Raises
    ------
    NetworkFailure
        If the node cannot be reached, or refuses; nothing is pending then.
    Cancelled, CommitmentError
    """
    from pynetdicom import evt

    transaction = book.begin(node.name, references)
    arrived = elsewhere or threading.Event()

    def on_report(event: Any) -> tuple[int, None]:
        try:
            return answer_report(event, book), None
        finally:
            arrived.set()

    try:
        with associated(
            node,
            [Proposal(PUSH_MODEL, (EXPLICIT, IMPLICIT))],
            handlers=[(evt.EVT_N_EVENT_REPORT, on_report)],
            stop=stop,
        ) as association:
            answer, _reply = association.send_n_action(
                action_information(transaction), REQUEST, PUSH_MODEL, PUSH_MODEL_INSTANCE
            )
            if "Status" not in answer:
                raise ended(association, node)
            told = status(answer.Status, "commit")
            if told.is_failure:
                raise NetworkFailure(f"{node.name} does not commit: {told}", step=Step.SERVICE, cause="status")
            _await(arrived, wait, stop, lambda: bool(association.is_established))
    except BaseException as error:
        if not arrived.is_set() and isinstance(error, NetworkFailure) and error.step is not Step.TRANSFER:
            book.forget(transaction.uid)
        raise
    return book.transaction(transaction.uid)


def _await(arrived: threading.Event, wait: float, stop: threading.Event | None, going: Callable[[], bool]) -> None:
    end = time.monotonic() + wait
    while time.monotonic() < end and going() and not (stop is not None and stop.is_set()):
        if arrived.wait(0.05):
            return


def action_information(transaction: Transaction) -> Dataset:
    """Return the Action Information of a request (PS3.4 Table J.3-1)."""
    from pydicom import Dataset

    ds = Dataset()
    ds.TransactionUID = transaction.uid
    ds.ReferencedSOPSequence = []
    for sop_class_uid, sop_instance_uid in transaction.references:
        item = Dataset()
        item.ReferencedSOPClassUID = sop_class_uid
        item.ReferencedSOPInstanceUID = sop_instance_uid
        ds.ReferencedSOPSequence.append(item)
    return ds


def report_from(dataset: Dataset) -> Report:
    """Return what the Event Information of an N-EVENT-REPORT says (PS3.4 Table J.3-2).

    Raises
    ------
    CommitmentError
        If it names no transaction.
    """
    committed = [reference(item) for item in dataset.get("ReferencedSOPSequence") or ()]
    failed = [
        (*reference(item), int(item.get("FailureReason") or 0x0110)) for item in dataset.get("FailedSOPSequence") or ()
    ]
    return Report(str(dataset.get("TransactionUID") or ""), tuple(committed), tuple(failed))


def answer_report(event: Any, book: Commitments) -> int:
    """Put the report of a pynetdicom event into the book and return the status to answer with.

    A report that nobody asked for is kept as an orphan, and taken: its sender could do nothing about it.
    """
    try:
        book.settle(report_from(event.event_information))
    except OSError:
        _log.exception("a storage commitment report could not be kept")
        return 0x0213
    except Exception:
        # whatever a peer sends must not end the thread of its association
        _log.warning("a storage commitment report could not be read")
        return 0x0110
    return 0x0000


@contextlib.contextmanager
def listening(node: Node, port: int, book: Commitments, *, address: str = "127.0.0.1") -> Iterator[threading.Event]:
    """Take reports that come on associations of their own, at a port, for the time of a ``with`` block.

    The event yielded is set by each report. Only the node's title may call, only ours may be called.

    Raises
    ------
    NetworkFailure
        If the port cannot be listened at.
    """
    from pynetdicom import AE, evt

    arrived = threading.Event()

    def on_report(event: Any) -> tuple[int, None]:
        try:
            return answer_report(event, book), None
        finally:
            arrived.set()

    entity = AE(node.calling)
    entity.implementation_class_uid = IMPLEMENTATION_UID
    entity.implementation_version_name = IMPLEMENTATION_VERSION
    entity.require_calling_aet = [node.ae_title]
    entity.require_called_aet = True
    entity.maximum_associations = 4
    entity.acse_timeout = entity.dimse_timeout = node.answer_timeout
    entity.network_timeout = node.stall_timeout
    # the node opens the association as the provider of the service, we are its user (PS3.4 J.3.3)
    entity.add_supported_context(PUSH_MODEL, [EXPLICIT, IMPLICIT], scu_role=True, scp_role=True)
    secure = server_context(node.tls, node.name) if node.tls is not None and node.tls.certificate else None
    try:
        server = entity.start_server(
            (address, port), block=False, evt_handlers=[(evt.EVT_N_EVENT_REPORT, on_report)], ssl_context=secure
        )
    except OSError as error:
        raise NetworkFailure(
            f"Port {port} cannot be listened at: {error.strerror or error}.",
            step=Step.CONNECT,
            cause="port",
            remedy="Another program may hold it; choose the port that the node knows us by.",
        ) from error
    assert server is not None
    try:
        yield arrived
    finally:
        server.shutdown()
