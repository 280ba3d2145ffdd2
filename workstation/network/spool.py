"""Where objects from peers wait for the library: the bytes as they came, whole, under a hash (A24, G12).

A file is written beside its place, renamed and put on the disk: what is killed leaves a ``.part``, never half an
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
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workstation.errors import WorkstationError
from workstation.network.part10 import LONGEST_HEAD, object_of_file

ENDING: Final = ".dcm"
UNFINISHED: Final = ".part"
SPARE: Final = 64 << 20
"""Bytes that stay free on the disk of the spool."""
RENAMES_OPEN_FILES: Final = os.name == "posix"
ABANDONED: Final = 600.0
"""Seconds without a byte after which a file that is being written is nobody's any more."""
RECOUNT: Final = 0.5
"""Seconds after which what waits is counted again, where it seemed too much: others take files away."""
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
    repeated: bool = False
    """Whether the same bytes were waiting already."""


class Spool:
    """A folder of objects that came over the network, safe to be used from several threads and processes."""

    def __init__(self, folder: Path, *, quota: int | None = None, total: int | None = None, sync: bool = True) -> None:
        """Make the folder.

        ``quota`` bounds the bytes of one object, ``total`` those of all that wait. ``sync`` puts each file on the
        disk before it is told as kept; without it a power cut may lose what a peer believes stored.
        """
        self.folder = folder
        self.quota = quota
        self.total = total
        self._sync = sync
        self._counted = -RECOUNT
        self._used = 0
        self._made: set[Path] = set()
        folder.mkdir(parents=True, exist_ok=True)
        if total is not None:
            self._used = sum(size for _time, _path, size in self._files())

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
        path, digest, size, repeated = self._write(itertools.chain((head,), pieces))
        return Kept(path, digest, size, sop_class_uid, sop_instance_uid, transfer_syntax_uid, repeated)

    def keep_file(self, pieces: Iterable[bytes | memoryview]) -> Kept:
        """Write a whole file as it comes, if it is one of DICOM (PS3.10 7.1), and name it.

        Raises
        ------
        NotDicom
            If it does not say which object it is.
        SpoolFull
        OSError
        """
        stream = iter(pieces)
        head = bytearray()
        while len(head) < LONGEST_HEAD and (piece := next(stream, None)) is not None:
            head += piece
        uids = object_of_file(bytes(head))
        path, digest, size, repeated = self._write(itertools.chain((bytes(head),), stream))
        return Kept(path, digest, size, *uids, repeated)

    def _write(self, pieces: Iterable[bytes | memoryview]) -> tuple[Path, str, int, bool]:
        part = self.folder / f"{secrets.token_hex(12)}{UNFINISHED}"
        engine, size, begun = hashlib.sha256(), 0, True
        try:
            with part.open("xb", buffering=0) as target:
                for piece in pieces:
                    size += len(piece)
                    self._demand_room(size)
                    engine.update(piece)
                    rest = memoryview(piece)
                    while rest:  # a disk that is nearly full takes a part without a word
                        rest = rest[target.write(rest) :]
                if not RENAMES_OPEN_FILES:
                    self._put_on_disk(target.fileno())
                    target.close()
                digest = engine.hexdigest()
                path = self.folder / digest[:2] / f"{digest[2:]}{ENDING}"
                repeated = self._place(part, path)
                begun = False
                if RENAMES_OPEN_FILES:
                    # name and content in one go: twice as fast as asking the file system for each
                    try:
                        self._put_on_disk(target.fileno())
                    except OSError:
                        if not repeated:
                            path.unlink(missing_ok=True)
                        raise
        finally:
            if begun:
                with contextlib.suppress(OSError):
                    part.unlink()
        self._used += 0 if repeated else size
        return path, digest, size, repeated

    def _place(self, part: Path, path: Path) -> bool:
        """Give a file its name, and tell whether there was one of that content."""
        if path.parent not in self._made:
            path.parent.mkdir(exist_ok=True)
            self._made.add(path.parent)
        repeated = path.exists()
        try:
            os.replace(part, path)
        except FileNotFoundError:
            # somebody tidied up meanwhile
            path.parent.mkdir(exist_ok=True)
            os.replace(part, path)
        return repeated

    def waiting(self) -> list[Path]:
        """Return every whole file, the oldest first."""
        return [path for _time, path, _size in sorted(self._files())]

    def release(self, path: Path) -> None:
        """Forget a file that somebody else keeps now; one that was moved away is forgotten already.

        Raises
        ------
        ValueError
            If it is no file of this spool.
        """
        if path.suffix != ENDING or path.parent.parent != self.folder:
            raise ValueError("no file of this spool")
        path.unlink(missing_ok=True)

    def is_whole(self, path: Path) -> bool:
        """Tell whether a file is what its name says; a power cut before its sender was answered may have torn it."""
        engine = hashlib.sha256()
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                engine.update(piece)
        return engine.hexdigest() == path.parent.name + path.stem

    def _put_on_disk(self, descriptor: int) -> None:
        if self._sync:
            os.fsync(descriptor)

    def _files(self) -> Iterator[tuple[int, Path, int]]:
        """Yield time, path and size of each whole file; some may be taken away meanwhile."""
        for path in self.folder.glob(f"??/*{ENDING}"):
            with contextlib.suppress(FileNotFoundError):
                status = path.stat()
                yield status.st_mtime_ns, path, status.st_size

    def clear_unfinished(self, older_than: float = ABANDONED) -> int:
        """Remove what was begun and not ended by a program that is gone; return how many files there were.

        ``older_than`` is for how many seconds nobody wrote to it: others may be writing here at the same time.
        """
        removed, now = 0, time.time()
        for path in self.folder.glob(f"*{UNFINISHED}"):
            with contextlib.suppress(FileNotFoundError):
                if now - path.stat().st_mtime >= older_than:
                    path.unlink()
                    removed += 1
        return removed

    def _demand_room(self, size: int) -> None:
        if self.quota is not None and size > self.quota:
            raise SpoolFull("The object is larger than what may be received.")
        if self.total is not None and self._used + size > self.total:
            self._recount()
            if self._used + size > self.total:
                raise SpoolFull("What has arrived and waits is as much as may.")
        if size > SPARE // 8 and shutil.disk_usage(self.folder).free < SPARE:
            raise SpoolFull("The disk has no room for the object.")

    def _recount(self) -> None:
        now = time.monotonic()
        if now - self._counted >= RECOUNT:
            self._counted = now
            self._used = sum(size for _time, _path, size in self._files())


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


def _element(number: int, vr: bytes, value: bytes) -> bytes:
    head = struct.pack("<HH", 0x0002, number) + vr
    if vr in _EXPLICIT_LONG:
        return head + struct.pack("<HI", 0, len(value)) + value
    return head + struct.pack("<H", len(value)) + value


def _uid(text: str) -> bytes:
    value = text.encode("ascii", "replace")[:64]
    return value + b"\0" * (len(value) % 2)
