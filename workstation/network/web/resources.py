"""What WADO-RS gives besides whole objects: metadata, frames, pictures, bulk data (PS3.18 10.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

from workstation.errors import BadUsage
from workstation.network.failures import NetworkFailure, Step
from workstation.network.web.faults import broken, http_failure, not_dicomweb
from workstation.network.web.media import DICOM_JSON, MediaType, media_type
from workstation.network.web.multipart import BadMultipart, CutOff, parts_of
from workstation.network.web.qido import query_string
from workstation.network.web.responses import LARGEST_PICTURE
from workstation.network.web.session import path_of, same_origin

if TYPE_CHECKING:
    from workstation.network.web.responses import Response
    from workstation.network.web.retrieve import Wanted
    from workstation.network.web.session import WebSession

LARGEST_METADATA: Final = 512 << 20
LARGEST_FRAME: Final = 1 << 30
PICTURES: Final = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
"""Media types of rendered pictures and how their bytes begin."""
_FORMS: Final = (
    'multipart/related; type="application/octet-stream"; transfer-syntax=*',
    'multipart/related; type="application/octet-stream"',
    "application/octet-stream",
    "*/*",
)


def metadata(web: WebSession, wanted: Wanted) -> list[dict[str, Any]]:
    """Return the data sets of what is wanted, without bulk data, in the DICOM JSON model.

    Raises
    ------
    NetworkFailure
    Cancelled
    """
    with web.get(f"{wanted.path}/metadata", accept=DICOM_JSON) as answer:
        rows = answer.demand().json(LARGEST_METADATA)
    if isinstance(rows, dict):
        rows = [rows]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise not_dicomweb(web.node, "JSON of another kind")
    return rows


def frames(web: WebSession, wanted: Wanted, numbers: Sequence[int]) -> Iterator[tuple[MediaType, bytes]]:
    """Yield stored frames (numbers from 1), each as it is encoded, with what it is said to be.

    Raises
    ------
    NetworkFailure
    Cancelled
    """
    if not numbers or min(numbers) < 1:
        raise BadUsage("Frame numbers count from 1.")
    path = f"{wanted.path}/frames/{','.join(str(number) for number in numbers)}"
    with _octets(web, path) as answer:
        yield from _parts(web, answer)


def rendered(
    web: WebSession,
    wanted: Wanted,
    *,
    kind: str = "image/png",
    frame: int | None = None,
    window: tuple[float, float] | None = None,
    viewport: tuple[int, int] | None = None,
) -> bytes:
    """Return a picture of an instance or of one frame (from 1) of it, as the server renders it.

    ``window`` is centre and width, ``viewport`` the width and height in pixels that it is fitted into.

    Raises
    ------
    NetworkFailure
    Cancelled
    BadUsage
    """
    if kind not in PICTURES:
        raise BadUsage(f"A picture is one of {', '.join(PICTURES)}.")
    if not wanted.instance:
        raise BadUsage("A picture is made of one instance.")
    words = []
    if window is not None:
        words.append(("window", f"{window[0]:g},{window[1]:g},linear"))
    if viewport is not None:
        words.append(("viewport", f"{viewport[0]},{viewport[1]}"))
    path = wanted.path + (f"/frames/{frame}" if frame is not None else "") + "/rendered"
    with web.get(path + (f"?{query_string(words)}" if words else ""), accept=kind) as answer:
        answer.demand()
        if answer.media_type.is_multipart:
            picture = next((body for _kind, body in _parts(web, answer)), b"")
        else:
            picture = answer.content(LARGEST_PICTURE)
    if not picture.startswith(PICTURES[kind]):
        raise not_dicomweb(web.node, "something that is not the picture asked for")
    return picture


def bulk_data(web: WebSession, address: str) -> Iterator[bytes]:
    """Yield the value behind a BulkDataURI, part after part, from the node's own origin alone.

    Raises
    ------
    NetworkFailure
        Also where the address leads elsewhere.
    Cancelled
    """
    with _octets(web, rebased(web, address)) as answer:
        for _kind, body in _parts(web, answer):
            yield body


def rebased(web: WebSession, address: str) -> str:
    """Return where a BulkDataURI is fetched: below the root the user gave.

    Servers behind a proxy write the address they know themselves by; its path below their root is what counts.
    An address that is not of this service is refused: it would make this program call where the server likes.

    Raises
    ------
    NetworkFailure
    """
    full = urljoin(f"{web.root}/", address)
    if same_origin(full, web.origin):
        return full
    path = path_of(full)
    place = path.find("/studies/")
    if urlsplit(full).scheme in ("http", "https") and place >= 0:
        return web.root + path[place:]
    raise NetworkFailure(
        f"{web.node.name}: it names data that lies at another server; nothing was fetched from there.",
        step=Step.TRANSFER,
        cause="foreign",
        remedy="Fetch the whole object instead.",
    )


def _octets(web: WebSession, path: str) -> Response:
    refusal = 406
    for number, form in enumerate(_FORMS):
        answer = web.get(path, accept=form)
        if answer.status not in (400, 406, 415, 500, 501):
            return answer.demand()
        answer.close()
        refusal = answer.status if number == 0 else refusal
    raise http_failure(web.node, refusal)


def _parts(web: WebSession, answer: Response) -> Iterator[tuple[MediaType, bytes]]:
    kind = answer.media_type
    if not kind.is_multipart:
        yield kind, answer.content(LARGEST_FRAME)
        return
    try:
        for part in parts_of(answer.pieces(), kind.parameters.get("boundary")):
            body = bytearray()
            for piece in part.pieces:
                body += piece
                if len(body) > LARGEST_FRAME:
                    raise not_dicomweb(web.node, "a part without end")
            yield media_type(part.headers.get("content-type", "")), bytes(body)
    except CutOff as error:
        raise broken(web.node) from error
    except BadMultipart as error:
        raise not_dicomweb(web.node, "parts that cannot be told apart") from error
