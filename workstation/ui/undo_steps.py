"""What can be undone: changes of views, of measurements, and of key images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtGui import QUndoCommand

if TYPE_CHECKING:
    from workstation.dicom.identity import FrameRef
    from workstation.measurements.measurement import Measurement
    from workstation.viewing.view_state import ViewState

Measurements = tuple["Measurement", ...]
Stars = tuple["FrameRef", ...]


class StateChange(QUndoCommand):
    """The states of some panes, before and after; one of a ``kind`` continues the last of its kind in its panes."""

    def __init__(
        self,
        show: Callable[[Mapping[int, ViewState]], None],
        changes: Mapping[int, tuple[ViewState, ViewState]],
        text: str,
        kind: int = -1,
    ) -> None:
        super().__init__(text)
        self._show, self._changes, self._kind = show, dict(changes), kind

    def id(self) -> int:
        return self._kind

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, StateChange) or other._changes.keys() != self._changes.keys():
            return False
        self._changes = {pane: (before, other._changes[pane][1]) for pane, (before, _) in self._changes.items()}
        return True

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


class StarChange(QUndoCommand):
    """All key images, before and after."""

    def __init__(self, show: Callable[[Stars], None], old: Stars, new: Stars, text: str) -> None:
        super().__init__(text)
        self._show, self._old, self._new = show, old, new

    def redo(self) -> None:
        self._show(self._new)

    def undo(self) -> None:
        self._show(self._old)
