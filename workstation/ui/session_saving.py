"""Saves a session with the hashes of its pixels: in the background, with progress, and it can be stopped."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workstation import log

if TYPE_CHECKING:
    from workstation.ui.window_api import WindowApi

KEY = "saving"
TOLD_EVERY = 0.25
"""Seconds between two words on how far it is."""
_LOG = log.get("session")


class SessionSaving(QObject):
    """Saves one session at a time."""

    ended = Signal(bool)
    """Saving has ended; whether the file is there."""
    _progressed = Signal(int)
    _done = Signal(str, str)

    def __init__(self, window: WindowApi, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._progressed.connect(self._tell)
        self._done.connect(self._end)

    def save(self, path: str) -> None:
        """Save what is shown."""
        from workstation.ui.session_snapshot import kept_paths, snapshot, stacks_shown
        from workstation.viewing.session import SUFFIX, is_session, now

        if self._thread is not None:
            self._window.say("info", self.tr("A session is being saved already."))
            return
        target = Path(path if is_session(path) else path.removesuffix(".json") + SUFFIX)
        if str(target) != path and target.exists():
            self._done.emit(target.name, self.tr("there is a file of that name already."))
            return
        workspace = self._window.workspace
        paths = kept_paths(self._window.desk.roots, target.parent)
        session = replace(snapshot(workspace, paths), saved_at=now())
        stacks = stacks_shown(workspace)
        self._stop = stop = threading.Event()

        def run() -> None:
            from workstation.errors import WorkstationError
            from workstation.viewing.session_pixels import StoppedError, with_hashes
            from workstation.whole_file import write_whole

            told = monotonic()

            def progress(fraction: float) -> None:
                nonlocal told
                if monotonic() - told >= TOLD_EVERY:
                    told = monotonic()
                    self._progressed.emit(int(100 * fraction))

            try:
                full = with_hashes(session, stacks, target.parent, progress, stop.is_set)
                write_whole(target, full.to_json())
                self._done.emit(target.name, "")
            except StoppedError:
                self._done.emit("", "")
            except WorkstationError as error:
                self._done.emit(target.name, str(error))
            except OSError as error:
                self._done.emit(target.name, error.strerror or str(error))
            except Exception:
                _LOG.exception("a session could not be saved")
                self._done.emit(target.name, "the log says why (Help › Open log folder).")

        self._thread = threading.Thread(target=run, name="session", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Save nothing after all; what was at the path stays."""
        self._stop.set()

    def close(self) -> None:
        """Stop and wait."""
        self.stop()
        if self._thread is not None:
            self._thread.join(5)

    def _tell(self, percent: int) -> None:
        if self._thread is not None and not self._stop.is_set():
            text = self.tr("Saving the session… {0} %").format(percent)
            self._window.messages.show_message(text, action=self.tr("Stop"), run=self.stop, key=KEY)

    def _end(self, name: str, problem: str) -> None:
        self._thread = None
        self._window.messages.withdraw(KEY)
        if problem:
            text = self.tr("{0} could not be saved: {1}").format(name, problem)
            self._window.messages.show_message(text, "warning", key="saved")
        elif name:
            self._window.messages.show_message(self.tr("The session was saved as {0}.").format(name), key="saved")
        self.ended.emit(bool(name and not problem))
