"""DIMSE commands as an answering application reads and writes them (PS3.7 6.3.1 and E): Implicit VR Little Endian."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from workstation.network.upper_layer import ProtocolFault, uid

C_STORE, C_ECHO, C_CANCEL, N_EVENT_REPORT = 0x0001, 0x0030, 0x0FFF, 0x0100
RESPONSE: Final = 0x8000
NO_DATA_SET: Final = 0x0101
COMMAND_LIMIT: Final = 1 << 16
"""Bytes of a command set: a hundred times what any needs."""


@dataclass(frozen=True, slots=True)
class Command:
    """A request of a peer; UIDs are as it wrote them."""

    field: int
    message_id: int
    has_data_set: bool
    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    event_type: int = 0


def decode(encoded: bytes) -> Command:
    """Read a command set.

    Raises
    ------
    ProtocolFault
    """
    values: dict[int, bytes] = {}
    place = 0
    while place < len(encoded):
        if place + 8 > len(encoded):
            raise ProtocolFault("sent a command that ends too early")
        group, element, length = struct.unpack_from("<HHI", encoded, place)
        place += 8
        if place + length > len(encoded):
            raise ProtocolFault("sent a command that ends too early")
        if group == 0x0000:
            values[element] = encoded[place : place + length]
        place += length

    def number(element: int, otherwise: int | None = None) -> int:
        value = values.get(element, b"")
        if len(value) == 2:
            return int.from_bytes(value, "little")
        if otherwise is None:
            raise ProtocolFault(f"sent a command without element (0000,{element:04X})")
        return otherwise

    return Command(
        number(0x0100),
        number(0x0110, 0),
        number(0x0800, NO_DATA_SET) != NO_DATA_SET,
        uid(values.get(0x0002, values.get(0x0003, b""))),
        uid(values.get(0x1000, values.get(0x1001, b""))),
        number(0x1002, 0),
    )


def encode_response(request: Command, status: int, comment: str = "") -> bytes:
    """Return the command set that answers a request; ``comment`` is told with a failure, 64 characters of ASCII."""
    elements = [
        (0x0100, _short(request.field | RESPONSE)),
        (0x0120, _short(request.message_id)),
        (0x0800, _short(NO_DATA_SET)),
        (0x0900, _short(status)),
    ]
    if request.sop_class_uid:
        elements.insert(0, (0x0002, _padded(request.sop_class_uid.encode("ascii"), b"\0")))
    if comment:
        elements.append((0x0902, _padded(comment.encode("ascii", "replace")[:64], b" ")))
    if request.sop_instance_uid:
        elements.append((0x1000, _padded(request.sop_instance_uid.encode("ascii"), b"\0")))
    if request.field == N_EVENT_REPORT:
        elements.append((0x1002, _short(request.event_type)))
    body = b"".join(struct.pack("<HHI", 0, element, len(value)) + value for element, value in elements)
    return struct.pack("<HHII", 0, 0, 4, len(body)) + body


def _short(value: int) -> bytes:
    return struct.pack("<H", value)


def _padded(value: bytes, by: bytes) -> bytes:
    return value + by * (len(value) % 2)
