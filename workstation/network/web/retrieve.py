"""WADO-RS (PS3.18 10.4): studies, series and instances as files into the spool, as they were stored (G18, G20).

What arrives goes to the disk part by part. After a cut only what is missing is asked for again, one by one on a few
connections. What is missing at the end is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workstation.errors import NotDicom
from workstation.network.failures import Cancelled, NetworkFailure, Step
from workstation.network.progress import Outcome, Progress
from workstation.network.web.faults import broken, http_failure, not_dicomweb
from workstation.network.web.media import DICOM
from workstation.network.web.multipart import BadMultipart, CutOff, Part, parts_of
from workstation.network.web.qido import first_value, found
from workstation.network.web.session import segments
from workstation.network.web.side_by_side import side_by_side

if TYPE_CHECKING:
    from workstation.network.spool import Kept, Spool
    from workstation.network.web.responses import Response
    from workstation.network.web.session import WebSession

FORMS: Final = (
    'multipart/related; type="application/dicom"; transfer-syntax=*',
    'multipart/related; type="application/dicom"',
    "application/dicom; transfer-syntax=*",
    "*/*",
)
"""What is asked for, in turn: first the objects as they are stored; without that word a server may transcode."""
ROUNDS: Final = 3
"""How often an object is asked for that does not arrive whole."""
_OTHER_FORM: Final = frozenset({400, 406, 415, 500, 501})
_NO_SEARCH: Final = frozenset({"bad_request", "not_found", "not_supported", "server", "not_acceptable"})
_ENDS_ALL: Final = frozenset({"unauthorised", "forbidden", "busy", "sign_in"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A study, a series of it, or an instance of that."""

    study: str
    series: str = ""
    instance: str = ""

    @property
    def path(self) -> str:
        """The path of the resource."""
        study, series, instance = segments(self.study, self.series, self.instance)
        path = f"studies/{study}"
        if series:
            path += f"/series/{series}"
        if instance:
            path += f"/instances/{instance}"
        return path


def retrieve(
    web: WebSession, wanted: Wanted, spool: Spool, *, have: Callable[[str], bool] = lambda _uid: False
) -> Iterator[Progress]:
    """Fetch what is wanted and not there yet; ``have`` tells of a SOP Instance UID whether it is.

    Raises
    ------
    NetworkFailure
        If the service cannot be talked to or has nothing of it; what arrived before is kept.
    Cancelled
    SpoolFull
    OSError
    """
    yield from _Retrieval(web, wanted, spool, have).run()


