"""Sending as a job of the queue: files by name to a node, each object once, and its word that it keeps them."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workstation.dicom.identity import Instance, Locator
from workstation.errors import WorkstationError
from workstation.network.failures import Cancelled
from workstation.network.progress import Outcome, Progress
from workstation.transfers.sent_ledger import SentLedger

if TYPE_CHECKING:
    from workstation.network.commitments import Commitments, Transaction
    from workstation.network.nodes import Node

REPORT_PATIENCE: Final = 2.0
"""Seconds a report of storage commitment is waited for on the association that asks for it."""


def send_parameters(node: str, places: Iterable[Locator], *, consent: str, commit: bool) -> dict[str, Any]:
    """Return what a job of kind "send" needs, as JSON can hold it.

    ``consent`` is that of :func:`workstation.network.sending.send`; ``places`` are files and members of archives.
    """
    return {
        "node": node,
        "places": [one.path if one.member is None else [one.path, one.member] for one in places],
        "consent": consent,
        "commit": commit,
        "ledger": secrets.token_hex(16),
    }


def send_job(
    node: Node,
    parameters: Mapping[str, Any],
    stop: threading.Event,
    *,
    folder: Path | None = None,
    book: Commitments | None = None,
) -> Iterator[Progress]:
    """Send what the node has not taken yet; a second run with the same parameters sends the rest alone.

    Raises
    ------
    NetworkFailure
    Cancelled
    WorkstationError
    OSError
    """
    from workstation.network.outgoing import gathered
    from workstation.network.sending import send

    with SentLedger(str(parameters["ledger"]), folder) as ledger:
        left: dict[str, Instance] = {}
        refused: list[Outcome] = []
        there = 0
        for found in gathered(places_of(parameters), stop):
            if isinstance(found, Outcome):
                refused.append(found)
            elif found is not None and ledger.has(str(found.locator)):
                there += 1
            elif found is not None:
                left[str(found.locator)] = found
            if stop.is_set():
                raise Cancelled
        last = base = Progress(
            total=there + len(left) + len(refused), skipped=there + sum(one.kind == "skipped" for one in refused)
        )
        for outcome in refused:
            base = replace(base, failed=base.failed + (outcome.kind == "failed"))
            yield (last := replace(base, outcome=outcome, sentence=outcome.sentence))
        if left:
            for progress in send(node, list(left.values()), stop=stop, consent=str(parameters["consent"])):
                one = progress.outcome
                if one is not None and one.kind in ("done", "warning"):
                    ledger.take(one.path, left[one.path].sop_class_uid, one.sop_instance_uid)
                yield (last := _added(base, progress))
        last = replace(last, outcome=None, sentence="")
        if parameters.get("commit") and ledger.unasked and not stop.is_set():
            yield from _committed(node, ledger, book, stop, last)
        else:
            yield last
        if not last.failed:
            ledger.remove()


def places_of(parameters: Mapping[str, Any]) -> list[Locator]:
    """Return the files a job is about."""
    return [Locator(one) if isinstance(one, str) else Locator(one[0], one[1]) for one in parameters["places"]]


def _added(base: Progress, progress: Progress) -> Progress:
    return replace(
        progress,
        total=base.total,
        failed=base.failed + progress.failed,
        skipped=base.skipped + progress.skipped,
    )


def _committed(
    node: Node, ledger: SentLedger, book: Commitments | None, stop: threading.Event, last: Progress
) -> Iterator[Progress]:
    """Ask the node to answer for what it took, and tell what it says; what was sent stays sent whatever comes."""
    from workstation.network.commitment import ask
    from workstation.network.commitments import Commitments
    from workstation.network.statuses import status

    references = ledger.unasked
    try:
        transaction = ask(node, references, book or Commitments(), stop=stop, wait=REPORT_PATIENCE)
    except Cancelled:
        raise
    except WorkstationError as error:
        said = f"Storage commitment could not be asked for: {error}"
        last = replace(last, warnings=last.warnings + 1)
        yield replace(last, outcome=Outcome("", "warning", said), sentence=said)
        yield replace(last, sentence=said)
        return
    ledger.asked()
    for _class, uid, reason in transaction.failed:
        last = replace(last, warnings=last.warnings + 1)
        yield replace(last, outcome=Outcome(uid, "warning", f"Not committed: {status(reason, 'commit')}"))
    for _class, uid in transaction.unanswered:
        last = replace(last, warnings=last.warnings + 1)
        yield replace(last, outcome=Outcome(uid, "warning", "Not committed: the report does not mention it."))
    yield replace(last, outcome=None, sentence=_told(node, transaction))


def _told(node: Node, transaction: Transaction) -> str:
    asked = len(transaction.references)
    if transaction.state == "pending":
        return (
            f"Asked {node.name} to answer for {asked} objects; its report comes later, while studies are received here."
        )
    if len(transaction.committed) == asked:
        return f"{node.name} answers for all {asked} objects."
    return f"{node.name} answers for {len(transaction.committed)} of {asked} objects."
