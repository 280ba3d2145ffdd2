"""Audits of discs from the window: one on a worker at a time, its result in the panel."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from workstation import log
from workstation.errors import WorkstationError

if TYPE_CHECKING:
    from workstation.dicom.identity import Instance
    from workstation.dicom.media_audit import Audit
    from workstation.ui.audit_panel import AuditPanel
    from workstation.ui.window_api import WindowApi

_LOG = log.get("audit")
LOOK = 150
"""Milliseconds between two looks at how far an audit is."""
PANEL = "audit"


class AuditDesk(QObject):
    """Begins audits and shows what they find."""

    _ended = Signal(object, object)

    def __init__(self, panel: AuditPanel, window: WindowApi) -> None:
        super().__init__(panel)
        self._panel, self._window = panel, window
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._count = 0
        self._path = self._disc = ""
        self._clock = QTimer(self, interval=LOOK)
        self._clock.timeout.connect(lambda: panel.show_progress(self._count))
        self._ended.connect(self._show)
        panel.folder_wanted.connect(self.choose)
        panel.disc_wanted.connect(lambda: self.check(self._disc))
        panel.stop_wanted.connect(self.stop)
        panel.file_chosen.connect(self._show_file)
        window.workspace.options_changed.connect(self._follow_options)
        self._follow_options()

    @property
    def running(self) -> bool:
        """Whether an audit is under way."""
        return self._thread is not None

    def ask(self, disc: str) -> None:
        """Ask what to check: first of all the disc that is open, if there is one."""
        self._disc = disc
        self._window.show_panel(PANEL)
        if not self.running:
            self._panel.offer(disc=bool(disc))
            if not disc:
                self.choose()

    def choose(self) -> None:
        """Choose a folder to check."""
        self._window.prompts.folder(self.check)

    def check(self, path: str) -> None:
        """Audit a folder, an archive or a DICOMDIR; an audit that is under way ends."""
        self.stop()
        self._stop, self._count, self._path = threading.Event(), 0, path
        self._window.show_panel(PANEL)
        self._panel.show_progress(0)
        self._clock.start()
        self._thread = threading.Thread(target=self._run, args=(path, self._stop), name="audit", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End what is under way."""
        self._stop.set()

    def close(self) -> None:
        """End what is under way and wait for it."""
        self.stop()
        self._clock.stop()
        if self._thread is not None:
            self._thread.join(5)

    def _run(self, path: str, stop: threading.Event) -> None:
        from workstation.dicom.media_audit import audit
        from workstation.loading.courtesy import Courtesy

        courtesy = Courtesy()

        def progress(count: int) -> None:
            if stop is self._stop:
                self._count = count
            courtesy.give_way()

        result: Audit | str
        try:
            result = audit(path, stop=stop, progress=progress)
        except WorkstationError as error:
            result = str(error)
        except Exception:
            _LOG.exception("an audit failed")
            result = ""
        self._ended.emit(result, stop)

    def _show(self, result: Audit | str, stop: threading.Event) -> None:
        if stop is not self._stop:
            return
        self._clock.stop()
        self._thread = None
        if isinstance(result, str):
            hidden = self._window.workspace.options.identity_hidden
            text = self.tr("The check came to no result.") if hidden or not result else result
            self._panel.show_failure(text)
        else:
            self._panel.show_audit(result)

    def _follow_options(self) -> None:
        self._panel.set_identity_hidden(self._window.workspace.options.identity_hidden)

    def _show_file(self, where: str) -> None:
        """Show the header of a file that is open; a File ID may be written otherwise than the file's name."""
        wanted = _folded(where)
        instances = self._window.workspace.catalogue.instances.values()
        found: Instance | None = next((one for one in instances if _folded(str(one.locator)) == wanted), None)
        if found is not None:
            self._window.show_panel("header")
            self._window.header.show_instance(found.sop_instance_uid)
        else:
            self._window.messages.show_message(
                self.tr("Open the disc to see the header of this file."),
                action=self.tr("Open it"),
                run=self._open,
                key="audit",
            )

    def _open(self) -> None:
        self._window.dispatch("file.open_paths", paths=[self._path])


def _folded(where: str) -> str:
    """Return a path without what discs add to the names of files: case, versions, dots and extensions."""
    return where.replace("\\", "/").casefold().split(";")[0].rstrip(".").removesuffix(".dcm")
