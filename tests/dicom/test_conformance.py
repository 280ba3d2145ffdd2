"""Headers against their IOD: each rule on a data set that breaks it, and on one that doesn't."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset

from tests.dicom import build
from workstation.dicom.conformance import phrases
from workstation.dicom.conformance.check import check, examine
from workstation.dicom.conformance.facts import Facts
from workstation.dicom.conformance.findings import Finding, Level, counted, shown_path, spans
from workstation.dicom.conformance.tables import PER_FRAME, SHARED, Nodes, tables
from workstation.dicom.conformance.values import multiplicity, remarks
from workstation.dicom.identity import Locator
from workstation.dicom.read import read_dataset
from workstation.dicom.vocabulary import tag_of
from workstation.phantoms.enhanced import write_enhanced_ct

CT, MR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"


@pytest.fixture
def ct() -> Dataset:
    return pydicom.dcmread(get_testdata_file("CT_small.dcm"))


@pytest.fixture
def frames(tmp_path: Path) -> Dataset:
    return pydicom.dcmread(write_enhanced_ct(tmp_path / "enhanced.dcm"))


def of(ds: Dataset, keyword: str) -> list[tuple[str, str]]:
    return [(one.level.value, one.code) for one in check(ds) if one.keyword == keyword]


def test_the_tables_are_those_of_an_edition_and_load_quickly() -> None:
    """175 IODs; below 60 ms, where a start never reads them."""
    tables.cache_clear()
    start = time.perf_counter()
    found = tables()
    iod = found.iod_of(CT)
    assert time.perf_counter() - start < 0.5
    assert found.edition == "2026b"
    assert iod is not None
    assert [module.key for module in iod.modules if module.usage == "M"][:2] == ["patient", "general-study"]
    assert len(found.raw["iods"]) == 175


def test_an_attribute_has_a_type_a_module_and_an_entity() -> None:
    iod = tables().iod_of(CT)
    assert iod is not None
    place = iod.place((int(tag_of("RescaleSlope")),))
    assert (place.type, place.module, place.ie) == ("1", "CT Image", "Image")
    inner = iod.place((int(tag_of("AnatomicRegionSequence")), int(tag_of("CodeMeaning"))))
    assert inner.type == "1"
    assert iod.place((0x00091010,)).type == ""


def test_the_tables_say_what_highdicom_says() -> None:
    """Every attribute of every module of every IOD, with its type: nothing was lost in distilling."""
    highdicom = pytest.importorskip("highdicom")
    folder = Path(highdicom.__file__).parent / "_standard"
    modules = json.loads((folder / "module_attribute_map.json").read_text())
    found = tables()
    for key, (_, _, node) in found.raw["modules"].items():
        expected = {}
        for one in modules[key]:
            path = tuple(tag for word in (*one["path"], one["keyword"]) if (tag := tag_for_keyword(word)))
            if len(path) == len(one["path"]) + 1:
                expected[path] = one["type"]
        known = dict(flat(found.nodes, node))
        assert {path: known.get(path) for path in expected} == expected, key


def flat(nodes: Nodes, number: int, above: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], str]]:
    for tag, (kind, below, _) in nodes.node(number).items():
        yield (*above, tag), kind
        if below >= 0:
            yield from flat(nodes, below, (*above, tag))


def test_groups_that_repeat_are_known() -> None:
    """PS3.5 7.6: the rows of every overlay."""
    iod = tables().iod_of(CT)
    assert iod is not None
    assert iod.place((0x60020010,)).module == "Overlay Plane"


def test_type_1_missing_or_empty_is_an_error(ct: Dataset) -> None:
    """K1."""
    del ct.StudyInstanceUID
    ct.SeriesInstanceUID = ""
    assert of(ct, "StudyInstanceUID") == [("error", "missing-1")]
    assert of(ct, "SeriesInstanceUID") == [("error", "empty-1")]


def test_type_2_may_be_empty_and_not_missing(ct: Dataset) -> None:
    ct.PatientID = ""
    assert of(ct, "PatientID") == []
    del ct.PatientID
    assert of(ct, "PatientID") == [("error", "missing-2")]


def test_a_condition_that_holds_makes_an_attribute_required(ct: Dataset) -> None:
    """C.7.3.1: Patient Position of a CT; C.7.6.3: planes of colour."""
    del ct.PatientPosition
    (found,) = [one for one in check(ct) if one.keyword == "PatientPosition"]
    assert found.code == "missing-2c"
    assert "Required for CT and MR" in found.sentence
    ct.PatientOrientationCodeSequence = [Dataset()]
    assert of(ct, "PatientPosition") == []


def test_a_condition_nobody_can_tell_is_not_evaluated(ct: Dataset) -> None:
    ct.pop("Laterality", None)
    ct.BodyPartExamined = "SOMETHING"
    assert of(ct, "Laterality") == []
    ct.BodyPartExamined = "KNEE"
    assert of(ct, "Laterality") == [("deviation", "missing-2c")]


def test_what_no_module_claims_is_a_hint(ct: Dataset) -> None:
    """A Standard Extended SOP Class may add it (PS3.4 B.4.1)."""
    ct.EchoTime = 80
    assert of(ct, "EchoTime") == [("hint", "unexpected")]


def test_a_module_of_choice_is_asked_for_where_it_is_begun(ct: Dataset) -> None:
    assert of(ct, "ClinicalTrialSponsorName") == []
    ct.ClinicalTrialSponsorName = "someone"
    assert of(ct, "ClinicalTrialProtocolID") == [("error", "missing-1")]


@pytest.mark.parametrize(
    ("change", "keyword", "found"),
    [
        ({"PatientSex": "X"}, "PatientSex", ("error", "enumerated")),
        ({"Modality": "XY"}, "Modality", ("hint", "defined")),
        ({"BitsStored": 20}, "BitsStored", ("error", "bits")),
        ({"HighBit": 3}, "HighBit", ("error", "bits")),
        ({"SamplesPerPixel": 3}, "SamplesPerPixel", ("error", "samples")),
        ({"WindowCenter": [40, 50], "WindowWidth": 400}, "WindowWidth", ("error", "window")),
        ({"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}, "ImageOrientationPatient", ("error", "orientation")),
        ({"BitsAllocated": 8}, "BitsAllocated", ("error", "enumerated")),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "ODD"]}, "ImageType", ("hint", "defined")),
        ({"PixelSpacing": [0, 1]}, "PixelSpacing", ("error", "spacing")),
        ({"PixelSpacing": [1, 1, 1]}, "PixelSpacing", ("error", "vm")),
        ({"SeriesInstanceUID": "1.2.840.10008"}, "SeriesInstanceUID", None),
        ({"SeriesInstanceUID": "1.02.3"}, "SeriesInstanceUID", ("error", "uid")),
    ],
)
def test_rules_of_values_and_between_them(
    ct: Dataset, change: dict[str, object], keyword: str, found: tuple[str, str] | None
) -> None:
    """K5, K6, K8."""
    for name, value in change.items():
        setattr(ct, name, value)
    assert (found in of(ct, keyword)) if found is not None else (of(ct, keyword) == [])


def test_private_elements_need_a_creator(tmp_path: Path) -> None:
    """K7."""
    extra = build.element(0x00190010, "LO", "ME") + build.element(0x00191001, "LO", "x ")
    extra += build.element(0x00191101, "LO", "x ")
    result = read_dataset(build.write(tmp_path, build.part10(build.image(extra=extra))))
    found = [shown_path(one.path) for one in check(result) if one.code == "private-creator"]
    assert found == ["(0019,1101)"]


def test_pixel_data_that_was_not_read_is_there(tmp_path: Path) -> None:
    result = read_dataset(build.write(tmp_path, build.part10(build.image())))
    assert result.pixel_data is not None
    assert [one for one in check(result) if one.keyword == "PixelData"] == []


def test_what_the_reader_remarked_is_told_too(tmp_path: Path) -> None:
    extra = build.element(0x00204000, "LT", "b ") + build.element(0x00200013, "IS", "1 ")
    result = read_dataset(build.write(tmp_path, build.part10(build.image(extra=extra))))
    assert result.deviations
    assert {one.sentence for one in check(result) if one.code == "file"} == set(result.deviations)


def test_an_unknown_class_is_checked_by_general_rules(ct: Dataset) -> None:
    ct.SOPClassUID = "1.2.3"
    ct.PatientAge = "old"
    codes = {one.code for one in check(ct)}
    assert {"no-iod", "form"} <= codes
    assert not [code for code in codes if code.startswith("missing")]


def test_a_functional_group_may_be_shared_or_per_frame(frames: Dataset) -> None:
    """C.7.6.16: there for every frame, in one of the two places."""
    assert [one for one in check(frames) if one.keyword == "PlanePositionSequence"] == []
    for index in (1, 2, 5):
        del frames.PerFrameFunctionalGroupsSequence[index].PlanePositionSequence
    (found,) = [one for one in check(frames) if one.keyword == "PlanePositionSequence"]
    assert (found.level, found.frames, spans(found.frames)) == (Level.ERROR, (2, 3, 6), "2-3, 6")
    assert found.path == (PER_FRAME, 1, int(tag_of("PlanePositionSequence")))


def test_a_functional_group_may_not_be_in_both_places(frames: Dataset) -> None:
    shared = frames.SharedFunctionalGroupsSequence[0]
    shared.PlanePositionSequence = frames.PerFrameFunctionalGroupsSequence[0].PlanePositionSequence
    codes = [one.code for one in check(frames) if one.keyword == "PlanePositionSequence"]
    assert codes == ["group-twice"]


def test_inside_a_group_types_hold_as_well(frames: Dataset) -> None:
    """Once for all frames, with their numbers."""
    for item in frames.PerFrameFunctionalGroupsSequence:
        item.FrameContentSequence[0].DimensionIndexValues = None
    (found,) = [one for one in check(frames) if one.keyword == "DimensionIndexValues"]
    assert len(found.frames) == 9
    assert found.path[:2] == (PER_FRAME, 0)
    assert SHARED not in found.path


@pytest.mark.parametrize(
    ("text", "change", "answer"),
    [
        ("Required if Samples per Pixel has a value greater than 1.", {"SamplesPerPixel": 3}, True),
        ("Required if Samples per Pixel has a value greater than 1.", {"SamplesPerPixel": 1}, False),
        ("Required if Window Center is present.", {"WindowCenter": 1}, True),
        ("Required if Window Center is not present. May be present otherwise.", {"WindowCenter": 1}, False),
        ("Required if Image Type Value 1 is ORIGINAL or MIXED. May be …", {"ImageType": ["MIXED", "PRIMARY"]}, True),
        ("Required if Filter Type equals other than NONE.", {"FilterType": "NONE"}, False),
        ("Required if Filter Type equals other than NONE.", {}, None),
        ("Required if Image Type Value 1 is ORIGINAL and Window Center is present.", {"WindowCenter": 1}, None),
        ("Required if Conversion Type is DF (Digitized Film).", {"ConversionType": "DF"}, True),
        ("Required if Rows and Columns are not present. May be present otherwise.", {"Rows": 1}, False),
        ("Required if Rows, Columns, and Window Center are not present.", {}, True),
        ("Required if Rows or Columns is present.", {"Columns": 1}, True),
        ("Required if either Rows or Columns is not present.", {"Columns": 1}, True),
        ("Required if Number of Wedges is non-zero. One or more Items.", {"NumberOfWedges": 0}, False),
        ("Required if Number of Wedges is present and has a non-zero value.", {"NumberOfWedges": 2}, True),
        ("Required if Filter Type is not equal to NONE.", {"FilterType": "STRIP"}, True),
        ("Required if Filter Type is absent or not NONE. May be present otherwise.", {}, True),
        ("Required if Filter Type is absent or not NONE. May be present otherwise.", {"FilterType": "NONE"}, False),
        ("Required if Filter Type is present and equals STRIP.", {"FilterType": "STRIP"}, True),
        ("Required if Filter Type is STRIP May be present otherwise.", {"FilterType": "STRIP"}, True),
        ('Required if SOP Class UID is not "1.2" (A) and not "1.3" (B).', {"SOPClassUID": "1.3"}, False),
        ('Required if SOP Class UID is not "1.2" (A) and not "1.3" (B).', {"SOPClassUID": "1.4"}, True),
    ],
)
def test_the_standards_words_are_read(text: str, change: dict[str, object], answer: bool | None) -> None:
    ds = Dataset()
    for keyword, value in change.items():
        setattr(ds, keyword, value)
    ask = phrases.question(text)
    iod = tables().iod_of(CT)
    assert ask is not None
    assert iod is not None
    assert ask(Facts((ds,), iod, frozenset())) is answer


@pytest.mark.parametrize(
    "text",
    [
        "Required if contrast media was used in this image",
        "Required if the image has been calibrated. May be present otherwise.",
        "Required if Image Type Value 1 is ORIGINAL and the moon is full.",
        "Required if Rows is present or Columns is present and Window Center is present.",
        "Required if Rows or Columns is not present.",
        "Required if Material ID is non-zero length.",
        "",
    ],
)
def test_words_of_another_form_are_not_guessed_at(text: str) -> None:
    assert phrases.question(text) is None


@pytest.mark.parametrize(
    ("vr", "value", "code"),
    [
        ("UI", "1.2.3", None),
        ("UI", "1.2.a", "uid"),
        ("UI", "9.8.7", "uid"),
        ("DA", "20240229", None),
        ("DA", "20230229", "form"),
        ("DA", "2023.02.28", "old-form"),
        ("TM", "235960.123456", None),
        ("TM", "25", "form"),
        ("DT", "20240102030405.123456+0100", None),
        ("DT", "2024-01-02", "form"),
        ("AS", "012M", None),
        ("AS", "12M", "form"),
        ("DS", "-1.5e3", None),
        ("DS", "1,5", "form"),
        ("DS", "0.12345678901234567", "length"),
        ("IS", "2147483648", "range"),
        ("CS", "lower", "repertoire"),
        ("SH", "x" * 17, "length"),
        ("PN", "a^b^c^d^e^f", "form"),
        ("LO", "tab\there", "repertoire"),
        ("LT", "tab\tand\r\nlines", None),
    ],
)
def test_the_form_of_a_value(vr: str, value: str, code: str | None) -> None:
    """PS3.5 6.2."""
    assert [one.code for one in remarks(vr, [value])] == ([code] if code else [])


@pytest.mark.parametrize(
    ("asked", "given", "fits"),
    [("1", 1, True), ("1", 2, False), ("1-n", 7, True), ("2-2n", 3, False), ("3-3n", 6, True), ("1-8", 9, False)],
)
def test_multiplicities(asked: str, given: int, fits: bool) -> None:
    assert multiplicity(asked, given) is fits


@settings(max_examples=60, deadline=None)
@given(st.integers(132, 4000), st.binary(min_size=1, max_size=8))
def test_a_damaged_file_never_stops_a_check(tmp_path_factory: pytest.TempPathFactory, at: int, damage: bytes) -> None:
    """A12: whatever bytes stand there."""
    from workstation.errors import WorkstationError

    content = bytearray(Path(get_testdata_file("MR_small.dcm")).read_bytes())
    content[at : at + len(damage)] = damage
    path = tmp_path_factory.mktemp("damaged") / "file.dcm"
    path.write_bytes(content)
    try:
        result = read_dataset(Locator(str(path)))
    except WorkstationError:
        return
    report = examine(result)
    assert all(isinstance(one, Finding) and one.sentence for one in report.findings)
    assert sum(counted(report.findings).values()) == len(report.findings)


def test_a_check_changes_nothing(tmp_path: Path) -> None:
    """A38."""
    ds = read_dataset(build.write(tmp_path, build.part10(build.image()))).ds
    before = {tag: ds.get_item(tag, keep_deferred=True) for tag in list(ds.keys())}
    check(ds)
    assert all(ds.get_item(tag, keep_deferred=True) is element for tag, element in before.items())


def test_a_check_ends_and_says_that_it_did(frames: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of frames must not hold a worker for ever."""
    monkeypatch.setattr("workstation.dicom.conformance.check.MOST_ELEMENTS", 100)
    assert "not-all" in {one.code for one in check(frames)}
