"""Cine follows the header's clock (F25)."""

from __future__ import annotations

import pytest

from workstation.viewing.cine import CineClock, clock_of


def test_recommended_rate_wins_over_frame_time() -> None:
    clock = clock_of({"RecommendedDisplayFrameRate": 20, "FrameTime": 100.0}, 10)
    assert (clock.fps, clock.source) == (20, "Recommended Display Frame Rate")


def test_frame_time_gives_its_rate() -> None:
    assert clock_of({"FrameTime": 40.0, "CineRate": 10}, 10).fps == 25


def test_a_frame_time_vector_gives_uneven_frames() -> None:
    clock = clock_of({"FrameTimeVector": (0.0, 10.0, 30.0)}, 3)
    assert clock.starts == (0.0, 10.0, 40.0)
    assert [clock.frame_at(t) for t in (0, 9, 10, 39, 40, 59, 61)] == [0, 0, 1, 1, 2, 2, 0]


def test_without_any_rate_the_default_holds() -> None:
    clock = clock_of({}, 10, default_fps=12)
    assert (clock.fps, clock.source) == (pytest.approx(12), "default")


def test_late_ticks_drop_frames_instead_of_slowing_down() -> None:
    clock = clock_of({"FrameTime": 10.0}, 100)
    assert clock.frame_at(505) == 50


def test_sweep_goes_to_and_fro() -> None:
    clock = clock_of({"FrameTime": 10.0, "PreferredPlaybackSequencing": 1}, 4)
    assert [clock.frame_at(10 * n) for n in range(8)] == [0, 1, 2, 3, 2, 1, 0, 1]


def test_a_run_begins_at_the_frame_on_screen() -> None:
    assert clock_of({"FrameTime": 10.0}, 10).frame_at(25, start=7) == 9


@pytest.mark.parametrize("values", [{"FrameTime": 0.0}, {"CineRate": -1}, {"FrameTimeVector": (0.0, 0.0)}])
def test_useless_rates_fall_back(values) -> None:
    assert clock_of(values, 2).source == "default"


@pytest.mark.parametrize(("elapsed", "frames"), [(0, 0), (99, 0), (100, 1), (1000, 10), (1049, 10)])
def test_frames_become_due_by_the_clock_over_every_cycle(elapsed: float, frames: int) -> None:
    """F25: what was due and not shown is told as left out."""
    assert CineClock((0.0, 100.0, 200.0), 300.0).frames_until(elapsed) == frames
    assert CineClock((0.0, 100.0, 200.0), 300.0, sweep=True).frames_until(elapsed) == frames


def test_frames_due_count_from_where_the_run_began() -> None:
    clock = CineClock((0.0, 100.0, 500.0), 600.0)
    assert [clock.frames_until(ms, 1) for ms in (0, 399, 400, 500)] == [0, 0, 1, 2]
