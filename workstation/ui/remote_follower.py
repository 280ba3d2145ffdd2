"""Joins the study list with servers, the queue of transfers and what is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workstation.dicom import display_names
from workstation.ui import place_words
from workstation.ui.arriving import Arriving
from workstation.ui.node_access import NodeAccess
from workstation.ui.remote_desk import RemoteDesk
from workstation.ui.widgets import plain

if TYPE_CHECKING:
    from workstation.library.search import StudyQuery, StudyRow
    from workstation.library.store import Library
    from workstation.transfers.study_places import Place
    from workstation.ui.library_panel import LibraryPanel
    from workstation.ui.window_api import WindowApi

MANY = 20
"""Studies that are fetched together without a question."""
MANY_ASKED = "fetch many"
PARTLY = "partly"
"""Key of the message that offers the rest of a study."""


class RemoteFollower(QObject):
    """Made with the study list; reads which servers there are, and asks none before it is told to."""

    _twins_found = Signal(object)

    def __init__(
        self,
        window: WindowApi,
        panel: LibraryPanel,
        opened: Callable[[], Library],
        submit: Callable[[Callable[[Library], object]], None],
    ) -> None:
        super().__init__(panel)
        self._window, self._panel, self._opened, self._submit = window, panel, opened, submit
        self.access = NodeAccess(window, self)
        self.desk = desk = RemoteDesk(self._twins, lambda: window.network.secrets, self)
        self._arriving: Arriving | None = None
        self._hears = False
        part = panel.remote
        self.access.changed.connect(lambda: part.set_nodes([node.name for node in self.access.nodes()]))
        part.search_wanted.connect(self._search)
        part.stop_wanted.connect(desk.stop)
        part.check_wanted.connect(lambda node: window.dispatch("network.nodes", name=node))
        part.give_wanted.connect(lambda node: window.network.credentials.ask(node))
        part.series_wanted.connect(lambda node, study: self._of(node, study, desk.want_series))
        part.counts_wanted.connect(lambda node, study: self._of(node, study, desk.want_counts))
        part.fetch_wanted.connect(self._fetch)
        part.partly_opened.connect(self._offer_rest)
        desk.arrived.connect(part.take)
        desk.told.connect(part.take_states)
        desk.described.connect(part.take_series)
        desk.counted.connect(part.take_counts)
        self._twins_found.connect(part.take_twins)
        self.access.load()

    @property
    def can_ask(self) -> bool:
        """Whether servers may be asked now."""
        return self._panel.remote.can_ask

    @property
    def can_retrieve(self) -> bool:
        """Whether what is selected is on a server."""
        return self._panel.remote.can_retrieve

    def search(self) -> None:
        """Ask the servers of the source for what is typed and chosen."""
        self._panel.remote.search()

    def retrieve(self) -> None:
        """Fetch what is selected."""
        self._panel.remote.retrieve()

    def count(self) -> None:
        """Count what servers supply no counts of."""
        self._panel.remote.count()

    def look_again(self) -> None:
        """See what the library has of the studies on servers: something came into it, or left it."""
        uids = self._panel.remote.studies.uids()
        if uids:
            from workstation.library.search import studies_by_uid

            self._submit(lambda library: self._twins_found.emit(studies_by_uid(library, uids)))

    def close(self) -> None:
        """End what is under way."""
        if self._arriving is not None:
            self._arriving.close()
        self.desk.close()
        self.access.close()

    def _twins(self, uids: Sequence[str]) -> Mapping[str, StudyRow]:
        from workstation.library.search import studies_by_uid

        return studies_by_uid(self._opened(), uids)

    def _search(self, names: tuple[str, ...], query: StudyQuery) -> None:
        from workstation.transfers.study_questions import questions

        nodes = [node for name in names if (node := self.access.node(name)) is not None]
        if not self._hears:
            self._hears = True
            self._window.network.credentials.given.connect(self._panel.remote.given)
        self.desk.search(nodes, questions(query))

    def _of(self, node: str, study: str, ask: Callable[..., None]) -> None:
        found = self.access.node(node)
        if found is not None:
            ask(found, study)

    # fetching

    @property
    def arriving(self) -> Arriving:
        """Opens what comes."""
        if self._arriving is None:
            self._arriving = Arriving(self._window.desk, self)
            self.access.listen(self._arriving.moved)
        return self._arriving

    def _fetch(self, rows: list[StudyRow], series: tuple[str, ...], opened: bool) -> None:
        if len(rows) <= MANY:
            self._fetch_now(rows, series, opened)
            return
        text = self.tr("Fetch {0} studies at once?").format(len(rows))
        self._window.messages.show_message(
            text, "warning", self.tr("Fetch them"), lambda: self._fetch_now(rows, series, opened), key=MANY_ASKED
        )

    def _fetch_now(self, rows: list[StudyRow], series: tuple[str, ...], opened: bool) -> None:
        level = "SERIES" if series else "STUDY"
        places: dict[str, None] = {}
        for row in reversed(rows) if opened else rows:  # each goes to the front
            node = self._panel.remote.studies.best_node(row.uid)
            if not node:
                continue
            places[node] = None
            add = partial(
                self.access.retrieve, node, level, {"study": row.uid, "series": series}, self._title(row), first=opened
            )
            if opened:
                self.arriving.watch(add)
            else:
                add()
        if places:
            text = self.tr("Fetching from {0}; it is opened as it comes.") if opened else self.tr("Fetching from {0}.")
            self._window.say("info", text.format(place_words.names(list(places))))

    def _title(self, row: StudyRow) -> str:
        """Return what a transfer is called; without the patient where identity is hidden."""
        told = [" ".join(row.modalities), display_names.date(row.date)]
        if not self._window.workspace.options.identity_hidden:
            told = [display_names.person_name(row.name), *told, row.description]
        return plain(" · ".join(part for part in told if part), 120) or self.tr("Study")

    def _offer_rest(self, row: StudyRow, place: Place) -> None:
        text = place_words.sentence(place)
        self._window.messages.show_message(
            text, "info", self.tr("Retrieve the rest"), lambda: self._fetch([row], (), True), key=PARTLY
        )
