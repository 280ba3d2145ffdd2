"""Compiled kernels: declared, loaded once, shared out in bands."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from workstation import compiled


def test_a_kernel_is_not_ready_before_it_is_loaded() -> None:
    made = compiled.Kernel(lambda: None, ("void()",))
    assert not made.ready


def test_every_declared_kernel_is_ready_once_loaded(kernels: None) -> None:
    assert all(each.ready for each in compiled._kernels)


@pytest.mark.parametrize("count", [0, 1, 2, 7, 1000])
def test_bands_cover_every_row_once(count: int) -> None:
    seen: list[int] = []
    lock = threading.Lock()

    def work(start: int, stop: int) -> None:
        with lock:
            seen.extend(range(start, stop))

    compiled.in_bands(count, work)
    assert sorted(seen) == list(range(count))


def test_an_error_in_any_band_reaches_the_caller() -> None:
    def work(start: int, stop: int) -> None:
        if stop == 100:
            raise ValueError("the last band")

    with pytest.raises(ValueError, match="last band"):
        compiled.in_bands(100, work)


def test_without_a_compiler_numpy_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError("no process can be started")

    monkeypatch.setattr(compiled, "_compile_elsewhere", fail)
    assert compiled.load_when_compiled(tmp_path) is False
