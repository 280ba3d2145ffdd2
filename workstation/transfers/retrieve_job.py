"""A job that retrieves: objects come by C-GET or C-MOVE, go into the library, and are told as soon as they are there.

What the library has is not asked for, so the same job goes on where it was stopped (G20).
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workstation.errors import WorkstationError
from workstation.library.archive import stored_path
from workstation.network.spool import Spool

if TYPE_CHECKING:
    from workstation.library.store import Library
    from workstation.network.arrival_relay import ArrivalSource
    from workstation.network.nodes import Node
    from workstation.network.progress import Progress

BATCH: Final = 100
GATHER: Final = 0.25
"""Seconds objects are gathered before the library is given them; the first is not kept waiting."""

MOVED: Final = "moved"
"""Folder in the spool where objects come that a node was asked to move to us."""
SEEN_EVERY: Final = 1.0
"""Seconds between two looks at the library while objects come."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a retrieval needs of the program.

    ``library`` gives the library for this thread's use. ``spool`` is where objects wait for it. ``receiver`` gives our
    receiver where it is on; without it a C-MOVE listens on ``move_port`` for as long as it lasts. ``changed`` is called
    on the job's thread when the library has more.
    """

    library: Callable[[], Library]
    spool: Path
    receiver: Callable[[], ArrivalSource | None] = lambda: None
    move_port: Callable[[], int] = lambda: 0
    changed: Callable[[], None] = lambda: None


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
    from workstation.library.known import held
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
        # at the very end, whether or not anything came: another window may have fetched the same
        closing.callback(around.changed)
        spool, moved = Spool(around.spool), Spool(around.spool / MOVED)
        keeper = Keeper(library, around.changed)
        for left_by_earlier_runs in (spool, moved):
            keeper.take_left(left_by_earlier_runs)
        # what was still on its way when the user stopped it comes until nothing listens any more
        closing.callback(keeper.take_left, moved)
        source = closing.enter_context(listening(node, around)) if node.retrieve == "move" else None
        told = retrieve(node, wish, spool, have=lambda uids: held(library, uids), stop=stop, receiver=source)
        last: Progress | None = None
        try:
            for progress in told:
                for last in keeper.keep(progress):
                    yield last
        except WorkstationError:
            # what came before the fault or the stop is in the library, so it counts
            yield from keeper.flush()
            raise
        finally:
            left = list(keeper.flush())
        for last in left:
            yield last
        if last is not None and last.failed and source is not None and (why := _refusal(source, node)):
            yield replace(last, outcome=None, sentence=why)


def _refusal(source: ArrivalSource, node: Node) -> str:
    """Say that our receiver refuses the node, which tells only of a fault without a name; nothing if it does not."""
    from workstation.network.moving import destination_of

    why = source.why_not(node.ae_title, destination_of(node))
    return f"Our receiver did not let it in: {why} Change that under Preferences › Receiving." if why else ""


@contextlib.contextmanager
def listening(node: Node, around: Surroundings) -> Iterator[ArrivalSource]:
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
        around.spool / MOVED,
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


class Keeper:
    """Hands files to the library, a batch at a time, and tells of each when it lies there."""

    def __init__(self, library: Library, changed: Callable[[], None]) -> None:
        self._library, self._changed = library, changed
        self._waiting: list[Progress] = []
        self._files = 0
        self._due = 0.0
        self._seen = 0.0

    def take_left(self, spool: Spool) -> None:
        """Hand over what an earlier run left behind."""
        left = spool.waiting()
        for start in range(0, len(left), BATCH):
            self._adopt(left[start : start + BATCH])

    def keep(self, progress: Progress) -> Iterator[Progress]:
        """Take what a retrieval tells, and give what may be told on: objects once they are in the library."""
        self._waiting.append(progress)
        self._files += bool(_path_of(progress))
        if not self._files or self._files >= BATCH or time.monotonic() >= self._due:
            yield from self.flush()

    def flush(self) -> Iterator[Progress]:
        """Hand over all that waits, and tell of it."""
        waiting, self._waiting = self._waiting, []
        if self._files:
            self._files = 0
            self._adopt([Path(path) for progress in waiting if (path := _path_of(progress))])
            self._due = time.monotonic() + GATHER
        for progress in waiting:
            yield self._placed(progress)

    def _adopt(self, paths: list[Path]) -> None:
        from workstation.library.importer import import_paths

        # a receiver that is on has a keeper of its own, which may have been faster
        there = [path for path in paths if path.exists()]
        for _report in import_paths(self._library, there, copy=False, adopt=True) if there else ():
            pass
        if time.monotonic() >= self._seen + SEEN_EVERY:
            self._seen = time.monotonic()
            self._changed()

    def _placed(self, progress: Progress) -> Progress:
        """Return what is told with the place where the file lies now."""
        path = _path_of(progress)
        if not path or progress.outcome is None:
            return progress
        # its name in the spool is the hash of its content, as in the library
        place = stored_path(self._library.files, Path(path).parent.name + Path(path).stem)
        if not place.exists():
            return progress
        return replace(progress, outcome=replace(progress.outcome, path=str(place)))


def _path_of(progress: Progress) -> str:
    return progress.outcome.path if progress.outcome is not None else ""
