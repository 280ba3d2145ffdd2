"""The panels of the main window: which are open, and the keyboard in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDockWidget, QWidget

    from workstation.ui.header_panel import HeaderPanel
    from workstation.ui.image_pane import ImagePane
    from workstation.ui.pane_grid import PaneGrid


class WindowPanels:
    """Part of the main window."""

    docks: dict[str, QDockWidget]
    grid: PaneGrid
    inspector: HeaderPanel

    if TYPE_CHECKING:

        def _follow_active(self) -> None: ...

    def panel_shown(self, panel: str) -> bool:
        """Whether a panel is open."""
        return panel in self.docks and self.docks[panel].isVisibleTo(cast("QWidget", self))

    def shown_panes(self) -> list[ImagePane]:
        """Return the panes on screen, in order."""
        return self.grid.visible_panes()

    def show_panel(self, panel: str) -> None:
        """Open a panel and bring it to the front."""
        self.docks[panel].show()
        self.docks[panel].raise_()
        self._follow_active()

    def toggle_panel(self, panel: str) -> None:
        """Open or close a panel."""
        if self.panel_shown(panel):
            self.docks[panel].hide()
        else:
            self.show_panel(panel)

    def next_panel(self, way: int) -> None:
        """Give the keyboard to the next panel, or to the panes."""
        from workstation.ui.panel_focus import next_panel

        next_panel(self.docks.values(), self.grid.focus_active, way)

    def find_in_header(self) -> None:
        """Open the inspector with the cursor in its filter."""
        self.show_panel("header")
        self.inspector.focus_filter()
