"""Reading headers: encodings, contradictions, damage, limits."""

from __future__ import annotations

import os
import resource
import zlib
from pathlib import Path
from struct import pack

import pytest

from tests.dicom import build
from workstation.dicom.read import read_dataset
from workstation.dicom.sources import inflate_budget
from workstation.errors import CorruptFile, TooLarge, UnreadableFile

PIXELS = bytes(range(32))


def big_endian_image() -> bytes:
    body = build.element(0x00080016, "UI", build.CT, order=">") + build.element(0x00280010, "US", 4, order=">")
    return body + build.element(0x00280011, "US", 5, order=">") + build.element(0x7FE00010, "OW", bytes(40), order=">")


def implicit_image() -> bytes:
    body = build.implicit(0x00080016, build.CT + "\0") + build.implicit(0x00280010, 4) + build.implicit(0x00280011, 5)
    return body + build.implicit(0x7FE00010, bytes(40))


def test_pixel_data_is_located_not_read(tmp_path: Path) -> None:
    """Frames are read later from the file, from the place the header reading found."""
    locator = build.write(tmp_path, build.part10(build.image(pixels=PIXELS)))
    result = read_dataset(locator)
    place = result.pixel_data
    assert place is not None
    assert Path(locator.path).read_bytes()[place.offset : place.offset + place.length] == PIXELS
    assert "PixelData" not in result.ds


def test_pixel_data_is_loaded_on_demand(tmp_path: Path) -> None:
    """``stop_before_pixels=False`` holds the value."""
    locator = build.write(tmp_path, build.part10(build.image(pixels=PIXELS)))
    assert read_dataset(locator, stop_before_pixels=False).ds.PixelData == PIXELS


def test_big_endian_is_read(tmp_path: Path) -> None:
    """A3: Explicit VR Big Endian."""
    result = read_dataset(build.write(tmp_path, build.part10(big_endian_image(), build.BIG)))
    assert (result.ds.Rows, result.ds.Columns) == (4, 5)
    assert result.pixel_data is not None
    assert result.pixel_data.big_endian


def test_deflated_pixels_come_in_a_buffer(tmp_path: Path) -> None:
    """A3: Deflated Explicit VR Little Endian."""
    result = read_dataset(build.write(tmp_path, build.part10(build.image(pixels=PIXELS), build.DEFLATED)))
    assert result.pixel_data is not None
    assert result.pixel_data.buffer == PIXELS


def test_a_deflate_bomb_is_refused_in_little_memory(tmp_path: Path) -> None:
    """A4: inflating stops at a byte budget; neither listing nor reading holds what the file announces."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = build.image()[: -(32 + 12)] + build.element(0x7FE00010, "OW", b"", length=3 << 30)
    squeezed = engine.compress(head) + b"".join(engine.compress(bytes(1 << 24)) for _ in range(24)) + engine.flush()
    whole = build.part10(b"", build.DEFLATED)
    locator = build.write(tmp_path, whole[: len(whole) - 2] + squeezed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert read_dataset(locator, pixels_in_buffer=False).ds.Rows == 4
    with pytest.raises(TooLarge, match="budget"):
        read_dataset(locator)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_a_deflated_header_that_never_ends_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A4: the cap holds for elements outside the pixel data as well."""
    monkeypatch.setattr("workstation.dicom.parser.MAX_BYTES", 1 << 20)
    body = build.image()[:-44] + build.element(0x00420011, "OB", b"", length=64 << 20) + bytes(8 << 20)
    with pytest.raises(TooLarge):
        read_dataset(build.write(tmp_path, build.part10(body, build.DEFLATED)))


def test_the_budget_follows_the_size_of_the_file() -> None:
    """A4: a small file never becomes a large one; empty images of 64 MB still open."""
    assert inflate_budget(400_000) == 80_000_000
    assert inflate_budget(1000) == 64 << 20
    assert inflate_budget(1 << 30) == 1 << 30


