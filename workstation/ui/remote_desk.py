"""Searches on servers as the window sees them: a thread for each server asked, answers gathered and handed over."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from workstation import log
from workstation.errors import WorkstationError
from workstation.loading.courtesy import moving, rested
from workstation.transfers.study_places import searched_text

if TYPE_CHECKING:
    from workstation.library.search import StudyRow
    from workstation.network.answers import SeriesAnswer, StudyAnswer
    from workstation.network.find_service import FindReport
    from workstation.network.nodes import Node
    from workstation.network.query import Counts
    from workstation.network.query_keys import Query
    from workstation.network.secrets import Secrets

_LOG = log.get("network")
GATHER = 80
"""Milliseconds in which answers are gathered before the list is drawn with them."""
MOST_AT_ONCE = 100
"""Answers that are handed over together; more would hold the window up for longer than a picture may take."""
REST = 0.002
"""Seconds a server's thread rests after an answer while the list is drawn: both want the one interpreter."""
LONGEST_END = 2.0
"""Seconds the window's end waits for a server."""

Twins = Callable[[Sequence[str]], "Mapping[str, StudyRow]"]
"""Says what the library has of some studies, by Study Instance UID; called on workers."""


@dataclass(frozen=True, slots=True)
class NodeState:
    """How far the search of one server is: asking, done, stopped or failed. ``tip`` is what else to tell.

    ``needs`` is what the user has to give before it can be asked: password, token or sign_in.
    """

    node: str
    state: str = "asking"
    kept: int = 0
    limit: int = 0
    more: bool = False
    sentence: str = ""
    tip: str = ""
    needs: str = ""


@dataclass(frozen=True, slots=True)
class SeriesList:
    """The series of a study on a server, or why they could not be listed."""

    study: str
    node: str
    series: tuple[SeriesAnswer, ...] = ()
    sentence: str = ""


