"""Each compressed transfer syntax: a folder of 100 slices decoded into its volume, against libraries that can.

A peer opens the same folder into one sorted array in a process of its own. While a volume is being decoded a loop
windows and paints 60 times a second, as a hand on the mouse would have it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from harness import Bench, Peer, Seconds, backed, kernels, percentile
from row_open import ours
from series import compressed

from workstation import compiled
from workstation.geometry.stack import Stack
from workstation.loading.volume_builder import build_volume

WANTED = {
    "RLE": 2.0,
    "JPEG lossless SV1": 2.0,
    "JPEG-LS": 2.0,
    "JPEG 2000 lossless": 1.2,
    "HTJ2K": 2.0,
    "JPEG baseline": 2.0,
    "JPEG extended": 2.0,
}
MODULES = {"dicomsdl": "dicomsdl", "simpleitk": "SimpleITK", "gdcm": "gdcm", "pylibjpeg": "pydicom"}
SLOW = 4.0
"""A peer that takes so many times ours in the first round is not timed again: it is not the best."""
ROUNDS, ROUNDS_OF_SHORT = 5, 15
SHORT = 0.15
"""Seconds of a route below which a median of five says little."""
FRAME = 1 / 60
ALONE = " alone"


def on_threads(count: int, route: Callable[[], object]) -> None:
    """Run with so many threads for one image."""
    kept, compiled.threads = compiled.threads, lambda: count
    try:
        route()
    finally:
        compiled.threads = kept


def one_syntax(bench: Bench, name: str, least: float, peers: dict[str, Peer], alone: dict[str, Peer]) -> Path:
    made = compressed(None, name, slices=20 if bench.quick else 100)
    routes: dict[str, Callable[[], object]] = {
        "ours": partial(ours, made.folder),
        "ours, 1 thread": partial(on_threads, 1, partial(ours, made.folder)),
    }
    ours(made.folder)
    begin = time.perf_counter()
    ours(made.folder)
    took_us = time.perf_counter() - begin
    limit = SLOW * took_us + 0.5
    for peer, process in peers.items():
        try:
            took = float(process(peer, made.folder))
        except RuntimeError as error:
            bench.note(f"{name}: {peer} cannot: {str(error)[:80]}")
            continue
        if took < limit:
            routes[peer] = partial(_call, process, peer, made.folder)
            routes[f"{peer}{ALONE}"] = partial(_call, alone[peer], peer, made.folder)
    ready = partial(backed, 4 * len(made.files) * 512 * 512 * 2)
    rounds = 3 if bench.quick else ROUNDS_OF_SHORT if took_us < SHORT else ROUNDS
    times = bench.interleave(routes, name=name, rounds=rounds, before=ready)
    for end, mine, title in (("", "ours", "ours, 2 threads"), (ALONE, "ours, 1 thread", "ours, 1 thread")):
        others = {peer: times[f"{peer}{end}"] for peer in peers if f"{peer}{end}" in times}
        if not others:
            continue
        best = min(others, key=lambda peer: others[peer])
        if end:
            bench.say(f"{name}: {title} / {best} on one processor", times[mine] / others[best], most=1.1)
        else:
            bench.say(f"{name}: {best} (best peer) / {title}", others[best] / times[mine], least=least)
    return made.folder


def _call(process: Peer, peer: str, folder: Path) -> Seconds:
    return process(peer, folder)


class Paint:
    """A loop that windows and paints a 512 x 512 slice on 1000 x 1000 pixels, 60 times a second."""

    def __init__(self) -> None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        from PySide6.QtGui import QGuiApplication, QImage, QPainter

        self._app = QGuiApplication.instance() or QGuiApplication([])
        self._image, self._painter = QImage, QPainter
        self._canvas = QImage(1000, 1000, QImage.Format.Format_RGB32)
        self._slice = np.random.default_rng(0).integers(-1000, 1000, (512, 512)).astype(np.int16)

    def frames(self, seconds: float) -> list[float]:
        """Return how long each frame took, from the moment it was due."""
        took, due, end = [], time.perf_counter(), time.perf_counter() + seconds
        while (now := time.perf_counter()) < end:
            if now < due:
                time.sleep(due - now)
            self._frame()
            took.append(time.perf_counter() - due)
            due = max(due + FRAME, time.perf_counter())
        return took

    def _frame(self) -> None:
        grey = np.clip((self._slice + 160) * 0.6375, 0, 255).astype(np.uint8)
        image = self._image(grey.data, 512, 512, 512, self._image.Format.Format_Grayscale8)
        painter = self._painter(self._canvas)
        painter.drawImage(self._canvas.rect(), image)
        painter.end()


def smoothness(bench: Bench, folders: dict[str, Path]) -> None:
    """Compare frame times at rest and while volumes are decoded one after the other."""
    paint = Paint()
    paint.frames(0.5)
    idle, busy = [], {name: [] for name in folders}  # type: ignore[var-annotated]
    for _ in range(3):
        idle += paint.frames(2)
        for name, folder in folders.items():
            stack = stack_of(folder)
            stop = threading.Event()
            worker = threading.Thread(target=_decode_until, args=(stack, stop))
            worker.start()
            busy[name] += paint.frames(1 if bench.quick else 2)
            stop.set()
            worker.join()
    base = percentile(idle, 0.99)
    bench.note(f"a frame at rest takes {np.median(idle) * 1e3:.2f} ms, p99 {base * 1e3:.2f} ms")
    for name, took in busy.items():
        bench.say(f"60 Hz paint loop, p99 while decoding / at rest: {name}", percentile(took, 0.99) / base, most=3.0)


def stack_of(folder: Path) -> Stack:
    from row_open import House

    house = House()
    house.volume(folder)
    stack = house.catalogue.ordered_stacks()[0]  # type: ignore[union-attr]
    house.close()
    return stack


def _decode_until(stack: Stack, stop: threading.Event) -> None:
    from workstation.loading.volume_builder import StoppedError

    while not stop.is_set():
        try:
            build_volume(stack, stopped=stop.is_set)
        except StoppedError:
            return


def main() -> None:
    bench = Bench("decode")
    kernels()
    present = bench.peers(*MODULES.values())
    peers = {name: Peer("peers_open") for name, module in MODULES.items() if module in present}
    alone = {name: Peer("peers_open", cores=1) for name in peers}
    folders = {name: one_syntax(bench, name, least, peers, alone) for name, least in WANTED.items()}
    for peer in (*peers.values(), *alone.values()):
        peer.close()
    smoothness(bench, folders)
    bench.finish()


if __name__ == "__main__":
    main()
