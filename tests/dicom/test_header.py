"""Rows for the inspector."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from tests.dicom import build
from tests.dicom.test_frame_facts import enhanced
from workstation.dicom import header
from workstation.dicom.header import HeaderRow
from workstation.dicom.identity import Locator
from workstation.dicom.read import ReadResult, read_dataset


def read(tmp_path: Path, extra: bytes = b"") -> ReadResult:
    return read_dataset(build.write(tmp_path, build.part10(build.image(extra=extra))))


def row(result: ReadResult, tag: str) -> HeaderRow:
    return next(found for found in header.top_rows(result) if found.tag == tag)


def test_a_row_names_its_element(tmp_path: Path) -> None:
    """Tag, keyword, name, VR, VM, value."""
    found = row(read(tmp_path), "(0028,0010)")
    assert (found.keyword, found.name, found.vr, found.vm, found.value) == ("Rows", "Rows", "US", 1, "4")


def test_the_pixel_data_has_a_row_with_its_size(tmp_path: Path) -> None:
    """K10: large values are never read for the view."""
    assert row(read(tmp_path), "(7FE0,0010)").value == "native, 32 bytes"


def test_sequences_open_on_demand(tmp_path: Path) -> None:
    """K10: items, then elements."""
    inner = build.item(build.element(0x00081155, "UI", "1.2.3.4"))
    result = read(tmp_path, build.sequence(0x00081140, inner, inner))
    sequence = row(result, "(0008,1140)")
    assert (sequence.value, sequence.vm, sequence.opens) == ("2 items", 2, True)
    items = header.children(result.ds, sequence)
    assert [(one.name, one.value) for one in items] == [("Item 1", "1.2.3.4"), ("Item 2", "1.2.3.4")]
    (leaf,) = header.children(result.ds, items[1])
    assert (leaf.keyword, leaf.value, leaf.path) == ("ReferencedSOPInstanceUID", "1.2.3.4", (0x00081140, 1, 0x00081155))
    assert header.full_value(result.ds, leaf) == "1.2.3.4"


def test_private_elements_carry_their_creator(tmp_path: Path) -> None:
    """A13, K7: by block; known ones by the creator's dictionary."""
    extra = build.element(0x00190010, "LO", "SIEMENS MR HEADER") + build.element(0x0019100C, "IS", "1000")
    found = row(read(tmp_path, extra), "(0019,100C)")
    assert (found.private_creator, found.name, found.value) == ("SIEMENS MR HEADER", "[B_value]", "1000")


def test_a_private_element_without_a_creator_is_shown(tmp_path: Path) -> None:
    """K7: nothing is hidden."""
    assert row(read(tmp_path, build.element(0x00191099, "UN", b"\1\2")), "(0019,1099)").name == "Private element"


def test_binary_values_are_shortened_with_their_size(tmp_path: Path) -> None:
    """K10: hex of the first bytes."""
    found = row(read(tmp_path, build.element(0x00191099, "OB", bytes(1000))), "(0019,1099)")
    assert found.value.endswith("… (1000 bytes)")
    assert len(found.value) < 80


def test_long_values_are_shortened(tmp_path: Path) -> None:
    """A32: a megabyte of text."""
    found = row(read(tmp_path, build.element(0x00204000, "UT", "x" * 1_000_000)), "(0020,4000)")
    assert len(found.value) == 256
    assert found.value.endswith("…")


def test_values_are_plain_text(tmp_path: Path) -> None:
    """A32: markup stays literal, controls and overrides vanish."""
    text = "<b>x</b>\u202e\x07".encode() + b" "
    body = build.element(0x00080005, "CS", "ISO_IR 192") + build.element(0x00080016, "UI", build.CT)
    result = read_dataset(build.write(tmp_path, build.part10(body + build.element(0x00081030, "LO", text))))
    assert row(result, "(0008,1030)").value == "<b>x</b>"


