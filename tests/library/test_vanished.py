"""Linked files on a stick that is pulled out: still listed, named as gone, well again when it is back (E17)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.library.conditions import assert_sound, many, run
from workstation.library import importer
from workstation.library.importer import import_paths
from workstation.library.places import common_folder, files_of, parted
from workstation.library.rebuild import check, rebuild
from workstation.library.search import studies, totals
from workstation.library.store import Library


@pytest.fixture
def stick(library: Library, tmp_path: Path) -> Path:
    """A folder whose three files are linked, besides two elsewhere of the same series."""
    folder = many(tmp_path / "stick", 5)
    rest = tmp_path / "disk"
    rest.mkdir()
    for name in ("0001.dcm", "0002.dcm"):
        (folder / name).rename(rest / name)
    list(import_paths(library, [rest, folder], copy=False))
    return folder


def test_studies_of_a_stick_that_is_gone_are_listed(library: Library, stick: Path) -> None:
    stick.rename(stick.with_name("away"))
    assert [row.instance_count for row in studies(library)] == [5]


def test_what_is_gone_is_told_apart_from_what_is_there(library: Library, stick: Path) -> None:
    stick.rename(stick.with_name("away"))
    there, gone = parted(files_of(library, studies(library)[0].id))
    assert (len(there), len(gone), common_folder(gone)) == (2, 3, str(stick))


def test_a_check_names_every_file_of_a_stick_until_it_is_back(library: Library, stick: Path) -> None:
    stick.rename(stick.with_name("away"))
    assert check(library) == [f"{stick / name}: this linked file is not there." for name in names(3, 4, 5)]
    stick.with_name("away").rename(stick)
    assert_sound(library)


def names(*numbers: int) -> list[str]:
    return [f"{number:04}.dcm" for number in numbers]


def test_a_rebuild_without_the_stick_says_what_it_leaves_out(library: Library, stick: Path) -> None:
    away = stick.rename(stick.with_name("away"))
    report = list(rebuild(library))[-1]
    assert report.skipped == [(str(stick), "it is not there; once it is back, add it again to have it listed.")]
    away.rename(stick)
    assert list(import_paths(library, [stick], copy=False))[-1].added == 3
    assert totals(library)["instances"] == 5


@pytest.mark.parametrize("copy", [False, True])
def test_a_stick_that_goes_in_the_middle_of_an_import_leaves_what_was_read(
    library: Library, tmp_path: Path, copy: bool
) -> None:
    folder = many(tmp_path / "stick", 120)
    reports = import_paths(library, [folder], copy=copy)
    some = next(reports).added
    assert 0 < some < 120
    shutil.rmtree(folder)
    report = list(reports)[-1]
    assert report.added == totals(library)["instances"]
    assert report.added >= some
    assert report.added + len(report.skipped) == 120
    assert {os.path.dirname(path) for path, _ in report.skipped} == {str(folder)}
    assert len(check(library)) == (0 if copy else report.added)


def test_files_that_go_between_reading_and_linking_are_named(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = many(tmp_path / "stick", 3)
    monkeypatch.setattr(importer, "store", after_removing(folder, importer.store))
    report = list(import_paths(library, [folder], copy=False))[-1]
    assert (report.added, len(report.skipped)) == (0, 3)
    assert report.skipped[0] == (str(folder / "0001.dcm"), "0001.dcm: No such file or directory.")


def after_removing(folder: Path, then: Callable[..., None]) -> Callable[..., None]:
    def first(*arguments: object) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        then(*arguments)

    return first


def test_the_command_names_a_stick_that_is_not_there(tmp_path: Path) -> None:
    missing = run("add", tmp_path / "nowhere", "--library", tmp_path / "library")
    assert missing.returncode == 2
    assert f"{tmp_path / 'nowhere'}: there is no such file or folder." in missing.stderr


def test_folders_without_a_common_one_have_none() -> None:
    assert common_folder([]) == ""
    assert common_folder(["a/b", "/c/d"]) == ""


def test_a_rebuild_misses_no_path_of_which_nothing_is_listed(library: Library, tmp_path: Path) -> None:
    """A folder that was moved and linked again, and one that never was, are nobody's loss."""
    old = many(tmp_path / "old", 3)
    list(import_paths(library, [old, tmp_path / "mistyped"], copy=False))
    list(import_paths(library, [old.rename(tmp_path / "new")], copy=False))
    report = list(rebuild(library))[-1]
    assert (report.added, report.skipped) == (3, [])


def test_a_rebuild_that_did_not_end_is_told_until_one_has(tmp_path: Path) -> None:
    source, folder = many(tmp_path / "source", 30), tmp_path / "library"
    with Library(folder) as library:
        list(import_paths(library, [source], copy=True))
        next(rebuild(library))
    assert "A rebuild of the library has not ended" in run("list", "--library", folder).stderr
    assert run("rebuild", "--library", folder).stdout.startswith("30 added")
    assert run("list", "--library", folder).stderr == ""
