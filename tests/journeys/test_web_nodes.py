"""DICOMweb nodes by key and mouse: searched, fetched, checked, signed in to, against a real server (O2, P2, G18)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.journeys.test_nodes import check, open_page, shown, write
from tests.journeys.test_remote_list import ended, know, open_list, row_of, search, until
from tests.journeys.test_sending import open_dialog
from tests.network import archive_content as content
from tests.network.peers import Peer, orthanc
from tests.network.played_web import Reply, Request, json_reply, played, related, related_reply
from tests.network.test_web_oidc import Browser, Issuer, issuing, node_for
from workstation.app import Application
from workstation.library.search import StudyQuery, studies
from workstation.network.nodes import Node
from workstation.phantoms.volumes import write_linear_series
from workstation.transfers.study_places import ALL
from workstation.ui.library_panel import LibraryPanel
from workstation.ui.main_window import MainWindow
from workstation.ui.nodes_page import NodesPage
from workstation.ui.screenshot import wait_until_settled
from workstation.ui.study_list_model import IMAGES, WHERE

USER = ("ada", "secret")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("content")
    write_linear_series(folder / "linear")
    content.write_archive(folder / "archive")
    return sorted(path for path in folder.rglob("*") if path.is_file())


def served(dcmtk: Path, folder: Path, files: list[Path], user: tuple[str, str] | None) -> Iterator[Peer]:
    with orthanc(folder / "orthanc", user=user, worklist=False) as server:
        for one in dict.fromkeys(path.parent for path in files):
            content.push(dcmtk, server, one)
        yield server


@pytest.fixture(scope="module")
def open_archive(
    dcmtk: Path, orthanc_program: Path, files: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Peer]:
    yield from served(dcmtk, tmp_path_factory.mktemp("open"), files, None)


@pytest.fixture(scope="module")
def guarded(
    dcmtk: Path, orthanc_program: Path, files: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Peer]:
    yield from served(dcmtk, tmp_path_factory.mktemp("guarded"), files, USER)


def by_web(peer: Peer) -> Node:
    return replace(peer.node, name="web archive", host="")


def choose(panel: LibraryPanel, source: str) -> None:
    QTest.mouseClick(panel.bar.sources.button(source), Qt.MouseButton.LeftButton)


def double_click(panel: LibraryPanel, row: int) -> None:
    at = panel.table.visualRect(panel.model.index(row, 1)).center()
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)


def linear_of(files: list[Path]) -> dict[str, pydicom.Dataset]:
    read = [pydicom.dcmread(path) for path in files if "linear" in path.parts]
    return {ds.SOPInstanceUID: ds for ds in read}


def expect_in_library(window: MainWindow, sent: dict[str, pydicom.Dataset]) -> None:
    """The library has the study, each object element by element as pydicom reads what was sent."""
    library = window.library.desk.opened_library()
    (row,) = studies(library, StudyQuery())
    assert row.instance_count == len(sent)
    stored = [pydicom.dcmread(path) for path in library.files.rglob("*") if path.is_file()]
    assert {ds.SOPInstanceUID: ds for ds in stored} == sent


def test_a_double_clicked_study_of_a_web_node_comes_onto_the_screen_and_into_the_library(
    application: Application, open_archive: Peer, files: list[Path]
) -> None:
    know(by_web(open_archive))
    window = application.window
    panel = open_list(application)
    choose(panel, "web archive")
    search(panel, "Phantom")
    until(lambda: ended(panel) and panel.model.rows)
    assert panel.model.text(0, WHERE) == "web archive"
    double_click(panel, 0)
    sent = linear_of(files)
    until(lambda: not window.library.at_home and window.workspace.catalogue.instances)
    until(lambda: len(window.workspace.catalogue.instances) == len(sent) and not window.desk.running)
    assert window.workspace.state(0).stack_id is not None
    until(lambda: all(job.is_over for job in window.network.queue.jobs()))
    (job,) = window.network.queue.jobs()
    assert (job.kind, job.state) == ("web_retrieve", "done")
    expect_in_library(window, sent)


def test_the_first_image_is_on_screen_while_the_rest_is_still_to_come(
    application: Application, files: list[Path]
) -> None:
    """O3: the service holds everything but the first object back until the image is seen."""
    paths = [path for path in files if "linear" in path.parts]
    sent = linear_of(files)
    first, may_go_on = next(iter(sent.values())), threading.Event()
    row = first.to_json_dict() | {"00080061": {"vr": "CS", "Value": [first.Modality]}}
    row.pop("7FE00010")
    listed = [
        {
            tag: {"vr": "UI", "Value": [uid]}
            for tag, uid in (("00080018", ds.SOPInstanceUID), ("0020000E", ds.SeriesInstanceUID))
        }
        for ds in sent.values()
    ]

    def body() -> Iterator[bytes]:
        whole = [related([path.read_bytes()], end=False) for path in paths]
        yield whole[0] + b"--cut\r\n"
        assert may_go_on.wait(30)
        yield b"".join(whole[1:]).removeprefix(b"--cut\r\n") + b"--cut--\r\n"

    def answer(request: Request) -> Reply:
        if request.query.get("offset", ["0"]) != ["0"]:
            return json_reply([])
        if request.path.endswith("/instances"):
            return json_reply(listed)
        return json_reply([row]) if request.path.endswith(("/studies", "/series")) else related_reply(body())

    with played(answer) as server:
        know(replace(server.node(), name="web archive", stall_timeout=60))
        window = application.window
        panel = open_list(application)
        choose(panel, "web archive")
        search(panel, "Phantom")
        until(lambda: ended(panel) and panel.model.rows)
        double_click(panel, 0)
        try:
            until(lambda: not window.library.at_home and window.workspace.state(0).stack_id is not None)
            assert wait_until_settled(window, 20)
            (job,) = window.network.queue.jobs()
            assert (job.state, job.progress.done, job.progress.total) == ("running", 1, len(paths))
            assert len(window.workspace.catalogue.instances) == 1
        finally:
            may_go_on.set()
        until(lambda: all(job.is_over for job in window.network.queue.jobs()))
        until(lambda: len(window.workspace.catalogue.instances) == len(paths))
        expect_in_library(window, sent)


def test_a_web_node_and_a_dimse_node_are_one_list_with_counts_and_series(
    application: Application, open_archive: Peer
) -> None:
    """O2, G11: the same studies by two ways are one row each."""
    know(by_web(open_archive), open_archive.node)
    panel = open_list(application)
    choose(panel, ALL)
    search(panel, "doe")
    until(lambda: ended(panel) and panel.model.rows)
    assert not [one for one in panel.remote._states if one.state == "failed"]
    places = [panel.model.text(n, WHERE).split(", ") for n in range(len(panel.model.rows))]
    assert [sorted(one) for one in places] == [["orthanc", "web archive"]] * 2
    row = panel.model.rows[0]
    panel.table.setCurrentIndex(panel.model.index(row_of(panel, row.uid), 0))
    until(lambda: panel.remote._series.get(row.uid))
    (told,) = panel.remote._series[row.uid].values()
    assert not isinstance(told, str)
    assert sum(one.instance_count or 0 for one in told) == int(panel.model.text(0, IMAGES))


def test_nothing_is_sent_to_a_web_node_before_a_search(application: Application) -> None:
    with played(lambda _request: json_reply([])) as server:
        know(replace(server.node(), name="web archive"))
        panel = open_list(application)
        choose(panel, "web archive")
        choose(panel, ALL)
        page = open_page(application.window)
        page.close()
        search(panel, "")
        until(lambda: not panel.remote.asking)
        assert server.asked == []
        search(panel, "nobody")
        until(lambda: ended(panel))
        assert server.asked
        assert {one.path for one in server.asked} == {"/dicom-web/studies"}


def test_what_a_service_warns_of_is_told_with_the_answers(application: Application) -> None:
    """PS3.18 8.3.4.4, 10.6.3: a warning, and 206 for a part of the answers."""
    warned = json_reply([], 206, Warning='299 archive: "only this year"')
    with played(lambda _request: warned) as server:
        know(replace(server.node(), name="web archive"))
        panel = open_list(application)
        choose(panel, "web archive")
        search(panel, "nobody")
        until(lambda: ended(panel))
        assert "only this year" in "".join(one.tip for one in panel.remote.lines.lines())


def test_a_search_asks_for_the_password_and_goes_on_with_it(application: Application, guarded: Peer) -> None:
    know(by_web(guarded))
    window = application.window
    panel = open_list(application)
    choose(panel, "web archive")
    search(panel, "Phantom")
    until(lambda: ended(panel))
    (line,) = [one for one in panel.remote.lines.lines() if one.act == "give web archive"]
    assert line.text == "The password for web archive is needed."
    QTest.mouseClick(panel.remote.lines.button(line.act), Qt.MouseButton.LeftButton)
    field = window.network.credentials.line
    assert field.isVisible()
    assert window.focusWidget() is field.field
    QTest.keyClicks(field.field, "wrong")
    QTest.keyClick(field.field, Qt.Key.Key_Return)
    until(lambda: any("not accepted" in one.sentence for one in panel.remote._states))
    assert not field.isVisible()
    QTest.mouseClick(panel.remote.lines.button(line.act), Qt.MouseButton.LeftButton)
    QTest.keyClicks(field.field, USER[1])
    QTest.mouseClick(field.go_on, Qt.MouseButton.LeftButton)
    until(lambda: ended(panel) and panel.model.rows)


def test_a_transfer_waits_for_the_password_without_holding_anything_up(
    application: Application, guarded: Peer, files: list[Path]
) -> None:
    know(by_web(guarded))
    window = application.window
    panel = open_list(application)
    window.network.secrets.put("web archive", "password", USER[1])
    choose(panel, "web archive")
    search(panel, "Phantom")
    until(lambda: ended(panel) and panel.model.rows)
    window.network.secrets.forget("web archive", "password")
    panel.table.setFocus()
    double_click(panel, 0)
    until(lambda: window.network.credentials.line.isVisible())
    line = window.network.credentials.line
    assert line.text.text().startswith("The password for web archive is needed.")
    assert window.focusWidget() is not line.field
    (job,) = window.network.queue.jobs()
    assert (job.state, job.sentence) == ("paused", "The password for web archive is needed.")
    QTest.mouseClick(line.field, Qt.MouseButton.LeftButton)
    QTest.keyClick(line.field, Qt.Key.Key_Escape)
    assert not line.isVisible()
    window.network.resume(job.key)
    until(lambda: line.isVisible())
    QTest.keyClick(line.field, Qt.Key.Key_Escape)
    until(lambda: window.actions_by_id["network.give"].isEnabled())
    window.actions_by_id["network.give"].trigger()
    assert window.focusWidget() is line.field
    QTest.keyClicks(line.field, USER[1])
    QTest.keyClick(line.field, Qt.Key.Key_Return)
    until(lambda: all(one.is_over for one in window.network.queue.jobs()))
    until(lambda: not window.library.at_home and window.workspace.catalogue.instances)
    expect_in_library(window, linear_of(files))


def test_files_are_sent_to_a_web_node_once_its_password_is_given_on_its_page(
    application: Application, guarded: Peer, tmp_path: Path
) -> None:
    """G10: the dialog offers the node; the transfer waits, and goes on when the page keeps the password."""
    write_linear_series(tmp_path / "new")
    know(by_web(guarded))
    window = application.window
    window.desk.open_paths([str(tmp_path / "new")])
    assert wait_until_settled(window, 20)
    until(lambda: window.actions_by_id["network.send"].isEnabled())
    dialog = open_dialog(window)
    assert dialog.node.currentText() == "web archive"
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    until(lambda: window.network.credentials.line.isVisible())
    page = open_page(window)
    write(page.form.secret, USER[1])
    QTest.keyClick(page, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    until(lambda: all(one.is_over for one in window.network.queue.jobs()))
    page.close()
    (job,) = window.network.queue.jobs()
    assert (job.kind, job.state) == ("web_send", "done")
    assert job.progress.done == len([path for path in (tmp_path / "new").rglob("*") if path.is_file()])
    assert not window.network.credentials.line.isVisible()


@pytest.fixture
def page(application: Application) -> Iterator[NodesPage]:
    yield (opened := open_page(application.window))
    opened.close()


def test_a_web_node_is_written_checked_with_the_typed_password_and_told_what_is_wrong(
    page: NodesPage, guarded: Peer
) -> None:
    """G22: a password that was typed and not saved yet is used; a wrong one is told as such."""
    assert guarded.node.web is not None
    page.add()
    write(page.form.name, "web archive")
    page.form.web_on.setChecked(True)
    write(page.form.root, guarded.node.web.root)
    page.form.authentication.setCurrentIndex(page.form.authentication.findData("basic"))
    write(page.form.user, USER[0])
    write(page.form.secret, "wrong")
    assert check(page) == [
        ("address", True),
        ("connect", True),
        ("http", True),
        ("sign_in", False),
        ("service", None),
    ]
    assert "HTTP 401" in shown(page)
    assert "wrong" not in shown(page)
    write(page.form.secret, USER[1])
    assert [good for _step, good in check(page)] == [True] * 5


def test_signing_in_and_out_from_the_page(application: Application) -> None:
    """P2: the browser is shown the issuer's page; who is signed in until when is told, and forgotten on request."""
    with issuing(Issuer(claims={"preferred_username": "ada"})) as issuer, _answering() as pacs, Browser() as browser:
        know(node_for(issuer, pacs.root))
        window = application.window
        page = open_page(window)
        window.network.sign_ins.show_page = browser
        until(lambda: page.form.sign_in_note.text() == "Nobody is signed in.")
        assert not page.form.sign_out.isVisible()
        assert issuer.server is not None
        assert (issuer.server.asked, pacs.asked) == ([], [])
        assert [good for _step, good in check(page)] == [True, True, None, False, None]
        QTest.mouseClick(page.form.sign_in, Qt.MouseButton.LeftButton)
        until(lambda: page.form.sign_out.isVisible())
        assert page.form.sign_in_note.text().startswith("Signed in as ada until ")
        assert check(page)[3] == ("sign_in", True)
        assert pacs.asked[-1].headers["Authorization"] == "Bearer access-1"
        QTest.mouseClick(page.form.sign_out, Qt.MouseButton.LeftButton)
        until(lambda: page.form.sign_in_note.text() == "Nobody is signed in.")
        assert window.network.secrets.get("pacs", "refresh") is None
        page.close()


