"""Who follows whom: pure rules between panes (D36, D37; panes link by patient point, never by index)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workstation.geometry.image_plane import dot

if TYPE_CHECKING:
    from workstation.dicom.identity import Vector
    from workstation.geometry.image_plane import ImagePlane
    from workstation.viewing.view_state import ViewState

PARALLEL = 0.95
"""Least |cos| between normals for one stack to follow another: panes of another plane stay where they are."""


@dataclass(frozen=True, slots=True)
class Follower:
    """A pane that may follow: its state and the planes of its stack, in order (None where unknown)."""

    state: ViewState
    planes: tuple[ImagePlane | None, ...] = ()

    @property
    def frame_of_reference_uid(self) -> str:
        """Frame of Reference of the stack, or empty."""
        return next((plane.frame_of_reference_uid for plane in self.planes if plane is not None), "")

    @property
    def plane(self) -> ImagePlane | None:
        """Plane of the slice on screen."""
        return self.planes[self.state.index] if 0 <= self.state.index < len(self.planes) else None


def nearest(planes: Sequence[ImagePlane | None], point: Vector) -> tuple[int, float] | None:
    """Return (index, signed distance in mm) of the slice nearest to a patient point, or None without planes."""
    from workstation.geometry.intersection import nearest_slice

    return nearest_slice(planes, point)


def beyond_the_ends(planes: Sequence[ImagePlane | None], index: int, distance: float) -> bool:
    """Whether a point lies more than half a slice step outside the first or last slice of a stack."""
    from workstation.geometry.intersection import off_plane

    known = [n for n, plane in enumerate(planes) if plane is not None]
    if len(known) < 2 or index not in (known[0], known[-1]):
        return False
    beside = planes[known[1] if index == known[0] else known[-2]]
    end = planes[index]
    assert beside is not None
    assert end is not None
    step = end.pixel(beside.origin)[2]
    return distance * step < 0 and off_plane(distance, abs(step))


def same_space(a: str, b: str) -> bool:
    """Whether two Frames of Reference are one; an unknown one is no one's (D36)."""
    return bool(a) and a == b


def follow_scroll(leader: Follower, others: Mapping[int, Follower]) -> dict[int, ViewState]:
    """Return new states of the panes that follow a scroll by position.

    Only panes in the same Frame of Reference with nearly parallel slices follow, and only while the leader's
    slice lies within theirs (half a spacing beyond the ends at most).
    """
    plane = leader.plane
    if plane is None:
        return {}
    point = plane.patient_point((plane.columns - 1) / 2, (plane.rows - 1) / 2)
    changed: dict[int, ViewState] = {}
    for key, other in others.items():
        theirs = other.plane
        if theirs is None or other.state.section is not None or other.state.stack_id == leader.state.stack_id:
            continue
        if not same_space(plane.frame_of_reference_uid, theirs.frame_of_reference_uid):
            continue
        if abs(dot(plane.normal, theirs.normal)) < PARALLEL:
            continue
        found = nearest(other.planes, point)
        if found is None or beyond_the_ends(other.planes, *found):
            continue
        if found[0] != other.state.index:
            changed[key] = replace(other.state, index=found[0])
    return changed


def follow_point(
    point: Vector, frame_of_reference_uid: str, others: Mapping[int, Follower], stack_id: str | None = None
) -> dict[int, ViewState]:
    """Return new states of the panes that go to a patient point in one Frame of Reference.

    Views of the stack ``stack_id`` share its space even where the header gives that space no name.
    """
    changed: dict[int, ViewState] = {}
    for key, other in others.items():
        state = other.state
        own = stack_id is not None and state.stack_id == stack_id
        if not own and not same_space(frame_of_reference_uid, other.frame_of_reference_uid):
            continue
        if state.section is not None:
            changed[key] = replace(state, section=replace(state.section, point=point))
            continue
        found = nearest(other.planes, point)
        if found is not None:
            changed[key] = replace(state, index=found[0])
    return changed
