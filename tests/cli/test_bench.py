"""``workstation bench``: a study's speed, and nothing of whose it is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pydicom
import pytest

from workstation import machine
from workstation.cli import bench_measures
from workstation.loading.speed_report import MODALITIES, NAME, syntax_of

MARK = "QXMARK"
MARKED = {
    "PatientName": f"{MARK}^NAME",
    "PatientID": f"{MARK}-ID",
    "PatientBirthDate": "19010203",
    "StudyDate": "19040506",
    "StudyDescription": f"{MARK} STUDY",
    "SeriesDescription": f"{MARK} SERIES",
    "InstitutionName": f"{MARK} HOSPITAL",
    "AccessionNumber": f"{MARK}-A",
    "StationName": f"{MARK}STATION",
    "Manufacturer": f"{MARK} MAKER",
    "Modality": MARK,
}


@pytest.fixture(autouse=True)
def _ready_kernels(kernels: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels are loaded once for all tests, not into a folder of each."""
    monkeypatch.setattr("workstation.loading.machine_code.load", lambda folder=None: None)


@pytest.fixture
def marked(linear: Path, tmp_path: Path) -> Path:
    """Return a series whose every identity bears a mark, folder and files included."""
    folder = tmp_path / f"{MARK}-folder"
    folder.mkdir()
    for number, path in enumerate(sorted(linear.rglob("*"))):
        if path.is_file():
            ds = pydicom.dcmread(path)
            for keyword, value in MARKED.items():
                setattr(ds, keyword, value)
            ds.save_as(folder / f"{MARK}-{number}")
    return folder


def test_the_report_tells_scan_frames_volume_and_sections(run, linear: Path) -> None:
    done = run("bench", linear, "--json")
    report = done.json
    (series,) = report["series"]
    assert (done.code, done.err, report["report"], report["source"]) == (0, "", NAME, "bench")
    assert report["opening"]["objects"] == series["frames"] == 8
    assert report["opening"]["files_per_second"] > 0
    assert 0 < report["opening"]["first_image_ms"] <= report["opening"]["sorted_image_ms"]
    assert series["transfer_syntax"] == "Explicit VR Little Endian"
    assert series["reading"]["failed"] == 0
    assert series["reading"]["ms_per_frame"]["median"] <= series["reading"]["ms_per_frame"]["p99"]
    assert set(series["reformatting"]["section_ms"]) == {"axial", "coronal", "sagittal", "oblique"}
    assert set(series["reformatting"]["slab_ms"]) == {"max", "min", "mean"}
    assert report["memory"]["peak_bytes"] > 0
    assert report["kernels"]["ready"] == report["kernels"]["declared"] > 0


def test_no_value_that_tells_who_it_is_leaves_the_program(run, marked: Path, tmp_path: Path) -> None:
    """Neither in JSON nor in text nor in the file; a modality that is none becomes "other"."""
    target = tmp_path / "report.json"
    done = run("bench", marked, "--out", target)
    told = done.out + target.read_text(encoding="utf-8") + run("bench", marked, "--json").out
    ds = pydicom.dcmread(next(marked.iterdir()))
    uids = [element.value for element in ds.iterall() if element.VR == "UI" and element.keyword != "SOPClassUID"]
    for secret in (MARK, MARK.lower(), str(tmp_path), *MARKED.values(), *uids):
        assert str(secret) not in told
    assert json.loads(target.read_text(encoding="utf-8"))["series"][0]["modality"] == "other"


def test_a_transfer_syntax_nobody_knows_is_not_told() -> None:
    instance = SimpleNamespace(transfer_syntax_uid="1.2.840.99999.7", modality="CT")
    stack = SimpleNamespace(frames=(SimpleNamespace(instance=instance),))
    assert syntax_of(stack) == "other"  # type: ignore[arg-type]


def test_frames_that_cannot_be_decoded_are_counted_and_named_on_stderr(run, linear: Path, tmp_path: Path) -> None:
    shutil.copytree(linear, tmp_path / "copy")
    broken = next(path for path in sorted((tmp_path / "copy").rglob("*")) if path.is_file())
    ds = pydicom.dcmread(broken)
    ds.BitsAllocated = 7
    ds.save_as(broken)
    done = run("bench", tmp_path / "copy", "--json")
    assert done.code == 1
    assert str(broken) in done.err
    assert str(broken) not in done.out


def test_nothing_to_open_is_code_2(run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    done = run("bench", tmp_path, "--json")
    assert done.code == 2
    assert done.json["series"] == []


def test_stacks_of_the_same_kind_are_measured_once(run, linear: Path, times: Path) -> None:
    done = run("bench", linear, times, "--json")
    assert sum(row["stacks_alike"] for row in done.json["series"]) > len(done.json["series"])


def test_frames_are_taken_evenly_from_a_long_stack() -> None:
    chosen = bench_measures._spread(list(range(1000)))  # type: ignore[arg-type]
    assert (len(chosen), chosen[0], chosen[-1]) == (bench_measures.FRAMES, 0, 999)


def test_defined_terms_of_modality_are_short_words() -> None:
    assert all(1 < len(term) <= 16 for term in MODALITIES.split())
    assert {"CT", "MR", "US", "MG", "PT"} <= set(MODALITIES.split())


def test_the_report_of_the_machine_has_no_host_name() -> None:
    import platform

    assert set(machine.facts()) == {"cpus", "processor", "memory_bytes", "system", "python", "packages"}
    assert platform.node() not in machine.facts()["processor"]
