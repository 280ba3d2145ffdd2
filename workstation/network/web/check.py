"""Finds out how far a conversation with a DICOMweb service gets, and says what to change (G1, G18, G22)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from workstation.network.doctor import Finding
from workstation.network.failures import Cancelled, NetworkFailure, Step
from workstation.network.find_service import FindReport
from workstation.network.query_keys import Query
from workstation.network.transport import open_transport, resolve
from workstation.network.web.connections import origin_of, web_peer
from workstation.network.web.search import search
from workstation.network.web.session import WebSession

if TYPE_CHECKING:
    import threading

    from workstation.network.nodes import Node
    from workstation.network.secrets import Secrets

ENOUGH: Final = 2
"""Answers after which the check ends."""
_STEPS: Final = (Step.ADDRESS, Step.CONNECT, Step.TLS, Step.HTTP, Step.SIGN_IN, Step.SERVICE)
_REFUSALS: Final = frozenset({"unauthorised", "forbidden"})
_BEFORE_ASKING: Final = frozenset(
    {"secret_missing", "secret_unusable", "sign_in", "denied", "issuer", "id_token", "insecure"}
)
"""Causes of not even asking: it is not known yet who asks."""
_NO_ANSWER: Final = frozenset({"not_http", "broken", "timeout", "bad_request"})
_NO_SERVICE: Final = frozenset({"not_found", "not_dicomweb", "redirect", "server", "busy"})
"""Causes after which it is not known whether the service took who asked."""
_ACCEPTED: Final = {
    "none": "It does not ask who one is.",
    "basic": "It accepts the user and the password.",
    "bearer": "It accepts the token.",
    "oidc": "It accepts the sign-in.",
}


def check_web(
    node: Node, secrets: Secrets, *, patient_id: str = "", stop: threading.Event | None = None
) -> Iterator[Finding]:
    """Check a service step by step: name, connection, TLS, HTTP, who asks, a search; nothing found is kept.

    Steps after the first that fails are given as not reached.

    Raises
    ------
    Cancelled
    """
    assert node.web is not None
    peer = web_peer(node, origin_of(node.web.root), own=True)
    steps = [step for step in _STEPS if peer.tls or step is not Step.TLS]
    report = FindReport()
    found = 0
    try:
        addresses = resolve(peer)
        yield Finding(steps.pop(0), True, f"{peer.host} is {', '.join(sorted({one[4][0] for one in addresses}))}.")
        start = time.perf_counter()
        open_transport(peer).close()
        opened = time.perf_counter() - start
        yield Finding(steps.pop(0), True, f"Port {peer.port} is open.", seconds=opened)
        if peer.tls:
            yield Finding(steps.pop(0), True, "The connection is secure, the certificate is trusted.")
        keys = (("PatientID", patient_id),) if patient_id else (("StudyInstanceUID", ""),)
        start = time.perf_counter()
        with WebSession(node, secrets=secrets, stop=stop) as web:
            query = Query(keys=keys, everything=not patient_id)
            found = sum(1 for _ in search(web, query, limit=ENOUGH, report=report))
    except Cancelled:
        raise
    except NetworkFailure as failure:
        yield from _after_failure(steps, failure, peer)
        return
    seconds = time.perf_counter() - start
    yield Finding(Step.HTTP, True, "It answers by HTTP.")
    yield Finding(Step.SIGN_IN, True, _ACCEPTED[node.web.authentication])
    yield _answer(found, report.stopped, patient_id, seconds)


def _answer(found: int, stopped: bool, patient_id: str, seconds: float) -> Finding:
    if stopped:
        raise Cancelled
    if found:
        words = "a study" if found == 1 else "studies"
        said = f"It answered the search with {words} after {seconds * 1000:.0f} ms."
        return Finding(Step.SERVICE, True, said, seconds=seconds)
    if patient_id:
        remedy = "Check how the ID is written there, and whether this user may see this patient."
        return Finding(
            Step.SERVICE, False, "It answered, but knows no study of this patient.", remedy, "empty", seconds
        )
    remedy = "It may be empty, or show nothing to this user."
    return Finding(Step.SERVICE, False, "It answered, but found no study at all.", remedy, "empty", seconds)


def _after_failure(steps: list[Step], failure: NetworkFailure, peer: Node) -> Iterator[Finding]:
    """Give what was passed on the way to the step that failed, that one, and those that were not reached."""
    at = _step_of(failure)
    for step in steps:
        before = _STEPS.index(step) < _STEPS.index(at)
        if step is at:
            yield Finding(step, False, failure.sentence, failure.remedy, failure.cause)
        elif step is Step.HTTP and before and failure.cause in _BEFORE_ASKING:
            yield Finding(step, None, "Not asked: nothing is sent before it is known who asks.")
        elif step is Step.SIGN_IN and before:
            told = failure.cause in _NO_SERVICE
            yield (
                Finding(step, None, "Not known: there was no service to ask.")
                if told
                else Finding(step, True, "It does not refuse who asks.")
            )
        elif before:
            yield Finding(step, True, _passed(step, peer))
        else:
            yield Finding(step, None, "Not reached.")


def _passed(step: Step, peer: Node) -> str:
    return {
        Step.ADDRESS: f"{peer.host} is known.",
        Step.CONNECT: f"Port {peer.port} is open.",
        Step.TLS: "The connection is secure, the certificate is trusted.",
        Step.HTTP: "It answers by HTTP.",
    }[step]


def _step_of(failure: NetworkFailure) -> Step:
    if failure.step in (Step.ADDRESS, Step.CONNECT, Step.TLS):
        return failure.step
    if failure.cause in _REFUSALS or failure.cause in _BEFORE_ASKING:
        return Step.SIGN_IN
    return Step.HTTP if failure.cause in _NO_ANSWER else Step.SERVICE
