"""The checks of a node, one after the other: echo, find, move to us, its DICOMweb service (G22)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workstation.network.doctor import Finding
    from workstation.network.nodes import Node
    from workstation.network.secrets import Secrets
    from workstation.ui.network_desk import Check

Translate = Callable[[str], str]
STEPS = {
    "address": "Name",
    "connect": "Connection",
    "tls": "Security",
    "http": "HTTP",
    "sign_in": "Sign-in",
    "association": "Association",
    "title": "Titles",
    "context": "Service",
    "service": "Answer",
    "transfer": "Transfer",
}
"""Words for the steps of a conversation."""
SIGNS = {True: "✓", False: "✗", None: "–"}


@dataclass(frozen=True, slots=True)
class Heading:
    """A check begins."""

    title: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a check found in one step."""

    finding: Finding


Line = Heading | Told


def planned(node: Node, patient_id: str, move_check: Check | None, secrets: Secrets) -> list[tuple[str, Check, bool]]:
    """Return the checks that fit a node: their title, what does them, and whether they need the one before.

    ``secrets`` has the password or token of its DICOMweb service.
    """
    checks: list[tuple[str, Check, bool]] = []
    if node.speaks_dimse:
        checks.append(("Echo", _echo, False))
        if "query" in node.services:
            checks.append(("Find own patient" if patient_id else "Find", partial(_find, patient_id), True))
            if move_check is not None:
                checks.append(("Move to me" if node.retrieve == "move" else "Get one object", move_check, True))
    if node.web is not None:
        checks.append(("DICOMweb", partial(_web, patient_id, secrets), False))
    return checks


def examined(node: Node, checks: Sequence[tuple[str, Check, bool]], stop: threading.Event) -> Iterator[Line]:
    """Do the checks; one that needs the one before it is left out where that failed.

    Raises
    ------
    NetworkFailure
    """
    from workstation.network.doctor import Finding
    from workstation.network.failures import Step

    good = True
    for title, check, needs in checks:
        if stop.is_set():
            return
        yield Heading(title)
        if needs and not good:
            yield Told(Finding(Step.SERVICE, None, "Not reached."))
            continue
        good = True
        for finding in check(node, stop):
            good = good and finding.good is not False
            yield Told(finding)


def as_text(node: Node, lines: Sequence[Line], tr: Translate) -> str:
    """Return a check as text that can be sent to an administrator; it holds nothing of a patient."""
    said = [f"{node.name}: {node}"]
    if node.speaks_dimse:
        said[0] += f" ({tr('our title')} {node.calling}{', TLS' if node.tls else ''})"
    for line in lines:
        if isinstance(line, Heading):
            said.append(tr(line.title))
        else:
            one = line.finding
            said.append(f"  {SIGNS[one.good]} {tr(STEPS[one.step.value])}: {one.sentence} {one.remedy}".rstrip())
    return "\n".join(said) + "\n"


def _echo(node: Node, stop: threading.Event) -> Iterator[Finding]:
    from workstation.network.doctor import examine

    return examine(node, stop=stop)


def _find(patient_id: str, node: Node, stop: threading.Event) -> Iterator[Finding]:
    from workstation.network.find_check import check_find

    return check_find(node, patient_id=patient_id, stop=stop)


def _web(patient_id: str, secrets: Secrets, node: Node, stop: threading.Event) -> Iterator[Finding]:
    from workstation.network.web.check import check_web

    return check_web(node, secrets, patient_id=patient_id, stop=stop)
