"""Joins the receiver with the library: what arrives is adopted in batches, and told to whoever shows it (G12, G16).

What the library cannot take over stays in the spool; it is tried again with what comes next, and at the next start.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workstation import log
from workstation.errors import WorkstationError
from workstation.network.receiver import Receiver
from workstation.network.receiver_events import (
    Arrived,
    AssociationClosed,
    AssociationOpened,
    CommitmentReport,
    Event,
    Problem,
    Refused,
)

if TYPE_CHECKING:
    from workstation.library.batches import ImportReport
    from workstation.library.store import Library
    from workstation.network.commitments import Commitments
    from workstation.network.receiver_options import ReceiverOptions
    from workstation.network.spool import Kept

GATHER: Final = 0.3
"""Seconds arrivals are gathered before the library is given them."""
BATCH: Final = 200
MOST_REFUSALS: Final = 3
"""Refusals that are told of one batch; the log has all of them."""
_log = log.get("network")


@dataclass(frozen=True, slots=True)
class Taken:
    """What a sender has brought since it connected; ``over`` when it is done.

    ``objects`` counts what arrived, ``images`` says whether all of them are images. Of these the library has got
    ``added`` new ones, ``there`` it had already, ``apart`` it keeps beside another object of the same UID, ``waiting``
    it could not take yet. ``unread`` are sentences of what it could not read.
    """

    calling: str
    objects: int = 0
    images: bool = True
    added: int = 0
    there: int = 0
    apart: int = 0
    waiting: int = 0
    unread: tuple[str, ...] = ()
    over: bool = False

    def after(self, before: Taken) -> Taken:
        """Return both as one, this being the later."""
        return replace(
            self,
            objects=before.objects + self.objects,
            images=before.images and self.images,
            added=before.added + self.added,
            there=before.there + self.there,
            apart=before.apart + self.apart,
            waiting=before.waiting + self.waiting,
            unread=before.unread + self.unread,
        )


@dataclass(frozen=True, slots=True)
class Senders:
    """How many associations are open now."""

    open: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something was refused, or is wrong on our side; ``ended`` if nothing can be received any more."""

    sentence: str
    calling: str = ""
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Committed:
    """A node reported on a storage commitment."""

    node: str
    committed: int
    failed: int


News = Taken | Senders | Trouble | Committed


@dataclass(slots=True)
class _Sender:
    """What one calling title has brought since its first association was opened."""

    open: int = 0
    objects: int = 0
    images: bool = True
    added: int = 0
    there: int = 0
    apart: int = 0
    other: int = 0
    unread: list[str] = field(default_factory=list)

    def taken(self, calling: str, *, over: bool = False) -> Taken:
        dealt_with = self.added + self.there + self.apart + self.other + len(self.unread)
        return Taken(
            calling,
            self.objects,
            self.images,
            self.added,
            self.there,
            self.apart,
            max(self.objects - dealt_with, 0),
            tuple(self.unread),
            over,
        )


