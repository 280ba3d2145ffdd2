"""Finds out how far a conversation with a node gets, and says what to change (G1, G22)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workstation.network.failures import NetworkFailure, Step
from workstation.network.transport import open_transport, resolve

if TYPE_CHECKING:
    from workstation.network.nodes import Node

VERIFICATION: Final = "1.2.840.10008.1.1"
IMPLICIT: Final = "1.2.840.10008.1.2"
STEPS: Final = (Step.ADDRESS, Step.CONNECT, Step.TLS, Step.ASSOCIATION, Step.TITLE, Step.SERVICE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One step of a check: ``good`` is None where it was not reached."""

    step: Step
    good: bool | None
    sentence: str
    remedy: str = ""
    cause: str = ""
    seconds: float = 0.0


def echo(node: Node, *, stop: threading.Event | None = None) -> float:
    """Do a C-ECHO and return the seconds from the request to its answer.

    Raises
    ------
    NetworkFailure
        Also where the answer is not 0x0000 (G1).
    """
    from workstation.network.association import Proposal, associated, ended
    from workstation.network.statuses import status

    with associated(node, [Proposal(VERIFICATION, (IMPLICIT,))], stop=stop) as association:
        start = time.perf_counter()
        answer = association.send_c_echo()
        seconds = time.perf_counter() - start
        if "Status" not in answer:
            raise ended(association, node)
        if answer.Status != 0:
            raise NetworkFailure(
                f"{node.name} answered the echo: {status(answer.Status)}", step=Step.SERVICE, cause="status"
            )
    return seconds


def examine(node: Node, *, stop: threading.Event | None = None) -> Iterator[Finding]:
    """Check a node step by step: name, connection, TLS, association, titles, the echo itself.

    Steps after the first that fails are given as not reached.
    """
    steps = [step for step in STEPS if node.tls or step is not Step.TLS]
    told = dict.fromkeys(steps, "")
    try:
        addresses = resolve(node)
        told[Step.ADDRESS] = f"{node.host} is {', '.join(sorted({entry[4][0] for entry in addresses}))}."
        yield Finding(steps.pop(0), True, told[Step.ADDRESS])
        start = time.perf_counter()
        open_transport(node).close()
        opened = time.perf_counter() - start
        yield Finding(steps.pop(0), True, f"Port {node.port} is open.", seconds=opened)
        if node.tls:
            yield Finding(steps.pop(0), True, "The connection is secure, the certificate is trusted.")
        seconds = echo(node, stop=stop)
    except NetworkFailure as failure:
        yield from _after_failure(steps, failure, node)
        return
    for step in steps[:-1]:
        yield Finding(step, True, _passed(step, node))
    yield Finding(steps[-1], True, f"It answered the echo after {seconds * 1000:.0f} ms.", seconds=seconds)


def _after_failure(steps: list[Step], failure: NetworkFailure, node: Node) -> Iterator[Finding]:
    """Give the steps that were passed on the way to the one that failed, that one, and those not reached."""
    at = Step.SERVICE if failure.step in (Step.CONTEXT, Step.TRANSFER) else failure.step
    place = steps.index(at) if at in steps else 0
    for step in steps[:place]:
        yield Finding(step, True, _passed(step, node))
    yield Finding(at, False, failure.sentence, failure.remedy, failure.cause)
    for step in steps[place + 1 :]:
        yield Finding(step, None, "Not reached.")


def _passed(step: Step, node: Node) -> str:
    return {
        Step.ADDRESS: f"{node.host} is known.",
        Step.CONNECT: f"Port {node.port} is open.",
        Step.TLS: "The connection is secure, the certificate is trusted.",
        Step.ASSOCIATION: "It speaks DICOM.",
        Step.TITLE: f"It answers to {node.ae_title} and accepts {node.calling}.",
    }[step]
