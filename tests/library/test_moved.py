"""Files that were changed or moved after they were added: named, read again, linked again (E17)."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom import dcmread

from tests.library.conditions import assert_sound, content, many
from workstation.library.batches import ImportReport
from workstation.library.marks import set_comment
from workstation.library.rebuild import check, rebuild
from workstation.library.search import StudyQuery, studies, totals
from workstation.library.store import Library

Add = Callable[..., ImportReport]
Write = Callable[..., Path]


def later(path: Path) -> Path:
    """Give a file a time of its own: a test is quicker than some clocks."""
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 5_000_000_000))
    return path


def rewritten(path: Path, **attributes: object) -> Path:
    ds = dcmread(path)
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    ds.save_as(path)
    return later(path)


def test_a_check_names_a_file_that_was_written_to(library: Library, write: Write, add: Add) -> None:
    path = write()
    add(path)
    later(path)
    assert check(library) == [f"{path}: it was written to since it was added; add it again to have it read again."]
    report = add(path)
    assert (report.added, report.changed, report.known) == (0, 1, 0)
    assert_sound(library)
    assert add(path).known == 1


def test_times_of_the_library_s_own_copies_mean_nothing(library: Library, write: Write, add: Add) -> None:
    """A library that was copied or restored as a whole is as good as before."""
    path = write()
    add(path, copy=True)
    (copied,) = library.files.rglob("*.dcm")
    later(copied)
    assert check(library) == []
    assert add(path, copy=True).changed == 0


def test_what_a_changed_file_says_by_now_is_listed(library: Library, write: Write, add: Add) -> None:
    path = write()
    add(path)
    set_comment(library, studies(library)[0].id, "mine")
    rewritten(path, StudyDescription="Knee", SeriesDescription="sagittal")
    add(path)
    (row,) = studies(library, StudyQuery(text="knee"))
    assert (row.description, row.comment, row.instance_count) == ("Knee", "mine", 1)
    assert studies(library, StudyQuery(text="head")) == []
    assert_sound(library)


def test_a_file_that_holds_another_object_by_now_is_that_one_only(library: Library, write: Write, add: Add) -> None:
    first, second = write("one"), write("two", SOPInstanceUID="1.2.3.1.2", InstanceNumber=2)
    add(first, second)
    rewritten(first, SOPInstanceUID="1.9.1", SeriesInstanceUID="1.9", StudyInstanceUID="1.8", PatientID="P2")
    assert add(first).added == 1
    assert set(content(library)) == {"1.9.1", "1.2.3.1.2"}
    assert sorted((row.patient_id, row.instance_count) for row in studies(library)) == [("P1", 1), ("P2", 1)]
    assert_sound(library)


def test_a_patient_nothing_is_left_of_goes(library: Library, write: Write, add: Add) -> None:
    path = write()
    add(path)
    rewritten(path, PatientID="P2")
    add(path)
    assert [row.patient_id for row in studies(library)] == ["P2"]
    assert totals(library) == {"patients": 1, "studies": 1, "series": 1, "instances": 1}
    assert library.query("SELECT count(*) FROM patients")[0][0] == 1


def test_a_rebuild_reads_changed_files_again(library: Library, write: Write, add: Add) -> None:
    path = write()
    add(path)
    rewritten(path, StudyDescription="Knee")
    list(rebuild(library))
    assert studies(library)[0].description == "Knee"
    assert_sound(library)


def test_a_folder_that_was_moved_is_linked_again(library: Library, tmp_path: Path, add: Add) -> None:
    old = many(tmp_path / "old", 30)
    add(old)
    (before,) = studies(library)
    new = old.rename(tmp_path / "new")
    report = add(new)
    assert (report.moved, report.added, report.apart, report.identical) == (30, 0, [], [])
    assert studies(library) == [before]
    assert_sound(library)
    assert {Path(os.fsdecode(row[0])).parent for row in library.query("SELECT path FROM files")} == {new}
    assert add(new).known == 30


def test_a_moved_folder_may_be_copied_into_the_library(library: Library, tmp_path: Path, add: Add) -> None:
    old = many(tmp_path / "old", 3)
    add(old)
    report = add(old.rename(tmp_path / "new"), copy=True)
    assert report.moved == 3
    shutil.rmtree(tmp_path / "new")
    assert_sound(library)


def test_a_copy_that_was_lost_is_made_again(library: Library, write: Write, add: Add) -> None:
    path = write()
    add(path, copy=True)
    shutil.rmtree(library.files)
    assert len(check(library)) == 1
    assert add(path, copy=True).moved == 1
    assert_sound(library)


def test_an_archive_that_was_moved_is_linked_again(library: Library, tmp_path: Path, add: Add) -> None:
    folder, archive = many(tmp_path / "source", 4), tmp_path / "disc.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for path in sorted(folder.iterdir()):
            made.write(path, path.name)
    add(archive)
    report = add(archive.rename(tmp_path / "other.zip"))
    assert (report.moved, report.added) == (4, 0)
    assert check(library) == []


def test_a_copy_elsewhere_is_no_move_while_the_first_is_there(library: Library, tmp_path: Path, add: Add) -> None:
    old = many(tmp_path / "old", 3)
    add(old)
    shutil.copytree(old, tmp_path / "new")
    report = add(tmp_path / "new")
    assert (report.moved, len(report.identical)) == (0, 3)


@pytest.mark.parametrize("change", [{"StudyDescription": "longer than before"}, {"SeriesInstanceUID": "1.2.3.9"}])
def test_another_object_of_the_uid_is_kept_apart_though_the_first_is_gone(
    library: Library, write: Write, add: Add, tmp_path: Path, change: dict[str, str]
) -> None:
    """E4: what cannot be compared is not taken for the same; the first comes back with its stick."""
    path = write()
    add(path)
    other = tmp_path / "other"
    shutil.copy(path, other)
    rewritten(other, **change)
    away = path.rename(path.with_name("away"))
    report = add(other)
    assert (report.added, report.moved, report.apart) == (1, 0, [(str(other), "1.2.3.1.1")])
    away.rename(path)
    assert_sound(library)
    assert totals(library)["instances"] == 2


def test_a_file_moved_onto_the_path_of_another_is_the_one_there(library: Library, tmp_path: Path, add: Add) -> None:
    folder = many(tmp_path / "source", 2)
    add(folder)
    (folder / "0002.dcm").replace(folder / "0001.dcm")
    report = add(folder)
    assert (report.moved, report.added) == (1, 0)
    assert set(content(library)) == {"1.2.3.1.2"}
    assert_sound(library)


def test_files_that_took_each_other_s_names_are_linked_again(library: Library, tmp_path: Path, add: Add) -> None:
    folder = many(tmp_path / "source", 3)
    add(folder)
    for old, new in ((3, 9), (2, 3), (1, 2), (9, 1)):
        (folder / f"{old:04}.dcm").rename(folder / f"{new:04}.dcm")
    report = add(folder)
    assert (report.moved, report.added, report.apart) == (3, 0, [])
    assert set(content(library)) == {"1.2.3.1.1", "1.2.3.1.2", "1.2.3.1.3"}
    assert_sound(library)


def test_files_that_each_took_the_next_name_are_linked_again(library: Library, tmp_path: Path, add: Add) -> None:
    folder = many(tmp_path / "source", 60)
    add(folder)
    truth = content(library)
    for number in range(60, 0, -1):
        (folder / f"{number:04}.dcm").rename(folder / f"{number + 1:04}.dcm")
    report = add(folder)
    assert (report.apart, report.skipped) == ([], [])
    assert content(library) == truth
    assert_sound(library)
