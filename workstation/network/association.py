"""An association with a node, as a context: opened with every fault explained, released or aborted at its end.

Everything of :mod:`pynetdicom` goes through here, so that its habits are set once: nothing of a data set in its logs
(A34), prompt and bounded sockets (A35).
"""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pynetdicom import AE, _config, build_context

from workstation import __version__
from workstation.dicom.uids import synthetic
from workstation.network.failures import Cancelled, NetworkFailure, Step
from workstation.network.peer_socket import PeerSocket
from workstation.network.reactor_gate import ReactorGate
from workstation.network.tls import explain_tls
from workstation.network.transport import open_transport

if TYPE_CHECKING:
    from pynetdicom.association import Association

    from workstation.network.nodes import Node

_config.LOG_HANDLER_LEVEL = "none"
_config.LOG_REQUEST_IDENTIFIERS = False
_config.LOG_RESPONSE_IDENTIFIERS = False
# its errors quote what a peer sent; what happened is told by our own records
logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)

IMPLEMENTATION_UID: Final = synthetic("workstation")
IMPLEMENTATION_VERSION: Final = f"WORKSTATION_{__version__}"[:16]
MOST_CONTEXTS: Final = 128
NOWHERE: Final = "127.0.0.1"
"""Where pynetdicom is told to connect to: our sockets are connected before."""

Handler = tuple[Any, Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class Proposal:
    """One presentation context we ask for; ``as_scp`` where the peer is to send us objects of it (C-GET)."""

    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]
    as_scp: bool = False


class _Requestor(AE):
    """An application entity whose one connection is opened before it is asked to associate."""

    def __init__(self, node: Node, connection: socket.socket) -> None:
        super().__init__(node.calling)
        self.implementation_class_uid = IMPLEMENTATION_UID
        self.implementation_version_name = IMPLEMENTATION_VERSION
        self.maximum_pdu_size = node.largest_pdu
        self.acse_timeout = node.answer_timeout
        self.dimse_timeout = node.answer_timeout
        self.network_timeout = node.stall_timeout
        self._connection = connection
        self._patience = node.stall_timeout
        self.peer_socket: PeerSocket | None = None

    def _create_socket(self, assoc: Any, address: Any, tls_args: Any) -> PeerSocket:
        assoc._reactor_checkpoint = ReactorGate(assoc)
        self.peer_socket = PeerSocket(assoc, self._connection, patience=self._patience)
        return self.peer_socket


@contextlib.contextmanager
def associated(
    node: Node,
    proposals: Sequence[Proposal],
    *,
    handlers: Iterable[Handler] = (),
    stop: threading.Event | None = None,
    extended: Iterable[Any] = (),
) -> Iterator[Association]:
    """Open an association for the time of a ``with`` block; it is released after it, aborted after an error.

    Parameters
    ----------
    node
        The peer.
    proposals
        At most 128 presentation contexts.
    handlers
        Pairs of a pynetdicom event and what to call.
    stop
        Set by another thread, it aborts the association at once; the block then sees it ended.
    extended
        Items of pynetdicom for extended negotiation (relational queries, user identity).

    Raises
    ------
    NetworkFailure
        If there is no connection, or the peer refuses, or accepts none of the contexts.
    Cancelled
        If ``stop`` was set.
    """
    if stop is not None and stop.is_set():
        raise Cancelled
    connection = open_transport(node)
    entity = _Requestor(node, connection)
    association = None
    try:
        association = _negotiate(entity, node, proposals, list(handlers), list(extended))
    finally:
        if association is None or not association.is_established:
            with contextlib.suppress(OSError):
                connection.close()
    with _watched(association, stop):
        try:
            yield association
        except BaseException:
            if association.is_established:
                association.abort()
            raise
        else:
            if association.is_established:
                association.release()
        finally:
            association.join(5)
            with contextlib.suppress(OSError):
                connection.close()
    if stop is not None and stop.is_set():
        raise Cancelled


def _negotiate(
    entity: _Requestor, node: Node, proposals: Sequence[Proposal], handlers: list[Handler], extended: list[Any]
) -> Association:
    from pynetdicom import build_role

    contexts = [build_context(one.abstract_syntax, list(one.transfer_syntaxes)) for one in proposals[:MOST_CONTEXTS]]
    roles = {one.abstract_syntax: build_role(one.abstract_syntax, scp_role=True) for one in proposals if one.as_scp}
    start = time.monotonic()
    association = entity.associate(
        NOWHERE,
        node.port,
        contexts=contexts,
        ae_title=node.ae_title,
        max_pdu=node.largest_pdu,
        ext_neg=[*roles.values(), *extended],
        evt_handlers=list(handlers),
    )
    if not association.is_established:
        raise _refused(association, entity, node, time.monotonic() - start)
    return association


