"""``workstation get`` and ``workstation move``: a study, series or objects from a node, by C-GET or C-MOVE."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.cli.documents import write_json
from workstation.cli.network_options import chosen_node
from workstation.errors import BadUsage, WorkstationError
from workstation.paths import data_folder

if TYPE_CHECKING:
    import argparse

    from workstation.library.store import Library
    from workstation.network.arrival_relay import ArrivalSource
    from workstation.network.nodes import Node
    from workstation.network.progress import Outcome, Progress
    from workstation.network.wishes import Wish

KEYS = {"study": ("StudyInstanceUID",), "series": ("StudyInstanceUID", "SeriesInstanceUID")}
KEYS["image"] = (*KEYS["series"], "SOPInstanceUID")
"""Keys that each level names."""


def run(options: argparse.Namespace) -> int:
    """Retrieve, or have one node send to another."""
    node, wish = chosen_node(options), _wish(options)
    elsewhere = options.command == "move" and options.to
    if bool(options.out) == bool(elsewhere):
        raise BadUsage("move needs --out DIR, or --to TITLE" if options.command == "move" else "get needs --out DIR")
    if elsewhere:
        if options.library:
            raise BadUsage("--library goes with --out")
        from workstation.network.moving import move_between

        return _Told(options).all_of(move_between(node, wish, options.to, stop=threading.Event()))
    return _retrieve(node, wish, options)


def _retrieve(node: Node, wish: Wish, options: argparse.Namespace) -> int:
    from workstation.network.retrieving import retrieve
    from workstation.network.spool import Spool

    folder = Path(options.out)
    told = _Told(options)
    with contextlib.ExitStack() as closing:
        library = closing.enter_context(_library()) if options.library else None
        source = closing.enter_context(_receiver(node, folder, options.port)) if options.command == "move" else None
        told.take_all(
            retrieve(node, wish, Spool(folder), have=_held_by(library), stop=threading.Event(), receiver=source)
        )
        if library is not None:
            told.take_into(library)
    return told.finish()


def _wish(options: argparse.Namespace) -> Wish:
    from workstation.network.wishes import Wish

    given: dict[str, list[str]] = {}
    for word in options.key:
        keyword, _, value = word.partition("=")
        if keyword not in KEYS["image"] or not value:
            raise BadUsage(f"-k is one of {', '.join(KEYS['image'])}, with =UID")
        given.setdefault(keyword, []).extend(value.split("\\"))
    if set(given) != set(KEYS[options.level]):
        raise BadUsage(f"--level {options.level} takes -k {' -k '.join(f'{one}=UID' for one in KEYS[options.level])}")
    if len(given["StudyInstanceUID"]) > 1:
        raise BadUsage("one study at a time")
    series, instances = given.get("SeriesInstanceUID", ()), given.get("SOPInstanceUID", ())
    return Wish(given["StudyInstanceUID"][0], tuple(series), tuple(instances))


@contextlib.contextmanager
def _library() -> Iterator[Library]:
    from workstation.library.store import Library

    with Library(data_folder() / "library") as library:
        library.demand_writable()
        yield library


def _held_by(library: Library | None) -> Any:
    def have(uids: Iterable[str]) -> set[str]:
        from workstation.library.known import held

        return set() if library is None else held(library, uids)

    return have


@contextlib.contextmanager
def _receiver(node: Node, folder: Path, port: int) -> Iterator[ArrivalSource]:
    """Listen for the time of the retrieval, where the node can reach this computer, to that node only (A35)."""
    from workstation.network.arrival_relay import ArrivalRelay
    from workstation.network.arrivals import FILE_NAME
    from workstation.network.moving import destination_of
    from workstation.network.receiver import Receiver
    from workstation.network.receiver_options import LOCK, ReceiverOptions
    from workstation.network.transport import own_address

    relay = ArrivalRelay()
    options = ReceiverOptions(
        folder,
        ae_title=destination_of(node),
        port=port,
        address=own_address(node),
        allowed=frozenset({node.ae_title}),
        tls=node.tls,
    )
    try:
        with Receiver(options, relay.deliver):
            yield relay
    finally:
        for name in (FILE_NAME, LOCK):  # everything in the first stands in the ledger of the retrieval
            (folder / name).unlink(missing_ok=True)


class _Told:
    """What is said while it goes on, and at the end."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._json = bool(options.json)
        self._outcomes: list[Outcome] = []
        self._last: Progress | None = None
        self._failure: WorkstationError | None = None
        self._library: dict[str, int] | None = None

    def all_of(self, job: Iterator[Progress]) -> int:
        """Do the job to its end, tell of it, and return the exit code."""
        self.take_all(job)
        return self.finish()

    def take_all(self, job: Iterator[Progress]) -> None:
        """Do the job to its end, or to where it fails: what came until then counts."""
        try:
            for progress in job:
                self._take(progress)
        except WorkstationError as failure:
            self._failure = failure
            _say(str(failure))

    def take_into(self, library: Library) -> None:
        """Add what came to the library, where it lies."""
        from workstation.library.batches import ImportReport
        from workstation.library.importer import import_paths

        paths = [one.path for one in self._outcomes if one.path]
        report = ImportReport()
        if paths:
            for _ in import_paths(library, paths, copy=False, report=report):
                pass
        for path, reason in report.skipped:
            _say(f"{path}: {reason}")
        self._library = {"added": report.added, "known": report.known + len(report.identical)}

    def finish(self) -> int:
        """Print the end and return the exit code."""
        last = self._last
        counts = {
            "done": last.done if last else 0,
            "skipped": last.skipped if last else 0,
            "failed": last.failed if last else 0,
            "total": last.total if last else None,
            "bytes": last.size if last else 0,
        }
        if self._json:
            failure = self._failure
            write_json(
                {
                    **counts,
                    "failure": str(failure) if failure else None,
                    "cause": getattr(failure, "cause", failure.code) if failure else None,
                    "instances": [
                        {"sop_uid": one.sop_instance_uid, "kind": one.kind, "reason": one.sentence, "path": one.path}
                        for one in self._outcomes
                    ],
                    **({"library": self._library} if self._library is not None else {}),
                }
            )
        else:
            print(f"{counts['done']} retrieved, {counts['skipped']} here already, {counts['failed']} failed")
            if self._library is not None:
                print(f"library: {self._library['added']} added, {self._library['known']} known")
        usable = counts["done"] or counts["skipped"]
        if not usable:
            return 2
        return 1 if self._failure or counts["failed"] else 0

    def _take(self, progress: Progress) -> None:
        self._last = progress
        if progress.sentence:
            _say(progress.sentence)
        outcome = progress.outcome
        if outcome is None:
            return
        self._outcomes.append(outcome)
        if outcome.kind == "failed":
            _say(f"{outcome.sop_instance_uid}: {outcome.sentence}")
        elif not self._json and outcome.path:
            print(outcome.path, flush=True)


def _say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
