"""Time and memory from process start to the first image on a real screen, interleaved with peers.

Usage: first_image.py FOLDER --rounds 5 --peer NAME=COMMAND ... (``{}`` in a command is the folder).
Needs Xvfb, openbox and libX11. Each round starts every program once, in turn; the moment of the first image is
when the middle of the screen first looks, to nine parts in ten, as it does at the end.
"""

from __future__ import annotations

import argparse
import ctypes
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
Area = tuple[int, int, int, int]
MIDDLE = (700, 350, 300, 200)


class Eye:
    """Looks at a small part of the screen: a whole screen dump would take the processor from what is measured."""

    def __init__(self, display: str) -> None:
        self._x11 = ctypes.CDLL("libX11.so.6")
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        self._x11.XDefaultRootWindow.argtypes = [ctypes.c_void_p]
        self._x11.XDefaultRootWindow.restype = ctypes.c_ulong
        self._x11.XGetImage.restype = ctypes.POINTER(_Image)
        self._x11.XGetImage.argtypes = [
            ctypes.c_void_p, ctypes.c_ulong, *[ctypes.c_int] * 2, *[ctypes.c_uint] * 2, ctypes.c_ulong, ctypes.c_int
        ]  # fmt: skip
        self._x11.XFree.argtypes = [ctypes.c_void_p]
        self._display = self._x11.XOpenDisplay(display.encode())
        self._root = self._x11.XDefaultRootWindow(self._display)

    def look(self, area: Area) -> np.ndarray:
        """Return the green of every pixel of an area, int16 [row, column]."""
        image = self._x11.XGetImage(self._display, self._root, *area, 0xFFFFFFFF, 2)
        content = image.contents
        size = content.bytes_per_line * content.height
        pixels = np.frombuffer(ctypes.string_at(content.data, size), np.uint8)
        seen = pixels.reshape(content.height, -1, 4)[:, : content.width, 1].astype(np.int16)
        self._x11.XFree(content.data)
        self._x11.XFree(ctypes.cast(image, ctypes.c_void_p))
        return seen


class _Image(ctypes.Structure):
    """The first members of XImage (Xlib.h)."""

    _fields_ = (
        ("width", ctypes.c_int),
        ("height", ctypes.c_int),
        ("xoffset", ctypes.c_int),
        ("format", ctypes.c_int),
        ("data", ctypes.c_void_p),
        ("byte_order", ctypes.c_int),
        ("bitmap_unit", ctypes.c_int),
        ("bitmap_bit_order", ctypes.c_int),
        ("bitmap_pad", ctypes.c_int),
        ("depth", ctypes.c_int),
        ("bytes_per_line", ctypes.c_int),
    )


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


def one_start(command: list[str], display: str, seconds: float, keep: Path | None, area: Area) -> tuple[float, int]:
    """Start a program and return (seconds to its first image, PSS in MB then)."""
    eye = Eye(display)
    blank = eye.look(area)
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "WORKSTATION_HOME": tempfile.mkdtemp()}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode
    begin = time.perf_counter()
    program = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    frames: list[tuple[float, np.ndarray, int]] = []
    while (now := time.perf_counter() - begin) < seconds:
        seen = eye.look(area)
        if not frames or not np.array_equal(seen, frames[-1][1]):
            frames.append((now, seen, pss(program.pid)))
        time.sleep(0.01)
    os.killpg(program.pid, signal.SIGKILL)
    program.wait(10)
    final = frames[-1][1]
    if keep is not None:
        np.save(keep, final.astype(np.uint8))
    picture = image_area(final, blank)
    for moment, frame, memory in frames:
        if picture.sum() > 60 and np.mean(np.abs(frame[picture] - final[picture]) < 24) > 0.9:
            return moment, memory
    return float("nan"), frames[-1][2]


def image_area(final: np.ndarray, blank: np.ndarray) -> np.ndarray:
    """Return where the picture is: where no plain background is, nor what was there before."""
    values, counts = np.unique(final, return_counts=True)
    common = values[counts > 0.08 * final.size]
    return ~np.isin(final, common) & (np.abs(final - blank) > 8)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=9)
    parser.add_argument("--peer", action="append", default=[])
    parser.add_argument("--area", action="append", default=[], help="NAME=X,Y,WIDTH,HEIGHT of a program's picture")
    parser.add_argument("--keep", help="folder for the last screens, to look at")
    options = parser.parse_args()
    programs = {"workstation": [sys.executable, "-m", "workstation", options.folder]}
    for peer in options.peer:
        name, _, command = peer.partition("=")
        programs[name] = [part.replace("{}", options.folder) for part in shlex.split(command)]
    areas: dict[str, Area] = {}
    for each in options.area:
        name, _, numbers = each.partition("=")
        areas[name] = tuple(int(number) for number in numbers.split(","))  # type: ignore[assignment]
    display = f":{90 + os.getpid() % 100}"
    server = subprocess.Popen(["Xvfb", display, "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp", "-noreset"])
    time.sleep(1)
    manager = subprocess.Popen(["openbox"], env={**os.environ, "DISPLAY": display})
    time.sleep(0.5)
    results: dict[str, list[tuple[float, int]]] = {name: [] for name in programs}
    try:
        for _ in range(options.rounds):
            for name, command in programs.items():
                keep = Path(options.keep) / f"{name}.npy" if options.keep else None
                area = areas.get(name, MIDDLE)
                results[name].append(one_start(command, display, options.seconds, keep, area))
                time.sleep(0.3)
    finally:
        manager.kill()
        server.kill()
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
