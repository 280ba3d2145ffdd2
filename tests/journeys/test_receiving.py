"""Receiving from the window: off until it is asked for, into the library, told, and ended (A35, G12, G13, N14)."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.journeys.hand import to_front, wait
from tests.network.peers import PROMPT, free_port
from workstation.app import Application
from workstation.ui.main_window import MainWindow
from workstation.ui.preferences import Preferences


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def window(application: Application, port: int) -> Iterator[MainWindow]:
    window = application.window
    window.settings.set("receive_port", port)
    yield window
    for page in window.findChildren(Preferences):
        page.close()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def switch(window: MainWindow) -> None:
    """Choose the command by its name, as a person does in the palette."""
    to_front(window)
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = QApplication.focusWidget()
    QTest.keyClicks(palette, "receive studies")
    QTest.keyClick(palette, Qt.Key.Key_Return)


def switch_on(window: MainWindow) -> None:
    switch(window)
    wait(lambda: window.receives and window.receiving.settled)


def send(dcmtk: Path, port: int, files: list[Path], title: str = "MODALITY1") -> int:
    command = [dcmtk / "storescu", "-aet", title, "-aec", "WORKSTATION", "-xs", "127.0.0.1", str(port), *files]
    process = subprocess.Popen(
        [str(word) for word in command], env=PROMPT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait(lambda: process.poll() is not None, 60)
    return int(process.returncode)


def said(window: MainWindow) -> str:
    return " | ".join(message.text for message in window.messages.messages())


def says(window: MainWindow, words: str) -> Callable[[], bool]:
    return lambda: words in said(window)


def test_what_a_modality_sends_is_listed_and_told(window: MainWindow, port: int, dcmtk: Path, demo: Path) -> None:
    """G12, E4: objects are in the study list, duplicates are told as such."""
    files = sorted(path for path in demo.rglob("*") if path.is_file())[:12]
    assert not listens(port)
    window.settings.set("receive_from", "MODALITY1, MODALITY2")
    switch_on(window)
    assert window.status.receiving.isVisible()
    assert window.status.receiving.text().startswith("Receiving as WORKSTATION")
    assert window.actions_by_id["network.receive"].isChecked()
    assert send(dcmtk, port, files) == 0
    wait(says(window, "12 images from MODALITY1"))
    window.library.show_home(True)
    wait(lambda: sum(row.instance_count for row in window.library.panel.model.rows) == len(files))
    assert send(dcmtk, port, files[:2], "MODALITY2") == 0
    wait(says(window, "2 images from MODALITY2 · 2 there already"))
    switch(window)
    wait(lambda: not window.receives and window.receiving.settled)
    assert not window.status.receiving.isVisible()
    assert not listens(port)


def test_objects_that_come_one_by_one_are_counted_together(
    window: MainWindow, port: int, dcmtk: Path, demo: Path
) -> None:
    """G12: many modalities open an association for every object."""
    files = sorted(path for path in demo.rglob("*") if path.is_file())[:3]
    window.settings.set("receive_from", "MODALITY1")
    switch_on(window)
    for number, file in enumerate(files, 1):
        assert send(dcmtk, port, [file]) == 0
        wait(says(window, f"{number} image{'s' if number > 1 else ''} from MODALITY1"))
    window.messages.dismiss()
    assert send(dcmtk, port, files[:1]) == 0
    wait(says(window, "1 image from MODALITY1 · 1 there already"))


def test_a_title_that_is_not_on_the_list_is_refused_and_told(
    window: MainWindow, port: int, dcmtk: Path, demo: Path
) -> None:
    """A35, G13."""
    files = sorted(path for path in demo.rglob("*") if path.is_file())[:1]
    window.settings.set("receive_from", "MODALITY1")
    switch_on(window)
    assert send(dcmtk, port, files, "STRANGER") != 0
    wait(says(window, "STRANGER"))


def test_nobody_may_send_until_somebody_is_named(window: MainWindow, port: int) -> None:
    """G13: open to everybody only where the user says so; the message leads to the preferences."""
    switch(window)
    wait(says(window, "who may send"))
    assert not window.receives
    assert not listens(port)
    QTest.mouseClick(window.messages.action, Qt.MouseButton.LeftButton)
    wait(lambda: any(page.isVisible() for page in window.findChildren(Preferences)))


def test_a_port_that_is_taken_is_told_in_a_sentence(window: MainWindow, port: int) -> None:
    window.settings.set("receive_from", "MODALITY1")
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        switch(window)
        wait(lambda: "receiving" in window.__dict__ and window.receiving.settled and bool(said(window)))
    assert not window.receives
    assert not window.status.receiving.isVisible()
    assert "\n" not in said(window)


def test_the_network_and_everybody_are_cautioned_against(window: MainWindow) -> None:
    """G13: the warning stands below the choice while it is not the safe one."""
    window.prompts.preferences("Receiving")
    page = next(one for one in window.findChildren(Preferences) if one.isVisible())
    caution = page._cautions["receive_address"]
    assert not caution.isVisibleTo(page)
    box = page.editors["receive_address"]
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert window.settings["receive_address"] == "0.0.0.0"
    assert caution.isVisibleTo(page)
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert not caution.isVisibleTo(page)


def test_closing_the_window_ends_the_receiver(window: MainWindow, port: int) -> None:
    """N14: nothing listens once the program is gone."""
    window.settings.set("receive_from", "MODALITY1")
    switch_on(window)
    assert listens(port)
    window.close()
    assert not listens(port)


@pytest.mark.parametrize("ticked", [False, True])
def test_a_start_listens_only_where_that_was_ticked(port: int, tmp_path: Path, ticked: bool) -> None:
    """G13, N14: and a program that is ended takes its receiver along."""
    home = tmp_path / "home"
    program = start(home, port, ticked)
    try:
        lines = home / "ready"
        end = time.monotonic() + 60
        while not lines.exists():
            assert program.poll() is None
            assert time.monotonic() < end, "the window did not come"
            time.sleep(0.05)
        assert listens(port) == ticked
    finally:
        program.terminate()
        program.wait(20)
    end = time.monotonic() + 20
    while listens(port):
        assert time.monotonic() < end, "the receiver outlived its program"
        time.sleep(0.05)


STARTED = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from workstation import app
from workstation.ui.main_window import MainWindow

app.prepare_platform(True)
qt = app._qt()

def look():
    window = next((one for one in qt.topLevelWidgets() if isinstance(one, MainWindow)), None)
    if window is not None and window.furnished and (not window.receives or window.receiving.settled):
        looks.append(window)
    if len(looks) == 10:
        Path(sys.argv[1]).touch()

looks = []
clock = QTimer(interval=50)
clock.timeout.connect(look)
clock.start()
app.run()
"""
"""The program's own start; the file named is made once the window has been there for half a second."""


def start(home: Path, port: int, ticked: bool) -> subprocess.Popen[bytes]:
    config = {"receive_port": port, "receive_from": "MODALITY1", "receive_at_start": ticked}
    environment = {**os.environ, "WORKSTATION_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    where = subprocess.run(
        [sys.executable, "-c", "from workstation.paths import config_folder; print(config_folder())"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    Path(where).mkdir(parents=True, exist_ok=True)
    (Path(where) / "settings.json").write_text(json.dumps(config))
    command = [sys.executable, "-c", STARTED, str(home / "ready")]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
