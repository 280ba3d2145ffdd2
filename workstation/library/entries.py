"""Instances into the tables of the index, and what the upper levels count of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workstation.dicom.numbering import numbering
from workstation.library import facts
from workstation.library.folding import document

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from sqlite3 import Connection

    from workstation.dicom.identity import Instance
    from workstation.library.known import Place


@dataclass(frozen=True, slots=True)
class Entry:
    """One instance and where its file lies: an absolute path where ``linked``, else one inside the library."""

    instance: Instance
    path: bytes
    member: str
    linked: bool
    size: int
    mtime_ns: int


def _insert(table: str, names: Sequence[str], unique: Sequence[str]) -> str:
    """Return an upsert: what is there already keeps its values where the newcomer says nothing."""
    changed = [name for name in names if name not in unique]
    updates = ", ".join(f"{name} = CASE WHEN {_empty(name)} THEN excluded.{name} ELSE {name} END" for name in changed)
    marks = ", ".join("?" * len(names))
    return (
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks}) "
        f"ON CONFLICT ({', '.join(unique)}) DO UPDATE SET {updates} RETURNING id"
    )


def _empty(name: str) -> str:
    return f"{name} IS NULL OR {name} = ''"


_PATIENT: Final = _insert("patients", facts.PATIENT, ("key",))
_STUDY: Final = _insert("studies", ("patient", "added", *facts.STUDY), ("patient", "uid"))
_SERIES: Final = _insert("series", ("study", *facts.SERIES), ("study", "uid"))
_FILE: Final = """INSERT INTO files (path, member, linked, size, mtime_ns) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING RETURNING id"""
_RELINK: Final = "UPDATE files SET path = ?, member = ?, linked = ?, size = ?, mtime_ns = ? WHERE id = ?"
_AT: Final = """SELECT files.id, series FROM files LEFT JOIN instances ON file = files.id
    WHERE path = ? AND member = ?"""
_INSTANCE: Final = f"""INSERT INTO instances (series, file, {", ".join(facts.INSTANCE)})
    VALUES ({", ".join("?" * (2 + len(facts.INSTANCE)))}) ON CONFLICT (uid) DO NOTHING"""


class Entries:
    """Adds instances on one connection, inside the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._ids: dict[tuple[Any, ...], int] = {}
        self.dropped = False
        """Whether a study went because all of its files hold something else by now."""

    def add(self, entries: Iterable[Entry], now: float) -> set[int]:
        """Write entries; return the ids of the studies they belong to, whose counts and text are true again.

        What the index had under the same paths was true of a file that has been replaced, and goes.
        """
        entries = list(entries)
        files = [self._connection.execute(_FILE, _place(entry)).fetchone() for entry in entries]
        taken = [at for at, row in enumerate(files) if row is None]
        touched = self._make_room([entries[at] for at in taken])
        for at in taken:
            files[at] = self._connection.execute(_FILE, _place(entries[at])).fetchone()
        rows: list[tuple[Any, ...]] = []
        for entry, (file,) in zip(entries, files, strict=True):
            row = facts.row_of(entry.instance)
            patient = self._id(_PATIENT, row.patient)
            study = self._id(_STUDY, (patient, now, *row.study), known=(patient, *row.study))
            series = self._id(_SERIES, (study, *row.series))
            touched.setdefault(study, set()).add(series)
            rows.append((series, file, *row.instance))
        self._connection.executemany(_INSTANCE, rows)
        for study, series_ids in touched.items():
            count_series(self._connection, series_ids)
            count_study(self._connection, study)
        return set(touched)

    def relink(self, moved: Iterable[tuple[Place, Entry]]) -> None:
        """Say where files lie that have moved; what is known of them stays (E17)."""
        moved = list(moved)
        # out of each other's way: files may have taken one another's names
        self._connection.executemany(
            "UPDATE files SET path = ? WHERE id = ?", [(b"\0%d" % place.file, place.file) for place, _ in moved]
        )
        for study, series_ids in self._make_room([entry for _, entry in moved]).items():
            count_series(self._connection, series_ids)
            count_study(self._connection, study)
        self._connection.executemany(_RELINK, [(*_place(entry), place.file) for place, entry in moved])

    def _make_room(self, entries: Iterable[Entry]) -> dict[int, set[int]]:
        """Take out what lies under some paths; return the series that lost an instance and are left, by study."""
        lost: set[int] = set()
        for entry in entries:
            for file, series in self._connection.execute(_AT, (entry.path, entry.member)).fetchall():
                self._connection.execute("DELETE FROM files WHERE id = ?", (file,))
                lost |= {series} - {None}
        left: dict[int, set[int]] = {}
        for series in lost:
            (study,) = self._connection.execute("SELECT study FROM series WHERE id = ?", (series,)).fetchone()
            if not self._drop("series", series, "instances"):
                left.setdefault(study, set()).add(series)
            elif self._drop("studies", study, "series"):
                self.dropped = True
            else:
                left.setdefault(study, set())
        if self.dropped:
            self._connection.execute("DELETE FROM patients WHERE id NOT IN (SELECT patient FROM studies)")
            left = {study: series for study, series in left.items() if self._is_there(study)}
        return left

    def _drop(self, table: str, row: int, below: str) -> bool:
        """Delete a row that nothing belongs to any more."""
        parent = {"series": "series", "studies": "study"}[table]
        sql = f"DELETE FROM {table} WHERE id = ? AND NOT EXISTS (SELECT 1 FROM {below} WHERE {parent} = ?)"
        return self._connection.execute(sql, (row, row)).rowcount > 0

    def _is_there(self, study: int) -> bool:
        return self._connection.execute("SELECT 1 FROM studies WHERE id = ?", (study,)).fetchone() is not None

    def _id(self, sql: str, values: tuple[Any, ...], known: tuple[Any, ...] | None = None) -> int:
        key = (sql, *(known or values))
        found = self._ids.get(key)
        if found is None:
            (found,) = self._connection.execute(sql, values).fetchone()
            self._ids[key] = found
        return found


