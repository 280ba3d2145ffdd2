"""Where objects from peers wait for the library: the bytes as they came, whole, under a hash (A24, G12).

A file is written beside its place, put on the disk and renamed: what is killed leaves a ``.part``, never half an
object. Nothing that a peer says becomes part of a path.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import secrets
import shutil
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workstation.errors import NotDicom, WorkstationError

ENDING: Final = ".dcm"
UNFINISHED: Final = ".part"
SPARE: Final = 64 << 20
"""Bytes that stay free on the disk of the spool."""
LONGEST_META: Final = 1 << 16
"""Bytes at the beginning of a file in which its File Meta Information has to name the object."""
_EXPLICIT_LONG: Final = (b"OB", b"UN")


class SpoolFull(WorkstationError):
    """The quota, or the disk, has no room for another object."""

    code = "no_room"


@dataclass(frozen=True, slots=True)
class Kept:
    """One object on the disk; ``digest`` is the SHA-256 of the whole file, in hexadecimal."""

    path: Path
    digest: str
    size: int
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str


class Spool:
    """A folder of objects that came over the network, safe to be used from several threads and processes."""

    def __init__(self, folder: Path, *, quota: int | None = None, sync: bool = True) -> None:
        """Make the folder.

        ``quota`` bounds the bytes of one object. ``sync`` puts each file on the disk before it is
        told as kept; without it a power cut may lose what a peer believes stored.
        """
        self.folder = folder
        self.quota = quota
        self._sync = sync
        folder.mkdir(parents=True, exist_ok=True)

    def keep(
        self,
        pieces: Iterable[bytes | memoryview],
        *,
        sop_class_uid: str,
        sop_instance_uid: str,
        transfer_syntax_uid: str,
        source_title: str = "",
    ) -> Kept:
        """Write a data set as it was encoded by the peer, behind a File Meta Information of our own, and name it.

        Raises
        ------
        SpoolFull
        OSError
        """
        head = part10_head(sop_class_uid, sop_instance_uid, transfer_syntax_uid, source_title)
        path, digest, size = self._write(itertools.chain((head,), pieces))
        return Kept(path, digest, size, sop_class_uid, sop_instance_uid, transfer_syntax_uid)

    def keep_file(self, pieces: Iterable[bytes | memoryview]) -> Kept:
        """Write a whole file as it comes, if it is one of DICOM (PS3.10 7.1), and name it.

        Raises
        ------
        NotDicom
            If it has no File Meta Information that names its object.
        SpoolFull
        OSError
        """
        stream = iter(pieces)
        head = bytearray()
        while len(head) < LONGEST_META and (piece := next(stream, None)) is not None:
            head += piece
        sop_class_uid, sop_instance_uid, transfer_syntax_uid = meta_uids(head)
        path, digest, size = self._write(itertools.chain((bytes(head),), stream))
        return Kept(path, digest, size, sop_class_uid, sop_instance_uid, transfer_syntax_uid)

    def _write(self, pieces: Iterable[bytes | memoryview]) -> tuple[Path, str, int]:
        part = self.folder / f"{secrets.token_hex(12)}{UNFINISHED}"
        engine, size = hashlib.sha256(), 0
        try:
            with part.open("xb") as target:
                for piece in pieces:
                    size += len(piece)
                    self._demand_room(size)
                    engine.update(piece)
                    target.write(piece)
                target.flush()
                if self._sync:
                    os.fsync(target.fileno())
            digest = engine.hexdigest()
            path = self.folder / digest[:2] / f"{digest[2:]}{ENDING}"
            path.parent.mkdir(exist_ok=True)
            os.replace(part, path)
        finally:
            with contextlib.suppress(OSError):
                part.unlink()
        return path, digest, size

    def waiting(self) -> list[Path]:
        """Return every whole file, the oldest first."""
        return sorted(self.folder.glob(f"??/*{ENDING}"), key=lambda path: path.stat().st_mtime_ns)

    def clear_unfinished(self) -> int:
        """Remove what was begun and not ended by a program that is gone; return how many files there were."""
        left = list(self.folder.glob(f"*{UNFINISHED}"))
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def _demand_room(self, size: int) -> None:
        if self.quota is not None and size > self.quota:
            raise SpoolFull("The object is larger than what may be received.")
        if size > SPARE // 8 and shutil.disk_usage(self.folder).free < SPARE:
            raise SpoolFull("The disk has no room for the object.")


def part10_head(sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str, source_title: str = "") -> bytes:
    """Return preamble, prefix and File Meta Information (PS3.10 7.1) for a data set that follows as it is."""
    from workstation.dicom.uids import synthetic

    elements = [
        (0x0001, b"OB", b"\0\1"),
        (0x0002, b"UI", _uid(sop_class_uid)),
        (0x0003, b"UI", _uid(sop_instance_uid)),
        (0x0010, b"UI", _uid(transfer_syntax_uid)),
        (0x0012, b"UI", _uid(synthetic("workstation"))),
        (0x0013, b"SH", b"WORKSTATION "),
    ]
    if source_title:
        title = source_title.encode("ascii", "replace")[:16]
        elements.append((0x0016, b"AE", title + b" " * (len(title) % 2)))
    body = b"".join(_element(number, vr, value) for number, vr, value in elements)
    return b"\0" * 128 + b"DICM" + _element(0x0000, b"UL", struct.pack("<I", len(body))) + body


def meta_uids(head: bytes | bytearray) -> tuple[str, str, str]:
    """Return SOP Class, SOP Instance and transfer syntax that the beginning of a file names.

    Raises
    ------
    NotDicom
    """
    if head[128:132] != b"DICM":
        raise NotDicom("It is no DICOM file: the prefix is missing.")
    found: dict[int, str] = {}
    place = 132
    while place + 8 <= len(head) and head[place : place + 2] == b"\2\0":
        number = int.from_bytes(head[place + 2 : place + 4], "little")
        start, form = (place + 12, "<I") if bytes(head[place + 4 : place + 6]) in _LONG_VRS else (place + 8, "<H")
        length_at = start - struct.calcsize(form)
        if length_at + struct.calcsize(form) > len(head):
            break
        end = start + struct.unpack_from(form, head, length_at)[0]
        if number in _NAMED and end <= len(head):
            found[number] = bytes(head[start:end]).decode("ascii", "replace").strip("\0 ")
        place = end
    if not found.get(0x0003):
        raise NotDicom("It is a DICOM file whose File Meta Information does not name the object.")
    return found.get(0x0002, ""), found[0x0003], found.get(0x0010, "")


_NAMED: Final = (0x0002, 0x0003, 0x0010)
_LONG_VRS: Final = (b"OB", b"UN", b"OW", b"UT", b"SQ", b"UC", b"UR", b"OD", b"OF", b"OL", b"OV")


def _element(number: int, vr: bytes, value: bytes) -> bytes:
    head = struct.pack("<HH", 0x0002, number) + vr
    if vr in _EXPLICIT_LONG:
        return head + struct.pack("<HI", 0, len(value)) + value
    return head + struct.pack("<H", len(value)) + value


def _uid(text: str) -> bytes:
    value = text.encode("ascii", "replace")[:64]
    return value + b"\0" * (len(value) % 2)
