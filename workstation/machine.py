"""What the program runs on and how much memory it takes, without any name of person or place."""

from __future__ import annotations

import os
import platform
import sys
from functools import cache
from pathlib import Path
from typing import Any

PACKAGES = ("PySide6-Essentials", "numpy", "pydicom", "imagecodecs", "numba", "pyqtgraph", "scipy")


def facts() -> dict[str, Any]:
    """Return processors, memory, system and versions."""
    return {
        "cpus": cpus(),
        "processor": _processor(),
        "memory_bytes": memory_bytes(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": _versions(),
    }


def cpus() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@cache
def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as stream:
            named = next((line for line in stream if line.startswith("model name")), "")
    except OSError:
        named = ""
    return named.partition(":")[2].strip() or platform.processor() or platform.machine()


@cache
def memory_bytes() -> int:
    """Return the memory of the machine, or of the group of processes this one is confined to; 0 where unknown."""
    if sys.platform == "win32":
        return _windows_memory()
    try:
        installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 0
    allowed = _number_in("/sys/fs/cgroup/memory.max") or _number_in("/sys/fs/cgroup/memory/memory.limit_in_bytes")
    return min(installed, allowed) if allowed else installed


def _number_in(path: str) -> int:
    try:
        text = Path(path).read_text(encoding="ascii").strip()
    except OSError:
        return 0
    return int(text) if text.isdigit() else 0


def resident_bytes() -> int:
    """Return the memory this process holds now; the most it held where only that is known."""
    if sys.platform == "win32":
        return _windows_process()[0]
    try:
        with open("/proc/self/statm", encoding="ascii") as stream:
            return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return peak_bytes()


def peak_bytes() -> int:
    """Return the most memory this process has held."""
    if sys.platform == "win32":
        return _windows_process()[1]
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _windows_memory() -> int:
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "free", "page", "page_free", "virtual", "v_free", "x")),
        )

    status = Status(length=ctypes.sizeof(Status))
    ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined,unused-ignore]
    return int(status.total)


def _windows_process() -> tuple[int, int]:
    """Return the working set now and at its peak."""
    import ctypes

    class Counters(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("faults", ctypes.c_ulong),
            *((name, ctypes.c_size_t) for name in ("peak", "now", "a", "b", "c", "d", "e", "f")),
        )

    counters = Counters(length=ctypes.sizeof(Counters))
    windows = ctypes.windll  # type: ignore[attr-defined,unused-ignore]
    windows.kernel32.GetCurrentProcess.restype = ctypes.c_void_p
    process = ctypes.c_void_p(windows.kernel32.GetCurrentProcess())
    windows.kernel32.K32GetProcessMemoryInfo(process, ctypes.byref(counters), counters.length)
    return int(counters.now), int(counters.peak)
