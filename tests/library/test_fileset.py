"""A medium is written, whole or not at all, and read back (H1, H2, H3, H5, H7, H8, A24)."""

from __future__ import annotations

import errno
import os
import shutil
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pydicom.fileset import FileSet
from pydicom.uid import ImplicitVRLittleEndian

from workstation.cli.collect import collect
from workstation.cli.main import run
from workstation.dicom.identity import Instance
from workstation.dicom.media_audit import audit, file_id_faults
from workstation.errors import WorkstationError
from workstation.library.fileset import MediaOptions, MediaReport, write_media
from workstation.library.store import LibraryError

Write = Callable[..., Path]


@pytest.fixture
def instances(write: Write) -> tuple[Instance, ...]:
    """Two series of two images of one study."""
    for series in (1, 2):
        for number in (1, 2):
            write(
                f"{series}{number}",
                SeriesInstanceUID=f"1.2.3.{series}",
                SOPInstanceUID=f"1.2.3.{series}.{number}",
                SeriesNumber=series,
                InstanceNumber=number,
                StudyTime="120000",
                StudyID="7",
            )
    return found(write("11").parent)


def found(*paths: Path) -> tuple[Instance, ...]:
    return collect([str(path) for path in paths]).instances


def written(instances: tuple[Instance, ...], target: Path, **options: Any) -> MediaReport:
    return list(write_media(instances, target, MediaOptions(**options)))[-1]


def loaded(directory: Path) -> tuple[str | None, list[Dataset]]:
    """Return a File-set's ID and every instance as pydicom loads them."""
    file_set = FileSet(directory)
    whole = file_set.ID, [one.load() for one in file_set]
    file_set._stage["t"].cleanup()
    return whole


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_medium_has_file_ids_by_counting_a_directory_and_a_readme(
    instances: tuple[Instance, ...], tmp_path: Path
) -> None:
    report = written(instances, tmp_path / "disc")
    assert (report.written, report.verified, report.left_out, report.faults) == (4, 4, [], [])
    assert files(tmp_path / "disc") == [
        "DICOM/PT000001/ST000001/SE000001/IM000001",
        "DICOM/PT000001/ST000001/SE000001/IM000002",
        "DICOM/PT000001/ST000001/SE000002/IM000001",
        "DICOM/PT000001/ST000001/SE000002/IM000002",
        "DICOMDIR",
        "README.TXT",
    ]
    assert audit(tmp_path / "disc").faults == ()
    assert not any(list(file_id_faults(name.split("/"))) for name in files(tmp_path / "disc")[:4])


def test_every_file_is_the_original_byte_for_byte(instances: tuple[Instance, ...], tmp_path: Path) -> None:
    written(instances, tmp_path / "disc")
    originals = {Path(one.locator.path).read_bytes() for one in instances}
    assert originals == {path.read_bytes() for path in (tmp_path / "disc" / "DICOM").rglob("IM*")}


def test_pydicom_loads_every_instance(instances: tuple[Instance, ...], tmp_path: Path) -> None:
    written(instances, tmp_path / "disc", file_set_id="MY_DISC")
    name, there = loaded(tmp_path / "disc" / "DICOMDIR")
    assert name == "MY_DISC"
    assert {one.sop_instance_uid for one in instances} == {one.SOPInstanceUID for one in there}


def test_a_zip_holds_the_same_file_set(instances: tuple[Instance, ...], tmp_path: Path) -> None:
    report = written(instances, tmp_path / "disc.zip")
    written(instances, tmp_path / "disc")
    assert (report.verified, report.faults) == (4, [])
    with zipfile.ZipFile(tmp_path / "disc.zip") as archive:
        assert files(tmp_path / "disc") == sorted(archive.namelist())
        for name in archive.namelist():
            assert (tmp_path / "disc" / name).read_bytes() == archive.read(name)
    assert audit(tmp_path / "disc.zip").faults == ()


def test_what_the_profile_does_not_allow_is_unpacked_or_left_out(write: Write, tmp_path: Path) -> None:
    path = write("implicit", PixelData=bytes(range(32)))
    ds = dcmread(path)
    ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    ds.save_as(path, implicit_vr=True, little_endian=True)
    report = written(found(path), tmp_path / "unpacked")
    assert [str(path)] == report.transcoded
    (image,) = (tmp_path / "unpacked" / "DICOM").rglob("IM*")
    again = dcmread(image)
    assert ("1.2.840.10008.1.2.1", bytes(range(32))) == (again.file_meta.TransferSyntaxUID, again.PixelData)
    assert audit(tmp_path / "unpacked").faults == ()
    strict = written(found(path), tmp_path / "strict", transcode=False)
    assert [(str(path), "its Transfer Syntax is not one of the profile's.")] == strict.left_out


