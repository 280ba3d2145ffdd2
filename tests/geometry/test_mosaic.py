"""Mosaics are cut into slices that lie where the scanner measured them (D20)."""

from __future__ import annotations

import numpy as np

from tests.geometry import factory
from workstation.geometry.mosaic import mosaic_of, tile_slices
from workstation.geometry.stack import stacks_of

KIND = ("ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC")


def mosaic(number=1, normal=(0.0, 0.0, 1.0), csa=True, **facts):
    """Return an image of 12 x 16 pixels that holds 7 slices of 4 x 5 (a grid of 3 x 3)."""
    header = {"SpacingBetweenSlices": 3.0, **({"Mosaic": (7, normal)} if csa else {})}
    position = (-20.0, -30.0, 5.0)
    return factory.image(
        number,
        position,
        spacing=(2.0, 0.5),
        rows=12,
        columns=15,
        header=header,
        image_type=KIND,
        modality="MR",
        **facts,
    )


def test_each_tile_is_a_slice_moved_to_the_middle_of_the_mosaic():
    """D20: half of (columns - tile columns) to the right, half of (rows - tile rows) down."""
    stack = factory.one_stack([mosaic()])
    assert (len(stack.frames), stack.rows, stack.columns, stack.is_volume) == (7, 4, 5, True)
    assert stack.frames[0].plane.origin == (-20.0 + 5 * 0.5, -30.0 + 4 * 2.0, 5.0)
    assert [frame.ref.tile for frame in stack.frames] == list(range(7))
    assert stack.spacing == (3.0, 2.0, 0.5)


def test_the_private_normal_tells_which_way_slices_stack():
    """D20: the first tile is then the highest."""
    stack = factory.one_stack([mosaic(normal=(0.0, 0.0, -1.0))])
    np.testing.assert_allclose(np.diff(stack.order.positions), -3.0)


def test_without_the_private_header_it_stays_one_picture():
    """D20: not measurable across tiles."""
    stack = factory.one_stack([mosaic(csa=False)])
    assert (len(stack.frames), stack.rows) == (1, 12)
    assert "mosaic" in stack.why_not


def test_the_word_alone_is_no_mosaic():
    """D20: enhanced images of newer scanners keep it."""
    assert mosaic_of(factory.image(1, (0, 0, 0), header={"Mosaic": (7, None), "SpacingBetweenSlices": 3.0})) is None


def test_mosaics_of_one_series_are_phases():
    """D17, D20."""
    stacks = stacks_of([mosaic(n, values={"AcquisitionNumber": n}) for n in (1, 2, 3)])
    assert [(len(stack.frames), stack.phase.index) for stack in stacks] == [(7, 1), (7, 2), (7, 3)]
    assert len({stack.phase_of for stack in stacks}) == 1


def test_tiles_are_counted_in_reading_order():
    """Tile 5 of a 3 x 3 grid is the last of the second row."""
    assert tile_slices(mosaic_of(mosaic()), 5) == (slice(4, 8), slice(10, 15))
