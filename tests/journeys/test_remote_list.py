"""One list over the library and real servers (O2, B): asked for, arriving, merged, ended, refused, fetched."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.network import archive_content as content
from tests.network import find_scp, peers
from workstation.app import Application
from workstation.network.nodes import Node, NodeBook
from workstation.network.progress import Outcome, Progress
from workstation.transfers.study_places import ALL
from workstation.ui.library_notes import ASK, FAILED, TABLE
from workstation.ui.library_panel import LibraryPanel
from workstation.ui.main_window import MainWindow
from workstation.ui.nodes_page import NodesPage
from workstation.ui.study_list_model import IMAGES, WHERE

A, B, C = (content.study_uid(one) for one in "ABC")


def until(met: Callable[[], object], seconds: float = 20) -> None:
    """Run the event loop as an application does: the workers must get their turn."""
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "nothing came of it"
        QApplication.processEvents()
        time.sleep(0.004)


@pytest.fixture(scope="module")
def archives(dcmtk: Path, orthanc_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    """Orthanc with studies A and B, dcmqrscp with A, B and C; files of all in ``files``."""
    folder = tmp_path_factory.mktemp("archives")
    paths = content.write_archive(folder / "files")
    for name, studies in (("one", "AB"), ("two", "ABC")):
        (folder / name).mkdir()
        for path in paths:
            if path.name[0] in studies:
                (folder / name / path.name).write_bytes(path.read_bytes())
    for name in ("orthanc", "qrscp"):
        (folder / name).mkdir()
    with ExitStack() as stack:
        orthanc = stack.enter_context(peers.orthanc(folder / "orthanc", worklist=False))
        qrscp = stack.enter_context(peers.dcmqrscp(dcmtk, folder / "qrscp"))
        content.push(dcmtk, orthanc, folder / "one")
        content.push(dcmtk, qrscp, folder / "two")
        yield [orthanc.node, qrscp.node]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    content.write_archive(tmp_path / "files")
    return tmp_path / "files"


def know(*nodes: Node) -> None:
    """Write the nodes down before the window is made."""
    book = NodeBook()
    for one in nodes:
        book.put(one)


def open_list(application: Application, *paths: Path) -> LibraryPanel:
    """Go to the study list, with some files in the library."""
    window = application.window
    window.activateWindow()
    if paths:
        window.library.add([str(path) for path in paths])
        until(lambda: not window.library.importing and window.library.panel.model.rows)
    else:
        window.dispatch("view.library")
    panel = window.library.panel
    until(lambda: panel.bar.sources.nodes())
    return panel


def search(panel: LibraryPanel, text: str) -> None:
    panel.search.setFocus()
    panel.search.setText(text)
    QTest.keyClick(panel.search, Qt.Key.Key_Return)


def ended(panel: LibraryPanel) -> bool:
    states = panel.remote._states
    return bool(states) and all(one.state != "asking" for one in states)


def badges(panel: LibraryPanel) -> dict[str, str]:
    return {row.uid: panel.model.text(n, WHERE) for n, row in enumerate(panel.model.rows)}


def row_of(panel: LibraryPanel, uid: str) -> int:
    return next(n for n, row in enumerate(panel.model.rows) if row.uid == uid)


def test_studies_of_library_and_servers_are_one_list(
    application: Application, archives: list[Node], files: Path
) -> None:
    """O2: a study on two servers and partly here is one row; its badge tells what is where (G11)."""
    know(*archives)
    panel = open_list(application, files / "A11.dcm", files / "C11.dcm", files / "Y11.dcm")
    assert [one.text() for one in panel.bar.sources._buttons.values()] == ["Library", "All", "orthanc", "qrscp"]
    QTest.mouseClick(panel.bar.sources.button(ALL), Qt.MouseButton.LeftButton)
    assert not panel.remote.asking
    panel.table.filters.field(4).setText("2023..2024")
    until(lambda: panel.remote.can_ask)
    QTest.keyClick(panel.table.filters.field(4), Qt.Key.Key_Return)
    until(lambda: ended(panel))
    until(lambda: len(panel.model.rows) == 3)
    assert [row.uid for row in panel.model.rows] == [B, A, C]
    assert badges(panel) == {A: "1 of 5 · orthanc, qrscp", B: "orthanc, qrscp", C: "1 of ? · qrscp"}
    assert panel.model.text(row_of(panel, A), IMAGES) == "1 / 5"
    assert "not supplied by this server" in panel.model.index(row_of(panel, C), WHERE).data(Qt.ItemDataRole.ToolTipRole)


def test_what_a_server_does_not_count_is_counted_on_demand(application: Application, archives: list[Node]) -> None:
    """G11: no count is "?", never 0; asking for series and images counts."""
    know(archives[1])
    panel = open_list(application)
    panel.bar.sources.button("qrscp").click()
    search(panel, "doe")
    until(lambda: ended(panel) and len(panel.model.rows) == 2)
    number = row_of(panel, B)
    assert panel.model.text(number, IMAGES) == "?"
    panel.select(number)
    until(panel.foot.count.isVisible)
    QTest.mouseClick(panel.foot.count, Qt.MouseButton.LeftButton)
    until(lambda: panel.model.text(row_of(panel, B), IMAGES) == "3")
    assert "counted by asking" in panel.model.index(row_of(panel, B), WHERE).data(Qt.ItemDataRole.ToolTipRole)


def test_the_series_of_a_remote_study_are_listed_when_one_rests_on_it(
    application: Application, archives: list[Node]
) -> None:
    know(archives[0])
    panel = open_list(application)
    panel.bar.sources.button("orthanc").click()
    search(panel, "jane doe")
    until(lambda: ended(panel) and len(panel.model.rows) == 1)
    panel.select(0)
    until(lambda: panel.strip.texts())
    assert panel.strip.texts() == [("1. Series 1", "CT · 1"), ("2. Series 2", "MR · 2")]


class Counting:
    """A played server that counts associations and answers slowly or not at all."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.go = threading.Event()
        self.studies = 3

    def answers(self, event: object) -> find_scp.Answers:
        self.asked.append(event.identifier)  # type: ignore[attr-defined]
        for number in range(self.studies):
            if event.is_cancelled:  # type: ignore[attr-defined]
                yield 0xFE00, None
                return
            yield 0xFF00, find_scp.study(number, PatientName=f"Doe^{number}", StudyDate="20240101")
            if number == 1:
                while not self.go.wait(0.02):
                    if event.is_cancelled:  # type: ignore[attr-defined]
                        yield 0xFE00, None
                        return


