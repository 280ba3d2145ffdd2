"""A start is quick: the window is on screen before anything heavy is imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HEAVY = ("numpy", "pydicom", "pynetdicom", "pyqtgraph", "scipy", "numba", "imagecodecs", "PIL", "av")
CODE = f"""
import json, sys
from workstation.app import build
from PySide6.QtWidgets import QApplication
application = build()
application.window.show()
for _ in range(20):
    QApplication.processEvents()
loaded = [name for name in {HEAVY!r} if name in sys.modules]
application.window.close()
application.close()
print(json.dumps(loaded))
"""


def test_the_window_paints_before_the_heavy_libraries_are_imported(tmp_path: Path) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "WORKSTATION_HOME": str(tmp_path)}
    result = subprocess.run([sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(result.stdout.splitlines()[-1]) == []


def test_a_bare_window_has_the_colour_of_its_theme() -> None:
    from workstation.ui import theme
    from workstation.ui.main_window import BACKGROUND

    assert {name: theme.load(name).colours["window"] for name in theme.NAMES} == BACKGROUND


RUN = f"""
import sys
from workstation.ui.main_window import MainWindow
original = MainWindow.paintEvent
def paint(window, event):
    original(window, event)
    if not seen:
        enums = "Qt" in vars(sys.modules["PySide6.QtCore"])
        seen.append((window.furnished, enums, [name for name in {HEAVY!r} if name in sys.modules]))
seen = []
MainWindow.paintEvent = paint
from workstation.app import run
from PySide6.QtCore import QTimer
finish = MainWindow.furnish
def furnish(window, *parts):
    finish(window, *parts)
    QTimer.singleShot(50, window.quit)
MainWindow.furnish = furnish
code = run([])
print(seen, code)
"""


def test_a_start_paints_its_window_before_it_is_furnished(tmp_path: Path) -> None:
    """Qt's namespace is touched later as well: making its enums takes as long as a frame."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "WORKSTATION_HOME": str(tmp_path)}
    result = subprocess.run([sys.executable, "-c", RUN], env=environment, capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "[(False, False, [])] 0"
