"""ZIP archives with traditional encryption, which the standard library reads but cannot write."""

from __future__ import annotations

import zlib
from pathlib import Path
from struct import pack


def _crc(value: int, byte: int) -> int:
    # One step of CRC-32 on a raw register, from zlib's finished values.
    return (value >> 8) ^ _RAW[(value ^ byte) & 0xFF]


def _raw_table() -> list[int]:
    table = []
    for index in range(256):
        value = index
        for _ in range(8):
            value = (value >> 1) ^ (0xEDB88320 if value & 1 else 0)
        table.append(value)
    return table


_RAW = _raw_table()


def _encrypt(data: bytes, password: bytes, check: int) -> bytes:
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte: int) -> None:
        keys[0] = _crc(keys[0], byte)
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = _crc(keys[2], keys[1] >> 24)

    for byte in password:
        update(byte)
    out = bytearray()
    for byte in bytes(11) + bytes([check]) + data:
        mask = (keys[2] & 0xFFFF) | 2
        out.append(byte ^ ((mask * (mask ^ 1)) >> 8 & 0xFF))
        update(byte)
    return bytes(out)


def write_encrypted(path: Path, name: str, data: bytes, password: bytes) -> None:
    """Write an archive with one stored, encrypted member."""
    crc = zlib.crc32(data)
    body = _encrypt(data, password, crc >> 24)
    raw = name.encode()
    common = pack("<HHHHHLLLHH", 20, 1, 0, 0, 0, crc, len(body), len(data), len(raw), 0)
    local = b"PK\x03\x04" + common + raw + body
    central = b"PK\x01\x02" + pack("<H", 20) + common + pack("<HHHLL", 0, 0, 0, 0, 0) + raw
    end = b"PK\x05\x06" + pack("<HHHHLLH", 0, 0, 1, 1, len(central), len(local), 0)
    path.write_bytes(local + central + end)
