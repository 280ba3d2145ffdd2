"""Keeps what is open and how it is looked at: the journal, the last session, and each study's last view.

Nothing here is restored by itself unless the user chose so: it is offered in the message bar.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QLocale, QObject, Signal
from PySide6.QtWidgets import QWidget

from workstation import log
from workstation.ui.later import Later
from workstation.ui.session_restoring import SessionRestoring
from workstation.ui.session_saving import SessionSaving

if TYPE_CHECKING:
    from concurrent.futures import Executor, ThreadPoolExecutor
    from datetime import datetime

    from PySide6.QtWidgets import QFileDialog

    from workstation.ui.window_api import WindowApi
    from workstation.viewing.journal import Crashed, Journal
    from workstation.viewing.session import KeptPath, Session

WAIT = 50
"""Milliseconds in which changes are gathered before they are written."""
FIRST_WAIT = 300
"""Milliseconds until the first writing: what it needs is not imported while the first image is awaited."""
PATIENCE = 5.0
"""Seconds the end of the program waits for what is still being kept."""
MOST_ASKED = 40
"""New studies whose last views are looked for."""
CRASHED, GO_ON = "crashed", "go-on"
_LOG = log.get("session")


def _date(when: datetime) -> QDate:
    local = when.astimezone()
    return QDate(local.year, local.month, local.day)


class SessionKeeper(QObject):
    """Follows the workspace. Before :meth:`begin` it only saves and opens sessions it is asked to."""

    _crash_found = Signal(object)
    _read = Signal(object, object, str)
    _view_found = Signal(str, object)
    looked = Signal()
    """What a crash may have left was looked for."""

    def __init__(self, window: WindowApi, parent: QWidget) -> None:
        super().__init__(parent)
        self._window, self._parent = window, parent
        self._workspace, self._desk, self._messages = window.workspace, window.desk, window.messages
        self.journal: Journal | None = None
        self._executor: ThreadPoolExecutor | None = None
        self._keeping = self._closed = False
        self._last: Session | None = None
        self._views: dict[str, Session] = {}
        self._known: frozenset[str] = frozenset()
        self._offered: Session | None = None
        self._crashed: Crashed | None = None
        self._paths: tuple[tuple[str, ...], tuple[KeptPath, ...]] = ((), ())
        self._leaving: frozenset[str] = frozenset()
        """Studies that are being closed and may be in the catalogue yet."""
        self._later = Later(self._note, self, WAIT)
        self.saving = SessionSaving(window, self)
        self.restoring = SessionRestoring(window, lambda: self._worker, self)
        self._crash_found.connect(self._offer_crashed)
        self._read.connect(self._take_read)
        self._view_found.connect(self._offer_view)
        self.restoring.restored.connect(self._was_restored)
        self._messages.dismissed.connect(self._dismissed)

    @property
    def _worker(self) -> Executor:
        if self._executor is None:
            from concurrent.futures import ThreadPoolExecutor

            self._executor = ThreadPoolExecutor(1, thread_name_prefix="sessions")
        return self._executor

    def begin(self, *, may_reopen: bool = True) -> None:
        """Keep a journal from now on, and look for what a crash left; with the preference, reopen the last session."""
        if self._closed or self._keeping:
            return
        self._keeping = True
        for viewport in self._workspace.viewports:
            viewport.changed.connect(self._changed)
        self._workspace.layout_changed.connect(self._changed)
        self._workspace.active_changed.connect(self._ask)
        self._workspace.measurements_changed.connect(self._ask)
        self._workspace.catalogue_changed.connect(self._ask)
        self._desk.closing.connect(self._closing)
        self._desk.finished.connect(self._opened)
        reopen = may_reopen and self._window.settings["reopen_at_start"]
        self._desk.when_opened(lambda: self._look(reopen))
        if self._workspace.catalogue.patients:
            self._ask()
            self._desk.when_opened(self._opened)

    # the journal

    def _changed(self, *_: object) -> None:
        self._withdraw_offer()
        self._ask()

    def _ask(self, *_: object) -> None:
        self._later.ask(wait=WAIT if self._last is not None else FIRST_WAIT)

    def _note(self) -> None:
        """Have what is shown written if it is not."""
        if not self._keeping or self._closed:
            return
        if self._last is None and not self._desk.roots and not self._workspace.catalogue.patients:
            return
        from workstation.viewing.journal import Journal
        from workstation.viewing.session import now

        session = self._snapshot()
        if session == self._last:
            return
        self.journal = self.journal or Journal()
        self._last = session
        dated = replace(session, saved_at=now())
        for pane in session.panes:
            self._views[pane.study_uid] = dated
        self.journal.note(dated)

    def _snapshot(self) -> Session:
        from workstation.ui.session_snapshot import kept_paths, snapshot, still_open

        if self._leaving and self._leaving.isdisjoint(self._studies()):
            self._leaving = frozenset()
            self._desk.roots = still_open(self._desk.roots, self._workspace.catalogue)
        roots = tuple(self._desk.roots)
        if roots != self._paths[0]:
            self._paths = (roots, kept_paths(roots))
        return snapshot(self._workspace, self._paths[1])

    # each study's view

    def _closing(self, study_uids: list[str]) -> None:
        """Keep how studies were looked at, before they are closed."""
        self._note()
        self._withdraw_offer()
        self._leaving = self._leaving.union(study_uids) if study_uids else frozenset()
        closed = study_uids or list(self._views)
        self._keep_views(closed)
        self._known = self._known.difference(closed) if study_uids else frozenset()

    def _keep_views(self, study_uids: list[str]) -> None:
        from workstation.viewing.study_views import keep_view

        views = {uid: self._views.pop(uid) for uid in study_uids if uid in self._views}

        def keep() -> None:
            for uid, view in views.items():
                keep_view(uid, view)

        if views:
            self._do(keep)

    def _opened(self) -> None:
        """Look for how the studies that came were looked at."""
        uids = self._studies()
        new = [uid for uid in uids if uid not in self._known][:MOST_ASKED]
        self._known = frozenset(uids)
        if not new or self.restoring.waiting:
            return

        def look() -> None:
            from workstation.viewing.study_views import kept_view

            found = [(view.saved_at, uid, view) for uid in new if (view := kept_view(uid)) is not None]
            if found:
                _, uid, view = max(found, key=lambda each: each[0])
                self._view_found.emit(uid, view)

        self._do(look)

    def _studies(self) -> list[str]:
        patients = self._workspace.catalogue.patients
        return [study.study_instance_uid for patient in patients for study in patient.studies]

    def _offer_view(self, uid: str, view: Session) -> None:
        from workstation.ui.session_snapshot import all_there
        from workstation.viewing.session import saved_time

        now = self._snapshot().of_study(uid)
        if self._closed or self.restoring.waiting or not all_there(view, self._workspace.catalogue):
            return
        if now.same_view(view):
            return
        when = saved_time(view)
        text = self.tr("You looked at this study before.")
        if when is not None:
            day = QLocale().toString(_date(when), self.tr("d MMM yyyy"))
            text = self.tr("You looked at this study on {0}.").format(day)
        self._offered = view
        self._messages.show_message(text, action=self.tr("Go on there"), run=self._go_on, key=GO_ON)

    def _go_on(self) -> None:
        view, self._offered = self._offered, None
        if view is not None:
            self.restoring.restore(view)

    def _withdraw_offer(self) -> None:
        if self._offered is not None:
            self._offered = None
            self._messages.withdraw(GO_ON)

    # after a crash, and at start

    def _look(self, reopen: bool) -> None:
        def look() -> None:
            from workstation.viewing.journal import find_crashed, read_last

            crashed = find_crashed()
            self._crash_found.emit(crashed)
            if crashed is None and reopen:
                last = read_last()
                if last is not None and not last.empty:
                    self._read.emit(last, None, "")

        self._do(look)

    def _offer_crashed(self, crashed: Crashed | None) -> None:
        self._crashed = crashed
        if crashed is not None and not self._closed:
            text = self.tr("The program ended unexpectedly. What was open can be brought back.")
            self._messages.show_message(text, "warning", self.tr("Restore"), self._restore_crashed, CRASHED)
        self.looked.emit()

    def _restore_crashed(self) -> None:
        if self._crashed is not None:
            self.restoring.restore(self._crashed.session)

    def _was_restored(self, session: Session) -> None:
        crashed = self._crashed
        if crashed is not None and session is crashed.session and self.restoring.complete:
            self._crashed = None
            self._do(crashed.forget)

    def _dismissed(self, key: str) -> None:
        if key == CRASHED and self._crashed is not None:
            crashed, self._crashed = self._crashed, None
            self._do(crashed.forget)
        elif key == GO_ON:
            self._offered = None

    # what is asked for

    def ask_save(self) -> None:
        """Ask where to save what is shown."""
        from PySide6.QtWidgets import QFileDialog

        from workstation.viewing.session import SUFFIX

        dialog = QFileDialog(self._parent, self.tr("Save session"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self._filter())
        dialog.setDefaultSuffix(SUFFIX[1:])
        dialog.fileSelected.connect(self.saving.save)
        self._show(dialog)

    def ask_open(self) -> None:
        """Ask for a session to open."""
        from PySide6.QtWidgets import QFileDialog

        dialog = QFileDialog(self._parent, self.tr("Open session"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(self._filter())
        dialog.fileSelected.connect(self.open)
        self._show(dialog)

    def save(self, path: str) -> None:
        """Save what is shown; the message bar says how far it is and when it is done."""
        self.saving.save(path)

    def open(self, path: str) -> None:
        """Bring back the session in a file."""
        self.restoring.waiting = True

        def read() -> None:
            from workstation.errors import WorkstationError
            from workstation.viewing.session import read_session

            file = Path(path).absolute()
            try:
                self._read.emit(read_session(file), file.parent, "")
            except WorkstationError as error:
                self._read.emit(None, None, str(error))

        self._do(read)

    def restore_last(self) -> None:
        """Bring back what a crash left, else what was open at the last end."""
        if self._crashed is not None:
            self._messages.withdraw(CRASHED)
            self._restore_crashed()
            return
        self.restoring.waiting = True

        def read() -> None:
            from workstation.viewing.journal import read_last

            last = read_last()
            self._read.emit(last if last is not None and not last.empty else None, None, "")

        self._do(read)

    def _take_read(self, session: Session | None, base: Path | None, problem: str) -> None:
        if self._closed:
            return
        if session is not None:
            self.restoring.restore(session, base)
            return
        self.restoring.waiting = False
        if problem:
            self._messages.show_message(problem, "warning", key="session")
        else:
            self._messages.show_message(self.tr("There is no last session."), key="session")

    def _filter(self) -> str:
        return self.tr("Sessions") + " (*.workstation.json)"

    @staticmethod
    def _show(dialog: QFileDialog) -> None:
        from PySide6.QtCore import Qt

        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setModal(False)
        dialog.show()

    # the end

    def close(self) -> None:
        """Keep what is open as the last session and end."""
        if self._closed:
            return
        self._note()
        if self._keeping:
            self._keep_views(list(self._views))
        self._closed = True
        self.saving.close()
        if self._executor is not None:
            self._finish(self._executor)
        if self.journal is not None:
            from workstation.viewing.session import now

            self.journal.close(replace(self._last, saved_at=now()) if self._last is not None else None)

    @staticmethod
    def _finish(executor: ThreadPoolExecutor) -> None:
        """Let what was begun end, though a disk that does not answer keeps no window open."""
        from concurrent.futures import TimeoutError

        with contextlib.suppress(TimeoutError):
            executor.submit(lambda: None).result(PATIENCE)
        executor.shutdown(wait=False)

    def _do(self, act: Callable[[], object]) -> None:
        """Do something off the window's thread; what goes wrong there is no reason to stop."""
        if self._closed:
            return

        def guarded() -> None:
            try:
                act()
            except Exception:
                _LOG.exception("a session could not be kept or found")

        self._worker.submit(guarded)
