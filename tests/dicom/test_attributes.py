"""One accessor for every attribute: finite, whole, decoded."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.dicom import build
from workstation.dicom import attributes as a
from workstation.dicom.read import read_dataset


def read(tmp_path: Path, extra: bytes) -> Dataset:
    return read_dataset(build.write(tmp_path, build.part10(build.image(extra=extra)))).ds


def decimal(tmp_path: Path, value: str) -> Dataset:
    return read(tmp_path, build.element(0x00181130, "DS", value))


@pytest.mark.parametrize("junk", ["1,5", "0.5mm", "", "NaN", "inf", "-Infinity", "1e400", "1_000", "٣", "0x10", "--1"])
def test_a_junk_number_is_none(tmp_path: Path, junk: str) -> None:
    """A20: every numeric read goes through one accessor that returns finite floats or None."""
    extra = build.element(0x00181130, "DS", junk.encode("utf-8"))
    assert a.number(read(tmp_path, extra), "TableHeight") is None


@pytest.mark.parametrize(("value", "expected"), [("1.5 ", 1.5), (" -2e3", -2000.0), ("+7", 7.0), (".5", 0.5)])
def test_a_good_number_is_itself(tmp_path: Path, value: str, expected: float) -> None:
    """A20: spaces and signs belong to the repertoire."""
    assert a.number(decimal(tmp_path, value), "TableHeight") == expected


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=40))
def test_no_bytes_make_a_number_that_is_not_finite(value: bytes) -> None:
    """A20: whatever the bytes are, what comes back can be computed with."""
    from pydicom.dataelem import RawDataElement
    from pydicom.tag import BaseTag

    for tag, vr in ((0x00181130, "DS"), (0x00189087, "FD"), (0x00280010, "US"), (0x00200013, "IS"), (0x00181130, "UN")):
        element = RawDataElement(BaseTag(tag), vr, len(value), value, 0, False, True)
        numbers = a.components_at(Dataset({BaseTag(tag): element}), BaseTag(tag))
        assert all(number is None or math.isfinite(number) for number in numbers)


def test_in_memory_data_sets_are_read_alike() -> None:
    """A20: pydicom hands back str, '' and NaN in its own values."""
    ds = Dataset()
    ds.add_new(0x00280030, "DS", ["0.5", ""])
    ds.PatientName = "A^B"
    ds.Rows = 7
    assert (a.numbers(ds, "PixelSpacing"), a.text(ds, "PatientName"), a.integer(ds, "Rows")) == ((0.5,), "A^B", 7)
    assert a.vector(ds, "PixelSpacing", 2) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [("3.0", 3), ("3", 3), ("3.7", None), ("abc", None), ("99999999999", None), ("-2147483648", -(1 << 31))],
)
def test_integers_are_whole_and_fit_32_bits(tmp_path: Path, value: str, expected: int | None) -> None:
    """A21: '3.0' is 3, '3.7' and 'abc' are missing, beyond 2^31 is missing."""
    assert a.integer(read(tmp_path, build.element(0x00200013, "IS", value)), "InstanceNumber") == expected


def test_the_first_usable_value_wins(tmp_path: Path) -> None:
    r"""A22: Rows ``512\512``."""
    body = build.image().replace(build.element(0x00280010, "US", 4), build.element(0x00280010, "US", b"\0\x02\0\x02"))
    ds = read_dataset(build.write(tmp_path, build.part10(body))).ds
    assert a.integer(ds, "Rows") == 512


def test_components_keep_their_places(tmp_path: Path) -> None:
    r"""A22: ``40\300\`` beside one width must pair by place, so junk stays as None."""
    ds = read(tmp_path, build.element(0x00281050, "DS", "40\\x\\300\\"))
    assert a.components(ds, "WindowCenter") == (40, None, 300, None)


def test_reading_changes_nothing(tmp_path: Path) -> None:
    """A38: elements stay raw, so that reading from two threads cannot race."""
    ds = decimal(tmp_path, "1.5")
    before = {tag: ds.get_item(tag, keep_deferred=True) for tag in list(ds.keys())}
    a.number(ds, "TableHeight"), a.text(ds, "Modality"), a.items(ds, "ReferencedImageSequence")
    assert all(ds.get_item(tag, keep_deferred=True) is element for tag, element in before.items())


def functional_groups(*, legacy: bool = False) -> Dataset:
    def group(**spacing: object) -> Dataset:
        measures, item = Dataset(), Dataset()
        for keyword, value in spacing.items():
            setattr(measures, keyword, value)
        item.PixelMeasuresSequence = Sequence([measures])
        return item

    ds = Dataset()
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2.2" if legacy else "1.2.840.10008.5.1.4.1.1.2.1"
    ds.SliceThickness = "9"
    ds.SharedFunctionalGroupsSequence = Sequence([group(SliceThickness="5")] if not legacy else [Dataset()])
    ds.PerFrameFunctionalGroupsSequence = Sequence(
        [group(SliceThickness="2"), Dataset()] if not legacy else [Dataset()]
    )
    return ds


@pytest.mark.parametrize(("frame", "expected"), [(0, 2.0), (1, 5.0), (7, 5.0)])
def test_per_frame_wins_over_shared(frame: int, expected: float) -> None:
    """D21: per-frame group, else shared group."""
    assert a.frame_number(functional_groups(), frame, "PixelMeasuresSequence", "SliceThickness") == expected


def test_the_top_level_counts_only_where_it_may() -> None:
    """D21: legacy converted images fall back to the top level, enhanced ones never."""
    assert a.frame_number(functional_groups(legacy=True), 0, "PixelMeasuresSequence", "SliceThickness") == 9.0
    assert a.frame_number(functional_groups(), 0, "PlanePositionSequence", "SliceThickness") is None


def test_private_elements_are_found_by_their_creator(tmp_path: Path) -> None:
    """A13: the block may be any of 10 to FF."""
    extra = build.element(0x00190010, "LO", "OTHER") + build.element(0x00190037, "LO", "SIEMENS MR HEADER")
    extra += build.element(0x0019100C, "IS", "1") + build.element(0x0019370C, "IS", "1000")
    ds = read(tmp_path, extra)
    assert a.private_tag(ds, 0x0019, "SIEMENS MR HEADER", 0x0C) == 0x0019370C
    assert a.private_tag(ds, 0x0019, "NOBODY", 0x0C) is None
