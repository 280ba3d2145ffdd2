"""The parts of the study list that speak of servers: sources, lines, badges, what is opened while it comes (O2)."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject, Qt, Signal

from tests.transfers.test_study_places import answer
from workstation.library.search import SeriesRow, StudyQuery
from workstation.network.answers import SeriesAnswer
from workstation.network.progress import Outcome, Progress
from workstation.network.query_keys import Query
from workstation.network.saved_queries import SavedQuery
from workstation.transfers.jobs import Job
from workstation.transfers.study_places import ALL, LIBRARY, NodeCount, Place
from workstation.ui import place_words, saved_searches, study_columns
from workstation.ui.arriving import Arriving
from workstation.ui.library_notes import ASK, ASKING, FAILED
from workstation.ui.library_panel import LibraryPanel
from workstation.ui.remote_desk import NodeState, SeriesList
from workstation.ui.remote_lines import RemoteLines
from workstation.ui.source_chips import SourceChips
from workstation.ui.study_list_model import WHERE


@pytest.fixture
def panel(qtbot) -> LibraryPanel:
    made = LibraryPanel()
    qtbot.addWidget(made)
    made.resize(1300, 500)
    made.show()
    made.remote.set_nodes(["one", "two"])
    made.show_studies([], 0)
    return made


def asked(panel: LibraryPanel) -> list[tuple[tuple[str, ...], StudyQuery]]:
    found: list[tuple[tuple[str, ...], StudyQuery]] = []
    panel.remote.search_wanted.connect(lambda nodes, query: found.append((nodes, query)))
    return found


def test_without_servers_the_list_speaks_of_none(qtbot) -> None:
    panel = LibraryPanel()
    qtbot.addWidget(panel)
    panel.show()
    panel.show_studies([], 0)
    assert not panel.bar.sources.isVisible()
    assert not panel.bar.ask.isVisible()
    assert panel.table.isColumnHidden(WHERE)
    assert panel.remote.lines.lines() == []


def test_a_source_that_is_gone_leaves_the_library_chosen(qtbot) -> None:
    chips = SourceChips()
    qtbot.addWidget(chips)
    chips.set_nodes(["one", "two"])
    chips.choose("two")
    chips.set_nodes(["one"])
    assert (chips.source, chips.nodes()) == (LIBRARY, ("one",))
    chips.choose("nobody")
    assert chips.source == LIBRARY


def test_long_names_of_servers_stay_apart(qtbot) -> None:
    chips = SourceChips()
    qtbot.addWidget(chips)
    names = [f"Regional archive of the northern district, number {number}" for number in (1, 2)]
    chips.set_nodes(names)
    assert [chips.button(name).text() for name in names] == ["Regional arc…t, number 1", "Regional arc…t, number 2"]


def test_servers_that_find_no_place_are_in_a_menu(qtbot) -> None:
    chips = SourceChips()
    qtbot.addWidget(chips)
    chips.resize(500, 30)
    chips.show()
    chips.set_nodes([f"Archive number {number}" for number in range(12)])
    left = chips.left_out()
    assert left
    assert chips.more.text() == f"+{len(left)}"
    assert all(chips.button(one).geometry().right() < 500 for one in chips.nodes() if one not in left)
    assert chips.more.geometry().right() <= 500
    chosen: list[str] = []
    chips.chosen.connect(chosen.append)
    chips._menu.aboutToShow.emit()
    chips._menu.actions()[-1].trigger()
    assert chosen == ["Archive number 11"]
    assert "Archive number 11" not in chips.left_out()


def test_the_column_of_places_comes_with_servers_and_stays_where_it_is_put(panel: LibraryPanel) -> None:
    header = panel.table.horizontalHeader()
    assert (panel.table.isColumnHidden(WHERE), header.visualIndex(WHERE)) == (False, 1)
    header.moveSection(1, 4)
    text = study_columns.kept(panel.table)
    panel.table.lay_columns_out()
    assert header.visualIndex(WHERE) == 1
    study_columns.restore(panel.table, text)
    assert header.visualIndex(WHERE) == 4


def test_servers_are_asked_once_there_is_something_to_ask(panel: LibraryPanel, qtbot) -> None:
    found = asked(panel)
    panel.bar.sources.button("one").click()
    assert panel.pages.page == ASK
    assert not panel.bar.ask.isEnabled()
    panel.search.setText("doe")
    assert found == []
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    assert [nodes for nodes, _ in found] == [("one",)]
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    assert len(found) == 1
    panel.bar.sources.button(ALL).click()
    assert [nodes for nodes, _ in found] == [("one",), ("one", "two")]


def test_an_empty_list_says_what_servers_do(panel: LibraryPanel) -> None:
    panel.bar.sources.choose("one")
    panel.search.setText("doe")
    panel.remote.search()
    panel.remote.take_states((NodeState("one"),))
    assert panel.pages.page == ASKING
    panel.remote.take_states((NodeState("one", "failed", sentence="It is gone."),))
    assert panel.pages.page == FAILED


def test_lines_tell_of_each_server_what_became_of_it(qtbot) -> None:
    lines = RemoteLines()
    qtbot.addWidget(lines)
    states = (
        NodeState("a", "asking", kept=37),
        NodeState("b", "done", kept=1),
        NodeState("c", "stopped", kept=4, tip="3 of 7 answers did not fit."),
        NodeState("d", "done", kept=500, more=True),
        NodeState("e", "failed", sentence="Nothing listens there."),
    )
    told = lines.of_states(states)
    assert [line.text for line in told] == [
        "Asking a… 37 studies",
        "b: 1 study · c: 4 studies, stopped; there may be more · more on this in the tip",
        "d: 500 of possibly more: narrow the search",
        "e: Nothing listens there.",
    ]
    assert told[1].tip == "c: 3 of 7 answers did not fit."
    assert [line.act for line in told] == ["stop", "", "", "check e"]


@pytest.mark.parametrize(
    ("place", "badge", "count"),
    [
        (Place(3), "Library", "3"),
        (Place(3, (NodeCount("one", 1, 3),)), "Library, one", "3"),
        (Place(3, (NodeCount("one", 1, 9),)), "3 of 9 · one", "3 / 9"),
        (Place(3, (NodeCount("one"),)), "3 of ? · one", "3"),
        (Place(None, (NodeCount("one"), NodeCount("two", 1, 5))), "one, two", "5"),
        (Place(None, (NodeCount("one"),)), "one", "?"),
    ],
)
def test_a_badge_tells_where_a_study_is(place: Place, badge: str, count: str) -> None:
    """G11: what is not supplied is "?", and the tooltip says so."""
    assert (place_words.badge(place), place_words.count(place.here, place.there)) == (badge, count)
    assert ("not supplied by this server" in place_words.details(place)) == bool(place.uncounted)


def test_series_of_a_server_stand_beside_those_of_the_library(panel: LibraryPanel) -> None:
    panel.bar.sources.choose("one")
    panel.search.setText("doe")
    panel.remote.search()
    panel.remote.take([(answer("1.1", instance_count=9), "doe", None)])
    panel.select(0)
    series = (
        SeriesAnswer(uid="1.1.1", node="one", model={}, modality="CT", number=1, instance_count=5),
        SeriesAnswer(uid="1.1.2", node="one", model={}, modality="MR", number=2, description="sag"),
    )
    panel.remote.take_series(SeriesList("1.1", "one", series))
    assert panel.strip.texts() == [("1. no description", "CT · 5"), ("2. sag", "MR · ?")]
    here = SeriesRow(7, "1.1.1", 1, "CT", "ax", "", 3, 3, None)
    merged = panel.remote.with_series(panel.current(), [here])
    assert [(one.id > 0, one.uid, one.declared_instances) for one in merged] == [
        (True, "1.1.1", 5),
        (False, "1.1.2", None),
    ]


def test_a_failed_list_of_series_says_why_and_is_asked_for_again(panel: LibraryPanel) -> None:
    panel.bar.sources.choose("one")
    panel.search.setText("doe")
    panel.remote.search()
    panel.remote.take([(answer("1.1"), "doe", None)])
    panel.select(0)
    panel.remote.take_series(SeriesList("1.1", "one", sentence="It does not answer."))
    assert panel.evidence.text() == "It does not answer."
    wanted: list[tuple[str, str]] = []
    panel.remote.series_wanted.connect(lambda node, study: wanted.append((node, study)))
    panel.remote._rest.timeout.emit()  # the server may be back
    assert wanted == [("one", "1.1")]
    panel.remote.take_series(SeriesList("1.1", "one", ()))
    panel.remote._rest.timeout.emit()
    assert len(wanted) == 1


def test_what_is_on_a_server_alone_takes_no_mark_and_no_comment(panel: LibraryPanel) -> None:
    panel.bar.sources.choose("one")
    panel.search.setText("doe")
    panel.remote.search()
    panel.remote.take([(answer("1.1"), "doe", None)])
    panel.select(0)
    marked: list[list[int]] = []
    panel.marked.connect(lambda studies, status: marked.append(studies))
    panel.table.marked.emit("reviewed")
    assert marked == [[]]
    assert not panel.model.flags(panel.model.index(0, WHERE - 1)) & Qt.ItemFlag.ItemIsEditable


class _Desk(QObject):
    emptied = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[tuple[list[str], bool]] = []

    def open_paths(self, paths: list[str], *, remember: bool, more: bool) -> None:
        self.opened.append((paths, more))


def _moved(key: str, path: str) -> Job:
    return Job(key, "retrieve", "one", "", {}, progress=Progress(outcome=Outcome("1", "done", path=path)))


def test_what_comes_is_opened_the_first_at_once_and_the_rest_in_batches(qtbot) -> None:
    desk = _Desk()
    arriving = Arriving(desk, desk)

    def add() -> Job:
        arriving.moved(_moved("k", "/a"))  # before the queue has told its key
        return _moved("k", "")

    arriving.watch(add)
    arriving.moved(_moved("other", "/x"))
    qtbot.waitUntil(lambda: len(desk.opened) == 1)
    for path in ("/b", "/c", "/c"):
        arriving.moved(_moved("k", path))
    qtbot.waitUntil(lambda: len(desk.opened) == 2)
    assert desk.opened == [(["/a"], False), (["/b", "/c"], True)]
    desk.emptied.emit()
    arriving.moved(_moved("k", "/d"))
    qtbot.wait(300)
    assert len(desk.opened) == 2


def test_saved_searches_know_where_they_look_and_those_of_servers_are_offered(qtbot) -> None:
    from PySide6.QtWidgets import QMenu

    menu = QMenu()
    qtbot.addWidget(menu)
    query = StudyQuery(text="doe")
    text = saved_searches.saved(query, "one")
    assert (saved_searches.read(text), saved_searches.source_of(text)) == (query, "one")
    assert saved_searches.source_of(saved_searches.saved(query)) is None
    used: list[tuple[object, ...]] = []
    served = [("Mine", SavedQuery("Mine", Query(keys=(("PatientID", "7"),)), "today", ("two",)))]
    saved_searches.fill(menu, [text], lambda *what: used.append(what), lambda kept: None, None, served=served)
    offered = [action for action in menu.actions() if action.text() in ("“doe” · one", "Mine")]
    for action in offered:
        action.trigger()
    assert used == [(query, "one"), (StudyQuery(columns=(("patient_id", "7"),), days=0), "two")]
