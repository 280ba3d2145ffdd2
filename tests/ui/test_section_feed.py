"""Coarse while things move, fine when they rest, never an older section over a newer one, never a queue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QObject

from workstation.geometry.image_plane import ImagePlane
from workstation.objects.picture import SectionKey
from workstation.ui import section_feed
from workstation.ui.section_feed import SectionFeed


@dataclass
class Hand:
    """A loader that remembers what it was asked for, and a hand that may be dragging."""

    dragging: bool = True
    asked: list[SectionKey] = field(default_factory=list)
    held: dict[SectionKey, str] = field(default_factory=dict)

    def want(self, owner: str, wishes) -> None:
        self.asked += [key for key, _ in wishes]

    def peek(self, key: SectionKey) -> str | None:
        return self.held.get(key)


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def shown() -> list[str]:
    return []


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, as the feed sees it."""
    now = [100.0]
    monkeypatch.setattr(section_feed, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def feed(qapp, clock: list[float], hand: Hand, shown: list[str]) -> Iterator[SectionFeed]:
    parent = QObject()
    made = SectionFeed("pane 0", hand, shown.append, lambda: hand.dragging, parent)
    yield made
    made.stop()


def key(height: float) -> SectionKey:
    return SectionKey("v", ImagePlane((0, 0, height), (1.0, 0, 0), (0, 1.0, 0), (1.0, 1.0), 64, 64, "1"))


def coarse(height: float, factor: int = 2) -> SectionKey:
    fine = key(height)
    return SectionKey("v", fine.plane.coarser(factor))


def test_at_rest_the_fine_section_is_asked_for(feed, hand) -> None:
    hand.dragging = False
    feed.want(key(1))
    assert hand.asked == [key(1)]


def test_on_the_move_a_coarse_one_comes_first_and_the_fine_one_when_it_rests(feed, hand, shown, qtbot) -> None:
    feed.want(key(1))
    assert hand.asked == [coarse(1)]
    feed.answered(coarse(1), "coarse")
    qtbot.waitUntil(lambda: hand.asked == [coarse(1), key(1)], timeout=1000)
    feed.answered(key(1), "fine")
    assert shown == ["coarse", "fine"]


def test_the_end_of_a_drag_brings_the_fine_one_at_once(feed, hand) -> None:
    feed.want(key(1))
    feed.answered(coarse(1), "coarse")
    feed.settle()
    assert hand.asked == [coarse(1), key(1)]


def test_one_request_is_on_its_way_and_the_latest_wish_is_next(feed, hand, shown, clock) -> None:
    for height in range(1, 9):
        feed.want(key(height))
    assert hand.asked == [coarse(1)]
    clock[0] += 0.015
    feed.answered(coarse(1), "1")
    assert hand.asked == [coarse(1), coarse(8)]
    feed.answered(coarse(8), "8")
    assert shown == ["1", "8"]


def test_an_older_answer_never_covers_a_newer_one(feed, hand, shown) -> None:
    hand.dragging = False
    feed.want(key(1))
    hand.dragging = True
    feed.want(key(2))
    assert hand.asked == [key(1), coarse(2)], "a coarse one does not wait behind the fine one of a moment ago"
    feed.answered(coarse(2), "2 coarse")
    feed.answered(key(1), "1 fine")
    assert shown == ["2 coarse"]


def test_what_is_in_memory_is_shown_at_once(feed, hand, shown) -> None:
    hand.held[key(3)] = "3"
    feed.want(key(3))
    assert (shown, hand.asked) == (["3"], [])


def test_a_fast_machine_needs_no_coarse_sections(feed, hand, shown, clock) -> None:
    feed.want(key(1))
    clock[0] += 0.002
    feed.answered(coarse(1), "1")
    assert hand.asked == [coarse(1)]
    feed.want(key(2))
    assert hand.asked == [coarse(1), key(2)]


def test_a_slow_one_gets_coarser_ones(feed, hand, clock) -> None:
    feed.want(key(1))
    clock[0] += 0.04
    feed.answered(coarse(1), "1")
    feed.want(key(2))
    assert hand.asked[-1] == coarse(2, 3)
    clock[0] += 0.004
    feed.answered(coarse(2, 3), "2")
    feed.want(key(3))
    assert hand.asked[-1] == coarse(3, 2)


def test_an_error_is_not_asked_for_again(feed, hand) -> None:
    hand.dragging = False
    feed.want(key(1))
    feed.answered(key(1), None)
    assert hand.asked == [key(1)]


def test_answers_to_others_are_none_of_its_business(feed, shown) -> None:
    feed.answered(key(5), "5")
    assert shown == []
