from __future__ import annotations

import re
import time
from pathlib import Path

import numpy as np
import pydicom
import pytest

from workstation.phantoms import demo
from workstation.phantoms.chest import FINDINGS
from workstation.phantoms.documents import pdf
from workstation.phantoms.ultrasound import write_ultrasound_clip


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> list[pydicom.Dataset]:
    return [pydicom.dcmread(p) for p in demo.write_demo(tmp_path_factory.mktemp("demo"))]


def test_the_demo_is_one_patient_with_four_series(study: list[pydicom.Dataset]) -> None:
    assert {str(ds.PatientName) for ds in study} == {"Demo^Anna"}
    assert len({ds.StudyInstanceUID for ds in study}) == 1
    assert [m for m in ("CT", "MR", "US", "DOC") if any(ds.Modality == m for ds in study)] == [
        "CT",
        "MR",
        "US",
        "DOC",
    ]


def test_every_finding_measures_what_the_report_says(study: list[pydicom.Dataset]) -> None:
    """N13: the mean of the inner half of each sphere is its value; the noise has mean 0."""
    slices = [ds for ds in study if ds.Modality == "CT"]
    for finding in FINDINGS:
        x, y, z = finding.center
        ds = min(slices, key=lambda s: abs(s.ImagePositionPatient[2] - z))
        hu = ds.pixel_array.astype(float) + float(ds.RescaleIntercept)
        column = (x - ds.ImagePositionPatient[0]) / ds.PixelSpacing[1]
        row = (y - ds.ImagePositionPatient[1]) / ds.PixelSpacing[0]
        rows, columns = np.mgrid[0 : ds.Rows, 0 : ds.Columns]
        near = np.hypot(columns - column, rows - row) * ds.PixelSpacing[0] < finding.diameter / 4
        assert hu[near].mean() == pytest.approx(finding.value, abs=6)


def test_the_mr_lies_oblique_to_every_axis(study: list[pydicom.Dataset]) -> None:
    ds = next(ds for ds in study if ds.Modality == "MR")
    orientation = np.array(ds.ImageOrientationPatient, float)
    normal = np.cross(orientation[:3], orientation[3:])
    assert np.abs(normal).max() < 0.97
    assert np.linalg.norm(normal) == pytest.approx(1, abs=1e-9)


def test_the_clip_beats_once_and_is_calibrated(tmp_path: Path) -> None:
    """D35: one 2-D region in centimetres."""
    ds = pydicom.dcmread(write_ultrasound_clip(tmp_path / "clip.dcm", frames=6))
    region = ds.SequenceOfUltrasoundRegions[0]
    assert ds.pixel_array.shape == (6, 400, 560, 3)
    assert region.PhysicalUnitsXDirection == 3
    assert region.PhysicalDeltaY * 352 == pytest.approx(16)


def test_the_cross_reference_table_points_at_the_objects() -> None:
    """A PDF reader finds each object at the byte the table names."""
    document = pdf("Title (1)", ["line"])
    table = document[int(document.split(b"startxref\n")[1].split(b"\n")[0]) :]
    offsets = [int(m) for m in re.findall(rb"(\d{10}) 00000 n", table)]
    assert all(document[at:].startswith(b"%d 0 obj" % n) for n, at in enumerate(offsets, 1))


def test_the_second_start_reads_the_demo_from_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(folder: Path) -> list[Path]:
        (folder / "once").touch()
        return []

    monkeypatch.setattr(demo, "write_demo", write)
    first = demo.demo_folder()
    monkeypatch.delattr(demo, "write_demo")
    assert demo.demo_folder() == first
    assert (first / "once").exists()


def test_a_new_version_replaces_the_old_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "write_demo", lambda folder: [])
    first = demo.demo_folder()
    monkeypatch.setattr(demo, "REVISION", demo.REVISION + 1)
    assert demo.demo_folder().parent == first.parent
    assert not first.exists()


def test_the_demo_opens_without_a_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache that is a file, as on a read-only home, costs nothing but the time to write again."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("WORKSTATION_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(demo, "write_demo", lambda folder: [])
    assert demo.demo_folder().is_relative_to(tmp_path)


def test_the_demo_is_written_in_seconds(tmp_path: Path) -> None:
    """Nobody waits for the demo: 3 s on an idle machine, measured in processor time."""
    start = time.process_time()
    demo.write_demo(tmp_path)
    assert time.process_time() - start < 6
