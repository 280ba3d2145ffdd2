"""Sockets of associations: prompt, bounded in what they believe, and with the reason of their end kept (A35).

pynetdicom reads as many bytes as a peer's PDU header declares, up to 4 GiB, four kilobytes at a time, with the
kernel holding small packets back. These sockets refuse a PDU that is longer than any we agreed to, wait a bounded
time for its bytes, and send at once.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import TYPE_CHECKING, Any, Final

from pynetdicom import evt
from pynetdicom.transport import AddressInformation, AssociationSocket

from workstation.network.transport import make_prompt

if TYPE_CHECKING:
    from pynetdicom.transport import T_CONNECT

NEGOTIATION_LIMIT: Final = 1 << 20
"""More than any negotiation needs: 128 presentation contexts with all syntaxes are a tenth of it."""
_QUICKACK: Final[int | None] = getattr(socket, "TCP_QUICKACK", None)


class PduTooLong(OSError):
    """A peer declares a PDU longer than may be sent to us."""


class PeerSocket(AssociationSocket):
    """The socket of one association; ``failure`` is what ended it, where something did."""

    def __init__(self, assoc: Any, connection: socket.socket, *, patience: float, accepted: bool = False) -> None:
        """Take over an open connection.

        ``patience`` is how long, in seconds, the rest of a PDU or room for a sent one is waited for. ``accepted``
        says that the peer connected to us: an association requested by us tells when it is ready.
        """
        super().__init__(assoc, client_socket=connection)
        self.failure: OSError | None = None
        self._declared_limit = max(NEGOTIATION_LIMIT, assoc.ae.maximum_pdu_size + 1024)
        self._patience = patience
        if not accepted:
            # our own request starts the state machine, not the connection
            self.event_queue.get_nowait()
            self._is_connected = False
            self._ready.clear()
        make_prompt(connection)
        connection.settimeout(patience)

    def connect(self, primitive: T_CONNECT) -> None:
        """Tell the state machine that the connection is there."""
        connection = self._open_socket()
        self.assoc.requestor.address_info = AddressInformation.from_tuple(connection.getsockname())
        self._is_connected = True
        evt.trigger(self.assoc, evt.EVT_CONN_OPEN, {"address": primitive.address_info.as_tuple})
        primitive.result = "Evt2"
        self.provider_queue.put(primitive)
        self._ready.set()

    def close(self) -> None:
        """Close the connection.

        That there was one stays known: who asked for the association may look only after a quick peer has refused it
        and closed, and would take the refusal for a connection that never was.
        """
        super().close()
        self._is_connected = self.socket is None

    def recv(self, nr_bytes: int) -> bytearray:
        """Read so many bytes, or fewer where the peer closes.

        Raises
        ------
        PduTooLong
            Before anything is read, where more is declared than may come.
        OSError
        """
        if nr_bytes > self._declared_limit:
            self.failure = PduTooLong(f"a PDU of {nr_bytes} bytes is declared")
            raise self.failure
        connection = self._open_socket()
        read = bytearray(nr_bytes)
        view = memoryview(read)
        filled = 0
        try:
            while filled < nr_bytes:
                count = connection.recv_into(view[filled:])
                if not count:
                    break
                filled += count
        except OSError as error:
            self.failure = error
            raise
        view.release()
        del read[filled:]
        self._acknowledge(connection)
        return read

    def send(self, bytestream: bytes) -> None:
        """Send all bytes; a failure ends the association."""
        try:
            connection = self._open_socket()
            connection.sendall(bytestream)
            self._acknowledge(connection)
            evt.trigger(self.assoc, evt.EVT_DATA_SENT, {"data": bytestream})
        except OSError as error:
            self.failure = self._alert() or error
            self.event_queue.put("Evt17")

    def _alert(self) -> OSError | None:
        """Return what a peer said before it closed a secure connection on which we could no longer send."""
        if isinstance(self.socket, ssl.SSLSocket):
            try:
                self.socket.recv(1)
            except OSError as error:
                return error
        return None

    def _open_socket(self) -> socket.socket:
        if self.socket is None:
            raise OSError("the connection is closed")
        connection: socket.socket = self.socket
        return connection

    def _acknowledge(self, connection: socket.socket) -> None:
        """Acknowledge at once what comes next: the system forgets this after a while (Linux)."""
        if _QUICKACK is not None:
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
