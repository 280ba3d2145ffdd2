"""What every row of the benchmark shares: interleaved rounds, medians, ratios with what they must reach, JSON.

A row is a program: ``row_scan.py [--quick] [--rounds N] [--json FILE]``. It times every route in turn, round after
round, so that a neighbour's noise falls on all alike, and judges only ratios.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

Route = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Line:
    """One ratio and what it must reach: ``most`` at most or ``least`` at least, neither where only told."""

    row: str
    measure: str
    value: float
    most: float | None = None
    least: float | None = None
    unit: str = "x"

    @property
    def holds(self) -> bool | None:
        """Whether the line reaches what it must; None where nothing is asked."""
        if self.most is not None:
            return self.value <= self.most
        return None if self.least is None else self.value >= self.least

    def text(self) -> str:
        """Return the line of the table."""
        asked = f"<= {self.most:g}" if self.most is not None else f">= {self.least:g}" if self.least is not None else ""
        verdict = {True: "ok", False: "MISSED", None: ""}[self.holds]
        value = f"{self.value:.3g} {self.unit}"
        return f"{self.row:14} {self.measure:62} {value:>12} {asked:>9} {verdict}"


class Bench:
    """Collects the lines of one row."""

    def __init__(self, row: str) -> None:
        parser = argparse.ArgumentParser()
        parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller data: a look, not a figure")
        parser.add_argument("--rounds", type=int, default=0)
        parser.add_argument("--json", type=Path)
        self.options = parser.parse_args()
        self.row, self.quick = row, bool(self.options.quick)
        self.rounds: int = self.options.rounds or (3 if self.quick else 7)
        self.lines: list[Line] = []
        self.times: dict[str, dict[str, list[float]]] = {}

    def interleave(
        self,
        routes: Mapping[str, Route],
        *,
        name: str = "",
        rounds: int = 0,
        before: Callable[[], object] | None = None,
        warm_up: bool = True,
    ) -> dict[str, float]:
        """Time every route once per round, in turn; return the median seconds of each.

        ``before`` is called, untimed, before every single run (evict files, drop caches).
        """
        found: dict[str, list[float]] = {key: [] for key in routes}
        if warm_up:
            for route in routes.values():
                route()
        for _ in range(rounds or self.rounds):
            for key, route in routes.items():
                if before is not None:
                    before()
                gc.collect()
                begin = time.perf_counter()
                route()
                found[key].append(time.perf_counter() - begin)
        self.times[name or self.row] = found
        return {key: statistics.median(values) for key, values in found.items()}

    def say(
        self, measure: str, value: float, *, most: float | None = None, least: float | None = None, unit: str = "x"
    ) -> None:
        """Add a line and print it."""
        line = Line(self.row, measure, value, most, least, unit)
        self.lines.append(line)
        sys.stdout.write(line.text().rstrip() + "\n")
        sys.stdout.flush()

    def finish(self) -> None:
        """Write the JSON where one was asked for."""
        if self.options.json is not None:
            document = {
                "row": self.row,
                "quick": self.quick,
                "lines": [asdict(line) for line in self.lines],
                "times": self.times,
            }
            self.options.json.write_text(json.dumps(document, indent=1))


def has(module: str) -> bool:
    """Tell whether a peer is installed."""
    return find_spec(module) is not None


def evict(paths: Iterable[str | os.PathLike[str]]) -> None:
    """Drop files from the page cache, so that the next read comes from the disk."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def resident() -> int:
    """Return the resident memory of this process in bytes."""
    with open("/proc/self/statm", encoding="ascii") as stream:
        return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def kernels() -> None:
    """Load the compiled kernels, kept in a folder of their own between runs."""
    from workstation.loading.machine_code import load

    load(Path(tempfile.gettempdir()) / "workstation-bench-kernels")
