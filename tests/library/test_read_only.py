"""A library on a disc, a locked stick or in a folder of somebody else's: studies are found, nothing is written."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.library.conditions import SmallDisk, content, many, run, small_disk
from workstation.library import marks, opening, store
from workstation.library.importer import import_paths
from workstation.library.reading import take_stock
from workstation.library.rebuild import check, rebuild
from workstation.library.schema import MIGRATIONS, LibraryIsNewer
from workstation.library.search import StudyQuery, studies
from workstation.library.store import Library, LibraryError


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", "32m") as made:
        yield made


def filled(folder: Path, source: Path) -> Path:
    with Library(folder) as library:
        list(import_paths(library, [many(source, 3)], copy=True))
    return folder


def locked(monkeypatch: pytest.MonkeyPatch, code: str = "SQLITE_READONLY") -> None:
    """Have SQLite refuse to open an index for writing, as it does on a disc."""

    def refuse(_: Path) -> sqlite3.Connection:
        error = sqlite3.OperationalError("attempt to write a readonly database")
        error.sqlite_errorname = code  # type: ignore[misc]
        raise error

    monkeypatch.setattr(store, "to_write", refuse)


def test_studies_on_a_locked_medium_are_found_and_read(disk: SmallDisk, tmp_path: Path) -> None:
    folder = filled(disk.folder / "library", tmp_path / "source")
    disk.remount("ro")
    with Library(folder) as library:
        assert library.read_only == "its folder is read-only"
        assert [row.name for row in studies(library, StudyQuery(text="jane"))] == ["Doe^Jane"]
        assert len(content(library)) == 3
        assert (check(library), take_stock(library)) == ([], [])


def test_the_command_says_what_a_locked_library_can_do(disk: SmallDisk, tmp_path: Path) -> None:
    folder = filled(disk.folder / "library", tmp_path / "source")
    disk.remount("ro")
    found = run("search", "jane", "--library", folder)
    assert (found.returncode, found.stdout.count("3 instances")) == (0, 1)
    assert "nothing can be written here (its folder is read-only)" in found.stderr
    for words in (["add", tmp_path / "source"], ["add", "--copy", tmp_path / "source"], ["rebuild"]):
        refused = run(*words, "--library", folder)
        assert refused.returncode == 2
        assert "The library cannot be changed (its folder is read-only)." in refused.stderr


def test_a_locked_folder_without_a_library_is_a_sentence(disk: SmallDisk) -> None:
    disk.remount("ro")
    refused = run("list", "--library", disk.folder / "library")
    assert refused.returncode == 2
    assert "The library cannot be used (Read-only file system). Files can still be opened without it." in refused.stderr


@pytest.mark.parametrize("left", [("", "-wal"), ("", "-wal", "-shm")])
def test_what_a_crash_left_beside_a_locked_index_counts(disk: SmallDisk, tmp_path: Path, left: tuple[str, ...]) -> None:
    """A stick that was pulled out and write-protected: the last changes are in the log beside the index."""
    source, folder = many(tmp_path / "source", 3), disk.folder / "library"
    with Library(tmp_path / "living") as library:
        list(import_paths(library, [source], copy=False))
        folder.mkdir()
        for ending in left:
            shutil.copyfile(f"{library.index}{ending}", folder / f"{library.index.name}{ending}")
    assert (folder / "index.sqlite-wal").stat().st_size > 0
    disk.remount("ro")
    with Library(folder) as opened:
        assert [row.instance_count for row in studies(opened)] == [3]


def test_a_damaged_index_that_cannot_be_put_aside_is_a_sentence(disk: SmallDisk) -> None:
    (disk.folder / "index.sqlite").write_bytes(b"no database at all" * 100)
    disk.remount("ro")
    with pytest.raises(LibraryError, match="cannot be used"):
        Library(disk.folder).open()


def test_a_library_that_is_unlocked_is_written_from_then_on(disk: SmallDisk, tmp_path: Path) -> None:
    folder = filled(disk.folder / "library", tmp_path / "source")
    disk.remount("ro")
    with Library(folder) as library:
        (study,) = studies(library)
        with pytest.raises(LibraryError, match="cannot be changed"):
            marks.set_comment(library, study.id, "look")
        disk.remount("rw")
        marks.set_comment(library, study.id, "look")
        assert library.read_only == ""
        assert studies(library)[0].comment == "look"


@pytest.mark.parametrize("code", ["READONLY_DIRECTORY", "CANTOPEN", "FULL", "IOERR_SHMSIZE"])
def test_what_cannot_be_written_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """The same without a medium of its own."""
    folder = filled(tmp_path / "library", tmp_path / "source")
    locked(monkeypatch, f"SQLITE_{code}")
    with Library(folder) as library:
        assert library.read_only
        assert [row.instance_count for row in studies(library)] == [3]
        with pytest.raises(LibraryError, match=r"changed \(.+\)\. Its studies can still be found and opened\."):
            library.write(lambda connection: connection.execute("DELETE FROM studies"))
        with pytest.raises(LibraryError, match="cannot be changed"):
            list(rebuild(library))
    assert library.read_only == ""


def test_an_index_that_others_hold_too_long_is_not_read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = filled(tmp_path / "library", tmp_path / "source")
    locked(monkeypatch, "SQLITE_BUSY")
    with pytest.raises(LibraryError, match="another program is writing to it"):
        Library(folder).open()


@pytest.mark.parametrize(
    ("version", "error"), [(len(MIGRATIONS) + 1, LibraryIsNewer), (len(MIGRATIONS) - 1, LibraryError)]
)
def test_a_locked_index_of_another_version_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int, error: type[Exception]
) -> None:
    folder = filled(tmp_path / "library", tmp_path / "source")
    with Library(folder) as library:
        library.write(lambda connection: connection.execute(f"PRAGMA user_version = {version}"))
    locked(monkeypatch)
    with pytest.raises(error):
        Library(folder).open()


def test_a_name_with_signs_of_a_uri_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = filled(tmp_path / "a ?b#c%20", tmp_path / "source")
    locked(monkeypatch)
    with Library(folder) as library:
        assert len(studies(library)) == 1


def test_a_copy_made_to_be_read_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = filled(tmp_path / "library", tmp_path / "source")
    (folder / "index.sqlite-wal").write_bytes(bytes(40))
    made: list[str] = []
    real = opening.tempfile.TemporaryDirectory

    def noted(**options: str) -> object:
        folder = real(dir=tmp_path, **options)
        made.append(folder.name)
        return folder

    monkeypatch.setattr(opening.tempfile, "TemporaryDirectory", noted)
    monkeypatch.setattr(opening.ReadOnlyIndex, "_try", once_refused(opening.ReadOnlyIndex._try))
    locked(monkeypatch)
    with Library(folder) as library:
        assert len(studies(library)) == 1
        assert [Path(name).exists() for name in made] == [True]
    assert [Path(name).exists() for name in made] == [False]


def once_refused(then: Callable[..., None]) -> Callable[..., None]:
    refusals = [sqlite3.OperationalError("no locks here")]

    def first(self: object) -> None:
        if refusals:
            raise refusals.pop()
        then(self)

    return first


def test_a_folder_one_may_only_read_is_searched(tmp_path: Path) -> None:
    """Another's library on a shared disk: permissions, not the medium, keep from writing."""
    folder = filled(tmp_path / "library", tmp_path / "source")
    folder.chmod(0o555)
    (folder / "index.sqlite").chmod(0o444)
    try:
        if os.access(folder, os.W_OK):
            pytest.skip("permissions do not bind this user")
        with Library(folder) as library:
            assert library.read_only == "its folder is read-only"
            assert [row.instance_count for row in studies(library)] == [3]
    finally:
        folder.chmod(0o755)
