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
from workstation.library.opening import ReadOnlyIndex, connected, is_unwritable, reason_of, to_write, why_locked

__all__ = ["FILES", "INDEX", "Library", "LibraryError", "reason_of"]

INDEX: Final = "index.sqlite"
FILES: Final = "files"
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
        self.read_only = ""
        """Why nothing can be written, "" where it can; studies are found and opened all the same."""
        self._locked: ReadOnlyIndex | None = None
        self._unlocked: list[ReadOnlyIndex] = []
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

        An index that is damaged is put aside, never deleted, and an empty one takes its place. One that cannot be
        written, on a disc or a full one, is opened to be read: ``read_only`` says why.

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
                self._writer = to_write(self.index)
            except sqlite3.OperationalError as error:
                self._read_only(error)
            except sqlite3.DatabaseError as error:
                _LOG.warning("the index is damaged and was put aside: %s", type(error).__name__)
                self._start_anew()
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
            for locked in (*self._unlocked, *([self._locked] if self._locked is not None else ())):
                locked.close()
            self._unlocked, self._locked, self.read_only = [], None, ""

    def demand_writable(self) -> None:
        """Refuse at once what would be refused later; where writing has become possible, it is from now on.

        Raises
        ------
        LibraryError
        """
        with self._writing:
            if self._locked is None:
                return
            try:
                self._writer = to_write(self.index)
            except sqlite3.Error as error:
                raise LibraryError(
                    f"The library cannot be changed ({self.read_only}). Its studies can still be found and opened."
                ) from error
            with self._guard:
                self._local = threading.local()  # what was opened to read only does not see what is written now
            self._unlocked.append(self._locked)  # other threads may be reading it
            self._locked, self.read_only = None, ""

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
                locked = self._locked
                found = connected(str(self.index) if locked is None else locked.name)
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
        return self.read(lambda connection: connection.execute(sql, values).fetchall())

    def read(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Ask several things on this thread's connection.

        Raises
        ------
        LibraryError
        """
        try:
            return question(self.reader())
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
            self.demand_writable()
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

    def _read_only(self, error: sqlite3.OperationalError) -> None:
        if not is_unwritable(error) or not self.index.is_file():
            raise self._refused(error) from error
        try:
            self._locked = ReadOnlyIndex(self.index)
        except (sqlite3.Error, OSError) as second:
            raise self._refused(error) from second
        self.read_only = why_locked(error)
        _LOG.warning("the index is read only: %s", self.read_only)

    def _start_anew(self) -> None:
        try:
            self._put_aside()
            self._writer = to_write(self.index)
        except (sqlite3.Error, OSError) as error:
            raise self._refused(error) from error

    def _put_aside(self) -> None:
        stamp = time.strftime("%Y%m%d-%H%M%S")
        self.damaged = self.folder / f"{INDEX}.damaged-{stamp}"
        for ending in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.replace(f"{self.index}{ending}", f"{self.damaged}{ending}")

    def _refused(self, error: Exception) -> LibraryError:
        return LibraryError(f"The library cannot be used ({reason_of(error)}). Files can still be opened without it.")
