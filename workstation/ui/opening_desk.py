"""Opening and closing as the window sees it: what is asked for, how far it is, what it brought, what was skipped."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from workstation import stopwatch
from workstation.loading.keys import uid_of
from workstation.ui.arrivals import Arrivals
from workstation.ui.later import AFTER_SCAN, Later

if TYPE_CHECKING:
    from workstation.loading.collection import Catalogue
    from workstation.loading.loader import Loader
    from workstation.loading.opening import Openings
    from workstation.settings import Settings
    from workstation.ui.message_bar import MessageBar
    from workstation.ui.skipped_panel import SkippedPanel
    from workstation.ui.workspace import Workspace


QUICK = 100
"""Milliseconds in which an opening that ends needs no word that it is under way."""
PATIENCE = 1.0
"""Seconds for which thumbnails and prefetch leave the interpreter to a scan: most series are sorted by then."""


class OpeningDesk(QObject):
    """Starts and stops scans and hands each snapshot on."""

    asked = Signal()
    """Something is to be opened."""
    emptied = Signal()
    """Everything was closed."""
    progressed = Signal(str)
    catalogue_taken = Signal(object)
    first_image = Signal()
    """The first image of an opening can be painted."""
    settling = Signal()
    """An opening has ended and other pictures may be asked for, one after the other, before the next is painted."""
    finished = Signal()
    locked = Signal(list)
    report_wanted = Signal()
    session_wanted = Signal(str)
    """A session file was among what is to be opened."""
    closing = Signal(list)
    """UIDs of studies that are about to be closed; none means all of them."""
    state_changed = Signal()

    def __init__(
        self,
        openings: Openings,
        workspace: Workspace,
        loader: Loader,
        settings: Settings,
        messages: MessageBar,
        skipped: SkippedPanel,
    ) -> None:
        super().__init__(messages)
        self._openings, self._workspace, self._loader = openings, workspace, loader
        self._settings, self._messages, self._skipped = settings, messages, skipped
        self._arrivals = Arrivals(workspace)
        self._say_later = Later(self._say, self, QUICK)
        self._to_remember: list[str] = []
        self.roots: list[str] = []
        """What was asked for since everything was closed, in that order."""
        self.chosen: tuple[str, ...] = ()
        """What a person opened last; nothing where the library opened something or a password was given."""
        self.running = False
        self._told = False
        """Whether the scan that is under way has found something."""
        self._led = self._emptied = 0

    def open_paths(
        self,
        chosen: list[str],
        passwords: dict[str, bytes] | None = None,
        *,
        remember: bool = True,
        more: bool = False,
    ) -> None:
        """Open files, folders, DICOMDIRs or archives in the background, beside what is open.

        With ``remember`` they are offered again at the next start. ``more`` is of what is being read already: panes and
        pages stay as they are.
        """
        chosen = self._without_sessions(chosen)
        if not chosen:
            return
        if not more:
            stopwatch.opened()
        self.roots = list(dict.fromkeys([*self.roots, *chosen]))
        self._to_remember += chosen if remember else []
        if not more:
            self.chosen = tuple(chosen) if remember and not passwords else ()
            self.asked.emit()
            self._arrivals.expect()
            self._loader.hold_back(PATIENCE)
        self.running, self._told = True, False
        self._openings.open(chosen, passwords)
        self._say_later.ask()

    def _without_sessions(self, chosen: list[str]) -> list[str]:
        """Hand session files on, and return the rest."""
        if not any(path.lower().endswith(".json") for path in chosen):
            return chosen
        from workstation.viewing.session import is_session

        for path in filter(is_session, chosen):
            self._settings.add_recent(path)
            self.session_wanted.emit(path)
        return [path for path in chosen if not is_session(path)]

    def _say(self) -> None:
        count = len(self._workspace.catalogue.instances)
        if self.running:
            self.progressed.emit(self.tr("Opening… {0} objects").format(count) if self._told else self.tr("Opening…"))
        else:
            self.progressed.emit(self.tr("1 object") if count == 1 else self.tr("{0} objects").format(count))
        self.state_changed.emit()

    def open_demo(self) -> None:
        """Open the built-in demo study."""
        from workstation.phantoms.demo import demo_folder

        self.open_paths([str(demo_folder())])

    def stop(self) -> None:
        """Stop scanning; what was found stays."""
        self._openings.stop()

    def close_all(self) -> None:
        """Empty the window; files are not touched."""
        self.closing.emit([])
        self.roots = []
        empty = self._openings.clear()
        self._emptied = empty.opening
        self._workspace.close_all()
        self._arrivals.expect_nothing()
        self._loader.forget(lambda key: True)
        self.take(empty)
        self.emptied.emit()

    def close_studies(self, study_uids: list[str]) -> None:
        """Close some studies; files are not touched."""
        self.closing.emit(study_uids)
        self._openings.collection.remove_studies(study_uids)
        self._openings.refresh()

    def is_merged(self, series_key: str) -> bool:
        """Whether the stacks of a series are shown as one."""
        return self._openings.collection.is_merged(series_key)

    def set_merged(self, series_key: str, merged: bool) -> None:
        """Show the stacks of a series as one, or apart again."""
        self._openings.collection.set_merged(series_key, merged)
        self._openings.refresh()

    def when_opened(self, act: Callable[[], object]) -> None:
        """Do something once the scan that is under way has ended."""
        if self.running:
            self.finished.connect(act, Qt.ConnectionType.SingleShotConnection)
        else:
            act()

    def take(self, catalogue: Catalogue) -> None:
        """Take a snapshot from the workers."""
        if catalogue.opening < self._emptied:
            return  # it was on its way when everything was closed
        if catalogue.settled:
            self.settling.emit()
        overtaken = self._workspace.catalogue.overtaken(catalogue)
        if overtaken:
            self._loader.forget(lambda key: uid_of(key) in overtaken)
        self._workspace.set_catalogue(catalogue)
        self._arrivals.take(catalogue)
        self.running = not catalogue.finished
        self.catalogue_taken.emit(catalogue)
        if catalogue.settled:
            self._loader.hold_back(AFTER_SCAN / 1000)
            self._remember()
        if catalogue.lead is not None and catalogue.opening != self._led:
            self._led = catalogue.opening
            self.first_image.emit()
            self._openings.first_painted()
        self._told = True
        self._say_later.ask(wait=QUICK if self.running else AFTER_SCAN)
        if not self.running:
            self._report(catalogue)
            self.finished.emit()

    def _remember(self) -> None:
        """Keep what was opened among the recent paths: that writes a file, and nothing on screen waits for it."""
        chosen, self._to_remember = self._to_remember, []
        for path in chosen:
            self._settings.add_recent(path)

    def _report(self, catalogue: Catalogue) -> None:
        self._skipped.show_report(catalogue.skipped, catalogue.damaged(), catalogue.not_dicom)
        count = len(catalogue.skipped)
        locked = [item.path for item in catalogue.skipped if item.code == "password"]
        self._messages.withdraw("skipped")
        if locked:
            self.locked.emit(locked)
        elif count:
            one, many = self.tr("1 file could not be read."), self.tr("{0} files could not be read.")
            self._messages.show_message(
                one if count == 1 else many.format(count),
                "warning",
                action=self.tr("Show"),
                run=self.report_wanted.emit,
                key="skipped",
            )
        elif not catalogue.patients and catalogue.done:
            self._messages.show_message(
                self.tr("Nothing here is DICOM: {0} files looked at.").format(catalogue.done), key="skipped"
            )
