"""Grids keep what they show (F1)."""

from __future__ import annotations

import pytest

from workstation.viewing.layout import Layout, fill_empty, first_layout, parse_layout
from workstation.viewing.view_state import ViewState


@pytest.mark.parametrize(("text", "layout"), [("2x3", Layout(2, 3)), ("4X4", Layout(4, 4)), ("5x1", None), ("x", None)])
def test_layouts_are_read_by_name(text, layout) -> None:
    assert parse_layout(text) == layout


def test_a_maximised_pane_is_alone() -> None:
    assert Layout(2, 2, maximised=3).cells() == ((3, 0, 0),)


def test_empty_panes_take_what_is_not_shown_yet() -> None:
    states = [ViewState("b"), ViewState(), ViewState()]
    assert [state.stack_id for state in fill_empty(states, ["a", "b"])] == ["b", "a", None]


@pytest.mark.parametrize(("stacks", "name"), [(0, "1x1"), (1, "1x1"), (2, "1x2"), (3, "2x2"), (40, "2x2")])
def test_the_first_grid_fits_the_number_of_stacks(stacks, name) -> None:
    assert first_layout(stacks).name == name
