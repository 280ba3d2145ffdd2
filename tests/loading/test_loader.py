"""The loader serves what is wanted, the most wanted first."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from workstation.loading import memory
from workstation.loading.frame_cache import FrameCache, Spare
from workstation.loading.loader import Job, Loaded, Loader, Priority


class Recorder:
    """Collects answers and lets a test hold the first fetch back."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.answers: list[Loaded] = []
        self.served: list[object] = []

    def fetch(self, key: object, job: Job) -> tuple[object, int]:
        self.served.append(key)
        if len(self.served) == 1:
            self.gate.wait(5)
        if key == "bad":
            raise ValueError("no such thing")
        return f"value of {key}", 10

    def wait_for(self, count: int) -> None:
        deadline = time.monotonic() + 5
        while len(self.answers) < count and time.monotonic() < deadline:
            time.sleep(0.002)
        assert len(self.answers) >= count


def test_a_new_wish_replaces_what_was_queued() -> None:
    """A hundred prefetches and then a new wish: only the running one and the new ones are served."""
    recorder = Recorder()
    loader = Loader(recorder.fetch, recorder.answers.append, workers=1)
    loader.want("pane", [(n, Priority.PREFETCH) for n in range(100)])
    while not recorder.served:
        time.sleep(0.001)
    loader.want("pane", [(77, Priority.VISIBLE), (5, Priority.PREFETCH)])
    recorder.gate.set()
    recorder.wait_for(3)
    loader.close()
    assert recorder.served == [0, 77, 5]


def test_visible_comes_before_thumbnail_and_prefetch_across_owners() -> None:
    recorder = Recorder()
    loader = Loader(recorder.fetch, recorder.answers.append, workers=1)
    loader.want("first", [("blocker", Priority.VISIBLE)])
    while not recorder.served:
        time.sleep(0.001)
    loader.want("first", [("ahead", Priority.PREFETCH)])
    loader.want("tree", [("thumb", Priority.THUMBNAIL)])
    loader.want("second", [("slice", Priority.VISIBLE)])
    recorder.gate.set()
    recorder.wait_for(4)
    loader.close()
    assert recorder.served == ["blocker", "slice", "thumb", "ahead"]


def test_what_was_under_way_when_it_was_closed_is_not_kept(until: Callable) -> None:
    recorder = Recorder()
    loader = Loader(recorder.fetch, recorder.answers.append, workers=1)
    loader.want("pane", [("closed", Priority.VISIBLE)])
    until(lambda: bool(recorder.served))
    loader.want("pane", ())
    loader.forget(lambda key: True)
    recorder.gate.set()
    loader.want("pane", [("open", Priority.VISIBLE)])
    recorder.wait_for(1)
    loader.close()
    assert (recorder.answers[0].key, loader.has("closed"), loader.has("open")) == ("open", False, True)


def test_what_failed_while_nobody_waited_is_tried_again_for_who_does() -> None:
    """A volume fetched ahead that cannot be built has to say so when a section asks for it."""
    recorder = Recorder()
    recorder.gate.set()
    loader = Loader(recorder.fetch, recorder.answers.append, workers=1)
    loader.want("pane", [("bad", Priority.PREFETCH)])
    recorder.wait_for(1)
    loader.want("pane", [("bad", Priority.PREFETCH), ("good", Priority.PREFETCH)])
    recorder.wait_for(2)
    loader.want("pane", [("bad", Priority.VISIBLE)])
    recorder.wait_for(3)
    loader.close()
    assert [(answer.key, answer.error is None) for answer in recorder.answers] == [
        ("bad", False),
        ("good", True),
        ("bad", False),
    ]


def test_a_failed_fetch_is_delivered_once_and_not_retried_by_itself() -> None:
    recorder = Recorder()
    recorder.gate.set()
    loader = Loader(recorder.fetch, recorder.answers.append, workers=2)
    loader.want("pane", [("bad", Priority.VISIBLE), ("good", Priority.PREFETCH)])
    recorder.wait_for(2)
    loader.close()
    assert sorted(str(a.error) for a in recorder.answers) == ["None", "no such thing"]
    assert recorder.served.count("bad") == 1


