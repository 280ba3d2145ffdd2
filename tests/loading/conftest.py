from __future__ import annotations

import time
from collections.abc import Callable

import pytest


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Wait for something, five seconds at most."""

    def wait(done: Callable[[], bool]) -> None:
        end = time.monotonic() + 5
        while not done():
            assert time.monotonic() < end, "it did not happen"
            time.sleep(0.005)

    return wait