def _refused(association: Association, entity: _Requestor, node: Node, waited: float) -> NetworkFailure:
    answer = association.acceptor.primitive
    if association.is_rejected and answer is not None:
        return rejection(node, answer.result, answer.result_source, answer.diagnostic)
    if answer is not None and answer.result == 0:
        return NetworkFailure(
            f"{node.name} accepted the association, but none of the services asked for.",
            step=Step.CONTEXT,
            cause="no_context",
            remedy="It does not offer this service, or not to us; its conformance statement says which it has.",
        )
    failure = entity.peer_socket.failure if entity.peer_socket else None
    if isinstance(failure, ssl.SSLError):
        # with TLS 1.3 a refused certificate of ours shows only now
        return explain_tls(failure, node)
    if isinstance(failure, TimeoutError) or (failure is None and waited >= node.answer_timeout):
        return NetworkFailure(
            f"{node.name} took the connection but did not answer within {node.answer_timeout:g} s.",
            step=Step.ASSOCIATION,
            cause="timeout",
            remedy="Something other than a DICOM server may listen there.",
        )
    return NetworkFailure(
        f"{node.name} took the connection and closed it without an answer to our greeting.",
        step=Step.ASSOCIATION,
        cause="aborted",
        remedy="It may expect TLS at this port, may not know our address, or may not be a DICOM server.",
    )


REJECTIONS: Final = {
    (1, 3): (Step.TITLE, "calling_title", "does not know our AE title {calling}", "Have it added there."),
    (1, 7): (Step.TITLE, "called_title", "says that {called} is not its AE title", "Ask for its right title."),
    (1, 2): (Step.ASSOCIATION, "application_context", "does not know the application context of DICOM", ""),
    (2, 2): (Step.ASSOCIATION, "protocol_version", "does not know this version of the protocol", ""),
    (3, 1): (Step.ASSOCIATION, "busy", "is busy at the moment", "Try again in a while."),
    (3, 2): (Step.ASSOCIATION, "busy", "has as many associations as it allows", "Try again in a while."),
}
"""By source and diagnostic of an A-ASSOCIATE-RJ (PS3.8 9.3.4)."""


def rejection(node: Node, result: int | None, source: int | None, diagnostic: int | None) -> NetworkFailure:
    """Return what a rejected association means (PS3.8 9.3.4)."""
    if known := REJECTIONS.get((source or 0, diagnostic or 0)):
        step, cause, what, remedy = known
    else:
        step, cause, what = Step.ASSOCIATION, "rejected", "rejected the association without a reason"
        remedy = "Its log may tell; often an AE title or an address is not known there."
    how = "for now" if result == 2 and cause != "busy" else ""
    sentence = f"{node.name} {what.format(calling=node.calling, called=node.ae_title)} {how}".strip()
    return NetworkFailure(f"{sentence}.", step=step, cause=cause, remedy=remedy)


@contextlib.contextmanager
def _watched(association: Association, stop: threading.Event | None) -> Iterator[None]:
    """Abort the association as soon as ``stop`` is set."""
    if stop is None:
        yield
        return
    over = threading.Event()

    def watch() -> None:
        # the end of the block is not kept waiting, a stop is seen within a tenth of a second
        while not over.wait(0.1):
            if stop.is_set():
                if association.is_established:
                    association.abort()
                # whoever waits for an answer is told that none will come
                association.dimse.msg_queue.put((None, None))
                return

    watcher = threading.Thread(target=watch, name="association stop", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def ended(association: Association, node: Node) -> NetworkFailure:
    """Return why an association that was established is no more."""
    connection = association.dul.socket
    failure = connection.failure if isinstance(connection, PeerSocket) else None
    if isinstance(failure, TimeoutError) or (
        association.is_aborted and failure is None and not association.is_released
    ):
        return NetworkFailure(
            f"{node.name} stopped answering, or ended the conversation.",
            step=Step.TRANSFER,
            cause="aborted",
            remedy="What had arrived is kept; try again for the rest.",
        )
    return NetworkFailure(
        f"The connection to {node.name} broke.",
        step=Step.TRANSFER,
        cause="broken",
        remedy="What had arrived is kept; try again for the rest.",
    )
