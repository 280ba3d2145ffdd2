"""(state, stack) -> which pictures are needed, the one on screen first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.objects.picture import FrameKey
from workstation.objects.quick_pixels import read_quickly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workstation.geometry.stack import Stack
    from workstation.viewing.view_state import ViewState

AHEAD = 24
BEHIND = 6
SHARE = 4
"""Volumes fetched ahead that the memory for images has to hold: one for each pane of the usual layout."""


def frame_key(state: ViewState, stack: Stack) -> FrameKey | None:
    """Return the key of the frame on screen, or None for a section or an empty stack."""
    if state.section is not None or not stack.frames:
        return None
    return FrameKey(stack.frames[min(max(state.index, 0), len(stack.frames) - 1)].ref)


def neighbours(state: ViewState, stack: Stack, direction: int) -> Iterator[FrameKey]:
    """Yield the frames worth having next: more in the direction of travel, some behind, nearest first."""
    index, count = state.index, len(stack.frames)
    forward = 1 if direction >= 0 else -1
    for distance in range(1, AHEAD + 1):
        for step, reach in ((forward, AHEAD), (-forward, BEHIND)):
            place = index + step * distance
            if distance <= reach and 0 <= place < count:
                yield FrameKey(stack.frames[place].ref)


def rest(state: ViewState, stack: Stack, direction: int) -> Iterator[FrameKey]:
    """Yield the frames beyond the neighbours, nearest first, those in the direction of travel first.

    A generator: nothing is made for thousands of frames before somebody has time for them.
    """
    if state.section is not None:
        return
    index, count = state.index, len(stack.frames)
    forward = 1 if direction >= 0 else -1
    for distance in range(BEHIND + 1, count):
        for place, reach in ((index + forward * distance, AHEAD), (index - forward * distance, BEHIND)):
            if distance > reach and 0 <= place < count:
                yield FrameKey(stack.frames[place].ref)


def reads_at_once(stack: Stack, budget: int) -> bool:
    """Whether the volume of a stack is worth having before anyone asks for a section.

    Such pixels are read straight into their place, all of them in the time of a few dozen single frames, and the
    frames then share its memory. Not for a phase of a 4-D series, of which many pass by, nor where it takes more than
    a share of the ``budget`` in bytes.
    """
    if not stack.is_volume or stack.phase_of is not None or not stack.frames:
        return False
    size = 2 * len(stack.frames) * stack.rows * stack.columns
    return SHARE * size <= budget and read_quickly(stack.frames[0].instance)
