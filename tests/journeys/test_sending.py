""" "Send to…" by key and mouse: study list, browser and active series to DCMTK's storescp and Orthanc (G10, G16)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.journeys.hand import to_front, wait
from tests.network.peers import free_port, node, orthanc, storescp
from workstation.transfers.jobs import Job
from workstation.ui.main_window import MainWindow
from workstation.ui.send_choice import active_series
from workstation.ui.send_dialog import SendDialog
from workstation.ui.study_rows import BrowserRow

CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def open_dialog(window: MainWindow) -> SendDialog:
    to_front(window)
    QTest.keyClick(window, Qt.Key.Key_S, CTRL_SHIFT)
    wait(lambda: any(one.isVisible() for one in window.findChildren(SendDialog)))
    dialog = next(one for one in window.findChildren(SendDialog) if one.isVisible())
    wait(lambda: dialog._found is not None)
    return dialog


def only_job(window: MainWindow) -> Job:
    (job,) = window.network.queue.jobs()
    return job


def ended(window: MainWindow) -> Job:
    wait(lambda: only_job(window).is_over, 60)
    return only_job(window)


@pytest.fixture(autouse=True)
def _no_dialog_left(window: MainWindow) -> Iterator[None]:
    yield
    for one in window.findChildren(SendDialog):
        one.close()


def test_the_active_series_goes_to_a_node_whole(window: MainWindow, dcmtk: Path, tmp_path: Path) -> None:
    """G10: what arrives is the series, file for file."""
    series = active_series(window)
    assert series is not None
    with storescp(dcmtk, tmp_path / "peer") as server:
        window.network.put_node(server.node)
        dialog = open_dialog(window)
        assert f"{len(series.instances):,} objects" in dialog.what.text()
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        job = ended(window)
        assert (job.state, job.progress.done) == ("done", len(series.instances))
        got = sorted(path.name for path in (server.folder / "got").iterdir())
    assert len(got) == len(series.instances)
    assert not window.findChildren(SendDialog)


def test_what_the_node_did_not_take_is_sent_alone_when_tried_again(
    window: MainWindow, dcmtk: Path, tmp_path: Path
) -> None:
    """G20: another try sends only what is missing."""
    from pynetdicom import AE, StoragePresentationContexts, evt
    from pynetdicom.events import Event

    series = active_series(window)
    assert series is not None
    refused = {one.sop_instance_uid for one in series.instances[:2]}
    stored: list[str] = []
    full = [True]

    def on_store(event: Event) -> int:
        uid = str(event.request.AffectedSOPInstanceUID)
        stored.append(uid)
        return 0xA700 if full[0] and uid in refused else 0x0000

    entity = AE("PICKY")
    for context in StoragePresentationContexts:
        entity.add_supported_context(context.abstract_syntax, ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"])
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, on_store)])
    assert server is not None
    try:
        window.network.put_node(node("PICKY", server.server_address[1]))
        QTest.keyClick(open_dialog(window), Qt.Key.Key_Return)
        job = ended(window)
        assert (job.state, job.progress.failed) == ("faulty", 2)
        assert {uid for uid, _said in job.faults} == refused
        stored.clear()
        full[0] = False
        window.network.queue.retry(job.key)
        wait(lambda: only_job(window).state == "done", 60)
        assert set(stored) == refused
    finally:
        server.shutdown()


def test_orthanc_answers_for_what_it_was_sent(window: MainWindow, orthanc_program: Path, tmp_path: Path) -> None:
    """G16: commitment is asked for after sending, and the queue tells what became of it."""
    with orthanc(tmp_path / "peer", worklist=False) as server:
        window.network.put_node(server.node)
        dialog = open_dialog(window)
        QTest.mouseClick(dialog.commit, Qt.MouseButton.LeftButton, pos=QPoint(8, dialog.commit.height() // 2))
        assert dialog.commit.isChecked()
        QTest.mouseClick(dialog.send, Qt.MouseButton.LeftButton)
        job = ended(window)
    assert job.state == "done"
    assert "answer" in job.sentence or "later" in job.sentence or "commitment" in job.sentence


def test_selected_studies_of_the_study_list_are_sent(window: MainWindow, dcmtk: Path, tmp_path: Path) -> None:
    """Study list: the files of the selected study, from where the library knows them."""
    window.dispatch("library.add_open")
    panel, whole = window.library.panel, len(window.workspace.catalogue.instances)
    wait(lambda: not window.library.importing and sum(one.instance_count for one in panel.model.rows) == whole, 60)
    panel.select(0)
    row = panel.current()
    assert row is not None
    with storescp(dcmtk, tmp_path / "peer") as server:
        window.network.put_node(server.node)
        dialog = open_dialog(window)
        assert f"{row.instance_count} object" in dialog.what.text().replace(",", "")
        QTest.mouseClick(dialog.send, Qt.MouseButton.LeftButton)
        job = ended(window)
        assert (job.state, job.progress.done) == ("done", row.instance_count)


def test_a_series_of_the_strip_is_sent_alone(window: MainWindow) -> None:
    window.dispatch("library.add_open")
    panel, whole = window.library.panel, len(window.workspace.catalogue.instances)
    wait(lambda: not window.library.importing and sum(one.instance_count for one in panel.model.rows) == whole, 60)
    panel.select(0)
    wait(lambda: panel.strip.current() is not None)
    series = panel.strip.current()
    assert series is not None
    menu = panel.strip.menu(0)
    assert [action.text() for action in menu.actions()] == ["Open", "Send this series…"]
    menu.actions()[1].trigger()
    wait(lambda: any(one._found is not None for one in window.findChildren(SendDialog)))
    (dialog,) = window.findChildren(SendDialog)
    assert dialog._found is not None
    assert len(dialog._found.places) == series.instance_count


def test_a_node_that_is_not_there_fails_the_job_in_one_sentence(window: MainWindow) -> None:
    window.network.put_node(node("GONE", free_port(), connect_timeout=2.0))
    QTest.keyClick(open_dialog(window), Qt.Key.Key_Return)
    job = ended(window)
    assert job.state == "failed"
    assert job.sentence
    assert "\n" not in job.sentence


def test_without_a_node_nothing_can_be_sent(window: MainWindow) -> None:
    dialog = open_dialog(window)
    assert not dialog.send.isEnabled()
    assert dialog.no_node.isVisible()


def test_the_browser_offers_to_send_a_series_or_a_study(window: MainWindow) -> None:
    study = window.workspace.catalogue.patients[0].studies[0]
    menu = window.browser_menu.menu(BrowserRow("series", study.series[0].key, "", ""))
    titles = [action.text() for action in menu.actions()]
    assert "Send this series…" in titles
    next(action for action in menu.actions() if action.text() == "Send this study…").trigger()
    wait(lambda: any(one.isVisible() for one in window.findChildren(SendDialog)))
    dialog = next(one for one in window.findChildren(SendDialog) if one.isVisible())
    wait(lambda: dialog._found is not None)
    assert dialog._found is not None
    assert len(dialog._found.places) == sum(len(series.instances) for series in study.series)
