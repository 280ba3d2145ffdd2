"""A medium is audited: the DICOMDIR against the files beside it, names, profiles (features N10, H1, H4)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.fileset import FileSet

from tests.library.conftest import write
from workstation.cli.main import run
from workstation.dicom.media_audit import Audit, audit, file_id_faults
from workstation.errors import WorkstationError

__all__ = ["write"]


@pytest.fixture
def medium(write: Callable[..., Path], tmp_path: Path) -> Path:
    """A File-set of two images as pydicom writes it."""
    made = FileSet()
    for number in (1, 2):
        made.add(
            write(
                str(number), SOPInstanceUID=f"1.2.3.1.{number}", InstanceNumber=number, StudyTime="120000", StudyID="1"
            )
        )
    made.write(tmp_path / "disc")
    made._stage["t"].cleanup()
    return tmp_path / "disc"


def codes(found: Audit) -> list[str]:
    return sorted(fault.code for fault in found.faults)


def images(medium: Path) -> list[Path]:
    return sorted(path for path in medium.rglob("*") if path.is_file() and path.name != "DICOMDIR")


def test_a_good_medium_has_no_fault_and_claims_what_it_may(medium: Path) -> None:
    found = audit(medium)
    assert found.faults == ()
    assert (found.records, found.files) == (2, 2)
    assert [verdict.profile for verdict in found.verdicts if verdict.holds] == [
        "STD-GEN-CD, STD-GEN-DVD-RAM",
        "STD-GEN-DVD-JPEG, STD-GEN-USB-JPEG, STD-GEN-BD-JPEG",
        "STD-GEN-DVD-J2K, STD-GEN-USB-J2K, STD-GEN-BD-J2K",
        "STD-CTMR-CD, STD-CTMR-DVD",
    ]
    assert audit(medium / "DICOMDIR") == found


def test_missing_files_and_orphans_are_told_apart(medium: Path) -> None:
    first, second = images(medium)
    shutil.move(first, medium / "ELSEWH")
    found = audit(medium)
    assert codes(found) == ["missing", "orphan"]
    assert {fault.where for fault in found.faults} == {first.relative_to(medium).as_posix(), "ELSEWH"}
    assert second.exists()


@pytest.mark.parametrize("name", [str.lower, lambda name: f"{name}.dcm", lambda name: f"{name};1"])
def test_another_spelling_of_a_name_is_found_and_said(medium: Path, name: Callable[[str], str]) -> None:
    """E11: we open it; a strict reader would not."""
    first = images(medium)[0]
    first.rename(first.with_name(name(first.name)))
    found = audit(medium)
    assert codes(found) == ["other_name"]
    assert found.verdicts[0].broken_by == (
        (first.with_name(name(first.name)).relative_to(medium).as_posix(), "its name is no File ID"),
    )


def test_a_record_that_is_not_like_its_file_is_told(medium: Path, write: Callable[..., Path]) -> None:
    first = images(medium)[0]
    shutil.copy(write("other", SOPInstanceUID="1.2.3.1.99"), first)
    assert codes(audit(medium)) == ["unlike_file"]


def test_different_files_under_one_uid_are_told(medium: Path, write: Callable[..., Path]) -> None:
    shutil.copy(write("other", SOPInstanceUID="1.2.3.1.1", SeriesDescription="other"), medium / "EXTRA")
    assert codes(audit(medium)) == ["duplicate_uid", "orphan"]


def test_records_are_judged_one_by_one(medium: Path) -> None:
    """A26, pydicom#1895: a private record and one that leads out of the medium hide nothing else."""
    ds = dcmread(medium / "DICOMDIR")
    records = [record for record in ds.DirectoryRecordSequence if "ReferencedFileID" in record]
    records[0].DirectoryRecordType = "PRIVATE"
    records[0].PrivateRecordUID = "1.2.3"
    records[1].ReferencedFileID = ["..", "..", "passwd"]
    ds.save_as(medium / "DICOMDIR")
    found = audit(medium)
    assert {"private_record", "refused", "file_id", "orphan"} <= set(codes(found))
    assert found.files == 2


def test_what_lies_beside_the_images_is_listed(medium: Path) -> None:
    """J11: nothing there is started."""
    for name in ("README.TXT", "INDEX.HTM", "autorun.inf"):
        (medium / name).write_text("x")
    (medium / "IHE_PDI").mkdir()
    found = audit(medium)
    assert found.extras == ("IHE_PDI", "INDEX.HTM", "README.TXT", "autorun.inf")
    assert found.faults == ()


def test_a_directory_by_another_name_is_the_one_audited(medium: Path) -> None:
    shutil.copy(medium / "DICOMDIR", medium / "COPY-OF")
    (medium / "DICOMDIR").write_bytes(b"no directory")
    found = audit(medium / "COPY-OF")
    assert (found.directory, found.records, found.faults) == (str(medium / "COPY-OF"), 2, ())


def test_a_folder_without_a_directory_says_so(write: Callable[..., Path]) -> None:
    with pytest.raises(WorkstationError, match="there is no DICOMDIR here"):
        audit(write("one").parent)


@pytest.mark.parametrize(
    ("file_id", "faults"),
    [
        (("DICOM", "IM000001"), 0),
        (("dicom", "IM1"), 1),
        (("IM0000001",), 1),
        (("IM-1", "A.DCM"), 2),
        (tuple("ABCDEFGHI"), 1),
        (("",), 1),
    ],
)
def test_file_ids_follow_the_rules(file_id: tuple[str, ...], faults: int) -> None:
    """H1, PS3.10 8.2."""
    assert len(list(file_id_faults(file_id))) == faults


def test_the_command_prints_what_it_finds(medium: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dicomdir", "check", str(medium)]) == 0
    assert capsys.readouterr().out.startswith("2 records, 2 DICOM files\nSTD-GEN-CD, STD-GEN-DVD-RAM: could")
    images(medium)[0].unlink()
    assert run(["dicomdir", "check", str(medium), "--json"]) == 1
    told = capsys.readouterr()
    assert '"code": "missing"' in told.out
    assert told.err.endswith(": The record names a file that is not there.\n")
