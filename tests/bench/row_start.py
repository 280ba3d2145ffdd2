"""Start: process start to the first paint, and to the first image of a folder of 60.

First paint against an empty PySide6 window, offscreen. First image under Xvfb against a bare program that imports
PySide6, numpy and pyqtgraph and paints one ready array in a ViewBox; files evicted before every start.
"""

from __future__ import annotations

import json
import os
import select
import statistics
import subprocess
import sys
import time

from harness import Bench, evict, scratch
from real_window import on_xvfb
from series import native_ct

HEAVY = ("numpy", "pydicom", "pynetdicom", "pyqtgraph", "scipy", "numba", "imagecodecs")
TOLD = f"""
def told(widget, what):
    from PySide6.QtCore import QEvent, QObject
    import os, sys
    class Watch(QObject):
        def eventFilter(self, seen, event):
            if event.type() == QEvent.Type.Paint and what():
                os.write(1, (" ".join(n for n in {HEAVY!r} if n in sys.modules) + "\\n").encode())
                os._exit(0)
            return False
    widget.watch = Watch()
    widget.installEventFilter(widget.watch)
"""
EMPTY = (
    TOLD
    + """
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication([])
window = QMainWindow()
window.resize(1400, 900)
told(window, lambda: True)
window.show()
application.exec()
"""
)
OURS = (
    TOLD
    + """
import sys
from workstation.ui.main_window import MainWindow
original = MainWindow.show
def show(window):
    told(window, lambda: window.furnished or sys.argv[1] == "bare")
    original(window)
MainWindow.show = show
from workstation.__main__ import main
main([])
"""
)
BARE = """
import sys, os
import numpy as np
from PySide6.QtWidgets import QApplication
import pyqtgraph as pg
application = pg.mkQApp()
view = pg.GraphicsView()
box = pg.ViewBox(lockAspect=True)
view.setCentralItem(box)
item = pg.ImageItem(np.load(sys.argv[1]).astype(np.float32), levels=(-160, 240))
box.addItem(item)
view.resize(1400, 900)
original = item.paint
def paint(*arguments):
    original(*arguments)
    os.write(1, b"image\\n")
    os._exit(0)
item.paint = paint
view.show()
application.exec()
"""
OPENS = """
import os, sys
import workstation.app as app
original = app.bare_window
def bare_window():
    # not before: importing it imports Qt, and the program has other things to do first
    from workstation.ui.picture_view import PictureView
    paint_event = PictureView.paintEvent
    def paint(view, event):
        paint_event(view, event)
        if view._placed is not None or view._image is not None:
            os.write(1, b"image\\n")
            os._exit(0)
    PictureView.paintEvent = paint
    return original()
app.bare_window = bare_window
from workstation.__main__ import main
sys.exit(main([sys.argv[1]]))
"""


def started(code: str, *arguments: str, platform: str) -> tuple[float, str]:
    """Return the seconds until a program says its word, and the word."""
    environment = {**os.environ, "QT_QPA_PLATFORM": platform, "WORKSTATION_HOME": str(scratch())}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode
    begin = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as program:
        assert program.stdout is not None
        ready, _, _ = select.select([program.stdout], [], [], 30)
        word = program.stdout.readline().decode().strip() if ready else "nothing came"
        took = time.perf_counter() - begin
        program.kill()
    return took, word


def main() -> None:
    bench = Bench("start")
    import numpy as np

    made = native_ct(slices=60)
    ready = scratch() / "slice.npy"
    np.save(ready, np.fromfile(made.files[30], "<i2")[-512 * 512 :].reshape(512, 512) - 1024)
    on_xvfb()
    rounds = 3 if bench.quick else 9
    times: dict[str, list[float]] = {name: [] for name in ("empty", "window", "furnished", "bare image", "folder")}
    heavy: set[str] = set()
    for number in range(rounds + 1):
        runs = {
            "empty": lambda: started(EMPTY, platform="offscreen"),
            "window": lambda: started(OURS, "bare", platform="offscreen"),
            "furnished": lambda: started(OURS, "furnished", platform="offscreen"),
            "bare image": lambda: started(BARE, str(ready), platform="xcb"),
            "folder": lambda: started(OPENS, str(made.folder), platform="xcb"),
        }
        for name, run in runs.items():
            evict(made.files)
            took, word = run()
            if word == "nothing came" or (name in ("bare image", "folder") and word != "image"):
                raise SystemExit(f"{name}: {word}")
            if name == "window":
                heavy.update(word.split())
            if number:  # the first round only warms the disk cache of the programs
                times[name].append(took)
    bench.times["start"] = times
    median = {name: statistics.median(values) for name, values in times.items()}
    bench.say("first paint / an empty PySide6 window", median["window"] / median["empty"], most=1.3)
    bench.say("heavy libraries imported by then", float(len(heavy)), most=0, unit="")
    bench.say("the furnished window / an empty PySide6 window", median["furnished"] / median["empty"])
    ratio = median["folder"] / median["bare image"]
    bench.say("60-slice folder to image, cold / bare pyqtgraph image", ratio, most=1.3)
    version = bench.interleave({"version": version_of}, name="version")
    bench.say("--version", version["version"] * 1000, most=150, unit="ms")
    bench.finish()
    if heavy:
        sys.stdout.write(json.dumps(sorted(heavy)) + "\n")


def version_of() -> None:
    """Ask the program for its version."""
    subprocess.run([sys.executable, "-m", "workstation", "--version"], stdout=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    main()
