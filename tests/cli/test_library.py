"""``workstation library`` from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.library.conftest import write
from workstation.cli.main import run

__all__ = ["write"]


@pytest.fixture
def here(tmp_path: Path) -> list[str]:
    return ["--library", str(tmp_path / "library")]


def test_studies_are_added_listed_and_found(
    write: Callable[..., Path], here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write("one").parent
    write(
        "two",
        PatientID="P2",
        PatientName="Roe^Max",
        StudyInstanceUID="1.5",
        SeriesInstanceUID="1.5.1",
        SOPInstanceUID="1.5.2",
    )
    (folder / "notes.txt").write_text("no image")
    assert run(["library", "add", str(folder), *here]) == 0
    assert capsys.readouterr().out == "2 added, 0 known, 0 identical, 0 kept apart, 1 not dicom, 0 skipped\n"
    assert run(["library", "search", "roe", "--json", *here]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [study["patient_name"] for study in document["studies"]] == ["Roe^Max"]
    assert document["counts"] == {"patients": 2, "studies": 2, "series": 2, "instances": 2}
    assert run(["library", "list", *here]) == 0
    assert capsys.readouterr().out.count("1 series, 1 instances") == 2
    assert run(["library", "search", "nobody", *here]) == 2


def test_faults_are_named_one_a_line(
    write: Callable[..., Path], here: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = write("one")
    run(["library", "add", str(path), *here])
    path.unlink()
    capsys.readouterr()
    assert run(["library", "check", *here]) == 1
    assert capsys.readouterr().err == f"{path}: this linked file is not there.\n"
    assert run(["library", "rebuild", *here]) == 2
    assert run(["library", "add", *here]) == 2


def test_options_may_stand_before_what_is_added(write: Callable[..., Path], here: list[str]) -> None:
    assert run(["library", "add", "--copy", *here, str(write("one"))]) == 0
    assert run(["library", "search", *here, "--modality", "CT", "doe"]) == 0