class RemoteDesk(QObject):
    """Asks servers; the latest search alone is told of, on the window's thread."""

    arrived = Signal(object)
    """A batch of (answer, its text as it is searched, row of the library or None)."""
    told = Signal(object)
    """The :class:`NodeState` of every server asked, in order."""
    described = Signal(object)
    """A :class:`SeriesList`."""
    counted = Signal(str, str, object)
    """A Study Instance UID, a server, and the Counts that were found by asking, or a sentence."""
    _came = Signal()

    def __init__(self, twins: Twins, secrets: Callable[[], Secrets], parent: QObject) -> None:
        super().__init__(parent)
        self._twins = twins
        self._secrets_of = secrets
        self._secrets: Secrets | None = None
        self._lock = threading.Lock()
        self._number = 0
        self._stop = threading.Event()
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []
        self._states: dict[str, NodeState] = {}
        self._fresh: list[StudyAnswer] = []
        self._ready: list[tuple[StudyAnswer, str, StudyRow | None]] = []
        self._joiner = ThreadPoolExecutor(1, thread_name_prefix="remote rows")
        self._asker = ThreadPoolExecutor(1, thread_name_prefix="remote series")
        self._wanted = 0
        self._clock = QTimer(self, singleShot=True, interval=GATHER)
        self._clock.timeout.connect(self._hand_over)
        self._came.connect(self._soon)

    @property
    def searching(self) -> bool:
        """Whether a server is being asked."""
        with self._lock:
            return any(one.state == "asking" for one in self._states.values())

    def search(self, nodes: Sequence[Node], questions: Sequence[Sequence[Query]]) -> None:
        """Ask servers, each on its own thread; what an earlier search still brings is dropped."""
        self.stop()
        self._know_secrets(nodes)
        with self._lock:
            self._number += 1
            number, self._stop = self._number, threading.Event()
            self._fresh, self._ready = [], []
            self._states = {node.name: NodeState(node.name, limit=node.answer_limit) for node in nodes}
        self._threads = [one for one in self._threads if one.is_alive()]
        for node in nodes:
            thread = threading.Thread(
                target=self._ask, args=(number, node, questions, self._stop), name="remote search", daemon=True
            )
            self._threads.append(thread)
            thread.start()
        self._hand_over()

    def stop(self) -> None:
        """End the search; what came stays. One that is still waiting for a connection is not waited for."""
        self._stop.set()
        with self._lock:
            self._states = {
                name: replace(one, state="stopped") if one.state == "asking" else one
                for name, one in self._states.items()
            }
        if not self._closing.is_set():
            self._came.emit()

    def forget(self) -> None:
        """Drop the search and what it would still bring."""
        self.stop()
        with self._lock:
            self._number += 1
            self._fresh, self._ready, self._states = [], [], {}
        self._hand_over()

    def want_series(self, node: Node, study: str) -> None:
        """Ask for the series of a study; an older wish that has not begun is dropped."""
        if not self._closing.is_set():
            self._know_secrets((node,))
            self._wanted += 1
            self._asker.submit(self._describe, node, study, self._wanted)

    def want_counts(self, node: Node, study: str) -> None:
        """Count the series and images of a study by asking for them."""
        if not self._closing.is_set():
            self._know_secrets((node,))
            self._asker.submit(self._count, node, study)

    def close(self) -> None:
        """Stop, and wait for the threads, not for ever."""
        self._closing.set()
        self._clock.stop()
        self._wanted += 1
        with self._lock:
            self._number += 1
        self.stop()
        rested()
        end = time.monotonic() + LONGEST_END
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        self._joiner.shutdown(wait=True, cancel_futures=True)
        self._asker.shutdown(wait=False, cancel_futures=True)

    def _know_secrets(self, nodes: Sequence[Node]) -> None:
        if any(node.uses_web for node in nodes):
            self._secrets = self._secrets_of()

    # on the threads of servers

    def _ask(self, number: int, node: Node, questions: Sequence[Sequence[Query]], stop: threading.Event) -> None:
        seen: set[str] = set()
        reports: list[FindReport] = []
        try:
            from workstation.network.failures import Cancelled, UserNeeded

            try:
                for chain in questions:
                    for query in chain:
                        if self._one(number, node, query, stop, seen, reports) or stop.is_set():
                            break
            except Cancelled:
                pass
            except UserNeeded as needed:
                self._end(number, node.name, reports, "failed", str(needed), needed.what)
                return
            self._end(number, node.name, reports, "stopped" if stop.is_set() else "done")
        except WorkstationError as error:
            # what a server does while it is left is no fault of it
            self._end(number, node.name, reports, "stopped" if stop.is_set() else "failed", str(error))
        except Exception as error:
            _LOG.exception("a search on a server failed")
            text = self.tr("The program made a mistake here ({0}); the log says where.").format(type(error).__name__)
            self._end(number, node.name, reports, "failed", text)

    def _one(
        self,
        number: int,
        node: Node,
        query: Query,
        stop: threading.Event,
        seen: set[str],
        reports: list[FindReport],
    ) -> bool:
        """Ask one question; return whether anything was found."""
        from workstation.network.find_service import FindReport
        from workstation.network.study_source import find_at

        left = max(1, node.answer_limit - len(seen)) if node.answer_limit else 0
        report, found = FindReport(), False
        reports.append(report)
        for answer in find_at(node, query, secrets=self._secrets, limit=left, stop=stop, report=report):
            found = True
            uid: str = answer.uid  # type: ignore[attr-defined]
            if uid and uid not in seen:
                seen.add(uid)
                self._put(number, answer)  # type: ignore[arg-type]
        return found

    def _put(self, number: int, answer: StudyAnswer) -> None:
        with self._lock:
            if number != self._number:
                return
            state = self._states[answer.node]
            self._states[answer.node] = replace(state, kept=state.kept + 1)
            first = not self._fresh
            self._fresh.append(answer)
        if first:
            self._later(self._join)
        time.sleep(REST)

    def _end(
        self,
        number: int,
        node: str,
        reports: Sequence[FindReport],
        state: str,
        sentence: str = "",
        needs: str = "",
    ) -> None:
        dropped = sum(one.dropped for one in reports)
        unreadable = sum(one.unreadable for one in reports)
        received = sum(one.received for one in reports)
        lines = []
        if dropped:
            lines.append(
                self.tr("{0} of {1} answers did not fit what was asked and are left out.").format(dropped, received)
            )
        if unreadable:
            lines.append(self.tr("{0} answers could not be read.").format(unreadable))
        lines += list(dict.fromkeys(hint for one in reports for hint in one.hints))
        with self._lock:
            if number == self._number:
                self._states[node] = replace(
                    self._states[node],
                    state=state,
                    more=any(one.more for one in reports),
                    sentence=sentence if state == "failed" else "",
                    tip="\n".join(lines),
                    needs=needs,
                )
        self._later(self._join)

    # on the worker that looks into the library

    def _later(self, work: Callable[..., Any]) -> None:
        try:
            self._joiner.submit(work)
        except RuntimeError:
            if not self._closing.is_set():  # only the end of the window shuts the worker
                raise

    def _join(self) -> None:
        """Say of fresh answers what the library has of them."""
        with self._lock:
            fresh, self._fresh, number = self._fresh, [], self._number
        twins: Mapping[str, StudyRow] = {}
        try:
            if fresh:
                twins = self._twins([one.uid for one in fresh])
        except WorkstationError as error:
            _LOG.info("the library could not be asked: %s", error.code)
        told = [(one, searched_text(one), twins.get(one.uid)) for one in fresh]
        with self._lock:
            if number == self._number:
                self._ready += told
        if not self._closing.is_set():
            self._came.emit()

    # on the window's thread

    def _soon(self) -> None:
        if not self._clock.isActive() and not self._closing.is_set():
            self._clock.start()

    def _hand_over(self) -> None:
        with self._lock:
            ready, self._ready = self._ready[:MOST_AT_ONCE], self._ready[MOST_AT_ONCE:]
            more = bool(self._ready)
            states = tuple(self._states.values())
        if any(one.state == "asking" for one in states) or more:
            moving()  # a thread that reads answers hands the interpreter back sooner, and other work stands back
        else:
            rested()
        if ready:
            self.arrived.emit(ready)
        self.told.emit(states)
        if more:
            self._soon()

    # small questions

    def _describe(self, node: Node, study: str, number: int) -> None:
        if number != self._wanted:
            return
        from workstation.network.query_keys import Query
        from workstation.network.study_source import find_at

        query = Query("SERIES", "study", (("StudyInstanceUID", study),))
        try:
            told_of = find_at(node, query, secrets=self._secrets, stop=self._closing)
            found = [answer for answer in told_of if answer.uid]  # type: ignore[attr-defined]
            told = SeriesList(study, node.name, tuple(found))  # type: ignore[arg-type]
        except WorkstationError as error:
            told = SeriesList(study, node.name, sentence=str(error))
        except Exception:
            _LOG.exception("the series of a study could not be listed")
            told = SeriesList(study, node.name, sentence=self.tr("The series could not be listed; the log says why."))
        if not self._closing.is_set():
            self.described.emit(told)

    def _count(self, node: Node, study: str) -> None:
        from workstation.network.study_source import count_at

        counts: Counts | str
        try:
            counts = count_at(node, study, secrets=self._secrets, stop=self._closing)
        except WorkstationError as error:
            counts = str(error)
        except Exception:
            _LOG.exception("the images of a study could not be counted")
            counts = self.tr("They could not be counted; the log says why.")
        if not self._closing.is_set():
            self.counted.emit(study, node.name, counts)
