"""The second check of a node: whether it finds studies when it is asked (G22)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from workstation.network.doctor import Finding
from workstation.network.failures import Cancelled, NetworkFailure, Step

if TYPE_CHECKING:
    from workstation.network.nodes import Node

ENOUGH: Final = 2
"""Answers after which the server is asked to end."""


def check_find(node: Node, *, patient_id: str = "", stop: threading.Event | None = None) -> Iterator[Finding]:
    """Ask for studies, of one patient if an ID is given, and tell that answers came; nothing of them is kept.

    Raises
    ------
    Cancelled
    """
    from workstation.network.query import FindReport, find
    from workstation.network.query_keys import Query

    keys = (("PatientID", patient_id),) if patient_id else (("StudyInstanceUID", ""),)
    report, start = FindReport(), time.perf_counter()
    try:
        found = len(
            list(
                find(node, Query(keys=keys, everything=not patient_id), limit=ENOUGH, stop=stop, report=report),
            )
        )
    except Cancelled:
        raise
    except NetworkFailure as failure:
        yield Finding(Step.SERVICE, False, failure.sentence, failure.remedy, failure.cause)
        return
    seconds = time.perf_counter() - start
    if found:
        words = "a study" if found == 1 else "studies"
        sentence = f"It answered with {words} after {seconds * 1000:.0f} ms."
        yield Finding(Step.SERVICE, True, sentence, seconds=seconds)
    elif patient_id:
        remedy = "Check how the ID is written there, and whether our title may see this patient."
        yield Finding(Step.SERVICE, False, "It answered, but knows no study of this patient.", remedy, "empty", seconds)
    else:
        remedy = "It may be empty, or show nothing to our title."
        yield Finding(Step.SERVICE, False, "It answered, but found no study at all.", remedy, "empty", seconds)
