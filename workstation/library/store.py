"""The index: one SQLite file, many readers, one writer; what it says can always be found again in the files."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

from workstation import log
from workstation.errors import WorkstationError
from workstation.library.schema import migrate

INDEX: Final = "index.sqlite"
FILES: Final = "files"
PATIENCE: Final = 30.0
"""Seconds to wait for another window that is writing."""
_LOG = log.get("library")

T = TypeVar("T")


class LibraryError(WorkstationError):
    """The library cannot do what was asked; the sentence says why and what still works."""

    code = "library"


class Library:
    """A folder with an index and the files that were copied into it.

    Any thread may read and write; writes follow one another, also those of other windows on the same folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.damaged: Path | None = None
        """Where an index that could not be used was put aside; the new one is empty until it is rebuilt."""
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._writing = threading.RLock()
        self._writer: sqlite3.Connection | None = None

    @property
    def index(self) -> Path:
        """The index file."""
        return self.folder / INDEX

    @property
    def files(self) -> Path:
        """Folder of the files that were copied."""
        return self.folder / FILES

    def open(self) -> Library:
        """Make what is missing, check the index, bring it up to date.

        An index that is damaged is put aside, never deleted, and an empty one takes its place.

        Raises
        ------
        LibraryError, LibraryIsNewer
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._refused(error) from error
        with self._writing:
            try:
                self._writer = self._usable()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise self._refused(error) from error
                _LOG.warning("the index is damaged and was put aside: %s", type(error).__name__)
                self._put_aside()
                self._writer = self._usable()
        return self

    def close(self) -> None:
        """Close every connection; readers of other threads must be done."""
        with self._guard:
            readers, self._readers = self._readers, []
            self._local = threading.local()
        with self._writing:
            for connection in (*readers, *([self._writer] if self._writer is not None else ())):
                connection.close()
            self._writer = None

    def __enter__(self) -> Library:
        return self.open()

    def __exit__(self, *_: object) -> None:
        self.close()

    def reader(self) -> sqlite3.Connection:
        """Return this thread's connection for queries.

        Raises
        ------
        LibraryError
        """
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            try:
                found = self._connected()
                found.execute("PRAGMA query_only = 1")
            except sqlite3.Error as error:
                raise self._refused(error) from error
            self._local.connection = found
            with self._guard:
                self._readers.append(found)
        return found

    def query(self, sql: str, values: tuple[object, ...] = ()) -> list[sqlite3.Row]:
        """Return all rows of a query.

        Raises
        ------
        LibraryError
        """
        try:
            return self.reader().execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self._refused(error) from error

    def write(self, change: Callable[[sqlite3.Connection], T]) -> T:
        """Run a change as one transaction: all of it or nothing.

        Raises
        ------
        LibraryError
            When the disk is full, read-only or gone, or another program holds the index too long; nothing was changed.
        """
        with self._changing() as connection:
            return change(connection)

    @contextlib.contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        with self._writing:
            connection = self._writer
            if connection is None:
                raise LibraryError("The library is closed.")
            try:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                    connection.execute("COMMIT")
                finally:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
            except sqlite3.Error as error:
                raise self._refused(error) from error

    def _usable(self) -> sqlite3.Connection:
        connection = self._connected()
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            migrate(connection)
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if verdict != "ok":
                raise sqlite3.DatabaseError(verdict)
        except BaseException:
            connection.close()
            raise
        return connection

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.index, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = 1")
        return connection

    def _put_aside(self) -> None:
        stamp = time.strftime("%Y%m%d-%H%M%S")
        self.damaged = self.folder / f"{INDEX}.damaged-{stamp}"
        for ending in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.replace(f"{self.index}{ending}", f"{self.damaged}{ending}")

    def _refused(self, error: Exception) -> LibraryError:
        return LibraryError(f"The library cannot be used ({reason_of(error)}). Files can still be opened without it.")


def reason_of(error: Exception) -> str:
    """Return in a few words why the system or SQLite refused."""
    if isinstance(error, OSError):
        return error.strerror or "the system refused"
    code = getattr(error, "sqlite_errorname", "")
    known = {
        "SQLITE_FULL": "the disk is full",
        "SQLITE_READONLY": "its folder is read-only",
        "SQLITE_CANTOPEN": "its file cannot be opened",
        "SQLITE_BUSY": "another program is writing to it",
        "SQLITE_LOCKED": "another program is writing to it",
        "SQLITE_IOERR": "the disk does not answer",
    }
    return next((text for name, text in known.items() if code.startswith(name)), "its index does not answer")
