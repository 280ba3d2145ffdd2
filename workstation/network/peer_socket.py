"""Sockets of associations: prompt, bounded in what they believe, and with the reason of their end kept (A35).

pynetdicom reads as many bytes as a peer's PDU header declares, up to 4 GiB, four kilobytes at a time, with the
kernel holding small packets back. These sockets refuse a PDU that is longer than any we agreed to, wait a bounded
time for its bytes, and send at once.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from pynetdicom import evt
from pynetdicom.transport import AddressInformation, AssociationSocket

from workstation.network.transport import make_prompt

if TYPE_CHECKING:
    from pynetdicom.transport import T_CONNECT

NEGOTIATION_LIMIT: Final = 1 << 20
"""More than any negotiation needs: 128 presentation contexts with all syntaxes are a tenth of it."""
LINGERING: Final = 0.005
"""Seconds that an answer is waited for at a time, see :meth:`PeerSocket.attentive`."""
SECURE_LINGERING: Final = 0.0005
"""The same where this thread also has to send what others write."""
PULSE: Final = 0.1
"""Seconds after which a writer that waits asks whether it still should."""
_QUICKACK: Final[int | None] = getattr(socket, "TCP_QUICKACK", None)


class PduTooLong(OSError):
    """A peer declares a PDU longer than may be sent to us."""


class _Parcel:
    """Bytes that one thread has another one send."""

    def __init__(self, pdus: memoryview, give_up: Callable[[], bool]) -> None:
        self._pdus, self._give_up = pdus, give_up
        self._over = threading.Event()
        self._failure: OSError | None = None

    def deliver(self, write: Callable[[memoryview, Callable[[], bool]], None]) -> None:
        """Send them, in the thread that may."""
        try:
            write(self._pdus, self._give_up)
        except OSError as error:
            self._failure = error
        finally:
            self._over.set()

    def wait(self, is_alive: Callable[[], bool]) -> None:
        """Wait until they are sent.

        Raises
        ------
        OSError
        """
        while not self._over.wait(PULSE):
            if self._give_up() or not is_alive():
                raise OSError("the connection is closed")
        if self._failure is not None:
            raise self._failure


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
        self._sending = threading.Lock()
        self._lingering = 0.0
        self._woken: socket.socket | None = None
        self._parcel: _Parcel | None = None
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

    @property
    def ready(self) -> bool:
        """Tell whether there is something to read; inside :meth:`attentive` wait a moment for it."""
        parcel, self._parcel = self._parcel, None
        if parcel is not None:
            parcel.deliver(self._write_whole)
        elif self._lingering and self.socket is not None:
            with contextlib.suppress(OSError, ValueError):
                # a connection that was closed meanwhile is told of below
                woken = self._woken
                heard = [self.socket, woken] if woken is not None else [self.socket]
                if woken in select.select(heard, [], [], self._lingering)[0] and woken is not None:
                    woken.recv(4096)
        return bool(super().ready)

    @contextlib.contextmanager
    def attentive(self) -> Iterator[None]:
        """Take up what comes as it comes, and what the association says as it is said, not a millisecond later."""
        reactor = self.assoc.dul
        delay, reactor._run_loop_delay = reactor._run_loop_delay, 0
        put = reactor.send_pdu

        def send_pdu(primitive: Any) -> None:
            put(primitive)
            with contextlib.suppress(OSError):  # it ended meanwhile, and looks often enough again
                wakes.send(b"!")

        self._woken, wakes = socket.socketpair()
        reactor.send_pdu = send_pdu  # type: ignore[method-assign]
        self._lingering = LINGERING if not isinstance(self.socket, ssl.SSLSocket) else SECURE_LINGERING
        try:
            yield
        finally:
            self._lingering = 0.0
            del reactor.send_pdu
            reactor._run_loop_delay = delay
            woken, self._woken = self._woken, None
            wakes.close()
            woken.close()

    def write(self, pdus: memoryview, give_up: Callable[[], bool]) -> None:
        """Send whole PDUs past the state machine, which would copy each of them several times.

        ``give_up`` is asked while the peer takes nothing.

        Raises
        ------
        OSError
            Also where the peer takes nothing for as long as the patience lasts; the association is of no use then.
        """
        if isinstance(self.socket, ssl.SSLSocket):
            # one of OpenSSL's connections must not be read and written by two threads at a time
            self._parcel = parcel = _Parcel(pdus, give_up)
            parcel.wait(self.assoc.dul.is_alive)
        else:
            self._write_whole(pdus, give_up)

    def _write_whole(self, pdus: memoryview, give_up: Callable[[], bool]) -> None:
        try:
            with self._sending:
                self._write(self._open_socket(), pdus, give_up)
        except (OSError, ValueError) as error:
            # ValueError: the state machine closed it between a look and the other
            self.failure = self._alert() or (error if isinstance(error, OSError) else OSError(str(error)))
            self.event_queue.put("Evt17")
            raise self.failure from error

    def _write(self, connection: socket.socket, left: memoryview, give_up: Callable[[], bool]) -> None:
        end = time.monotonic() + self._patience
        while left:
            if connection.fileno() < 0:
                raise OSError("the connection is closed")
            if not select.select([], [connection], [], PULSE)[1]:
                if give_up() or time.monotonic() > end:
                    raise TimeoutError("the peer takes nothing")
                continue
            left = left[connection.send(left) :]
            end = time.monotonic() + self._patience
        self._acknowledge(connection)

    def send(self, bytestream: bytes) -> None:
        """Send all bytes; a failure ends the association."""
        try:
            connection = self._open_socket()
            with self._sending:
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
