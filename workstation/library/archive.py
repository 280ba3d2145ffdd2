"""Files copied into the library: under the hash of their content, never under a name from the data (A24)."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from workstation.dicom.sources import file_size, open_stream, read_some
from workstation.library.store import LibraryError, reason_of

if TYPE_CHECKING:
    from workstation.dicom.identity import Locator

PIECE: Final = 1 << 20
ENDING: Final = ".dcm"
UNFINISHED: Final = ".part"
SPARE: Final = 8 << 20
"""Bytes that stay free on the library's disk."""
ABANDONED: Final = 3600.0
"""Seconds without a byte after which a file that is being copied is nobody's any more."""


def stored_path(files: Path, digest: str) -> Path:
    """Return where content of this SHA-256 lies: spread over folders, as one of 200,000 files is slow to list."""
    return files / digest[:2] / f"{digest[2:]}{ENDING}"


def keep(locator: Locator, files: Path) -> Path:
    """Copy a file byte for byte and return where it lies; it is on the disk when this returns.

    Content that is there already is not written again.

    Raises
    ------
    LibraryError
        When it cannot be written, the original is untouched then; what was begun is removed.
    WorkstationError
        When it cannot be read.
    """
    with open_stream(locator) as source:
        part = files / f"{secrets.token_hex(12)}{UNFINISHED}"
        try:
            _demand_room(files, file_size(locator))
            digest, size = _copied(source, part, locator)
            path = stored_path(files, digest)
            if path.exists() and path.stat().st_size == size:
                return path
            path.parent.mkdir(exist_ok=True)
            os.replace(part, path)
        except OSError as error:
            raise LibraryError(
                f"{locator.name} could not be copied ({reason_of(error)}); it stays where it is."
            ) from error
        finally:
            with contextlib.suppress(OSError):
                part.unlink()
    return path


def adopt(locator: Locator, files: Path) -> Path:
    """Take over a whole file that nobody else keeps and return where it lies; it is still where it came from, too.

    On one file system nothing is written but a second name (a hard link), elsewhere it is copied. Whoever calls removes
    the first name when the index knows the second: whatever ends the program in between, the file is found again.

    Raises
    ------
    LibraryError
    WorkstationError
    """
    with open_stream(locator) as source:
        engine, size = hashlib.sha256(), 0
        while piece := read_some(source, PIECE, locator):
            engine.update(piece)
            size += len(piece)
    path = stored_path(files, engine.hexdigest())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.link(locator.path, path)
    except FileExistsError:
        return path if path.stat().st_size == size else keep(locator, files)
    except (OSError, NotImplementedError):  # another file system, or one without hard links
        return keep(locator, files)
    return path


def _demand_room(files: Path, size: int) -> None:
    """Refuse to fill a disk to its last byte: the index still has to say what was copied."""
    files.mkdir(parents=True, exist_ok=True)
    room = shutil.disk_usage(files)
    if room.total and room.free < size + SPARE:  # some network folders tell nothing
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _copied(source: BinaryIO, part: Path, locator: Locator) -> tuple[str, int]:
    """Copy to the end and onto the disk; return the SHA-256 and how many bytes there were."""
    engine, size = hashlib.sha256(), 0
    with part.open("xb") as target:  # buffered: a disk that is nearly full takes part of a write without a word
        while piece := read_some(source, PIECE, locator):
            engine.update(piece)
            target.write(piece)
            size += len(piece)
        target.flush()
        os.fsync(target.fileno())
    return engine.hexdigest(), size


def clear_unfinished(files: Path, older_than: float = ABANDONED) -> int:
    """Remove what imports left that did not end, not what one beside this is just writing; return how many."""
    left = [path for path in files.glob(f"*{UNFINISHED}") if path.is_file()] if files.is_dir() else []
    removed = 0
    for path in left:
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime >= older_than:
                path.unlink()
                removed += 1
    return removed


def stored(files: Path) -> list[Path]:
    """Return every file that was copied."""
    return sorted(path for path in files.glob(f"??/*{ENDING}") if path.is_file()) if files.is_dir() else []
