"""One C-STORE after another over an association, data sets as they are encoded (PS3.7 9.3.1, PS3.8 9.3.5, G10).

pynetdicom decodes a file and encodes it again, and copies each fragment several times on its way through the state
machine. Here the command is made of its few elements, and the data set's bytes go from the file into PDUs as large as
the peer takes. The association stays pynetdicom's: it negotiates, reads the answers, ends.
"""

from __future__ import annotations

import contextlib
import queue
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from pynetdicom.dimse_primitives import C_STORE

from workstation.network.association import ended
from workstation.network.failures import Cancelled, NetworkFailure, Step
from workstation.network.peer_socket import PULSE, PeerSocket

if TYPE_CHECKING:
    from pynetdicom.association import Association

    from workstation.network.nodes import Node

LARGEST_PDU: Final = 1 << 18
"""What is sent at most in one PDU, whatever more the peer would take."""
AT_ONCE: Final = 1 << 20
"""Bytes read and handed to the system at a time."""
_PDU, _PDV = struct.Struct(">BxL"), struct.Struct(">LBB")
_HEADS: Final = _PDU.size + _PDV.size
_MESSAGE_IDS: Final = 1 << 16


class CutShort(OSError):
    """A file gave fewer bytes than it had when it was looked at."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a peer says to one object; ``comment`` is its own words (0000,0902), empty in most cases."""

    status: int
    comment: str = ""


class Courier:
    """Sends objects over one association, see :func:`courier`."""

    def __init__(self, association: Association, node: Node, stop: threading.Event) -> None:
        connection = association.dul.socket
        assert isinstance(connection, PeerSocket)
        self._association, self._node, self._stop, self._socket = association, node, stop, connection
        largest = min(association.acceptor.maximum_length or LARGEST_PDU, LARGEST_PDU)
        self._payload = max(largest - _PDV.size, 2) // 2 * 2
        count = max(1, AT_ONCE // (self._payload + _HEADS))
        self._buffer = memoryview(bytearray(count * (self._payload + _HEADS)))
        self._message_id = 0

    def store(
        self, context_id: int, sop_class_uid: str, sop_instance_uid: str, data_set: BinaryIO, length: int
    ) -> Answer:
        """Send one object and wait for what the peer says.

        ``data_set`` stands at the first of ``length`` bytes, encoded as the presentation context asks.

        Raises
        ------
        NetworkFailure
            If there is no answer, or none that can be understood; the association is of no use after it.
        Cancelled
        CutShort
            If the file ends early; the association is of no use after it either.
        """
        self._message_id = self._message_id % (_MESSAGE_IDS - 1) + 1
        command = store_command(sop_class_uid, sop_instance_uid, self._message_id)
        try:
            self._send(context_id, command, data_set, length)
        except CutShort:
            raise
        except OSError as error:
            if self._stop.is_set():
                raise Cancelled from error
            raise ended(self._association, self._node) from error
        return self._answer()

    def _send(self, context_id: int, command: bytes, data_set: BinaryIO, length: int) -> None:
        buffer, payload = self._buffer, self._payload
        at = 0
        for start in range(0, len(command), payload):
            piece = command[start : start + payload]
            at = self._head(at, context_id, len(piece), 1 | 2 * (start + payload >= len(command)))
            buffer[at : at + len(piece)] = piece
            at += len(piece)
        left = length
        while True:
            if at + _HEADS + min(payload, left) > len(buffer):
                self._socket.write(buffer[:at], self._stop.is_set)
                at = 0
            size = min(payload, left)
            at = self._head(at, context_id, size, 2 * (size == left))
            read = data_set.readinto(buffer[at : at + size])  # type: ignore[attr-defined]
            if read != size:
                raise CutShort("the file ends early")
            at += size
            left -= size
            if not left:
                break
        self._socket.write(buffer[:at], self._stop.is_set)

    def _head(self, at: int, context_id: int, size: int, control: int) -> int:
        """Write the heads of a PDU with one fragment, return where the fragment goes (PS3.8 9.3.5, E.2)."""
        _PDU.pack_into(self._buffer, at, 4, size + _PDV.size)
        _PDV.pack_into(self._buffer, at + _PDU.size, size + 2, context_id, control)
        return at + _HEADS

    def _answer(self) -> Answer:
        answer = self._wait()
        if answer is None:
            raise self._no_answer()
        if (
            not isinstance(answer, C_STORE)
            or answer.MessageIDBeingRespondedTo != self._message_id
            or answer.Status is None
        ):
            raise NetworkFailure(
                f"{self._node.name} answered an object with something that is no answer to it.",
                step=Step.TRANSFER,
                cause="answer",
                remedy="Try again for this object.",
            )
        return Answer(int(answer.Status), _plain(answer.ErrorComment))

    def _wait(self) -> object:
        """Return the next message, None where the association ended or the time is over."""
        end = time.monotonic() + self._node.answer_timeout
        while not self._stop.is_set():
            try:
                return self._association.dimse.msg_queue.get(timeout=min(PULSE, max(0.0, end - time.monotonic())))[1]
            except queue.Empty:
                if time.monotonic() >= end:
                    return None
        raise Cancelled

    def _no_answer(self) -> NetworkFailure:
        if self._association.acse.is_aborted():
            return ended(self._association, self._node)
        return NetworkFailure(
            f"{self._node.name} did not answer within {self._node.answer_timeout:g} s.",
            step=Step.TRANSFER,
            cause="timeout",
            remedy="Whether it has the object is not known; try again, or wait longer for its answers.",
        )


@contextlib.contextmanager
def courier(association: Association, node: Node, stop: threading.Event) -> Iterator[Courier]:
    """Have an association for sending alone: nothing else takes its answers meanwhile."""
    going = association._reactor_checkpoint
    going.clear()
    try:
        # whatever the reactor was about to do is done when it waits
        while not association._is_paused and association.is_alive():
            stop.wait(0.0005)
        sender = Courier(association, node, stop)
        with sender._socket.attentive():
            yield sender
    finally:
        going.set()


def store_command(sop_class_uid: str, sop_instance_uid: str, message_id: int) -> bytes:
    """Return the command set of a C-STORE-RQ of medium priority (PS3.7 9.3.1.1), Implicit VR Little Endian."""
    body = b"".join(
        struct.pack("<HHL", 0x0000, number, len(value)) + value
        for number, value in (
            (0x0002, _uid(sop_class_uid)),
            (0x0100, b"\x01\x00"),
            (0x0110, struct.pack("<H", message_id)),
            (0x0700, b"\x00\x00"),
            (0x0800, b"\x01\x00"),
            (0x1000, _uid(sop_instance_uid)),
        )
    )
    return struct.pack("<HHLL", 0x0000, 0x0000, 4, len(body)) + body


def _uid(text: str) -> bytes:
    value = text.encode("ascii", "replace")
    return value + b"\0" * (len(value) % 2)


def _plain(comment: str | None) -> str:
    """Return a peer's words without anything that is no printable character, and not more than it may say (LO)."""
    return "".join(one for one in comment or "" if one.isprintable())[:64].strip()
