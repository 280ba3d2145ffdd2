"""A window that changes all the time and writes down what it shows, until it is killed; run in a process of its own.

Everything is imported here: the process is forked from one that has imported it.
"""

from __future__ import annotations

import os
import random
import time
from dataclasses import replace

from PySide6.QtCore import QTimer

from tests.journeys.hand import Hand
from workstation.app import build
from workstation.imaging.window import Window
from workstation.measurements.measurement import measured_on
from workstation.tools.tool import Tool
from workstation.ui.actions import make_actions
from workstation.ui.commands import COMMANDS
from workstation.ui.image_pane import ImagePane
from workstation.ui.main_window import MainWindow
from workstation.ui.screenshot import wait_until_settled
from workstation.ui.session_keeper import SessionKeeper
from workstation.ui.session_snapshot import snapshot
from workstation.ui.workspace import Workspace
from workstation.viewing.journal import Journal

PRELOADED = (Hand, Tool, make_actions, COMMANDS, ImagePane, SessionKeeper, Journal)
EVERY = 8
"""Milliseconds between two changes."""


def live(home: str, study: str, log: str, seed: int) -> None:
    """Run the real window on a study and change it until somebody ends this process."""
    os.environ["WORKSTATION_HOME"] = home
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = build()
    window = application.window
    window.resize(900, 700)
    window.show()
    window.sessions.begin()
    window.desk.open_paths([study])
    wait_until_settled(window, 30)
    while window.sessions.journal is None:
        application.qt.processEvents()
        time.sleep(0.004)
    window.sessions.journal.wait()
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    chance = random.Random(seed)

    def write() -> None:
        text = snapshot(window.workspace).to_json(indent=None)
        os.write(descriptor, f"{time.time()} {text}\n".encode("ascii"))

    def go_on() -> None:
        change(window, chance)
        write()

    write()
    timer = QTimer(interval=EVERY)
    timer.timeout.connect(go_on)
    timer.start()
    application.qt.exec()


def change(window: MainWindow, chance: random.Random) -> None:
    """Do one thing of those a person does."""
    workspace = window.workspace
    pane = chance.choice(workspace.visible())
    what = chance.choices(("slice", "window", "zoom", "measure", "layout", "point", "pane"), (8, 8, 4, 3, 1, 4, 2))[0]
    state = workspace.state(pane)
    if what == "slice":
        workspace.go_to(pane, chance.randrange(max(workspace.length(pane), 1)))
    elif what == "window":
        workspace.set_state(pane, replace(state, voi=Window(chance.uniform(-200, 200), chance.uniform(1, 900))))
    elif what == "zoom":
        workspace.set_state(pane, replace(state, scale=chance.uniform(0.5, 4), centre=(chance.uniform(0, 40), 9.0)))
    elif what == "measure":
        measure(workspace, pane, chance)
    elif what == "layout":
        window.show_layout(chance.choice(("1x1", "1x2", "2x2", "mpr", "mpr")))
    elif what == "point" and state.section is not None:
        x, y, z = state.section.point
        workspace.set_point((x + chance.uniform(-2, 2), y + chance.uniform(-2, 2), z + chance.uniform(-2, 2)), pane)
    elif what == "pane":
        workspace.set_active(pane)


def measure(workspace: Workspace, pane: int, chance: random.Random) -> None:
    """Draw a length or an ellipse on the frame of a pane, or take the oldest away."""
    stack, state = workspace.stack(pane), workspace.state(pane)
    if stack is None or state.section is not None:
        return
    if len(workspace.measurements) > 6:
        workspace.set_measurements(workspace.measurements[1:], "Delete")
        return
    frame = stack.frames[min(state.index, len(stack.frames) - 1)]
    ends = tuple((chance.uniform(0, 30), chance.uniform(0, 30)) for _ in range(2))
    number = max((each.number for each in workspace.measurements), default=0) + 1
    drawn = measured_on(number, chance.choice(("length", "ellipse")), ends, frame.ref, frame.plane)
    workspace.set_measurements((*workspace.measurements, drawn), "Measure")
