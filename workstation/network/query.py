"""Asks a server what it has: patients, studies, series, images, one answer at a time (PS3.4 C.4.1)."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workstation.network.failures import Cancelled
from workstation.network.find_service import Find, FindReport, find_association
from workstation.network.matching import QueryError, matches
from workstation.network.query_keys import (
    LEVELS,
    REQUIRED,
    ROOTS,
    UNIQUE,
    Query,
    checked_keys,
    identifiers,
    key_tag,
    return_keys,
)

if TYPE_CHECKING:
    import threading

    from pydicom.dataset import Dataset
    from pynetdicom.association import Association

    from workstation.network.answers import Answer
    from workstation.network.nodes import Node

__all__ = ["Counts", "FindReport", "Query", "QueryError", "count_children", "find"]

MOST_DROPPED: Final = 20
"""So many times the limit are read in search of answers that fit, where a server ignores keys."""
UNCHECKED: Final = "It does not tell {0}: whether each answer fits what was asked by it is not known."
CHECKED_BY_SERIES: Final = "It does not tell the modalities of studies: they were asked for series by series."


@dataclass(frozen=True, slots=True)
class Counts:
    """What lies below a patient, study or series, counted by asking for it; None where that is no level below."""

    studies: int | None = None
    series: int | None = None
    instances: int | None = None
    modalities: tuple[str, ...] = ()


def find(
    node: Node,
    query: Query,
    *,
    limit: int | None = None,
    stop: threading.Event | None = None,
    report: FindReport | None = None,
) -> Iterator[Answer]:
    """Ask a server and yield its answers as they come.

    Parameters
    ----------
    node
        The server.
    query
        What is asked.
    limit
        How many answers are kept before the server is asked to end; None for the node's own limit, 0 for none.
    stop
        Set by another thread, it ends the query by a C-CANCEL; what came by then has been yielded.
    report
        Filled with what there is to tell besides the answers.

    Raises
    ------
    QueryError
        Before anything is sent, where the query cannot be asked.
    NetworkFailure
        Where the server cannot be asked, refuses or breaks off; what was yielded before stays good.
    Cancelled
        Where ``stop`` was set before anything was asked.
    """
    asked = identifiers(query, node.character_set)
    return _find(node, query, asked, node.answer_limit if limit is None else limit, stop, report or FindReport())


def _find(
    node: Node,
    query: Query,
    asked: list[Dataset],
    limit: int,
    stop: threading.Event | None,
    report: FindReport,
) -> Iterator[Answer]:
    from workstation.network.answers import answer, settle

    given = checked_keys(query)
    wanted = tuple(dict.fromkeys((*return_keys(query), *given)))
    lacking: set[str] | None = None
    seen: set[str] = set()
    with contextlib.ExitStack() as closing:
        association = closing.enter_context(find_association(node, ROOTS[query.root], stop=stop))
        fits = _Fit(node, query, given, report, closing, stop)
        for number, identifier in enumerate(asked, 1):
            running = Find(association, node, ROOTS[query.root], identifier, report, stop=stop, message_id=number)
            for ds in running:
                settle(ds, node)
                try:
                    fitting = fits(ds)
                except Cancelled:
                    report.stopped = True
                    break
                if not fitting:
                    report.dropped += 1
                elif len(asked) > 1 and (uid := _value(ds, UNIQUE[query.level])) in seen:
                    continue
                elif limit and report.kept >= limit:
                    report.more = True
                else:
                    if len(asked) > 1:
                        seen.add(uid)
                    report.kept += 1
                    row = answer(query.level, ds, node, wanted)
                    missing = set(row.not_supplied)
                    lacking = missing if lacking is None else lacking & missing
                    report.not_supplied = tuple(keyword for keyword in wanted if keyword in lacking)
                    yield row
                if limit and report.received > limit * MOST_DROPPED:
                    report.more = True
                if report.more:
                    running.cancel()
            if report.more or report.stopped:
                break


class _Fit:
    """Whether an answer fits the keys that were sent, asked again since servers ignore some of them (G5)."""

    def __init__(
        self,
        node: Node,
        query: Query,
        given: Mapping[str, str],
        report: FindReport,
        closing: contextlib.ExitStack,
        stop: threading.Event | None,
    ) -> None:
        from workstation.dicom.vocabulary import vr_of

        self._node, self._query, self._report = node, query, report
        self._closing, self._stop = closing, stop
        self._keys = [(keyword, vr_of(key_tag(keyword)), value) for keyword, value in given.items() if value]
        self._sure = frozenset(keyword for level in LEVELS for keyword in REQUIRED[level])
        self._asker: _Asker | None = None
        self._known: dict[str, tuple[str, ...]] = {}

    def __call__(self, ds: Dataset) -> bool:
        for keyword, vr, value in self._keys:
            values = _values(ds, keyword)
            if not any(values):
                if keyword in self._sure and key_tag(keyword) in ds:
                    return False  # every server knows these: empty is what it has
                if keyword == "ModalitiesInStudy" and (found := self._modalities(ds)) is not None:
                    values = found
                else:
                    self._report.hint(UNCHECKED.format(keyword))
                    continue
            if not matches(vr, value, values):
                return False
        return True

    def _modalities(self, ds: Dataset) -> tuple[str, ...] | None:
        """Return the modalities of a study by asking for its series, on an association of their own."""
        uids = {UNIQUE["PATIENT"]: _value(ds, UNIQUE["PATIENT"]), UNIQUE["STUDY"]: _value(ds, UNIQUE["STUDY"])}
        uid = uids[UNIQUE["STUDY"]]
        if not uid:
            return None
        if self._asker is None:
            self._asker = self._closing.enter_context(asking(self._node, self._query.root, self._stop))
            self._report.hint(CHECKED_BY_SERIES)
        if uid not in self._known:
            self._known[uid] = tuple(_value(one, "Modality") for one in self._asker.below("SERIES", uids))
        return self._known[uid]


class _Asker:
    """Asks for what lies below something, time and again over one association."""

    def __init__(self, association: Association, node: Node, root: str, stop: threading.Event | None) -> None:
        self._association, self._node, self._root, self._stop = association, node, root, stop
        self._numbers = itertools.cycle(range(1, 1 << 16))

    def below(self, level: str, uids: Mapping[str, str], wanted: tuple[str, ...] = ()) -> list[Dataset]:
        """Return the answers of a level below unique keys: each with its own unique key, and what else is wanted."""
        from pydicom.dataset import Dataset

        from workstation.network.query_keys import levels_above, put_keys

        above = [UNIQUE[one] for one in levels_above(Query(level, self._root))]
        returned = dict.fromkeys((UNIQUE[level], *(("Modality",) if level == "SERIES" else ()), *wanted), "")
        if self._root == "study" and level == "STUDY":
            above = [UNIQUE["PATIENT"]]
        identifier = Dataset()
        identifier.QueryRetrieveLevel = level
        put_keys(identifier, returned | {keyword: uids.get(keyword, "") for keyword in above})
        report = FindReport()
        running = Find(
            self._association,
            self._node,
            ROOTS[self._root],
            identifier,
            report,
            stop=self._stop,
            message_id=next(self._numbers),
        )
        there = {_value(ds, UNIQUE[level]): ds for ds in running if self._is_below(ds, above, uids)}
        if report.stopped:
            raise Cancelled
        return [ds for uid, ds in there.items() if uid]

    @staticmethod
    def _is_below(ds: Dataset, above: list[str], uids: Mapping[str, str]) -> bool:
        """Tell whether an answer does not say that it belongs elsewhere."""
        return all(_value(ds, keyword) in ("", uids.get(keyword, "")) for keyword in above)


@contextlib.contextmanager
def asking(node: Node, root: str, stop: threading.Event | None) -> Iterator[_Asker]:
    """Open an association for small questions about what lies below something.

    Raises
    ------
    NetworkFailure
    """
    with find_association(node, ROOTS[root], stop=stop) as association:
        yield _Asker(association, node, root, stop)


def count_children(
    node: Node,
    level: str,
    uids: Mapping[str, str],
    *,
    root: str = "study",
    stop: threading.Event | None = None,
) -> Counts:
    """Count what lies below a patient, study or series by asking for it, where a server supplies no counts.

    Parameters
    ----------
    node
        The server.
    level
        What is counted below: PATIENT, STUDY or SERIES.
    uids
        Its unique key and those above it, by keyword (``PatientID``, ``StudyInstanceUID``, ``SeriesInstanceUID``).
    root
        The root to ask in.
    stop
        Set by another thread, it ends the counting.

    Raises
    ------
    QueryError
        Where a unique key is missing.
    NetworkFailure
    Cancelled
        A number that was not counted to its end is none.
    """
    if level not in LEVELS[:3]:
        raise QueryError("Counted is what lies below a patient, a study or a series.")
    needed = {UNIQUE[level]} | ({UNIQUE["PATIENT"]} if root == "patient" else set())
    needed |= {UNIQUE["STUDY"]} if level == "SERIES" else set()
    for keyword in sorted(needed):
        value = uids.get(keyword, "")
        if not value or any(sign in value for sign in "*?\\"):
            raise QueryError(f"To count what lies below, one {keyword} is needed.")
    with asking(node, root, stop) as asker:
        if level == "SERIES":
            return Counts(instances=len(asker.below("IMAGE", uids)))
        studies: list[Mapping[str, str]] = [uids]
        if level == "PATIENT":
            found = asker.below("STUDY", uids)
            studies = [{**uids, UNIQUE["STUDY"]: _value(ds, UNIQUE["STUDY"])} for ds in found]
        series, instances = 0, 0
        modalities: dict[str, None] = {}
        for study in studies:
            for ds in asker.below("SERIES", study, ("NumberOfSeriesRelatedInstances",)):
                series += 1
                modalities[_value(ds, "Modality")] = None
                instances += _instances(asker, ds, study)
        names = tuple(name for name in modalities if name)
        return Counts(len(studies) if level == "PATIENT" else None, series, instances, names)


def _instances(asker: _Asker, ds: Dataset, study: Mapping[str, str]) -> int:
    """Return the instances of a series: as the server counts them, or counted here."""
    from workstation.network.answers import count

    told = count(ds, "NumberOfSeriesRelatedInstances")
    if told is not None:
        return told
    return len(asker.below("IMAGE", {**study, UNIQUE["SERIES"]: _value(ds, UNIQUE["SERIES"])}))


def _values(ds: Dataset, keyword: str) -> tuple[str, ...]:
    from workstation.network.answers import texts_of

    return texts_of(ds, keyword)


def _value(ds: Dataset, keyword: str) -> str:
    values = _values(ds, keyword)
    return values[0] if values else ""
