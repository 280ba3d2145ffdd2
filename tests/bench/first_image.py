"""Time and memory from process start to the first image on a real screen, interleaved with peers.

Usage: first_image.py FOLDER --rounds 5 --peer NAME=COMMAND ... (``{}`` in a command is the folder).
Needs Xvfb, openbox and xwd. Each round starts every program once, in turn; the moment of the first image is
when the middle of the screen first looks, to nine parts in ten, as it does at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

WIDTH, HEIGHT = 1600, 1000
STEP = 4


def screen(display: str) -> np.ndarray:
    """Return the screen as a small grey picture."""
    dump = subprocess.run(["xwd", "-root", "-silent", "-display", display], capture_output=True, check=True).stdout
    header = int.from_bytes(dump[:4], "big")
    colors = int.from_bytes(dump[76:80], "big")
    pixels = np.frombuffer(dump, np.uint8, offset=header + colors * 12)[: WIDTH * HEIGHT * 4]
    return pixels.reshape(HEIGHT, WIDTH, 4)[::STEP, ::STEP, 1].astype(np.int16)


def tree(pid: int) -> list[int]:
    """Return a process and all below it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += children.get(one, [])
    return found


def pss(pid: int) -> int:
    """Return the proportional memory of a process tree in MB."""
    total = 0
    for one in tree(pid):
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total // 1024


def one_start(command: list[str], display: str, seconds: float, keep: Path | None) -> tuple[float, int]:
    """Start a program and return (seconds to its first image, PSS in MB then)."""
    blank = screen(display)
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "WORKSTATION_HOME": tempfile.mkdtemp()}
    begin = time.perf_counter()
    program = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    frames: list[tuple[float, np.ndarray, int]] = []
    while (now := time.perf_counter() - begin) < seconds:
        frames.append((now, screen(display), pss(program.pid)))
        time.sleep(0.02)
    os.killpg(program.pid, signal.SIGKILL)
    program.wait()
    final = frames[-1][1]
    if keep is not None:
        np.save(keep, final.astype(np.uint8))
    picture = image_area(final, blank)
    for moment, frame, memory in frames:
        if picture.sum() > 400 and np.mean(np.abs(frame[picture] - final[picture]) < 24) > 0.9:
            return moment, memory
    return float("nan"), frames[-1][2]


def image_area(final: np.ndarray, blank: np.ndarray) -> np.ndarray:
    """Return where the picture is: the middle of the screen, where neither background nor plain widget is."""
    rows, columns = final.shape
    mask = np.zeros(final.shape, bool)
    mask[rows // 5 : rows * 4 // 5, columns // 3 : columns * 4 // 5] = True
    values, counts = np.unique(final[mask], return_counts=True)
    common = values[counts > 0.04 * mask.sum()]
    return mask & ~np.isin(final, common) & (np.abs(final - blank) > 8)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=9)
    parser.add_argument("--peer", action="append", default=[])
    parser.add_argument("--keep", help="folder for the last screens, to look at")
    options = parser.parse_args()
    programs = {"workstation": [sys.executable, "-m", "workstation", options.folder]}
    for peer in options.peer:
        name, _, command = peer.partition("=")
        programs[name] = [part.replace("{}", options.folder) for part in shlex.split(command)]
    display = f":{90 + os.getpid() % 100}"
    with (
        subprocess.Popen(["Xvfb", display, "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"]) as server,
    ):
        time.sleep(1)
        manager = subprocess.Popen(["openbox"], env={**os.environ, "DISPLAY": display})
        time.sleep(0.5)
        results: dict[str, list[tuple[float, int]]] = {name: [] for name in programs}
        for _ in range(options.rounds):
            for name, command in programs.items():
                keep = Path(options.keep) / f"{name}.npy" if options.keep else None
                results[name].append(one_start(command, display, options.seconds, keep))
        manager.terminate()
        server.terminate()
    summary = {
        name: {
            "seconds": statistics.median(seconds for seconds, _ in runs),
            "pss_mb": statistics.median(memory for _, memory in runs),
            "runs": runs,
        }
        for name, runs in results.items()
    }
    ours = summary["workstation"]["seconds"]
    for name, row in summary.items():
        sys.stdout.write(
            f"{name:14} {row['seconds']:6.2f} s  {row['pss_mb']:5.0f} MB  ours/this {ours / row['seconds']:.2f}\n"
        )
    sys.stdout.write(json.dumps(summary) + "\n")


if __name__ == "__main__":
    main()
