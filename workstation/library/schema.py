"""Tables of the library's index, as numbered migrations; each is applied once, whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from workstation.errors import WorkstationError

if TYPE_CHECKING:
    from sqlite3 import Connection

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (
    (
        """CREATE TABLE patients (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            patient_id TEXT NOT NULL,
            name TEXT NOT NULL,
            birth_date TEXT NOT NULL,
            sex TEXT NOT NULL,
            declared_studies INTEGER,
            declared_series INTEGER,
            declared_instances INTEGER)""",
        """CREATE TABLE studies (
            id INTEGER PRIMARY KEY,
            patient INTEGER NOT NULL REFERENCES patients ON DELETE CASCADE,
            uid TEXT NOT NULL,
            date TEXT NOT NULL,
            time TEXT NOT NULL,
            description TEXT NOT NULL,
            accession TEXT NOT NULL,
            study_id TEXT NOT NULL,
            age TEXT NOT NULL,
            institution TEXT NOT NULL,
            modalities TEXT NOT NULL DEFAULT '',
            series_count INTEGER NOT NULL DEFAULT 0,
            instance_count INTEGER NOT NULL DEFAULT 0,
            declared_series INTEGER,
            declared_instances INTEGER,
            added REAL NOT NULL,
            opened REAL,
            status TEXT NOT NULL DEFAULT '',
            comment TEXT NOT NULL DEFAULT '',
            binned REAL,
            folded TEXT NOT NULL DEFAULT '',
            UNIQUE (patient, uid))""",
        "CREATE INDEX studies_by_date ON studies (date, time)",
        """CREATE TABLE series (
            id INTEGER PRIMARY KEY,
            study INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE,
            uid TEXT NOT NULL,
            number INTEGER,
            modality TEXT NOT NULL,
            description TEXT NOT NULL,
            body_part TEXT NOT NULL,
            date TEXT NOT NULL,
            time TEXT NOT NULL,
            instance_count INTEGER NOT NULL DEFAULT 0,
            frame_count INTEGER NOT NULL DEFAULT 0,
            declared_instances INTEGER,
            UNIQUE (study, uid))""",
        """CREATE TABLE files (
            id INTEGER PRIMARY KEY,
            path BLOB NOT NULL,
            member TEXT NOT NULL DEFAULT '',
            linked INTEGER NOT NULL,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            UNIQUE (path, member))""",
        """CREATE TABLE instances (
            id INTEGER PRIMARY KEY,
            series INTEGER NOT NULL REFERENCES series ON DELETE CASCADE,
            file INTEGER NOT NULL REFERENCES files ON DELETE CASCADE,
            uid TEXT NOT NULL UNIQUE,
            original_uid TEXT,
            sop_class TEXT NOT NULL,
            transfer_syntax TEXT NOT NULL,
            number INTEGER,
            frames INTEGER NOT NULL,
            rows INTEGER NOT NULL,
            columns INTEGER NOT NULL,
            has_pixels INTEGER NOT NULL)""",
        "CREATE INDEX instances_by_series ON instances (series)",
        "CREATE INDEX instances_by_file ON instances (file)",
        """CREATE TABLE quarantine (
            path BLOB NOT NULL,
            member TEXT NOT NULL DEFAULT '',
            crashes INTEGER NOT NULL,
            since REAL NOT NULL,
            PRIMARY KEY (path, member)) WITHOUT ROWID""",
        """CREATE VIRTUAL TABLE study_text USING fts5 (
            folded, content='studies', content_rowid='id', tokenize='trigram')""",
        """CREATE TRIGGER study_text_added AFTER INSERT ON studies BEGIN
            INSERT INTO study_text (rowid, folded) VALUES (new.id, new.folded); END""",
        """CREATE TRIGGER study_text_removed AFTER DELETE ON studies BEGIN
            INSERT INTO study_text (study_text, rowid, folded) VALUES ('delete', old.id, old.folded); END""",
        """CREATE TRIGGER study_text_changed AFTER UPDATE OF folded ON studies WHEN old.folded <> new.folded BEGIN
            INSERT INTO study_text (study_text, rowid, folded) VALUES ('delete', old.id, old.folded);
            INSERT INTO study_text (rowid, folded) VALUES (new.id, new.folded); END""",
    ),
    (
        "ALTER TABLE studies ADD COLUMN declared_classes TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE studies ADD COLUMN gaps INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE series ADD COLUMN gaps INTEGER NOT NULL DEFAULT 0",
        """CREATE TABLE stacks (
            id INTEGER PRIMARY KEY,
            series INTEGER NOT NULL REFERENCES series ON DELETE CASCADE,
            place INTEGER NOT NULL,
            of_instances INTEGER NOT NULL,
            kind TEXT NOT NULL,
            label TEXT NOT NULL,
            reason TEXT NOT NULL,
            frames INTEGER NOT NULL,
            picture BLOB,
            UNIQUE (series, place))""",
    ),
    ("CREATE INDEX instances_by_original ON instances (original_uid) WHERE original_uid IS NOT NULL",),
)
"""Append, never change: an index somewhere has run them already."""


class LibraryIsNewer(WorkstationError):
    """The index was written by a later version of the program."""

    code = "library_newer"


def version_of(connection: Connection) -> int:
    """Return how many migrations an index has seen.

    Raises
    ------
    LibraryIsNewer
        The index knows more than this version does; it is left alone.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise LibraryIsNewer("The library was used by a newer version of this program; please update this one.")
    return version


def migrate(connection: Connection) -> int:
    """Bring an index up to date; return how many migrations were applied.

    ``connection`` must be in autocommit mode. Other programs that open the same index wait meanwhile.

    Raises
    ------
    LibraryIsNewer
        The index knows more than this version does; it is left alone.
    """
    applied = 0
    while True:
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = version_of(connection)
            if version == len(MIGRATIONS):
                return applied
            for statement in MIGRATIONS[version]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
            applied += 1
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
