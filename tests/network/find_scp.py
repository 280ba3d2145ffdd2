"""A C-FIND server played by a test, for what real ones do rarely."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pydicom.dataset import Dataset

from tests.network.peers import LOOPBACK, free_port, node
from workstation.network.nodes import Node
from workstation.network.query_keys import ROOTS
from workstation.network.worklist import MODEL


@contextmanager
def played(answers: Callable[[Any], Iterator[tuple[int, Dataset | None]]], **more: object) -> Iterator[Node]:
    """Run a server whose answers to every query are those that ``answers(event)`` yields."""
    from workstation.network import association  # noqa: F401 - sets pynetdicom's habits first
    from pynetdicom import AE, evt  # isort: skip

    entity = AE("PLAYED")
    for sop_class in (*ROOTS.values(), MODEL):
        entity.add_supported_context(sop_class)
    port = free_port()
    server = entity.start_server((LOOPBACK, port), block=False, evt_handlers=[(evt.EVT_C_FIND, answers)])
    try:
        yield node("PLAYED", port, answer_timeout=5.0, **more)
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