@pytest.mark.parametrize("vr", ["UT", "OB", "UN"])
def test_a_bomb_outside_the_pixel_data_is_refused_in_little_memory(tmp_path: Path, vr: str) -> None:
    """A4: 600 MB of one element, of known or undefined length, never stand in memory."""
    length = 0xFFFFFFFF if vr == "UN" else 600 << 20
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = build.element(0x00080016, "UI", build.CT) + build.element(0x00091001, vr, b"", length=length)
    squeezed = engine.compress(head) + b"".join(engine.compress(bytes(1 << 24)) for _ in range(38)) + engine.flush()
    whole = build.part10(b"", build.DEFLATED)
    locator = build.write(tmp_path, whole[: len(whole) - 2] + squeezed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(TooLarge, match="budget"):
        read_dataset(locator)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000


def test_a_length_beyond_the_end_of_a_deflated_data_set_is_no_bomb(tmp_path: Path) -> None:
    """A37: what the file announces is not what it holds."""
    body = build.image()[: -(32 + 12)] + build.element(0x00880140, "OB", b"\1\2", length=0xFFFFFFF0)
    result = read_dataset(build.write(tmp_path, build.part10(body, build.DEFLATED)))
    assert result.ds.Rows == 4
    assert any("ends inside" in note for note in result.deviations)


def test_a_data_set_that_is_not_deflated_after_all_opens(tmp_path: Path) -> None:
    """A6: the file meta may lie about deflation too."""
    content = build.part10(build.image()).replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1\0")
    content = content.replace(pack("<H", 20) + b"1.2.840.10008.1.2.1\0", pack("<H", 22) + b"1.2.840.10008.1.2.1.99")
    result = read_dataset(build.write(tmp_path, content))
    assert result.ds.Rows == 4
    assert any("deflated" in note for note in result.deviations)


@pytest.mark.parametrize(("body", "syntax"), [(implicit_image, build.EXPLICIT), (implicit_image, build.BIG)])
def test_an_implicit_body_under_an_explicit_syntax_opens(tmp_path: Path, body, syntax: str) -> None:  # type: ignore[no-untyped-def]
    """A6: the bytes win over the file meta, with a note."""
    result = read_dataset(build.write(tmp_path, build.part10(body(), syntax)))
    assert (result.ds.Rows, result.transfer_syntax_uid) == (4, build.IMPLICIT)
    assert any("implicit" in note for note in result.deviations)


def test_an_explicit_body_under_the_implicit_syntax_opens(tmp_path: Path) -> None:
    """A6: the reverse."""
    result = read_dataset(build.write(tmp_path, build.part10(build.image(), build.IMPLICIT)))
    assert (result.ds.Rows, result.transfer_syntax_uid) == (4, build.EXPLICIT)


def test_native_pixels_under_an_encapsulated_syntax_are_read_as_native(tmp_path: Path) -> None:
    """A7: contradiction flagged, the other reading used."""
    result = read_dataset(build.write(tmp_path, build.part10(build.image(), build.JPEG)))
    assert result.pixel_data is not None
    assert (result.pixel_data.encapsulated, result.transfer_syntax_uid) == (False, build.EXPLICIT)
    assert any("native" in note for note in result.deviations)


def test_encapsulated_pixels_under_a_native_syntax_are_read_as_encapsulated(tmp_path: Path) -> None:
    """A7: the reverse; the codestream tells the syntax."""
    fragments = build.item(b"") + build.item(b"\xff\xd8\xff\xe0" + bytes(20)) + b"\xfe\xff\xdd\xe0\0\0\0\0"
    body = build.image()[:-44] + build.element(0x7FE00010, "OB", b"", length=0xFFFFFFFF) + fragments
    result = read_dataset(build.write(tmp_path, build.part10(body)))
    assert result.pixel_data is not None
    assert (result.pixel_data.encapsulated, result.transfer_syntax_uid) == (True, build.JPEG)


def test_a_missing_transfer_syntax_is_guessed(tmp_path: Path) -> None:
    """A6: no Transfer Syntax UID at all."""
    whole = build.part10(build.image())
    at = whole.index(b"\x02\0\x10\0UI")
    result = read_dataset(build.write(tmp_path, whole[:at] + whole[at + 28 :]))
    assert result.transfer_syntax_uid == build.EXPLICIT


def test_a_length_beyond_the_end_allocates_nothing(tmp_path: Path) -> None:
    """A37: 0xFFFFFFF0 in a file of some hundred bytes."""
    body = build.image()[:-44] + build.element(0x00420011, "OB", b"abc", length=0xFFFFFFF0)
    result = read_dataset(build.write(tmp_path, build.part10(body)))
    assert result.ds.Rows == 4
    assert any("file ends inside an element" in note for note in result.deviations)


def test_bytes_after_the_pixel_data_are_said(tmp_path: Path) -> None:
    """A37: trailing garbage stops cleanly with a note."""
    result = read_dataset(build.write(tmp_path, build.part10(build.image()) + b"garbage!"))
    assert any("8 bytes follow" in note for note in result.deviations)


def test_trailing_padding_is_ignored(tmp_path: Path) -> None:
    """A15: (FFFC,FFFC) is part of the Standard."""
    padding = build.element(0xFFFCFFFC, "OB", bytes(8))
    assert read_dataset(build.write(tmp_path, build.part10(build.image()) + padding)).deviations == ()


@pytest.mark.parametrize("undefined", [False, True])
def test_deep_nesting_is_corrupt_not_a_crash(tmp_path: Path, undefined: bool) -> None:
    """A5: more than a hundred levels must be reported."""
    inner = build.element(0x00080100, "SH", "X")
    for _ in range(200):
        inner = build.sequence(0x0040A730, build.item(inner, undefined=undefined), undefined=undefined)
    with pytest.raises(CorruptFile, match="nested"):
        read_dataset(build.write(tmp_path, build.part10(build.image(extra=inner))))


def test_eighty_levels_still_open(tmp_path: Path) -> None:
    """A5: depth within the limit is read."""
    inner = build.element(0x00080100, "SH", "X")
    for _ in range(80):
        inner = build.sequence(0x0040A730, build.item(inner))
    assert read_dataset(build.write(tmp_path, build.part10(build.image(extra=inner)))).ds.Rows == 4


def test_a_sequence_cut_by_the_end_of_the_file_keeps_its_items(tmp_path: Path) -> None:
    """A5: missing delimiters at the end."""
    whole = build.sequence(
        0x00081140, build.item(build.element(0x00081155, "UI", "1.2.3.4"), undefined=True), undefined=True
    )
    body = build.element(0x00080016, "UI", build.CT) + whole[:-16]
    result = read_dataset(build.write(tmp_path, build.part10(body)))
    assert result.ds.ReferencedImageSequence[0].ReferencedSOPInstanceUID == "1.2.3.4"


def test_empty_items_are_kept(tmp_path: Path) -> None:
    """A5: an item may be empty."""
    extra = build.sequence(0x00081140, build.item(b""), build.item(b"", undefined=True))
    body = build.element(0x00080016, "UI", build.CT) + extra
    assert len(read_dataset(build.write(tmp_path, build.part10(body))).ds.ReferencedImageSequence) == 2


def test_un_holding_an_implicit_sequence_is_a_sequence(tmp_path: Path) -> None:
    """A12: CP-246, UN of undefined length is Implicit VR Little Endian inside; nothing after it is lost."""
    inner = build.item(build.implicit(0x00081155, "1.2.3.4\0"))
    un = build.element(0x00081140, "UN", b"", length=0xFFFFFFFF) + inner + b"\xfe\xff\xdd\xe0\0\0\0\0"
    result = read_dataset(build.write(tmp_path, build.part10(build.image(extra=un))))
    assert result.ds.ReferencedImageSequence[0].ReferencedSOPInstanceUID == "1.2.3.4"
    assert result.ds.Rows == 4


@pytest.mark.parametrize("vr", ["ZZ", "??", "  "])
def test_an_unknown_vr_loses_nothing_after_it(tmp_path: Path, vr: str) -> None:
    """A12: the element stays as bytes, the next ones are read."""
    extra = build.element(0x00211010, vr, b"abcd")
    result = read_dataset(build.write(tmp_path, build.part10(build.image(extra=extra))))
    assert (result.ds.Rows, result.ds[0x00211010].value) == (4, b"abcd")


def test_an_unknown_vr_may_have_a_long_length(tmp_path: Path) -> None:
    """A12: PS3.5 7.1.2 gives unknown VRs the 32-bit form."""
    extra = pack("<HH", 0x0021, 0x1010) + b"ZZ\0\0" + pack("<L", 4) + b"abcd"
    result = read_dataset(build.write(tmp_path, build.part10(build.image(extra=extra))))
    assert (result.ds.Rows, result.ds[0x00211010].value) == (4, b"abcd")


def test_duplicates_and_disorder_are_said(tmp_path: Path) -> None:
    """A14: a warning each."""
    twice = (
        build.element(0x00200013, "IS", "1")
        + build.element(0x00200013, "IS", "2")
        + build.element(0x00200010, "SH", "9")
    )
    notes = " ".join(read_dataset(build.write(tmp_path, build.part10(build.image(extra=twice)))).deviations)
    assert "stands twice" in notes
    assert "ascending" in notes


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    """A39: a vanished file is an error that can be told."""
    locator = build.write(tmp_path, b"x")
    os.remove(locator.path)
    with pytest.raises(UnreadableFile, match="file"):
        read_dataset(locator)


def test_large_values_are_stepped_over_when_asked(tmp_path: Path) -> None:
    """A36: a scan does not hold what it never needs; the place of the pixels stays right."""
    extra = build.element(0x00091010, "OB", bytes(200_000))
    locator = build.write(tmp_path, build.part10(build.image(extra=extra, pixels=PIXELS)))
    result = read_dataset(locator, skip_over=1 << 16)
    assert result.pixel_data == read_dataset(locator).pixel_data
    assert result.ds.Rows == 4
