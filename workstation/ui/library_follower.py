"""Joins the study list with the library and the window."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QUndoCommand
from PySide6.QtWidgets import QMainWindow

from workstation.paths import data_folder
from workstation.ui.disc_offer import DiscOffer

if TYPE_CHECKING:
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QDockWidget, QMenu

    from workstation.dicom.identity import Locator
    from workstation.library.batches import ImportReport
    from workstation.library.search import SeriesRow
    from workstation.library.store import Library
    from workstation.ui.audit_desk import AuditDesk
    from workstation.ui.audit_panel import AuditPanel
    from workstation.ui.library_chores import LibraryChores
    from workstation.ui.library_desk import LibraryDesk
    from workstation.ui.library_panel import LibraryPanel
    from workstation.ui.pane_grid import PaneGrid
    from workstation.ui.remote_follower import RemoteFollower
    from workstation.ui.window_api import WindowApi

FOLDER = "library"
ASIDE = "copying"
"""Key of the message that tells how far a copy is while images are looked at."""
MANY = 20
"""Studies that are opened together without a question."""
LIST_EVERY = 1.0
"""Seconds between two looks at what an import has brought."""


class BinStep(QUndoCommand):
    """Studies taken off the list, and brought back by Undo; no file is touched by either."""

    def __init__(self, follower: LibraryFollower, studies: list[int], *, binned: bool = True) -> None:
        super().__init__(follower.tr("Take off the list") if binned else follower.tr("Bring back"))
        self._follower, self._studies, self._binned = follower, studies, binned

    def redo(self) -> None:
        self._follower.set_binned(self._studies, binned=self._binned)

    def undo(self) -> None:
        self._follower.set_binned(self._studies, binned=not self._binned)


class LibraryFollower(QObject):
    """List and desk are made when first seen: who opens a disc waits for neither, and opens no library."""

    def __init__(
        self,
        window: WindowApi,
        grid: PaneGrid,
        docks: Mapping[str, QDockWidget],
        more: Callable[[], Sequence[QAction]],
    ) -> None:
        super().__init__(grid)
        self._window, self._grid, self._docks, self._more = window, grid, docks, more
        self._panel: LibraryPanel | None = None
        self._tucked: list[tuple[QDockWidget, int]] = []
        self._listed = 0.0
        self._desk: LibraryDesk | None = None
        self._chores: LibraryChores | None = None
        self._audits: AuditDesk | None = None
        self._remote: RemoteFollower | None = None
        self._series = ""
        self._aside = False
        self.discs = DiscOffer(window, self._opener, self.copy_aside, self)
        grid.empty.list_requested.connect(lambda: window.dispatch("view.library"))
        window.desk.asked.connect(lambda: self.show_home(False))
        window.desk.emptied.connect(lambda: self.show_home(self.exists))

    @property
    def panel(self) -> LibraryPanel:
        """The study list."""
        if self._panel is None:
            self._panel = self._make_panel()
        return self._panel

    def _make_panel(self) -> LibraryPanel:
        from workstation.ui import study_columns
        from workstation.ui.library_panel import LibraryPanel

        panel, window = LibraryPanel(), self._window
        self._grid.set_home(panel)
        panel.set_identity_hidden(self._nameless)
        panel.more.menu().addActions(list(self._more()))
        study_columns.restore(panel.table, window.settings["study_columns"])
        panel.seen.connect(self._seen)
        panel.query_changed.connect(lambda query: self.desk.ask(query))
        panel.previewed.connect(lambda study: self.desk.previews.want(study))
        panel.opened.connect(self._locate)
        panel.binned.connect(lambda studies: self._bin(studies, binned=True))
        panel.restored.connect(lambda studies: self._bin(studies, binned=False))
        panel.marked.connect(lambda studies, status: self.desk.mark(studies, status))
        panel.commented.connect(lambda study, text: self.desk.comment(study, text))
        panel.dropped.connect(lambda paths: self.add(paths))
        panel.add_wanted.connect(lambda: window.dispatch("library.add"))
        panel.left.connect(self._leave)
        panel.stop_wanted.connect(lambda: self.desk.stop())
        panel.empty_bin_wanted.connect(lambda: self.chores.count_bin())
        panel.menu_wanted.connect(self._add_to_menu)
        panel.strip.send_wanted.connect(self._send_series)
        panel.searches.menu().aboutToShow.connect(self._fill_searches)
        panel.remote.ability_changed.connect(window.update_later)
        return panel

    @property
    def remote(self) -> RemoteFollower:
        """The study list on servers."""
        if self._remote is None:
            from workstation.ui.remote_follower import RemoteFollower

            desk = self.desk
            self._remote = RemoteFollower(self._window, self.panel, desk.opened_library, desk.submit)
            desk.changed.connect(self._remote.look_again)
            desk.imported.connect(lambda report, ended: self.remote.look_again())
        return self._remote

    def set_identity_hidden(self, hidden: bool) -> None:
        """Leave names and numbers of patients out of the list."""
        if self._panel is not None:
            self._panel.set_identity_hidden(hidden)

    @property
    def exists(self) -> bool:
        """Whether there is a library: a look at one name, no file is opened."""
        return (data_folder() / FOLDER / "index.sqlite").exists()

    @property
    def importing(self) -> bool:
        """Whether something is being added."""
        return self._desk is not None and self._desk.importing

    @property
    def desk(self) -> LibraryDesk:
        """The library at work."""
        if self._desk is None:
            from workstation.ui.library_desk import LibraryDesk

            self._desk = desk = LibraryDesk(data_folder() / FOLDER, self)
            desk.nameless = lambda: self._nameless
            desk.listed.connect(self.panel.show_studies)
            desk.modalities_found.connect(self.panel.remote.set_modalities)
            desk.previews.described.connect(self.panel.show_series)
            desk.previews.pictured.connect(self.panel.show_stacks)
            desk.located.connect(self._open)
            desk.imported.connect(self._imported)
            desk.changed.connect(self.panel.ask)
            desk.said.connect(self._window.say)
        return self._desk

    @property
    def chores(self) -> LibraryChores:
        """What is done now and then."""
        if self._chores is None:
            from workstation.ui.library_chores import LibraryChores

            self._chores = LibraryChores(self.desk)
            self._chores.changed.connect(self.panel.ask)
            self._chores.bin_counted.connect(self._offer_to_empty)
        return self._chores

    @property
    def audits(self) -> AuditDesk:
        """What checks discs."""
        if self._audits is None:
            from workstation.ui.audit_desk import AuditDesk

            self._audits = AuditDesk(cast("AuditPanel", self._docks["audit"].widget()), self._window)
        return self._audits

    def audit(self) -> None:
        """Ask for a disc to check, the one that is open first."""
        self.show_home(False)
        self.audits.ask(self.discs.open_disc)

    def begin(self) -> None:
        """Show the study list first where there is one, and watch the folders that are to be watched."""
        if self.exists:
            self.show_home(True)
        if self._window.settings["watched_folders"]:
            self.chores.watch(self._window.settings["watched_folders"])

    # the home page

    @property
    def at_home(self) -> bool:
        """Whether the study list is on screen."""
        return self._grid.at_home

    def show_home(self, shown: bool) -> None:
        """Show the study list, or the panes."""
        panel = self.panel if shown else None
        if shown != self._grid.at_home:
            self._grid.show_home(shown)
            self._tuck(shown)
            self._window.update_later()
        if panel is not None:
            panel.go_to_list()
        elif self._window.workspace.catalogue.patients:
            self._grid.focus_active()

    def _leave(self) -> None:
        """Go back to what is open, if anything is."""
        if self._window.workspace.catalogue.patients:
            self.show_home(False)

    @property
    def _nameless(self) -> bool:
        return self._window.workspace.options.identity_hidden

    def _tuck(self, home: bool) -> None:
        """Put panels that are about what is open out of the way of the list, and back."""
        if home:
            shown = [dock for dock in self._docks.values() if dock.isVisibleTo(dock.window())]
            self._tucked = [(dock, dock.width()) for dock in shown]
        for dock, _ in self._tucked:
            dock.setVisible(not home)
        main = self._grid.window()
        if not home and isinstance(main, QMainWindow):
            docks, widths = [dock for dock, _ in self._tucked], [width for _, width in self._tucked]
            main.resizeDocks(docks, widths, Qt.Orientation.Horizontal)

    def toggle_home(self) -> None:
        """Go to the study list, or back."""
        self.show_home(not self.at_home)

    def show_bin(self) -> None:
        """Show what was taken off the list."""
        from workstation.ui.library_bar import VIEWS

        self.show_home(True)
        self.panel.views.setCurrentIndex(next(n for n, (_, query) in enumerate(VIEWS) if query.binned))

    def find(self) -> None:
        """Go to the search."""
        self.panel.go_to_search()

    def find_patient(self, patient_id: str, name: str = "") -> None:
        """Look for the studies of a patient in the study list, by ID, by name where there is none."""
        from workstation.library.search import StudyQuery

        self.show_home(True)
        column = ("patient_id", patient_id) if patient_id else ("name", name)
        self.panel.show_query(StudyQuery(columns=(column,)))

    # sending

    @property
    def has_chosen(self) -> bool:
        """Whether a study is selected."""
        return self._panel is not None and bool(self._panel.chosen())

    def _add_to_menu(self, menu: QMenu) -> None:
        menu.addAction(self.tr("Send to…") + "\tCtrl+Shift+S", lambda: self._window.dispatch("network.send"))

    def _send_series(self, series: SeriesRow) -> None:
        from workstation.dicom.display_names import person_name
        from workstation.library.places import files_of_series

        current, opened = self.panel.current(), self.desk.opened_library
        whose = person_name(current.name) if current is not None else ""
        title = " · ".join(part for part in (whose, series.description or series.modality) if part)
        self._window.prompts.send(lambda: files_of_series(opened(), series.id), title)

    def chosen_title(self) -> str:
        """Return what the selected studies are called together; of one study, whose it is."""
        from workstation.dicom.display_names import person_name

        current, chosen = self.panel.current(), self.panel.chosen()
        if len(chosen) == 1 and current is not None:
            return " · ".join(part for part in (person_name(current.name), current.description) if part)
        return self.tr("{0} studies").format(len(chosen))

    def chosen_places(self) -> Callable[[], list[Locator]]:
        """Return what finds the files of the selected studies; for a worker, since it asks the index."""
        from workstation.library.places import locators_of

        chosen, opened = self.panel.chosen(), self.desk.opened_library
        return lambda: [one for study in chosen for one in locators_of(opened(), study)]

    # adding

    def add(self, paths: Sequence[str], *, copy: bool = False) -> None:
        """Add files to the library; without ``copy`` they stay where they are."""
        self.show_home(True)
        self.panel.show_import(self.tr("Adding…"), True)
        self.desk.add(paths, copy=copy)

    def copy_aside(self, paths: Sequence[str]) -> None:
        """Copy files into the library while something else is looked at."""
        if self.at_home:
            self.add(paths, copy=True)
            return
        self._aside = True
        self.panel.show_import(self.tr("Adding…"), True)
        text = self.tr("Copying into the library…")
        self._window.messages.show_message(text, action=self.tr("Stop"), run=self.stop, key=ASIDE)
        self.desk.add(paths, copy=True)
        self._window.update_later()

    def _opener(self) -> Callable[[], Library] | None:
        return self.desk.opened_library if self.exists else None

    def stop(self) -> None:
        """End what is being added; what it brought stays."""
        if self._desk is not None:
            self._desk.stop()

    def add_open(self) -> None:
        """Add the files that are open, by link."""
        instances = self._window.workspace.catalogue.instances.values()
        self.add(list(dict.fromkeys(one.locator.path for one in instances)))

    def watch(self, folders: Sequence[str]) -> None:
        """Watch these folders from now on."""
        chosen = list(dict.fromkeys(folders))
        self._window.settings.set("watched_folders", chosen)
        self.chores.watch(chosen)
        last = chosen[-1] if chosen else ""
        self._window.say(
            "info",
            self.tr("Watched from now on: {0}").format(self.tr("path hidden") if self._nameless else last)
            if last
            else self.tr("No folder is watched."),
        )

    def close(self) -> None:
        """End what is under way."""
        if self._panel is not None:
            from workstation.ui import study_columns

            self._window.settings.set("study_columns", study_columns.kept(self._panel.table))
        self.show_home(False)  # panels are kept as they are beside the panes
        if self._remote is not None:
            self._remote.close()
        if self._audits is not None:
            self._audits.close()
        if self._desk is not None:
            self._desk.close()

    def _seen(self) -> None:
        _ = self.remote  # from now on servers are offered
        if not self.panel.model.rows or self.panel.query().opened:
            self.panel.ask()

    def _locate(self, studies: list[int], series: str) -> None:
        self._series = series
        if len(studies) <= MANY:
            self.desk.locate(studies)
            return
        text = self.tr("Open {0} studies at once?").format(len(studies))
        self._window.messages.show_message(
            text, "warning", self.tr("Open them"), lambda: self.desk.locate(studies), key="many"
        )

    def _open(self, paths: list[str]) -> None:
        if not paths:
            return
        self._window.desk.open_paths(paths, remember=False)  # single files, which the library remembers
        if self._series:
            self._window.desk.when_opened(self._show_series)

    def _show_series(self) -> None:
        """Show the series whose picture was double-clicked."""
        workspace, wanted = self._window.workspace, self._series
        self._series = ""
        stack = next((s for s in workspace.catalogue.ordered_stacks() if s.series_instance_uid == wanted), None)
        if stack is not None:
            workspace.show_stack(stack.id)

    # the bin

    def _bin(self, studies: list[int], *, binned: bool) -> None:
        if studies:
            self._window.workspace.undo.push(BinStep(self, studies, binned=binned))

    def set_binned(self, studies: list[int], *, binned: bool) -> None:
        """Take studies off the list, or bring them back."""
        (self.desk.put_into_bin if binned else self.desk.take_out)(studies)
        if binned == self.panel.table.in_bin:
            self.panel.want_selected(studies)
        elif binned:
            self._window.say("info", self.tr("In the bin; the files stay. Ctrl+Z brings back."))
        self.panel.ask()

    def _offer_to_empty(self, number: int) -> None:
        if not number:
            return
        from workstation.ui.study_list_model import plural

        text = plural(
            number,
            self.tr("Forget 1 study for good? Copies are deleted, linked files stay where they are."),
            self.tr("Forget {0} studies for good? Copies are deleted, linked files stay where they are."),
        )
        self._window.messages.show_message(text, "warning", self.tr("Empty the bin"), self._empty_bin, key="bin")

    def _empty_bin(self) -> None:
        self.chores.empty_bin()
        self.panel.go_to_list()

    # saved searches

    def _fill_searches(self) -> None:
        from workstation.ui import saved_searches

        panel, settings = self.panel, self._window.settings
        saved_searches.fill(
            panel.searches.menu(),
            settings["saved_searches"],
            panel.show_query,
            lambda kept: settings.set("saved_searches", kept),
            panel.query() if panel.narrowed else None,
            hidden=self._nameless,
            source=panel.remote.source,
            served=[(one.name, one) for one in self.remote.access.queries()],
        )

    def _tell_aside(self, report: ImportReport, ended: bool) -> None:
        self._aside = not ended
        if ended:
            self._window.messages.withdraw(ASIDE)
        else:
            text = self.tr("Copying into the library… {0} objects").format(report.added)
            self._window.messages.retell(ASIDE, text)

    def _imported(self, report: ImportReport, ended: bool) -> None:
        again = self._chores is not None and self._chores.rebuilding
        text = self.tr("Reading again… {0} objects") if again else self.tr("Adding… {0} objects")
        self.panel.show_import(text.format(report.added), running=not ended)
        self._window.update_later()
        if self._aside:
            self._tell_aside(report, ended)
        if not ended:
            if time.monotonic() - self._listed > LIST_EVERY:
                self._listed = time.monotonic()
                self.panel.ask()
            return
        self.panel.ask()
        parts = self._parts(report, again)
        if self._chores is not None:
            self._chores.rebuilding = False
        self._window.say("warning" if report.skipped or report.apart else "info", " · ".join(parts))

    def _parts(self, report: ImportReport, again: bool) -> list[str]:
        one, more = self.tr("1 object added to the library"), self.tr("{0} objects added to the library")
        if again:
            one, more = self.tr("Made again from 1 object"), self.tr("Made again from {0} objects")
        from workstation.ui.study_list_model import plural

        parts = [plural(report.added, one, more)]
        if report.known or report.identical:
            parts.append(self.tr("{0} already there").format(report.known + len(report.identical)))
        if report.moved:
            parts.append(self.tr("{0} found again where they are now").format(report.moved))
        if report.changed:
            parts.append(self.tr("{0} read again, as they had changed").format(report.changed))
        if report.apart:
            parts.append(self.tr("{0} kept apart, as their UID is that of another object").format(len(report.apart)))
        if report.skipped:
            text = self.tr("{0} could not be read").format(len(report.skipped))
            first = "" if self._nameless else self.tr("; the first: {0}").format(report.skipped[0][1])
            parts.append(text + first)
        return parts
