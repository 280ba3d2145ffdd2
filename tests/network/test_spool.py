"""Objects from peers lie whole under a hash, as they were sent (A24, G12)."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file

from workstation.network.spool import Spool, SpoolFull

SMALL = str(get_testdata_file("CT_small.dcm"))


def data_set(path: str) -> tuple[pydicom.Dataset, bytes]:
    """Return a file's data set and its encoded bytes behind the File Meta Information."""
    read = pydicom.dcmread(path)
    length = read.file_meta.FileMetaInformationGroupLength
    return read, Path(path).read_bytes()[128 + 4 + 12 + length :]


def test_what_is_kept_is_the_data_set_byte_for_byte_behind_a_meta_of_ours(tmp_path: Path, dcmtk: Path) -> None:
    """G12."""
    read, encoded = data_set(SMALL)
    kept = Spool(tmp_path).keep(
        [encoded[:1000], encoded[1000:]],
        sop_class_uid=read.SOPClassUID,
        sop_instance_uid=read.SOPInstanceUID,
        transfer_syntax_uid=read.file_meta.TransferSyntaxUID,
        source_title="SENDER",
    )
    content = kept.path.read_bytes()
    assert content.endswith(encoded)
    assert kept.digest == hashlib.sha256(content).hexdigest()
    assert read == pydicom.dcmread(kept.path)
    assert pydicom.dcmread(kept.path).file_meta.SourceApplicationEntityTitle == "SENDER"
    dump = subprocess.run([dcmtk / "dcmdump", "-q", kept.path], capture_output=True, text=True, check=True)
    assert "warning" not in dump.stderr.lower()


def test_nothing_a_peer_says_becomes_a_path(tmp_path: Path) -> None:
    """A24."""
    kept = Spool(tmp_path / "spool").keep(
        [b""], sop_class_uid="1.2", sop_instance_uid="../../../evil", transfer_syntax_uid="1.2.840.10008.1.2"
    )
    assert kept.path.parent.parent == tmp_path / "spool"
    assert kept.path.stem + kept.path.parent.name not in ("", "evil")
    assert "evil" not in str(kept.path)


def test_what_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"begun"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        Spool(tmp_path).keep(broken(), sop_class_uid="1.2", sop_instance_uid="1.3", transfer_syntax_uid="1.4")
    assert list(tmp_path.rglob("*.*")) == []


def test_more_than_the_quota_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    """A35."""
    with pytest.raises(SpoolFull):
        Spool(tmp_path, quota=1000).keep(
            [b"0" * 600, b"0" * 600], sop_class_uid="1.2", sop_instance_uid="1.3", transfer_syntax_uid="1.4"
        )
    assert list(tmp_path.rglob("*.*")) == []
