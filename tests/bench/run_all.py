"""Runs every row, each in its own process, and tells all ratios in one table: ``make bench ARGS="--quick"``.

Exit code 0 unless a row crashed; with ``--strict`` also 1 where a ratio misses what it must reach.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
ORDER = (
    "scan",
    "open",
    "first_image",
    "decode",
    "window_paint",
    "scroll",
    "orthogonal",
    "oblique",
    "slab",
    "memory",
    "start",
    "library",
    "receive",
    "send",
    "retrieve",
    "remote_image",
    "differ",
)
"""Rows that are not named here come last."""
PACKAGES = (
    "numpy", "numba", "imagecodecs", "pydicom", "PySide6-Essentials", "pyqtgraph", "scipy", "SimpleITK", "vtk",
    "dicomsdl", "python-gdcm", "dcm2niix",
)  # fmt: skip
LONGEST = 1800
"""Seconds a row may take."""
LAST_LINES = 40
"""Lines of what a crashed row said."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure everything against the limit and the peers.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help="only these, for example: scan open")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller data: a look, not a figure")
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--strict", action="store_true", help="exit code 1 where a ratio is missed")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench", help="folder for the JSON")
    options = parser.parse_args()
    found = rows()
    unknown = [name for name in options.rows if name not in found]
    if unknown:
        parser.error(f"no row {', '.join(unknown)}; there are {', '.join(found)}")
    report: dict[str, Any] = {"machine": machine(), "quick": options.quick, "rows": []}
    begin = time.perf_counter()
    for name in options.rows or found:
        report["rows"].append(one_row(name, options))
    report["seconds"] = round(time.perf_counter() - begin, 1)
    sys.stdout.write("\n" + table(report) + "\n")
    options.out.mkdir(parents=True, exist_ok=True)
    target = options.out / f"bench-{time.strftime('%Y%m%d-%H%M%S')}.json"
    target.write_text(json.dumps(report, indent=1))
    sys.stdout.write(f"{target}\n")
    crashed = any(row["crashed"] for row in report["rows"])
    missed = any(line["holds"] is False for row in report["rows"] for line in row["lines"])
    sys.exit(1 if crashed or (options.strict and missed) else 0)


def rows() -> list[str]:
    """Return the names of the rows there are, in the order of the table."""
    there = {path.stem.removeprefix("row_") for path in HERE.glob("row_*.py")}
    return [*(name for name in ORDER if name in there), *sorted(there.difference(ORDER))]


def one_row(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Run one row's program; what it prints is seen as it comes."""
    with tempfile.TemporaryDirectory(prefix="workstation-bench-") as folder:
        answer = Path(folder) / "row.json"
        command = [sys.executable, str(HERE / f"row_{name}.py"), "--json", str(answer)]
        command += ["--quick"] if options.quick else []
        command += ["--rounds", str(options.rounds)] if options.rounds else []
        sys.stdout.write(f"--- {name}\n")
        sys.stdout.flush()
        # an installed program has its bytecode: rows that start programs must not compile at every start
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        begin = time.perf_counter()
        # libraries complain at length about streams they do not know: kept aside, and told where a row crashed
        told = Path(folder) / "stderr"
        with told.open("wb") as stderr:
            try:
                code = subprocess.run(command, env=environment, cwd=ROOT, timeout=LONGEST, stderr=stderr).returncode
            except subprocess.TimeoutExpired:
                code = -1
        seconds = round(time.perf_counter() - begin, 1)
        result: dict[str, Any] = {"row": name, "lines": [], "notes": []}
        if answer.exists():
            result = json.loads(answer.read_text())
        crashed = code != 0 or not answer.exists()
        if crashed:
            why = f"took more than {LONGEST} s" if code == -1 else f"ended with code {code}"
            result["notes"] = [*result["notes"], why]
            sys.stdout.write("\n".join(told.read_text(errors="replace").splitlines()[-LAST_LINES:]) + "\n")
        return {**result, "seconds": seconds, "crashed": crashed}


def table(report: dict[str, Any]) -> str:
    """Return all ratios as one table with a count at its end."""
    lines, counts = [], {"ok": 0, "MISSED": 0, "": 0}
    for row in report["rows"]:
        for line in row["lines"]:
            verdict = {True: "ok", False: "MISSED", None: ""}[line["holds"]]
            counts[verdict] += 1
            lines.append(f"{line['row']:14} {line['measure']:66} {_number(line):>12} {_asked(line):>9} {verdict}")
        lines += [f"{row['row']:14} {note}" for note in row["notes"]]
        if row["crashed"]:
            lines.append(f"{row['row']:14} CRASHED")
    crashed = sum(row["crashed"] for row in report["rows"])
    told = [f"{counts['ok']} ok", f"{counts['MISSED']} missed", f"{counts['']} only told"]
    told += [f"{crashed} crashed"] if crashed else []
    quick = " (quick: a look, not figures)" if report["quick"] else ""
    return "\n".join([*(line.rstrip() for line in lines), f"{', '.join(told)} in {report['seconds']:.0f} s{quick}"])


def _number(line: dict[str, Any]) -> str:
    return f"{line['value']:.3g} {line['unit']}"


def _asked(line: dict[str, Any]) -> str:
    if line["most"] is not None:
        return f"<= {line['most']:g}"
    return "" if line["least"] is None else f">= {line['least']:g}"


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "date": time.strftime("%Y-%m-%dT%H:%M:%S"),
        "commit": commit(),
        "cpus": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "load": round(statistics.fmean(os.getloadavg()[:2]), 2),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": versions,
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def commit() -> str:
    """Return the commit measured, with a mark where files differ from it; empty outside a checkout."""
    try:
        told = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    except OSError:
        return ""
    return told.stdout.strip()


if __name__ == "__main__":
    main()
