"""A watched folder hands over files that nobody writes to any more (features A15)."""

from __future__ import annotations

from pathlib import Path

from workstation.library.watching import Watcher


def test_a_file_is_handed_over_once_it_has_stopped_growing(tmp_path: Path) -> None:
    watcher = Watcher()
    watcher.watch([str(tmp_path)])
    file = tmp_path / "sub" / "a"
    file.parent.mkdir()
    file.write_bytes(b"x")
    assert watcher.settled() == []
    file.write_bytes(b"xy")
    assert watcher.settled() == []
    assert [str(file)] == watcher.settled()
    assert watcher.settled() == []


def test_a_file_that_was_written_anew_is_handed_over_again(tmp_path: Path) -> None:
    watcher = Watcher()
    watcher.watch([str(tmp_path)])
    file = tmp_path / "a"
    file.write_bytes(b"x")
    watcher.settled(), watcher.settled()
    file.write_bytes(b"other")
    watcher.settled()
    assert [str(file)] == watcher.settled()


def test_a_folder_that_vanished_and_links_are_passed_over(tmp_path: Path) -> None:
    watcher = Watcher()
    watcher.watch([str(tmp_path / "gone"), str(tmp_path)])
    (tmp_path / "link").symlink_to("/etc")
    watcher.settled()
    assert watcher.settled() == []
