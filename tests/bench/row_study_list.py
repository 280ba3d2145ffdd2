"""The study list in the real window: scrolling over 200,000 instances, and the window while 5,000 files are added.

A list is scrolled by a notch of the wheel and painted whole; a person notices what takes longer than a frame. While
files are added the event loop is asked for a turn again and again: the longest time between two turns is how long the
window stood still.
"""

from __future__ import annotations

import random
import time

from harness import Bench, percentile
from real_window import RealWindow, on_xvfb
from row_library import STUDIES, study
from series import small_files

NOTCHES = 600


def main() -> None:
    bench = Bench("study_list")
    on_xvfb()
    from workstation.library.entries import Entries
    from workstation.library.store import Library
    from workstation.paths import data_folder

    chance = random.Random(1)
    share = 10 if bench.quick else 1
    with Library(data_folder() / "library") as library:
        for start in range(0, STUDIES // share, 100):
            entries = [entry for number in range(start, start + 100) for entry in study(number, chance)]
            library.write(lambda connection, some=entries: Entries(connection).add(some, time.time()))
        total = library.query("SELECT count(*) FROM instances")[0][0]
    window = RealWindow()
    panel = window.window.library.panel
    shown = time.perf_counter()
    window.window.library.begin()
    found = window.wait(lambda: len(panel.model.rows) == STUDIES // share) - shown
    bench.say(f"the list of {STUDIES // share:,} studies is there", found * 1000, most=1000, unit="ms")
    window.rest(2.0)  # what the list loads besides, on threads, is there by then
    scrolling(bench, window, total)
    adding(bench, window, 1000 if bench.quick else 5000)
    bench.finish()
    window.close()


def scrolling(bench: Bench, window: RealWindow, total: int) -> None:
    """Turn the wheel through the list, down and up, and time each notch to the painted list."""
    table = window.window.library.panel.table
    bar, viewport = table.verticalScrollBar(), table.viewport()
    took: list[float] = []
    step = max(3, bar.maximum() // (NOTCHES // 2))
    for notch in range(NOTCHES):
        down = notch < NOTCHES // 2
        begin = time.perf_counter()
        bar.setValue(bar.value() + (step if down else -step))
        viewport.repaint()
        took.append(time.perf_counter() - begin)
        if notch % 20 == 0:
            window.qt.processEvents()
    bench.times["scroll"] = {"notch": took}
    said = f"scrolling a list over {total:,} instances, a notch painted"
    bench.say(f"{said}, p99", percentile(took, 0.99) * 1000, most=16, unit="ms")


def adding(bench: Bench, window: RealWindow, count: int) -> None:
    """Add files by link while the list is on screen, and see how long the window stands still."""
    from PySide6.QtCore import QTimer

    files = small_files(count=count)
    library = window.window.library
    turns: list[float] = []
    last = [time.perf_counter()]

    def turn() -> None:
        now = time.perf_counter()
        turns.append(now - last[0])
        last[0] = now

    clock = QTimer()
    clock.timeout.connect(turn)
    library.add([str(files.folder)])
    last[0] = time.perf_counter()
    clock.start(1)
    begin = time.perf_counter()
    took = window.wait(lambda: not library.importing) - begin
    window.rest(0.3)
    clock.stop()
    bench.times["turns"] = {"all": turns}
    bench.say(f"{count:,} files added from the window", count / took, unit="/s")
    bench.say("between two turns of the window meanwhile, p99", percentile(turns, 0.99) * 1000, most=16, unit="ms")
    bench.say("the longest the window stood still", max(turns) * 1000, most=100, unit="ms")


if __name__ == "__main__":
    main()