def _place(entry: Entry) -> tuple[bytes, str, int, int, int]:
    return entry.path, entry.member, int(entry.linked), entry.size, entry.mtime_ns


def count_series(connection: Connection, series: Iterable[int]) -> None:
    """Count the instances and frames of some series anew, and the numbers that are left out between them.

    Numbers tell something only where every instance has one of its own.
    """
    chosen = list(series)
    connection.executemany(
        """UPDATE series SET (instance_count, frame_count, gaps) =
            (SELECT count(*), coalesce(sum(frames), 0),
                CASE WHEN count(number) = count(*) AND count(DISTINCT number) = count(*)
                THEN max(number) - min(number) + 1 - count(*) ELSE 0 END
             FROM instances WHERE series = series.id) WHERE id = ?""",
        [(one,) for one in chosen],
    )
    for one in chosen:
        (gaps,) = connection.execute("SELECT gaps FROM series WHERE id = ?", (one,)).fetchone()
        if gaps:
            rows = connection.execute(
                "SELECT number FROM instances WHERE series = ? ORDER BY number", (one,)
            ).fetchall()
            told = numbering([int(row[0]) for row in rows])
            missing = told.said - len(rows) if told is not None else 0
            connection.execute("UPDATE series SET gaps = ? WHERE id = ?", (missing, one))


def count_study(connection: Connection, study: int) -> None:
    """Count a study's series and instances anew, and gather the text it is found by."""
    rows = connection.execute(
        "SELECT modality, description, body_part, instance_count, gaps FROM series WHERE study = ? ORDER BY number, id",
        (study,),
    ).fetchall()
    modalities = "\\".join(dict.fromkeys(row["modality"] for row in rows if row["modality"]))
    (own,) = connection.execute(
        """SELECT name, patient_id, birth_date, studies.description, accession, study_id, institution, comment, date,
           uid FROM studies JOIN patients ON patients.id = patient WHERE studies.id = ?""",
        (study,),
    )
    words = [*map(str, own), modalities, *(row["description"] for row in rows), *(row["body_part"] for row in rows)]
    connection.execute(
        "UPDATE studies SET modalities = ?, series_count = ?, instance_count = ?, gaps = ?, folded = ? WHERE id = ?",
        (
            modalities,
            len(rows),
            sum(row["instance_count"] for row in rows),
            sum(row["gaps"] for row in rows),
            document(words),
            study,
        ),
    )
