"""The study list: which studies there are, filtered and sorted, with what is known of each."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Final

from workstation.library.completeness import doubtful
from workstation.library.folding import words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from sqlite3 import Row

    from workstation.library.store import Library

TRIGRAM: Final = 3
"""Characters from which the full-text index finds a substring; shorter ones are looked for in every text."""
SORTS: Final = {
    "name": "patients.name COLLATE NOCASE",
    "patient_id": "patients.patient_id",
    "birth_date": "patients.birth_date",
    "sex": "patients.sex",
    "date": "studies.date {0}, studies.time",
    "description": "studies.description COLLATE NOCASE",
    "accession": "studies.accession",
    "modalities": "studies.modalities",
    "series": "studies.series_count",
    "instances": "studies.instance_count",
    "added": "studies.added",
    "opened": "studies.opened",
    "status": "studies.status",
    "comment": "studies.comment",
}
_COLUMNS: Final = """studies.id, studies.uid, patients.id AS patient, patients.name, patients.patient_id,
    patients.birth_date, patients.sex, studies.date, studies.time, studies.age, studies.description,
    studies.accession, studies.modalities, studies.series_count, studies.instance_count, studies.declared_series,
    studies.declared_instances, studies.added, studies.opened, studies.status, studies.comment, studies.binned,
    studies.gaps, studies.institution"""
_FILTERS: Final = {
    "name": "patients.name",
    "patient_id": "patients.patient_id",
    "description": "studies.description",
    "accession": "studies.accession",
    "comment": "studies.comment",
    "modalities": "studies.modalities",
}
"""What a column is looked for in; all of it is in the text a study is found by as well."""


@dataclass(frozen=True, slots=True)
class StudyQuery:
    """What is asked of the study list.

    ``text`` is looked for in everything, each word anywhere; ``columns`` in one column each. Dates are DA values,
    "" for no end; ``days`` asks for those from that many days before today on. ``modalities`` are those of which a
    study has at least one. ``opened`` asks for those that were opened at some time, ``binned`` for those in the bin.
    """

    text: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    modalities: tuple[str, ...] = ()
    first_date: str = ""
    last_date: str = ""
    days: int | None = None
    status: str | None = None
    opened: bool = False
    binned: bool = False
    sort: str = "date"
    descending: bool = True
    limit: int | None = None
    offset: int = 0


_KNOWN_LAST: Final = frozenset(SORTS) - {"series", "instances", "added", "opened"}
"""Texts: where they ascend, those that are empty come after all others."""
EVERYTHING: Final = StudyQuery()


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One line of the study list; counts are those of the library, ``declared`` those the headers speak of."""

    id: int
    uid: str
    patient: int
    name: str
    patient_id: str
    birth_date: str
    sex: str
    date: str
    time: str
    age: str
    description: str
    accession: str
    modalities: tuple[str, ...]
    series_count: int
    instance_count: int
    declared_series: int | None
    declared_instances: int | None
    added: float
    opened: float | None
    status: str
    comment: str
    binned: float | None
    gaps: int = 0
    institution: str = ""
    doubtful: bool = False
    """Whether any header speaks of something that is not here, or numbers are left out."""


_MODALITIES: Final = [one.name for one in fields(StudyRow)].index("modalities")


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """One series of a study, for the preview."""

    id: int
    uid: str
    number: int | None
    modality: str
    description: str
    body_part: str
    instance_count: int
    frame_count: int
    declared_instances: int | None


@dataclass(slots=True)
class _Where:
    conditions: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, condition: str, *values: Any) -> None:
        self.conditions.append(condition)
        self.values.extend(values)

    @property
    def sql(self) -> str:
        return " AND ".join(self.conditions)


def studies(library: Library, query: StudyQuery = EVERYTHING) -> list[StudyRow]:
    """Return the studies a query asks for, in its order; equal ones newest first.

    Raises
    ------
    LibraryError
    """
    where = _where(query)
    order = SORTS.get(query.sort, SORTS["date"])
    way = "DESC" if query.descending else "ASC"
    ranked = f"{order.format(way)} {way}, studies.id DESC"
    if query.sort in _KNOWN_LAST and not query.descending:
        ranked = f"{order.split()[0]} = '', {ranked}"
    bounds = (-1 if query.limit is None else query.limit, query.offset)
    rows = library.query(
        f"""SELECT {_COLUMNS} FROM studies JOIN patients ON patients.id = studies.patient
            WHERE {where.sql} ORDER BY {ranked} LIMIT ? OFFSET ?""",
        (*where.values, *bounds),
    )
    lacking = doubtful(library, [row[0] for row in rows])
    return [_study(row, row[0] in lacking) for row in rows]


