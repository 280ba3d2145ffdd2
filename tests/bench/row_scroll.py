"""Holding the key down through 500 slices that are in memory: painted frames per second and the longest wait.

Key presses come as fast as the program takes them, one after another as an autorepeating keyboard's do, through the
window's own shortcuts; a frame counts when it has been painted.
"""

from __future__ import annotations

import time
from typing import Any

from harness import Bench, kernels, percentile
from real_window import RealWindow, on_xvfb
from row_window_paint import square
from series import native_ct, small_files

SLICES = 500


def main() -> None:
    bench = Bench("scroll")
    on_xvfb("2400x1300x24")
    window = RealWindow()
    kernels()
    slices = 200 if bench.quick else SLICES
    window.open(native_ct(slices=slices).folder)
    window.settle()
    square(window)
    hold(window, slices)
    window.settle()
    pane = window.pane
    assert len(pane.loaded.of(pane.workspace.stack(0))) == slices, "the slices do not fit in memory"
    for corner_text in (2, 0):
        window.window.settings.set("corner_text", corner_text)
        window.rest(0.3)
        told(bench, [hold(window, slices) for _ in range(3)], "" if corner_text else ", corner text off")
    window.window.settings.set("corner_text", 2)
    others = small_files(count=5000).folder
    runs = []
    for _ in range(3):
        window.open(others)
        runs.append(hold(window, slices, least=2.0))
        window.settle()
    told(bench, runs, ", 5,000 files being opened")
    bench.finish()
    window.close()


def told(bench: Bench, runs: list[list[float]], named: str) -> None:
    """Judge by the middle one of some runs, by the rate; the longest wait is that of all."""
    ranked = sorted(runs, key=lambda gaps: len(gaps) / sum(gaps))
    gaps = ranked[len(ranked) // 2]
    bench.times[f"frames{named}"] = {str(n): each for n, each in enumerate(runs)}
    bench.say(f"painted frames per second{named}", len(gaps) / sum(gaps), least=60, unit="/s")
    bench.say(f"longest wait for a frame{named}", max(max(each) for each in runs) * 1000, most=50, unit="ms")
    bench.say(f"wait for a frame{named}: p99", percentile([g for each in runs for g in each], 0.99) * 1000, unit="ms")


def hold(window: RealWindow, slices: int, least: float = 0.0) -> list[float]:
    """Hold the key from the first slice to the last; return the seconds from each painted frame to the next."""
    from PySide6.QtCore import QEvent, Qt
    from PySide6.QtGui import QKeyEvent

    workspace, pane = window.built.workspace, window.pane
    workspace.set_active(0)
    workspace.go_to(0, 0)
    window.rest(0.3)
    pane.setFocus()
    painted: list[tuple[float, Any]] = []
    paint = type(pane.view).paintEvent

    def counting(event: Any) -> None:
        paint(pane.view, event)
        painted.append((time.perf_counter(), pane.picture.key if pane.picture is not None else None))

    pane.view.paintEvent = counting
    none = Qt.KeyboardModifier.NoModifier
    begin = time.perf_counter()
    step, at = 1, 0
    try:
        while at < slices - 1 or time.perf_counter() - begin < least:
            if not 0 <= at + step < slices:
                step = -step
            key = Qt.Key.Key_Down if step > 0 else Qt.Key.Key_Up
            if not pressed(window, key):
                window.qt.sendEvent(pane, QKeyEvent(QEvent.Type.KeyPress, key, none, "", True))
            at += step
            count, waited = len(painted), time.perf_counter()
            while len(painted) == count and time.perf_counter() - waited < 5:
                window.qt.processEvents()
    finally:
        del pane.view.paintEvent
    assert workspace.state(0).index == at, "a key press was lost"
    seen = [moment for moment, _ in painted]
    return [b - a for a, b in zip([begin, *seen[:-1]], seen, strict=True)]


def pressed(window: RealWindow, key: Any) -> bool:
    """Run the command of a key, as the window's shortcut does."""
    from PySide6.QtCore import Qt

    command = "image.next" if key == Qt.Key.Key_Down else "image.previous"
    window.window.actions_by_id[command].trigger()
    return True


if __name__ == "__main__":
    main()
