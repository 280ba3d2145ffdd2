"""Joins the panels that answer questions on what is shown: where a grey comes from, what differs, what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject

from workstation.ui.completeness_follower import CompletenessFollower
from workstation.ui.differ_follower import DifferFollower
from workstation.ui.pixel_follower import PixelFollower

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QWidget

    from workstation.loading.loader import Loader
    from workstation.ui.completeness_panel import CompletenessPanel
    from workstation.ui.differ_panel import DifferPanel
    from workstation.ui.image_pane import ImagePane
    from workstation.ui.loader_bridge import LoaderBridge
    from workstation.ui.pane_grid import PaneGrid
    from workstation.ui.pixel_panel import PixelPanel
    from workstation.ui.study_browser import StudyBrowser
    from workstation.ui.workspace import Workspace


class Inquiries(QObject):
    """They follow the panes; ``open_panel`` shows a panel by its id."""

    def __init__(
        self,
        panels: Mapping[str, QWidget],
        grid: PaneGrid,
        workspace: Workspace,
        loader: Loader,
        bridge: LoaderBridge,
        open_panel: Callable[[str], object],
    ) -> None:
        super().__init__(grid)
        self._workspace, self._open_panel = workspace, open_panel
        missing = cast("CompletenessPanel", panels["completeness"])
        self._panels = (cast("PixelPanel", panels["pixel"]), cast("DifferPanel", panels["differences"]), missing)
        self.pixel = PixelFollower(self._panels[0], workspace, loader, grid.pane)
        self.differences = DifferFollower(self._panels[1], workspace, loader)
        self.completeness = CompletenessFollower(missing, cast("StudyBrowser", panels["browser"]), workspace)
        for pane in grid.panes.values():
            self._attach(pane)
        grid.pane_made.connect(self._attach)
        bridge.loaded.connect(self.pixel.on_loaded)
        bridge.loaded.connect(self.differences.on_loaded)
        workspace.options_changed.connect(self._hide_identity)

    def _attach(self, pane: ImagePane) -> None:
        pane.pixel_wanted.connect(lambda: self._open_panel("pixel"))
        self.pixel.attach(pane)

    def _hide_identity(self) -> None:
        for panel in self._panels:
            panel.set_identity_hidden(self._workspace.options.identity_hidden)
