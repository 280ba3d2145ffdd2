"""``workstation info`` on real data: every readable object is listed, the rest is named with a reason."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from workstation.cli.collect import Collected, collect

BROKEN = {
    "broken/dcm4che/no_preamble_dicm_in_data": "listed",
    "broken/dcmjs/no-meta-length-test.dcm": "listed",
    "broken/dcmtk/acrnema.dic": "not_dicom",
    "broken/zero-byte.dcm": "not_dicom",
}
"""Each file that is broken on purpose, and what becomes of it.

The first lacks preamble, transfer syntax and every UID but has a readable data set (A1, A25); the second lacks the
length of its file meta information; the third is a text, the fourth empty: neither is DICOM (A1).
"""
DIRECTORY = "Media Storage Directory Storage"
CODES = {"corrupt", "too_large", "unreadable", "password"}


@pytest.fixture(scope="module")
def index(corpus: Path) -> dict[str, dict[str, str]]:
    with (corpus / "index.csv").open(newline="", encoding="utf-8") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def report(corpus: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "workstation", "info", str(corpus), "--json"]
    done = subprocess.run(command, capture_output=True, timeout=300, check=False, env={**os.environ, "LC_ALL": "C"})
    assert b"Traceback" not in done.stderr
    assert done.returncode == 1, done.stderr[-500:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def collected(corpus: Path) -> Collected:
    return collect([str(corpus)])


@pytest.fixture(scope="module")
def fates(collected: Collected, corpus: Path) -> dict[str, str]:
    """What became of each file, by its path below the corpus."""
    found = {instance.locator.path: "listed" for instance in collected.catalogue.instances.values()}
    found |= {duplicate.path: "listed" for duplicate in collected.duplicates}
    found |= {skipped.path: skipped.code for skipped in collected.catalogue.skipped}
    found |= dict.fromkeys(collected.catalogue.not_dicom, "not_dicom")
    return {os.path.relpath(path, corpus): fate for path, fate in found.items()}


def is_directory(row: dict[str, str]) -> bool:
    return row["sop_class"] == DIRECTORY or "DICOMDIR" in Path(row["path"]).name.upper()


@pytest.mark.parametrize("path", BROKEN)
def test_each_broken_file_meets_its_fate(fates: dict[str, str], path: str) -> None:
    assert fates.get(path) == BROKEN[path]


def test_the_table_names_every_broken_file(index: dict[str, dict[str, str]]) -> None:
    assert {path for path in index if path.startswith("broken/")} == set(BROKEN)


def test_everything_outside_broken_and_fuzz_is_listed(index, fates: dict[str, str]) -> None:
    """A1, A2, A42: without preamble, without extension, unknown classes: all of it."""
    expected = [p for p, row in index.items() if not p.startswith(("broken/", "fuzz/")) and not is_directory(row)]
    assert [path for path in expected if fates.get(path) != "listed"] == []


def test_every_file_has_one_fate(index, fates: dict[str, str]) -> None:
    """A36: nothing is lost between listed, skipped and not DICOM."""
    unknown = [p for p, row in index.items() if p not in fates and not is_directory(row)]
    assert unknown == []


def test_what_is_skipped_is_damaged_and_has_a_sentence(report: dict[str, Any]) -> None:
    for skipped in report["skipped"]:
        assert "/fuzz/" in skipped["path"]
        assert skipped["code"] in CODES
        assert skipped["reason"].endswith(".")
        assert "Error" not in skipped["reason"]


def test_counts_are_those_of_the_tree(report: dict[str, Any]) -> None:
    studies = [study for patient in report["patients"] for study in patient["studies"]]
    series = [one for study in studies for one in study["series"]]
    assert report["counts"] == {
        "patients": len(report["patients"]),
        "studies": len(studies),
        "series": len(series),
        "instances": sum(one["instances"] for one in series),
    }


def test_every_frame_of_every_object_is_in_one_stack(report: dict[str, Any], collected: Collected) -> None:
    """D17's invariant: splitting hides nothing and repeats nothing."""
    places = Counter(
        (place["sop_uid"], place["frame"], place.get("tile"))
        for patient in report["patients"]
        for study in patient["studies"]
        for series in study["series"]
        for stack in series["stacks"]
        for place in stack["order"]
    )
    shared = Counter(instance.sop_instance_uid for instance in collected.instances)
    assert {place for place, n in places.items() if n > shared[place[0]]} == set()
    assert {uid for uid, _, _ in places} == set(shared)


def test_a_stack_that_is_no_volume_says_why(report: dict[str, Any]) -> None:
    for patient in report["patients"]:
        for study in patient["studies"]:
            for series in study["series"]:
                for stack in series["stacks"]:
                    assert stack["is_volume"] or stack["why_not"]
                    assert not stack["is_volume"] or stack["affine"] is not None
