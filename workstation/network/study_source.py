"""Asks a node for studies and what lies below them in the way it speaks: C-FIND, or QIDO-RS where it has no AE.

Both give the same answers and the same report, so that who lists them need not know.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading

    from workstation.network.answers import Answer, SeriesAnswer
    from workstation.network.find_service import FindReport
    from workstation.network.nodes import Node
    from workstation.network.query import Counts
    from workstation.network.query_keys import Query
    from workstation.network.secrets import Secrets
    from workstation.network.web.session import WebSession


def find_at(
    node: Node,
    query: Query,
    *,
    secrets: Secrets | None = None,
    limit: int | None = None,
    stop: threading.Event | None = None,
    report: FindReport | None = None,
) -> Iterator[Answer]:
    """Ask a node and yield its answers as they come; the parameters are those of :func:`query.find`.

    Raises
    ------
    QueryError
    NetworkFailure
        ``UserNeeded`` where a password, a token or a sign-in is missing or not accepted.
    Cancelled
    """
    if node.uses_web:
        return _find_by_web(node, query, secrets, limit, stop, report)
    from workstation.network.query import find

    return find(node, query, limit=limit, stop=stop, report=report)


def count_at(node: Node, study: str, *, secrets: Secrets | None = None, stop: threading.Event | None = None) -> Counts:
    """Count the series and instances of a study by asking for them.

    Raises
    ------
    NetworkFailure
    Cancelled
    """
    from workstation.network.query import count_children

    if not node.uses_web:
        return count_children(node, "STUDY", {"StudyInstanceUID": study}, stop=stop)
    from workstation.network.web.auth import demanding
    from workstation.network.web.session import WebSession

    with demanding(node), WebSession(node, secrets=secrets, stop=stop) as web:
        return _counted(web, study)


def _find_by_web(
    node: Node,
    query: Query,
    secrets: Secrets | None,
    limit: int | None,
    stop: threading.Event | None,
    report: FindReport | None,
) -> Iterator[Answer]:
    from workstation.network.web.auth import demanding
    from workstation.network.web.search import search
    from workstation.network.web.session import WebSession

    with demanding(node), WebSession(node, secrets=secrets, stop=stop) as web:
        yield from search(web, query, limit=limit, report=report)


def _counted(web: WebSession, study: str) -> Counts:
    from workstation.network.failures import Cancelled
    from workstation.network.find_service import FindReport
    from workstation.network.query import Counts
    from workstation.network.query_keys import Query
    from workstation.network.web.search import search

    report = FindReport()
    below = (("StudyInstanceUID", study),)
    instances = 0
    modalities: dict[str, None] = {}
    listed: list[SeriesAnswer] = list(search(web, Query("SERIES", "study", below), limit=0, report=report))  # type: ignore[arg-type]
    for one in listed:
        modalities[one.modality] = None
        if one.instance_count is not None:
            instances += one.instance_count
        else:
            images = Query("IMAGE", "study", (*below, ("SeriesInstanceUID", one.uid)))
            instances += sum(1 for _ in search(web, images, limit=0, report=report))
    if report.stopped:
        raise Cancelled
    return Counts(None, len(listed), instances, tuple(name for name in modalities if name))
