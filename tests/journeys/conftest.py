"""The real window on the demo study, driven as a person drives it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.hand import Hand
from workstation.app import Application
from workstation.phantoms.demo import write_demo
from workstation.ui.main_window import MainWindow
from workstation.ui.screenshot import wait_until_settled


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder)
    return folder


@pytest.fixture
def window(application: Application, demo: Path) -> MainWindow:
    """The window with the demo study open and everything on screen."""
    application.window.desk.open_paths([str(demo)])
    assert wait_until_settled(application.window, 30)
    application.window.grid.focus_active()
    return application.window


@pytest.fixture
def hand(window: MainWindow) -> Hand:
    return Hand(window)
