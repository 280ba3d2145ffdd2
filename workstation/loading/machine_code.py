"""Brings in every kernel there is: here the rooms that have some are known."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from workstation import compiled
from workstation.paths import cache_folder


def kernel_folder() -> Path:
    """Return where compiled kernels are kept."""
    return cache_folder() / "kernels"


def load(folder: Path | None = None) -> None:
    """Compile every kernel, or load it from the cache; takes seconds the first time."""
    _declare()
    compiled.load(folder or kernel_folder())


def prepare(then: Callable[[], object] = lambda: None) -> threading.Thread:
    """Load the kernels on a thread, compiled by another process if they are not yet; ``then`` is called there."""

    def work() -> None:
        _declare()
        if compiled.load_when_compiled(kernel_folder()):
            then()

    thread = threading.Thread(target=work, name="kernels", daemon=True)
    thread.start()
    return thread


def _declare() -> None:
    import workstation.geometry.kernels
    import workstation.imaging.kernels  # noqa: F401
