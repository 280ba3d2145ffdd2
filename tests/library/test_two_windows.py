"""Two programs on one library: both finish, everything is there once, and nobody hears of a lock."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from sqlite3 import Connection

import pytest

from tests.library.conditions import assert_sound, bytes_of, command, content, many, run
from workstation.library import archive, batches
from workstation.library import rebuild as rebuilding
from workstation.library.batches import ImportReport
from workstation.library.importer import import_paths
from workstation.library.records import Records
from workstation.library.search import StudyQuery, studies, totals
from workstation.library.store import Library

Write = Callable[..., Path]
SEARCH = """
import sys
from pathlib import Path
from workstation.library.records import Records
from workstation.library.search import StudyQuery, studies
from workstation.library.store import Library
print("ready", flush=True)
with Library(Path(sys.argv[1])) as library:
    seen = [0]
    while seen[-1] < int(sys.argv[2]):
        seen.append(sum(row.instance_count for row in studies(library, StudyQuery(text="jane"))))
        assert seen[-1] >= seen[-2], seen
print(len(seen))
"""


def at_once(*commands: list[str]) -> list[str]:
    """Run programs at the same time; return what each printed. None says anything but that."""
    running = [subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for words in commands]
    said = [program.communicate(timeout=60) for program in running]
    assert [(program.returncode, text[1]) for program, text in zip(running, said, strict=True)] == [(0, "")] * len(said)
    return [text[0] for text in said]


@pytest.mark.parametrize("how", [["--copy"], []])
def test_two_folders_at_once(tmp_path: Path, how: list[str]) -> None:
    """The library is made by whichever is first; the other waits for it."""
    one, two = many(tmp_path / "one", 80), many(tmp_path / "two", 80, root="1.9")
    folder = tmp_path / "library"
    at_once(*(command("add", source, *how, "--library", folder) for source in (one, two, one, two)))
    with Library(folder) as library:
        assert_sound(library)
        assert totals(library) == {"patients": 1, "studies": 2, "series": 2, "instances": 160}
        assert bytes_of(one).items() <= content(library).items()
        assert len(archive.stored(library.files)) == (160 if how else 0)


@pytest.mark.parametrize("how", [["--copy"], []])
def test_the_same_folder_at_once_is_there_once(tmp_path: Path, how: list[str]) -> None:
    source, folder = many(tmp_path / "source", 150), tmp_path / "library"
    said = at_once(*(command("add", source, *how, "--library", folder) for _ in range(3)))
    assert sum(int(text.split()[0]) for text in said) == 150
    with Library(folder) as library:
        assert_sound(library)
        assert content(library) == bytes_of(source)


def test_one_finds_what_the_other_has_added_so_far(tmp_path: Path) -> None:
    source, folder = many(tmp_path / "source", 300), tmp_path / "library"
    with Library(folder):
        pass
    search = [sys.executable, "-c", SEARCH, str(folder), "300"]
    _, said = at_once(command("add", source, "--copy", "--library", folder), search)
    assert int(said.split()[1]) > 2


def overtake(monkeypatch: pytest.MonkeyPatch, folder: Path, path: Path) -> None:
    """Have another window add a file after this one has judged its batch."""
    planned = batches._planned

    def late(*arguments: object) -> object:
        plan = planned(*arguments)  # type: ignore[arg-type]
        monkeypatch.setattr(batches, "_planned", planned)
        with Library(folder) as other:
            list(import_paths(other, [path], copy=False))
        return plan

    monkeypatch.setattr(batches, "_planned", late)


def added(library: Library, path: Path) -> ImportReport:
    return list(import_paths(library, [path], copy=False))[-1]


def test_a_file_another_window_adds_meanwhile_is_known(
    library: Library, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write()
    overtake(monkeypatch, library.folder, path)
    report = added(library, path)
    assert (report.added, report.known) == (0, 1)
    assert_sound(library)


def test_an_object_whose_uid_another_window_takes_meanwhile_is_kept_apart(
    library: Library, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E4: of two that share a UID none is lost, whoever writes first."""
    mine, theirs = write("mine"), write("theirs", SeriesDescription="other content")
    overtake(monkeypatch, library.folder, theirs)
    report = added(library, mine)
    assert (report.added, report.apart) == (1, [(str(mine), "1.2.3.1.1")])
    assert totals(library)["instances"] == 2
    assert_sound(library)


def test_a_search_in_one_window_sees_what_another_said(library: Library, write: Write) -> None:
    from workstation.library.marks import set_comment

    added(library, write())
    with Library(library.folder) as other:
        set_comment(other, studies(other)[0].id, "second look")
    assert len(studies(library, StudyQuery(text="second"))) == 1


@pytest.mark.parametrize("how", [["--copy"], []])
def test_a_rebuild_beside_an_import_loses_nothing(tmp_path: Path, how: list[str]) -> None:
    one, two = many(tmp_path / "one", 120), many(tmp_path / "two", 120, root="1.9")
    folder = tmp_path / "library"
    assert run("add", one, "--library", folder).returncode == 0
    words = [command("add", two, *how, "--library", folder), command("rebuild", "--library", folder)]
    running = [subprocess.Popen(one, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for one in words]
    assert [program.wait(timeout=60) for program in running] == [0, 0]
    with Library(folder) as library:
        assert_sound(library)
        assert totals(library) == {"patients": 1, "studies": 2, "series": 2, "instances": 240}


def test_what_another_window_links_as_the_index_is_emptied_is_found(
    library: Library, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write()
    emptied = rebuilding._emptied

    def late(connection: Connection) -> None:
        Records(library.folder).link([path])  # said before the index, by a window that is overtaken here
        emptied(connection)

    monkeypatch.setattr(rebuilding, "_emptied", late)
    assert list(rebuilding.rebuild(library))[-1].added == 1
