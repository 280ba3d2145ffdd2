"""Machine code for the few loops that need it; until it is there, whoever calls uses numpy.

Kernels are plain functions in the ``kernels`` modules, declared with their signatures. numba turns them into machine
code once, in a process of its own because compiling holds the interpreter for seconds, and keeps it in the cache
folder; later starts load it in half a second on a thread.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation import log

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

ARGUMENT = "--compile-kernels"
MOST_THREADS = 4
"""Threads for one image: more of them only wait for the memory."""
LONGEST = 300
"""Seconds the compiling process may take."""

_LOG = log.get("compiled")
_kernels: list[Kernel] = []
_helpers: list[Callable[..., Any]] = []
_loading = threading.Lock()
_pool_lock = threading.Lock()
_pool: ThreadPoolExecutor | None = None


class Kernel:
    """A function that will be machine code. Call it only when :attr:`ready`; it releases the GIL."""

    __slots__ = ("_code", "function", "ready", "signatures")

    def __init__(self, function: Callable[..., Any], signatures: tuple[str, ...]) -> None:
        self.function, self.signatures = function, signatures
        self.ready = False
        self._code: Callable[..., Any] | None = None

    def __call__(self, *arguments: Any) -> Any:
        """Run the machine code; arguments must be of one of the signatures."""
        assert self._code is not None, f"{self.function.__name__} is not compiled yet"
        return self._code(*arguments)

    def load(self, jit: Callable[..., Any]) -> None:
        """Compile, or take from the cache."""
        self._code = jit(list(self.signatures), nogil=True, cache=True, error_model="numpy")(self.function)
        self.ready = True


def kernel(*signatures: str) -> Callable[[Callable[..., Any]], Kernel]:
    """Declare a kernel with the signatures it is compiled for, in numba's notation."""

    def declare(function: Callable[..., Any]) -> Kernel:
        made = Kernel(function, signatures)
        _kernels.append(made)
        return made

    return declare


def helper(function: Callable[..., Any]) -> Callable[..., Any]:
    """Declare a function that kernels of its module call."""
    _helpers.append(function)
    return function


def load(folder: Path) -> None:
    """Make every declared kernel ready, from the cache in ``folder`` where it is there.

    Compiling holds the interpreter for seconds: a program with a window calls :func:`load_when_compiled`.
    """
    with _loading:
        if all(each.ready for each in _kernels):
            return
        import numba

        folder.mkdir(parents=True, exist_ok=True)
        vars(numba.config)["CACHE_DIR"] = str(folder)
        for each in _helpers:
            each.__globals__[each.__name__] = numba.njit(nogil=True, inline="always")(each)
        _helpers.clear()
        for one in _kernels:
            if not one.ready:
                one.load(numba.njit)


def readiness() -> tuple[int, int]:
    """Return how many of the kernels declared so far are machine code, and how many there are."""
    return sum(each.ready for each in _kernels), len(_kernels)


def load_when_compiled(folder: Path) -> bool:
    """Have the kernels compiled by another process if need be, then load them; return whether they are ready.

    Takes seconds at the first start of a version and half a second later: call it on a thread.
    """
    stamp = folder / f"{_version()}.done"
    try:
        if not stamp.exists():
            shutil.rmtree(folder, ignore_errors=True)  # what another version left
            _compile_elsewhere()
            folder.mkdir(parents=True, exist_ok=True)
            stamp.touch()
        load(folder)
    except Exception as error:
        # numpy goes on serving: slower, never wrong
        _LOG.warning("kernels are not available: %s", type(error).__name__)
        return False
    return True


def _compile_elsewhere() -> None:
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "workstation"]
    subprocess.run(
        [*program, ARGUMENT],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=LONGEST,
        check=True,
    )


def _version() -> str:
    """Name what the cached code was made from: sources, Python, machine."""
    digest = hashlib.sha256(f"{sys.version}|{platform.machine()}|{platform.node()}".encode())
    sources = {each.function.__code__.co_filename for each in _kernels}
    for name in sorted(sources) if not getattr(sys, "frozen", False) else [sys.executable]:
        status = os.stat(name)
        digest.update(f"{name}|{status.st_size}|{status.st_mtime_ns}".encode())
    return digest.hexdigest()[:16]


def threads() -> int:
    """Return how many threads share the work on one image."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(available, MOST_THREADS))


def in_bands(count: int, work: Callable[[int, int], object], *, least: int = 1) -> None:
    """Call ``work(start, stop)`` for bands that together are ``range(count)``, one per thread, and wait.

    ``least`` is the smallest band worth a thread; the first band is done by the caller.
    """
    bands = max(1, min(threads(), count // max(least, 1)))
    ends = [count * band // bands for band in range(bands + 1)]
    others = [_executor().submit(work, ends[band], ends[band + 1]) for band in range(1, bands)]
    try:
        work(ends[0], ends[1])
    finally:
        for other in others:
            other.result()


def _executor() -> ThreadPoolExecutor:
    global _pool
    with _pool_lock:
        if _pool is None:
            from concurrent.futures import ThreadPoolExecutor

            _pool = ThreadPoolExecutor(max_workers=MOST_THREADS, thread_name_prefix="band")
        return _pool