def test_a_long_fetch_leaves_one_worker_free() -> None:
    held = threading.Event()
    answers: list[Loaded] = []

    def fetch(key: str, job: Job) -> tuple[str, int]:
        if key.startswith("volume"):
            held.wait(5)
        return key, 1

    loader = Loader(fetch, answers.append, workers=2, is_long=lambda key: key.startswith("volume"))
    loader.want(
        "panes",
        [("volume a", Priority.VISIBLE), ("volume b", Priority.VISIBLE), ("slice", Priority.PREFETCH)],
    )
    deadline = time.monotonic() + 5
    while not answers and time.monotonic() < deadline:
        time.sleep(0.002)
    first = answers[0].key
    held.set()
    loader.close()
    assert first == "slice"


def test_the_cache_stays_within_its_bytes_and_keeps_what_was_used_last() -> None:
    cache = FrameCache(30)
    for name in "abc":
        cache.put(name, name, 10)
    cache.get("a")
    cache.put("d", "d", 10)
    assert ("a" in cache, "b" in cache, cache.used) == (True, False, 30)


def test_nothing_else_is_fetched_while_what_is_on_screen_is() -> None:
    """The first image does not share the interpreter with thumbnails and prefetch."""
    held, answers, served = threading.Event(), [], []

    def fetch(key: str, job: Job) -> tuple[str, int]:
        served.append(key)
        if key == "visible":
            held.wait(5)
        return key, 1

    loader = Loader(fetch, answers.append, workers=3)
    loader.want("pane", [("visible", Priority.VISIBLE), ("next", Priority.PREFETCH)])
    while not served:
        time.sleep(0.002)
    time.sleep(0.05)
    before = list(served)
    held.set()
    deadline = time.monotonic() + 5
    while len(answers) < 2 and time.monotonic() < deadline:
        time.sleep(0.002)
    loader.close()
    assert (before, served) == (["visible"], ["visible", "next"])


def serve(sizes: dict[str, int] | None = None, **options: object) -> tuple[Loader, list[Loaded]]:
    answers: list[Loaded] = []
    known = sizes or {}

    def fetch(key: object, job: Job) -> tuple[object, int]:
        size = known.get(str(key), 10)
        if str(key).startswith("volume"):
            job.reserve(size)
        return Value(key), size

    return Loader(fetch, answers.append, is_long=lambda key: str(key).startswith("volume"), **options), answers


class Value:
    """Something a pane may hold."""

    def __init__(self, key: object) -> None:
        self.key = key


def test_the_rest_of_a_stack_comes_when_nothing_else_is_wanted(until: Callable) -> None:
    """Drawn one by one from a generator, nearest first, after what is wanted by name."""
    drawn: list[int] = []

    def rest() -> Iterator[int]:
        for number in range(10, 20):
            drawn.append(number)
            yield number

    loader, answers = serve(cache_bytes=1000)
    loader.want("pane", [(1, Priority.PREFETCH), (0, Priority.VISIBLE)], rest())
    until(lambda: len(answers) == 12)
    loader.close()
    assert [answer.key for answer in answers] == [0, 1, *range(10, 20)]
    assert drawn == list(range(10, 20))


def test_the_rest_stops_at_half_the_budget(until: Callable) -> None:
    loader, answers = serve(cache_bytes=100)
    loader.want("pane", [], iter(range(1000)))
    until(lambda: len(answers) >= 5)
    time.sleep(0.05)
    loader.close()
    assert loader.cache_used == 50


def test_a_long_rest_of_which_much_is_there_does_not_hold_the_lock(until: Callable) -> None:
    """Passing over thousands of cached frames happens in small steps."""
    loader, answers = serve(cache_bytes=1 << 20)
    loader.want("pane", [(number, Priority.PREFETCH) for number in range(300)])
    until(lambda: len(answers) == 300)
    loader.want("pane", [], iter(range(301)))
    until(lambda: len(answers) == 301)
    loader.close()
    assert answers[-1].key == 300


