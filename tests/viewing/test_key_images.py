"""A view that shows key images only goes from one to the next, and nowhere else (F15)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from workstation.dicom.identity import FrameRef
from workstation.geometry.stack import Stack
from workstation.objects.content_item import Reference
from workstation.viewing.key_images import kept, key_places, nearest_place, stepped_place
from workstation.viewing.view_state import Section, ViewState


def stack(*refs: FrameRef) -> Stack:
    return cast("Stack", SimpleNamespace(frames=[SimpleNamespace(ref=ref) for ref in refs]))


def test_a_reference_without_frame_numbers_names_every_frame() -> None:
    """C.18.3: frame numbers count from 1; without them the whole instance is meant."""
    frames = stack(*(FrameRef("1.2", n) for n in range(3)), FrameRef("1.3"), FrameRef("1.4"))
    assert key_places(frames, (), [Reference("", "1.2", (2,)), Reference("", "1.3")]) == (1, 3)
    assert key_places(frames, (), [Reference("", "1.2")]) == (0, 1, 2)


def test_stars_and_key_objects_select_together() -> None:
    frames = stack(FrameRef("1.2"), FrameRef("1.3"), FrameRef("1.4"))
    assert key_places(frames, [FrameRef("1.4")], [Reference("", "1.2"), Reference("", "9.9")]) == (0, 2)


def test_slices_of_a_mosaic_share_the_star_of_their_frame() -> None:
    frames = stack(*(FrameRef("1.2", 0, tile) for tile in range(3)))
    assert key_places(frames, [FrameRef("1.2")], ()) == (0, 1, 2)


@pytest.mark.parametrize(("index", "near"), [(0, 3), (3, 3), (5, 3), (6, 7), (99, 20)])
def test_a_place_between_goes_to_the_nearest(index: int, near: int) -> None:
    assert nearest_place((3, 7, 20), index) == near


@pytest.mark.parametrize(
    ("index", "steps", "there"), [(3, 1, 7), (3, 2, 20), (20, 1, 20), (7, -1, 3), (3, -1, 3), (5, 1, 7), (5, -1, 3)]
)
def test_a_step_goes_from_key_image_to_key_image_and_ends_at_the_last(index: int, steps: int, there: int) -> None:
    assert stepped_place((3, 7, 20), index, steps) == there


def test_without_key_images_nothing_moves() -> None:
    assert (nearest_place((), 4), stepped_place((), 4, 1)) == (4, 4)


def test_only_a_stored_image_that_is_to_be_key_is_moved() -> None:
    section = Section("axial", (0.0, 0.0, 0.0))
    assert kept(ViewState("a", 5, key_images=True), (3, 9)).index == 3
    assert kept(ViewState("a", 5), (3, 9)).index == 5
    assert kept(ViewState("a", 5, section, key_images=True), (3, 9)).index == 5
