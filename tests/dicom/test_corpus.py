"""Every file of the real data: listed or refused with a sentence, as the index expects."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest

from workstation.dicom.dicomdir import read_dicomdir
from workstation.dicom.facts import read_instance
from workstation.dicom.header import clinical_rows, every_row
from workstation.dicom.identity import Instance, Locator
from workstation.dicom.organise import organise
from workstation.dicom.read import read_dataset
from workstation.dicom.scan import Found, Missing, NotDicomFile, Skipped, scan
from workstation.errors import CorruptFile, NotDicom, WorkstationError

BROKEN = {
    "dcm4che/no_preamble_dicm_in_data": ("opens", "No preamble"),
    "dcmjs/no-meta-length-test.dcm": ("opens", ""),
    "dcmtk/acrnema.dic": ("not_dicom", "not DICOM"),
    "zero-byte.dcm": ("not_dicom", "empty"),
}
"""Each file of broken/ and what is expected of it."""

REFUSED = {
    "cat02_vr_mismatch/TC0233_rows_US_as_UL.dcm": "corrupt",
    "cat05_transfer_syntax/TC0345_deflate_corrupt.dcm": "corrupt",
    "cat05_transfer_syntax/TC0347_deflate_truncated.dcm": "corrupt",
}
"""Fuzzed files with no readable data set; every other one opens."""


def rows(corpus: Path) -> list[dict[str, str]]:
    with open(corpus / "index.csv", newline="", encoding="utf-8") as table:
        return list(csv.DictReader(table))


def outcome(locator: Locator) -> tuple[str, str]:
    try:
        return "opens", " ".join(read_instance(locator).deviations)
    except WorkstationError as error:
        return error.code, str(error)


def test_every_broken_file_has_an_expectation(corpus: Path) -> None:
    """A new file in broken/ must be judged before it is accepted."""
    folder = corpus / "broken"
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == set(BROKEN)


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_file_does_what_is_expected(corpus: Path, name: str) -> None:
    """A1, A5, A6: opens with a note, or is refused with a sentence."""
    code, sentence = outcome(Locator(str(corpus / "broken" / name)))
    assert code == BROKEN[name][0]
    assert BROKEN[name][1] in sentence


def test_every_fuzzed_file_opens_or_is_refused(corpus: Path) -> None:
    """A-lib: no crash, no hang, no traceback."""
    folder = corpus / "fuzz" / "dicom-fuzzing-corpus" / "fuzz_corpus_v2"
    refused = {}
    for path in sorted(folder.rglob("*.dcm")):
        start = time.perf_counter()
        code, _ = outcome(Locator(str(path)))
        assert time.perf_counter() - start < 5
        if code != "opens":
            refused[str(path.relative_to(folder))] = code
    assert refused == REFUSED


def test_every_other_file_opens_with_the_facts_of_the_index(corpus: Path) -> None:
    """A1-A7: rows, columns and frames as another reader sees them."""
    different = {}
    for entry in rows(corpus):
        if entry["path"].startswith(("broken/", "fuzz/")):
            continue
        facts = read_instance(Locator(str(corpus / entry["path"])))
        expected = tuple(int(entry[key]) for key in ("rows", "cols") if entry[key])
        if expected and (facts.rows, facts.columns) != expected:
            different[entry["path"]] = (facts.rows, facts.columns)
        if entry["frames"].isdigit() and facts.number_of_frames != int(entry["frames"]):
            different[entry["path"]] = facts.number_of_frames
    assert different == {}


def test_every_header_can_be_shown(corpus: Path) -> None:
    """A12, A32: any element of any file becomes a row."""
    for entry in rows(corpus)[::7]:
        try:
            ds = read_dataset(Locator(str(corpus / entry["path"]))).ds
        except (NotDicom, CorruptFile):
            continue
        assert all("\n" not in row.value for row in every_row(ds, limit=3000))
        clinical_rows(ds)


def test_a_scan_of_everything_counts_every_file(corpus: Path) -> None:
    """A36, E7: what is found, skipped or not DICOM adds up, and the tree holds all that is found."""
    folder = corpus / "charset"
    events = list(scan([folder]))
    found = [event.instance for event in events if isinstance(event, Found)]
    others = [event for event in events if isinstance(event, Skipped | NotDicomFile | Missing)]
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(found) + len(others) == len(files)
    assert sum(1 for _ in every_instance(found)) == len(found)


def every_instance(found: list[Instance]) -> list[Instance]:
    tree = organise(found)
    return [one for patient in tree for study in patient.studies for series in study.series for one in series.instances]


def test_a_dicomdir_agrees_with_the_headers(corpus: Path) -> None:
    """E10: records and files name the same objects."""
    locator = Locator(str(corpus / "dicomdir" / "pydicom-dicomdirtests" / "DICOMDIR"))
    for record in read_dicomdir(locator).instances:
        facts = read_instance(record.locator)
        assert (facts.sop_instance_uid, facts.series_instance_uid) == (
            record.sop_instance_uid,
            record.series_instance_uid,
        )


@pytest.mark.parametrize(
    ("name", "mosaic"),
    [("dcm_qa_mosaic", True), ("dcm_qa_xa30", False)],
)
def test_real_mosaics_are_told_from_the_word(corpus: Path, name: str, mosaic: bool) -> None:
    """D20: classic mosaics have a CSA header, XA30 enhanced images only the word."""
    paths = [path for path in (corpus / "series" / name).rglob("*") if path.is_file()]
    assert any("Mosaic" in read_instance(Locator(str(path))).values for path in paths[:12]) is mosaic
