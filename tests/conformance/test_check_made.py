"""A check held against dciodvfy where no file is at hand: every class both know, whole and with planted faults."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import UID

from tests.conformance.comparing import explained, told
from tests.conformance.dciodvfy import Told, program, verify
from tests.conformance.made import made, save, stub, with_faults, with_other_terms
from tests.conformance.made_differences import OURS, THEIRS
from workstation.dicom.conformance.check import examine
from workstation.dicom.conformance.tables import tables
from workstation.dicom.identity import Locator
from workstation.dicom.read import read_dataset

CLASSES = Path(__file__).with_name("made_classes.txt").read_text().split()
UNREADABLE = frozenset({"Digital X-Ray Image Storage - For Presentation", "Encapsulated PDF Storage"})
"""Classes whose only files dciodvfy can't read."""
VARIANTS = {"whole": Dataset, "terms": with_other_terms, "faults": with_faults}


class Said(NamedTuple):
    """What each says of one object: here, dciodvfy."""

    ours: set[Told]
    theirs: set[Told]


@pytest.fixture(scope="module")
def said(dicom3tools: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Said]:
    """Return what is said of every object, by class and variant."""
    folder, found = tmp_path_factory.mktemp("made"), {}
    for uid in CLASSES:
        whole = made(uid)
        for variant, change in VARIANTS.items():
            object_ = change(whole)
            object_.file_meta = whole.file_meta
            path = save(object_, folder / f"{uid}-{variant}.dcm")
            theirs = verify(program(dicom3tools), path)
            assert theirs is not None, uid
            ours = told(examine(read_dataset(Locator(str(path)), pixels_in_buffer=False)))
            found[uid, variant] = Said(ours, theirs)
    return found


def test_every_class_without_a_file_is_made(corpus: Path, dicom3tools: Path, tmp_path: Path) -> None:
    """What our tables and dciodvfy know, and the corpus has no file of."""
    with (corpus / "index.csv").open(newline="") as rows:
        names = {row["sop_class"] for row in csv.DictReader(rows)}
    left = [uid for uid in tables().raw["sops"] if UID(uid).name not in names - UNREADABLE]
    known = {uid for uid in left if verify(program(dicom3tools), stub(uid, tmp_path / "stub.dcm")) is not None}
    assert known == set(CLASSES)


def test_nothing_is_missing_in_a_whole_object(said: dict[tuple[str, str], Said]) -> None:
    for uid in CLASSES:
        assert not said[uid, "whole"].ours, UID(uid).name


def test_what_only_dciodvfy_tells_of_them_is_explained(said: dict[tuple[str, str], Said]) -> None:
    """Each difference stands in the table once, with who is right; nothing stands there that isn't found."""
    assert {one for each in said.values() for one in each.theirs - each.ours} == explained(THEIRS)


def test_what_only_we_tell_of_them_is_explained(said: dict[tuple[str, str], Said]) -> None:
    assert {one for each in said.values() for one in each.ours - each.theirs} == explained(OURS)


def test_planted_faults_are_told_by_both(said: dict[tuple[str, str], Said]) -> None:
    """A wrong VR and a value too many in every class; what is missing or empty, and no term, in nearly all."""
    both = Counter(
        one.kind for (_, variant), each in said.items() if variant != "whole" for one in each.ours & each.theirs
    )
    assert both["vr"] == len(CLASSES)
    assert both["multiplicity"] >= len(CLASSES) - 1
    assert both["empty 1"] >= 60
    assert both["missing 1"] >= 90
    assert both["enumerated"] >= 250
    assert both["defined"] >= 100