def test_a_value_that_cannot_be_converted_is_shown_as_bytes(tmp_path: Path) -> None:
    """A12: shown, never raised."""
    found = row(read(tmp_path, build.element(0x00189087, "FD", b"\1\2\3")), "(0018,9087)")
    assert "01 02 03" in found.value


def test_preamble_and_file_meta_are_a_block_of_their_own(tmp_path: Path) -> None:
    """A30: group 0002 and what the preamble holds."""
    content = build.part10(build.image(), preamble=b"MZ".ljust(128, b"\0"))
    rows = header.preamble_block(build.write(tmp_path, content))
    assert "Windows program" in rows[0].value
    assert "TransferSyntaxUID" in [found.keyword for found in rows]


@pytest.mark.parametrize(
    ("preamble", "shown"), [(bytes(128), "zero"), (b"II*\0".ljust(128, b"\0"), "TIFF"), (b"x" * 128, "78 78")]
)
def test_the_preamble_is_described(tmp_path: Path, preamble: bytes, shown: str) -> None:
    """PS3.10 7.1."""
    assert (
        shown in header.preamble_block(build.write(tmp_path, build.part10(build.image(), preamble=preamble)))[0].value
    )


def test_reading_rows_converts_nothing_in_place(tmp_path: Path) -> None:
    """A38: the inspector may look while a worker reads."""
    ds = read(tmp_path).ds
    before = {tag: ds.get_item(tag, keep_deferred=True) for tag in list(ds.keys())}
    header.header_rows(ds)
    assert all(ds.get_item(tag, keep_deferred=True) is element for tag, element in before.items())


@pytest.mark.parametrize(("frame", "thickness", "slope"), [(0, "3.0", "2.0"), (1, "3.0", "4.0")])
def test_effective_values_of_a_frame(frame: int, thickness: str, slope: str) -> None:
    """D21: per-frame before shared, and which it was."""
    rows = {found.row.keyword: found for found in header.effective_frame_rows(enhanced(), frame)}
    assert (rows["SliceThickness"].row.value, rows["SliceThickness"].source) == (thickness, "shared")
    assert (rows["RescaleSlope"].row.value, rows["RescaleSlope"].source) == (
        slope,
        "per-frame" if frame == 1 else "shared",
    )


def test_the_clinical_page_is_short_and_readable() -> None:
    """Names, dates and units as a person reads them; nothing empty."""
    path = get_testdata_file("CT_small.dcm")
    rows = {found.label: found.value for found in header.clinical_rows(read_dataset(Locator(path)).ds)}
    assert (rows["Name"], rows["Date"], rows["Size"]) == ("CompressedSamples, CT1", "2004-01-19", "128 × 128")
    assert all(rows.values())


def test_ten_thousand_elements_are_fast(tmp_path: Path) -> None:
    """K10: 10^4 elements in about 200 ms; the bound here is loose for slow machines."""
    extra = b"".join(build.element(0x00190000 + 0x1000 + index, "LO", "x ") for index in range(10_000))
    ds = read(tmp_path, build.element(0x00190010, "LO", "ME") + extra).ds
    start = time.perf_counter()
    assert len(header.header_rows(ds)) > 10_000
    assert time.perf_counter() - start < 2.0


@pytest.mark.parametrize("vr", ["LO", "SH", "CS", "UI", "DA", "TM"])
@pytest.mark.parametrize("value", ["a", "a ", " a\\b \\ c ", "\\", "\\\\", "1.2\0", "a \\b", "  ", "a\0\\b\0"])
def test_text_that_is_shown_without_converting_reads_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vr: str, value: str
) -> None:
    """The short way shows what pydicom's conversion gives."""
    ds = read(tmp_path, build.element(0x00191099, vr, value.encode())).ds
    quick = header.header_rows(ds)
    monkeypatch.setattr("workstation.dicom.header_tree._QUICK", frozenset())
    assert quick == header.header_rows(ds)
