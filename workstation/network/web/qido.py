"""QIDO-RS (PS3.18 10.6): the pages of a search until there are no more, whatever a server makes of limit and offset.

A server may give less per page than it was asked for without saying so; only an empty page is the end (G18).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from workstation.network.web.faults import http_failure, not_dicomweb
from workstation.network.web.media import DICOM_JSON

if TYPE_CHECKING:
    from workstation.network.web.responses import Response
    from workstation.network.web.session import WebSession

PAGE: Final = 200
"""Answers asked for at once."""
UNIQUE: Final = {"studies": "0020000D", "series": "0020000E", "instances": "00080018"}
RAW: Final = "*?,-:"
"""Characters of a value that stand as they are: Orthanc finds nothing for an escaped asterisk or question mark."""
_PARTIAL: Final = "It says that these are not all answers."

Model = dict[str, Any]


def query_string(parameters: Iterable[tuple[str, str]]) -> str:
    """Return parameters as they stand in an address, in UTF-8."""
    return "&".join(f"{quote(name, safe=',')}={quote(value, safe=RAW)}" for name, value in parameters)


def found(
    web: WebSession,
    path: str,
    parameters: Iterable[tuple[str, str]] = (),
    *,
    page: int = PAGE,
    tell: Callable[[str], None] = lambda _sentence: None,
) -> Iterator[Model]:
    """Yield the answers of a search in the DICOM JSON model; the next page is asked for when the last is used up.

    Parameters
    ----------
    web
        The service.
    path
        What is searched, ending with ``studies``, ``series`` or ``instances``.
    parameters
        Keys and ``includefield``, as name and value.
    page
        Answers asked for at once.
    tell
        Is given sentences on what the server says of the search.

    Raises
    ------
    NetworkFailure
    Cancelled
    """
    given = list(parameters)
    unique = UNIQUE[path.rsplit("/", 1)[-1]]
    seen: set[str] = set()
    offset = 0
    while True:
        words = query_string([*given, ("limit", str(page)), ("offset", str(offset))])
        with web.get(f"{path}?{words}", accept=DICOM_JSON) as answer:
            if offset and answer.status in (400, 404, 416):
                # asked beyond the end, some refuse instead of giving nothing
                return
            rows = _rows(web, answer)
            for text in answer.warnings:
                tell(f"It says: {text}")
            if answer.status == 206 and not answer.warnings:
                tell(_PARTIAL)
        fresh = [row for row in rows if _first(row, unique) not in seen or not _first(row, unique)]
        yield from fresh
        if not fresh or not any(_first(row, unique) for row in fresh):
            # nothing new: the end, or a server that knows no offset
            return
        seen.update(_first(row, unique) for row in fresh)
        offset += len(rows)


def _rows(web: WebSession, answer: Response) -> list[Model]:
    if answer.status == 204:
        return []
    if answer.status == 404 and "json" not in answer.media_type.name and "html" in answer.media_type.name:
        raise not_dicomweb(web.node, "a web page that says there is nothing")
    if not 200 <= answer.status < 300:
        raise http_failure(web.node, answer.status)
    rows = answer.json()
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise not_dicomweb(web.node, "JSON of another kind")
    return rows


def _first(row: Model, tag: str) -> str:
    """Return the first value of an element, empty where there is none."""
    element = row.get(tag)
    values = element.get("Value") if isinstance(element, dict) else None
    return str(values[0]) if isinstance(values, list) and values and values[0] is not None else ""


first_value = _first
