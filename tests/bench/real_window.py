"""The real window on a screen of its own, for rows that time what a person sees."""

from __future__ import annotations

import atexit
import os
import subprocess
import time
from collections.abc import Callable
from typing import Any

from harness import scratch

SECONDS = 60.0
TICK = 8
"""Milliseconds between two looks at a condition: each look takes the interpreter from what is timed."""


def on_xvfb(size: str = "1600x1200x24") -> None:
    """Start a virtual screen and make Qt use it; call before anything imports Qt."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp", "-noreset"],
        pass_fds=[write],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    atexit.register(server.kill)
    with os.fdopen(read) as answer:
        number = answer.readline().strip()
    if not number:
        raise SystemExit("Xvfb did not start")
    os.environ["DISPLAY"] = f":{number}"
    os.environ["QT_QPA_PLATFORM"] = "xcb"
    os.environ["WORKSTATION_HOME"] = str(scratch())


class RealWindow:
    """The program's own window, driven from the row."""

    def __init__(self, width: int = 1400, height: int = 1100, *, browser: bool = True) -> None:
        from workstation.app import build

        self.built = build()
        self.qt, self.window = self.built.qt, self.built.window
        if not browser:
            for dock in self.window.docks.values():
                dock.hide()
        self.window.resize(width, height)
        self.window.show()
        self.rest(0.2)

    @property
    def pane(self) -> Any:
        """The first pane."""
        return self.window.grid.pane(0)

    def wait(self, condition: Callable[[], object], seconds: float = SECONDS) -> float:
        """Run the event loop until a condition holds and return the moment."""
        from PySide6.QtCore import QEventLoop, QTimer

        ticking = QTimer()
        ticking.start(TICK)
        flag = QEventLoop.ProcessEventsFlag.WaitForMoreEvents
        end = time.perf_counter() + seconds
        while not condition():
            self.qt.processEvents(flag)
            if time.perf_counter() > end:
                raise TimeoutError("what was waited for did not come")
        now = time.perf_counter()
        ticking.stop()
        return now

    def rest(self, seconds: float) -> None:
        """Let the event loop run for a while."""
        end = time.perf_counter() + seconds
        self.wait(lambda: time.perf_counter() >= end)

    def open(self, *paths: object) -> None:
        """Ask for some paths."""
        self.window.desk.open_paths([str(path) for path in paths])

    def settle(self) -> None:
        """Let everything that is under way end."""
        self.wait(lambda: not self.built.openings.running and not self.window.desk.running)
        self.wait(lambda: self.built.loader.pending() == 0)
        self.rest(0.15)

    def empty(self) -> None:
        """Close everything and drop what is cached."""
        self.window.desk.stop()
        self.settle()
        self.window.desk.close_all()
        self.settle()
        self.built.loader.forget(lambda key: True)

    def close(self) -> None:
        """End the program's services."""
        self.window.close()
        self.built.close()