def test_a_sop_class_a_profile_does_not_know_is_left_out(write: Write, tmp_path: Path) -> None:
    ultrasound = write("us", SOPClassUID="1.2.840.10008.5.1.4.1.1.6.1", SOPInstanceUID="1.2.9")
    report = written(found(ultrasound, write("ct")), tmp_path / "disc", profile="STD-CTMR-CD")
    assert [(str(ultrasound), "its SOP Class is not one of the profile's.")] == report.left_out
    assert report.written == 1


def test_what_a_record_must_say_and_the_file_does_not_is_filled_in_the_record_only(
    write: Write, tmp_path: Path
) -> None:
    path = write("bare", PatientID="", StudyDate="", InstanceNumber=None)
    before = path.read_bytes()
    report = written(found(path), tmp_path / "disc")
    assert report.faults == []
    patient, study, _, image = dcmread(tmp_path / "disc" / "DICOMDIR").DirectoryRecordSequence
    assert (patient.PatientID, study.StudyDate, image.InstanceNumber) == ("NO_ID_1", "19000101", 1)
    assert before == (tmp_path / "disc" / Path(*image.ReferencedFileID)).read_bytes()


def test_patients_with_equal_names_and_other_ids_get_records_of_their_own(write: Write, tmp_path: Path) -> None:
    one = write("one")
    other = write("other", PatientID="P2", StudyInstanceUID="1.3", SeriesInstanceUID="1.3.1", SOPInstanceUID="1.3.1.1")
    written(found(one, other), tmp_path / "disc")
    records = dcmread(tmp_path / "disc" / "DICOMDIR").DirectoryRecordSequence
    assert [one.PatientID for one in records if one.DirectoryRecordType == "PATIENT"] == ["P1", "P2"]


@pytest.mark.parametrize(
    ("charset", "name"), [("ISO_IR 192", "Müller^Jörg"), ("ISO 2022 IR 87", "Yamada^Tarou=山田^太郎"), ("", "Müller")]
)
def test_names_in_any_character_set_are_the_same_in_the_records(
    write: Write, tmp_path: Path, charset: str, name: str
) -> None:
    path = write("named", PatientName="plain")
    ds = dcmread(path)
    if charset:
        ds.SpecificCharacterSet = ["", charset] if "2022" in charset else charset
        ds.PatientName = name
        ds.save_as(path)
    else:
        path.write_bytes(path.read_bytes().replace(b"plain ", name.encode("latin-1")))
    report = written(found(path), tmp_path / "disc")
    assert report.faults == []
    assert name == str(dcmread(tmp_path / "disc" / "DICOMDIR").DirectoryRecordSequence[0].PatientName)


def test_no_value_from_the_data_becomes_a_name(write: Write, tmp_path: Path) -> None:
    path = write("evil", PatientID="../../etc", StudyInstanceUID="../../x", SOPInstanceUID="../../passwd")
    written(found(path), tmp_path / "disc")
    assert files(tmp_path / "disc") == ["DICOM/PT000001/ST000001/SE000001/IM000001", "DICOMDIR", "README.TXT"]


def test_a_second_object_under_a_uid_is_named_not_written(write: Write, tmp_path: Path) -> None:
    paths = write("one"), write("two", PixelData=bytes([1]) * 32)
    report = written(found(*paths), tmp_path / "disc")
    assert report.written == 1
    assert [reason for _, reason in report.left_out] == [
        "another object under the same SOP Instance UID is on the medium already"
    ]


def test_a_plain_folder_has_no_directory_and_leaves_nothing_out(write: Write, tmp_path: Path) -> None:
    paths = write("one"), write("two", PixelData=bytes([1]) * 32)
    report = written(found(*paths), tmp_path / "plain", profile="")
    assert (report.written, report.verified, report.left_out) == (2, 2, [])
    assert not (tmp_path / "plain" / "DICOMDIR").exists()