@pytest.fixture
def played() -> Iterator[tuple[Node, Counting]]:
    counting = Counting()
    with find_scp.stage() as stage:
        yield stage.play(counting.answers), counting
        counting.go.set()


def test_nothing_is_sent_without_a_search(application: Application, played: tuple[Node, Counting]) -> None:
    node, counting = played
    know(node)
    panel = open_list(application)
    for source in (node.name, ALL):
        panel.bar.sources.button(source).click()
        until(lambda: panel.pages.page == ASK)
        for text in ("", "*", " * ? "):
            search(panel, text)
            QTest.keyClick(panel.search, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
            application.window.dispatch("network.search")
        panel.search.clear()
    panel.views.setCurrentIndex(3)
    search(panel, "doe")
    panel.views.setCurrentIndex(0)
    assert not panel.remote.asking
    panel.search.clear()
    counting.go.set()
    QTest.mouseClick(panel.pages.today, Qt.MouseButton.LeftButton)
    until(lambda: ended(panel))
    assert len(counting.asked) == 1
    assert counting.asked[0].StudyDate.endswith("-")


def test_esc_ends_a_search_and_keeps_what_came(application: Application, played: tuple[Node, Counting]) -> None:
    """G7: a C-CANCEL; the rows stay."""
    node, _ = played
    know(node)
    panel = open_list(application)
    panel.bar.sources.button(node.name).click()
    search(panel, "Doe")
    until(lambda: len(panel.model.rows) == 2)
    assert [line.text for line in panel.remote.lines.lines()] == ["Asking played… 2 studies"]
    QTest.keyClick(panel.search, Qt.Key.Key_Escape)
    until(lambda: ended(panel))
    assert len(panel.model.rows) == 2
    assert panel.search.text() == "Doe"
    assert "stopped; there may be more" in panel.remote.lines.lines()[0].text


def test_enter_opens_nothing_while_answers_come(application: Application, played: tuple[Node, Counting]) -> None:
    node, counting = played
    know(node)
    wished = _fake_retrieval(application.window, [])
    panel = open_list(application)
    panel.bar.sources.button(node.name).click()
    search(panel, "Doe")
    until(lambda: len(panel.model.rows) == 2)
    QTest.keyClick(panel.search, Qt.Key.Key_Return)
    counting.go.set()
    until(lambda: ended(panel))
    assert wished == []
    QTest.keyClick(panel.search, Qt.Key.Key_Return)
    until(lambda: wished)
    assert wished[0]["study"] == panel.model.rows[0].uid


def test_the_window_ends_while_a_server_is_silent(application: Application, played: tuple[Node, Counting]) -> None:
    """A35: nothing of a search is left behind."""
    node, _ = played
    know(node)
    panel = open_list(application)
    panel.bar.sources.button(node.name).click()
    search(panel, "Doe")
    until(lambda: len(panel.model.rows) == 2)
    application.window.close()
    assert not [one for one in threading.enumerate() if one.name.startswith("remote")]


def test_a_limit_is_told(application: Application, played: tuple[Node, Counting]) -> None:
    """W#392: that there may be more than is listed is said."""
    node, counting = played
    counting.go.set()
    counting.studies = 50
    know(replace(node, answer_limit=10))
    panel = open_list(application)
    panel.bar.sources.button(node.name).click()
    search(panel, "Doe")
    until(lambda: ended(panel) and len(panel.model.rows) == 10)
    assert "played: 10 of possibly more: narrow the search" in [line.text for line in panel.remote.lines.lines()]


def test_a_dead_server_is_told_while_the_rows_of_another_come(application: Application, archives: list[Node]) -> None:
    dead = peers.node("DEAD", peers.free_port())
    know(dead, archives[0])
    panel = open_list(application)
    panel.bar.sources.button("dead").click()
    search(panel, "doe")
    until(lambda: panel.pages.page == FAILED)
    panel.bar.sources.button(ALL).click()
    until(lambda: ended(panel) and panel.pages.page == TABLE)
    assert [row.uid for row in panel.model.rows] == [B]
    (failed,) = (line for line in panel.remote.lines.lines() if line.icon == "error")
    assert "dead" in failed.text.lower()
    assert "nothing listens at 127.0.0.1" in failed.text
    assert failed.button == "Check…"
    QTest.mouseClick(panel.remote.lines.button("check dead"), Qt.MouseButton.LeftButton)
    (page,) = application.window.findChildren(NodesPage)
    assert (page.form.name.text(), page.list.currentItem().text()) == ("dead", "dead")
    page.close()


def test_hidden_identity_hides_studies_of_servers(application: Application, archives: list[Node]) -> None:
    know(archives[0])
    panel = open_list(application)
    panel.bar.sources.button("orthanc").click()
    search(panel, "doe")
    until(lambda: ended(panel) and panel.model.rows)
    panel.select(0)
    application.window.workspace.set_options(identity_hidden=True)
    roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
    said = " ".join(str(panel.model.index(0, n).data(role)) for n in range(WHERE + 1) for role in roles)
    assert panel.model.index(0, 1).data() == "Patient 1 of servers"
    assert not any(text in said for text in ("Doe", "Jane", "D1", "ACCB", "1970"))
    jobs = _fake_retrieval(application.window, [])
    application.window.dispatch("network.retrieve")
    until(lambda: jobs)
    assert "Doe" not in application.window.network.queue.jobs()[0].title


def _fake_retrieval(
    window: MainWindow, paths: list[Path], go: threading.Event | None = None
) -> list[dict[str, object]]:
    """Let retrievals bring these files, all after the first once ``go`` is set; return what was wished."""
    wished: list[dict[str, object]] = []

    def run(parameters, stop):
        wished.append(dict(parameters))
        for number, path in enumerate(paths, 1):
            if number == 2 and go is not None:
                go.wait(20)
            yield Progress(number, len(paths), outcome=Outcome(f"1.2.{number}", "done", path=str(path)))

    window.network.use_runners({"retrieve": run})
    return wished


def test_a_double_clicked_remote_study_is_opened_while_it_comes(
    application: Application, archives: list[Node], files: Path
) -> None:
    """The first image is on screen while the rest arrives; what is looked at stays where it is."""
    know(archives[0])
    window = application.window
    go = threading.Event()
    paths = [files / name for name in ("B11.dcm", "B21.dcm", "B22.dcm")]
    wished = _fake_retrieval(window, paths, go)
    panel = open_list(application)
    panel.bar.sources.button("orthanc").click()
    search(panel, "doe")
    until(lambda: ended(panel) and panel.model.rows)
    panel.select(0)
    at = panel.table.visualRect(panel.model.index(0, 1)).center()
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    until(lambda: len(window.workspace.catalogue.instances) == 1 and not window.library.at_home)
    panel.open()  # once more: it is fetched once
    assert wished == [{"node": "orthanc", "level": "STUDY", "study": B, "series": [], "instances": []}]
    shown = window.workspace.state(0).stack_id
    go.set()
    until(lambda: len(window.workspace.catalogue.instances) == 3 and not window.desk.running)
    assert window.workspace.state(0).stack_id == shown


def test_a_study_that_is_here_in_part_opens_at_once_and_offers_the_rest(
    application: Application, archives: list[Node], files: Path
) -> None:
    know(archives[0])
    window = application.window
    wished = _fake_retrieval(window, [])
    panel = open_list(application, files / "B21.dcm")
    panel.bar.sources.button(ALL).click()
    search(panel, "doe")
    until(lambda: ended(panel) and badges(panel) == {B: "1 of 3 · orthanc"})
    panel.select(0)
    panel.open()
    until(lambda: len(window.workspace.catalogue.instances) == 1)
    assert wished == []
    assert window.messages.text.text() == "1 of 3 images are here; the rest is at orthanc."
    QTest.mouseClick(window.messages.action, Qt.MouseButton.LeftButton)
    until(lambda: wished)


def test_one_series_is_fetched_where_the_keyboard_is_on_it(application: Application, archives: list[Node]) -> None:
    know(archives[0])
    wished = _fake_retrieval(application.window, [])
    panel = open_list(application)
    panel.bar.sources.button("orthanc").click()
    search(panel, "doe")
    until(lambda: ended(panel) and panel.model.rows)
    panel.select(0)
    until(lambda: panel.strip.texts())
    panel.strip.setFocus()
    QTest.keyClick(panel.strip, Qt.Key.Key_Right)
    QTest.keyClick(panel.strip, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    until(lambda: wished)
    assert wished == [
        {"node": "orthanc", "level": "SERIES", "study": B, "series": [content.series_uid("B", 2)], "instances": []}
    ]


def test_a_saved_search_asks_where_it_was_saved(application: Application, archives: list[Node]) -> None:
    know(archives[0])
    panel = open_list(application)
    panel.bar.sources.button("orthanc").click()
    panel.search.setText("doe")
    menu = panel.searches.menu()
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == "Save this search").trigger()
    panel.bar.sources.button("").click()
    panel.clear()
    menu.aboutToShow.emit()
    assert menu.actions()[0].text() == "“doe” · orthanc"
    menu.actions()[0].trigger()
    until(lambda: ended(panel) and [row.uid for row in panel.model.rows] == [B])
