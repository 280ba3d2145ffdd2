"""Columns of headers say what the files say, whichever way they were read, and answer what differs (N8)."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.imaging.making import data_set, write
from workstation.cli.collect import collect
from workstation.dicom.facts import read_instance
from workstation.dicom.header_paths import path_keyword
from workstation.dicom.identity import FrameRef, Locator
from workstation.objects import header_columns as module
from workstation.objects.header_columns import Bulk, HeaderColumns, header_columns
from workstation.objects.header_differences import changed, differences, value_at, varying

SERIES = (
    "dcm_qa_ct/GE",
    "dcm_qa_table/Ph",
    "Slicer/CTHeadAxialDicom",
    "rse-panimg/dicom_4d_enhanced",
    "dcm_qa_mosaic/ep2d_Asc_2",
    "dcm_qa_nih/20180918Si",
    "dicom2nifti/ge",
)
PIXELS = np.zeros((2, 2), np.int16)


def files(folder: Path, *headers: dict[str, object]) -> HeaderColumns:
    """Write one file for each header; return their columns in this order."""
    frames = []
    for number, attributes in enumerate(headers, 1):
        own = folder / str(number)
        own.mkdir(parents=True)
        uids = {"SOPInstanceUID": f"1.2.{number}", "SeriesInstanceUID": "1.9", "StudyInstanceUID": "1.8"}
        ds = data_set(PIXELS, **{**uids, **attributes})
        instance = read_instance(Locator(str(write(own, ds))))
        frames.append(SimpleNamespace(instance=instance, ref=FrameRef(instance.sop_instance_uid)))
    columns = header_columns(frames)
    assert columns is not None
    return columns


def named(columns: HeaderColumns) -> dict[str, str]:
    return {one.element.keyword: one.shown for one in varying(columns) if one.element.keyword != "SOPInstanceUID"}


@pytest.mark.parametrize("name", SERIES)
def test_cut_headers_say_what_read_ones_do(corpus: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stacks = collect([str(corpus / "series" / name)]).catalogue.ordered_stacks()[:3]
    for stack in stacks:
        quick = header_columns(stack.frames)
        with monkeypatch.context() as patch:
            patch.setattr(module._Gatherer, "_quick", lambda self, instance, row: False)
            safe = header_columns(stack.frames)
        assert quick is not None
        assert safe is not None
        assert list(quick.columns) == list(safe.columns)
        for path, column in safe.columns.items():
            assert quick.columns[path].values.tolist() == column.values.tolist(), path_keyword(path)


def test_a_series_is_mostly_cut_not_read(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (stack, *_) = collect([str(corpus / "series/Slicer/CTHeadAxialDicom")]).catalogue.ordered_stacks()
    read: list[object] = []
    real = module.read_dataset
    monkeypatch.setattr(module, "read_dataset", lambda *a, **b: read.append(a) or real(*a, **b))
    header_columns(stack.frames)
    assert len(read) < len(stack.frames) / 10


def test_only_what_varies_is_told_with_its_range(tmp_path: Path) -> None:
    columns = files(tmp_path, {"KVP": "120", "XRayTubeCurrent": "200"}, {"KVP": "120", "XRayTubeCurrent": "-5"})
    assert named(columns) == {"XRayTubeCurrent": "−5 … 200"}
    (current,) = (one for one in varying(columns) if one.element.keyword == "XRayTubeCurrent")
    assert (current.distinct, current.missing, current.strip.tolist()) == (2, 0, [1.0, 0.0])


def test_an_element_that_is_missing_in_a_slice_varies(tmp_path: Path) -> None:
    columns = files(tmp_path, {"KVP": "120"}, {}, {"KVP": "120"})
    (kvp,) = (one for one in varying(columns) if one.element.keyword == "KVP")
    assert (kvp.distinct, kvp.missing, np.isnan(kvp.strip).tolist()) == (1, 1, [False, True, False])
    kinds = {change.element.keyword: change.kind for change in changed(columns, 1, 0)}
    assert kinds == {"SOPInstanceUID": "changed", "KVP": "removed"}


def test_sequences_are_compared_item_by_item(tmp_path: Path) -> None:
    def source(*uids: str) -> dict[str, object]:
        items = []
        for uid in uids:
            item = Dataset()
            item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = "1.2", uid
            items.append(item)
        return {"SourceImageSequence": Sequence(items)}

    columns = files(tmp_path, source("1.5"), source("1.6"), source("1.6", "1.7"), source())
    found = named(columns)
    assert found["SourceImageSequence[1].ReferencedSOPInstanceUID"] == "1.5, 1.6"
    assert found["SourceImageSequence[2].ReferencedSOPInstanceUID"] == "1.7"
    kinds = {change.element.keyword: change.kind for change in changed(columns, 3, 2)}
    assert kinds["SourceImageSequence[2].ReferencedSOPInstanceUID"] == "removed"
    assert kinds["SourceImageSequence"] == "added"


def test_private_elements_are_told_apart_by_creator_not_by_block(tmp_path: Path) -> None:
    """PS3.5 7.8.1: the same element in another block is the same element."""

    def private(block: int) -> Dataset:
        ds = data_set(PIXELS, SOPInstanceUID=f"1.2.{block}", SeriesInstanceUID="1.9", StudyInstanceUID="1.8")
        ds.add_new((0x0029, block), "LO", "OURS")
        ds.add_new((0x0029, block << 8 | 1), "DS", "5")
        return ds

    frames = []
    for block in (0x10, 0x11):
        own = tmp_path / str(block)
        own.mkdir()
        instance = read_instance(Locator(str(write(own, private(block)))))
        frames.append(SimpleNamespace(instance=instance, ref=FrameRef(instance.sop_instance_uid)))
    columns = header_columns(frames)
    assert columns is not None
    assert not any("xx01" in one.element.tag for one in varying(columns))
    path = next(path for path in columns.columns if path[-1][1] == "OURS")
    assert columns.columns[path].values.tolist() == [b"5", b"5"]


def test_another_creator_in_the_same_block_makes_other_elements(tmp_path: Path) -> None:
    """PS3.5 7.8.1: what a private element is hangs on its creator, also where nothing else differs."""
    frames = []
    for creator in ("ONE ", "OTHER CREATOR "):
        ds = data_set(PIXELS, SOPInstanceUID=f"1.2.{len(frames)}", SeriesInstanceUID="1.9", StudyInstanceUID="1.8")
        ds.add_new((0x0029, 0x10), "LO", creator)
        ds.add_new((0x0029, 0x1001), "DS", "5")
        own = tmp_path / str(len(frames))
        own.mkdir()
        instance = read_instance(Locator(str(write(own, ds))))
        frames.append(SimpleNamespace(instance=instance, ref=FrameRef(instance.sop_instance_uid)))
    columns = header_columns(frames)
    assert columns is not None
    values = {path[-1][1]: one.values.tolist() for path, one in columns.columns.items() if path[-1][1]}
    assert values == {"ONE": [b"5", None], "OTHER CREATOR": [None, b"5"]}


def test_long_bulk_is_kept_as_length_and_hash(tmp_path: Path) -> None:
    columns = files(tmp_path, {"ICCProfile": b"a" * 5000}, {"ICCProfile": b"b" * 5000})
    assert named(columns)["ICCProfile"].startswith("5,000 bytes, hash ")
    assert all(isinstance(value, Bulk) for value in columns.columns[((0x00282000, ""),)].values)


def test_two_series_are_compared_by_what_each_says(tmp_path: Path) -> None:
    left = files(tmp_path / "a", {"KVP": "120", "Exposure": "1"}, {"KVP": "120", "Exposure": "2"})
    right = files(tmp_path / "b", {"KVP": "80", "Exposure": "2", "SeriesDescription": "low"})
    told = {one.element.keyword: (one.kind, one.left, one.right) for one in differences(left, None, right, None)}
    assert told["KVP"] == ("changed", "120", "80")
    assert told["Exposure"] == ("changed", "2 values: 1 … 2", "2")
    assert told["SeriesDescription"] == ("added", "–", "low")
    one = {each.element.keyword for each in differences(left, 1, right, 0)}
    assert "Exposure" not in one


def test_a_file_that_is_gone_leaves_its_row_empty(tmp_path: Path) -> None:
    own = []
    for number in (1, 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        ds = data_set(PIXELS, SOPInstanceUID=f"1.2.{number}", SeriesInstanceUID="1.9", StudyInstanceUID="1.8", KVP="1")
        instance = read_instance(Locator(str(write(folder, ds))))
        own.append(SimpleNamespace(instance=instance, ref=FrameRef(instance.sop_instance_uid)))
    Path(own[1].instance.locator.path).unlink()
    columns = header_columns(own)
    assert columns is not None
    assert (columns.unread, varying(columns)) == (1, [])
    assert value_at(columns, ((0x00180060, ""),), 1) == "–"


def test_another_reader_finds_the_same_elements_varying(corpus: Path) -> None:
    """pydicom, file by file, over a CT whose current is modulated."""
    (stack, *_) = collect([str(corpus / "series/dcm_qa_ct/GE")]).catalogue.ordered_stacks()
    values: dict[str, set[str]] = {}
    for frame in stack.frames:
        for element in pydicom.dcmread(frame.instance.locator.path, stop_before_pixels=True):
            if element.keyword and element.VR != "SQ":
                values.setdefault(element.keyword, set()).add(str(element.value))
    columns = header_columns(stack.frames)
    assert columns is not None
    ours = {one.element.keyword for one in varying(columns)}
    assert {keyword for keyword, found in values.items() if len(found) > 1} == {
        one for one in ours if one.isidentifier()
    }
