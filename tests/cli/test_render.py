from __future__ import annotations

from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from numpy.testing import assert_array_equal

from workstation.cli.png import encode_png
from workstation.phantoms.grid import Grid, linear_value
from workstation.phantoms.pixels import CASES, colour, write_case
from workstation.phantoms.ultrasound import write_ultrasound_clip
from workstation.phantoms.zoo import write_mosaic


def picture(path: Path) -> np.ndarray:
    return imagecodecs.png_decode(path.read_bytes())


def shown(values: np.ndarray, center: float, width: float) -> np.ndarray:
    """VOI LINEAR as PS3.3 C.11.2.1.2.1 writes it."""
    y = ((values - (center - 0.5)) / (width - 1) + 0.5) * 255
    return np.clip(y, 0, 255)


@pytest.mark.parametrize("shape", [(3, 5), (4, 2, 3)])
def test_another_reader_sees_the_same_png(shape: tuple[int, ...]) -> None:
    pixels = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    assert_array_equal(imagecodecs.png_decode(encode_png(pixels)), pixels)


def test_the_window_is_computed_as_the_standard_says(run, linear: Path, tmp_path: Path) -> None:
    """B10 on modality values known by formula; frame 1 of a folder is the first of the stack."""
    out = tmp_path / "out.png"
    assert run("render", linear, "--out", out, "--window", "250,300").code == 0
    expected = shown(linear_value(Grid().points(0)), 250, 300), shown(linear_value(Grid().points(7)), 250, 300)
    assert min(np.abs(picture(out) - e).max() for e in expected) <= 0.51


def test_inversion_is_the_complement(run, linear: Path, tmp_path: Path) -> None:
    """B24."""
    plain, inverted = tmp_path / "plain.png", tmp_path / "inverted.png"
    run("render", linear, "--out", plain, "--window", "-50,300")
    run("render", linear, "--out", inverted, "--window=-50,300", "--invert")
    assert_array_equal(picture(plain), 255 - picture(inverted))


def test_frame_counts_the_frames_of_a_multi_frame_object(run, enhanced: Path, tmp_path: Path) -> None:
    """B8: each frame with its own rescale; frame numbers are the file's, not the stack's."""
    ds = pydicom.dcmread(enhanced)
    for number in (1, 9):
        item = ds.PerFrameFunctionalGroupsSequence[number - 1]
        grid, offset = Grid(OBLIQUE, (2.5, 2.0, 0.5)), item.FrameContentSequence[0].InStackPositionNumber - 1
        run("render", enhanced, "--out", tmp_path / "out.png", "--frame", number, "--window", "150,200")
        expected = shown(linear_value(grid.points(offset)), 150, 200)
        assert np.abs(picture(tmp_path / "out.png") - expected).max() <= 0.51


OBLIQUE = (0.8, 0.6, 0.0, -0.36, 0.48, 0.8)


def test_header_windows_are_counted_from_one(run, enhanced: Path, tmp_path: Path) -> None:
    """B15: --voi 1 is the header's first window, and what is shown without options."""
    run("render", enhanced, "--out", tmp_path / "a.png", "--voi", "1")
    run("render", enhanced, "--out", tmp_path / "b.png")
    assert_array_equal(picture(tmp_path / "a.png"), picture(tmp_path / "b.png"))
    done = run("render", enhanced, "--out", tmp_path / "c.png", "--voi", "2")
    assert done.code == 2
    assert "1 windows" in done.err


def test_the_automatic_window_uses_the_whole_range(run, linear: Path, tmp_path: Path) -> None:
    """B22."""
    run("render", linear, "--out", tmp_path / "auto.png", "--auto")
    found = picture(tmp_path / "auto.png")
    assert (found.min(), found.max()) == (0, 255)


def test_colour_goes_out_as_it_is(run, tmp_path: Path) -> None:
    case = next(c for c in CASES if c.name == "RGB planar 1")
    run("render", write_case(tmp_path, case).path, "--out", tmp_path / "out.png")
    assert_array_equal(picture(tmp_path / "out.png"), colour())


def test_every_frame_of_a_clip_is_its_own(run, tmp_path: Path) -> None:
    path = write_ultrasound_clip(tmp_path / "clip.dcm", frames=3)
    run("render", path, "--frame", "3", "--out", tmp_path / "out.png")
    assert_array_equal(picture(tmp_path / "out.png"), pydicom.dcmread(path).pixel_array[2])


def test_a_mosaic_is_rendered_on_the_stored_grid(run, tmp_path: Path) -> None:
    """D20: Rows x Columns, not one tile."""
    (path,) = write_mosaic(tmp_path)
    run("render", path, "--out", tmp_path / "out.png")
    assert picture(tmp_path / "out.png").shape == (12, 15)


def test_a_truncated_image_shows_its_rows_and_is_reported(run, linear: Path, tmp_path: Path) -> None:
    """A8: the complete rows are drawn, the exit code is 1."""
    whole = next(iter(linear.iterdir())).read_bytes()
    path = tmp_path / "cut.dcm"
    path.write_bytes(whole[:-200])
    done = run("render", path, "--out", tmp_path / "out.png", "--window", "0,2000")
    assert done.code == 1
    assert "truncated: 7 of 12 rows" in done.err
    assert picture(tmp_path / "out.png").shape == (12, 20)


@pytest.mark.parametrize("option", [("--frame", "99"), ("--sop", "1.2.3"), ("--series", "1.2.3")])
def test_asking_for_what_is_not_there_is_code_two(run, linear: Path, tmp_path: Path, option) -> None:
    done = run("render", linear, "--out", tmp_path / "out.png", *option)
    assert done.code == 2
    assert not (tmp_path / "out.png").exists()


def test_one_object_of_many_is_taken_by_its_uid(run, linear: Path, tmp_path: Path) -> None:
    path = sorted(linear.iterdir())[4]
    uid = pydicom.dcmread(path).SOPInstanceUID
    run("render", linear, "--sop", uid, "--out", tmp_path / "a.png", "--window", "250,300")
    run("render", path, "--out", tmp_path / "b.png", "--window", "250,300")
    assert_array_equal(picture(tmp_path / "a.png"), picture(tmp_path / "b.png"))


def test_a_uid_of_two_objects_means_the_one_found_first(run, tmp_path: Path) -> None:
    """E4: the second object with a UID has a name of its own, and both answer to the UID of the header."""
    for number in (1, 2):
        case = write_case(tmp_path / str(number), CASES[0])
        ds = pydicom.dcmread(case.path)
        ds.SOPInstanceUID, ds.InstanceNumber = "1.2.3", number
        ds.PixelData = bytes([number * 100]) * len(ds.PixelData)
        ds.save_as(case.path)
    out = tmp_path / "out.png"
    assert run("render", tmp_path, "--out", out, "--sop", "1.2.3", "--window", "128,256").code == 0
    assert abs(int(picture(out).max()) - 100) <= 1
    assert run("render", tmp_path / "2", "--out", out, "--sop", "1.2.3", "--window", "128,256").code == 0
    assert abs(int(picture(out).max()) - 200) <= 1
