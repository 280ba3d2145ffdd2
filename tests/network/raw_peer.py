"""A storage SCU made of bytes, that can also do what no application may (PS3.8 9.3)."""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from typing import Self

LOOPBACK = "127.0.0.1"
VERIFICATION, CT = "1.2.840.10008.1.1", "1.2.840.10008.5.1.4.1.1.2"
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
ASSOCIATE_RQ, ASSOCIATE_AC, ASSOCIATE_RJ, P_DATA, RELEASE_RQ, RELEASE_RP, ABORT = range(1, 8)
DEFAULT_CONTEXTS = ((VERIFICATION, IMPLICIT), (CT, EXPLICIT))


class RawPeer:
    """One connection; contexts are numbered 1, 3, 5… in the order they are proposed."""

    def __init__(self, port: int, timeout: float = 10.0) -> None:
        self.socket = socket.create_connection((LOOPBACK, port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.largest = 16384

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def associate(
        self,
        contexts: Sequence[tuple[str, str]] = DEFAULT_CONTEXTS,
        *,
        called: str = "WORKSTATION",
        calling: str = "RAW",
    ) -> tuple[int, bytes]:
        """Return the type and body of the answer."""
        self.socket.sendall(request(contexts, called, calling))
        kind, body = self.receive()
        if kind == ASSOCIATE_AC:
            self.largest = struct.unpack(">I", body[body.index(b"\x51\0\0\4") + 4 :][:4])[0]
        return kind, body

    def receive(self) -> tuple[int, bytes]:
        """Return the type and body of one PDU; type 0 where the connection is closed."""
        head = self._exactly(6)
        if len(head) < 6:
            return 0, b""
        kind, length = struct.unpack(">BxI", head)
        return kind, self._exactly(length)

    def _exactly(self, size: int) -> bytes:
        out = bytearray()
        while len(out) < size:
            try:
                piece = self.socket.recv(size - len(out))
            except ConnectionResetError:
                piece = b""
            if not piece:
                break
            out += piece
        return bytes(out)

    def echo(self) -> int:
        self.socket.sendall(fragment(1, command(0x0030, VERIFICATION), 3))
        return self.status()

    def announce(self, sop_class: str, instance: str, number: int = 3) -> None:
        """Send the command of a C-STORE."""
        self.socket.sendall(fragment(number, command(0x0001, sop_class, instance), 3))

    def store(self, sop_class: str, instance: str, data: bytes, number: int = 3) -> int:
        """Send an object and return the status of the answer."""
        self.announce(sop_class, instance, number)
        room = self.largest - 6
        self.socket.sendall(
            b"".join(
                fragment(number, data[start : start + room], 2 * (start + room >= len(data)))
                for start in range(0, max(len(data), 1), room)
            )
        )
        return self.status()

    def status(self) -> int:
        """Return the status of the next response."""
        kind, body = self.receive()
        assert kind == P_DATA, f"PDU of type {kind}"
        place = body.index(b"\0\0\0\x09\2\0\0\0")
        return int(struct.unpack_from("<H", body, place + 8)[0])

    def release(self) -> None:
        self.socket.sendall(struct.pack(">BxI4x", RELEASE_RQ, 4))
        assert self.receive()[0] == RELEASE_RP


def request(contexts: Sequence[tuple[str, str]], called: str = "WORKSTATION", calling: str = "RAW") -> bytes:
    """Return an A-ASSOCIATE-RQ."""
    body = struct.pack(">HH16s16s32x", 1, 0, called.encode().ljust(16), calling.encode().ljust(16))
    body += item(0x10, b"1.2.840.10008.3.1.1.1")
    for number, (abstract, transfer) in enumerate(contexts):
        syntaxes = item(0x30, abstract.encode()) + item(0x40, transfer.encode())
        body += item(0x20, bytes(((2 * number + 1) % 256, 0, 0, 0)) + syntaxes)
    body += item(0x50, item(0x51, struct.pack(">I", 16384)) + item(0x52, b"1.2.3"))
    return struct.pack(">BxI", ASSOCIATE_RQ, len(body)) + body


def item(kind: int, value: bytes) -> bytes:
    return struct.pack(">BxH", kind, len(value)) + value


def fragment(number: int, data: bytes, header: int) -> bytes:
    """Return a P-DATA-TF of one part; ``header`` is 1 for a command, plus 2 for the last."""
    return struct.pack(">BxIIBB", P_DATA, len(data) + 6, len(data) + 2, number, header) + data


def command(field: int, sop_class: str, instance: str = "") -> bytes:
    """Return the command set of a request with message ID 1."""
    elements = [(0x0002, uid(sop_class)), (0x0100, struct.pack("<H", field)), (0x0110, b"\1\0")]
    elements += [(0x0700, b"\0\0"), (0x0800, struct.pack("<H", 1 if instance else 0x0101))]
    if instance:
        elements.append((0x1000, uid(instance)))
    body = b"".join(struct.pack("<HHI", 0, element, len(value)) + value for element, value in elements)
    return struct.pack("<HHII", 0, 0, 4, len(body)) + body


def uid(text: str) -> bytes:
    return text.encode() + b"\0" * (len(text) % 2)


def small_object(instance: str, sop_class: str = CT, more: bytes = b"") -> bytes:
    """Return a data set in Explicit VR Little Endian with two UIDs, and pixels if given."""
    out = b""
    for element, text in ((0x0016, sop_class), (0x0018, instance)):
        value = uid(text)
        out += struct.pack("<HH2sH", 8, element, b"UI", len(value)) + value
    return out + struct.pack("<HH2s2xI", 0x7FE0, 0x0010, b"OW", len(more)) + more
