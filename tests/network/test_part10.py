"""Whole files that arrive lie as they came, under the object that their data set names (A24, G12)."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file

from workstation.errors import NotDicom
from workstation.network.part10 import object_of_file
from workstation.network.spool import Spool, SpoolFull, part10_head

FILES = (
    "CT_small.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_implicit.dcm",
    "image_dfl.dcm",
    "JPEG2000.dcm",
    "rtplan.dcm",
)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("size", [1, 1000, 1 << 20])
def test_a_file_is_kept_byte_for_byte_under_what_its_data_set_says(name: str, size: int, tmp_path: Path) -> None:
    path = Path(str(get_testdata_file(name)))
    content = path.read_bytes()
    kept = Spool(tmp_path, sync=False).keep_file(content[at : at + size] for at in range(0, len(content), size))
    ds = pydicom.dcmread(path)
    assert kept.path.read_bytes() == content
    assert (kept.sop_class_uid, kept.sop_instance_uid) == (ds.SOPClassUID, ds.SOPInstanceUID)
    assert kept.transfer_syntax_uid == ds.file_meta.TransferSyntaxUID


def test_the_data_set_is_believed_before_the_meta_information() -> None:
    """Many files were given new UIDs in their data set alone."""
    head = part10_head("1.2", "1.2.3", "1.2.840.10008.1.2.1")
    assert object_of_file(head + b"\x08\0\x16\0UI\4\x001.9\0\x08\0\x18\0UI\4\x001.8\0")[:2] == ("1.9", "1.8")
    assert object_of_file(head)[:2] == ("1.2", "1.2.3")


@pytest.mark.parametrize("content", [b"", b"hello", bytes(128) + b"DICM", bytes(128) + b"DICM\2\0\3\0UI\xff\xff1.2"])
def test_what_names_no_object_is_refused_and_leaves_nothing(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(NotDicom):
        Spool(tmp_path).keep_file([content])
    assert list(tmp_path.rglob("*")) == []


def test_a_file_beyond_the_quota_leaves_nothing(tmp_path: Path) -> None:
    """A35."""
    head = part10_head("1.2", "1.2.3", "1.2.840.10008.1.2")
    with pytest.raises(SpoolFull):
        Spool(tmp_path, quota=1 << 17).keep_file([head, *[bytes(1 << 16)] * 3])
    assert list(tmp_path.rglob("*.*")) == []
