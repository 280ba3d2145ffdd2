"""Which file is being read, told to whoever starts next if this one does not come back (features A15).

A codec or a parser that takes the whole program with it leaves no message. The name of the file it read is in a small
file by then, written without waiting for the disk: it outlives the program, though not a power cut.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from workstation.dicom.identity import Locator
    from workstation.library.store import Library

PREFIX: Final = "reading-"
CRASHES: Final = 2
"""From so many ends of the program on a file is left out: the first may have been somebody's impatience."""
_HEADER: Final = 8


class Reading:
    """Notes each file before it is read."""

    def __init__(self, folder: Path) -> None:
        self._descriptor, name = tempfile.mkstemp(prefix=PREFIX, dir=folder)
        self._path = Path(name)
        _lock(self._descriptor)

    def note(self, locator: Locator) -> None:
        """Say that this file is read next."""
        name = name_of(locator)
        record = len(name).to_bytes(_HEADER, "little") + name
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, record)

    def close(self) -> None:
        """Nothing is being read any more."""
        os.close(self._descriptor)
        with contextlib.suppress(OSError):
            self._path.unlink()


def name_of(locator: Locator) -> bytes:
    """Return path and member of a file as bytes, from which :func:`parts_of` makes them again."""
    member = (locator.member or "").encode("utf-8", "surrogateescape")
    return os.path.abspath(os.fsencode(locator.path)) + b"\0" + member


def parts_of(name: bytes) -> tuple[bytes, str]:
    """Return (path as bytes, member)."""
    path, _, member = name.partition(b"\0")
    return path, member.decode("utf-8", "surrogateescape")


def take_stock(library: Library) -> list[bytes]:
    """Count the files that were being read when the program ended; return the paths of those now left out."""
    names = []
    for left in sorted(library.folder.glob(f"{PREFIX}*")):
        with contextlib.suppress(OSError), left.open("r+b") as stream:
            if not _lock(stream.fileno()):
                continue
            record = stream.read()
            length = int.from_bytes(record[:_HEADER], "little")
            if 0 < length <= len(record) - _HEADER:
                names.append(record[_HEADER : _HEADER + length])
        with contextlib.suppress(OSError):
            left.unlink()
    if names:
        library.write(
            lambda connection: connection.executemany(
                """INSERT INTO quarantine (path, member, crashes, since) VALUES (?, ?, 1, ?)
                   ON CONFLICT (path, member) DO UPDATE SET crashes = crashes + 1""",
                [(*parts_of(name), time.time()) for name in names],
            )
        )
    left_out = quarantined(library)
    return [path for path, member in map(parts_of, names) if (path, member) in left_out]


def quarantined(library: Library) -> frozenset[tuple[bytes, str]]:
    """Return (path, member) of every file that is left out."""
    rows = library.query("SELECT path, member FROM quarantine WHERE crashes >= ?", (CRASHES,))
    return frozenset((bytes(row["path"]), str(row["member"])) for row in rows)


def release(library: Library, path: bytes, member: str = "") -> None:
    """Let a file be read again."""
    library.write(lambda c: c.execute("DELETE FROM quarantine WHERE path = ? AND member = ?", (path, member)))


def _lock(descriptor: int) -> bool:
    """Hold a file for as long as this program lives; False where another does."""
    if sys.platform == "win32":
        return True  # there nobody can open for writing, nor remove, what another holds open
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
