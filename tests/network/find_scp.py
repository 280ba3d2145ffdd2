"""A C-FIND server played by tests, for what real ones do rarely; it answers in Implicit VR (G21)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian

from tests.network.peers import LOOPBACK, free_port, node
from workstation.network.nodes import Node
from workstation.network.query_keys import ROOTS
from workstation.network.worklist import MODEL

Answers = Iterator[tuple[int | Dataset, Dataset | None]]


class Stage:
    """The server: each test sets what it answers to the next queries."""

    def __init__(self, peer: Node) -> None:
        self._peer = peer
        self._answers: Callable[[Any], Answers] = lambda event: iter(())

    def play(self, answers: Callable[[Any], Answers], **more: object) -> Node:
        """Let the server answer so, and return it; ``more`` are fields of the node."""
        self._answers = answers
        return replace(self._peer, **more)  # type: ignore[arg-type]

    def answer(self, event: Any) -> Answers:
        yield from self._answers(event)


@contextmanager
def stage() -> Iterator[Stage]:
    """Run the server until the end of the block."""
    from workstation.network import association  # noqa: F401 - sets pynetdicom's habits first
    from pynetdicom import AE, evt  # isort: skip

    entity = AE("PLAYED")
    for sop_class in (*ROOTS.values(), MODEL):
        entity.add_supported_context(sop_class, ImplicitVRLittleEndian)
    port = free_port()
    played = Stage(node("PLAYED", port, answer_timeout=5.0))
    server = entity.start_server((LOOPBACK, port), block=False, evt_handlers=[(evt.EVT_C_FIND, played.answer)])
    try:
        yield played
    finally:
        server.shutdown()


def study(number: int, **values: object) -> Dataset:
    """Return an answer at study level."""
    ds = Dataset()
    ds.QueryRetrieveLevel = "STUDY"
    ds.StudyInstanceUID = f"1.2.3.{number}"
    ds.PatientID = f"P{number}"
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    return ds
