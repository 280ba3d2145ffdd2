"""Letters name directions in the patient, also after turning and flipping the picture (D26, D27, D28)."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest

from workstation.geometry.orientation import (
    displayed_axes,
    edge_letters,
    edge_letters_from_patient_orientation,
    image_directions,
    letters,
    opposite,
    plane_name,
)

AXES = [tuple(sign * (k == axis) for k in range(3)) for axis in range(3) for sign in (1, -1)]
ORIENTATIONS = [(right, down) for right, down in permutations(AXES, 2) if np.dot(right, down) == 0]
TRANSFORMS = list(product((0, 90, 180, 270), (False, True)))
LETTER = dict(zip(AXES, "LRPAHF", strict=True))


@pytest.mark.parametrize(
    ("orientation", "edges"),
    [
        ((1, 0, 0, 0, 1, 0), ("R", "L", "A", "P")),
        ((0, 1, 0, 0, 0, -1), ("A", "P", "H", "F")),
        ((1, 0, 0, 0, 0, -1), ("R", "L", "H", "F")),
    ],
)
def test_the_standard_planes_have_their_letters(orientation, edges):
    """D26 golden values: left, right, top, bottom."""
    assert edge_letters(orientation[:3], orientation[3:]) == edges


def test_there_are_24_orientations_and_8_transforms():
    """D26: the exhaustive test below is exhaustive."""
    seen = {displayed_axes(rotation, flip, False) for rotation, flip in TRANSFORMS}
    assert (len(ORIENTATIONS), len(seen)) == (24, 8)


@pytest.mark.parametrize(("rotation", "flip"), TRANSFORMS)
def test_letters_follow_every_rotation_and_flip(rotation, flip):
    """D26: the letters of a turned and flipped picture of directions, compared by turning the array itself."""
    for right, down in ORIENTATIONS:
        picture = np.array([[(0, 0, 0), np.negative(down), (0, 0, 0)], [np.negative(right), (0, 0, 0), right],
                            [(0, 0, 0), down, (0, 0, 0)]])  # fmt: skip
        turned = np.rot90(picture, -rotation // 90)
        turned = turned[:, ::-1] if flip else turned
        at_edges = [turned[1, 0], turned[1, 2], turned[0, 1], turned[2, 1]]
        expected = tuple(LETTER[tuple(int(v) for v in direction)] for direction in at_edges)
        assert edge_letters(right, down, rotation, flip) == expected


def test_a_vertical_flip_equals_a_horizontal_one_turned_by_half():
    """D26: of 16 settings only 8 are different."""
    for right, down in ORIENTATIONS:
        assert edge_letters(right, down, 0, False, True) == edge_letters(right, down, 180, True, False)


def test_oblique_directions_give_letters_by_strength():
    """D26: up to three, components below 0.1 dropped."""
    assert letters((0.8, -0.5, 0.33)) == "LAH"
    assert letters((0.9, -0.43, 0.09)) == "LA"
    assert letters((0.05, 0.05, -0.99)) == "F"


def test_quadrupeds_have_letters_of_their_own():
    """D28: LE/RT, D/V, CR/CD; R is rostral there."""
    assert edge_letters((1, 0, 0), (0, 1, 0), quadruped=True) == ("RT", "LE", "V", "D")
    assert letters((0, 0, -1), quadruped=True) == "CD"
    assert opposite("R", quadruped=True) == "CD"
    assert opposite("LECR", quadruped=True) == "RTCD"


def test_patient_orientation_serves_where_there_is_no_position():
    """D27: a chest radiograph, L\\F."""
    assert edge_letters_from_patient_orientation("L", "F") == ("R", "L", "H", "F")
    assert edge_letters_from_patient_orientation("A", "FR", rotation=90) == ("FR", "HL", "P", "A")


def test_empty_or_unknown_patient_orientation_is_never_guessed():
    """D27."""
    assert edge_letters_from_patient_orientation("", "") == ("", "", "", "")
    assert edge_letters_from_patient_orientation("L", "?") == ("R", "L", "", "")


def test_image_orientation_wins_over_a_contradicting_patient_orientation():
    """D27: with a warning."""
    right, down, warning = image_directions(((1, 0, 0), (0, 1, 0)), ("R", "P"))
    assert (right, down) == ("L", "P")
    assert "contradicts" in warning
    assert image_directions(((1, 0, 0), (0, 1, 0)), ("L", "P")) == ("L", "P", "")


@pytest.mark.parametrize(
    ("normal", "name"),
    [((0, 0, 1), "axial"), ((0, -1, 0), "coronal"), ((0.95, 0.31, 0), "sagittal"), ((0.7, 0.7, 0), "oblique")],
)
def test_planes_are_named_by_their_normal(normal, name):
    """An 18 degree gantry tilt is still axial."""
    assert plane_name(normal) == name
