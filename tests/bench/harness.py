"""What every row of the benchmark shares: interleaved rounds, medians, ratios with what they must reach, JSON.

A row is a program: ``row_scan.py [--quick] [--rounds N] [--json FILE]``. It times every route in turn, round after
round, so that a neighbour's noise falls on all alike, and judges only ratios. Libraries that cannot share a process
(gdcm and SimpleITK; pydicom's decoders bring gdcm in) run each in a :class:`Peer`.
"""

from __future__ import annotations

import argparse
import atexit
import gc
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

Route = Callable[[], object]
HERE = Path(__file__).parent


class Seconds(float):
    """What a route returns that has timed itself, as one in another process."""


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
        self.notes: list[str] = []
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

        ``before`` is called, untimed, before every single run (evict files, drop caches). A route that returns
        :class:`Seconds` has timed itself.
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
                told = route()
                took = time.perf_counter() - begin
                found[key].append(float(told) if isinstance(told, Seconds) else took)
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

    def note(self, text: str) -> None:
        """Say something that is no ratio, as which peer is missing."""
        self.notes.append(text)
        sys.stdout.write(f"{self.row:14} {text}\n")
        sys.stdout.flush()

    def peers(self, *modules: str) -> tuple[str, ...]:
        """Return which of the peers are installed, and say which are not."""
        missing = [module for module in modules if not has(module)]
        if missing:
            self.note(f"not compared with {', '.join(missing)}: not installed")
        return tuple(module for module in modules if module not in missing)

    def finish(self) -> None:
        """Write the JSON where one was asked for."""
        if self.options.json is not None:
            document = {
                "row": self.row,
                "quick": self.quick,
                "rounds": self.rounds,
                "lines": [{**asdict(line), "holds": line.holds} for line in self.lines],
                "notes": self.notes,
                "times": self.times,
            }
            self.options.json.write_text(json.dumps(document, indent=1))


class Peer:
    """Functions of one file of this folder, in a process of their own that lives until :meth:`close`.

    ``Peer("peers_open")("simpleitk_open", folder)`` calls ``simpleitk_open(folder)`` there and returns the
    :class:`Seconds` it took there; what it returned is :attr:`answer`. Arguments and answers are what JSON can hold.
    With ``cores`` it runs on so many processors: some libraries decode one image on all of them.
    """

    def __init__(self, module: str, cores: int = 0) -> None:
        self.answer: Any = None
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "harness.py"), module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        if cores and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(self._process.pid, sorted(os.sched_getaffinity(0))[-cores:])

    def __call__(self, function: str, *arguments: Any, **named: Any) -> Seconds:
        """Run a function there.

        Raises
        ------
        RuntimeError
            If it raised, or the process died.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps([function, arguments, named], default=str) + "\n")
        stdin.flush()
        line = stdout.readline()
        if not line:
            raise RuntimeError(f"{function}: the peer's process ended with code {self._process.wait()}")
        reply = json.loads(line)
        if reply["error"]:
            raise RuntimeError(f"{function}: {reply['error']}")
        self.answer = reply["answer"]
        return Seconds(reply["seconds"])

    def close(self) -> None:
        """End the process."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait(20)

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _serve(module: str) -> None:
    """Answer the calls of a :class:`Peer`; whatever a library prints goes to stderr."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    functions = import_module(module)
    for line in sys.stdin:
        function, arguments, named = json.loads(line)
        reply: dict[str, Any] = {"answer": None, "seconds": 0.0, "error": ""}
        try:
            gc.collect()
            begin = time.perf_counter()
            answer = getattr(functions, function)(*arguments, **named)
            reply["seconds"] = time.perf_counter() - begin
            reply["answer"] = answer if isinstance(answer, (int, float, str, list, dict)) else None
        except Exception as error:  # the row tells it and goes on without this peer
            reply["error"] = f"{type(error).__name__}: {error}"
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


def again(route: Route) -> Callable[[], Seconds]:
    """Return a route that is run twice and timed the second time.

    Each waits seconds for the others: a processor that slept and memory that was given back are no part of "warm".
    """

    def twice() -> Seconds:
        route()
        begin = time.perf_counter()
        told = route()
        return told if isinstance(told, Seconds) else Seconds(time.perf_counter() - begin)

    return twice


def backed(size: int) -> None:
    """Touch as much memory as the next route needs and free it again.

    A virtual machine gives memory that was free for a while back to its host; whoever touches it first then pays
    several times what the route itself costs.
    """
    # by numpy, as the routes do it: its large arrays are made of large pages, and those are what is handed on
    import numpy as np

    np.empty(size, np.uint8)[::4096] = 1


def scratch() -> Path:
    """Return a new folder that is removed when the program ends."""
    folder = tempfile.mkdtemp(prefix="workstation-bench-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value below which ``share`` (0 to 1) of the values are."""
    ranked = sorted(values)
    return ranked[min(int(share * len(ranked)), len(ranked) - 1)]


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


if __name__ == "__main__":
    _serve(sys.argv[1])
