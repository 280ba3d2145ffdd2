"""A medium on which every file takes a while to be opened."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_slow: list[tuple[str, float, list[str]]] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _slow and event == "open" and isinstance(arguments[0], str) and arguments[0].startswith(_slow[0][0]):
        _, delay, opened = _slow[0]
        if not arguments[0].endswith("DICOMDIR"):
            opened.append(arguments[0])
        time.sleep(delay)


sys.addaudithook(_hook)


@contextmanager
def slow_medium(folder: Path, delay: float) -> Iterator[list[str]]:
    """Make every file below a folder take a while to be opened; gives the files opened so far."""
    _slow.append((str(folder), delay, []))
    try:
        yield _slow[0][2]
    finally:
        _slow.clear()
