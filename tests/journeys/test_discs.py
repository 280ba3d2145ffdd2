"""Discs in the real window: offered to the library once, copied beside what is looked at, checked in a panel."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication

from tests.dicom.disc_parts import file_set, good, pack_disc, picture
from tests.dicom.odd_files import lower_case
from tests.loading.slow import slow_medium
from workstation.app import Application
from workstation.loading.courtesy import Courtesy
from workstation.ui.audit_panel import AuditPanel
from workstation.ui.main_window import MainWindow
from workstation.ui.screenshot import wait_until_settled

OFFER = "This disc is not in the library."


@pytest.fixture
def disc(tmp_path: Path) -> Path:
    folder = tmp_path / "disc"
    folder.mkdir()
    good(folder)
    return folder


@pytest.fixture
def bare(application: Application) -> MainWindow:
    return application.window


def wait_for(done: Callable[[], object], seconds: float = 10) -> None:
    """Let the window and its workers run: Qt's own waiting would starve the workers."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not happen"
        QCoreApplication.processEvents()
        time.sleep(0.004)


def opened(window: MainWindow, path: Path) -> None:
    window.dispatch("file.open_paths", paths=[str(path)])
    assert wait_until_settled(window, 30)
    wait_for(lambda: not window.exports.asked)


def texts(window: MainWindow) -> list[str]:
    return [message.text for message in window.messages.messages()]


def test_a_slow_disc_is_read_behind_what_is_looked_at(bare: MainWindow, tmp_path: Path) -> None:
    """A4: tree and counts at once, any image of it to be scrolled to, and the very frame stays when all is read."""
    geometry = {"ImageOrientationPatient": [1, 0, 0, 0, 1, 0], "PixelSpacing": [1, 1], "FrameOfReferenceUID": "1.2.3"}
    file_set(tmp_path, *(picture(n, ImagePositionPatient=[0, 0, -n], **geometry) for n in range(1, 61)))
    workspace = bare.workspace
    with slow_medium(tmp_path, 0.05) as opened_files:
        bare.dispatch("file.open_paths", paths=[str(tmp_path)])
        wait_for(lambda: len(workspace.catalogue.instances) == 60 and not workspace.state().empty)
        assert bare.desk.running
        assert len(set(opened_files)) < 30
        wait_for(lambda: bare.grid.pane(0).picture is not None)
        state = workspace.state()
        workspace.change(0, replace(state, index=41), "Scroll")
        stack = workspace.stack()
        assert stack is not None
        assert not stack.is_volume
        looked_at = stack.frames[41].ref
        wait_for(lambda: not bare.desk.running, 30)
    assert wait_until_settled(bare, 30)
    stack = workspace.stack()
    assert stack is not None
    assert stack.is_volume
    assert stack.frames[workspace.state().index].ref == looked_at
    shown = bare.grid.pane(0).picture
    assert shown is not None
    assert shown.plane == stack.frames[workspace.state().index].plane
    workspace.undo.undo()
    assert workspace.stack() is stack


def test_a_disc_is_offered_to_the_library_once(bare: MainWindow, disc: Path) -> None:
    opened(bare, disc)
    assert OFFER in texts(bare)
    bare.desk.close_all()
    assert OFFER not in texts(bare)
    opened(bare, disc)
    assert OFFER not in texts(bare)


def test_the_offer_goes_when_something_else_is_opened(bare: MainWindow, disc: Path, demo: Path) -> None:
    opened(bare, disc / "DICOMDIR")
    assert OFFER in texts(bare)
    opened(bare, demo)
    assert OFFER not in texts(bare)


def test_a_disc_is_copied_while_its_images_stay_on_screen(bare: MainWindow, disc: Path) -> None:
    opened(bare, disc)
    bare.messages.action.click()
    wait_for(lambda: bare.library.importing)
    assert not bare.library.at_home
    assert any("Copying into the library" in text for text in texts(bare))
    wait_for(lambda: any("5 objects added to the library" in text for text in texts(bare)))
    assert not any("Copying" in text for text in texts(bare))
    assert not bare.library.at_home
    bare.messages.dismiss()
    moved = disc.with_name("again")
    shutil.copytree(disc, moved)
    opened(bare, moved)
    assert OFFER not in texts(bare)


def test_an_archive_is_copied_unasked_where_that_is_chosen(bare: MainWindow, disc: Path, tmp_path: Path) -> None:
    bare.settings.set("copy_discs", "always")
    archive = tmp_path / "disc.zip"
    pack_disc(disc, archive)
    opened(bare, archive)
    wait_for(lambda: any("5 objects added to the library" in text for text in texts(bare)))
    assert not bare.library.at_home


def test_nothing_is_offered_where_that_is_chosen(bare: MainWindow, disc: Path) -> None:
    bare.settings.set("copy_discs", "never")
    opened(bare, disc)
    assert texts(bare) == []


def test_a_folder_of_images_is_no_disc(bare: MainWindow, demo: Path) -> None:
    opened(bare, demo)
    assert OFFER not in texts(bare)


def test_the_open_disc_is_checked_first(bare: MainWindow, disc: Path) -> None:
    opened(bare, disc)
    bare.dispatch("library.audit")
    panel = bare.panels["audit"]
    assert isinstance(panel, AuditPanel)
    assert bare.panel_shown("audit")
    assert panel.check_open.isVisible()
    panel.check_open.click()
    wait_for(lambda: not bare.library.audits.running)
    assert panel.summary.text() == "5 records · 5 DICOM files · no fault"


def test_a_file_with_a_fault_is_shown_in_the_inspector(bare: MainWindow, tmp_path: Path) -> None:
    folder = tmp_path / "disc"
    folder.mkdir()
    lower_case(folder)
    opened(bare, folder)
    bare.library.audits.check(str(folder))
    wait_for(lambda: not bare.library.audits.running)
    panel = bare.panels["audit"]
    assert isinstance(panel, AuditPanel)
    line = panel.tree.topLevelItem(1).child(0).child(0)
    panel.tree.itemActivated.emit(line, 0)
    assert bare.panel_shown("header")
    assert bare.header.pinned


def test_a_check_is_stopped(bare: MainWindow, disc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Courtesy, "give_way", lambda self: time.sleep(0.3))
    bare.library.audits.check(str(disc))
    wait_for(lambda: bare.library.audits.running)
    panel = bare.panels["audit"]
    assert isinstance(panel, AuditPanel)
    assert panel.stop.isVisible()
    panel.stop.click()
    wait_for(lambda: not bare.library.audits.running)
    assert panel.summary.text() == "The check was stopped."
    assert not panel.stop.isVisible()


def test_what_is_no_disc_says_so(bare: MainWindow, demo: Path) -> None:
    bare.library.audits.check(str(demo))
    wait_for(lambda: not bare.library.audits.running)
    panel = bare.panels["audit"]
    assert isinstance(panel, AuditPanel)
    assert "there is no DICOMDIR here" in panel.summary.text()
