"""Panes follow by patient position, within one Frame of Reference, in nearly parallel planes (D36, D37)."""

from __future__ import annotations

from workstation.geometry.image_plane import ImagePlane
from workstation.viewing.linking import Follower, follow_point, follow_scroll
from workstation.viewing.view_state import Section, ViewState

AXIAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
CORONAL = ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0))


def planes(step: float, count: int, directions=AXIAL, frame_of_reference: str = "1.2.3") -> tuple[ImagePlane, ...]:
    axis = 2 if directions is AXIAL else 1
    made = []
    for number in range(count):
        origin = [0.0, 0.0, 0.0]
        origin[axis] = number * step
        made.append(ImagePlane(tuple(origin), *directions, (1.0, 1.0), 10, 10, frame_of_reference))
    return tuple(made)


def test_another_spacing_follows_by_position_not_by_index() -> None:
    leader = Follower(ViewState("a", 10), planes(1.0, 20))
    assert follow_scroll(leader, {1: Follower(ViewState("b"), planes(5.0, 10))})[1].index == 2


def test_another_frame_of_reference_stays() -> None:
    leader = Follower(ViewState("a", 10), planes(1.0, 20))
    assert follow_scroll(leader, {1: Follower(ViewState("b"), planes(5.0, 10, frame_of_reference="9.9"))}) == {}


def test_an_unknown_frame_of_reference_is_no_ones() -> None:
    leader = Follower(ViewState("a", 10), planes(1.0, 20, frame_of_reference=""))
    assert follow_scroll(leader, {1: Follower(ViewState("b"), planes(5.0, 10, frame_of_reference=""))}) == {}


def test_a_pane_of_another_plane_stays() -> None:
    leader = Follower(ViewState("a", 10), planes(1.0, 20))
    assert follow_scroll(leader, {1: Follower(ViewState("b"), planes(5.0, 10, CORONAL))}) == {}


def test_a_point_takes_stacks_to_their_nearest_slice_and_sections_through_it() -> None:
    point = (1.0, 12.0, 7.0)
    others = {
        1: Follower(ViewState("b"), planes(5.0, 10, CORONAL)),
        2: Follower(ViewState("a", section=Section("axial", (0.0, 0.0, 0.0))), planes(1.0, 20)),
        3: Follower(ViewState("c"), planes(5.0, 10, frame_of_reference="9.9")),
    }
    changed = follow_point(point, "1.2.3", others)
    assert changed[1].index == 2
    assert changed[2].section == Section("axial", point)
    assert 3 not in changed


def test_a_stack_the_slice_lies_beyond_does_not_jump_to_its_end() -> None:
    """Half a step outside the last slice is still followed, further out nothing moves."""
    follower = Follower(ViewState("b", 4), planes(5.0, 10))
    near, far = Follower(ViewState("a", 47), planes(1.0, 80)), Follower(ViewState("a", 60), planes(1.0, 80))
    assert follow_scroll(near, {1: follower})[1].index == 9
    assert follow_scroll(far, {1: follower}) == {}


def test_views_of_one_stack_follow_a_point_even_where_its_space_has_no_name() -> None:
    point = (1.0, 12.0, 7.0)
    others = {
        1: Follower(ViewState("a"), planes(5.0, 10, frame_of_reference="")),
        2: Follower(ViewState("b"), planes(5.0, 10, frame_of_reference="")),
    }
    changed = follow_point(point, "", others, "a")
    assert changed[1].index == 1
    assert 2 not in changed
