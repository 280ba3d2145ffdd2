"""Joins the study list with the library and the window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoCommand

from workstation.paths import data_folder

if TYPE_CHECKING:
    from workstation.library.importer import ImportReport
    from workstation.ui.library_desk import LibraryDesk
    from workstation.ui.library_panel import LibraryPanel
    from workstation.ui.window_api import WindowApi


class BinStep(QUndoCommand):
    """Studies taken off the list, and brought back by Undo; no file is touched by either."""

    def __init__(self, follower: LibraryFollower, studies: list[int]) -> None:
        super().__init__(follower.tr("Take off the list"))
        self._follower, self._studies = follower, studies

    def redo(self) -> None:
        self._follower.set_binned(self._studies, binned=True)

    def undo(self) -> None:
        self._follower.set_binned(self._studies, binned=False)


class LibraryFollower(QObject):
    """The desk is made when the panel is first seen: who never looks at the library never opens it."""

    def __init__(self, panel: LibraryPanel, window: WindowApi) -> None:
        super().__init__(panel)
        self.panel, self._window = panel, window
        self._desk: LibraryDesk | None = None
        panel.seen.connect(self._seen)
        panel.query_changed.connect(lambda query: self.desk.ask(query))
        panel.previewed.connect(lambda study: self.desk.describe(study))
        panel.opened.connect(lambda studies: self.desk.locate(studies))
        panel.binned.connect(self._bin)
        panel.dropped.connect(self.add)
        panel.add_wanted.connect(lambda: window.prompts.folder(lambda path: self.add([path])))
        panel.stop_wanted.connect(lambda: self.desk.stop())

    @property
    def desk(self) -> LibraryDesk:
        """The library at work."""
        if self._desk is None:
            from workstation.ui.library_desk import LibraryDesk

            self._desk = desk = LibraryDesk(data_folder() / "library", self)
            desk.listed.connect(self.panel.show_studies)
            desk.described.connect(self.panel.show_series)
            desk.located.connect(self._open)
            desk.imported.connect(self._imported)
            desk.said.connect(self._window.say)
        return self._desk

    def add(self, paths: Sequence[str]) -> None:
        """Add files to the library; they stay where they are."""
        self.panel.show_import(self.tr("Adding…"), True)
        self.desk.add(paths, copy=False)

    def close(self) -> None:
        """End what is under way."""
        if self._desk is not None:
            self._desk.close()

    def _seen(self) -> None:
        if not self.panel.model.rows:
            self.panel.ask()

    def _open(self, paths: list[str]) -> None:
        if paths:
            self._window.desk.open_paths(paths, remember=False)  # single files, which the library remembers

    def _bin(self, studies: list[int]) -> None:
        self._window.workspace.undo.push(BinStep(self, studies))

    def set_binned(self, studies: list[int], binned: bool) -> None:
        """Take studies off the list, or bring them back."""
        (self.desk.put_into_bin if binned else self.desk.take_out)(studies)
        self.panel.ask()

    def _imported(self, report: ImportReport, ended: bool) -> None:
        self.panel.show_import(self.tr("Adding… {0} objects").format(report.added), running=not ended)
        if not ended:
            return
        self.panel.ask()
        parts = [self.tr("{0} objects added to the library").format(report.added)]
        if report.known or report.identical:
            parts.append(self.tr("{0} already there").format(report.known + len(report.identical)))
        if report.apart:
            parts.append(self.tr("{0} with a UID that is taken kept beside the first").format(len(report.apart)))
        if report.skipped:
            parts.append(
                self.tr("{0} could not be read; the first: {1}").format(len(report.skipped), report.skipped[0][1])
            )
        self._window.say("warning" if report.skipped or report.apart else "info", " · ".join(parts))
