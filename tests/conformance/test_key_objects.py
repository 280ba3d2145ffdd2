"""Key object selections of real images: no complaint of others' readers but of what the images themselves say."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

import pydicom

from workstation.dicom.facts import instance_from, read_header
from workstation.dicom.identity import Locator
from workstation.errors import WorkstationError
from workstation.objects.key_object_writing import KeyImage, KeyObjectError, Selection, encoded, key_object_documents

INHERITED = ("Illegal root for UID",)
"""Faults of UIDs that the images really have: a reference is exact or of no use."""


def one_of_each(corpus: Path) -> list[KeyImage]:
    """Return an image of each SOP Class and manufacturer."""
    found: dict[tuple[str, str], KeyImage] = {}
    with (corpus / "index.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            kind = row["sop_class"], row["manufacturer"]
            if kind in found or row["path"].startswith(("broken/", "fuzz/")):
                continue
            locator = Locator(str(corpus / row["path"]))
            try:
                result = read_header(locator)
                found[kind] = KeyImage(instance_from(locator, result), result.ds)
            except WorkstationError:
                continue
    return list(found.values())


def test_real_images_are_named_without_a_complaint(corpus: Path, dicom3tools: Path, tmp_path: Path) -> None:
    told: list[str] = []
    written = 0
    for image in one_of_each(corpus):
        try:
            (document,) = key_object_documents([image], Selection("113000", "größer", "Müller^Ü"))
        except KeyObjectError:
            continue
        path = tmp_path / "ko.dcm"
        path.write_bytes(encoded(document))
        written += 1
        done = subprocess.run(
            [dicom3tools / "dciodvfy", path], capture_output=True, text=True, errors="replace", check=False
        )
        lines = (done.stdout + done.stderr).splitlines()
        told += [line for line in lines if line.startswith("Error") and not any(one in line for one in INHERITED)]
        ds = pydicom.dcmread(path)
        assert str(ds.PatientName) == str(image.header.get("PatientName") or "").strip()
        (named,) = (item.ReferencedSOPSequence[0] for item in ds.ContentSequence if "ReferencedSOPSequence" in item)
        assert named.ReferencedSOPInstanceUID == image.header.SOPInstanceUID
    assert told == []
    assert written > 50
