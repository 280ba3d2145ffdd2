"""Files copied into the library: under the hash of their content, never under a name from the data (A24)."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workstation.dicom.sources import open_stream, read_some
from workstation.library.store import LibraryError, reason_of

if TYPE_CHECKING:
    from io import FileIO

    from workstation.dicom.identity import Locator

PIECE: Final = 1 << 20
ENDING: Final = ".dcm"
UNFINISHED: Final = ".part"
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
            engine = hashlib.sha256()
            with _new(part) as target:
                while piece := read_some(source, PIECE, locator):
                    engine.update(piece)
                    target.write(piece)
                path = stored_path(files, engine.hexdigest())
                if path.exists():
                    return path
                target.flush()
                os.fsync(target.fileno())
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


def _new(path: Path) -> FileIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("xb", buffering=0)


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
