"""A small file that is whole or not there, and one that is held for as long as a program lives."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_FAR = 1 << 30
"""Where Windows locks a byte of a file: beyond what is in it, so that it can be read."""


def write_whole(path: Path, text: str) -> None:
    """Write a file beside its place, put it on the disk, and rename it.

    Raises
    ------
    OSError
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def hold(descriptor: int) -> bool:
    """Hold an open file until it is closed, also by the end of the program; False where another holds it."""
    if sys.platform == "win32":
        import msvcrt

        try:
            os.lseek(descriptor, _FAR, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class NewestWriter:
    """Hands the newest of several texts to a function, on a thread that lives as long as there is one."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write_one = write
        self._newest: str | None = None
        self._idle = threading.Condition()
        self._busy = False

    def write(self, text: str) -> None:
        """Have this text written soon, unless a newer one comes before."""
        with self._idle:
            self._newest = text
            if self._busy:
                return
            self._busy = True
        threading.Thread(target=self._run, name="newest writer", daemon=True).start()

    def wait(self, seconds: float = 5.0) -> None:
        """Wait until the newest is written."""
        with self._idle:
            self._idle.wait_for(lambda: not self._busy, seconds)

    def _run(self) -> None:
        while True:
            with self._idle:
                text, self._newest = self._newest, None
                if text is None:
                    self._busy = False
                    self._idle.notify_all()
                    return
            try:
                self._write_one(text)
            except BaseException:
                # a fault here must not end all saving to come
                with self._idle:
                    self._busy = False
                    self._idle.notify_all()
                raise
