"""The PDUs of an accepting application, read and written without belief in what a peer says (PS3.8 9.3, A35).

pynetdicom serves where we ask others. Where strangers connect to us this smaller half of the protocol does: a peer's
bytes land in one buffer of fixed size and are handed on from there, so nobody makes us hold more than we offered.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from workstation.network.transport import make_prompt

ASSOCIATE_RQ, ASSOCIATE_AC, ASSOCIATE_RJ, P_DATA, RELEASE_RQ, RELEASE_RP, ABORT = range(1, 8)
APPLICATION_CONTEXT: Final = "1.2.840.10008.3.1.1.1"
NEGOTIATION_LIMIT: Final = 1 << 20
"""More than any negotiation needs: 128 presentation contexts with all syntaxes are a third of it."""
HEADER: Final = 6
LINGERING: Final = 4 << 20
"""Bytes that are still read from a peer that was told the end and goes on."""
ACCEPTED, NO_ABSTRACT_SYNTAX, NO_TRANSFER_SYNTAX = 0, 3, 4
_QUICKACK: Final[int | None] = getattr(socket, "TCP_QUICKACK", None)


class ProtocolFault(Exception):
    """A peer sent what no application may send; the sentence goes on "The peer …"."""


class Gone(Exception):
    """The peer closed, aborted, or kept silent for too long; the sentence goes on "The peer …"."""


@dataclass(frozen=True, slots=True)
class ProposedContext:
    """A presentation context as a peer proposes it."""

    number: int
    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]


@dataclass(slots=True)
class AssociateRequest:
    """What an A-ASSOCIATE-RQ says. ``roles`` are (SCU, SCP) by SOP Class UID; ``largest_pdu`` 0 is without limit."""

    called: str
    calling: str
    version: int
    application_context: str = ""
    contexts: list[ProposedContext] = field(default_factory=list)
    largest_pdu: int = 0
    roles: dict[str, tuple[bool, bool]] = field(default_factory=dict)


def title(raw: bytes) -> str:
    """Return an AE title of a PDU without padding; what no title may hold becomes a backslash, so that it is none."""
    return "".join(chr(code) if 0x20 <= code < 0x7F else "\\" for code in raw.strip(b"\0 ")) or "\\"


def uid(raw: bytes) -> str:
    """Return a UID as a peer wrote it, without padding, cut to something printable."""
    return "".join(chr(code) if 0x20 < code < 0x7F else "?" for code in raw.rstrip(b"\0 ")[:128])


def decode_request(body: bytes) -> AssociateRequest:
    """Read an A-ASSOCIATE-RQ behind its header (PS3.8 9.3.2).

    Raises
    ------
    ProtocolFault
    """
    if len(body) < 68:
        raise ProtocolFault("sent an association request that ends too early")
    request = AssociateRequest(title(body[4:20]), title(body[20:36]), int.from_bytes(body[:2], "big"))
    for kind, value in _items(body, 68):
        if kind == 0x10:
            request.application_context = uid(value)
        elif kind == 0x20:
            request.contexts.append(_context(value))
        elif kind == 0x50:
            _user_information(value, request)
    if len(request.contexts) > 128:
        raise ProtocolFault("proposed more than 128 presentation contexts")
    return request


def _items(body: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    while place < len(body):
        if place + 4 > len(body):
            raise ProtocolFault("sent an association request with half an item")
        kind, length = struct.unpack_from(">BxH", body, place)
        place += 4
        if place + length > len(body):
            raise ProtocolFault("sent an association request with an item that is longer than the request")
        yield kind, body[place : place + length]
        place += length


def _context(value: bytes) -> ProposedContext:
    abstract, transfer = "", []
    for kind, name in _items(value, 4):
        if kind == 0x30:
            abstract = uid(name)
        elif kind == 0x40:
            transfer.append(uid(name))
    return ProposedContext(value[0] if value else 0, abstract, tuple(transfer))


def _user_information(value: bytes, request: AssociateRequest) -> None:
    for kind, item in _items(value, 0):
        if kind == 0x51 and len(item) == 4:
            request.largest_pdu = int.from_bytes(item, "big")
        elif kind == 0x54 and len(item) >= 4:
            length = int.from_bytes(item[:2], "big")
            if len(item) == length + 4:
                request.roles[uid(item[2:-2])] = (bool(item[-2]), bool(item[-1]))


@dataclass(frozen=True, slots=True)
class Answer:
    """How one proposed context is answered: a result, and the transfer syntax where it is accepted."""

    number: int
    result: int
    transfer_syntax: str = ""


def encode_accept(
    request_body: bytes,
    answers: list[Answer],
    *,
    largest_pdu: int,
    implementation_uid: str,
    implementation_version: str,
    roles: dict[str, tuple[bool, bool]],
) -> bytes:
    """Return an A-ASSOCIATE-AC (PS3.8 9.3.3); titles are the request's own bytes, as the Standard asks."""
    user = _item(0x51, struct.pack(">I", largest_pdu)) + _item(0x52, implementation_uid.encode())
    for name, (scu, scp) in roles.items():
        encoded = name.encode("ascii")
        user += _item(0x54, struct.pack(">H", len(encoded)) + encoded + bytes((scu, scp)))
    user += _item(0x55, implementation_version.encode())
    items = _item(0x10, APPLICATION_CONTEXT.encode())
    for answer in answers:
        syntax = _item(0x40, answer.transfer_syntax.encode("ascii"))
        items += _item(0x21, bytes((answer.number, 0, answer.result, 0)) + syntax)
    items += _item(0x50, user)
    return _pdu(ASSOCIATE_AC, struct.pack(">HH", 1, 0) + request_body[4:68] + items)


