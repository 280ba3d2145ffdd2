from __future__ import annotations

import zipfile
from pathlib import Path

import pydicom
import pytest
from numpy.testing import assert_allclose
from pydicom.encaps import encapsulate

from workstation.phantoms.documents import write_pdf_report
from workstation.phantoms.zoo import write_mixed_orientation


def stacks(report: dict) -> list[dict]:
    return [
        stack
        for patient in report["patients"]
        for study in patient["studies"]
        for series in study["series"]
        for stack in series["stacks"]
    ]


def test_the_report_lists_the_tree(run, linear: Path) -> None:
    done = run("info", linear, "--json")
    assert done.code == 0
    assert done.json["counts"] == {"patients": 1, "studies": 1, "series": 1, "instances": 8}
    assert done.json["patients"][0]["patient_id"] == "PHANTOM-1"
    assert done.json["patients"][0]["studies"][0]["modalities"] == ["CT"]


def test_a_stack_tells_its_geometry(run, linear: Path) -> None:
    """D1, D9: spacing is (slice, row, column), the affine maps (slice, row, column) to LPS mm."""
    (stack,) = stacks(run("info", linear, "--json").json)
    assert (stack["frames"], stack["rows"], stack["columns"]) == (8, 12, 20)
    assert (stack["order_by"], stack["is_volume"], stack["orientation"]) == ("position", True, "axial")
    assert_allclose(stack["spacing"], (3.0, 2.0, 0.5))
    assert_allclose([abs(v) for v in stack["affine"][0]], (0, 0, 0.5, 7.5))
    assert sorted(place["frame"] for place in stack["order"]) == [1] * 8


def test_brief_leaves_the_order_out(run, linear: Path) -> None:
    (stack,) = stacks(run("info", linear, "--json", "--brief").json)
    assert "order" not in stack


def test_a_gap_is_told_with_its_place(run, gap: Path) -> None:
    """D11: places count from 1; the gap lies between the third and the fourth slice from one end."""
    (stack,) = stacks(run("info", gap, "--json").json)
    (event,) = (e for e in stack["events"] if e["code"] == "gap")
    assert event["at"] in ([3, 4], [4, 5])
    assert event["detail"]


def test_a_timed_series_is_one_stack_per_phase(run, times: Path) -> None:
    """D17: three times at five positions."""
    found = stacks(run("info", times, "--json").json)
    assert [stack["frames"] for stack in found] == [5, 5, 5]
    assert len({stack["phase_of"] for stack in found}) == 1
    assert [stack["phase"]["index"] for stack in found] == [1, 2, 3]
    assert all(stack["reason"] for stack in found)


def test_frames_of_an_enhanced_object_come_in_order_of_position(run, enhanced: Path) -> None:
    """D21: frame numbers are shuffled, positions are not."""
    (stack,) = stacks(run("info", enhanced, "--json").json)
    numbers = [place["frame"] for place in stack["order"]]
    assert sorted(numbers) == list(range(1, 10))
    assert numbers != sorted(numbers)
    assert stack["is_volume"]


def test_a_stray_slice_makes_a_stack_that_is_no_volume(run, tmp_path: Path) -> None:
    """D15: nothing is hidden, and the reason is given."""
    write_mixed_orientation(tmp_path)
    found = stacks(run("info", tmp_path, "--json").json)
    assert sorted(stack["frames"] for stack in found) == [1, 6]
    single = next(stack for stack in found if stack["frames"] == 1)
    assert not single["is_volume"]
    assert single["why_not"]


def test_a_document_is_listed_with_its_kind(run, tmp_path: Path) -> None:
    """A42: what has no pixels counts too."""
    write_pdf_report(tmp_path / "report.dcm")
    (stack,) = stacks(run("info", tmp_path, "--json").json)
    assert stack["kind"] == "document"
    assert not stack["is_volume"]
    assert stack["problems"] == []


def test_a_missing_decoder_is_told_on_the_stack(run, linear: Path, tmp_path: Path) -> None:
    path = tmp_path / "odd.dcm"
    ds = pydicom.dcmread(next(iter(linear.iterdir())))
    ds.file_meta.TransferSyntaxUID = pydicom.uid.UID("1.2.840.10008.1.2.4.52")
    ds.PixelData = encapsulate([b"\xff\xd8\xff\xd9"])
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    ds.save_as(path)
    (stack,) = stacks(run("info", path, "--json").json)
    assert "unsupported_transfer_syntax" in {problem["code"] for problem in stack["problems"]}


def test_files_that_are_not_dicom_are_only_counted(run, linear: Path, tmp_path: Path) -> None:
    note = tmp_path / "notes.txt"
    note.write_text("not an image")
    done = run("info", linear, note, "--json")
    assert done.code == 0
    assert done.json["not_dicom"] == {"count": 1, "paths": [str(note)]}


def test_a_corrupt_file_is_named_and_stops_nothing(run, linear: Path, tmp_path: Path) -> None:
    """A36: code 1, one line on stderr, everything else listed."""
    broken = tmp_path / "broken.dcm"
    broken.write_bytes(next(iter(linear.iterdir())).read_bytes()[:300])
    done = run("info", broken, linear, "--json")
    assert done.code == 1
    assert [(s["path"], s["code"]) for s in done.json["skipped"]] == [(str(broken), "corrupt")]
    assert done.err.startswith(f"{broken}: ")
    assert done.json["counts"]["instances"] == 8


@pytest.mark.parametrize("name", ["nothing", "notes.txt"])
def test_nothing_usable_is_code_two(run, tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.txt").write_text("text")
    assert run("info", tmp_path / name).code == 2


def test_an_archive_is_read_in_place(run, linear: Path, tmp_path: Path) -> None:
    archive = tmp_path / "study.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in linear.iterdir():
            file.write(path, f"disc/{path.name}")
    (stack,) = stacks(run("info", archive, "--json").json)
    assert stack["frames"] == 8


def test_the_text_tells_people_what_is_there(run, gap: Path) -> None:
    done = run("info", gap)
    assert "Phantom" in done.out
    assert "sorted by position" in done.out
    assert "7 objects" in done.out
