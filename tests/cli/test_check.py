"""``workstation check``: exit codes and both forms of output."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    ds = pydicom.dcmread(get_testdata_file("MR_small.dcm"))
    del ds.StudyInstanceUID
    ds.PatientSex = "X"
    path = tmp_path / "broken.dcm"
    ds.save_as(path)
    return path


@pytest.fixture
def fine(tmp_path: Path) -> Path:
    """The same with nothing but hints."""
    from workstation.phantoms.enhanced import write_enhanced_ct

    return write_enhanced_ct(tmp_path / "fine.dcm")


def test_findings_are_lines_under_their_file(run, broken: Path) -> None:
    done = run("check", broken)
    first, *rest = done.out.splitlines()
    assert done.code == 1
    assert first.startswith(f"{broken}: MR Image, ")
    assert "edition 2026b" in first
    (line,) = [line for line in rest if "StudyInstanceUID" in line]
    assert line.strip().startswith("error")
    assert "(0020,000D)" in line
    assert "General Study, type 1" in line


def test_json_is_one_list(run, broken: Path) -> None:
    (document,) = run("check", broken, "--json").json
    codes = {finding["keyword"]: (finding["level"], finding["code"]) for finding in document["findings"]}
    assert document["iod"] == "MR Image"
    assert codes["StudyInstanceUID"] == ("error", "missing-1")
    assert codes["PatientSex"] == ("error", "enumerated")


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_checked(run, broken: Path, tmp_path: Path) -> None:
    other = tmp_path / "text.txt"
    other.write_text("no DICOM")
    done = run("check", other, broken)
    assert done.code == 1
    assert str(other) in done.err
    assert str(broken) in done.out


def test_nothing_usable_is_bad_usage(run, tmp_path: Path) -> None:
    assert run("check", tmp_path / "none.dcm").code == 2
    assert run("check").code == 2


def test_hints_alone_are_no_findings(run, fine: Path) -> None:
    (document,) = run("check", fine, "--json").json
    serious = [one for one in document["findings"] if one["level"] != "hint"]
    assert run("check", fine).code == (1 if serious else 0)
