"""A job that retrieves: objects come by C-GET or C-MOVE, go into the library, and are told as soon as they are there.

What the library has is not asked for, so the same job goes on where it was stopped (G20).
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workstation.library.archive import stored_path
from workstation.library.importer import import_paths
from workstation.library.known import held
from workstation.network.spool import Spool

if TYPE_CHECKING:
    from workstation.library.store import Library
    from workstation.network.arrival_relay import ArrivalSource
    from workstation.network.nodes import Node
    from workstation.network.progress import Progress

BATCH: Final = 100
GATHER: Final = 0.25
"""Seconds objects are gathered before the library is given them; the first is not kept waiting."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a retrieval needs of the program.

    ``library`` gives the library for this thread's use. ``spool`` is where objects wait for it. ``receiver`` gives our
    receiver where it is on; without it a C-MOVE listens on ``move_port`` for as long as it lasts. ``arrived`` is told
    the study and the files that are new in the library, on the job's thread.
    """

    library: Callable[[], Library]
    spool: Path
    receiver: Callable[[], ArrivalSource | None] = lambda: None
    move_port: Callable[[], int] = lambda: 0
    arrived: Callable[[str, list[Path]], None] = lambda _study, _paths: None


def retrieve_parameters(
    node: str, study: str, series: Iterable[str] = (), instances: Iterable[str] = (), first: Iterable[str] = ()
) -> dict[str, Any]:
    """Return what a job of kind ``retrieve`` takes; ``first`` are series to be got before the others."""
    return {
        "node": node,
        "study": study,
        "series": list(series),
        "instances": list(instances),
        "first": list(first),
    }


def retrieve_job(
    node: Node, parameters: Mapping[str, Any], stop: threading.Event, around: Surroundings
) -> Iterator[Progress]:
    """Retrieve what the parameters name into the library.

    Raises
    ------
    NetworkFailure
    LibraryError
        If the library cannot be written; what had come waits in the spool.
    """
    from workstation.network.retrieving import retrieve
    from workstation.network.wishes import Wish

    wish = Wish(
        parameters["study"],
        tuple(parameters.get("series", ())),
        tuple(parameters.get("instances", ())),
        tuple(parameters.get("first", ())),
    )
    library = around.library()
    library.demand_writable()
    with contextlib.ExitStack() as closing:
        spool = Spool(around.spool)
        source = closing.enter_context(_listening(node, around)) if node.retrieve == "move" else None
        keeper = _Keeper(library, wish.study, around.arrived)
        closing.callback(keeper.finish)
        keeper.take_left(spool)
        for progress in retrieve(node, wish, spool, have=lambda uids: held(library, uids), stop=stop, receiver=source):
            if progress.outcome is not None and progress.outcome.path:
                keeper.add(Path(progress.outcome.path))
            keeper.adopt_if_due()
            yield progress


@contextlib.contextmanager
def _listening(node: Node, around: Surroundings) -> Iterator[ArrivalSource]:
    """Give our receiver, or one for the time of this job that takes from this node alone (A35)."""
    receiver = around.receiver()
    if receiver is not None:
        yield receiver
        return
    from workstation.network.arrival_relay import ArrivalRelay
    from workstation.network.moving import destination_of
    from workstation.network.receiver import Receiver
    from workstation.network.receiver_options import ReceiverOptions
    from workstation.network.transport import own_address

    relay = ArrivalRelay()
    options = ReceiverOptions(
        around.spool / "moved",
        ae_title=destination_of(node),
        port=around.move_port(),
        address=own_address(node),
        allowed=frozenset({node.ae_title}),
        tls=node.tls,
    )
    with Receiver(options, relay.deliver) as listening:
        yield relay
        listening.stop()
        listening.settle()


class _Keeper:
    """Hands files to the library, a batch at a time, and tells where they lie then."""

    def __init__(self, library: Library, study: str, arrived: Callable[[str, list[Path]], None]) -> None:
        self._library, self._study, self._arrived = library, study, arrived
        self._waiting: list[Path] = []
        self._due = 0.0

    def take_left(self, spool: Spool) -> None:
        """Hand over what an earlier run left behind."""
        left = spool.waiting()
        for start in range(0, len(left), BATCH):
            self._adopt(left[start : start + BATCH])

    def add(self, path: Path) -> None:
        """Take a file that has come."""
        self._waiting.append(path)

    def adopt_if_due(self) -> None:
        """Hand over what waits, if it is enough or has waited long enough."""
        if self._waiting and (len(self._waiting) >= BATCH or time.monotonic() >= self._due):
            self.finish()
            self._due = time.monotonic() + GATHER

    def finish(self) -> None:
        """Hand over all that waits."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._adopt(waiting)

    def _adopt(self, paths: list[Path]) -> None:
        # a receiver that is on has a keeper of its own, which may have been faster
        there = [path for path in paths if path.exists()]
        for _report in import_paths(self._library, there, copy=False, adopt=True) if there else ():
            pass
        kept = [place for path in paths if (place := self._place(path)) is not None]
        if kept:
            self._arrived(self._study, kept)

    def _place(self, path: Path) -> Path | None:
        """Return where a spooled file lies now: its name in the spool is the hash of its content, as in the library."""
        place = stored_path(self._library.files, path.parent.name + path.stem)
        return place if place.exists() else path if path.exists() else None
