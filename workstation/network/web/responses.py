"""An answer over HTTP while it is read: in pieces, bounded, its faults in words."""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import httpx2

from workstation.network.failures import Cancelled, NetworkFailure
from workstation.network.web.faults import broken, http_failure, not_dicomweb, timed_out, too_much
from workstation.network.web.media import MediaType, media_type

if TYPE_CHECKING:
    from workstation.network.nodes import Node

PIECE: Final = 1 << 18
LARGEST_JSON: Final = 64 << 20
"""Bytes of one answer in JSON; pages of a search and metadata of a large series stay below it."""
LARGEST_PICTURE: Final = 256 << 20


class Response:
    """A response whose body is still to be read; used as a context, it lets the connection go at the end."""

    def __init__(self, node: Node, response: httpx2.Response, stop: threading.Event | None) -> None:
        self._node = node
        self._response = response
        self._stop = stop
        self.status: int = response.status_code
        self.headers = response.headers
        self._source = self._plain(response.iter_raw())

    def __enter__(self) -> Response:
        return self

    def __exit__(self, *reason: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection; what was not read is lost."""
        self._response.close()

    @property
    def media_type(self) -> MediaType:
        """What the body is said to be."""
        return media_type(self.headers.get("Content-Type", ""))

    @property
    def warnings(self) -> list[str]:
        """The texts of Warning headers (RFC 7234 5.5), without codes and agents."""
        return warning_texts(self.headers.get("Warning", ""))

    def demand(self) -> Response:
        """Return the answer if it is a success.

        Raises
        ------
        NetworkFailure
        """
        if not 200 <= self.status < 300:
            self.close()
            raise http_failure(self._node, self.status)
        return self

    def pieces(self, limit: int | None = None) -> Iterator[bytes]:
        """Yield the body as it comes, at most ``limit`` bytes of it.

        Raises
        ------
        NetworkFailure
            If it breaks off, pauses too long, or is longer than allowed.
        Cancelled
        """
        size = 0
        while piece := self._next_piece():
            size += len(piece)
            if limit is not None and size > limit:
                raise too_much(self._node, limit)
            yield piece

    def _next_piece(self) -> bytes:
        """Return what is there, without waiting for more: after a cut, what came before it counts."""
        try:
            piece = next(self._source, b"")
        except (httpx2.TransportError, httpx2.StreamError, zlib.error) as error:
            raise self._explained(error) from error
        if self._stop is not None and self._stop.is_set():
            # a line that was cut looks like the end of what has no length
            raise Cancelled
        return piece

    def _plain(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the body without the one packing that is ever asked for; others could unfold without bounds."""
        packing = self.headers.get("Content-Encoding", "identity").strip().lower()
        if packing in ("gzip", "x-gzip"):
            return unpacked(pieces)
        if packing not in ("", "identity"):
            self.close()
            raise not_dicomweb(self._node, "something packed in a way that was not asked for")
        return pieces

    def _explained(self, error: Exception) -> NetworkFailure:
        if self._stop is not None and self._stop.is_set():
            return Cancelled()
        if isinstance(error, httpx2.TimeoutException):
            return timed_out(self._node, self._node.stall_timeout)
        return broken(self._node)

    def content(self, limit: int) -> bytes:
        """Return the whole body.

        Raises
        ------
        NetworkFailure
        Cancelled
        """
        return b"".join(self.pieces(limit))

    def json(self, limit: int = LARGEST_JSON) -> Any:
        """Return the body as JSON; an empty one is an empty list.

        Raises
        ------
        NetworkFailure
            Also where it is anything else: a page for people, XML.
        Cancelled
        """
        body = self.content(limit)
        if not body.strip():
            return []
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise not_dicomweb(self._node, _kind(self.media_type.name)) from error


def unpacked(packed: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what gzip packed, in pieces of at most :data:`PIECE` bytes however far it unfolds.

    Raises
    ------
    zlib.error
        Also where the end is missing.
    """
    unpacker = None
    for piece in packed:
        left = piece
        while left:
            if unpacker is None or unpacker.eof:
                unpacker = zlib.decompressobj(wbits=31)
            if plain := unpacker.decompress(left, PIECE):
                yield plain
            left = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
    if unpacker is not None:
        if rest := unpacker.flush():
            yield rest
        if not unpacker.eof:
            raise zlib.error("the end is missing")


def _kind(name: str) -> str:
    if "html" in name:
        return "a web page"
    if "xml" in name:
        return "XML"
    return "something that is not JSON"


def warning_texts(header: str) -> list[str]:
    """Return the texts of a Warning header: ``299 agent "text"``, several of them separated by commas."""
    import re

    texts = re.findall(r'"((?:[^"\\]|\\.)*)"', header)
    if not texts and header.strip():
        texts = [re.sub(r"^\d{3}\s+\S+\s+", "", header.strip())]
    plain = (re.sub(r"\\(.)", r"\1", text) for text in texts)
    # dates of warnings are quoted too
    return [text[:300] for text in plain if text and not re.match(r"^\w{3}, \d{2} \w{3} \d{4} ", text)]
