"""A file that is whole or not there: written beside its place, put on the disk, then renamed."""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING, Final

from workstation.errors import WorkstationError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UNFINISHED: Final = ".part"


class ExportError(WorkstationError):
    """Something cannot be written out or a stamp not be read; the sentence says why."""

    code = "export"


class ExportCancelled(ExportError):
    """The user stopped it; nothing is left behind."""

    code = "cancelled"


@contextlib.contextmanager
def saved(path: Path, *, replace: bool = False) -> Iterator[Path]:
    """Give an empty file beside ``path`` to write to; it becomes ``path`` at the end and is removed after any error.

    Raises
    ------
    ExportError
        If ``path`` exists and is not to be replaced, or the system refuses to write.
    """
    refuse_existing(path, replace=replace)
    part = path.with_name(f".{secrets.token_hex(8)}{UNFINISHED}")
    try:
        part.open("xb").close()
        yield part
        with part.open("rb+") as stream:
            os.fsync(stream.fileno())
        refuse_existing(path, replace=replace)
        os.replace(part, path)
    except OSError as error:
        reason = error.strerror or str(error) or "the system refused"
        raise ExportError(f"{path.name} could not be written: {reason}.") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def refuse_existing(path: Path, *, replace: bool = False) -> None:
    """Keep what is at ``path`` unless it is to be replaced.

    Raises
    ------
    ExportError
    """
    if not replace and os.path.lexists(path):
        raise ExportError(f"{path.name} exists already and is not replaced.")
