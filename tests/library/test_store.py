"""The index: made when missing, brought up to date, put aside when damaged; a change is whole or not at all."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from workstation.library import schema
from workstation.library.schema import MIGRATIONS, LibraryIsNewer, migrate
from workstation.library.store import Library, LibraryError


def test_an_index_is_made_with_every_migration(library: Library) -> None:
    assert library.query("PRAGMA user_version")[0][0] == len(MIGRATIONS)
    assert library.query("PRAGMA journal_mode")[0][0] == "wal"
    assert library.query("PRAGMA foreign_keys")[0][0] == 1


def test_migrations_are_applied_once_and_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = sqlite3.connect(tmp_path / "index", isolation_level=None)
    assert migrate(connection) == len(MIGRATIONS)
    assert migrate(connection) == 0
    monkeypatch.setattr(schema, "MIGRATIONS", (*MIGRATIONS, ("CREATE TABLE more (id INTEGER)", "CREATE TABLE oops (")))
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection)
    assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'more'").fetchone() == (0,)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    connection.close()


def test_an_index_of_a_later_version_is_left_alone(library: Library) -> None:
    library.write(lambda connection: connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}"))
    with pytest.raises(LibraryIsNewer), Library(library.folder):
        pass
    assert library.index.exists()


def test_a_damaged_index_is_put_aside_and_an_empty_one_takes_its_place(tmp_path: Path) -> None:
    """Features B8: the index is disposable, and never the only copy of anything."""
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "index.sqlite").write_bytes(b"no database at all" * 100)
    with Library(folder) as library:
        assert library.damaged is not None
        assert library.damaged.read_bytes().startswith(b"no database")
        assert library.query("SELECT count(*) FROM studies")[0][0] == 0


def test_a_change_that_fails_changes_nothing(library: Library) -> None:
    def change(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO patients (key, patient_id, name, birth_date, sex) VALUES ('k', '', '', '', '')")
        raise KeyError

    with pytest.raises(KeyError):
        library.write(change)
    assert library.query("SELECT count(*) FROM patients")[0][0] == 0


def test_readers_cannot_write(library: Library) -> None:
    with pytest.raises(LibraryError):
        library.query("DELETE FROM studies")


def test_threads_and_windows_write_one_after_the_other(library: Library) -> None:
    """Two windows on one library: nothing is lost."""
    sql = "INSERT INTO patients (key, patient_id, name, birth_date, sex) VALUES (?, '', '', '', '')"

    def fill(which: Library, name: str) -> None:
        for number in range(50):
            which.write(lambda connection, key=f"{name}{number}": connection.execute(sql, (key,)))

    with Library(library.folder) as other:
        threads = [threading.Thread(target=fill, args=pair) for pair in ((library, "a"), (library, "b"), (other, "c"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert library.query("SELECT count(*) FROM patients")[0][0] == 150


@pytest.mark.parametrize("code", ["SQLITE_FULL", "SQLITE_READONLY", "SQLITE_BUSY", "SQLITE_IOERR_READ", "SQLITE_WHAT"])
def test_a_refusal_is_a_sentence(library: Library, code: str) -> None:
    error = sqlite3.OperationalError("x")
    error.sqlite_errorname = code  # type: ignore[misc]

    def change(connection: sqlite3.Connection) -> None:
        raise error

    with pytest.raises(
        LibraryError, match=r"The library cannot be used \(.+\)\. Files can still be opened without it\."
    ):
        library.write(change)


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LibraryError, match="cannot be used"):
        Library(tmp_path / "file" / "library").open()
