"""A state knows how its window came to it: chosen in its pane, or taken over from elsewhere."""

from __future__ import annotations

from dataclasses import replace

from workstation.imaging.window import Window
from workstation.viewing.plain_json import fitted, plain
from workstation.viewing.session import _NAMES
from workstation.viewing.view_state import TakenOver, ViewState

SOFT, BONE = Window(40, 400), Window(400, 1500)
STATE = ViewState("stack")


def test_a_window_that_is_taken_over_is_told_until_another_is_chosen() -> None:
    taken = STATE.taking_over(SOFT, "made")
    assert taken.voi_came == "made"
    assert replace(taken, voi=BONE).voi_came == ""
    assert replace(taken, voi=None).voi_came == ""
    assert replace(STATE, voi=SOFT).voi_came == ""


def test_nothing_is_taken_over_where_there_is_no_window() -> None:
    assert STATE.taking_over(None, "made").taken_over is None


def test_panes_that_are_windowed_alike_know_it() -> None:
    chosen = replace(STATE, voi=BONE, inverted=True)
    alike = STATE.looking_like(chosen)
    assert (alike.voi, alike.inverted, alike.voi_came) == (BONE, True, "alike")
    assert chosen.looking_like(alike) is chosen


def test_an_inversion_alone_leaves_the_window_to_whom_it_belongs() -> None:
    mine = replace(STATE, voi=SOFT)
    assert mine.looking_like(replace(mine, inverted=True)).voi_came == ""


def test_a_session_keeps_it() -> None:
    """The journal writes states as JSON."""
    for voi in (SOFT, 1, "auto"):
        state = replace(STATE, voi=voi, taken_over=TakenOver(voi, "made"))
        kept = fitted(ViewState, plain(state), _NAMES)
        assert kept == state
        assert kept.taken_over == state.taken_over