def test_a_search_offers_to_sign_in_and_goes_on_after_it(application: Application) -> None:
    with issuing(Issuer()) as issuer, _answering() as pacs, Browser() as browser:
        know(node_for(issuer, pacs.root))
        window = application.window
        panel = open_list(application)
        choose(panel, "pacs")
        search(panel, "doe")
        until(lambda: ended(panel))
        assert not pacs.asked
        window.network.sign_ins.show_page = browser
        QTest.mouseClick(panel.remote.lines.button("give pacs"), Qt.MouseButton.LeftButton)
        until(lambda: pacs.asked and ended(panel))
        assert not [one for one in panel.remote._states if one.state == "failed"]
        assert not window.messages.messages()


def test_a_sign_in_that_nobody_answers_can_be_given_up(application: Application) -> None:
    with issuing(Issuer()) as issuer:
        know(node_for(issuer))
        window = application.window
        page = open_page(window)
        seen: list[str] = []
        window.network.sign_ins.show_page = seen.append
        until(lambda: page.form.sign_in_note.text())
        QTest.mouseClick(page.form.sign_in, Qt.MouseButton.LeftButton)
        until(lambda: seen)
        assert page.form.sign_in.text() == "Cancel"
        QTest.mouseClick(page.form.sign_in, Qt.MouseButton.LeftButton)
        until(lambda: page.form.sign_in_note.text() == "Nobody is signed in.")
        assert page.form.sign_in.text() == "Sign in…"
        page.close()


def _answering():
    row = {"0020000D": {"vr": "UI", "Value": ["1.2.3"]}, "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Doe"}]}}
    return played(lambda request: json_reply([row] if request.query.get("offset", ["0"]) == ["0"] else []))
