"""Keeps the histogram on the active pane, and the pane on the histogram's region."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workstation.imaging.window import Window

if TYPE_CHECKING:
    from workstation.ui.histogram_panel import HistogramPanel
    from workstation.ui.image_pane import ImagePane
    from workstation.ui.workspace import Workspace
    from workstation.viewing.view_state import ViewState


class HistogramFollower(QObject):
    """A drag of the region windows the active pane; letting go is one undo step."""

    def __init__(self, panel: HistogramPanel, workspace: Workspace, active: Callable[[], ImagePane]) -> None:
        super().__init__(panel)
        self._panel, self._workspace, self._active = panel, workspace, active
        self._before: ViewState | None = None
        panel.window_dragged.connect(self._drag)
        panel.drag_ended.connect(self._end)
        panel.seen.connect(self.follow)
        workspace.active_changed.connect(self.follow)

    def follow(self, *_: object) -> None:
        """Show the picture of the active pane."""
        pane = self._active()
        self._panel.show_picture(pane.picture, pane.shown_window())

    def on_painted(self, pane: int) -> None:
        """Follow when the active pane has drawn something else."""
        if pane == self._workspace.active and self._panel.isVisible():
            self.follow()

    def _drag(self, center: float, width: float) -> None:
        pane, state = self._workspace.active, self._workspace.state()
        if self._before is None:
            self._before = state
        shown = self._active().shown_window()
        window = replace(shown, center=center, width=width, name="") if shown is not None else Window(center, width)
        self._workspace.set_state(pane, replace(state, voi=window))

    def _end(self) -> None:
        if self._before is not None:
            pane = self._workspace.active
            self._workspace.push({pane: (self._before, self._workspace.state())}, self.tr("Window"))
            self._before = None
