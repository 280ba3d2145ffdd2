"""Import by link and by copy: nothing lost, nothing overwritten, nothing said twice."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from workstation.library import importer
from workstation.library.importer import ImportReport, import_paths
from workstation.library.search import series_of, studies, totals
from workstation.library.store import Library

Write = Callable[..., Path]
Add = Callable[..., ImportReport]


def series(write: Write, count: int = 3, **attributes: object) -> Path:
    for number in range(count):
        write(f"s/{number}", SOPInstanceUID=f"1.2.3.1.{number + 1}", InstanceNumber=number + 1, **attributes)
    return write("s/0", **attributes).parent


@pytest.mark.parametrize("copy", [False, True])
def test_four_levels_with_their_counts(library: Library, write: Write, add: Add, copy: bool) -> None:
    folder = series(write)
    write("s/other", SeriesInstanceUID="1.2.3.2", SOPInstanceUID="1.2.3.2.1", Modality="SR", SeriesNumber=2)
    report = add(folder, copy=copy)
    assert (report.added, report.skipped, len(report.studies)) == (4, [], 1)
    (study,) = studies(library)
    assert (study.name, study.patient_id, study.date, study.modalities) == ("Doe^Jane", "P1", "20200102", ("CT", "SR"))
    assert (study.series_count, study.instance_count) == (2, 4)
    assert [(one.number, one.modality, one.instance_count) for one in series_of(library, study.id)] == [
        (1, "CT", 3),
        (2, "SR", 1),
    ]
    assert totals(library) == {"patients": 1, "studies": 1, "series": 2, "instances": 4}


@pytest.mark.parametrize("copy", [False, True])
def test_adding_again_changes_nothing(library: Library, write: Write, add: Add, copy: bool) -> None:
    """E4: import is idempotent."""
    folder = series(write)
    add(folder, copy=copy)
    again = add(folder, copy=copy)
    assert (again.added, again.known + len(again.identical), again.apart) == (0, 3, [])
    assert totals(library)["instances"] == 3


def test_linked_files_stay_as_they_are(library: Library, write: Write, add: Add) -> None:
    folder = series(write)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    add(folder)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()} == before
    assert not library.files.exists()


def test_copies_are_the_same_bytes_under_names_from_no_header(library: Library, write: Write, add: Add) -> None:
    """A24: a UID that would be a path is opened, and is no path."""
    path = write("evil", SOPInstanceUID="../../../etc/x", SeriesInstanceUID="../y", StudyInstanceUID="a/b")
    report = add(path, copy=True)
    assert report.added == 1
    (copied,) = [one for one in library.files.rglob("*") if one.is_file()]
    assert copied.read_bytes() == path.read_bytes()
    assert copied.relative_to(library.files).as_posix().replace("/", "").removesuffix(".dcm").isalnum()


def test_a_copy_of_a_copy_is_noted_and_not_added(library: Library, write: Write, add: Add, tmp_path: Path) -> None:
    """E4: identical content is one object."""
    path = write("one")
    twin = tmp_path / "elsewhere"
    twin.write_bytes(path.read_bytes())
    add(path)
    report = add(twin)
    assert (report.added, report.identical) == (0, [(str(twin), str(path))])


@pytest.mark.parametrize("copy", [False, True])
def test_another_object_under_the_same_uid_is_kept_beside_it(
    library: Library, write: Write, add: Add, copy: bool
) -> None:
    """E4: different content stays two objects; neither overwrites the other, however often they are added."""
    first, second = write("one"), write("two", SeriesDescription="other content")
    add(first, copy=copy)
    report = add(second, copy=copy)
    assert (report.added, report.apart) == (1, [(str(second), "1.2.3.1.1")])
    rows = library.query("SELECT uid, original_uid FROM instances ORDER BY id")
    assert [row["original_uid"] for row in rows] == [None, "1.2.3.1.1"]
    assert rows[0]["uid"] != rows[1]["uid"]
    again = add(first, second, copy=copy)
    assert again.added == 0
    assert totals(library)["instances"] == 2


def test_one_bad_file_is_named_and_the_rest_goes_on(library: Library, write: Write, add: Add) -> None:
    """A36."""
    folder = series(write)
    bad = folder / "bad.dcm"
    bad.write_bytes(bytes(128) + b"DICM" + b"\xff" * 40)
    (folder / "notes.txt").write_text("hello")
    report = add(folder)
    assert (report.added, report.not_dicom) == (3, 1)
    assert [path for path, _ in report.skipped] == [str(bad)]


def test_studies_of_two_patients_may_share_a_uid(library: Library, write: Write, add: Add) -> None:
    """E2: both stay, one under each patient."""
    add(write("one"), write("two", PatientID="P2", SOPInstanceUID="1.2.3.1.9"))
    assert sorted(study.patient_id for study in studies(library)) == ["P1", "P2"]


def test_what_a_cancelled_import_brought_stays(library: Library, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importer, "BATCH", 2)
    stop = threading.Event()
    reports = import_paths(library, [series(write, 7)], copy=False, stop=stop)
    next(reports)
    stop.set()
    assert list(reports)[-1].cancelled
    assert 2 <= totals(library)["instances"] < 7


def test_a_study_in_the_bin_comes_out_when_it_is_added_again(library: Library, write: Write, add: Add) -> None:
    from workstation.library.marks import put_into_bin

    path = write()
    add(path)
    put_into_bin(library, [studies(library)[0].id])
    assert studies(library) == []
    add(path)
    assert len(studies(library)) == 1


def test_members_of_an_archive_are_linked_with_their_names(
    library: Library, write: Write, add: Add, tmp_path: Path
) -> None:
    import zipfile

    path = write()
    archive = tmp_path / "disc.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.write(path, "DICOM/IM1")
    assert add(archive).added == 1
    (row,) = library.query("SELECT path, member, linked FROM files")
    assert (bytes(row["path"]), row["member"], row["linked"]) == (str(archive).encode(), "DICOM/IM1", 1)
    assert add(archive).known == 1


def test_later_files_fill_in_what_the_first_left_open(library: Library, write: Write, add: Add) -> None:
    add(write("one", StudyDescription="", NumberOfStudyRelatedInstances=None))
    add(write("two", SOPInstanceUID="1.2.3.1.2", StudyDescription="Head", NumberOfStudyRelatedInstances=12))
    (study,) = studies(library)
    assert (study.description, study.declared_instances) == ("Head", 12)


def test_copies_of_two_that_share_a_uid_are_known_in_any_order(
    library: Library, write: Write, add: Add, tmp_path: Path
) -> None:
    """E4: which of them a scan meets first does not matter."""
    add(write("a"), write("b", SeriesDescription="other content"))
    assert totals(library)["instances"] == 2
    other = tmp_path / "other"
    other.mkdir()
    (other / "1").write_bytes((tmp_path / "files" / "b").read_bytes())
    (other / "2").write_bytes((tmp_path / "files" / "a").read_bytes())
    report = add(other)
    assert (report.added, len(report.identical)) == (0, 2)


def test_what_a_copy_left_behind_long_ago_is_cleared(library: Library, write: Write, add: Add) -> None:
    library.files.mkdir()
    old, fresh = library.files / "old.part", library.files / "fresh.part"
    for path in (old, fresh):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    add(write(), copy=True)
    assert (old.exists(), fresh.exists()) == (False, True)
