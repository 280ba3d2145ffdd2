from __future__ import annotations

import json
from pathlib import Path

import av
import imagecodecs
import numpy as np
import pydicom
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from workstation.export.picture import read_stamp
from workstation.export.stamp import matches
from workstation.phantoms.grid import linear_value
from workstation.phantoms.pixels import CASES, write_case
from workstation.phantoms.ultrasound import write_ultrasound_clip
from workstation.phantoms.volumes import write_linear_series
from workstation.phantoms.zoo import write_mosaic

NAME, ID = "SECRET^PERSON", "SECRET-7"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_ultrasound_clip(tmp_path_factory.mktemp("clip") / "clip.dcm", frames=5)


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A series whose every text that people type tells who it is."""
    folder = tmp_path_factory.mktemp("named")
    write_linear_series(folder, slices=4)
    for path in folder.iterdir():
        ds = pydicom.dcmread(path)
        ds.PatientName, ds.PatientID, ds.SeriesDescription, ds.StudyID = NAME, ID, NAME, ID
        ds.WindowCenter, ds.WindowWidth, ds.WindowCenterWidthExplanation = 250, 300, NAME
        ds.RescaleType = "SECRET"
        ds.save_as(path)
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_named_file_takes_one_frame_as_render_does(run, linear: Path, tmp_path: Path) -> None:
    assert run("export", linear, "--out", tmp_path / "a.png", "--frame", 2, "--window", "250,300").code == 0
    run("render", linear, "--out", tmp_path / "b.png", "--frame", 2, "--window", "250,300")
    found = [imagecodecs.png_decode((tmp_path / name).read_bytes()) for name in ("a.png", "b.png")]
    assert_array_equal(found[0], found[1])
    assert read_stamp(tmp_path / "a.png").window == (250.0, 300.0)


def test_a_folder_takes_every_frame_in_order(run, linear: Path, tmp_path: Path) -> None:
    done = run("export", linear, "--out", tmp_path / "new", "--format", "tiff", "--json")
    assert done.code == 0
    assert [f"0001-{number:04}.tiff" for number in range(1, 9)] == names(tmp_path / "new")
    uids = [stamp["stamp"]["sop_instance_uid"] for stamp in done.json["written"]]
    assert len(set(uids)) == 8
    assert done.json["failed"] == []


def test_one_frame_goes_into_a_folder_under_its_number(run, clip: Path, tmp_path: Path) -> None:
    assert run("export", clip, "--out", tmp_path, "--frame", 3).code == 0
    assert names(tmp_path) == ["0001-0003.png"]
    assert read_stamp(tmp_path / "0001-0003.png").frame == 3
    expected = pydicom.dcmread(clip).pixel_array[2]
    assert_array_equal(imagecodecs.png_decode((tmp_path / "0001-0003.png").read_bytes()), expected)


def test_a_mosaic_is_one_picture(run, tmp_path: Path) -> None:
    write_mosaic(tmp_path / "in")
    assert run("export", tmp_path / "in", "--out", tmp_path / "out").code == 0
    assert names(tmp_path / "out") == ["0001-0001.png"]


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_modality_values_are_recovered_from_sixteen_bits(run, linear: Path, tmp_path: Path, suffix: str) -> None:
    """H6: stored or modality values, as stated."""
    path = tmp_path / f"a{suffix}"
    assert run("export", linear, "--out", path, "--values", "modality").code == 0
    decode = imagecodecs.png_decode if suffix == ".png" else imagecodecs.tiff_decode
    pixels, stamp = decode(path.read_bytes()), read_stamp(path)
    assert run("volume", linear, "--out", tmp_path / "v.npy").code == 0
    volume = np.load(tmp_path / "v.npy")
    found = pixels.astype(float) * stamp.slope + stamp.intercept
    assert (stamp.pixels, stamp.unit) == ("modality", "HU")
    assert min(np.abs(found - each).max() for each in volume) < 1e-3


def test_stored_values_are_the_stored_ones(run, tmp_path: Path) -> None:
    case = next(each for each in CASES if each.name == "grey 12 bit signed")
    written = write_case(tmp_path, case)
    assert run("export", written.path, "--out", tmp_path / "a.tif", "--bits", 16).code == 0
    found = imagecodecs.tiff_decode((tmp_path / "a.tif").read_bytes())
    assert found.dtype == np.int16
    assert_array_equal(found, pydicom.dcmread(written.path).pixel_array)
    assert read_stamp(tmp_path / "a.tif").pixels == "stored"


@pytest.mark.parametrize("name", ["a.mp4", "a.gif"])
def test_a_clip_becomes_a_movie(run, clip: Path, tmp_path: Path, name: str) -> None:
    done = run("export", clip, "--out", tmp_path / name, "--fps", 10, "--json")
    assert (done.code, done.json["written"][0]["frames"], done.json["written"][0]["fps"]) == (0, 5, 10.0)
    expected = pydicom.dcmread(clip).pixel_array
    with av.open(str(tmp_path / name)) as container:
        found = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(found) == 5
    rows, columns = expected.shape[1:3]
    assert np.abs(found[4][:rows, :columns].astype(int) - expected[4]).mean() < 6


def test_a_movie_plays_at_the_rate_of_the_header(run, clip: Path, tmp_path: Path) -> None:
    done = run("export", clip, "--out", tmp_path, "--format", "mp4", "--json")
    assert names(tmp_path) == ["0001.mp4"]
    assert done.json["written"][0]["fps"] == pytest.approx(1000 / float(pydicom.dcmread(clip).FrameTime), rel=1e-3)


@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd", ".npy"])
def test_a_volume_is_the_one_of_the_volume_command(run, linear: Path, tmp_path: Path, suffix: str) -> None:
    assert run("export", linear, "--out", tmp_path / f"a{suffix}").code == 0
    run("volume", linear, "--out", tmp_path / f"b{suffix}")
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_the_place_of_an_array_holds_hashed_uids(run, linear: Path, tmp_path: Path) -> None:
    run("export", linear, "--out", tmp_path / "a.npy")
    run("export", linear, "--out", tmp_path / "b.npy", "--identified")
    found = [json.loads((tmp_path / name).read_text())["series_uid"] for name in ("a.json", "b.json")]
    assert found[0].startswith("sha256:")
    assert found[1] == pydicom.dcmread(next(linear.iterdir())).SeriesInstanceUID


@pytest.mark.parametrize("identified", [False, True])
def test_nothing_of_the_patient_is_in_any_file_or_name(run, named: Path, tmp_path: Path, identified: bool) -> None:
    """A24, H6."""
    option = ["--identified"] if identified else []
    for name in ("png", "jpeg", "tiff", "mp4", "gif", "nii.gz", "nrrd", "npy"):
        assert run("export", named, "--out", tmp_path / "out", "--format", name, *option).code == 0
    assert run("export", named, "--out", tmp_path / "v", "--values", "modality", *option).code == 0
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 4 * 4 + 2 + 4
    ds = pydicom.dcmread(next(named.iterdir()))
    for path in files:
        assert all(part.isdigit() for part in path.name.partition(".")[0].split("-"))
        assert b"SECRET" not in path.read_bytes()
        assert identified or ds.StudyInstanceUID.encode() not in path.read_bytes()


def test_a_stamp_is_printed_and_leads_back(run, linear: Path, tmp_path: Path) -> None:
    run("export", linear, "--out", tmp_path / "a.png")
    done = run("export", "--read-stamp", tmp_path / "a.png", "--json")
    uids = [pydicom.dcmread(path).SOPInstanceUID for path in linear.iterdir()]
    assert done.code == 0
    assert done.json["sop_instance_uid"].startswith("sha256:")
    assert sum(matches(read_stamp(tmp_path / "a.png"), uid) for uid in uids) == 1
    assert "pixels: display" in run("export", "--read-stamp", tmp_path / "a.png").out


def test_a_picture_without_a_stamp_is_code_one(run, tmp_path: Path) -> None:
    Image.new("L", (3, 3)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"none")
    for name in ("a.png", "b.png", "c.png"):
        done = run("export", "--read-stamp", tmp_path / name)
        assert (done.code, done.out) == (1, "")
        assert name in done.err


def test_files_are_replaced_only_if_told(run, linear: Path, tmp_path: Path) -> None:
    run("export", linear, "--out", tmp_path)
    (tmp_path / "0001-0002.png").unlink()
    again = run("export", linear, "--out", tmp_path, "--json")
    assert (again.code, len(again.json["written"]), len(again.json["failed"])) == (1, 1, 7)
    assert again.err.count("exists already") == 7
    assert run("export", linear, "--out", tmp_path, "--replace").code == 0


def test_one_damaged_file_does_not_stop_the_others(run, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write_linear_series(folder, slices=3)
    path = sorted(folder.iterdir())[1]
    ds = pydicom.dcmread(path)
    ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.70"
    ds["PixelData"].is_undefined_length = True
    ds.PixelData = pydicom.encaps.encapsulate([b"\xff\xd8 broken "])
    ds.save_as(path)
    done = run("export", folder, "--out", tmp_path / "out")
    assert done.code == 1
    assert path.name in done.err
    assert len(names(tmp_path / "out")) == 2


def test_a_truncated_image_is_written_and_reported(run, linear: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.dcm"
    path.write_bytes(next(iter(linear.iterdir())).read_bytes()[:-200])
    done = run("export", path, "--out", tmp_path / "a.png")
    assert done.code == 1
    assert "truncated: 7 of 12 rows" in done.err
    assert (tmp_path / "a.png").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--out", "{}/a.jpg", "--bits", "16"),
        ("--out", "{}/a.png", "--bits", "8", "--values", "stored"),
        ("--out", "{}/a.png", "--bits", "16", "--window", "1,2"),
        ("--out", "{}/a.png", "--window", "1,0"),
        ("--out", "{}/a.png", "--format", "mp4"),
        ("--out", "{}/a.png", "--frame", "99"),
        ("--out", "{}/a.png", "--fps", "9"),
        ("--out", "{}/a.png", "--series", "1.2.3"),
        ("--out", "{}/a.mp4", "--fps", "0"),
        ("--out", "{}/a.mp4", "--frame", "2"),
        ("--out", "{}/a.nrrd", "--sop", "1.2"),
        ("--out", "{}/a.png", "--stack", "1"),
        ("--read-stamp", "{}/a.png"),
    ],
)
def test_bad_usage_is_code_two_and_writes_nothing(run, linear: Path, tmp_path: Path, arguments) -> None:
    done = run("export", linear, *(each.format(tmp_path) for each in arguments))
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_volume_is_placed_as_the_formula_says(run, linear: Path, tmp_path: Path) -> None:
    run("export", linear, "--out", tmp_path / "v.npy")
    values, place = np.load(tmp_path / "v.npy"), json.loads((tmp_path / "v.json").read_text())
    corner = np.asarray(place["affine"])[:3, 3]
    assert values[0, 0, 0] == pytest.approx(float(linear_value(corner)), abs=0.5)
