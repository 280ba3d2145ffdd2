"""Holding the key down through 500 slices that are in memory: painted frames per second and the longest wait.

Key presses come as fast as the program takes them: the command of the key runs again as soon as its picture has been
painted. A frame counts when the picture's own widget has painted it.
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
    series, others = native_ct(slices=slices).folder, small_files(count=5000).folder
    ready(window, series, slices)
    for corner_text in (2, 0):
        window.window.settings.set("corner_text", corner_text)
        window.rest(0.3)
        told(bench, [hold(window, slices) for _ in range(3)], "" if corner_text else ", corner text off")
    window.window.settings.set("corner_text", 2)
    runs = []
    for _ in range(3):
        ready(window, series, slices)
        runs.append(hold(window, slices, others))
    told(bench, runs, ", 5,000 files being opened")
    bench.finish()
    window.close()


def ready(window: RealWindow, series: Any, slices: int) -> None:
    """Open the series alone and bring all of it into memory."""
    window.empty()
    window.open(series)
    window.settle()
    square(window)
    hold(window, slices)
    window.settle()
    pane = window.pane
    assert len(pane.loaded.of(pane.workspace.stack(0))) == slices, "the slices do not fit in memory"


def told(bench: Bench, runs: list[list[float]], named: str) -> None:
    """Judge by the middle one of some runs, by the rate; the longest wait is that of all."""
    ranked = sorted(runs, key=lambda gaps: len(gaps) / sum(gaps))
    gaps = ranked[len(ranked) // 2]
    bench.times[f"frames{named}"] = {str(n): each for n, each in enumerate(runs)}
    bench.say(f"painted frames per second{named}", len(gaps) / sum(gaps), least=60, unit="/s")
    bench.say(f"longest wait for a frame{named}", max(max(each) for each in runs) * 1000, most=50, unit="ms")
    bench.say(f"wait for a frame{named}: p99", percentile([g for each in runs for g in each], 0.99) * 1000, unit="ms")


def hold(window: RealWindow, slices: int, others: Any = None) -> list[float]:
    """Hold the key from the first slice to the last; return the seconds from each painted frame to the next.

    With ``others`` those files are opened meanwhile, and the key goes up and down for as long as that takes.
    """
    workspace, pane, openings = window.built.workspace, window.pane, window.built.openings
    workspace.set_active(0)
    workspace.go_to(0, 0)
    window.rest(0.3)
    painted: list[float] = []
    paint = type(pane.view).paintEvent

    def counting(event: Any) -> None:
        paint(pane.view, event)
        painted.append(time.perf_counter())

    pane.view.paintEvent = counting
    step, at, ours = 1, 0, None
    if others is not None:
        # an opening shows its first image: whoever goes on reading has to take the series back
        ours = workspace.state(0).stack_id
        window.open(others)
        window.wait(lambda: workspace.state(0).stack_id != ours or not openings.running)
        workspace.show_stack(ours, 0)
        painted.clear()
    begin = time.perf_counter()
    try:
        while openings.running and workspace.state(0).stack_id == ours if others is not None else at < slices - 1:
            if not 0 <= at + step < slices:
                step = -step
            window.window.actions_by_id["image.next" if step > 0 else "image.previous"].trigger()
            at += step
            count, end = len(painted), time.perf_counter() + 5
            while len(painted) == count and time.perf_counter() < end:
                window.qt.processEvents()
    finally:
        del pane.view.paintEvent
    assert others is not None or workspace.state(0).index == at, "a key press was lost"
    return [b - a for a, b in zip([begin, *painted[:-1]], painted, strict=True)]


if __name__ == "__main__":
    main()
