"""One list of studies over the library and servers: where each study is, and its row among the others."""

from __future__ import annotations

import string
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from workstation.library.folding import document, folded, words
from workstation.library.search import StudyQuery, StudyRow, day_before_today

if TYPE_CHECKING:
    from workstation.network.answers import StudyAnswer
    from workstation.network.query import Counts

LIBRARY: Final = ""
"""The source that is the library alone."""
ALL: Final = "*"
"""Library and every server; any other source is the name of one."""


@dataclass(frozen=True, slots=True)
class NodeCount:
    """What one server has of a study; None where it does not supply the count. ``asked``: counted by asking (G11)."""

    node: str
    series: int | None = None
    instances: int | None = None
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a study is: instances ``here`` (None where it is not in the library), and on which servers."""

    here: int | None = None
    nodes: tuple[NodeCount, ...] = ()

    @property
    def there(self) -> int | None:
        """The greatest count a server tells, None where none does."""
        return max((one.instances for one in self.nodes if one.instances is not None), default=None)

    @property
    def series(self) -> int | None:
        """The greatest count of series a server tells."""
        return max((one.series for one in self.nodes if one.series is not None), default=None)

    @property
    def kind(self) -> str:
        """Where it is: local, remote, partly, or "unsure" where it is here and nobody tells how much of it."""
        if self.here is None:
            return "remote"
        if not self.nodes:
            return "local"
        if self.there is None:
            return "unsure"
        return "partly" if self.there > self.here else "local"

    @property
    def uncounted(self) -> tuple[str, ...]:
        """Return the servers that do not tell how many images there are."""
        return tuple(one.node for one in self.nodes if one.instances is None)


@dataclass(slots=True)
class _Found:
    """A study that servers told of."""

    number: int
    answers: dict[str, StudyAnswer] = field(default_factory=dict)
    counted: dict[str, Counts] = field(default_factory=dict)
    searched: str = ""
    row: StudyRow | None = None
    place: Place | None = None

    def renew(self) -> None:
        """Forget what is made of the answers."""
        self.row = self.place = None


def searched_text(answer: StudyAnswer) -> str:
    """Return what is looked through as the list is narrowed by typing."""
    values = (answer.name, answer.patient_id, answer.description, answer.accession, answer.institution)
    return document((*values, *(answer.modalities or ())))


class RemoteStudies:
    """What servers answered to one search, by Study Instance UID; rows of theirs have ids below zero."""

    def __init__(self) -> None:
        self._found: dict[str, _Found] = {}
        self._numbers: dict[str, int] = {}
        self._patients: dict[tuple[str, str], int] = {}
        self.twins: dict[str, StudyRow] = {}
        """Rows of the library for studies that servers told of."""

    def __len__(self) -> int:
        return len(self._found)

    def clear(self) -> None:
        """Forget the answers; a study that is found again keeps its number."""
        self._found.clear()
        self.twins.clear()

    def uids(self) -> tuple[str, ...]:
        """Return the Study Instance UIDs of all answers."""
        return tuple(self._found)

    def add(self, answer: StudyAnswer, twin: StudyRow | None = None, searched: str = "") -> None:
        """Take an answer, what the library has of the study, and :func:`searched_text` where it was made already."""
        number = self._numbers.setdefault(answer.uid, -1 - len(self._numbers))
        found = self._found.setdefault(answer.uid, _Found(number))
        found.answers[answer.node] = answer
        found.searched = "\n".join(filter(None, (found.searched, searched or searched_text(answer))))
        found.renew()
        if twin is not None:
            self.twins[answer.uid] = twin

    def set_twins(self, twins: Mapping[str, StudyRow]) -> None:
        """Say anew what the library has of the studies."""
        self.twins = {uid: twin for uid, twin in twins.items() if uid in self._found}

    def set_counts(self, uid: str, node: str, counts: Counts) -> None:
        """Take what was counted by asking for it."""
        if uid in self._found:
            self._found[uid].counted[node] = counts
            self._found[uid].renew()

    def nodes_of(self, uid: str) -> tuple[str, ...]:
        """Return the servers that have a study."""
        return tuple(self._found[uid].answers) if uid in self._found else ()

    def best_node(self, uid: str) -> str:
        """Return where a study is best fetched: online first, then where there is most of it; "" for none."""
        if uid not in self._found:
            return ""
        found = self._found[uid]

        def rank(node: str) -> tuple[bool, int]:
            offline = found.answers[node].availability in ("NEARLINE", "OFFLINE", "UNAVAILABLE")
            return not offline, self._count(found, node).instances or 0

        return max(found.answers, key=rank)

    def place(self, uid: str, twin: StudyRow | None) -> Place:
        """Return where a study is."""
        here, found = None if twin is None else twin.instance_count, self._found.get(uid)
        if found is None:
            return Place(here)
        if found.place is None or found.place.here != here:
            found.place = Place(here, tuple(self._count(found, node) for node in sorted(found.answers)))
        return found.place

    @staticmethod
    def _count(found: _Found, node: str) -> NodeCount:
        answer, counts = found.answers[node], found.counted.get(node)
        if answer.instance_count is None and counts is not None:
            return NodeCount(node, counts.series, counts.instances, asked=True)
        return NodeCount(node, answer.series_count, answer.instance_count)

    def merged(
        self, local: Sequence[StudyRow], query: StudyQuery, source: str
    ) -> tuple[list[StudyRow], dict[str, Place]]:
        """Return the rows of a source in the order of the list, and where studies that servers told of are, by UID.

        ``local`` is the library's answer to ``query``, in its order. Answers of servers that do not fit what is asked
        meanwhile are left out.
        """
        if source == LIBRARY or not self._found:
            return list(local) if source in (LIBRARY, ALL) else [], {}
        here = {row.uid: row for row in local}
        known = {(row.name, row.patient_id): row.patient for row in (*self.twins.values(), *local) if row.patient_id}
        wanted = _fitting(query)
        kept = list(local) if source == ALL else [row for row in local if source in self.nodes_of(row.uid)]
        others = []
        for uid, found in self._found.items():
            if uid in here or (source != ALL and source not in found.answers):
                continue
            row = self.twins.get(uid) or self._row(found, known)
            if wanted(row, found.searched):
                others.append(row)
        rows = _in_order(kept, others, query)
        told = (row for row in rows if row.uid in self._found)
        places = {row.uid: self.place(row.uid, row if row.id >= 0 else None) for row in told}
        if query.sort == "where":
            rows.sort(key=lambda row: _rank(places.get(row.uid, _LOCAL)), reverse=query.descending)
        return rows, places

    def _row(self, found: _Found, known: Mapping[tuple[str, str], int]) -> StudyRow:
        """Return the row of a study that is on servers alone, made once; ``known`` are patients of the library."""
        if found.row is not None:
            patient = known.get((found.row.name, found.row.patient_id), found.row.patient)
            if patient != found.row.patient:
                found.row = replace(found.row, patient=patient)
        else:
            best = max(found.answers.values(), key=lambda one: one.instance_count or 0)
            counts = [self._count(found, node) for node in found.answers]
            person = best.name, best.patient_id
            found.row = StudyRow(
                id=found.number,
                uid=best.uid,
                patient=known.get(person) or self._patients.setdefault(person, -1 - len(self._patients)),
                name=best.name,
                patient_id=best.patient_id,
                birth_date=best.birth_date,
                sex=best.sex,
                date=best.date,
                time=best.time,
                age=best.age,
                description=best.description,
                accession=best.accession,
                modalities=next((one.modalities for one in found.answers.values() if one.modalities), ()),
                series_count=max((one.series for one in counts if one.series is not None), default=0),
                instance_count=max((one.instances for one in counts if one.instances is not None), default=0),
                declared_series=None,
                declared_instances=None,
                added=0.0,
                opened=None,
                status="",
                comment="",
                binned=None,
                institution=best.institution,
            )
        return found.row


def _fitting(query: StudyQuery) -> Callable[[StudyRow, str], bool]:
    """Return what tells whether a server's study, and its text as it is searched, still fits what is typed since."""
    if query.binned or query.opened or query.status is not None:
        return lambda row, searched: False
    everywhere = words(query.text.replace(",", " ").replace("*", " ").replace("?", " "))
    columns = [
        (name, words(text.replace(",", " ").replace("*", " ").replace("?", " "))) for name, text in query.columns
    ]
    first = max(query.first_date, day_before_today(query.days) if query.days is not None else "")

    def fits(row: StudyRow, searched: str) -> bool:
        searched = searched or document((row.name, row.patient_id, row.description, row.accession, row.institution))
        if not all(word in searched for word in everywhere):
            return False
        for name, wanted in columns:
            value = getattr(row, name, "")
            text = folded(" ".join(value) if isinstance(value, tuple) else str(value))
            if name != "modalities" and not all(word in text for word in wanted):
                return False
            if name == "modalities" and row.modalities and not all(word in text for word in wanted):
                return False
        if query.modalities and row.modalities and not set(query.modalities) & set(row.modalities):
            return False
        return not (first and row.date < first) and not (query.last_date and row.date > query.last_date)

    return fits


