"""Key images of a stack, by a person's stars and by Key Object Selections, and a view that shows nothing else (F15)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from workstation.dicom.identity import FrameRef
    from workstation.geometry.stack import Stack
    from workstation.objects.content_item import Reference
    from workstation.viewing.view_state import ViewState


def stored(ref: FrameRef) -> FrameRef:
    """Return the frame a reference is about; slices of a mosaic share theirs."""
    return ref if ref.tile is None else replace(ref, tile=None)


def key_places(stack: Stack, stars: Collection[FrameRef], named: Iterable[Reference]) -> tuple[int, ...]:
    """Return the indices of a stack's frames that have a star or are named.

    A reference without frame numbers names every frame of its instance (PS3.3 C.18.3).
    """
    whole = set()
    frames = {(ref.sop_instance_uid, ref.frame_index) for ref in map(stored, stars)}
    for reference in named:
        if reference.frames:
            frames.update((reference.sop_instance_uid, number - 1) for number in reference.frames)
        else:
            whole.add(reference.sop_instance_uid)
    return tuple(
        place
        for place, frame in enumerate(stack.frames)
        if frame.ref.sop_instance_uid in whole or (frame.ref.sop_instance_uid, frame.ref.frame_index) in frames
    )


def nearest_place(places: Sequence[int], index: int) -> int:
    """Return the key image nearest to an index, of two as near the earlier; the index itself where there is none."""
    after = bisect_left(places, index)
    near = places[max(after - 1, 0) : after + 1]
    return min(near, key=lambda place: abs(place - index), default=index)


def stepped_place(places: Sequence[int], index: int, steps: int) -> int:
    """Return the key image some steps further, ending at the last; the index itself where there is none."""
    if not places or not steps:
        return index
    at = bisect_right(places, index) - 1 if steps > 0 else bisect_left(places, index)
    return places[min(max(at + steps, 0), len(places) - 1)]


def kept(state: ViewState, places: Sequence[int]) -> ViewState:
    """Return a state that shows a key image where it is to show nothing else; sections have none."""
    if not state.key_images or state.section is not None:
        return state
    index = nearest_place(places, state.index)
    return state if index == state.index else replace(state, index=index)
