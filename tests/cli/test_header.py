from __future__ import annotations

import csv
from pathlib import Path

import pydicom
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from workstation.phantoms.ultrasound import write_ultrasound_clip


def test_json_is_the_model_of_the_standard(run, enhanced: Path) -> None:
    """PS3.18 F.2: another reader takes the document back."""
    done = run("header", enhanced, "--json")
    document = done.json
    document.pop("7FE00010")
    ds = Dataset.from_json(document)
    assert done.code == 0
    assert ds.PatientID == pydicom.dcmread(enhanced).PatientID
    assert len(ds.PerFrameFunctionalGroupsSequence) == 9


def test_one_frame_has_only_its_own_item(run, enhanced: Path) -> None:
    document = run("header", enhanced, "--json", "--frame", 4).json
    (item,) = document["52009230"]["Value"]
    expected = pydicom.dcmread(enhanced).PerFrameFunctionalGroupsSequence[3]
    assert item["00209113"]["Value"][0]["00200032"]["Value"] == list(
        expected.PlanePositionSequence[0].ImagePositionPatient
    )


def test_pixel_data_is_told_by_its_place(run, tmp_path: Path) -> None:
    path = write_ultrasound_clip(tmp_path / "clip.dcm", frames=1)
    uri = run("header", path, "--json").json["7FE00010"]["BulkDataURI"]
    offset = int(uri.split("offset=")[1].split("&")[0])
    ds = pydicom.dcmread(path)
    assert path.read_bytes()[offset : offset + 64] == ds.PixelData[:64]


def test_the_tree_shows_meta_sequences_and_frame(run, enhanced: Path) -> None:
    done = run("header", enhanced, "--frame", 2)
    assert "(0002,0010)" in done.out
    assert "      (0020,0032)" in done.out
    assert "Frame 2" in done.out


def test_a_frame_that_is_not_there_is_bad_usage(run, enhanced: Path) -> None:
    done = run("header", enhanced, "--frame", 10)
    assert done.code == 2
    assert "the last frame is 9" in done.err


def test_text_is_refused_with_a_sentence(run, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("text")
    done = run("header", path)
    assert done.code == 2
    assert "notes.txt" in done.err


def test_junk_values_do_not_cost_the_other_elements(run, tmp_path: Path) -> None:
    """A20: a Decimal String that is no number leaves the rest of the document whole."""
    ds = pydicom.dcmread(get_testdata_file("CT_small.dcm"))
    path = tmp_path / "junk.dcm"
    ds.save_as(path)
    raw = path.read_bytes().replace(b"\x18\x00\x50\x00DS\x08\x005.000000", b"\x18\x00\x50\x00DS\x08\x005,0 mm  ")
    path.write_bytes(raw)
    document = run("header", path, "--json").json
    assert document["00080060"] == {"vr": "CS", "Value": ["CT"]}
    assert "00180050" in document


def test_text_has_every_element_once_with_its_keyword(run, enhanced: Path) -> None:
    done = run("header", enhanced, "--format", "text")
    assert done.code == 0
    assert "(0002,0010) UI [" in done.out
    assert done.out.count(" PerFrameFunctionalGroupsSequence") == 1
    assert "(native, not shown)" in done.out


def test_format_json_is_the_json_option(run, enhanced: Path) -> None:
    assert run("header", enhanced, "--format", "json").json == run("header", enhanced, "--json").json


def test_csv_comes_back_as_written_and_holds_no_formula(run, tmp_path: Path) -> None:
    """A spreadsheet runs what begins with =, +, -, @ or a tab."""
    path = write_ultrasound_clip(tmp_path / "clip.dcm", frames=1)
    ds = pydicom.dcmread(path)
    ds.PatientComments = '=HYPERLINK("http://x","y")'
    ds.ImageComments, ds.StudyDescription, ds.PatientID = "+1", "@sum", "-2"
    ds.save_as(path)
    done = run("header", path, "--format", "csv")
    rows = list(csv.DictReader(done.out.splitlines()))
    values = {row["path"]: row["value"] for row in rows}
    assert values["PatientComments"] == '\'=HYPERLINK("http://x","y")'
    assert [values[one] for one in ("ImageComments", "StudyDescription", "PatientID")] == ["'+1", "'@sum", "'-2"]
    assert values["SequenceOfUltrasoundRegions[1].RegionSpatialFormat"] == "1"
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for row in rows for cell in row.values())


def test_frame_does_not_go_with_a_flat_dump(run, enhanced: Path) -> None:
    done = run("header", enhanced, "--format", "csv", "--frame", 2)
    assert done.code == 2
    assert "--frame" in done.err
