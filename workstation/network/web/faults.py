"""What an HTTP status means here, in words and with what to change (PS3.18 8.5, RFC 9110)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from workstation.network.failures import NetworkFailure, Step

if TYPE_CHECKING:
    from workstation.network.nodes import Node

ROOT_REMEDY: Final = "Check the root of the service: it often ends in /dicom-web, /dicomweb, /rs or /wado-rs."
_WHO: Final = {
    "none": ("it wants to know who asks", "Choose how to sign in in the node's page."),
    "basic": ("it does not accept the user and the password", "Check both; the password is asked for again."),
    "bearer": ("it does not accept the token, or the token has expired", "Give a new token."),
    "oidc": ("it does not accept the sign-in, or it has expired", "Sign in again."),
}
_STATUSES: Final = {
    400: ("bad_request", "it does not understand the request", ""),
    403: ("forbidden", "it does not allow this to the user", "Ask its administrator for the right to do it."),
    404: ("not_found", "it has nothing under this address", ROOT_REMEDY),
    405: ("not_supported", "it does not offer this service", "Leave the service out for this node."),
    406: ("not_acceptable", "it cannot give the object in the form that was asked for", "Fetch it in another form."),
    408: ("timeout", "it gave up waiting for the request", "Try again."),
    409: ("conflict", "it stored nothing of what was sent", ""),
    410: ("gone", "it no longer has the object", ""),
    411: ("bad_request", "it wants to be told lengths in another way", ""),
    413: ("too_large", "what was sent is larger than it takes at once", "Raise its limit for the size of a request."),
    414: ("too_long", "the request is longer than it takes", "Ask with fewer keys."),
    415: ("not_supported", "it does not take objects in this form", ""),
    429: ("busy", "it has too much to do", "Try again later."),
    501: ("not_supported", "it does not offer this service", "Leave the service out for this node."),
    503: ("busy", "it is not ready to answer", "Try again later."),
    507: ("no_room", "it has no room left", "Have room made there."),
}


def http_failure(node: Node, status: int, *, step: Step = Step.SERVICE) -> NetworkFailure:
    """Return what an HTTP status other than success says about a request."""
    if status == 401:
        what, remedy = _WHO[node.web.authentication if node.web else "none"]
        return NetworkFailure(f"{node.name}: {what} (HTTP 401).", step=step, cause="unauthorised", remedy=remedy)
    if status in _STATUSES:
        cause, what, remedy = _STATUSES[status]
    elif status >= 500:
        cause, what, remedy = "server", "it failed at the request", "Its own log says why; try again, or ask for less."
    elif 300 <= status < 400:
        cause, what, remedy = "redirect", "it points elsewhere for this", ROOT_REMEDY
    else:
        cause, what, remedy = "refused", "it refused the request", ""
    return NetworkFailure(f"{node.name}: {what} (HTTP {status}).", step=step, cause=cause, remedy=remedy)


def not_dicomweb(node: Node, what: str) -> NetworkFailure:
    """Return that an answer is none of DICOMweb; ``what`` says what came instead."""
    return NetworkFailure(
        f"{node.name}: it answered with {what}, not with DICOMweb.",
        step=Step.SERVICE,
        cause="not_dicomweb",
        remedy=ROOT_REMEDY,
    )


def broken(node: Node, *, step: Step = Step.TRANSFER) -> NetworkFailure:
    """Return that a connection ended before its answer did."""
    return NetworkFailure(
        f"{node.name}: the connection broke before the answer was complete.",
        step=step,
        cause="broken",
        remedy="Try again; what arrived whole is kept.",
    )


def timed_out(node: Node, seconds: float) -> NetworkFailure:
    """Return that nothing came for too long."""
    return NetworkFailure(
        f"{node.name}: nothing came from it for {seconds:g} s.",
        step=Step.SERVICE,
        cause="timeout",
        remedy="Try again, ask for less, or let it have more time in the node's page.",
    )


def too_much(node: Node, limit: int) -> NetworkFailure:
    """Return that an answer is larger than any that makes sense."""
    return NetworkFailure(
        f"{node.name}: its answer is longer than {limit >> 20} MB and was not read further.",
        step=Step.TRANSFER,
        cause="endless",
        remedy="Ask for less at once.",
    )