def _in_order(local: list[StudyRow], others: Iterable[StudyRow], query: StudyQuery) -> list[StudyRow]:
    """Put rows among those of the library, which are in order already."""
    ranked = sorted(others, key=lambda row: _key(row, query), reverse=query.descending)
    if not ranked:
        return local
    ascending = local[::-1] if query.descending else local
    result, done = [], 0
    for row in reversed(ranked) if query.descending else ranked:
        place = bisect_left(ascending, _key(row, query), lo=done, key=lambda one: _key(one, query))
        result += ascending[done:place]
        result.append(row)
        done = place
    result += ascending[done:]
    return result[::-1] if query.descending else result


def _key(row: StudyRow, query: StudyQuery) -> tuple[Any, ...]:
    """Return what the library sorts by (:data:`workstation.library.search.SORTS`), as values that compare."""
    name = query.sort
    if name in ("series", "instances"):
        return (row.series_count if name == "series" else row.instance_count,)
    if name in ("added", "opened"):
        return (getattr(row, name) or 0.0,)
    if name == "modalities":
        value = "\\".join(row.modalities)
    elif name in ("name", "patient_id", "birth_date", "sex", "description", "accession", "status", "comment"):
        value = getattr(row, name)
    else:
        return row.date == "" and not query.descending, row.date, row.time
    empty_last = value == "" and not query.descending
    return empty_last, value.translate(_NOCASE) if name in ("name", "description", "comment") else value


_NOCASE: Final = {ord(char): ord(char.lower()) for char in string.ascii_uppercase}
"""As NOCASE of SQLite: letters of ASCII alone."""


_LOCAL: Final = Place(0)


def _rank(place: Place) -> tuple[int, str]:
    return ("local", "unsure", "partly", "remote").index(place.kind), " ".join(one.node for one in place.nodes)
