"""Heads are read ahead where the medium is slow; order and content of what is passed on never change."""

from __future__ import annotations

from pathlib import Path

import pytest

from workstation.dicom import read_ahead
from workstation.dicom.identity import Locator
from workstation.dicom.read_ahead import ReadAhead


def test_files_from_memory_are_passed_on_one_by_one() -> None:
    taken: list[int] = []
    passed = ReadAhead().of(taken.append(number) or number for number in range(9))
    next(passed)
    assert taken == [0]


def test_slow_files_are_read_before_their_turn_and_come_in_order(tmp_path: Path) -> None:
    """A36: a file that is not there is met in its turn, not here."""
    paths = [tmp_path / str(number) for number in range(200)]
    for path in paths[::2]:
        path.write_bytes(b"x")
    ahead, taken = ReadAhead(), []
    ahead.slow = True
    passed = ahead.of(taken.append(path) or Locator(str(path)) for path in paths)
    assert next(passed) == Locator(str(paths[0]))
    assert len(taken) == read_ahead.FILES
    assert [locator.path for locator in passed] == [str(path) for path in paths[1:]]


def test_a_medium_that_is_asked_counts_as_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = iter((0, 0, 5))
    monkeypatch.setattr(read_ahead, "_blocks_read", lambda: next(blocks))
    ahead = ReadAhead()
    passed = ahead.of(iter(range(100)))
    seen = []
    for _ in range(3 * read_ahead.SAMPLE):
        next(passed)
        seen.append(ahead.slow)
    assert seen.index(True) == 2 * read_ahead.SAMPLE - 1
