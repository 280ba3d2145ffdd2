"""Damaged files end to end: each opens or is refused with a sentence (A8, A27-A29, A36, A37)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.conformance.mutants import mutant, opened, sentences

COUNT = 300
CHUNK = 30
LONGEST = 5.0
"""Seconds any one file may take."""


@pytest.mark.parametrize("first", range(0, COUNT, CHUNK))
def test_damaged_files_open_or_are_refused_with_a_sentence(tmp_path: Path, first: int) -> None:
    """A29, A36: nothing but sentences comes out of 300 mutants, none takes over five seconds."""
    for number in range(first, first + CHUNK):
        name, data = mutant(number)
        path = tmp_path / name
        path.write_bytes(data)
        start = time.perf_counter()
        for sentence in sentences(opened(path)):
            assert is_one_sentence(sentence), f"{name}: {sentence!r}"
        assert time.perf_counter() - start < LONGEST, name


def is_one_sentence(text: str) -> bool:
    """Whether a reason is short and fit for one line of a report."""
    return 10 < len(text) < 300 and text.isprintable() and "Traceback" not in text
