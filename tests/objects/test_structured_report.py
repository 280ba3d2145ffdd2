"""Reports become trees that are bounded, resolved and honest about what is wrong (F16, F17, F31, A32)."""

from __future__ import annotations

import contextlib
import random
import time
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.objects.reports import MARKUP, by_reference, code, container, image, item, num, report
from workstation.dicom.identity import Locator
from workstation.dicom.read import read_dataset
from workstation.errors import WorkstationError
from workstation.loading.report_view import tree_rows
from workstation.objects import structured_report
from workstation.objects.content_values import VALUE_TYPES, values_of
from workstation.objects.page import Heading, Paragraph, Table, plain_text
from workstation.objects.report_page import labelled_targets, report_page, value_words
from workstation.objects.structured_report import read_report


def test_every_value_type_is_read() -> None:
    """F16 lists the value types of PS3.3 C.17.3; each leaves words or a graphic."""
    moments = item("TCOORD", "When", TemporalRangeType="POINT", ReferencedTimeOffsets=[1.5])
    region = item("SCOORD", "Region", image("1.2.3", [4]), GraphicType="POLYLINE", GraphicData=[1.0, 2.0, 3.0, 4.0])
    places = item("SCOORD3D", "Place", GraphicType="POINT", GraphicData=[1.0, 2.0, 3.0])
    places.ReferencedFrameOfReferenceUID = "1.9"
    tree = read_report(
        report(
            item("TEXT", "Finding", TextValue="clear"),
            item("CODE", "Site", ConceptCodeSequence=Sequence([code("Lung", "39607008", "SCT")])),
            num("Length", "12.5"),
            item("PNAME", "Reader", PersonName="Roe^Jane"),
            item("DATE", "Day", Date="20240118"),
            item("TIME", "Hour", Time="101500"),
            item("DATETIME", "Moment", DateTime="20240118101500+0100"),
            item("UIDREF", "Tracking", UID="1.2.3.4"),
            item("COMPOSITE", "Other", ReferencedSOPSequence=image("1.5").ReferencedSOPSequence),
            item("WAVEFORM", "ECG", ReferencedSOPSequence=image("1.6").ReferencedSOPSequence),
            *(region, places, moments),
        )
    ).root
    shown = {one.value_type: one.value for one in tree.walk()}
    assert set(shown) >= VALUE_TYPES - {"TABLE"}
    assert shown["PNAME"] == "Roe, Jane"
    assert shown["DATETIME"] == "2024-01-18 10:15:00 UTC+0100"
    assert shown["IMAGE"] == "CT Image, frame 4"
    assert shown["SCOORD"] == "Polyline, 2 points"
    assert shown["TCOORD"] == "Point, 1.5 s"
    assert [one.problem for one in tree.walk() if one.problem] == []


def test_a_table_item_keeps_its_cells() -> None:
    """C.18.10: names of rows and columns by number, cells by both."""
    ds = item("TABLE", "Values", NumberOfTableRows=1, NumberOfTableColumns=2)
    column, cell = Dataset(), Dataset()
    column.TableColumnNumber, column.ConceptNameCodeSequence = 2, Sequence([code("Area")])
    cell.TableRowNumber, cell.TableColumnNumber, cell.TextValue = 1, 2, "7"
    ds.TableColumnDefinitionSequence, ds.CellValuesSequence = Sequence([column]), Sequence([cell])
    assert values_of(ds, "TABLE")["table"] == (("", "", "Area"), ("", "", "7"))


def test_a_value_that_is_missing_leaves_an_item_that_says_so() -> None:
    tree = read_report(report(item("CODE", "Site"), item("NUM", "Length"), item("WHAT", "?"), item("IMAGE"))).root
    assert [one.problem for one in tree.children] == [
        "The coded value is missing.",
        "The number is missing.",
        "An item of the unknown value type WHAT; what stands below it is shown.",
        "The reference to an object is missing.",
    ]


def test_a_number_without_value_shows_its_qualifier() -> None:
    """C.18.1: the qualifier tells why there is no value."""
    ds = item("NUM", "Length", NumericValueQualifierCodeSequence=Sequence([code("Value out of range", "114008")]))
    (found,) = read_report(report(ds)).root.children
    assert (found.value, found.number, found.problem) == ("Value out of range", None, "")


