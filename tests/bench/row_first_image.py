"""First image: opening a folder of 500 to its first picture on screen, and to the middle one once it is sorted.

Base: one known file read, windowed and painted in the same pane. Both figures again while 5,000 other files are being
scanned. The middle slice is compared with the end of a pydicom header scan of the same folder.
"""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness import Bench, Peer, kernels, scratch
from real_window import RealWindow, on_xvfb
from series import native_ct, small_files


class Moments:
    """When the first pane painted which picture."""

    def __init__(self, window: RealWindow) -> None:
        from workstation.ui.picture_view import PictureView

        self.seen: list[tuple[float, Any]] = []
        original = PictureView.paintEvent
        pane = window.pane

        def paint(view: Any, event: Any) -> None:
            original(view, event)
            if view is pane.view and pane.picture is not None:
                self.seen.append((time.perf_counter(), pane.picture.key))

        PictureView.paintEvent = paint  # type: ignore[method-assign]


def opened(
    window: RealWindow, moments: Moments, folder: Path, uids: set[str], middle: Any, queued: Path | None
) -> tuple[float, float]:
    """Return the seconds from asking for a folder to its first picture, and to its middle slice."""
    window.empty()
    moments.seen.clear()
    if queued is not None:
        window.open(queued)
        window.wait(lambda: moments.seen)
        window.rest(0.05)  # its scan is under way now
    moments.seen.clear()

    def ours() -> bool:
        return any(key.ref.sop_instance_uid in uids for _, key in moments.seen)

    begin = time.perf_counter()
    window.open(folder)
    window.wait(ours)
    window.wait(lambda: any(key == middle for _, key in moments.seen))
    first = next(moment for moment, key in moments.seen if key.ref.sop_instance_uid in uids) - begin
    last = next(moment for moment, key in moments.seen if key == middle) - begin
    window.settle()
    return first, last


def main() -> None:
    bench = Bench("first image")
    made, others = native_ct(slices=500), small_files(count=5000).folder
    folder = made.folder
    on_xvfb()
    window = RealWindow()
    kernels()
    window.window.settings.set("open_at", "middle")
    moments = Moments(window)
    window.open(folder)
    window.settle()
    middle = window.pane.picture.key
    uids = {frame.ref.sop_instance_uid for frame in window.built.workspace.stack(0).frames}
    shown, instance = window.pane.picture, window.pane.workspace.stack(0).frames[250].instance
    offset = instance.pixel_data.offset

    def known_file() -> float:
        """Read, window and paint one file whose place is known."""
        import numpy as np

        begin = time.perf_counter()
        descriptor = os.open(instance.locator.path, os.O_RDONLY)
        values = np.empty(shown.values.shape, shown.values.dtype)
        os.preadv(descriptor, [values], offset)
        os.close(descriptor)
        window.pane.picture = replace(shown, values=values)
        window.pane._draw()
        window.pane.repaint()
        return time.perf_counter() - begin

    listing = scratch() / "paths.txt"
    listing.write_text("\n".join(map(str, made.files)), encoding="utf-8")
    pydicom = Peer("peers_scan")  # away from this process, where other threads would hold it up
    pydicom("pydicom", listing)
    rounds = 5 if bench.quick else 15
    names = ("base", "first", "middle", "first busy", "middle busy", "pydicom")
    figures: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(rounds):
        first, last = opened(window, moments, folder, uids, middle, None)
        figures["base"].append(statistics.median(known_file() for _ in range(5)))
        busy_first, busy_last = opened(window, moments, folder, uids, middle, others)
        for name, value in (("first", first), ("middle", last), ("first busy", busy_first), ("middle busy", busy_last)):
            figures[name].append(value)
        figures["pydicom"].append(pydicom("pydicom", listing))
    pydicom.close()
    bench.times["first image"] = figures
    median = {name: statistics.median(values) for name, values in figures.items()}
    bench.say("first file of 500 / read, window and paint one", median["first"] / median["base"], most=1.5)
    bench.say("sorted middle slice before a pydicom header scan ends", median["pydicom"] / median["middle"], least=10)
    bench.say("first file with 5,000 files queued / quiet", median["first busy"] / median["first"], most=1.25)
    bench.say("middle slice with 5,000 files queued / quiet", median["middle busy"] / median["middle"], most=1.25)
    bench.say("base", median["base"] * 1000, unit="ms")
    bench.finish()
    window.close()


if __name__ == "__main__":
    main()
