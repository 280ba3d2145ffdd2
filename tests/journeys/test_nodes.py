"""Nodes by hand: written, saved, checked against real servers (G2, G22, features O)."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from tests.journeys.waiting import until
from tests.network.archive_content import push, write_archive
from tests.network.certificates import authority
from tests.network.peers import Peer, dcmqrscp, free_port, node, storescp
from workstation.app import Application
from workstation.network.nodes import FILE_NAME, NodeBook, Tls
from workstation.paths import config_folder
from workstation.ui.main_window import MainWindow
from workstation.ui.nodes_page import NodesPage

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def bare(application: Application) -> MainWindow:
    return application.window


@pytest.fixture
def page(bare: MainWindow) -> Iterator[NodesPage]:
    opened = open_page(bare)
    yield opened
    for one in bare.findChildren(NodesPage):
        one.close()


@pytest.fixture(scope="module")
def archive(dcmtk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with dcmqrscp(dcmtk, tmp_path_factory.mktemp("qrscp")) as peer:
        yield peer


def open_page(window: MainWindow) -> NodesPage:
    window.activateWindow()
    until(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_N, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    return open_one(window)


def open_one(window: MainWindow) -> NodesPage:
    (page,) = [one for one in window.findChildren(NodesPage) if one.isVisible()]
    until(page.isActiveWindow)
    return page


def write(field: QWidget, text: str) -> None:
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_A, CONTROL)
    QTest.keyClicks(field, text)


def fill(page: NodesPage, peer_title: str, port: int, name: str = "Peer") -> None:
    write(page.form.name, name)
    write(page.form.ae_title, peer_title)
    write(page.form.host, "127.0.0.1")
    write(page.form.port, str(port))


def check(page: NodesPage) -> list[tuple[str, bool | None]]:
    """Press F5, wait, and return the steps with what was found."""
    page.activateWindow()
    until(page.isActiveWindow)
    before = page.checks.lines
    QTest.keyClick(page, Qt.Key.Key_F5)
    assert page.checks.lines is not before
    until(lambda: page.checks.lines and not page.checks.running)
    return [(one.finding.step.value, one.finding.good) for one in page.checks.lines if hasattr(one, "finding")]


def shown(page: NodesPage) -> str:
    page.checks.copying.click()
    return QApplication.clipboard().text()


def saved() -> list[dict[str, object]]:
    return list(json.loads((config_folder() / FILE_NAME).read_text())["nodes"])


def test_a_node_is_written_and_saved_by_the_keyboard(bare: MainWindow, page: NodesPage) -> None:
    assert page.first.isVisible()
    QTest.keyClick(page.first, Qt.Key.Key_Space)
    assert page.focusWidget() is page.form.name
    assert page.form.name.selectedText() == "New node"
    fill(page, "ARCHIVE", 11112, "The archive")
    QTest.keyClick(page, Qt.Key.Key_S, CONTROL)
    assert not page.saving.isEnabled()
    QTest.keyClick(page, Qt.Key.Key_Escape)
    bare.close()
    (one,) = saved()
    assert (one["name"], one["ae_title"], one["host"], one["port"]) == ("The archive", "ARCHIVE", "127.0.0.1", 11112)
    assert "password" not in (config_folder() / FILE_NAME).read_text()


def test_a_first_check_makes_the_study_list_on_the_thread_of_the_window(
    bare: MainWindow, page: NodesPage, dcmtk: Path, tmp_path: Path
) -> None:
    """G22: asking a node to move something to us needs the library, whose page was not seen yet."""
    port = free_port()
    bare.settings.set("receive_port", port)
    write_archive(tmp_path / "files")
    (tmp_path / "qrscp").mkdir()
    with dcmqrscp(dcmtk, tmp_path / "qrscp", destinations=[("WORKSTATION", port)]) as full:
        push(dcmtk, full, tmp_path / "files")
        QTest.keyClick(page.first, Qt.Key.Key_Space)
        fill(page, full.node.ae_title, full.node.port)
        assert ("transfer", True) in check(page)
    assert bare.library.panel.thread() is bare.library.desk.thread() is bare.thread()


def test_what_is_wrong_stands_beside_the_field_as_it_is_typed(page: NodesPage) -> None:
    """G2: a title that cannot be one is refused here, not when it is used."""
    page.add()
    fill(page, "ARCHIVE", 104)
    assert page.saving.isEnabled()
    for title, said in (("A" * 17, "at most sixteen characters, this one has 17"), ("A\\B", "without a backslash")):
        write(page.form.ae_title, title)
        assert said in page.form.ae_title.accessibleDescription()
        assert not page.saving.isEnabled()
        assert not page.checks.check.isEnabled()
    write(page.form.ae_title, "ARCHIVE")
    assert page.form.ae_title.accessibleDescription() == ""
    write(page.form.host, "archive:104/path")
    assert "without port or path" in page.form.host.accessibleDescription()


def test_a_sound_node_is_saved_by_leaving_it_and_a_faulty_one_is_kept_for_later(bare: MainWindow) -> None:
    page = open_page(bare)
    page.add()
    fill(page, "ONE", 104, "One")
    QTest.keyClick(page, Qt.Key.Key_N, CONTROL)
    assert [one.name for one in bare.network.book] == ["One"]
    fill(page, "A" * 20, 104, "Two")
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert [one.name for one in bare.network.book] == ["One"]
    assert "Two" in bare.messages.text.text()
    QTest.mouseClick(bare.messages.action, Qt.MouseButton.LeftButton)
    again = open_one(bare)
    assert again.list.count() == 2
    again.list.setCurrentRow(1)
    assert again.form.ae_title.text() == "A" * 20
    again.remove()
    again.close()


def test_closing_the_window_saves_what_is_sound(bare: MainWindow, page: NodesPage) -> None:
    page.add()
    fill(page, "ONE", 104, "One")
    bare.close()
    assert [one["name"] for one in saved()] == ["One"]


def test_a_removed_node_comes_back_at_its_place(bare: MainWindow, page: NodesPage) -> None:
    for name in ("One", "Two", "Three"):
        page.add()
        fill(page, "PEER", 104, name)
        page.save()
    page.list.setCurrentRow(1)
    page.list.setFocus()
    QTest.keyClick(page.list, Qt.Key.Key_Delete)
    assert [one.name for one in bare.network.book] == ["One", "Three"]
    QTest.mouseClick(page.messages.action, Qt.MouseButton.LeftButton)
    assert [one.name for one in bare.network.book] == ["One", "Two", "Three"]
    assert page.form.name.text() == "Two"
    QTest.keyClick(page, Qt.Key.Key_D, CONTROL)
    assert page.form.name.text() == "Two 2"
    page.remove()


def test_a_server_that_answers_passes_every_step(dcmtk: Path, tmp_path: Path, page: NodesPage) -> None:
    """G22: echo; a storage server finds nothing, which is told as that."""
    with storescp(dcmtk, tmp_path) as peer:
        page.add()
        fill(page, "STORESCP", peer.node.port)
        page.form.services["query"].click()
        assert check(page) == [(step, True) for step in ("address", "connect", "association", "title", "service")]
    assert re.search(r"✓ Answer: It answered the echo after \d+ ms\.", shown(page))


def test_a_closed_port_is_found_and_nothing_after_it_reached(page: NodesPage) -> None:
    """G22."""
    page.add()
    fill(page, "ARCHIVE", free_port())
    assert check(page) == [
        ("address", True),
        ("connect", False),
        ("association", None),
        ("title", None),
        ("service", None),
        ("service", None),
        ("service", None),
    ]
    assert "✗ Connection: Peer: nothing listens at" in shown(page)
    assert "Check the port, and whether the server runs." in shown(page)


def test_a_wrong_title_is_told_from_a_closed_port(archive: Peer, page: NodesPage) -> None:
    """G22, G1: dcmqrscp refuses a called title it does not know."""
    page.add()
    fill(page, "OTHER", archive.node.port)
    found = check(page)
    assert dict(found[:5])["title"] is False, shown(page)
    assert dict(found[:5])["connect"] is True
    write(page.form.ae_title, archive.node.ae_title)
    assert all(good for _step, good in check(page)[:5])


def test_an_empty_archive_answers_the_echo_and_finds_nothing(archive: Peer, page: NodesPage) -> None:
    """G22: the second check is another than the first."""
    page.add()
    fill(page, archive.node.ae_title, archive.node.port)
    write(page.checks.patient, "0042")
    found = check(page)
    assert [good for _step, good in found] == [True] * 5 + [False, None]
    assert "knows no study of this patient" in shown(page)
    assert "0042" not in shown(page)


def test_a_check_can_be_stopped(page: NodesPage) -> None:
    """G1: the window goes on, whatever a server does."""
    import socket

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        page.add()
        fill(page, "SILENT", silent.getsockname()[1])
        QTest.keyClick(page, Qt.Key.Key_F5)
        until(lambda: len(page.checks.lines) >= 3)
        QTest.keyClick(page, Qt.Key.Key_Escape)
        assert not page.checks.running
        assert page.isVisible()
        assert page.checks.state.text() == "Stopped."


def test_a_certificate_is_looked_at_and_accepted(dcmtk: Path, tmp_path: Path, page: NodesPage) -> None:
    """G17: one that nobody vouches for is used only after the user has seen its fingerprint."""
    tls = authority(tmp_path).issue(tmp_path, "server")
    with storescp(dcmtk, tmp_path / "server", "-ic", tls=tls) as peer:
        page.add()
        fill(page, "STORESCP", peer.node.port)
        page.form.services["query"].click()
        assert page.form.tls_on is not None
        page.form.tls_on.click()
        assert ("tls", False) in check(page)
        page.form.look_wanted.emit()
        until(lambda: page.findChild(QPushButton, "acceptCertificate"))
        QTest.mouseClick(page.findChild(QPushButton, "acceptCertificate"), Qt.MouseButton.LeftButton)
        assert re.fullmatch("[0-9a-f]{64}", page.form.pinned.text())
        assert all(good for _step, good in check(page))


def test_a_secret_is_never_in_the_file_and_goes_with_the_name(bare: MainWindow, page: NodesPage) -> None:
    """A password is kept by the desk's secrets alone, and follows a node that is renamed."""
    page.add()
    write(page.form.name, "Web")
    page.form.web_on.click()
    write(page.form.root, "https://archive.example.org/dicom-web")
    page.form.authentication.setCurrentIndex(1)
    write(page.form.user, "reader")
    write(page.form.secret, "s3cr3t")
    page.save()
    until(lambda: bare.network.secrets.get("Web", "password") == "s3cr3t")
    write(page.form.name, "Renamed")
    page.save()
    until(lambda: bare.network.secrets.get("Renamed", "password") == "s3cr3t")
    until(lambda: bare.network.secrets.get("Web", "password") is None)
    page.close()
    bare.close()
    assert "s3cr3t" not in (config_folder() / FILE_NAME).read_text()
    assert NodeBook().named("Renamed").web is not None


def test_opening_the_page_imports_neither_network_nor_keyring(bare: MainWindow) -> None:
    """Nothing is asked of anybody before the user asks (features N14)."""
    book = NodeBook()
    book.put(replace(node("ARCHIVE", 104), tls=Tls()))
    before = set(sys.modules)
    open_page(bare).close()
    new = set(sys.modules) - before
    assert not [name for name in new if name.split(".")[0] in ("pynetdicom", "httpx2", "keyring", "truststore")]


def test_transfers_of_a_node_follow_its_new_name(bare: MainWindow) -> None:
    bare.network.put_node(node("ARCHIVE", free_port()))
    job = bare.network.add("commit", "archive", "", {"node": "archive"})
    bare.network.put_node(node("ARCHIVE", free_port(), name="PACS"), instead_of="archive")
    renamed = bare.network.queue.job(job.key)
    assert renamed is not None
    assert (renamed.node, renamed.parameters["node"]) == ("PACS", "PACS")
