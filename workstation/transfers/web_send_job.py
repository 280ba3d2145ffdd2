"""Sending by DICOMweb as a job of the queue: files as they are, each object once (STOW-RS, PS3.18 10.5)."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.network.progress import Outcome, Progress
from workstation.transfers.send_job import places_of
from workstation.transfers.sent_ledger import SentLedger

if TYPE_CHECKING:
    from workstation.network.nodes import Node
    from workstation.network.secrets import Secrets

IN_ARCHIVE = "It lies in an archive; unpack that to send it by DICOMweb."


def web_send_job(
    node: Node, parameters: Mapping[str, Any], stop: threading.Event, secrets: Secrets, *, folder: Path | None = None
) -> Iterator[Progress]:
    """Send what the service has not taken yet; parameters are those of ``send``, files go as they are.

    Raises
    ------
    NetworkFailure
        ``UserNeeded`` where a password, a token or a sign-in is missing or not accepted.
    Cancelled
    WorkstationError
    OSError
    """
    from workstation.network.web.auth import demanding
    from workstation.network.web.session import WebSession
    from workstation.network.web.store import store

    with SentLedger(str(parameters["ledger"]), folder) as ledger:
        places = places_of(parameters)
        there = [one for one in places if ledger.has(str(one))]
        packed = [one for one in places if one.member is not None and one not in there]
        left = [Path(one.path) for one in places if one.member is None and one not in there]
        last = base = Progress(total=len(places), skipped=len(there))
        for one in packed:
            base = replace(base, failed=base.failed + 1)
            yield (last := replace(base, outcome=Outcome("", "failed", IN_ARCHIVE, str(one))))
        if left:
            with demanding(node), WebSession(node, secrets=secrets, stop=stop) as web:
                for progress in store(web, left):
                    outcome = progress.outcome
                    if outcome is not None and outcome.kind in ("done", "warning"):
                        ledger.take(outcome.path, "", outcome.sop_instance_uid)
                    yield (
                        last := replace(
                            progress,
                            total=base.total,
                            failed=base.failed + progress.failed,
                            skipped=base.skipped + progress.skipped,
                        )
                    )
        yield replace(last, outcome=None, sentence="")
        if not last.failed:
            ledger.remove()
