"""How much memory there is, and how much of it images may take."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workstation import machine

LEFT_FREE = 1 << 30
"""Bytes that stay free for everything else."""
LEAST = 256 << 20
"""Bytes images may take however little there is."""
UNKNOWN = 4 << 30
"""Bytes taken for granted where the system does not tell."""
SHARE = 3
"""Images may take one part in so many of all memory."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes that loaded images take: all, the most they may, and those of volumes and of frames."""

    used: int
    budget: int
    volumes: int
    frames: int


def default_budget() -> int:
    """Return the bytes images may take: a share of all memory, never more than is free but for one GiB."""
    return max(min(total() // SHARE, available() - LEFT_FREE), LEAST)


def total() -> int:
    """Return the bytes of memory this process may use in all."""
    return machine.memory_bytes() or UNKNOWN


def available() -> int:
    """Return the bytes of memory that are free, or would be if files were not cached; half of all if unknown."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        lines = []
    found = next((line.split() for line in lines if line.startswith("MemAvailable:")), None)
    known = int(found[1]) << 10 if found is not None else total() // 2
    used = _number(Path("/sys/fs/cgroup/memory.current"))
    limited = _number(Path("/sys/fs/cgroup/memory.max")) is not None
    return known if used is None or not limited else min(known, max(total() - used, 0))


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
