"""Twenty times a window is killed while it changes all the time: what comes back is what it showed a moment before."""

from __future__ import annotations

import multiprocessing
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from workstation.app import build
from workstation.phantoms.volumes import write_linear_series
from workstation.ui.session_snapshot import snapshot
from workstation.viewing.journal import find_crashed
from workstation.viewing.session import Session

TIMES = 20
OLDEST = 0.25
"""Seconds by which what comes back may be older than the kill."""
PATIENCE = 30.0


@dataclass(frozen=True)
class Killed:
    """What a window had shown, each with the time from which it did, and when it was killed."""

    shown: list[tuple[float, Session]]
    at: float

    def age(self, session: Session) -> float:
        """Seconds between the kill and the time at which this was followed by something else."""
        places = [number for number, (_, each) in enumerate(self.shown) if each.same_view(session)]
        assert places, "it was never on screen"
        place = places[-1]
        return self.at - self.shown[place + 1][0] if place + 1 < len(self.shown) else 0.0


@pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")
def test_a_killed_window_comes_back_as_it_was(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = tmp_path / "study"
    study.mkdir()
    write_linear_series(study)
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(["tests.journeys.killed_view"])
    chance = random.Random(28)
    ages = []
    for number in range(TIMES):
        home = tmp_path / f"home{number}"
        monkeypatch.setenv("WORKSTATION_HOME", str(home))
        killed = kill(server, home, study, tmp_path / f"{number}.log", chance)
        crashed = find_crashed()
        assert crashed is not None
        ages.append(killed.age(crashed.session))
        assert restored(crashed.session).same_view(crashed.session)
        assert find_crashed() is not None
    assert max(ages) <= OLDEST


def kill(
    server: multiprocessing.context.ForkServerContext, home: Path, study: Path, log: Path, chance: random.Random
) -> Killed:
    """Run a window until it has changed some times, then kill it at some moment."""
    from tests.journeys.killed_view import live

    child = server.Process(target=live, args=(str(home), str(study), str(log), chance.randrange(1 << 30)), daemon=True)
    child.start()
    try:
        end = time.monotonic() + PATIENCE
        while not log.exists():
            assert child.is_alive()
            assert time.monotonic() < end
            time.sleep(0.004)
        time.sleep(chance.uniform(0.05, 0.6))
        at = time.time()
    finally:
        child.kill()
        child.join()
    shown = []
    for line in log.read_text(encoding="ascii").split("\n")[:-1]:
        when, _, text = line.partition(" ")
        shown.append((float(when), Session.from_json(text)))
    return Killed(shown, at)


def restored(session: Session) -> Session:
    """Bring a session back in a window of its own, and return what that shows."""
    application = build()
    window = application.window
    window.show()
    done: list[object] = []
    window.sessions.restoring.restored.connect(done.append)
    window.sessions.restoring.restore(session)
    end = time.monotonic() + PATIENCE
    while not done:
        assert time.monotonic() < end
        QApplication.processEvents()
        time.sleep(0.002)
    shown = snapshot(window.workspace)
    window.close()
    application.close()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return shown
