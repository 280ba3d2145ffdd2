"""A job that retrieves by DICOMweb: objects go into the library and are told as soon as they are there (WADO-RS).

What the library has is not asked for, so the same job goes on where it was stopped (G20).
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workstation.errors import WorkstationError
from workstation.library.known import held
from workstation.network.failures import Cancelled
from workstation.network.progress import Progress
from workstation.network.spool import Spool
from workstation.transfers.retrieve_job import Keeper

if TYPE_CHECKING:
    from workstation.network.nodes import Node
    from workstation.network.secrets import Secrets
    from workstation.network.web.retrieve import Wanted
    from workstation.network.web.session import WebSession
    from workstation.transfers.retrieve_job import Surroundings


def web_retrieve_job(
    node: Node, parameters: Mapping[str, Any], stop: threading.Event, around: Surroundings, secrets: Secrets
) -> Iterator[Progress]:
    """Retrieve what the parameters name into the library; they are those of ``retrieve``.

    Raises
    ------
    NetworkFailure
        ``UserNeeded`` where a password, a token or a sign-in is missing or not accepted.
    Cancelled
    LibraryError
        If the library cannot be written; what had come waits in the spool.
    """
    from workstation.network.web.auth import demanding
    from workstation.network.web.session import WebSession

    library = around.library()
    library.demand_writable()
    spool = Spool(around.spool)
    keeper = Keeper(library, around.changed)
    keeper.take_left(spool)
    with contextlib.ExitStack() as closing:
        # at the very end, whether or not anything came: another window may have fetched the same
        closing.callback(around.changed)
        closing.enter_context(demanding(node))
        web = closing.enter_context(WebSession(node, secrets=secrets, stop=stop))
        try:
            for progress in _retrieved(web, parameters, spool, lambda uid: bool(held(library, (uid,)))):
                yield from keeper.keep(progress)
        except WorkstationError:
            # what came before the fault or the stop is in the library, so it counts
            yield from keeper.flush()
            raise
        finally:
            left = list(keeper.flush())
        yield from left


def _retrieved(web: WebSession, parameters: Mapping[str, Any], spool: Spool, have: Any) -> Iterator[Progress]:
    """Fetch one resource after the other, and count them together."""
    from workstation.network.web.retrieve import retrieve

    base = Progress(total=0)
    resources = _resources(web, parameters)
    for number, wanted in enumerate(resources, 1):
        last = Progress()
        for last in retrieve(web, wanted, spool, have=have):
            told = _added(base, last, known=number == len(resources))
            yield told
            if web.stop is not None and web.stop.is_set() and not _is_all(told):
                # what follows may be in memory already, and would come without the network being asked
                raise Cancelled
        base = replace(_added(base, last, known=True), outcome=None, sentence="")


def _is_all(progress: Progress) -> bool:
    return progress.total is not None and progress.done + progress.skipped + progress.failed >= progress.total


def _resources(web: WebSession, parameters: Mapping[str, Any]) -> list[Wanted]:
    """Return what is fetched by one request each; series that come first cost a search for the others."""
    from workstation.network.web.qido import first_value, found
    from workstation.network.web.retrieve import Wanted

    study = str(parameters["study"])
    series = [str(one) for one in parameters.get("series", ())]
    instances = [str(one) for one in parameters.get("instances", ())]
    first = [str(one) for one in parameters.get("first", ())]
    if instances:
        return [Wanted(study, series[0], one) for one in instances]
    if first and not series:
        rows = found(web, f"{Wanted(study).path}/series")
        series = [uid for row in rows if (uid := first_value(row, "0020000E"))]
    series.sort(key=lambda one: first.index(one) if one in first else len(first))
    return [Wanted(study, one) for one in series] or [Wanted(study)]


def _added(base: Progress, progress: Progress, *, known: bool) -> Progress:
    """Return the progress of one resource on top of those before it; the total is known only with the last."""
    total = None if base.total is None or progress.total is None or not known else base.total + progress.total
    return replace(
        progress,
        done=base.done + progress.done,
        total=total,
        warnings=base.warnings + progress.warnings,
        failed=base.failed + progress.failed,
        skipped=base.skipped + progress.skipped,
        size=base.size + progress.size,
    )