def test_nothing_that_is_there_is_overwritten(instances: tuple[Instance, ...], tmp_path: Path) -> None:
    written(instances, tmp_path / "disc")
    before = (tmp_path / "disc" / "DICOMDIR").read_bytes()
    with pytest.raises(LibraryError, match="disc holds a File-set already"):
        written(instances, tmp_path / "disc")
    assert before == (tmp_path / "disc" / "DICOMDIR").read_bytes()
    (tmp_path / "old.zip").write_bytes(b"mine")
    with pytest.raises(LibraryError, match=r"old\.zip is there already"):
        written(instances, tmp_path / "old.zip")
    assert (tmp_path / "old.zip").read_bytes() == b"mine"


@pytest.mark.parametrize("name", ["disc", "disc.zip"])
def test_what_was_stopped_leaves_nothing(instances: tuple[Instance, ...], tmp_path: Path, name: str) -> None:
    stop = threading.Event()
    writing = write_media(instances, tmp_path / "out" / name, stop=stop)
    next(writing)
    stop.set()
    report = list(writing)[-1]
    assert (report.cancelled, report.written) == (True, 0)
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", ["disc", "disc.zip"])
def test_a_disk_that_fills_up_leaves_nothing_and_a_sentence(
    instances: tuple[Instance, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LibraryError, match="there is no room left"):
        written(instances, tmp_path / "out" / name)
    assert files(tmp_path / "out") == [] if (tmp_path / "out").exists() else True


def test_a_medium_that_is_too_small_is_refused_before_anything_is_written(
    instances: tuple[Instance, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(10, 9, 1))  # type: ignore[attr-defined]
    with pytest.raises(LibraryError, match="has room for 0 MiB; 4 instances need 5 MiB"):
        written(instances, tmp_path / "disc")
    assert not (tmp_path / "disc").exists()


def test_a_byte_that_is_read_back_otherwise_is_a_fault(
    instances: tuple[Instance, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workstation.library.media_target import FolderTarget

    genuine = FolderTarget.finish

    def spoiled(self: FolderTarget) -> None:
        genuine(self)
        path = next((tmp_path / "disc" / "DICOM").rglob("IM000002"))
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)

    monkeypatch.setattr(FolderTarget, "finish", spoiled)
    (fault,) = written(instances, tmp_path / "disc").faults
    assert fault.endswith("IM000002 was read back with other bytes than were written.")


def test_a_source_that_vanished_is_named_and_the_rest_goes_on(instances: tuple[Instance, ...], tmp_path: Path) -> None:
    Path(instances[1].locator.path).unlink()
    report = written(instances, tmp_path / "disc")
    assert (3, [instances[1].locator.path]) == (report.written, [path for path, _ in report.left_out])
    assert report.faults == []


def test_a_hook_may_change_or_leave_out_what_is_written(instances: tuple[Instance, ...], tmp_path: Path) -> None:
    def prepare(ds: Dataset) -> Dataset | None:
        ds.PatientName = "Anonymous"
        return ds if ds.SeriesNumber == 1 else None

    report = written(instances, tmp_path / "disc", prepare=prepare)
    assert (report.written, len(report.left_out), report.faults) == (2, 2, [])
    assert {"Anonymous"} == {str(one.PatientName) for one in loaded(tmp_path / "disc" / "DICOMDIR")[1]}


def test_an_executable_preamble_is_not_copied(write: Write, tmp_path: Path) -> None:
    path = write("pe")
    path.write_bytes(b"MZ" + path.read_bytes()[2:])
    written(found(path), tmp_path / "disc")
    (image,) = (tmp_path / "disc" / "DICOM").rglob("IM*")
    assert bytes(128) == image.read_bytes()[:128]


def test_an_unknown_profile_is_a_sentence(instances: tuple[Instance, ...], tmp_path: Path) -> None:
    with pytest.raises(WorkstationError, match="STD-FLOPPY is not a profile that is known here; those are STD-GEN-CD"):
        written(instances, tmp_path / "disc", profile="STD-FLOPPY")


def test_the_command_writes_one_series_and_counts(
    instances: tuple[Instance, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(Path(instances[0].locator.path).parent)
    assert run(["dicomdir", "write", folder, "--series", "1.2.3.2", "--out", str(tmp_path / "disc")]) == 0
    assert capsys.readouterr().out.startswith("2 asked, 2 written, 2 verified, 0 transcoded, 0 left out, 0 faults, ")
    assert run(["dicomdir", "check", str(tmp_path / "disc")]) == 0
    assert run(["dicomdir", "write", folder, "--out", str(tmp_path / "disc")]) == 2
    assert "holds a File-set already" in capsys.readouterr().err
