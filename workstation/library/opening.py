"""Connections to an index: to write where that can be, else only to read, also from a disc or a locked folder."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Final

from workstation.library.folding import folded
from workstation.library.schema import MIGRATIONS, migrate, version_of

PATIENCE: Final = 30.0
"""Seconds to wait for another window that is writing."""
_PAUSE: Final = 0.02
_BUSY: Final = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")
_UNWRITABLE: Final = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_IOERR")
_REASONS: Final = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_READONLY": "its folder is read-only",
    "SQLITE_CANTOPEN": "its file cannot be opened",
    "SQLITE_BUSY": "another program is writing to it",
    "SQLITE_LOCKED": "another program is writing to it",
    "SQLITE_IOERR": "the disk does not answer",
}


def to_write(index: Path) -> sqlite3.Connection:
    """Return a connection to an index that is up to date; it is made where it is missing.

    Raises
    ------
    sqlite3.Error
        ``DatabaseError`` itself for an index that is damaged.
    LibraryIsNewer
    """
    connection = connected(str(index))
    try:
        _patiently(connection, "PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        migrate(connection)
        _check(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def connected(name: str) -> sqlite3.Connection:
    """Return a connection to a file or to a ``file:`` URI, which any thread may use."""
    connection = sqlite3.connect(
        name, timeout=PATIENCE, isolation_level=None, check_same_thread=False, uri=name.startswith("file:")
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = 1")
    connection.create_function("folded", 1, folded, deterministic=True)
    return connection


def _patiently(connection: sqlite3.Connection, sql: str) -> None:
    """Run what SQLite refuses at once, without waiting, while another window does the same."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute(sql).fetchall()
        except sqlite3.OperationalError as error:
            if not _name(error).startswith(_BUSY) or time.monotonic() > end:
                raise
            time.sleep(_PAUSE)
        else:
            return


def _check(connection: sqlite3.Connection) -> None:
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)


class ReadOnlyIndex:
    """An index where nothing can be written: found out how it can be read, and kept until closed.

    Raises
    ------
    sqlite3.Error, OSError
        When it cannot be read either.
    LibraryIsNewer
    """

    def __init__(self, index: Path) -> None:
        self._copy: tempfile.TemporaryDirectory[str] | None = None
        self.name = f"{index.absolute().as_uri()}?mode=ro"
        try:
            self._try()
        except sqlite3.OperationalError:
            self.name = self._other_way(index)
            try:
                self._try()
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Remove what was copied to be read; connections must be closed."""
        if self._copy is not None:
            with contextlib.suppress(OSError):
                self._copy.cleanup()

    def _other_way(self, index: Path) -> str:
        """Return a name by which SQLite asks for no lock: changes that a crash left beside the index count as well."""
        log = Path(f"{index}-wal")
        if not log.exists() or not log.stat().st_size:
            return f"{index.absolute().as_uri()}?mode=ro&immutable=1"
        self._copy = tempfile.TemporaryDirectory(prefix="workstation-index-")
        for path in (index, log):
            shutil.copyfile(path, Path(self._copy.name) / path.name)
        return (Path(self._copy.name) / index.name).as_uri()

    def _try(self) -> None:
        with contextlib.closing(connected(self.name)) as connection:
            if version_of(connection) < len(MIGRATIONS):
                raise sqlite3.OperationalError("an older index that cannot be brought up to date")
            _check(connection)


def is_unwritable(error: sqlite3.Error) -> bool:
    """Tell whether an index that cannot be written might still be read."""
    return _name(error).startswith(_UNWRITABLE)


def reason_of(error: Exception) -> str:
    """Return in a few words why the system or SQLite refused."""
    if isinstance(error, OSError):
        return error.strerror or "the system refused"
    code = _name(error)
    return next((text for name, text in _REASONS.items() if code.startswith(name)), "its index does not answer")


def why_locked(error: sqlite3.Error) -> str:
    """Return why an index that can be read cannot be written: no file can be made beside it is all SQLite says."""
    return _REASONS["SQLITE_READONLY"] if _name(error).startswith("SQLITE_CANTOPEN") else reason_of(error)


def _name(error: Exception) -> str:
    return str(getattr(error, "sqlite_errorname", ""))
