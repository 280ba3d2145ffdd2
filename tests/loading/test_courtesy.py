"""Background work and full collections wait while pictures move."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from time import monotonic, sleep

import pytest

from workstation.loading import courtesy
from workstation.loading.courtesy import Courtesy, moving, rested


@pytest.fixture(autouse=True)
def _at_rest(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    rested()
    monkeypatch.setattr(courtesy, "_until", 0.0)
    yield
    rested()


def test_a_loop_does_not_wait_while_nothing_moves() -> None:
    loop, begin = Courtesy(), monotonic()
    for _ in range(1000):
        loop.give_way()
    assert monotonic() - begin < 0.5


def test_a_loop_rests_while_something_moves() -> None:
    loop = Courtesy()
    sleep(2 * courtesy.WORKS)
    moving()
    begin = monotonic()
    loop.give_way()
    assert monotonic() - begin >= courtesy.RESTS * 0.9


def test_full_collections_wait_for_the_rest_and_no_longer() -> None:
    usual = gc.get_threshold()
    moving()
    moving()
    assert gc.get_threshold() == (*usual[:2], courtesy.NEVER)
    rested()
    assert gc.get_threshold() == usual


def test_threads_take_shorter_turns_while_something_moves() -> None:
    usual = sys.getswitchinterval()
    moving()
    moving()
    assert sys.getswitchinterval() == pytest.approx(courtesy.TURN)
    rested()
    assert sys.getswitchinterval() == usual


def test_movement_without_end_does_not_put_collections_off_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = gc.get_threshold()
    moving()
    monkeypatch.setattr(courtesy, "LONGEST", -1.0)
    moving()
    assert gc.get_threshold() == usual
