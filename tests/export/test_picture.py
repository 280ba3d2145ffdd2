from __future__ import annotations

import errno
import os
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

from workstation.export.picture import read_stamp, write_picture
from workstation.export.saving import ExportError, saved
from workstation.export.stamp import Stamp, stamped_uid

RNG = np.random.default_rng(3)
GREY = RNG.integers(0, 256, (13, 17), dtype=np.uint8)
COLOR = RNG.integers(0, 256, (13, 17, 3), dtype=np.uint8)
UNSIGNED = RNG.integers(0, 65536, (13, 17), dtype=np.uint16)
SIGNED = RNG.integers(-32768, 32768, (13, 17), dtype=np.int16)
STAMP = Stamp(sop_instance_uid=stamped_uid("1.2.3"), frame=4, window=(40.0, 400.0), voi_function="LINEAR")
VALUES = Stamp(pixels="modality", slope=2.0, intercept=-1024.0, unit="HU")
DECODE = {".png": imagecodecs.png_decode, ".tif": imagecodecs.tiff_decode}


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("array", [GREY, COLOR, UNSIGNED], ids=["grey", "colour", "unsigned"])
def test_another_reader_sees_the_same_picture(tmp_path: Path, suffix: str, array: np.ndarray) -> None:
    path = tmp_path / f"a{suffix}"
    write_picture(path, array, stamp=STAMP)
    found = DECODE[suffix](path.read_bytes())
    assert found.dtype == array.dtype
    assert_array_equal(found.reshape(array.shape), array)


def test_signed_values_stay_signed_in_tiff(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.tif", SIGNED, stamp=VALUES)
    found = imagecodecs.tiff_decode((tmp_path / "a.tif").read_bytes())
    assert found.dtype == np.int16
    assert_array_equal(found, SIGNED)
    assert read_stamp(tmp_path / "a.tif") == VALUES


def test_signed_values_are_recovered_from_png_by_the_stamp(tmp_path: Path) -> None:
    """H6: value = slope * pixel + intercept, as stamp and description say."""
    write_picture(tmp_path / "a.png", SIGNED, stamp=VALUES)
    pixels, stamp = imagecodecs.png_decode((tmp_path / "a.png").read_bytes()), read_stamp(tmp_path / "a.png")
    assert stamp is not None
    assert_array_equal(pixels.astype(float) * stamp.slope + stamp.intercept, SIGNED * 2.0 - 1024.0)
    with Image.open(tmp_path / "a.png") as image:
        assert f"value = 2.0 * pixel + {-1024.0 - 65536.0} HU" in image.info["Description"]


def test_jpeg_is_near_the_picture(tmp_path: Path) -> None:
    rows, columns = np.mgrid[0:40, 0:50]
    smooth = (rows * 3 + columns * 2).astype(np.uint8)
    write_picture(tmp_path / "a.jpg", smooth, stamp=STAMP)
    assert_allclose(imagecodecs.jpeg_decode((tmp_path / "a.jpg").read_bytes()).astype(int), smooth, atol=6)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tiff"])
def test_every_format_carries_the_stamp_and_the_warning(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    assert write_picture(path, GREY, stamp=STAMP, note="Two\nlines é") == STAMP
    assert read_stamp(path) == STAMP
    assert b"Not for diagnosis" in path.read_bytes()


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tiff"])
def test_a_picture_without_a_stamp_has_none(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    write_picture(path, GREY)
    assert read_stamp(path) is None
    Image.fromarray(GREY).save(path)
    assert read_stamp(path) is None


@pytest.mark.parametrize("suffix", [".jpg", ".tiff"])
def test_a_stamp_altered_in_the_file_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    write_picture(path, GREY, stamp=STAMP)
    path.write_bytes(path.read_bytes().replace(b'"frame":4', b'"frame":5'))
    with pytest.raises(ExportError, match="altered"):
        read_stamp(path)


@pytest.mark.parametrize("raw", [b"", b"text", b"\x89PNG\r\n\x1a\n", b"II*\0\x08\0\0\0\xff\xff", b"\xff\xd8\xff\xe0"])
def test_a_file_that_is_no_picture_is_a_sentence(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "a.png").write_bytes(raw)
    with pytest.raises(ExportError, match=r"a\.png"):
        read_stamp(tmp_path / "a.png")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tiff"])
def test_a_cut_or_scrambled_file_has_a_stamp_or_a_sentence(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    write_picture(path, GREY, stamp=STAMP)
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        scrambled = bytearray(whole)
        scrambled[length] ^= 0x55
        for raw in (whole[:length], bytes(scrambled)):
            path.write_bytes(raw)
            try:
                assert read_stamp(path) in (STAMP, None)
            except ExportError:
                pass


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tiff"])
def test_the_size_in_the_patient_is_written(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    write_picture(path, GREY, spacing=(0.5, 0.25))
    with Image.open(path) as image:
        assert_allclose([float(each) for each in image.info["dpi"]], (101.6, 50.8), rtol=0.01)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("a.jpg", UNSIGNED),
        ("a.png", GREY.astype(np.float32)),
        ("a.png", GREY[:0]),
        ("a.png", COLOR[..., :2]),
        ("a.tif", COLOR.astype(np.uint16)),
        ("a.bmp", GREY),
        ("a.jpg", np.zeros((65501, 1), np.uint8)),
    ],
)
def test_what_a_format_cannot_hold_is_refused_and_nothing_written(tmp_path: Path, name: str, array) -> None:
    with pytest.raises(ExportError, match=name):
        write_picture(tmp_path / name, array)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_replaced_only_if_told(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"mine")
    with pytest.raises(ExportError, match="exists already"):
        write_picture(path, GREY)
    assert path.read_bytes() == b"mine"
    write_picture(path, GREY, replace=True)
    assert_array_equal(imagecodecs.png_decode(path.read_bytes()), GREY)


def test_a_file_that_appears_while_another_is_written_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    with pytest.raises(ExportError, match="exists already"), saved(path):
        path.write_bytes(b"other")
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("a.png", b"other")]


def test_a_full_disk_is_a_sentence_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExportError, match=r"a\.png could not be written: No space left"):
        write_picture(tmp_path / "a.png", GREY)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"a\.png could not be written"):
        write_picture(tmp_path / "none" / "a.png", GREY)
