"""The worklist page by key and mouse, over DCMTK's worklist server and a played one that counts (G14, N14)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox

from tests.journeys.hand import to_front, wait
from tests.network.peers import Peer, free_port, node, wlmscpfs
from tests.network.test_worklist import item
from workstation.app import Application
from workstation.library.search import StudyQuery
from workstation.ui.main_window import MainWindow
from workstation.ui.worklist_page import EMPTY, FAILED, FIRST, NO_NODE, TABLE, WorklistPage


def open_page(window: MainWindow) -> WorklistPage:
    to_front(window)
    QTest.keyClick(window, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    wait(lambda: any(page.isVisible() for page in window.findChildren(WorklistPage)))
    return next(page for page in window.findChildren(WorklistPage) if page.isVisible())


@pytest.fixture
def window(application: Application) -> Iterator[MainWindow]:
    yield application.window
    for page in application.window.findChildren(WorklistPage):
        page.close()


@pytest.fixture(scope="module")
def scheduled(dcmtk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    folder = tmp_path_factory.mktemp("worklist")
    today = time.strftime("%Y%m%d")
    paths = []
    for number, ds in enumerate(
        (
            item(1, "Müller^Worklist", "CT", "CTSTATION", today, "ISO_IR 100"),
            item(2, "Doe^Jane", "MR", "MRSTATION", today),
            item(3, "Roe^Richard", "CT", "CTSTATION", "20240201"),
        )
    ):
        path = folder / f"item{number}.dcm"
        ds.save_as(path, implicit_vr=False, little_endian=True, enforce_file_format=True)
        paths.append(path)
    with wlmscpfs(dcmtk, folder, paths) as server:
        yield server


def choose_date(page: WorklistPage, title: str) -> None:
    page.dates.setFocus()
    QTest.keyClick(page.dates, Qt.Key.Key_Home)
    while page.dates.currentText() != title:
        before = page.dates.currentText()
        QTest.keyClick(page.dates, Qt.Key.Key_Down)
        assert page.dates.currentText() != before


def names(page: WorklistPage) -> list[str]:
    return [page.model.text(row, 1) for row in range(page.model.rowCount())]


def test_today_is_asked_with_enter_and_all_of_a_step_is_shown(window: MainWindow, scheduled: Peer) -> None:
    """G14: the answers of a real server, read by their own character set."""
    window.network.put_node(scheduled.node)
    page = open_page(window)
    assert page.pages.currentIndex() == FIRST
    page.patient.setFocus()
    QTest.keyClick(page.patient, Qt.Key.Key_Return)
    wait(lambda: not page.running)
    assert (page.pages.currentIndex(), sorted(names(page))) == (TABLE, ["Doe, Jane", "Müller, Worklist"])
    page.table.selectRow(names(page).index("Müller, Worklist"))
    values = {line.row.keyword: line.row.value for line in page.header.lines.lines if line.row}
    assert values["PatientID"] == "WL1"
    assert values["ScheduledStationAETitle"] == "CTSTATION"
    assert "2 steps" in page.state.text()


def test_modalities_are_asked_one_by_one_and_any_date_finds_the_old_step(window: MainWindow, scheduled: Peer) -> None:
    window.network.put_node(scheduled.node)
    page = open_page(window)
    choose_date(page, "Any date")
    page.chips.choose(("CT", "MR"))
    QTest.mouseClick(page.go, Qt.MouseButton.LeftButton)
    wait(lambda: not page.running)
    assert sorted(names(page)) == ["Doe, Jane", "Müller, Worklist", "Roe, Richard"]
    page.chips.choose(("CT",))
    QTest.mouseClick(page.go, Qt.MouseButton.LeftButton)
    wait(lambda: not page.running)
    assert sorted(names(page)) == ["Müller, Worklist", "Roe, Richard"]


def test_nothing_scheduled_is_no_error(window: MainWindow, scheduled: Peer) -> None:
    """G14: an empty answer is an answer."""
    window.network.put_node(scheduled.node)
    page = open_page(window)
    page.patient_id.setFocus()
    QTest.keyClicks(page.patient_id, "NOBODY")
    QTest.keyClick(page.patient_id, Qt.Key.Key_Return)
    wait(lambda: not page.running)
    assert page.pages.currentIndex() == EMPTY
    assert page.state.tone != "error"


def test_a_worklist_that_is_not_there_is_an_error_in_one_line(window: MainWindow) -> None:
    window.network.put_node(node("GONE", free_port(), connect_timeout=2.0))
    page = open_page(window)
    QTest.keyClick(page, Qt.Key.Key_Return)
    wait(lambda: not page.running)
    assert (page.pages.currentIndex(), page.state.tone) == (FAILED, "error")
    assert "GONE" in page.failed.advice.text() or "gone" in page.failed.advice.text()
    assert "\n" not in page.failed.advice.text()


def test_a_date_that_cannot_be_read_is_told_and_nothing_is_asked(window: MainWindow, scheduled: Peer) -> None:
    window.network.put_node(scheduled.node)
    page = open_page(window)
    choose_date(page, "Dates…")
    QTest.keyClicks(page.typed, "soon")
    QTest.keyClick(page.typed, Qt.Key.Key_Return)
    assert not page.running
    assert "Dates look like" in page.state.text()
    page.typed.clear()
    QTest.keyClicks(page.typed, "2024-02")
    QTest.keyClick(page.typed, Qt.Key.Key_Return)
    wait(lambda: not page.running)
    assert names(page) == ["Roe, Richard"]


def test_the_patient_of_a_step_is_looked_for_in_the_study_list(window: MainWindow, scheduled: Peer) -> None:
    window.network.put_node(scheduled.node)
    page = open_page(window)
    QTest.keyClicks(page.patient, "Doe*")
    QTest.keyClick(page.patient, Qt.Key.Key_Return)
    wait(lambda: not page.running)
    QTest.mouseClick(page.find_button, Qt.MouseButton.LeftButton)
    assert window.library.at_home
    asked: StudyQuery = window.library.panel.query()
    assert asked.columns == (("patient_id", "WL2"),)


def test_hidden_identity_leaves_names_out_of_table_and_step(window: MainWindow, scheduled: Peer) -> None:
    """N14."""
    window.network.put_node(scheduled.node)
    page = open_page(window)
    QTest.keyClick(page, Qt.Key.Key_Return)
    wait(lambda: not page.running)
    window.dispatch("view.hide_identity")
    assert set(names(page)) == {"•••"}
    shown = " ".join(page.header.lines.cell(line, 2) for line in page.header.lines.lines)
    assert "WL1" not in shown
    assert "WL2" not in shown


def test_identity_is_hidden_by_its_key_while_the_worklist_has_the_keyboard(window: MainWindow) -> None:
    """N14: what is typed to find a patient is hidden as well."""
    page = open_page(window)
    for field in (page.patient, page.patient_id, page.accession):
        field.setText("Doe")
    QTest.keyClick(page.patient, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert window.workspace.options.identity_hidden
    shown = {field.displayText() for field in (page.patient, page.patient_id, page.accession)}
    assert len(shown) == 1
    assert "Doe" not in shown


def test_nothing_is_asked_before_the_user_searches(window: MainWindow, dcmtk: Path, tmp_path: Path) -> None:
    """N14: opening the page opens no connection, unless "Search on opening" was ticked."""
    from pynetdicom import AE, evt

    from workstation.network.worklist import MODEL

    calls: list[str] = []
    entity = AE("COUNTING")
    entity.add_supported_context(MODEL)
    handlers = [
        (evt.EVT_CONN_OPEN, lambda event: calls.append("open")),
        (evt.EVT_C_FIND, lambda event: iter(((0x0000, None),))),
    ]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    assert server is not None
    try:
        window.network.put_node(node("COUNTING", server.server_address[1]))
        page = open_page(window)
        QTest.keyClicks(page.patient, "Doe*")
        QTest.qWait(200)
        assert calls == []
        QTest.keyClick(page.patient, Qt.Key.Key_Return)
        wait(lambda: not page.running)
        assert (calls, page.pages.currentIndex()) == (["open"], EMPTY)
        box: QCheckBox = page.at_once
        QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
        assert window.settings["worklist_at_once"]
        page.close()
        wait(lambda: not any(one.isVisible() for one in window.findChildren(WorklistPage)))
        again = open_page(window)
        wait(lambda: not again.running)
        assert calls == ["open", "open"]
    finally:
        server.shutdown()


def test_escape_stops_a_slow_worklist_and_keeps_what_came(window: MainWindow) -> None:
    """G4: a C-CANCEL ends the request; the first answer stays."""
    from pynetdicom import AE, evt
    from pynetdicom.events import Event

    from workstation.network.worklist import MODEL

    cancelled = threading.Event()

    def on_find(event: Event) -> Iterator[tuple[int, object]]:
        ds = item(1, "Slow^One", "CT", "CTSTATION", time.strftime("%Y%m%d"))
        yield 0xFF00, ds
        end = time.monotonic() + 20
        while not cancelled.is_set() and time.monotonic() < end:
            if event.is_cancelled:  # true once
                cancelled.set()
            time.sleep(0.01)
        yield 0xFE00, None

    entity = AE("SLOW")
    entity.add_supported_context(MODEL)
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_FIND, on_find)])
    assert server is not None
    try:
        window.network.put_node(node("SLOW", server.server_address[1]))
        page = open_page(window)
        QTest.keyClick(page, Qt.Key.Key_Return)
        wait(lambda: page.model.rowCount() == 1)
        QTest.keyClick(page, Qt.Key.Key_Escape)
        assert not page.running
        assert page.isVisible()
        assert (names(page), page.state.tone) == (["Slow, One"], "warning")
        wait(cancelled.is_set)
    finally:
        server.shutdown()


def test_without_a_worklist_the_page_leads_to_the_nodes(window: MainWindow) -> None:
    page = open_page(window)
    assert page.pages.currentIndex() == NO_NODE
    assert not page.go.isEnabled()
