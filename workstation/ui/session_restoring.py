"""Brings a session back: what was open is opened in the background, then everything is shown as it was."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from workstation.ui.window_api import WindowApi
    from workstation.viewing.session import KeptPath, Session

NAMED = 3
"""Paths that are named where more are missing."""


class SessionRestoring(QObject):
    """One session at a time; a later one, or closing everything, ends the wait for an earlier one."""

    restored = Signal(object)
    """The session that is on screen now."""
    _looked = Signal(int, object, list, list)

    def __init__(self, window: WindowApi, worker: Callable[[], Executor], parent: QObject) -> None:
        super().__init__(parent)
        self._window, self._worker = window, worker
        self._count = 0
        self.waiting = False
        """Whether a session is being read or brought back."""
        self.complete = True
        """Whether everything of the last one was there."""
        self._looked.connect(self._open)
        window.desk.closing.connect(self.give_up)

    def restore(self, session: Session, base: Path | None = None) -> None:
        """Bring a session back whose file is in ``base``."""
        self._count += 1
        self.waiting = True
        number = self._count

        def look() -> None:
            found, missing = where_paths_are(session.paths, base)
            self._looked.emit(number, session, found, missing)

        self._worker().submit(look)

    def give_up(self, *_: object) -> None:
        """Bring nothing back that is not there yet."""
        self._count += 1
        self.waiting = False

    def _open(self, number: int, session: Session, found: list[str], missing: list[str]) -> None:
        from workstation.ui.session_snapshot import all_there

        if number != self._count:
            return
        desk = self._window.desk

        def show() -> None:
            if number == self._count:
                self._merge(number, session, missing)

        if found and not all_there(session, self._window.workspace.catalogue):
            desk.open_paths(found, remember=False)
            desk.when_opened(show)
        else:
            show()

    def _merge(self, number: int, session: Session, missing: list[str]) -> None:
        """Make the stacks of series one, or apart again, as they were; that takes a snapshot for each."""
        from workstation.ui.session_snapshot import series_keys

        desk = self._window.desk
        wanted = series_keys(session, self._window.workspace.catalogue)
        others = {key: merged for key, merged in wanted.items() if desk.is_merged(key) != merged}
        if not others:
            self._show(session, missing)
            return
        left = len(others)

        def taken(*_: object) -> None:
            nonlocal left
            left -= 1
            if number != self._count or left == 0:
                desk.catalogue_taken.disconnect(taken)
            if number == self._count and left == 0:
                self._show(session, missing)

        desk.catalogue_taken.connect(taken)
        for key, merged in others.items():
            desk.set_merged(key, merged)

    def _show(self, session: Session, missing: list[str]) -> None:
        from workstation.ui.session_snapshot import placed, with_others
        from workstation.viewing.session import series_of

        workspace = self._window.workspace
        there = placed(session, workspace.catalogue)
        drawn = with_others(session, workspace)
        self.waiting = False
        self.complete = not (there.missing or there.moved or missing)
        if there.states or not session.panes:
            workspace.restore(session.layout, there.states, session.active, session.point, drawn)
        self._tell(len(there.missing), len(series_of(session.panes)), there.moved, missing or list(there.missing))
        self.restored.emit(session)

    def _tell(self, gone: int, of: int, moved: int, names: list[str]) -> None:
        self._window.messages.withdraw("session")
        if gone:
            named = ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
            text = (
                self.tr("The series of this session is not there: {2}")
                if of == 1
                else self.tr("{0} of {1} series are not there: {2}")
            )
            text = text.format(gone, of, named)
        elif moved:
            text = self.tr("An image that was on screen is not there; its series is shown.")
        elif names:
            named = ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
            text = self.tr("Everything that was on screen is there; not found: {0}").format(named)
        else:
            return
        self._window.messages.show_message(text, "warning", key="session")


def where_paths_are(paths: tuple[KeptPath, ...], base: Path | None) -> tuple[list[str], list[str]]:
    """Return the paths that are there, and those that are nowhere, as the session names them."""
    found: list[str] = []
    missing: list[str] = []
    for kept in paths:
        here = next((path for path in kept.candidates(base) if os.path.exists(path)), None)
        if here is None:
            missing.append(os.path.basename(kept.hint or kept.relative) or str(kept))
        else:
            found.append(os.path.abspath(here))
    return found, missing
