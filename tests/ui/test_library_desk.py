"""What the window hears from the library when things go wrong: sentences, and whatever still works."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.library.conditions import many
from workstation.library import store
from workstation.library.importer import import_paths
from workstation.library.search import StudyQuery, studies
from workstation.library.store import Library
from workstation.ui.library_desk import LibraryDesk


class Heard:
    """Everything a desk said, in order."""

    def __init__(self, desk: LibraryDesk) -> None:
        self.said: list[str] = []
        self.located: list[list[str]] = []
        self.rows: list[object] = []
        desk.said.connect(lambda _level, text: self.said.append(text))
        desk.located.connect(self.located.append)
        desk.listed.connect(lambda rows, _count: self.rows.extend(rows))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return many(tmp_path / "stick", 3)


@pytest.fixture
def study(tmp_path: Path, source: Path) -> int:
    with Library(tmp_path / "library") as library:
        list(import_paths(library, [source], copy=False))
        return studies(library)[0].id


@pytest.fixture
def desk(tmp_path: Path, study: int, qtbot) -> Iterator[LibraryDesk]:
    made = LibraryDesk(tmp_path / "library")
    yield made
    made.close()


def test_what_is_gone_is_counted_and_the_rest_is_opened(desk: LibraryDesk, source: Path, study: int, qtbot) -> None:
    heard = Heard(desk)
    (source / "0002.dcm").unlink()
    desk.locate([study])
    qtbot.waitUntil(lambda: heard.located != [], timeout=5000)
    assert heard.located == [[str(source / "0001.dcm"), str(source / "0003.dcm")]]
    assert heard.said == [
        f"1 of 3 files are not where they were: {source}. The others are opened. "
        "Put the disc or stick back, or add them again from where they are now."
    ]


def test_a_stick_that_is_gone_opens_nothing_and_all_when_it_is_back(
    desk: LibraryDesk, source: Path, study: int, qtbot
) -> None:
    heard = Heard(desk)
    away = source.rename(source.with_name("away"))
    desk.locate([study])
    qtbot.waitUntil(lambda: heard.located == [[]], timeout=5000)
    assert heard.said[0].startswith(f"3 of 3 files are not where they were: {source}. Put the disc")
    away.rename(source)
    desk.locate([study])
    qtbot.waitUntil(lambda: len(heard.located) == 2, timeout=5000)
    assert (len(heard.located[1]), len(heard.said)) == (3, 1)


def test_a_locked_library_says_so_once_and_opens_what_it_lists(
    desk: LibraryDesk, study: int, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> sqlite3.Connection:
        error = sqlite3.OperationalError()
        error.sqlite_errorname = "SQLITE_READONLY"  # type: ignore[misc]
        raise error

    monkeypatch.setattr(store, "to_write", refuse)
    heard = Heard(desk)
    desk.ask(StudyQuery())
    desk.locate([study])
    qtbot.waitUntil(lambda: heard.located != [] and heard.rows != [], timeout=5000)
    assert len(heard.located[0]) == 3
    assert heard.said == [
        "Nothing can be written to the library (its folder is read-only): studies are found and opened, "
        "nothing is added."
    ]


def test_a_study_opens_where_it_cannot_be_remembered_that_it_was(
    desk: LibraryDesk, study: int, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full by now keeps nobody from looking."""

    def refuse(*_: object) -> None:
        raise store.LibraryError("The disk is full.")

    monkeypatch.setattr("workstation.library.marks.opened", refuse)
    heard = Heard(desk)
    desk.locate([study])
    qtbot.waitUntil(lambda: heard.located != [], timeout=5000)
    assert len(heard.located[0]) == 3
