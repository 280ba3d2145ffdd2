"""The first picture is fetched on the scan's thread, which goes on whatever happens to it."""

from __future__ import annotations

import pytest

from workstation.dicom.identity import FrameRef
from workstation.loading.collection import Catalogue
from workstation.loading.fetch import Fetcher
from workstation.loading.lazy_fetcher import LazyFetcher


def test_a_first_picture_that_fails_does_not_end_the_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    """A36: whatever is wrong with one image, the rest goes on."""

    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Fetcher, "shown", fail)
    fetcher = LazyFetcher(lambda: Catalogue(), lambda key: None)
    assert fetcher.first(Catalogue(), FrameRef("1.2.3")) is None