def _item(kind: int, value: bytes) -> bytes:
    return struct.pack(">BxH", kind, len(value)) + value


def _pdu(kind: int, body: bytes) -> bytes:
    return struct.pack(">BxI", kind, len(body)) + body


def encode_reject(result: int, source: int, reason: int) -> bytes:
    """Return an A-ASSOCIATE-RJ (PS3.8 9.3.4)."""
    return _pdu(ASSOCIATE_RJ, bytes((0, result, source, reason)))


def encode_abort(source: int = 2, reason: int = 0) -> bytes:
    """Return an A-ABORT (PS3.8 9.3.8), by default of the service provider."""
    return _pdu(ABORT, bytes((0, 0, source, reason)))


def encode_release() -> bytes:
    """Return an A-RELEASE-RP (PS3.8 9.3.7)."""
    return _pdu(RELEASE_RP, b"\0\0\0\0")


def encode_message(context: int, command: bytes, largest_pdu: int) -> bytes:
    """Return the P-DATA-TF PDUs of a command without a data set, none longer than the peer takes."""
    room = max(64, (largest_pdu or 1 << 16) - 6)
    out = b""
    for start in range(0, len(command), room):
        piece = command[start : start + room]
        last = 2 if start + room >= len(command) else 0
        out += _pdu(P_DATA, struct.pack(">IBB", len(piece) + 2, context, 1 | last) + piece)
    return out


