"""Key images: frames a person gave a star, in the order they got it. They last as long as the window."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workstation.ui.undo_steps import StarChange

if TYPE_CHECKING:
    from PySide6.QtGui import QUndoStack

    from workstation.dicom.identity import FrameRef, Instance
    from workstation.geometry.stack import Stack
    from workstation.loading.collection import Catalogue
    from workstation.viewing.view_state import ViewState


class Stars(QObject):
    """Holds the stars; giving and taking one is an undo step."""

    changed = Signal()

    def __init__(self, undo: QUndoStack, parent: QObject) -> None:
        super().__init__(parent)
        self._undo = undo
        self.refs: tuple[FrameRef, ...] = ()

    def toggle(self, ref: FrameRef) -> None:
        """Give a frame a star, or take it away."""
        given = ref in self.refs
        new = tuple(other for other in self.refs if other != ref) if given else (*self.refs, ref)
        text = self.tr("Take the star") if given else self.tr("Star")
        self._undo.push(StarChange(self._show, self.refs, new, text))

    def clear(self) -> None:
        """Forget every star."""
        self._show(())

    def _show(self, refs: tuple[FrameRef, ...]) -> None:
        self.refs = refs
        self.changed.emit()


def frame_shown(state: ViewState, stack: Stack | None) -> FrameRef | None:
    """Return the stored frame on screen, None where there is none: a section is no stored image."""
    if stack is None or not stack.frames or state.section is not None or stack.kind != "image":
        return None
    return stored(stack.frames[min(state.index, len(stack.frames) - 1)].ref)


def stored(ref: FrameRef) -> FrameRef:
    """Return the frame a reference is about; slices of a mosaic share theirs."""
    return ref if ref.tile is None else replace(ref, tile=None)


def still_open(refs: tuple[FrameRef, ...], catalogue: Catalogue) -> list[tuple[Instance, tuple[int, ...]]]:
    """Return the instances with a star that are open, each with its frame numbers from 1."""
    numbers: dict[str, list[int]] = {}
    for ref in refs:
        if ref.sop_instance_uid in catalogue.instances:
            numbers.setdefault(ref.sop_instance_uid, []).append(ref.frame_index + 1)
    found = []
    for uid, frames in numbers.items():
        instance = catalogue.instances[uid]
        found.append((instance, tuple(sorted(frames)) if instance.number_of_frames > 1 else ()))
    return found