def test_an_item_by_reference_takes_what_it_points_to() -> None:
    """C.17.3.2.5: the identifier is the path of the item from the root."""
    ds = report(container("Images", image("1.2.3", [2], "CONTAINS")), num("Length", "3", "mm", by_reference(1, 1, 1)))
    source = read_report(ds).root.children[1].children[0]
    assert source.target == (1, 1, 1)
    assert source.reference is not None
    assert source.reference.frames == (2,)


def test_a_reference_to_nowhere_is_told() -> None:
    (found,) = read_report(report(by_reference(1, 9))).root.children
    assert found.problem == "It points to item 1.9, where there is nothing."


@pytest.mark.parametrize(
    "ds",
    [
        report(container("A", by_reference(1))),
        report(container("A", by_reference(1, 2)), container("B", by_reference(1, 1))),
    ],
    ids=["to its own root", "each other"],
)
def test_a_circle_of_references_is_cut_and_told(ds: Dataset) -> None:
    found = read_report(ds)
    assert "circle" in found.notes[0]
    assert len(report_page(found).text) < 1000


def nested(levels: int) -> Dataset:
    ds = container("Level")
    for _ in range(levels):
        ds = container("Level", ds)
    return report(ds)


def test_content_nested_five_hundred_deep_is_read_and_deeper_is_told() -> None:
    tree = read_report(nested(500))
    assert (len(list(tree.root.walk())), tree.notes) == (502, ())
    assert len(report_page(tree).blocks) > 500
    deep = read_report(nested(600))
    assert len(list(deep.root.walk())) == structured_report.DEPTH_LIMIT
    assert "nested deeper than 512 levels" in deep.notes[0]


def test_the_number_of_items_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(structured_report, "ITEM_LIMIT", 1000)
    tree = read_report(report(*(item("TEXT", "Note", TextValue="x") for _ in range(3000))))
    assert len(list(tree.root.walk())) == 1000
    assert tree.notes == ("The report has more than 1,000 items; the rest is left out.",)


def test_a_hundred_thousand_items_are_read_in_seconds() -> None:
    one = item("TEXT", "Note", TextValue="x")
    ds = report()
    ds.ContentSequence = Sequence([one] * 100_001)
    start = time.perf_counter()
    tree = read_report(ds)
    page = report_page(tree)
    assert time.perf_counter() - start < 60
    assert len(list(tree.root.walk())) == structured_report.ITEM_LIMIT
    assert sum(len(each.rows) for each in page.blocks if isinstance(each, Table)) <= 2010
    assert page.cut == "This page ends after 2,000 lines; the content tree has everything."


def test_markup_stays_the_characters_it_is() -> None:
    """A32: nothing in a value is ever taken for HTML."""
    page = report_page(read_report(report(item("TEXT", MARKUP, TextValue=MARKUP), PatientName=MARKUP)))
    assert page.text.count("<script>alert(1)</script>") >= 2


def test_control_and_bidi_characters_are_left_out() -> None:
    (found,) = read_report(report(item("TEXT", "Note", TextValue="a\u202eb\x07c\nd"))).root.children
    assert found.value == "abc\nd"


def test_measurement_groups_of_one_kind_are_rows_of_one_table() -> None:
    """F17: values of TID 1500 groups are gathered, each with its unit in the head."""
    groups = [
        container("Measurement Group", item("TEXT", "Tracking Identifier", TextValue=name), num("Length", value))
        for name, value in (("one", "12.5"), ("two", "8"))
    ]
    page = report_page(read_report(report(*groups)))
    table = next(each for each in page.blocks if isinstance(each, Table) and each.head)
    assert table.head == ("Tracking Identifier", "Length, mm")
    assert [[plain_text(cell) for cell in row] for row in table.rows] == [["one", "12.5"], ["two", "8"]]
    assert table.numeric == (1,)


def test_coordinates_are_named_by_what_was_measured_on_them() -> None:
    region = item("SCOORD", "", image("1.2.3"), relation="INFERRED FROM", GraphicType="POINT", GraphicData=[1.0, 2.0])
    target = labelled_targets(read_report(report(num("Length", "12.5", "mm", region))).root)[(1, 1, 1)]
    assert target.label == "Length 12.5 mm"
    assert target.reference is not None
    assert target.graphics[0].points == ((1.0, 2.0),)