class Connection:
    """One accepted connection: whole PDUs out of one buffer. Not for several threads, but for :meth:`shut`."""

    def __init__(self, connection: socket.socket, largest_pdu: int) -> None:
        self._socket = connection
        self._largest = largest_pdu
        # two PDUs, so that what came of the next one seldom has to be moved
        self._buffer = bytearray(0)
        self._view = memoryview(self._buffer)
        self._start = self._end = 0
        self.received = 0
        make_prompt(connection)

    def secure(self, connection: socket.socket) -> None:
        """Go on over the same connection, secured."""
        self._socket = connection

    def negotiation(self, patience: float) -> bytes:
        """Return the body of the peer's A-ASSOCIATE-RQ; it has to be here in ``patience`` seconds (ARTIM).

        Raises
        ------
        ProtocolFault
        Gone
        """
        end = time.monotonic() + patience
        kind, length = struct.unpack(">BxI", self._exactly(HEADER, end))
        if kind != ASSOCIATE_RQ:
            raise ProtocolFault("did not begin with an association request")
        if length > NEGOTIATION_LIMIT:
            raise ProtocolFault(f"declared an association request of {length} bytes")
        return self._exactly(length, end)

    def _exactly(self, size: int, end: float) -> bytes:
        """Read so many bytes and none of what follows, in pieces: what is only declared takes no memory."""
        out = bytearray()
        while len(out) < size:
            left = end - time.monotonic()
            if left <= 0:
                raise Gone("sent too little in the time it had")
            self._set_timeout(left)
            try:
                piece = self._socket.recv(min(size - len(out), 1 << 16))
            except TimeoutError:
                raise Gone("sent too little in the time it had") from None
            except OSError as error:
                raise Gone("lost the connection") from error
            if not piece:
                raise Gone("closed the connection")
            out += piece
            self.received += len(piece)
        return bytes(out)

    def pdu(self, idle: float, patience: float) -> tuple[int, memoryview]:
        """Return the type and body of the next PDU; the body is valid until the next call.

        ``idle`` is how long its first byte is waited for, ``patience`` how long all others may take, in seconds.

        Raises
        ------
        ProtocolFault
        Gone
        """
        if not self._buffer:
            self._buffer = bytearray(2 * (self._largest + HEADER))
            self._view = memoryview(self._buffer)
        if self._end - self._start < HEADER:
            self._fill(HEADER, idle, patience)
        kind, length = struct.unpack_from(">BxI", self._buffer, self._start)
        if not P_DATA <= kind <= ABORT:
            raise ProtocolFault("sent something that is no PDU")
        if length > self._largest or (kind != P_DATA and length != 4):
            raise ProtocolFault(f"declared a PDU of {length} bytes where {self._largest} were agreed on")
        if self._end - self._start < HEADER + length:
            self._fill(HEADER + length, idle, patience)
        start = self._start + HEADER
        self._start = start + length
        return kind, self._view[start : start + length]

    def _fill(self, size: int, idle: float, patience: float) -> None:
        """Have so many bytes in the buffer, and whatever else has come."""
        if self._start == self._end:
            self._start = self._end = 0
        elif self._start + size > len(self._buffer):
            left = self._end - self._start
            self._buffer[:left] = self._buffer[self._start : self._end]
            self._start, self._end = 0, left
        end = 0.0
        if self._start == self._end:
            self._set_timeout(idle)
        else:
            end = time.monotonic() + patience
            self._set_timeout(patience)
        while self._end - self._start < size:
            try:
                count = self._socket.recv_into(self._view[self._end :])
            except TimeoutError:
                silent = self._start == self._end
                raise Gone("kept silent for too long" if silent else "sent too little in the time it had") from None
            except OSError as error:
                raise Gone("lost the connection") from error
            if not count:
                raise Gone("closed the connection")
            self._end += count
            self.received += count
            if self._end - self._start < size:
                now = time.monotonic()
                end = end or now + patience
                if now >= end:
                    raise Gone("sent too little in the time it had")
                self._set_timeout(end - now)

    def _set_timeout(self, seconds: float) -> None:
        try:
            self._socket.settimeout(seconds)
        except OSError as error:
            raise Gone("lost the connection") from error

    def send(self, data: bytes, patience: float) -> None:
        """Send all of it.

        Raises
        ------
        Gone
        """
        try:
            self._socket.settimeout(patience)
            self._socket.sendall(data)
            if _QUICKACK is not None:
                # acknowledge at once what comes next: the system forgets this after a while (Linux)
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
        except OSError as error:
            raise Gone("took no answer") from error

    def linger(self, patience: float) -> None:
        """Wait until the peer has closed, as it has to after an answer that ends the association."""
        end, left = time.monotonic() + patience, LINGERING
        try:
            while left > 0 and (time_left := end - time.monotonic()) > 0:
                self._socket.settimeout(time_left)
                count = len(self._socket.recv(1 << 16))
                if not count:
                    return
                left -= count
        except OSError:
            return  # gone is what was waited for

    def shut(self) -> None:
        """End the connection, also under a thread that waits for it."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it ended by itself