class _Retrieval:
    def __init__(self, web: WebSession, wanted: Wanted, spool: Spool, have: Callable[[str], bool]) -> None:
        self._web = web
        self._wanted = wanted
        self._spool = spool
        self._have = have
        self._expected: dict[str, Wanted] | None = None
        self._received: set[str] = set()
        self._told: set[str] = set()
        self._form = 0
        self._counts = dict.fromkeys(("done", "warning", "failed", "skipped"), 0)
        self._size = 0

    def run(self) -> Iterator[Progress]:
        self._expected = self._listed()
        if self._expected is None:
            yield from self._unlisted()
            return
        if not self._expected:
            raise NetworkFailure(
                f"{self._web.node.name}: it has nothing of what was asked for.", step=Step.SERVICE, cause="not_found"
            )
        for uid in self._expected:
            if self._have(uid):
                yield self._outcome(Outcome(uid, "skipped", "It is there already."))
        if not self._told:
            yield from self._attempt(self._wanted)
        else:
            for series in self._whole_series():
                yield from self._attempt(series)
        yield from self._one_by_one()

    def _unlisted(self) -> Iterator[Progress]:
        """Fetch from a service that cannot say what there is: all of it, and again if it breaks off."""
        yield self._progress("It does not say what there is; whether everything arrived cannot be told.")
        for attempt in range(ROUNDS):
            before = len(self._received)
            try:
                yield from self._fetched(self._wanted)
            except _Cut as cut:
                if attempt == ROUNDS - 1 and len(self._received) == before:
                    raise cut.failure from cut
            else:
                return
        raise broken(self._web.node)

    def _listed(self) -> dict[str, Wanted] | None:
        """Return each instance that is wanted, by its UID, or None where the service cannot search."""
        wanted = self._wanted
        if wanted.series and wanted.instance:
            return {wanted.instance: wanted}
        path = Wanted(wanted.study, wanted.series).path
        try:
            rows = list(found(self._web, f"{path}/instances"))
        except NetworkFailure as failure:
            if failure.cause not in _NO_SEARCH:
                raise
            return None
        listed = {}
        for row in rows:
            uid, series = first_value(row, "00080018"), first_value(row, "0020000E") or wanted.series
            if uid and series:
                listed[uid] = Wanted(wanted.study, series, uid)
        return listed

    def _missing(self) -> dict[str, Wanted]:
        assert self._expected is not None
        return {uid: place for uid, place in self._expected.items() if uid not in self._told}

    def _whole_series(self) -> list[Wanted]:
        """Return the series of which several instances are wanted and none is there."""
        assert self._expected is not None
        missing: dict[str, int] = {}
        for uid, place in self._expected.items():
            missing.setdefault(place.series, 0)
            missing[place.series] += 1 if uid not in self._told else -len(self._expected)
        return [Wanted(self._wanted.study, series) for series, count in missing.items() if count > 1]

    def _attempt(self, wanted: Wanted) -> Iterator[Progress]:
        """Fetch many at once; what does not come this way is fetched one by one."""
        try:
            yield from self._fetched(wanted)
        except _Cut as cut:
            yield self._progress(f"{cut.failure.sentence} What is missing is asked for again.")
        except NetworkFailure as failure:
            if failure.step is not Step.SERVICE or failure.cause in _ENDS_ALL:
                raise
            yield self._progress(f"{failure.sentence} What is missing is asked for one by one.")

    def _one_by_one(self) -> Iterator[Progress]:
        failures: dict[str, str] = {}
        silent = 0
        for attempt in range(ROUNDS):
            for one in side_by_side(self._web, list(self._missing().values()), self._collected):
                uid = one.task.instance
                if one.error is not None:
                    raise one.error
                assert one.result is not None
                for arrived in one.result.items:
                    yield self._told_of(arrived, one.task)
                failure = one.result.failure
                if failure is None:
                    failures.setdefault(uid, "It was not in the answer.")
                    silent = 0
                elif isinstance(failure, _Cut):
                    failures[uid] = failure.failure.sentence
                else:
                    silent = silent + 1 if failure.cause in ("broken", "timeout") else 0
                    if failure.step is not Step.SERVICE or failure.cause in _ENDS_ALL or silent == ROUNDS:
                        raise failure
                    if uid not in self._told:
                        sentence = failure.sentence if failure.cause != "not_found" else "It no longer has the object."
                        yield self._outcome(Outcome(uid, "failed", sentence))
            if not self._missing() or attempt == ROUNDS - 1:
                break
        for uid in self._missing():
            yield self._outcome(Outcome(uid, "failed", failures.get(uid, "It did not arrive.")))

    def _collected(self, web: WebSession, wanted: Wanted) -> _Collected:
        """Fetch one instance, on whichever thread; what came and how it ended is told by the one that counts."""
        items: list[_Arrived] = []
        try:
            for arrived in self._arriving(web, wanted):
                items.append(arrived)  # noqa: PERF402 - what came before a failure is kept
        except Cancelled:
            raise
        except (_Cut, NetworkFailure) as failure:
            return _Collected(items, failure)
        return _Collected(items, None)

    def _fetched(self, wanted: Wanted) -> Iterator[Progress]:
        for arrived in self._arriving(self._web, wanted):
            yield self._told_of(arrived, wanted)

    def _arriving(self, web: WebSession, wanted: Wanted) -> Iterator[_Arrived]:
        """Fetch one resource into the spool.

        Raises
        ------
        _Cut
            If the answer broke off.
        """
        answer, form = self._answer(web, wanted)
        with answer:
            kind = answer.media_type
            pieces = answer.pieces()
            if kind.is_multipart:
                parts = parts_of(pieces, kind.parameters.get("boundary"))
            elif kind.name in (DICOM, "application/octet-stream", ""):
                parts = iter([Part({"content-type": kind.name}, pieces)])
            else:
                raise not_dicomweb(self._web.node, "a web page" if "html" in kind.name else "something else")
            try:
                for part in parts:
                    yield self._arrived(part, form)
            except CutOff as error:
                raise _Cut(broken(self._web.node)) from error
            except BadMultipart as error:
                raise not_dicomweb(self._web.node, "parts that cannot be told apart") from error
            except Cancelled:
                raise
            except NetworkFailure as failure:
                raise _Cut(failure) from failure

    def _answer(self, web: WebSession, wanted: Wanted) -> tuple[Response, int]:
        """Return the answer to the first form of the request that the service takes, and which it is."""
        first_refusal: int | None = None
        for form in range(self._form, len(FORMS)):
            answer = web.get(wanted.path, accept=FORMS[form])
            if answer.status in _OTHER_FORM:
                answer.close()
                first_refusal = first_refusal or answer.status
                continue
            answer.demand()
            self._form = form
            return answer, form
        raise http_failure(self._web.node, first_refusal or 406)

    def _arrived(self, part: Part, form: int) -> _Arrived:
        try:
            return _Arrived(self._spool.keep_file(part.pieces), "", form)
        except NotDicom as error:
            return _Arrived(None, str(error), form)

    def _told_of(self, arrived: _Arrived, wanted: Wanted) -> Progress:
        kept = arrived.kept
        if kept is None:
            return self._outcome(Outcome(wanted.instance, "failed" if not wanted.instance else "note", arrived.fault))
        self._size += kept.size
        uid = kept.sop_instance_uid
        if uid in self._received:
            return self._progress("An object came twice.")
        self._received.add(uid)
        path = str(kept.path)
        if uid in self._told or (self._expected is None and self._have(uid)):
            if not kept.repeated:
                self._spool.release(kept.path)
            if uid in self._told:
                return self._progress("An object came that is there already.")
            return self._outcome(Outcome(uid, "skipped", "It is there already."))
        if self._expected is not None and uid not in self._expected:
            return self._outcome(Outcome(uid, "warning", "It was not asked for.", path))
        if arrived.form:
            return self._outcome(Outcome(uid, "done", "It may have been encoded anew by the server.", path))
        return self._outcome(Outcome(uid, "done", "", path))

    def _outcome(self, outcome: Outcome) -> Progress:
        if outcome.kind == "note":
            return self._progress(outcome.sentence)
        self._counts[outcome.kind] += 1
        if outcome.sop_instance_uid:
            self._told.add(outcome.sop_instance_uid)
        return self._progress("", outcome)

    def _progress(self, sentence: str, outcome: Outcome | None = None) -> Progress:
        return Progress(
            done=self._counts["done"] + self._counts["warning"],
            total=None if self._expected is None else len(self._expected),
            warnings=self._counts["warning"],
            failed=self._counts["failed"],
            skipped=self._counts["skipped"],
            size=self._size,
            sentence=sentence,
            outcome=outcome,
        )


@dataclass(frozen=True, slots=True)
class _Arrived:
    """A part of an answer: an object on the disk, or why it is none; ``form`` is the one it was asked for in."""

    kept: Kept | None
    fault: str
    form: int


@dataclass(frozen=True, slots=True)
class _Collected:
    """What came for one instance, and what ended it early."""

    items: list[_Arrived]
    failure: _Cut | NetworkFailure | None


class _Cut(Exception):
    """An answer broke off; what came whole before is kept."""

    def __init__(self, failure: NetworkFailure) -> None:
        super().__init__(str(failure))
        self.failure = failure
