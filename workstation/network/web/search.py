"""Asks a DICOMweb service what it has, with the keys and the rows of a C-FIND (PS3.18 10.6; G5, G11, G18)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from workstation.network.failures import Cancelled
from workstation.network.find_service import FindReport
from workstation.network.matching import LISTS, TEXT_VRS, QueryError, matches
from workstation.network.query_keys import (
    LEVELS,
    REQUIRED,
    UNIQUE,
    Query,
    checked_keys,
    key_tag,
    levels_above,
    return_keys,
)
from workstation.network.web.json_data_set import data_set_of
from workstation.network.web.qido import PAGE, RAW, found
from workstation.network.web.session import segments

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from workstation.network.answers import Answer
    from workstation.network.web.session import WebSession

RESOURCES: Final = {"STUDY": "studies", "SERIES": "series", "IMAGE": "instances"}
UNCHECKED: Final = "It does not tell {0}: whether each answer fits what was asked by it is not known."
WIDENED: Final = "It found nothing for some signs as they stand in an address: it was asked for more, filtered here."
MOST_DROPPED: Final = 20
"""So many times the limit are read in search of answers that fit, where a server ignores keys."""


def search(
    web: WebSession,
    query: Query,
    *,
    limit: int | None = None,
    fuzzy: bool = False,
    report: FindReport | None = None,
) -> Iterator[Answer]:
    """Ask a service and yield its answers as they come, page after page.

    Parameters
    ----------
    web
        The service.
    query
        What is asked; there are no patients as a level of their own, the root is that of studies.
    limit
        How many answers are kept; None for the node's own limit, 0 for none.
    fuzzy
        Ask for names that sound alike; services may not know how (PS3.18 8.3.4.2).
    report
        Filled with what there is to tell besides the answers.

    Raises
    ------
    QueryError
        Before anything is sent, where the query cannot be asked.
    NetworkFailure
        What was yielded before stays good.
    Cancelled
        Where the session's stop was set before anything was asked; later, the answers end and ``report`` says so.
    """
    if query.level not in RESOURCES or query.root != "study":
        raise QueryError("A DICOMweb service is asked for studies, series or images.")
    given = checked_keys(query)
    web.demand_going_on()
    bound = web.node.answer_limit if limit is None else limit
    return _Search(web, query, given, bound, fuzzy, report or FindReport()).answers()


class _Search:
    def __init__(
        self, web: WebSession, query: Query, given: Mapping[str, str], limit: int, fuzzy: bool, report: FindReport
    ) -> None:
        from workstation.dicom.vocabulary import vr_of

        self._web, self._query, self._limit, self._fuzzy, self._report = web, query, limit, fuzzy, report
        self._wanted = tuple(dict.fromkeys((*return_keys(query), *given)))
        self._above = [UNIQUE[level] for level in levels_above(query)]
        self._given = given
        self._vrs = {keyword: vr_of(key_tag(keyword)).split(" or ")[0] for keyword in given}
        self._sure = frozenset(keyword for level in LEVELS for keyword in REQUIRED[level])

    def answers(self) -> Iterator[Answer]:
        """Yield the answers, of each modality asked for one after another; each study once."""
        keys = {keyword: value for keyword, value in self._given.items() if value and keyword not in self._above}
        split = next((name for name in keys if name in LISTS and "\\" in keys[name]), "")
        seen: set[str] = set()
        try:
            for one in dict.fromkeys(keys[split].split("\\")) if split else [""]:
                yield from self._one(keys | {split: one} if split else keys, seen)
                if self._report.more:
                    return
        except Cancelled:
            self._report.stopped = True

    def _one(self, keys: Mapping[str, str], seen: set[str]) -> Iterator[Answer]:
        before = self._report.received
        yield from self._asked(keys, seen)
        wide = {keyword: self._widened(keyword, value) for keyword, value in keys.items()}
        if self._report.received == before and wide != keys:
            # some servers do not read what is escaped, and no other way leads a space or an umlaut to them
            yield from self._asked(wide, seen)
            if self._report.received > before:
                self._report.hint(WIDENED)

    def _widened(self, keyword: str, value: str) -> str:
        """Return a text with everything that has to be escaped left open; what comes is filtered again."""
        if self._vrs.get(keyword) not in TEXT_VRS:
            return value
        return re.sub(r"\*+", "*", "".join(char if quote(char, safe=RAW) == char else "*" for char in value))

    def _asked(self, keys: Mapping[str, str], seen: set[str]) -> Iterator[Answer]:
        from workstation.network.answers import answer

        for model in found(self._web, self._path(), self._parameters(keys), page=self._page(), tell=self._report.hint):
            self._report.received += 1
            ds = data_set_of(model)
            self._fill_above(ds)
            uid = _values(ds, UNIQUE[self._query.level])
            if not uid or not uid[0]:
                self._report.unreadable += 1
                continue
            if not self._fits(ds):
                self._report.dropped += 1
            elif uid[0] not in seen:
                if self._limit and self._report.kept >= self._limit:
                    self._report.more = True
                    return
                seen.add(uid[0])
                self._report.kept += 1
                row = answer(self._query.level, ds, self._web.node, self._wanted)
                self._note_lacking(row)
                yield row
            if self._limit and self._report.received > self._limit * MOST_DROPPED:
                self._report.more = True
                return

    def _path(self) -> str:
        uids = [self._given[keyword] for keyword in self._above]
        names = [RESOURCES[level] for level in ("STUDY", "SERIES")]
        above = "".join(f"{name}/{uid}/" for name, uid in zip(names, segments(*uids), strict=False))
        return above + RESOURCES[self._query.level]

    def _parameters(self, keys: Mapping[str, str]) -> list[tuple[str, str]]:
        parameters = []
        for keyword, value in keys.items():
            # lists of UIDs are separated by commas here (PS3.18 8.3.4.1)
            text = value.replace("\\", ",") if self._vrs.get(keyword) == "UI" else value
            parameters.append((keyword.replace(",", "").upper() if "," in keyword else keyword, text))
        if self._fuzzy:
            parameters.append(("fuzzymatching", "true"))
        asked = [f"{key_tag(keyword):08X}" for keyword in self._wanted if keyword not in keys]
        return [*parameters, ("includefield", ",".join(asked))]

    def _page(self) -> int:
        return min(PAGE, self._limit + 1) if self._limit else PAGE

    def _fill_above(self, ds: Dataset) -> None:
        """Put in what the address says already; not every server repeats it."""
        for keyword in self._above:
            if not any(_values(ds, keyword)):
                setattr(ds, keyword, self._given[keyword])

    def _fits(self, ds: Dataset) -> bool:
        for keyword, value in self._given.items():
            vr = self._vrs[keyword]
            if not value or (self._fuzzy and vr == "PN"):
                continue
            values = _values(ds, keyword)
            if not any(values):
                if keyword in self._sure and key_tag(keyword) in ds:
                    return False  # every server knows these: empty is what it has
                self._report.hint(UNCHECKED.format(keyword))
            elif not matches(vr, value, values):
                return False
        return True

    def _note_lacking(self, row: Answer) -> None:
        missing = set(row.not_supplied)
        if self._report.kept > 1:
            missing &= set(self._report.not_supplied)
        self._report.not_supplied = tuple(keyword for keyword in self._wanted if keyword in missing)


def _values(ds: Any, keyword: str) -> tuple[str, ...]:
    from workstation.network.answers import texts_of

    return texts_of(ds, keyword)
