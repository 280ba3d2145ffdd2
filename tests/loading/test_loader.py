"""The loader serves what is wanted, the most wanted first."""

from __future__ import annotations

import threading
import time

from workstation.loading.frame_cache import FrameCache
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
