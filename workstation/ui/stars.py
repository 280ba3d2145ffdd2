"""Key images: frames a person gave a star, in the order they got it, and those that open key objects name.

Stars last as long as the window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workstation.ui.undo_steps import StarChange
from workstation.viewing.key_images import key_places, stored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QUndoStack

    from workstation.dicom.identity import FrameRef, Instance
    from workstation.geometry.stack import Stack
    from workstation.loading.collection import Catalogue
    from workstation.objects.content_item import Reference
    from workstation.viewing.view_state import ViewState


class Stars(QObject):
    """Holds the stars; giving and taking one is an undo step. ``named`` is what each key object names, by its UID."""

    changed = Signal()

    def __init__(self, undo: QUndoStack, parent: QObject) -> None:
        super().__init__(parent)
        self._undo = undo
        self.refs: tuple[FrameRef, ...] = ()
        self.named: Mapping[str, tuple[Reference, ...]] = {}
        self._places: dict[str, tuple[Stack, tuple[int, ...]]] = {}

    def toggle(self, ref: FrameRef) -> None:
        """Give a frame a star, or take it away."""
        given = ref in self.refs
        new = tuple(other for other in self.refs if other != ref) if given else (*self.refs, ref)
        text = self.tr("Take the star") if given else self.tr("Star")
        self._undo.push(StarChange(self._show, self.refs, new, text))

    def clear(self) -> None:
        """Forget every star."""
        self._show(())

    def name(self, named: Mapping[str, tuple[Reference, ...]]) -> None:
        """Take over what the key objects that are open name."""
        if named != self.named:
            self.named = named
            self._changed()

    def places(self, stack: Stack) -> tuple[int, ...]:
        """Return which frames of a stack are key images, by index."""
        held = self._places.get(stack.id)
        if held is None or held[0] is not stack:
            references = [one for each in self.named.values() for one in each]
            held = self._places[stack.id] = (stack, key_places(stack, self.refs, references))
        return held[1]

    def _show(self, refs: tuple[FrameRef, ...]) -> None:
        self.refs = refs
        self._changed()

    def _changed(self) -> None:
        self._places.clear()
        self.changed.emit()


def frame_shown(state: ViewState, stack: Stack | None) -> FrameRef | None:
    """Return the stored frame on screen, None where there is none: a section is no stored image."""
    if stack is None or not stack.frames or state.section is not None or stack.kind != "image":
        return None
    return stored(stack.frames[min(state.index, len(stack.frames) - 1)].ref)


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
