"""Phantoms on disk, and the command line run in this process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from workstation.__main__ import main
from workstation.phantoms.enhanced import write_enhanced_ct
from workstation.phantoms.volumes import write_linear_series
from workstation.phantoms.zoo import write_gap, write_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    def call(*arguments: object) -> Outcome:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def linear(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("linear")
    write_linear_series(folder, shuffle=3)
    return folder


@pytest.fixture(scope="session")
def gap(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gap")
    write_gap(folder)
    return folder


@pytest.fixture(scope="session")
def times(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("time")
    write_time(folder)
    return folder


@pytest.fixture(scope="session")
def enhanced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_enhanced_ct(tmp_path_factory.mktemp("enhanced") / "enhanced.dcm")
