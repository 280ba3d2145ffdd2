"""Keeps the panel that explains the order of slices on the stack of the active pane."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from workstation.geometry.stack import Stack
    from workstation.ui.order_panel import OrderPanel
    from workstation.ui.workspace import Workspace


class OrderFollower(QObject):
    """Shows the report of a stack once and then only where one is in it; a slice chosen there is gone to."""

    def __init__(self, panel: OrderPanel, workspace: Workspace, shown: Callable[[], bool]) -> None:
        super().__init__(panel)
        self._panel, self._workspace, self._shown = panel, workspace, shown
        self._stack: Stack | None = None
        panel.slice_requested.connect(lambda index: workspace.go_to(workspace.active, index))

    def follow(self) -> None:
        """Show the stack of the active pane while the panel is open."""
        if not self._shown():
            return
        stack, index = self._workspace.stack(), self._workspace.state().index
        if stack is None:
            self._panel.clear()
        elif stack is not self._stack:
            self._panel.show_report(self._title(stack), stack.order, index)
        else:
            self._panel.set_current(index)
        self._stack = stack

    def _title(self, stack: Stack) -> str:
        values = stack.frames[0].instance.values
        number = values.get("SeriesNumber")
        named = self.tr("Series {0}").format(number) if number is not None else ""
        parts = (named, str(values.get("SeriesDescription", "")), stack.label)
        return " · ".join(part for part in parts if part)