def test_flags_observers_and_predecessors_stand_on_the_page() -> None:
    """C.17.2: who verified it when, and which document it follows."""
    observer, series, study = Dataset(), Dataset(), Dataset()
    observer.VerifyingObserverName, observer.VerifyingOrganization = "Roe^Jane", "Clinic"
    observer.VerificationDateTime = "20240118101500"
    series.ReferencedSOPSequence, study.ReferencedSeriesSequence = (
        image("1.7").ReferencedSOPSequence,
        Sequence([series]),
    )
    ds = report(VerifyingObserverSequence=Sequence([observer]), PredecessorDocumentsSequence=Sequence([study]))
    ds.VerificationFlag = "VERIFIED"
    text = report_page(read_report(ds)).text
    assert "Complete · Verified" in text
    assert "Roe, Jane, Clinic, 2024-01-18 10:15:00" in text
    assert "Follows an earlier CT Image document, 1.7." in text


def test_a_damaged_report_is_read_as_far_as_it_goes(corpus: Path, tmp_path: Path) -> None:
    """Any bytes: a tree and a page, or one sentence."""
    chance = random.Random(5)
    files = sorted((corpus / "sr").rglob("*.dcm"))
    for number in range(200):
        data = bytearray(chance.choice(files).read_bytes())
        for _ in range(chance.choice((1, 5, 50))):
            data[chance.randrange(132, len(data))] = chance.randrange(256)
        path = tmp_path / f"{number}.dcm"
        path.write_bytes(data)
        with contextlib.suppress(WorkstationError):
            tree = read_report(read_dataset(Locator(str(path))).ds)
            assert report_page(tree).text
            assert tree_rows(tree.root)


def dose_report(*dlp: str, total: str = "30", unit: str = "mGy.cm") -> Dataset:
    events = [
        container("CT Acquisition", container("CT Dose", num("DLP", value, unit, code="113838")), code="113819")
        for value in dlp
    ]
    accumulated = container(
        "CT Accumulated Dose Data", num("CT Dose Length Product Total", total, "mGy.cm", code="113813"), code="113811"
    )
    ds = report(accumulated, *events)
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.88.67"
    return ds


@pytest.mark.parametrize(
    ("ds", "said"),
    [
        (dose_report("10", "20"), "DLP: the events add up to the total of the report."),
        (dose_report("10", "25"), "DLP: the events add up to 35 mGy.cm, the report's total is 30 mGy.cm."),
    ],
)
def test_events_of_a_dose_report_are_summed_and_held_against_its_total(ds: Dataset, said: str) -> None:
    """F31: totals with units from the file."""
    page = report_page(read_report(ds))
    assert said in [plain_text(each.spans) for each in page.blocks if isinstance(each, Paragraph)]
    assert "CT irradiation events (2)" in [each.text for each in page.blocks if isinstance(each, Heading)]


def test_values_of_different_units_are_not_summed() -> None:
    """F31: no unit is guessed."""
    ds = dose_report("10", "20")
    ds.ContentSequence[1].ContentSequence[0].ContentSequence[0] = num("DLP", "0.2", "Gy.cm", code="113838")
    text = report_page(read_report(ds)).text
    assert "add up" not in text
    assert "Sum" not in text


@pytest.mark.parametrize(
    ("unit", "name", "said"),
    [
        ("[hnsf'U]", "Attenuation", "40 HU"),
        ("mm2", "Area", "40 mm²"),
        ("1", "Ratio", "40"),
        ("{events}", "Total Number of Irradiation Events", "40"),
        ("{beats}", "Heart Rate", "40 beats"),
        ("mGy.cm", "DLP", "40 mGy.cm"),
    ],
)
def test_a_unit_is_printed_as_it_is_read(unit: str, name: str, said: str) -> None:
    """F31, PS3.16 CID 82: signs for codes nobody reads, no word twice; every other unit stays the file's own."""
    root = read_report(report(num(name, "40", unit))).root
    assert value_words(root.children[0]) == said


def test_a_graphic_is_named_by_what_tracks_it() -> None:
    """TID 1410: the Tracking Identifier tells regions apart, the concept name is the same for all."""
    region = item("SCOORD", "Image Region", image("1.2"), GraphicType="POINT", GraphicData=[1.0, 2.0])
    group = container(
        "Measurement Group", item("TEXT", "Tracking Identifier", code="112039", TextValue="node 3"), region
    )
    (target,) = (one for one in labelled_targets(read_report(report(group)).root).values() if one.graphics)
    assert target.label == "node 3"
