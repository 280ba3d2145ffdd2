"""The words of C-GET and C-MOVE requests and responses, and a C-MOVE between two other nodes (PS3.4 C.4.2, C.4.3)."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from workstation.network.asking import Answer, Conversation, Event, Over
from workstation.network.association import Proposal
from workstation.network.failures import Cancelled, NetworkFailure, Step
from workstation.network.progress import Outcome, Progress
from workstation.network.statuses import status
from workstation.network.wishes import Wish, check_wish, held_series

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from workstation.network.nodes import Node

STUDY_ROOT_MOVE: Final = "1.2.840.10008.5.1.4.1.2.2.2"
_PLAIN: Final = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2")
UNKNOWN_DESTINATION: Final = 0xA801
HOPELESS: Final = frozenset({0x0122, 0x0124, 0x0211})
"""Statuses after which no other request will do: no such service, not allowed, unknown operation."""


def destination_of(node: Node) -> str:
    """Return the title under which a node knows our receiver."""
    return node.move_to or node.calling


def identifier(study: str, series: str = "", instances: Sequence[str] = ()) -> Dataset:
    """Return what a request names: a study, a series, or some of its objects (PS3.4 C.4.2.1.4)."""
    from pydicom.dataset import Dataset

    named = Dataset()
    named.QueryRetrieveLevel = "IMAGE" if instances else "SERIES" if series else "STUDY"
    named.StudyInstanceUID = study
    if series:
        named.SeriesInstanceUID = series
    if instances:
        named.SOPInstanceUID = instances[0] if len(instances) == 1 else list(instances)
    return named


def told_by(node: Node, answer: Answer, *, by_move: bool, destination: str = "") -> str:
    """Return what a final response says of objects that did not come, nothing where it speaks of success.

    Raises
    ------
    NetworkFailure
        If no other request would fare better.
    """
    if by_move and answer.code == UNKNOWN_DESTINATION:
        title = destination or destination_of(node)
        whose = "the title" if destination else "our title"
        raise NetworkFailure(
            f"{node.name} does not know {whose} {title} to send to.",
            step=Step.TITLE,
            cause="destination",
            remedy="Have it entered there, with the address and port of who receives; or retrieve by get.",
        )
    told = status(answer.code, "move" if by_move else "get")
    if answer.code in HOPELESS:
        raise NetworkFailure(f"{node.name} refused the request: {told}", step=Step.SERVICE, cause="status")
    return "" if told.kind == "success" else f"The node said: {told}"


def move_between(node: Node, wish: Wish, title: str, *, stop: threading.Event) -> Iterator[Progress]:
    """Have a node send what is wished to a third one; progress is what the node says of it.

    Raises
    ------
    NetworkFailure
    Cancelled
    """
    check_wish(wish)
    total = Progress()
    listed = held_series(node, wish, stop)[0] if wish.level != "STUDY" else []
    for named in [(one.uid, wish.instances) for one in listed] or [("", ())]:
        last = total
        for last in _moved(node, identifier(wish.study, *named), title, total, stop):
            yield last
        total = replace(last, outcome=None, sentence="")
    yield total


def _moved(node: Node, named: Dataset, title: str, before: Progress, stop: threading.Event) -> Iterator[Progress]:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    talk = Conversation(node, [Proposal(STUDY_ROOT_MOVE, _PLAIN)], STUDY_ROOT_MOVE, events, destination=title)
    final = False
    try:
        talk.ask(named)
        counts, moved = before, time.monotonic()
        while not final:
            event = _next(events, stop)
            if isinstance(event, Over):
                raise event.failure or _silent(node, "ended the conversation")
            if isinstance(event, Answer):
                final = event.final
                now = _counted(before, event)
                moved, counts = (moved if now == counts else time.monotonic()), now
                words = told_by(node, event, by_move=True, destination=title) if final else ""
                yield replace(counts, sentence=words)
                for uid in event.failed_uids:
                    yield replace(counts, outcome=Outcome(uid, "failed", words))
            elif time.monotonic() - moved > node.stall_timeout:
                raise _silent(node, f"has moved no object for {node.stall_timeout:g} s")
    finally:
        talk.close(abort=not final)


def _next(events: queue.SimpleQueue[Event], stop: threading.Event) -> Event | None:
    if stop.is_set():
        raise Cancelled
    try:
        return events.get(timeout=0.1)
    except queue.Empty:
        return None


def _counted(before: Progress, answer: Answer) -> Progress:
    done, failed, warnings = answer.completed or 0, answer.failed or 0, answer.warnings or 0
    told = done + failed + warnings + (answer.remaining or 0)
    return replace(
        before,
        done=before.done + done + warnings,
        failed=before.failed + failed,
        warnings=before.warnings + warnings,
        total=(before.total or 0) + told if told else before.total,
    )


def _silent(node: Node, what: str) -> NetworkFailure:
    return NetworkFailure(f"{node.name} {what}.", step=Step.TRANSFER, cause="stalled", remedy="Ask it again.")
