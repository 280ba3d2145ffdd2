"""Instances into the tables of the index, and what the upper levels count of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workstation.library import facts
from workstation.library.folding import document

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from sqlite3 import Connection

    from workstation.dicom.identity import Instance


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
    ON CONFLICT (path, member) DO UPDATE SET size = excluded.size, mtime_ns = excluded.mtime_ns RETURNING id"""
_INSTANCE: Final = f"""INSERT INTO instances (series, file, {", ".join(facts.INSTANCE)})
    VALUES ({", ".join("?" * (2 + len(facts.INSTANCE)))}) ON CONFLICT (uid) DO NOTHING"""


class Entries:
    """Adds instances on one connection, inside the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._ids: dict[tuple[Any, ...], int] = {}

    def add(self, entries: Iterable[Entry], now: float) -> set[int]:
        """Write entries; return the ids of the studies they belong to, whose counts and text are true again."""
        touched: dict[int, set[int]] = {}
        rows: list[tuple[Any, ...]] = []
        for entry in entries:
            row = facts.row_of(entry.instance)
            patient = self._id(_PATIENT, row.patient)
            study = self._id(_STUDY, (patient, now, *row.study), known=(patient, *row.study))
            series = self._id(_SERIES, (study, *row.series))
            touched.setdefault(study, set()).add(series)
            place = (entry.path, entry.member, int(entry.linked), entry.size, entry.mtime_ns)
            (file,) = self._connection.execute(_FILE, place).fetchone()
            rows.append((series, file, *row.instance))
        self._connection.executemany(_INSTANCE, rows)
        for study, series_ids in touched.items():
            count_series(self._connection, series_ids)
            count_study(self._connection, study)
        return set(touched)

    def _id(self, sql: str, values: tuple[Any, ...], known: tuple[Any, ...] | None = None) -> int:
        key = (sql, *(known or values))
        found = self._ids.get(key)
        if found is None:
            (found,) = self._connection.execute(sql, values).fetchone()
            self._ids[key] = found
        return found


def count_series(connection: Connection, series: Iterable[int]) -> None:
    """Count the instances and frames of some series anew, and the numbers that are left out between them.

    Numbers tell something only where every instance has one of its own.
    """
    connection.executemany(
        """UPDATE series SET (instance_count, frame_count, gaps) =
            (SELECT count(*), coalesce(sum(frames), 0),
                CASE WHEN count(number) = count(*) AND count(DISTINCT number) = count(*)
                THEN max(number) - min(number) + 1 - count(*) ELSE 0 END
             FROM instances WHERE series = series.id) WHERE id = ?""",
        [(one,) for one in series],
    )


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
