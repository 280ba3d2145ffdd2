"""``workstation receive``: be a storage server until enough has come, or Ctrl+C."""

from __future__ import annotations

import json
import queue
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.errors import BadUsage
from workstation.paths import data_folder

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from workstation.library.store import Library
    from workstation.network.nodes import Tls
    from workstation.network.receiver import Receiver
    from workstation.network.receiver_events import Arrived, Event

GOODBYE = 5.0
"""Seconds in which the senders of the last objects may end their associations."""
BATCH = 200
"""Objects that the library takes over at a time, where so many wait."""


def run(options: argparse.Namespace) -> int:
    """Receive."""
    from workstation.network.receiver import Receiver, ReceiverOptions

    if (options.out is None) == (options.library is None):
        raise BadUsage("either --out DIR or --library says where objects go")
    if options.once is not None and options.once < 1:
        raise BadUsage("--once is at least 1")
    receiver = Receiver(
        ReceiverOptions(
            Path(options.out) if options.out is not None else data_folder() / "received",
            ae_title=options.aet,
            port=options.port,
            address=options.address,
            allowed=frozenset(options.allowed or ()),
            anyone=options.anyone,
            tls=_tls(options.tls),
        )
    )
    if options.library is None:
        return _Run(options, receiver, None).until_over()
    from workstation.library.store import Library

    with Library(Path(options.library) if options.library else data_folder() / "library") as library:
        library.demand_writable()
        return _Run(options, receiver, library).until_over()


class _Run:
    def __init__(self, options: argparse.Namespace, receiver: Receiver, library: Library | None) -> None:
        self._json: bool = options.json
        self._left: int | None = options.once
        self._receiver = receiver
        self._library = library
        self._faults = 0
        self._open = 0

    def until_over(self) -> int:
        """Tell everything that happens; return the exit code."""
        try:
            with self._receiver:
                self._take_over([left.path for left in self._receiver.left_over])
                while self._left is None or self._left > 0:
                    self._tell(self._some(None))
                # the last object is answered after it is told
                end = time.monotonic() + GOODBYE
                while self._open and (wait := end - time.monotonic()) > 0:
                    self._tell(self._some(wait))
        except KeyboardInterrupt:
            self._say("Ended.")
        # what had been told as stored before the end
        self._tell(list(_at_hand(self._receiver.events)))
        if self._library is not None:
            self._receiver.settle()
        return 1 if self._faults else 0

    def _some(self, patience: float | None) -> list[Event]:
        """Return what happened, at least one event within ``patience`` seconds; Ctrl+C is heard while nothing does."""
        end = time.monotonic() + patience if patience is not None else float("inf")
        while time.monotonic() < end:
            try:
                first = self._receiver.events.get(timeout=0.5)
            except queue.Empty:
                continue
            return [first, *_at_hand(self._receiver.events)]
        return []

    def _tell(self, events: list[Event]) -> None:
        from workstation.network.receiver_events import (
            Arrived,
            AssociationClosed,
            AssociationOpened,
            Listening,
            Problem,
            Refused,
            to_document,
        )

        arrived: list[Arrived] = []
        for event in events:
            if self._json:
                print(json.dumps(to_document(event)), flush=True)
            if isinstance(event, Arrived):
                arrived.append(event)
                self._tell_object(event)
            elif isinstance(event, AssociationOpened | AssociationClosed):
                self._open = event.open
            elif isinstance(event, Refused | Problem):
                self._faults += 1
                self._say(event.sentence)
            elif isinstance(event, Listening):
                self._say(f"Listening at {event.address}:{event.port}; Ctrl+C ends it.")
            if isinstance(event, Problem) and not self._receiver.running:
                self._left = 0
        self._take_over([event.kept.path for event in arrived])
        if self._left is not None:
            self._left -= len(arrived)

    def _tell_object(self, event: Arrived) -> None:
        if not self._json:
            kept = event.kept
            where = "" if self._library is not None else f"  {kept.path}"
            again = "  (again)" if kept.repeated else ""
            print(f"{event.calling}  {kept.sop_instance_uid}  {kept.size} bytes{where}{again}", flush=True)

    def _take_over(self, paths: list[Path]) -> None:
        """Let the library have what arrived; what it cannot read stays in the spool and is told."""
        if self._library is None or not paths:
            return
        from workstation.library.importer import import_paths

        for start in range(0, len(paths), BATCH):
            # the same object may have come several times
            some = list(dict.fromkeys(path for path in paths[start : start + BATCH] if path.exists()))
            report = list(import_paths(self._library, some, copy=False, adopt=True))[-1]
            for path, reason in report.skipped:
                self._faults += 1
                self._say(f"{path}: {reason}")

    def _say(self, text: str) -> None:
        sys.stderr.write(text + "\n")


def _at_hand(events: queue.SimpleQueue[Event]) -> Iterator[Event]:
    while True:
        try:
            yield events.get_nowait()
        except queue.Empty:
            return


def _tls(words: list[str] | None) -> Tls | None:
    from workstation.network.nodes import Tls

    if not words:
        return None
    certificate, key, authorities = ("" if word == "-" else word for word in words)
    return Tls(authorities=authorities, certificate=certificate, key=key)