class Receiving:
    """Our receiver with the library behind it, between :meth:`start` and :meth:`stop`."""

    def __init__(
        self,
        options: ReceiverOptions,
        library: Callable[[], Library],
        tell: Callable[[News], None],
        *,
        book: Commitments | None = None,
    ) -> None:
        """Check the options; ``library`` and ``tell`` are called on a thread of this object.

        Raises
        ------
        NodeError
        """
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._receiver = Receiver(options, self._deliver)
        self._library, self._tell, self._book = library, tell, book
        self._thread: threading.Thread | None = None
        self._changing = threading.Lock()
        self._listeners: tuple[Callable[[Kept], None], ...] = ()
        self._senders: dict[str, _Sender] = {}
        self._waiting: dict[Path, str] = {}

    @property
    def options(self) -> ReceiverOptions:
        """How it is set up."""
        return self._receiver.options

    @property
    def port(self) -> int:
        """The port peers connect to; 0 while it does not listen."""
        return self._receiver.port

    @property
    def running(self) -> bool:
        """Whether it listens."""
        return self._receiver.running

    def start(self) -> Receiving:
        """Listen, and let the library have what an earlier run left.

        Raises
        ------
        NetworkFailure
            If the port is taken, or certificates cannot be read.
        OSError
        """
        with self._changing:
            self._receiver.start()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="receiving", daemon=True)
                self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening; what has arrived is handed to the library first."""
        with self._changing:
            self._receiver.stop()
            if self._thread is None:
                return
            self._events.put(None)
            self._thread.join()
            self._thread = None
            try:
                self._receiver.settle()
            except OSError as error:
                _log.warning("the ledger of arrivals could not be settled: %s", error.strerror)

    def __enter__(self) -> Receiving:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @contextmanager
    def arrivals(self, tell: Callable[[Kept], None]) -> Iterator[None]:
        """Call ``tell``, on the receiver's thread, for every object that comes during a ``with`` block.

        Objects of other senders may be among them. The library may have taken a file over by the time it is looked at.
        """
        # tuples, replaced whole: the receiver's thread may be walking through the old one
        self._listeners = (*self._listeners, tell)
        try:
            yield
        finally:
            self._listeners = tuple(one for one in self._listeners if one is not tell)

    def why_not(self, calling: str, called: str) -> str:
        """Return why a caller that calls us by a title is refused, as a sentence; nothing where it is not."""
        options = self.options
        if called.strip(" ") != options.ae_title.strip(" "):
            return f"it is called {options.ae_title}, and {called} was asked for."
        return "" if options.may_call(calling) else f"{calling} is not among those who may send."

    def _deliver(self, event: Event) -> None:
        if isinstance(event, Arrived):
            for tell in self._listeners:
                tell(event.kept)
        self._events.put(event)

    def _work(self) -> None:
        for left in self._receiver.left_over:
            self._waiting[left.path] = left.calling
            self._sender(left.calling).objects += 1
        for report in self._receiver.reports:
            self._guarded(partial(self._report, report, silently=True))
        self._guarded(self._adopt)
        for calling in list(self._senders):
            self._told_all(calling)
        going = True
        while going:
            events, going = self._gathered()
            # whoever may connect may be refused a thousand times a second: each thing is told once a batch
            told = {(one.sentence, one.calling): one for one in events if isinstance(one, Refused)}
            for event in events:
                if not isinstance(event, Refused):
                    self._take(event)
            for refused in list(told.values())[:MOST_REFUSALS]:
                self._tell(Trouble(refused.sentence, refused.calling))
            self._guarded(self._adopt)
            for calling in [name for name, one in self._senders.items() if not one.open]:
                self._told_all(calling)

    def _gathered(self) -> tuple[list[Event], bool]:
        """Wait for an event, and a moment more for those that follow it; False with the last ones."""
        first = self._events.get()
        if first is None:
            return [], False
        events = [first]
        end = time.monotonic() + GATHER
        while len(events) < BATCH and not isinstance(events[-1], AssociationClosed):
            try:
                event = self._events.get(timeout=max(end - time.monotonic(), 0.0))
            except queue.Empty:
                break
            if event is None:
                return events, False
            events.append(event)
        return events, True

    def _take(self, event: Event) -> None:
        if isinstance(event, Arrived):
            one = self._sender(event.calling)
            one.objects += 1
            one.images = one.images and _is_image(event.kept.sop_class_uid)
            one.there += event.kept.path in self._waiting  # the same bytes, a moment ago
            self._waiting[event.kept.path] = event.calling
        elif isinstance(event, AssociationOpened):
            self._sender(event.calling).open += 1
            self._tell(Senders(event.open))
        elif isinstance(event, AssociationClosed):
            one = self._sender(event.calling)
            one.open = max(one.open - 1, 0)
            self._tell(Senders(event.open))
        elif isinstance(event, Problem):
            self._tell(Trouble(event.sentence, ended=not self.running))
        elif isinstance(event, CommitmentReport):
            self._guarded(partial(self._report, event))

    def _sender(self, calling: str) -> _Sender:
        return self._senders.setdefault(calling, _Sender())

    def _told_all(self, calling: str) -> None:
        one = self._senders.pop(calling)
        if one.objects:
            self._tell(one.taken(calling, over=True))

    def _guarded(self, work: Callable[[], None]) -> None:
        """Do something that must not end the thread."""
        try:
            work()
        except WorkstationError as error:
            self._tell(Trouble(str(error)))
        except OSError as error:
            self._tell(Trouble(f"What was received could not be handed on: {error.strerror or type(error).__name__}."))
        except Exception:
            _log.exception("what was received could not be handed on")
            self._tell(Trouble("What was received could not be handed on; the log says why."))

    def _adopt(self) -> None:
        """Let the library take over what waits, each sender's apart."""
        for calling in dict.fromkeys(self._waiting.values()):
            paths = [path for path, whose in self._waiting.items() if whose == calling]
            for start in range(0, len(paths), BATCH):
                some = paths[start : start + BATCH]
                there = [path for path in some if path.exists()]
                report = self._adopted(there)
                for path in some:
                    del self._waiting[path]
                # a retrieval that waits for the same objects may have been faster
                self._sender(calling).there += len(some) - len(there)
                if report is not None:
                    self._count(calling, report)

    def _adopted(self, paths: list[Path]) -> ImportReport | None:
        from workstation.library.importer import import_paths

        return list(import_paths(self._library(), paths, copy=False, adopt=True))[-1] if paths else None

    def _count(self, calling: str, report: ImportReport) -> None:
        one = self._sender(calling)
        one.added += report.added
        one.there += report.known + len(report.identical)
        one.apart += len(report.apart)
        one.other += report.changed + report.moved
        one.unread += [reason for _path, reason in report.skipped]
        if one.open:
            self._tell(one.taken(calling))

    def _report(self, event: CommitmentReport, *, silently: bool = False) -> None:
        """Put a report of storage commitment to its request; what was put there before changes nothing."""
        from workstation.network.commitments import CommitmentError, Commitments, Report

        book = self._book or Commitments()
        try:
            asked = book.transaction(event.transaction_uid)
        except CommitmentError:
            asked = None
        if silently and asked is not None and asked.state != "pending":
            return
        classes = {uid: sop_class for sop_class, uid in asked.references} if asked is not None else {}
        settled = book.settle(
            Report(
                event.transaction_uid,
                tuple((classes.get(uid, ""), uid) for uid in event.ok),
                tuple((classes.get(uid, ""), uid, reason) for uid, reason in event.failed),
            )
        )
        failed = len(settled.failed) + len(settled.unanswered)
        self._tell(Committed(settled.node or event.calling, len(settled.committed), failed))


def _is_image(sop_class_uid: str) -> bool:
    from pydicom.uid import UID

    return "Image Storage" in UID(sop_class_uid).name
