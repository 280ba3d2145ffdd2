"""What can be undone: changes of views, and of measurements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtGui import QUndoCommand

if TYPE_CHECKING:
    from workstation.measurements.measurement import Measurement
    from workstation.viewing.view_state import ViewState

Measurements = tuple["Measurement", ...]


class StateChange(QUndoCommand):
    """The states of some panes, before and after."""

    def __init__(
        self,
        show: Callable[[Mapping[int, ViewState]], None],
        changes: Mapping[int, tuple[ViewState, ViewState]],
        text: str,
    ) -> None:
        super().__init__(text)
        self._show, self._changes = show, changes

    def redo(self) -> None:
        self._show({pane: after for pane, (_, after) in self._changes.items()})

    def undo(self) -> None:
        self._show({pane: before for pane, (before, _) in self._changes.items()})


class MeasurementChange(QUndoCommand):
    """All measurements, before and after."""

    def __init__(self, show: Callable[[Measurements], None], old: Measurements, new: Measurements, text: str) -> None:
        super().__init__(text)
        self._show, self._old, self._new = show, old, new

    def redo(self) -> None:
        self._show(self._new)

    def undo(self) -> None:
        self._show(self._old)
