"""The first image of some paths from a process of its own, while the window is still being put together.

A start spends most of its time importing. A second process imports what an image needs while the first imports
what a window needs; the picture it sends is drawn by the same stages and replaced by the pane's own as soon as
that is there.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO, Any

ARGUMENT = "--first-look"
LARGEST = 64 << 20
"""Bytes a first look may have; a larger picture is left to the pane."""


@dataclass(frozen=True, slots=True)
class FirstLook:
    """Pixels as 32-bit RGB (row after row), and the (row, column) size of a pixel in a common unit."""

    rows: int
    columns: int
    aspect: tuple[float, float]
    rgb32: bytes


class FirstLookProcess:
    """Asks a second process for the first image. It is started before there is anyone to give the picture to."""

    def __init__(self, paths: Sequence[str]) -> None:
        program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "workstation"]
        self._process = subprocess.Popen(
            [*program, ARGUMENT, *paths],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._thread: threading.Thread | None = None
        self.done = threading.Event()
        """Set when the picture has been handed over, or there is none."""

    def deliver_to(self, deliver: Callable[[FirstLook], None]) -> None:
        """Call ``deliver``, on a thread, when the picture comes."""
        self._thread = threading.Thread(target=self._read, args=(deliver,), name="first look", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the process; a picture that has not come by now is not needed any more."""
        self._process.kill()
        self._process.wait()
        if self._thread is not None:
            self._thread.join(2)
        elif self._process.stdout is not None:
            self._process.stdout.close()

    def _read(self, deliver: Callable[[FirstLook], None]) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            look = receive(stream)
        if look is not None:
            deliver(look)
        self.done.set()


def receive(stream: IO[bytes]) -> FirstLook | None:
    """Read a look from a stream; None if it ends early or is not one."""
    try:
        head = json.loads(stream.readline(1000))
        rows, columns = int(head["rows"]), int(head["columns"])
        aspect = (float(head["aspect"][0]), float(head["aspect"][1]))
    except (ValueError, KeyError, TypeError, IndexError):
        return None
    size = rows * columns * 4
    if not 0 < size <= LARGEST:
        return None
    rgb32 = stream.read(size)
    return FirstLook(rows, columns, aspect, rgb32) if len(rgb32) == size else None


def send(paths: Sequence[str], stream: IO[bytes]) -> bool:
    """Write the first image under some paths to a stream; return whether there was one."""
    look = first_look(paths)
    if look is None:
        return False
    head = {"rows": look.rows, "columns": look.columns, "aspect": look.aspect}
    stream.write(json.dumps(head).encode() + b"\n" + look.rgb32)
    stream.flush()
    return True


def first_look(paths: Sequence[str]) -> FirstLook | None:
    """Return the first image that opening these paths will show, as it will be shown first."""
    from workstation.dicom.scan import Found, scan
    from workstation.errors import WorkstationError
    from workstation.loading.collection import Collection

    for item in scan(paths):
        if not isinstance(item, Found) or not item.instance.has_pixels:
            continue
        collection = Collection()
        collection.add(item)
        catalogue = collection.snapshot(finished=True)
        stacks = [stack for stack in catalogue.ordered_stacks() if stack.kind == "image" and stack.frames]
        try:
            return _look(catalogue, stacks[0]) if stacks else None
        except WorkstationError:
            return None  # the pane will say what is wrong with it
    return None


def _look(catalogue: Any, stack: Any) -> FirstLook | None:
    from workstation.imaging.rgb32 import rgb32_of
    from workstation.loading.fetch import Fetcher

    shown = Fetcher(lambda: catalogue, lambda key: None).shown(stack.frames[0].ref)
    display = shown.display(shown.pipeline(None, inverted=False))
    rows, columns = display.shape[:2]
    if rows * columns * 4 > LARGEST:
        return None
    return FirstLook(rows, columns, shown.aspect, rgb32_of(display).tobytes())
