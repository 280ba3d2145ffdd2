"""Transfers in the window: seen, paused, cancelled, tried again, kept over a restart (features O, P)."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.journeys.waiting import until
from tests.network.peers import dcmprscp
from tests.ui.network_samples import Steps
from workstation.app import Application, build
from workstation.phantoms.demo import write_demo
from workstation.transfers.jobs import Job
from workstation.ui.main_window import MainWindow
from workstation.ui.transfers_panel import TransfersPanel

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def bare(application: Application) -> MainWindow:
    return application.window


def panel_of(window: MainWindow) -> TransfersPanel:
    panel = window.panels["transfers"]
    assert isinstance(panel, TransfersPanel)
    return panel


def open_panel(window: MainWindow) -> TransfersPanel:
    window.activateWindow()
    until(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_J, CONTROL)
    panel = panel_of(window)
    until(panel.isVisible)
    panel.tree.setFocus()
    return panel


def job(window: MainWindow, key: str) -> Job:
    found = window.network.queue.job(key)
    assert found is not None
    return found


def shown(window: MainWindow, row: int = 0) -> str:
    model = panel_of(window).model
    return str(model.data(model.index(row, 0), Qt.ItemDataRole.AccessibleTextRole))


def test_a_start_makes_no_desk(bare: MainWindow) -> None:
    """Features N14: nothing of the network is there before it is asked for."""
    assert not bare.has_network
    assert not bare.status.transfers.isVisible()
    open_panel(bare)
    until(lambda: bare.has_network)
    assert panel_of(bare).model.rowCount() == 0


def test_a_job_is_paused_goes_on_and_is_done(bare: MainWindow) -> None:
    steps = Steps()
    bare.network.use_runners({"send": steps})
    panel = open_panel(bare)
    key = bare.network.add("send", "Archive", "Phantom · CT", {}).key
    until(lambda: "Running" in shown(bare) and bare.status.transfers.isVisible())
    assert bare.status.transfers.text() == "1 transfer"
    steps.step(2)
    until(lambda: "2 of 4" in shown(bare))
    QTest.keyClick(panel.tree, Qt.Key.Key_Space)
    until(lambda: "Paused" in shown(bare))
    until(lambda: not bare.status.transfers.isVisible())
    QTest.keyClick(panel.tree, Qt.Key.Key_Space)
    until(lambda: job(bare, key).state == "running")
    steps.step(4)
    until(lambda: "Done" in shown(bare))
    assert steps.runs == 2
    QTest.keyClick(panel.tree, Qt.Key.Key_Delete, Qt.KeyboardModifier.ShiftModifier)
    until(lambda: panel.model.rowCount() == 0)


def test_a_job_is_cancelled_and_tried_again(bare: MainWindow) -> None:
    steps = Steps()
    bare.network.use_runners({"send": steps})
    panel = open_panel(bare)
    key = bare.network.add("send", "Archive", "Phantom · CT", {}).key
    until(lambda: "Running" in shown(bare))
    QTest.keyClick(panel.tree, Qt.Key.Key_Delete)
    until(lambda: "Cancelled" in shown(bare))
    QTest.keyClick(panel.tree, Qt.Key.Key_R)
    until(lambda: job(bare, key).state == "running")
    steps.step(4)
    until(lambda: "Done" in shown(bare))


def test_one_that_waits_is_moved_to_the_front(bare: MainWindow) -> None:
    """One transfer at a time for a node; the rest keeps its order unless the user changes it."""
    steps = Steps()
    bare.network.use_runners({"send": steps})
    panel = open_panel(bare)
    for title in ("First", "Second", "Third"):
        bare.network.add("send", "Archive", title, {})
    until(lambda: shown(bare, 2).startswith("Third"))
    panel.tree.setCurrentIndex(panel.model.index(2, 0))
    QTest.keyClick(panel.tree, Qt.Key.Key_Home, CONTROL)
    steps.step(4)
    until(lambda: any(one.title == "Third" and one.state == "running" for one in bare.network.queue.jobs()))
    assert [one.state for one in bare.network.queue.jobs() if one.title == "Second"] == ["waiting"]
    for one in bare.network.queue.jobs():
        bare.network.queue.cancel(one.key)


def test_failures_are_told_at_the_foot_until_they_are_seen(bare: MainWindow) -> None:
    steps = Steps(failing=(2, 3))
    bare.network.use_runners({"send": steps})
    bare.network.add("send", "Archive", "Phantom · CT", {})
    bare.network.add("gopher", "Other", "Something", {})
    steps.step(4)
    chip = bare.status.transfers
    until(lambda: chip.isVisible() and chip.text() == "2 transfers failed")
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    until(lambda: not chip.isVisible())
    texts = [shown(bare, row) for row in range(2)]
    assert any("Done, with faults" in text and "2 failed" in text for text in texts)
    assert any("does not know this kind of transfer" in text for text in texts)


def test_hiding_identity_hides_the_titles(bare: MainWindow) -> None:
    bare.network.use_runners({"send": Steps()})
    open_panel(bare)
    key = bare.network.add("send", "Archive", "Phantom · CT", {}).key
    until(lambda: "Phantom" in shown(bare))
    bare.dispatch("view.hide_identity")
    assert "Phantom" not in shown(bare)
    bare.network.queue.cancel(key)


def test_a_restart_keeps_the_jobs_and_starts_none_of_them(bare: MainWindow, qapp: QApplication) -> None:
    """Nothing goes over the network unasked: what ran and what waited is paused."""
    before = Steps()
    bare.network.use_runners({"send": before})
    bare.network.add("send", "Archive", "First", {})
    bare.network.add("send", "Archive", "Second", {})
    before.step()
    until(lambda: any(one.progress.done == 1 for one in bare.network.queue.jobs()))
    bare.close()
    again = build()
    after = Steps()
    try:
        again.window.show()
        again.window.network.use_runners({"send": after})
        open_panel(again.window)
        until(lambda: panel_of(again.window).model.rowCount() == 2)
        assert all("Paused" in shown(again.window, row) for row in range(2))
        again.window.network.add("send", "Other", "Third", {})
        after.step(4)
        until(lambda: any(one.title == "Third" and one.state == "done" for one in again.window.network.queue.jobs()))
        assert after.runs == 1
        again.window.dispatch("network.resume_all")
        after.step(8)
        until(lambda: all(one.state == "done" for one in again.window.network.queue.jobs()))
        assert after.runs == 3
    finally:
        again.window.close()
        again.close()
        again.window.deleteLater()


def test_a_print_goes_through_the_queue_to_a_real_printer(dcmtk: Path, tmp_path: Path, bare: MainWindow) -> None:
    """G15: the film is made on the job's own thread, from files, when its turn comes."""
    write_demo(tmp_path / "demo")
    image = next(path for path in sorted((tmp_path / "demo").rglob("*")) if path.is_file() and path.suffix == ".dcm")
    (tmp_path / "printer").mkdir()
    with dcmprscp(dcmtk, tmp_path / "printer") as printer:
        bare.network.put_node(printer.node)
        open_panel(bare)
        film = {"size": "A4", "columns": 1, "rows": 1}
        key = bare.network.add(
            "print", printer.node.name, "1 film", {"node": printer.node.name, "paths": [str(image)], "film": film}
        ).key
        until(lambda: job(bare, key).is_over)
        assert job(bare, key).state == "done", job(bare, key).sentence
        until(lambda: "1 of 1" in shown(bare))
        assert len(list((printer.folder / "db").glob("HG_*.dcm"))) == 1


def test_a_print_of_a_file_that_is_gone_says_so(bare: MainWindow, tmp_path: Path) -> None:
    from tests.network.peers import free_port, node

    bare.network.put_node(node("PRINTER", free_port()))
    open_panel(bare)
    frames = [["1.2.3", 0]]
    parameters = {"node": "printer", "paths": [str(tmp_path / "gone.dcm")], "frames": frames}
    key = bare.network.add("print", "printer", "1 film", parameters).key
    until(lambda: job(bare, key).is_over)
    assert "not there any more" in job(bare, key).sentence
