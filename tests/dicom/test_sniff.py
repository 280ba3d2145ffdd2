"""What is DICOM and what is not, by content alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dicom import build
from workstation.dicom.read import read_dataset
from workstation.errors import CorruptFile, NotDicom

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(200)


@pytest.mark.parametrize(
    "content", [b"", b"a", b"plain text, nothing else\n" * 40, PNG, b"PK\x03\x04" + bytes(300), bytes(2000)]
)
def test_what_is_not_dicom_is_refused(tmp_path: Path, content: bytes) -> None:
    """A1: text, PNG, an empty file and zeros must say "not DICOM"."""
    with pytest.raises(NotDicom, match="file"):
        read_dataset(build.write(tmp_path, content))


@pytest.mark.parametrize("name", ["IM000001", "x.DCM", "x.dcm", "x.IMA", "x.png", "no extension"])
def test_the_name_does_not_matter(tmp_path: Path, name: str) -> None:
    """A2: detection is by content."""
    assert read_dataset(build.write(tmp_path, build.part10(build.image()), name)).ds.Rows == 4


def test_a_file_may_start_at_the_file_meta(tmp_path: Path) -> None:
    """A1: without preamble and prefix the group 0002 is the start."""
    result = read_dataset(build.write(tmp_path, build.part10(build.image())[132:]))
    assert result.ds.Rows == 4
    assert "preamble" in result.deviations[0]


def test_a_file_may_lack_only_its_preamble(tmp_path: Path) -> None:
    """A1: "DICM" at the very start."""
    assert read_dataset(build.write(tmp_path, build.part10(build.image())[128:])).ds.Rows == 4


def test_a_bare_explicit_data_set_opens(tmp_path: Path) -> None:
    """A1: group 0008 in explicit VR little endian."""
    result = read_dataset(build.write(tmp_path, build.image()))
    assert (result.ds.Rows, result.transfer_syntax_uid) == (4, build.EXPLICIT)


def test_a_bare_implicit_data_set_opens(tmp_path: Path) -> None:
    """A1: group 0008 in implicit VR little endian, as ACR-NEMA wrote it."""
    body = (
        build.implicit(0x00080000, b"\x10\0\0\0")
        + build.implicit(0x00080060, "MR")
        + build.implicit(0x00100010, "A^B ")
        + build.implicit(0x00280010, 4)
        + build.implicit(0x00280011, 4)
        + build.implicit(0x7FE00010, bytes(32))
    )
    result = read_dataset(build.write(tmp_path, body))
    assert (result.ds.Columns, result.transfer_syntax_uid) == (4, build.IMPLICIT)


def test_a_bare_data_set_without_a_known_module_is_refused(tmp_path: Path) -> None:
    """A1: a forced read needs a SOP Class, pixel data or a known module."""
    body = build.element(0x00080005, "CS", "ISO_IR 100") + build.element(0x00080012, "DA", "20200101")
    with pytest.raises(NotDicom):
        read_dataset(build.write(tmp_path, body))


def test_a_stray_byte_before_the_data_set_is_stepped_over(tmp_path: Path) -> None:
    """A1: tolerance for one byte in front."""
    assert read_dataset(build.write(tmp_path, b" " + build.image())).ds.Rows == 4


@pytest.mark.parametrize("at", [0, 64, 127, 256])
def test_a_prefix_in_the_wrong_place_is_found(tmp_path: Path, at: int) -> None:
    """A1: the file meta tells more than the place of the prefix."""
    whole = build.part10(build.image())
    content = bytes(at) + b"DICM" + bytes(300) + whole[132:]
    assert read_dataset(build.write(tmp_path, content)).ds.Rows == 4


def test_a_data_set_behind_damaged_file_meta_is_found(tmp_path: Path) -> None:
    """A5: one broken length in group 0002 must not lose the data set."""
    whole = bytearray(build.part10(build.image()))
    at = whole.index(b"\x02\0\x02\0UI")
    whole[at + 6 : at + 8] = b"\xff\xff"
    result = read_dataset(build.write(tmp_path, bytes(whole)))
    assert result.ds.Rows == 4
    assert any("damaged" in note for note in result.deviations)


def test_file_meta_without_a_data_set_is_corrupt(tmp_path: Path) -> None:
    """A1: DICOM by its content, nothing to show."""
    with pytest.raises(CorruptFile, match="data set is not"):
        read_dataset(build.write(tmp_path, build.part10(b"")))


def test_a_prefix_followed_by_garbage_is_corrupt(tmp_path: Path) -> None:
    """A1: one private element nobody reserved is no data set."""
    with pytest.raises(CorruptFile, match="data set is not"):
        read_dataset(build.write(tmp_path, bytes(128) + b"DICM" + b"\xff" * 40))


@pytest.mark.parametrize("bit", [0x01, 0x80, 0xFF])
def test_one_damaged_byte_of_the_file_meta_loses_nothing(tmp_path: Path, bit: int) -> None:
    """A5: wherever it stands in prefix and meta, the data set behind it is read."""
    good = build.part10(build.image())
    for at in range(128, good.rindex(build.CT.encode()) - 8):
        data = bytearray(good)
        data[at] ^= bit
        assert read_dataset(build.write(tmp_path, bytes(data))).ds.get("Rows") == 4, at


@pytest.mark.parametrize("magic", [b"MZ", b"\x7fELF", b"#!/bin/sh", b"\xcf\xfa\xed\xfe"])
def test_an_executable_preamble_is_said(tmp_path: Path, magic: bytes) -> None:
    """A30: the preamble is ignored and the fact is stated."""
    content = build.part10(build.image(), preamble=magic.ljust(128, b"\0"))
    result = read_dataset(build.write(tmp_path, content))
    assert any("preamble" in note for note in result.deviations)
