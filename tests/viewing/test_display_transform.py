"""One transform between image and pane, for every rotation, flip, zoom and pixel shape (D31, D32, D54)."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.viewing.display_transform import DisplayTransform, panned, zoomed_at
from workstation.viewing.view_state import ViewState

ROWS, COLUMNS = 7, 11
TRANSFORMS = list(product((0, 90, 180, 270), (False, True), (False, True)))


def transform(state: ViewState, aspect: tuple[float, float] = (1.0, 1.0)) -> DisplayTransform:
    return DisplayTransform.of(state, ROWS, COLUMNS, aspect, 300, 200)


@pytest.mark.parametrize(("rotation", "horizontal", "vertical"), TRANSFORMS)
@pytest.mark.parametrize("aspect", [(1.0, 1.0), (6.0, 5.0), (0.5, 2.0)])
def test_a_click_on_a_pixel_centre_reports_that_pixel(rotation, horizontal, vertical, aspect) -> None:
    """D54: for every display transform and pixel shape."""
    t = transform(ViewState("s", rotation=rotation, flip_horizontal=horizontal, flip_vertical=vertical), aspect)
    for column, row in product(range(COLUMNS), range(ROWS)):
        x, y = t.to_screen(column + 0.5, row + 0.5)
        assert tuple(int(v) for v in t.to_image(x, y)) == (column, row)


@pytest.mark.parametrize(("rotation", "horizontal", "vertical"), TRANSFORMS)
def test_the_fitted_image_lies_inside_the_pane(rotation, horizontal, vertical) -> None:
    t = transform(ViewState("s", rotation=rotation, flip_horizontal=horizontal, flip_vertical=vertical), (2.0, 1.0))
    corners = [t.to_screen(c, r) for c, r in ((0, 0), (COLUMNS, 0), (0, ROWS), (COLUMNS, ROWS))]
    assert all(-1e-9 <= x <= 300 + 1e-9 and -1e-9 <= y <= 200 + 1e-9 for x, y in corners)


def test_pixel_aspect_ratio_six_to_five_draws_pixels_taller_than_wide() -> None:
    """D32: vertical to horizontal 6:5, never the other way."""
    t = transform(ViewState("s"), (6.0, 5.0))
    x0, y0 = t.to_screen(0, 0)
    x1, y1 = t.to_screen(1, 1)
    assert (y1 - y0) / (x1 - x0) == pytest.approx(1.2)


def test_a_quarter_turn_right_sends_the_top_edge_to_the_right() -> None:
    t = transform(ViewState("s").rotated(90))
    left_top, right_top = t.to_screen(0, 0), t.to_screen(COLUMNS, 0)
    assert left_top[0] == pytest.approx(right_top[0])
    assert left_top[0] > 150
    assert left_top[1] < right_top[1]


@pytest.mark.parametrize(("horizontal", "vertical"), [(False, False), (True, False), (False, True), (True, True)])
def test_turning_a_flipped_image_turns_what_is_seen(horizontal, vertical) -> None:
    state = ViewState("s", flip_horizontal=horizontal, flip_vertical=vertical, scale=10.0)
    before, after = transform(state), transform(state.rotated(90))
    for point in ((0.5, 0.5), (3.0, 6.0)):
        x, y = before.to_screen(*point)
        assert after.to_screen(*point) == pytest.approx((150 - (y - 100), 100 + (x - 150)))


@settings(deadline=None, max_examples=60)
@given(st.floats(0.3, 5), st.floats(0, 300), st.floats(0, 200), st.sampled_from(TRANSFORMS))
def test_zooming_keeps_the_point_under_the_cursor(factor, x, y, turn) -> None:
    state = ViewState("s", rotation=turn[0], flip_horizontal=turn[1], flip_vertical=turn[2])
    before = transform(state)
    after = transform(zoomed_at(state, before, factor, x, y, 300, 200))
    assert after.to_image(x, y) == pytest.approx(before.to_image(x, y), abs=1e-6)


@given(st.floats(-100, 100), st.floats(-100, 100), st.sampled_from(TRANSFORMS))
def test_panning_moves_the_image_by_the_drag(dx, dy, turn) -> None:
    state = ViewState("s", rotation=turn[0], flip_horizontal=turn[1], flip_vertical=turn[2])
    before = transform(state)
    after = transform(panned(state, before, dx, dy, 300, 200))
    x, y = before.to_screen(2, 3)
    assert after.to_screen(2, 3) == pytest.approx((x + dx, y + dy), abs=1e-6)
