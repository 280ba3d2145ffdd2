"""The third check of a node: whether an object it has comes to us, by the way that is set for it (G8, G22)."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.network.doctor import Finding
from workstation.network.failures import Cancelled, NetworkFailure, Step

if TYPE_CHECKING:
    from workstation.network.nodes import Node
    from workstation.network.progress import Progress
    from workstation.network.wishes import Wish
    from workstation.transfers.retrieve_job import Surroundings


def check_retrieve(node: Node, around: Surroundings, stop: threading.Event) -> Iterator[Finding]:
    """Have one object sent to us; it is thrown away, unless our receiver is on, which keeps what comes.

    Raises
    ------
    Cancelled
    """
    start = time.perf_counter()
    try:
        wish = _one_object(node, stop)
        if wish is None:
            yield Finding(Step.TRANSFER, None, "It has no object that could be asked for.")
            return
        progress = _fetched(node, wish, around, stop)
    except Cancelled:
        raise
    except NetworkFailure as failure:
        yield Finding(Step.TRANSFER, False, failure.sentence, failure.remedy or _remedy(node, around), failure.cause)
        return
    seconds = time.perf_counter() - start
    if progress is not None and progress.done:
        kept = " It is in the library now." if node.retrieve == "move" and around.receiver() is not None else ""
        yield Finding(
            Step.TRANSFER, True, f"An object came to us after {seconds * 1000:.0f} ms.{kept}", seconds=seconds
        )
        return
    said = progress.outcome.sentence if progress is not None and progress.outcome is not None else "Nothing came."
    yield Finding(Step.TRANSFER, False, said, _remedy(node, around), "nothing_came", seconds)


def _one_object(node: Node, stop: threading.Event) -> Wish | None:
    """Return some object of the node, None where it has none."""
    from workstation.network.wishes import Wish

    study = _first(node, "STUDY", {"StudyInstanceUID": ""}, stop)
    series = study and _first(node, "SERIES", {"StudyInstanceUID": study, "SeriesInstanceUID": ""}, stop)
    keys = {"StudyInstanceUID": study, "SeriesInstanceUID": series, "SOPInstanceUID": ""}
    instance = series and _first(node, "IMAGE", keys, stop)
    return Wish(study, (series,), (instance,)) if instance else None


def _first(node: Node, level: str, keys: dict[str, str], stop: threading.Event) -> str:
    from workstation.network.answers import InstanceAnswer, SeriesAnswer, StudyAnswer
    from workstation.network.query import find
    from workstation.network.query_keys import Query

    query = Query(level=level, keys=tuple(keys.items()), everything=True)
    for answer in find(node, query, limit=1, stop=stop):
        if isinstance(answer, StudyAnswer | SeriesAnswer | InstanceAnswer):
            return answer.uid
    return ""


def _fetched(node: Node, wish: Wish, around: Surroundings, stop: threading.Event) -> Progress | None:
    from workstation.network.retrieving import Patience, retrieve
    from workstation.network.spool import Spool
    from workstation.transfers.retrieve_job import listening

    with tempfile.TemporaryDirectory(prefix="workstation-check-") as name, ExitStack() as closing:
        folder = Path(name)
        here = replace(around, spool=folder)
        source = closing.enter_context(listening(node, here)) if node.retrieve == "move" else None
        told = retrieve(
            node,
            wish,
            Spool(folder),
            have=lambda _uids: set(),
            stop=stop,
            receiver=source,
            ledger_folder=folder / "ledger",
            patience=Patience(pauses=()),
        )
        steps = list(told)
        return steps[-1] if steps else None


def _remedy(node: Node, around: Surroundings) -> str:
    if node.retrieve != "move":
        return "If it does not send by C-GET, let it move objects to us instead."
    title, port = node.move_to or node.calling, around.move_port()
    where = f"port {port}" if port else "the port that is set under Preferences › Receiving"
    return f"It has to know {title}, with the address of this computer and {where}."
