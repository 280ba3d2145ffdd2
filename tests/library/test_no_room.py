"""A disk that is full: a sentence, a library that still opens and is true, and the rest once there is room."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.library.conditions import SmallDisk, assert_sound, bytes_of, content, many, run, small_disk
from workstation.dicom.identity import Locator
from workstation.library import archive
from workstation.library.importer import import_paths
from workstation.library.reading import Reading, suspected, take_stock
from workstation.library.search import studies, totals
from workstation.library.store import Library, LibraryError


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", "16m") as made:
        yield made


def limited(size: int) -> Callable[[], None]:
    """Return what a new process runs to have no file grow beyond a size."""
    resource = pytest.importorskip("resource")
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_copies_that_find_no_room_are_told_and_come_later(disk: SmallDisk, tmp_path: Path) -> None:
    source, folder = many(tmp_path / "source", 40, pixels=400), disk.folder / "library"
    full = run("add", source, "--copy", "--library", folder)
    assert full.returncode == 1
    assert "could not be copied (No space left on device); it stays where it is." in full.stderr
    assert "What was added before stays" in full.stderr
    with Library(folder) as library:
        assert library.read_only == ""
        assert_sound(library)
        assert content(library).items() <= bytes_of(source).items()
        some = totals(library)["instances"]
        assert 0 < some < 40
        assert list(library.files.glob("*.part")) == []
    disk.make_room()
    rest = run("add", source, "--copy", "--library", folder)
    assert (rest.returncode, rest.stdout.split(",")[0]) == (0, f"{40 - some} added")
    with Library(folder) as library:
        assert_sound(library)
        assert content(library) == bytes_of(source)


def test_an_index_that_finds_no_room_is_told_and_stays_as_it_was(disk: SmallDisk, tmp_path: Path) -> None:
    first, source, folder = many(tmp_path / "first", 3, root="1.9"), many(tmp_path / "s", 600), disk.folder / "library"
    assert run("add", first, "--library", folder).returncode == 0
    disk.fill(spare=200_000)
    full = run("add", source, "--library", folder)
    assert full.returncode in (1, 2)
    assert "The library cannot be used (the disk is full). Files can still be opened without it." in full.stderr
    with Library(folder) as library:
        assert_sound(library)
        assert {f"1.9.1.{number}" for number in (1, 2, 3)} <= set(content(library))
    disk.make_room()
    assert run("add", source, "--library", folder).returncode == 0
    with Library(folder) as library:
        assert totals(library)["instances"] == 603


def test_studies_are_listed_from_a_disk_without_a_byte_to_spare(disk: SmallDisk, tmp_path: Path) -> None:
    source, folder = many(tmp_path / "source", 3), disk.folder / "library"
    assert run("add", source, "--library", folder).returncode == 0
    disk.fill()
    listed = run("list", "--library", folder)
    assert (listed.returncode, listed.stdout.count("3 instances")) == (0, 1)
    assert "nothing can be written here (the disk" in listed.stderr
    with Library(folder) as library:
        assert library.read_only
        with pytest.raises(LibraryError, match="cannot be changed"):
            list(import_paths(library, [source], copy=True))
        disk.make_room()
        assert list(import_paths(library, [many(tmp_path / "more", 2, root="1.9")], copy=True))[-1].added == 2
        assert (library.read_only, totals(library)["instances"]) == ("", 5)


@pytest.mark.skipif(os.name == "nt", reason="limits of a process are POSIX")
def test_a_file_that_may_not_grow_is_told_without_a_traceback(tmp_path: Path) -> None:
    """The same where nothing may be mounted: no file of the process grows beyond a limit."""
    source, folder = many(tmp_path / "source", 3, pixels=512), tmp_path / "library"
    small = many(tmp_path / "small", 3, root="1.9")
    assert run("add", small, "--copy", "--library", folder).returncode == 0
    full = run("add", source, "--copy", "--library", folder, before=limited(400_000))
    assert full.returncode == 2
    assert "could not be copied (File too large); it stays where it is." in full.stderr
    assert run("add", many(tmp_path / "s", 600), "--library", folder, before=limited(150_000)).returncode in (1, 2)
    with Library(folder) as library:
        assert_sound(library)
    assert run("add", source, "--copy", "--library", folder).stdout.startswith("3 added")


def no_room(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_what_was_copied_before_the_disk_was_full_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = many(tmp_path / "source", 5)
    with Library(tmp_path / "library") as library:
        with monkeypatch.context() as patch:
            patch.setattr(archive.os, "fsync", after(3, no_room))
            with pytest.raises(LibraryError, match="could not be copied"):
                list(import_paths(library, [source], copy=True))
        assert_sound(library)
        assert totals(library)["instances"] == 3
        assert list(import_paths(library, [source], copy=True))[-1].added == 2
        assert content(library) == bytes_of(source)


def after(times: int, then: Callable[..., None]) -> Callable[..., None]:
    """Return what does nothing so many times, and then something else."""
    left = [None] * times
    return lambda *arguments: left.pop() if left else then(*arguments)


def test_a_crash_that_cannot_be_noted_is_counted_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = many(tmp_path / "source", 1)
    (path,) = source.iterdir()
    with Library(tmp_path / "library") as library:
        list(import_paths(library, [source], copy=False))
        reading = Reading(library.folder)
        reading.note(Locator(str(path)))
        os.close(reading._descriptor)  # as if the program had ended

        def refuse(_: object) -> None:
            raise LibraryError("The disk is full.")

        with monkeypatch.context() as patch:
            patch.setattr(library, "write", refuse)
            assert take_stock(library) == []
            assert len(studies(library)) == 1
        take_stock(library)
        assert suspected(library) == {(os.fsencode(path), "")}
        assert list(library.folder.glob("reading-*")) == []


def test_files_are_read_where_it_cannot_be_noted_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = many(tmp_path / "source", 2)
    with Library(tmp_path / "library") as library:
        monkeypatch.setattr("workstation.library.reading.tempfile.mkstemp", lambda **_: no_room())
        assert list(import_paths(library, [source], copy=False))[-1].added == 2
