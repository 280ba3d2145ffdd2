"""The study list's part about servers: where is looked, what was asked, what came, what may be fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from workstation.library.search import SeriesRow, StudyQuery, StudyRow
from workstation.transfers.study_places import ALL, LIBRARY, Place, RemoteStudies
from workstation.ui.library_notes import ASK, ASKING, FAILED, NO_MATCH
from workstation.ui.place_words import names
from workstation.ui.remote_lines import Line, RemoteLines

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu

    from workstation.network.answers import SeriesAnswer, StudyAnswer
    from workstation.network.query import Counts
    from workstation.ui.library_bar import LibraryBar
    from workstation.ui.library_notes import LibraryPages
    from workstation.ui.remote_desk import NodeState, SeriesList
    from workstation.ui.series_strip import SeriesStrip
    from workstation.ui.study_foot import StudyFoot
    from workstation.ui.study_list_model import StudyListModel
    from workstation.ui.study_table import StudyTable

COMMON = ("CR", "CT", "DX", "MG", "MR", "NM", "PT", "SR", "US", "XA")
"""Modalities that servers may be asked for whatever the library has (PS3.3 C.7.3.1.1.1)."""
REST = 350
"""Milliseconds one must rest on a study before its server is asked for the series."""


class ListPage(Protocol):
    """The study list as seen from here."""

    bar: LibraryBar
    pages: LibraryPages
    table: StudyTable
    model: StudyListModel
    strip: SeriesStrip
    foot: StudyFoot

    def query(self) -> StudyQuery: ...

    def current(self) -> StudyRow | None: ...

    def chosen_rows(self) -> list[StudyRow]: ...

    def renew(self) -> None: ...

    def renew_series(self) -> None: ...

    def show_page(self) -> None: ...


class RemotePart(QObject):
    """Knows no network: it says what is wanted, and shows what it is given."""

    search_wanted = Signal(tuple, object)
    """Names of the servers to ask, and the search."""
    stop_wanted = Signal()
    check_wanted = Signal(str)
    give_wanted = Signal(str)
    """The name of a server that needs a password, a token or a sign-in."""
    series_wanted = Signal(str, str)
    """A server and a Study Instance UID."""
    counts_wanted = Signal(str, str)
    fetch_wanted = Signal(list, tuple, bool)
    """Studies to fetch, series of the one or none for all, and whether they are opened as they come."""
    ability_changed = Signal()
    """Whether servers may be asked, or something be fetched, is another than before."""
    partly_opened = Signal(object, object)
    """A study that was opened and its place: the rest is elsewhere."""

    def __init__(self, panel: ListPage, parent: QObject) -> None:
        super().__init__(parent)
        self._panel, self._sources = panel, panel.bar.sources
        self.studies = RemoteStudies()
        self.lines = RemoteLines()
        self._states: tuple[NodeState, ...] = ()
        self._asked: tuple[tuple[str, ...], StudyQuery] | None = None
        self._series: dict[str, dict[str, tuple[SeriesAnswer, ...] | str]] = {}
        self._remote_series: dict[int, str] = {}
        self._found: tuple[str, ...] = ()
        self._able = (False, False)
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._rest.timeout.connect(self._want_series)
        self._sources.chosen.connect(lambda _: self.source_chosen())
        self.lines.search_wanted.connect(lambda: self.search())
        self.lines.stop_wanted.connect(lambda: self.stop())
        self.lines.check_wanted.connect(self.check_wanted)
        self.lines.give_wanted.connect(self.give_wanted)
        panel.bar.ask.clicked.connect(lambda: self.search())
        panel.foot.retrieve.clicked.connect(lambda: self.retrieve())
        panel.foot.count.clicked.connect(lambda: self.count())
        panel.pages.today.clicked.connect(lambda: self._of_days(0))
        panel.pages.week.clicked.connect(lambda: self._of_days(7))
        panel.table.places_wanted.connect(self._offer)
        panel.table.selectionModel().selectionChanged.connect(lambda *_: self._tell_ability())

    # what is asked

    @property
    def source(self) -> str:
        """Where is looked."""
        return self._sources.source

    @property
    def nodes(self) -> tuple[str, ...]:
        """The servers that are asked by the source."""
        if self.source == ALL:
            return self._sources.nodes()
        return () if self.source == LIBRARY else (self.source,)

    @property
    def asking(self) -> bool:
        """Whether a server is being asked."""
        return any(one.state == "asking" for one in self._states)

    @property
    def can_ask(self) -> bool:
        """Whether there is something to ask servers for."""
        from workstation.transfers.study_questions import is_search

        return bool(self.nodes) and is_search(self._panel.query())

    @property
    def pending(self) -> bool:
        """Whether what is typed and chosen now was not asked of these servers yet."""
        return self.can_ask and self._asked != (self.nodes, _asked(self._panel.query()))

    def set_nodes(self, nodes: Sequence[str]) -> None:
        """Offer these servers."""
        source = self.source
        self._sources.set_nodes(nodes)
        self._panel.table.show_places(bool(nodes))
        if self.source != source:
            self.source_chosen()

    def set_modalities(self, found: Sequence[str]) -> None:
        """Offer what the library has; where servers are asked, also what they are likely to have."""
        self._found = tuple(found)
        self._panel.bar.chips.set_modalities([*found, *(COMMON if self.nodes else ())])

    def source_chosen(self) -> None:
        """Look there; a server is asked at once where there is a search already."""
        self.set_modalities(self._found)
        if self.pending:
            self.search()
        else:
            self._panel.renew()
        self._tell()

    def question_changed(self) -> None:
        """Hear that something else is asked for."""
        self._tell()

    def enter(self) -> bool:
        """Ask if there is something new to ask; return whether Enter is used up, as while the answers come."""
        if not self.pending:
            return bool(self.nodes) and self.asking
        self.search()
        return True

    def search(self) -> None:
        """Ask the servers, unless nothing is asked for: that would be everything they have."""
        if not self.can_ask:
            self._tell()
            return
        query = self._panel.query()
        self._asked = self.nodes, _asked(query)
        self.studies.clear()
        self._series.clear()
        self.search_wanted.emit(self.nodes, query)
        self._panel.renew()

    def given(self, node: str) -> None:
        """Hear that a server got what it needs: what was asked is asked again, if it was refused for that."""
        if any(one.node == node and one.needs for one in self._states) and node in self.nodes:
            self.search()

    def stop(self) -> bool:
        """End a search that runs; return whether one did."""
        if self.asking:
            self.stop_wanted.emit()
            return True
        return False

    def _of_days(self, days: int) -> None:
        dates = self._panel.bar.dates
        dates.setCurrentIndex(dates.findData(days))
        self.search()

    # what is answered

    def take(self, batch: Sequence[tuple[StudyAnswer, str, StudyRow | None]]) -> None:
        """Take answers of servers, each with its text as it is searched and what the library has of the study."""
        for answer, searched, twin in batch:
            self.studies.add(answer, twin, searched)
        self._panel.renew()

    def take_states(self, states: tuple[NodeState, ...]) -> None:
        """Take how far the servers are."""
        if states == self._states:
            return
        ended = self.asking
        self._states = states
        self._tell()
        if (ended and not self.asking) or not self._panel.model.rows:
            self._panel.show_page()

    def take_twins(self, twins: Mapping[str, StudyRow]) -> None:
        """Take anew what the library has of the studies."""
        if twins != self.studies.twins:
            self.studies.set_twins(twins)
            self._panel.renew()

    def take_series(self, told: SeriesList) -> None:
        """Take the series of a study."""
        self._series.setdefault(told.study, {})[told.node] = told.sentence or told.series
        current = self._panel.current()
        if current is not None and current.uid == told.study:
            self._panel.renew_series()
            if told.sentence:
                self._panel.foot.evidence.tone = "warning"
                self._panel.foot.evidence.set_text(told.sentence)

    def take_counts(self, uid: str, node: str, counts: Counts | str) -> None:
        """Take what was counted by asking, or why it could not be."""
        if isinstance(counts, str):
            self._panel.foot.evidence.tone = "warning"
            self._panel.foot.evidence.set_text(counts)
            return
        self.studies.set_counts(uid, node, counts)
        self._panel.renew()
        self._panel.renew_series()

    def merged(self, local: Sequence[StudyRow], query: StudyQuery) -> tuple[list[StudyRow], Mapping[str, Place]]:
        """Return the rows of the list, and where studies are that servers told of."""
        return self.studies.merged(local, query, self.source)

    def place(self, row: StudyRow | None) -> Place | None:
        """Return where a study is; None where it is nowhere but here, or there is none."""
        if row is None or row.uid not in self._panel.model.places:
            return None
        return self._panel.model.places[row.uid]

    def page(self) -> int | None:
        """Return the page for an empty list, None where this is the library's to say."""
        if not self.nodes or (self.source == ALL and self._panel.query().binned):
            return None
        self._panel.pages.name_servers(names(self.nodes))
        if self.asking:
            return ASKING
        if self._asked is None or not self.can_ask or self.pending:
            return ASK
        return FAILED if self._states and all(one.state == "failed" for one in self._states) else NO_MATCH

    def _tell_ability(self) -> None:
        """Commands are looked through only where that is of use: the list is made anew with every batch of answers."""
        able = self.can_ask, self.can_retrieve
        if able != self._able:
            self._able = able
            self.ability_changed.emit()

    def _tell(self) -> None:
        """Say how it stands."""
        self._tell_ability()
        lines = self.lines.of_states(self._states) if self.nodes else []
        self._panel.bar.ask.setVisible(bool(self.nodes))
        self._panel.bar.ask.setEnabled(self.can_ask and not (self.asking and not self.pending))
        if self.nodes and self._panel.model.rows and not self.asking:
            where = names(self.nodes)
            if self.pending:
                text = self.tr("Enter asks {0} for this.").format(where)
                lines.insert(0, Line(text, "search"))
            elif not self.can_ask:
                text = self.tr("{0} not asked yet: type a name or an ID or choose dates, then press Enter.")
                lines.insert(0, Line(text.format(where), "search"))
        self.lines.tell(lines)

    # series

    def rest_on(self, row: StudyRow | None) -> None:
        """Hear on which study one is."""
        if row is not None and self.studies.nodes_of(row.uid) and self.source != LIBRARY:
            self._rest.start()
        else:
            self._rest.stop()

    def _want_series(self) -> None:
        current = self._panel.current()
        if current is None:
            return
        node = self.studies.best_node(current.uid)
        if self.place(current) is not None:
            self._panel.renew_series()
        # what failed is asked for again: the server may be back
        if node and not isinstance(self._series.get(current.uid, {}).get(node), tuple):
            self.series_wanted.emit(node, current.uid)

    def with_series(self, row: StudyRow | None, local: Sequence[SeriesRow]) -> list[SeriesRow]:
        """Return the series of a study: those of the library with the server's counts, then those not here."""
        self._remote_series = {}
        found = self._series.get(row.uid, {}) if row is not None and self.place(row) is not None else {}
        told = {one.uid: one for answers in found.values() if not isinstance(answers, str) for one in answers}
        rows = []
        for one in local:
            there = told.pop(one.uid, None)
            if there is not None and (there.instance_count or 0) > one.instance_count:
                one = replace(one, declared_instances=there.instance_count)
            rows.append(one)
        for place, answer in enumerate(sorted(told.values(), key=lambda one: (one.number is None, one.number)), 1):
            count = -1 if answer.instance_count is None else answer.instance_count
            self._remote_series[-place] = answer.uid
            rows.append(
                SeriesRow(
                    id=-place,
                    uid=answer.uid,
                    number=answer.number,
                    modality=answer.modality,
                    description=answer.description,
                    body_part=answer.body_part,
                    instance_count=count,
                    frame_count=count,
                    declared_instances=None,
                )
            )
        return rows

    def has_alone(self, series: str) -> bool:
        """Whether a series of the current study is on a server alone."""
        return bool(series) and series in self._remote_series.values()

    # what is done

    def open(self, rows: Sequence[StudyRow], series: str) -> None:
        """Fetch what is on servers alone, to be opened as it comes; of what is here in part say where the rest is."""
        alone = self.has_alone(series)
        away = [row for row in rows if self.place(row) is not None and (row.id < 0 or alone)]
        if away:
            self.fetch_wanted.emit(away, (series,) if series else (), True)
        for row in rows:
            place = self.place(row)
            if row in away:
                continue
            if place is not None and place.kind in ("partly", "unsure"):
                self.partly_opened.emit(row, place)

    @property
    def can_retrieve(self) -> bool:
        """Whether a selected study is on a server."""
        return any(self.place(row) is not None for row in self._panel.chosen_rows())

    def retrieve(self) -> None:
        """Fetch what is selected: the series where the keyboard is on one, else the studies."""
        strip = self._panel.strip
        series = strip.current() if strip.hasFocus() else None
        current = self._panel.current()
        rows = self._panel.chosen_rows() if series is None or current is None else [current]
        rows = [row for row in rows if self.place(row) is not None]
        if rows:
            self.fetch_wanted.emit(rows, () if series is None else (series.uid,), False)

    def count(self) -> None:
        """Ask how much there is of the selected studies, where servers do not supply it."""
        for row in self._panel.chosen_rows():
            place = self.place(row)
            for node in place.uncounted if place is not None else ():
                self.counts_wanted.emit(node, row.uid)

    def _offer(self, menu: QMenu) -> None:
        places = [place for row in self._panel.chosen_rows() if (place := self.place(row)) is not None]
        if places:
            menu.addAction(self.tr("Retrieve") + "\tCtrl+T", self.retrieve)
        if any(place.uncounted for place in places):
            menu.addAction(self.tr("Count series and images"), self.count)


def _asked(query: StudyQuery) -> StudyQuery:
    """Return what servers are asked of a search: its order is the list's own."""
    return replace(query, sort="", descending=True, text=query.text.strip())