def test_wanting_thousands_lazily_costs_the_screen_nothing() -> None:
    loader, _ = serve(cache_bytes=1 << 20)
    endless = (number for number in iter(int, 1))
    begin = time.perf_counter()
    for _ in range(10):
        loader.want("pane", [(number, Priority.PREFETCH) for number in range(30)], endless)
    assert time.perf_counter() - begin < 0.1
    loader.close()


def test_what_is_cached_is_no_wish(until: Callable) -> None:
    """A wish is granted once: what the cache drops later is fetched again only when it is asked for again."""
    loader, answers = serve(cache_bytes=1000)
    loader.want("pane", [("a", Priority.VISIBLE)])
    until(lambda: len(answers) == 1)
    loader.want("pane", [("a", Priority.VISIBLE), ("b", Priority.PREFETCH)])
    until(lambda: len(answers) == 2)
    loader.forget(lambda key: key == "a")
    time.sleep(0.02)
    loader.close()
    assert [answer.key for answer in answers] == ["a", "b"]


def test_what_a_pane_holds_is_never_dropped(until: Callable) -> None:
    loader, answers = serve(cache_bytes=25)
    for key in ("shown", "b", "c", "d"):
        loader.want("pane", [(key, Priority.VISIBLE)])
        until(lambda key=key: bool(answers) and answers[-1].key == key)
        if key == "shown":
            on_screen = answers[0].value
        answers[-1] = Loaded(key)
        until(lambda: loader.pending() == 0)
    loader.close()
    assert loader.peek("shown") is on_screen
    assert (loader.has("b"), loader.has("d"), loader.cache_used) == (False, True, 20)


def test_a_volume_that_does_not_fit_is_refused_with_all_sizes(until: Callable) -> None:
    """D42: refused before anything is allocated; what the budget holds otherwise makes room first."""
    loader, answers = serve({"volume": 3 << 30, "volume b": 900}, cache_bytes=1000)
    loader.want("pane", [(number, Priority.PREFETCH) for number in range(50)])
    until(lambda: len(answers) == 50)
    answers.clear()
    loader.want("pane", [("volume", Priority.VISIBLE)])
    until(lambda: len(answers) == 1)
    assert "needs 3.0 GiB, the budget is 0 MiB" in str(answers[0].error)
    loader.want("pane", [("volume b", Priority.VISIBLE)])
    until(lambda: len(answers) == 2)
    assert answers[1].error is None
    loader.close()
    told = loader.memory()
    assert (told.used, told.budget, told.volumes, told.frames) == (1000, 1000, 900, 100)


def test_second_copies_go_first_and_with_their_volume() -> None:
    dropped: list[str] = []
    cache = FrameCache(100)
    cache.put("volume", object(), 40)
    cache.put("copy", Spare("volume", lambda: dropped.append("copy")), 40)
    cache.put("frame", object(), 30)
    assert (dropped, "volume" in cache, cache.used) == (["copy"], True, 70)
    cache.put("copy", Spare("volume", lambda: dropped.append("again")), 20)
    cache.discard("volume")
    assert (dropped, cache.used) == (["copy", "again"], 30)


def test_the_default_budget_is_a_share_of_what_there_is() -> None:
    assert memory.LEAST <= memory.default_budget() <= max(memory.total() // memory.SHARE, memory.LEAST)
    assert 0 < memory.available() <= memory.total()


def test_what_lies_in_a_volume_keeps_it_while_somebody_holds_it() -> None:
    volume, part = Whole(), Whole(of="volume")
    cache = FrameCache(100, keep_held=True)
    cache.put("volume", volume, 80)
    cache.put("part", part, 1)
    del volume
    cache.put("other", Whole(), 90)
    assert "volume" in cache
    del part
    cache.put("another", Whole(), 90)
    assert "volume" not in cache
    assert "part" not in cache


def test_a_part_of_a_volume_that_was_dropped_is_not_kept() -> None:
    cache = FrameCache(100)
    cache.put("part", Whole(of="volume"), 1)
    assert "part" not in cache
    assert cache.used == 0


class Whole:
    """A value that may lie in another's memory."""

    def __init__(self, of: str | None = None) -> None:
        self.of = of
