"""``workstation report``: text for people, the content tree for programs (F16, F18)."""

from __future__ import annotations

from pathlib import Path

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset

from tests.objects.reports import container, document, image, item, num, report
from workstation.phantoms.documents import write_pdf_report


def written(ds: Dataset, path: Path) -> Path:
    ds.SOPInstanceUID = "1.2.3"
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, "1.2.3"
    pydicom.dcmwrite(path, ds, enforce_file_format=True)
    return path


def test_text_shows_every_item_below_the_one_it_belongs_to(run, tmp_path: Path) -> None:
    path = written(report(container("Findings", num("Length", "12.5"))), tmp_path / "sr.dcm")
    done = run("report", path)
    assert done.code == 0
    assert "    NUM  Length  12.5 mm  (contains)" in done.out.splitlines()


def test_json_is_the_content_tree(run, tmp_path: Path) -> None:
    region = item("SCOORD", "Region", image("1.5", [2]), GraphicType="POINT", GraphicData=[1.5, 2.5])
    found = run("report", written(report(num("Length", "12.5", "mm", region)), tmp_path / "sr.dcm"), "--json").json
    (length,) = found["content"]["children"]
    assert (length["number"], length["unit"]["value"]) == (12.5, "mm")
    (graphic,) = length["children"]
    assert graphic["graphic"]["points"] == [[1.5, 2.5]]
    assert graphic["children"][0]["reference"] == {
        "sop_class_uid": "1.2.840.10008.5.1.4.1.1.2",
        "sop_instance_uid": "1.5",
        "frames": [2],
    }


def test_a_broken_item_is_told_and_the_rest_is_shown(run, tmp_path: Path) -> None:
    done = run("report", written(report(item("CODE", "Site")), tmp_path / "sr.dcm"))
    assert done.code == 1
    assert "item 1.1: The coded value is missing." in done.err


def test_content_nested_deeper_than_a_file_may_be_is_refused_with_a_sentence(run, tmp_path: Path) -> None:
    ds = container("Level")
    for _ in range(200):
        ds = container("Level", ds)
    done = run("report", written(report(ds), tmp_path / "deep.dcm"))
    assert done.code == 2
    assert "nested deeper than 100 levels" in done.err


def test_a_document_tells_what_it_is_and_says(run, tmp_path: Path) -> None:
    done = run("report", write_pdf_report(tmp_path / "report.dcm", lines=["Words of it"]))
    assert done.code == 0
    assert "Words of it" in done.out
    refused = run("report", written(document(b"<html></html>"), tmp_path / "html.dcm"), "--json")
    assert refused.json["kind"] == "html"
    assert "can be saved" in refused.json["refused"]
    assert refused.code == 1


def test_an_image_is_no_report(run, linear: Path) -> None:
    done = run("report", next(iter(linear.iterdir())))
    assert done.code == 2
    assert "neither a report nor a document" in done.err
