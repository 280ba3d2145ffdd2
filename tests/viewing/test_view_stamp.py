"""What a stamp says of a view brings the very view back."""

from __future__ import annotations

from math import cos, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.export.stamp import Stamp
from workstation.imaging.color_maps import COLOR_MAPS
from workstation.imaging.presets import CT
from workstation.imaging.window import VOILUTFunction, Window
from workstation.viewing.view_stamp import TURNS, from_view, to_view
from workstation.viewing.view_state import ORIENTATIONS, Section, ViewState

numbers = st.floats(-1e6, 1e6)
lengths = st.floats(1e-3, 1e6)
vectors = st.tuples(numbers, numbers, numbers)
windows = st.builds(Window, numbers, lengths, st.sampled_from(list(VOILUTFunction)))
presets = st.sampled_from([preset.window for preset in CT])
vois = st.none() | st.just("auto") | st.integers(0, 9) | windows | presets


@st.composite
def sections(draw: st.DrawFn) -> Section:
    angle = draw(st.none() | st.floats(-3, 3))
    right = down = None
    if angle is not None:
        right, down = (cos(angle), sin(angle), 0.0), (0.0, 0.0, -1.0)
    slab = draw(st.just(0.0) | lengths)
    projection = draw(st.sampled_from(["max", "min", "mean"]))
    return Section(draw(st.sampled_from(ORIENTATIONS)), draw(vectors), right, down, slab, projection)


states = st.builds(
    ViewState,
    stack_id=st.just("series:1"),
    index=st.integers(0, 9999),
    section=st.none() | sections(),
    voi=vois,
    inverted=st.booleans(),
    scale=st.none() | lengths,
    centre=st.none() | st.tuples(numbers, numbers),
    rotation=st.sampled_from(TURNS),
    flip_horizontal=st.booleans(),
    flip_vertical=st.booleans(),
    fitted=st.none() | st.tuples(lengths, lengths),
    color_map=st.none() | st.sampled_from(list(COLOR_MAPS)),
)


@given(states)
def test_a_view_comes_back_from_a_stamp_as_it_was(state: ViewState) -> None:
    stamp = Stamp.from_json(Stamp(view=to_view(state)).to_json())
    assert from_view(stamp.view, "series:1", state.index) == state


values = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.lists(st.floats(), max_size=4)
)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                *to_view(ViewState()),
                "voi",
                "scale",
                "rotation",
                "section",
                "section_point",
                "section_right",
                "section_down",
                "section_slab",
                "centre",
                "fitted",
                "color_map",
                "voi_function",
            ]
        ),
        values,
    )
)
def test_any_view_gives_a_state_that_can_be_drawn(view: dict[str, object]) -> None:
    from workstation.viewing.display_transform import DisplayTransform

    state = from_view(view, "series:1", 0)
    DisplayTransform.of(state, 10, 10, (1.0, 1.0), 100, 100)
    Stamp(view=to_view(state)).to_json()


def test_the_name_of_a_window_of_the_header_stays_out() -> None:
    state = ViewState("series:1", voi=Window(40, 400, name="Doe John"))
    assert to_view(state) == {"voi": [40, 400], "voi_function": "linear"}


def test_a_view_as_at_first_says_nothing() -> None:
    assert to_view(ViewState("series:1", 7)) == {}


@pytest.mark.parametrize("down", [[0.0, 0.0, 2.0], [1.0, 0.0, 0.0]])
def test_directions_that_are_none_leave_the_standard_plane(down: list[float]) -> None:
    view = {"section": "axial", "section_point": [1, 2, 3], "section_right": [1.0, 0.0, 0.0], "section_down": down}
    assert from_view(view, "series:1", 0).section == Section("axial", (1, 2, 3))
