"""Counters of work: bounded, cheap, and summed up as people read them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from workstation import stopwatch


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    stopwatch.reset()
    yield
    stopwatch.reset()


def test_a_summary_tells_last_median_and_slowest_in_milliseconds() -> None:
    found = stopwatch.summary([(0.0, s / 1000) for s in (*range(1, 100), 500, 7)])
    assert found == stopwatch.Summary(101, 7, 50, 99)


def test_nothing_timed_has_no_summary() -> None:
    assert stopwatch.summary(stopwatch.times("never")) is None
    assert stopwatch.rate(()) == 0


def test_only_the_last_times_are_kept() -> None:
    for number in range(stopwatch.KEPT + 5):
        stopwatch.took("work", number)
    kept = stopwatch.times("work")
    assert (len(kept), kept[0][1]) == (stopwatch.KEPT, 5)


def test_the_rate_is_that_of_the_latest_run_without_a_pause() -> None:
    before = [(n * 0.1, 0.0) for n in range(10)]
    latest = [(5 + n * 0.02, 0.0) for n in range(11)]
    assert stopwatch.rate([*before, *latest]) == pytest.approx(50)
    assert stopwatch.longest_gap([*before, *latest]) == pytest.approx(20)


def test_a_single_frame_has_no_rate() -> None:
    assert stopwatch.rate([(1.0, 0.0), (9.0, 0.0)]) == 0


def test_the_first_picture_after_opening_stops_the_clock_once() -> None:
    stopwatch.painted(0.001)
    stopwatch.opened()
    stopwatch.painted(0.001)
    stopwatch.painted(0.001)
    assert len(stopwatch.times(stopwatch.FIRST_IMAGE)) == 1
    assert len(stopwatch.times(stopwatch.FRAME)) == 3


def test_a_block_is_timed_and_things_are_counted() -> None:
    with stopwatch.timing("block"):
        pass
    stopwatch.add("dropped", 3)
    assert stopwatch.names() == ("block",)
    assert stopwatch.count("dropped") == 3
