"""One C-FIND over an association: answers as they come, ended early without losing what came (PS3.7 9.1.2; G7)."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from workstation.dicom.attributes import texts
from workstation.dicom.display_names import plain
from workstation.network.association import Proposal, associated, ended
from workstation.network.failures import Cancelled, NetworkFailure, Step
from workstation.network.statuses import status

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pynetdicom.association import Association

    from workstation.network.nodes import Node

SYNTAXES: Final = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2")
GRACE: Final = 5.0
"""Seconds that a server is given to end after a C-CANCEL before the association is aborted."""
LEFT_OUT: Final = "It does not support some of the keys; what they ask for was looked at here, where it was told."


@dataclass(slots=True)
class FindReport:
    """What became of a query; filled while its answers are read.

    ``received`` counts answers that came, ``dropped`` those that do not fit the keys after all, ``unreadable`` those
    that are no data set. ``more`` says that there may be more than was read, ``stopped`` that the user ended it.
    ``hints`` are sentences, each once. ``not_supplied`` are the keywords asked for that no answer held.
    """

    received: int = 0
    kept: int = 0
    dropped: int = 0
    unreadable: int = 0
    more: bool = False
    stopped: bool = False
    hints: dict[str, None] = field(default_factory=dict)
    not_supplied: tuple[str, ...] = ()

    def hint(self, sentence: str) -> None:
        """Remember a sentence for the user."""
        self.hints[sentence] = None

    @property
    def sentence(self) -> str:
        """What there is to tell besides the answers; nothing where all came."""
        parts = []
        if self.more:
            parts.append(f"These are the first {self.kept}; there may be more.")
        if self.stopped:
            parts.append(f"Stopped after {self.kept}; there may be more.")
        if self.dropped:
            parts.append(f"{self.dropped} of {self.received} answers did not fit what was asked and are left out.")
        if self.unreadable:
            parts.append(f"{self.unreadable} answers could not be read.")
        return " ".join([*parts, *self.hints])


@contextlib.contextmanager
def find_association(node: Node, sop_class: str, *, stop: threading.Event | None = None) -> Iterator[Association]:
    """Open an association for queries of one information model.

    ``stop`` is looked at before; while answers come, it is :class:`Find` that heeds it, without aborting.

    Raises
    ------
    NetworkFailure
    Cancelled
    """
    if stop is not None and stop.is_set():
        raise Cancelled
    with associated(node, [Proposal(sop_class, SYNTAXES)]) as association:
        yield association


class Find:
    """One request and its answers, to be iterated over once.

    Raises
    ------
    NetworkFailure
        While iterating: where the server refuses, fails, or is gone. What was yielded before stays good.
    """

    def __init__(
        self,
        association: Association,
        node: Node,
        sop_class: str,
        identifier: Dataset,
        report: FindReport,
        *,
        stop: threading.Event | None = None,
        message_id: int = 1,
    ) -> None:
        self._association, self._node, self._sop_class = association, node, sop_class
        self._identifier, self._report, self._stop, self._id = identifier, report, stop, message_id
        self._cancelled_at: float | None = None
        self._over = threading.Event()
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Dataset]:
        if not self._association.is_established:
            raise ended(self._association, self._node)
        responses = self._association.send_c_find(self._identifier, self._sop_class, msg_id=self._id)
        watcher = threading.Thread(target=self._watch, name="find stop", daemon=True)
        watcher.start()
        try:
            yield from self._answers(responses)
        finally:
            self._over.set()
            watcher.join()

    def cancel(self) -> None:
        """Ask the server to end (C-CANCEL); answers that still come are not yielded."""
        with self._lock:
            if self._cancelled_at is not None or not self._association.is_established:
                return
            self._cancelled_at = time.monotonic()
            # the association may end between the look at it and this
            with contextlib.suppress(RuntimeError):
                self._association.send_c_cancel(self._id, query_model=self._sop_class)

    def _watch(self) -> None:
        """Turn a stop into a C-CANCEL, and a C-CANCEL that nobody heeds into an abort."""
        while not self._over.wait(0.05):
            if self._stop is not None and self._stop.is_set():
                self._report.stopped = True
                self.cancel()
            cancelled = self._cancelled_at
            if cancelled is not None and time.monotonic() - cancelled > GRACE:
                if self._association.is_established:
                    self._association.abort()
                    # an abort of our own does not wake who waits for the next answer
                    self._association.dimse.msg_queue.put((None, None))
                return

    def _answers(self, responses: Iterator[tuple[Any, Any]]) -> Iterator[Dataset]:
        last = None
        for answer, identifier in responses:
            if "Status" not in answer:
                if self._cancelled_at is not None:
                    return  # it was aborted since it did not heed the C-CANCEL, or left: what came is kept
                raise ended(self._association, self._node)
            told = status(answer.Status, "find")
            if told.kind == "pending":
                if answer is last:
                    continue  # pynetdicom tells an answer that it cannot decode twice
                last = answer
                if told.code == 0xFF01:
                    self._report.hint(LEFT_OUT)
                if self._cancelled_at is not None:
                    continue
                self._report.received += 1
                if identifier is None:
                    self._report.unreadable += 1
                else:
                    yield identifier
            elif told.kind == "failure":
                if self._cancelled_at is None:
                    raise NetworkFailure(
                        f"{self._node.name} refused the query: {told}{_comment(answer)}",
                        step=Step.SERVICE,
                        cause="status",
                        remedy=_REMEDIES.get(told.code, ""),
                    )
            elif told.kind == "warning":
                self._report.hint(str(told))
            elif told.kind == "cancel" and self._cancelled_at is None:
                self._report.more = True


_REMEDIES: Final = {
    0xA900: "Try the other root, or fewer keys.",
    0x0122: "Try the other root; its conformance statement says which it has.",
}


def _comment(answer: Dataset) -> str:
    """Return the server's own words, where it gives any."""
    comment = plain(" ".join(texts(answer, "ErrorComment")), 64)
    return f' It says: "{comment}".' if comment else ""