def count(library: Library, query: StudyQuery = EVERYTHING) -> int:
    """Return how many studies a query finds, its limit aside."""
    where = _where(query)
    sql = f"SELECT count(*) FROM studies JOIN patients ON patients.id = studies.patient WHERE {where.sql}"
    return int(library.query(sql, tuple(where.values))[0][0])


def studies_by_uid(library: Library, uids: Sequence[str]) -> dict[str, StudyRow]:
    """Return the rows of studies by Study Instance UID, those in the bin and those that are not there left out."""
    rows: list[Row] = []
    for start in range(0, len(uids), 500):  # an SQL statement takes a bounded number of values
        some = tuple(uids[start : start + 500])
        rows += library.query(
            f"""SELECT {_COLUMNS} FROM studies JOIN patients ON patients.id = studies.patient
                WHERE studies.binned IS NULL AND studies.uid IN ({", ".join("?" * len(some))})""",
            some,
        )
    lacking = doubtful(library, [row[0] for row in rows])
    return {row["uid"]: _study(row, row[0] in lacking) for row in rows}


def series_of(library: Library, study: int) -> list[SeriesRow]:
    """Return a study's series by number."""
    rows = library.query(
        """SELECT id, uid, number, modality, description, body_part, instance_count, frame_count, declared_instances
           FROM series WHERE study = ? ORDER BY number IS NULL, number, date, time, uid""",
        (study,),
    )
    return [SeriesRow(*row) for row in rows]


def totals(library: Library) -> dict[str, int]:
    """Return how many patients, studies, series and instances there are, those in the bin left out."""
    (row,) = library.query(
        """SELECT count(DISTINCT patient) AS patients, count(*) AS studies,
           coalesce(sum(series_count), 0) AS series, coalesce(sum(instance_count), 0) AS instances
           FROM studies WHERE binned IS NULL"""
    )
    return {name: int(row[name]) for name in ("patients", "studies", "series", "instances")}


def modalities(library: Library, *, binned: bool = False) -> tuple[str, ...]:
    """Return every modality on the list or in the bin, in alphabetical order."""
    rows = library.query("SELECT DISTINCT modalities FROM studies WHERE (binned IS NOT NULL) = ?", (binned,))
    return tuple(sorted({part for row in rows for part in row[0].split("\\") if part}))


def _where(query: StudyQuery) -> _Where:
    where = _Where()
    where.add("studies.binned IS NOT NULL" if query.binned else "studies.binned IS NULL")
    columns = [(column, _words(text)) for column, text in query.columns]
    everywhere = _words(query.text)
    everywhere += [word for column, found in columns if column in _FILTERS for word in found]
    long = [word for word in dict.fromkeys(everywhere) if len(word) >= TRIGRAM]
    if long:
        where.add("studies.id IN (SELECT rowid FROM study_text WHERE study_text MATCH ?)", _match(long))
    for word in dict.fromkeys(everywhere):
        if len(word) < TRIGRAM:
            where.add("instr(studies.folded, ?) > 0", word)
    for column, found in columns:
        for word in found:
            if column in _FILTERS:
                where.add(f"instr(folded({_FILTERS[column]}), ?) > 0", word)
            elif column == "sex":
                where.add("instr(lower(patients.sex), ?) > 0", word)
    if query.first_date:
        where.add("studies.date >= ?", query.first_date)
    if query.days is not None:
        where.add("studies.date >= ?", day_before_today(query.days))
    if query.last_date:
        where.add("studies.date <> '' AND studies.date <= ?", query.last_date)
    if query.modalities:
        marks = ", ".join("?" * len(query.modalities))
        where.add(f"studies.id IN (SELECT study FROM series WHERE modality IN ({marks}))", *query.modalities)
    if query.status is not None:
        where.add("studies.status = ?", query.status)
    if query.opened:
        where.add("studies.opened IS NOT NULL")
    return where


def day_before_today(days: int) -> str:
    """Return a day as a DA value; those before the calendar begins are its first."""
    today = datetime.date.today()
    return (today - datetime.timedelta(days=min(max(days, 0), today.toordinal() - 1))).strftime("%Y%m%d")


def _words(text: str) -> list[str]:
    """Return what has to be found; a comma is how names are shown, not how they are written."""
    return list(words(text.replace(",", " ")))


def _match(found: Sequence[str]) -> str:
    """Return a query of the full-text index: each word as it is, whatever signs it holds."""
    return " AND ".join('"' + word.replace('"', '""') + '"' for word in found)


def _study(row: Row, doubted: bool) -> StudyRow:
    values = [*row, doubted]  # in the order of the columns, which is that of the fields
    values[_MODALITIES] = tuple(part for part in values[_MODALITIES].split("\\") if part)
    study = StudyRow(*values)
    fewer = (study.declared_series or 0) > study.series_count
    fewer = fewer or (study.declared_instances or 0) > study.instance_count or study.gaps > 0
    return replace(study, doubtful=True) if fewer and not doubted else study
