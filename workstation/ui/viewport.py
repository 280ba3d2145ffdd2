"""The one holder of what a pane shows."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from workstation.viewing.view_state import ViewState


class Viewport(QObject):
    """Holds one :class:`ViewState`; ``set_state`` is the only way to change what its pane shows."""

    changed = Signal(object, object)

    def __init__(self, number: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.number = number
        self._state = ViewState()

    @property
    def state(self) -> ViewState:
        """What is shown now."""
        return self._state

    def set_state(self, state: ViewState) -> None:
        """Replace the state and tell the pane, which redraws the part that differs."""
        old = self._state
        if state == old:
            return
        self._state = state
        self.changed.emit(old, state)
