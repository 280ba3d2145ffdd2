"""Connections for HTTP, opened as all others are: the same name look-up, TLS, pinning and words for faults.

``httpx2`` does the HTTP, but neither its own TLS nor its client takes part, and so no proxy, certificate, password or
cookie but what the node says.
"""

from __future__ import annotations

import contextlib
import logging
import selectors
import socket
import ssl
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore2
import httpx2

from workstation.network.nodes import Node, Tls
from workstation.network.transport import open_transport

# their lines name addresses, in which keys of a search stand
for _name in ("httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

_PORTS: Final = {"http": 80, "https": 443}
Origin = tuple[str, str, int]
"""Scheme, host and port (RFC 6454): credentials never leave it."""


def origin_of(url: str) -> Origin:
    """Return the origin of an absolute http or https address.

    Raises
    ------
    ValueError
    """
    parts = urlsplit(url)
    if parts.scheme.lower() not in _PORTS or not parts.hostname:
        raise ValueError("an address of the web starts with http:// or https:// and names a host")
    scheme = parts.scheme.lower()
    return scheme, parts.hostname.lower(), parts.port or _PORTS[scheme]


def web_peer(node: Node, origin: Origin, *, own: bool) -> Node:
    """Return what is connected to for an origin; ``own`` where it is the node's: only there our certificate goes."""
    scheme, host, port = origin
    tls = None
    if scheme == "https":
        given = node.tls or Tls()
        tls = given if own else Tls(authorities=given.authorities, check_name=given.check_name)
    return Node(
        name=node.name,
        ae_title=node.ae_title or "WEB",
        host=host,
        port=port,
        tls=tls,
        connect_timeout=node.connect_timeout,
        answer_timeout=node.answer_timeout,
        stall_timeout=node.stall_timeout,
    )


class Lines:
    """The open sockets of a session, so that another thread can end what waits on them."""

    def __init__(self) -> None:
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._cut = False

    def add(self, line: socket.socket) -> None:
        """Remember a socket; one that comes too late is cut at once."""
        with self._lock:
            self._sockets.add(line)
            cut = self._cut
        if cut:
            _shut(line)

    def cut(self) -> None:
        """End every conversation: who reads sees its end."""
        with self._lock:
            self._cut = True
            lines = list(self._sockets)
        for line in lines:
            _shut(line)


def _shut(line: socket.socket) -> None:
    try:
        # past the TLS layer: a farewell could block, and its state belongs to the thread that reads
        socket.socket.shutdown(line, socket.SHUT_RDWR)
    except OSError:
        return


class _Line(httpcore2.NetworkStream):
    """A socket of ours, which is secure before HTTP begins."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with _told(httpcore2.ReadTimeout, httpcore2.ReadError):
            self._line.settimeout(timeout)
            return self._line.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        with _told(httpcore2.WriteTimeout, httpcore2.WriteError):
            left = memoryview(buffer)
            while left:
                self._line.settimeout(timeout)
                left = left[self._line.send(left) :]

    def close(self) -> None:
        self._line.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """Do nothing: certificates were looked at when the socket was opened."""
        return self

    def get_extra_info(self, info: str) -> Any:
        return self._has_news() if info == "is_readable" else None

    def _has_news(self) -> bool:
        """Tell whether an idle line can be read, which means that its end has come."""
        if self._line.fileno() < 0:
            return True
        with selectors.DefaultSelector() as selector:
            selector.register(self._line, selectors.EVENT_READ)
            return bool(selector.select(0))


@contextlib.contextmanager
def _told(late: type[Exception], broken: type[Exception]) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise late(str(error)) from error
    except OSError as error:
        raise broken(str(error)) from error


class _Backend(httpcore2.NetworkBackend):
    """Opens the lines to one peer."""

    def __init__(self, peer: Node, lines: Lines) -> None:
        self._peer = peer
        self._lines = lines

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        line = open_transport(self._peer)
        self._lines.add(line)
        return _Line(line)


class NodeTransport(httpx2.BaseTransport):
    """Carries requests over lines that :func:`open_transport` opened; an answer's body is read as it comes.

    A request raises what :func:`open_transport` raises, and ``httpx2.TransportError``: ``NetworkError`` where the
    line broke, ``TimeoutException`` where nothing came, ``RemoteProtocolError`` where what came is not HTTP.
    """

    def __init__(self, peer_of: Callable[[Origin], Node], lines: Lines) -> None:
        self._peer_of = peer_of
        self._lines = lines
        self._pools: dict[Origin, tuple[Node, httpcore2.ConnectionPool]] = {}

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and return its answer, the body of which is still to come."""
        url = request.url
        peer, pool = self._pool(origin_of(str(url)))
        timeouts = {"read": peer.answer_timeout, "write": peer.stall_timeout}
        with _as_httpx2():
            answer = pool.handle_request(
                httpcore2.Request(
                    request.method,
                    httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions={"timeout": timeouts},
                )
            )
        # from here on each piece of the body has its own patience
        timeouts["read"] = peer.stall_timeout
        return httpx2.Response(answer.status, headers=answer.headers, stream=_Body(answer), request=request)

    def close(self) -> None:
        """Close every connection."""
        for _peer, pool in self._pools.values():
            pool.close()
        self._pools.clear()

    def _pool(self, origin: Origin) -> tuple[Node, httpcore2.ConnectionPool]:
        if origin not in self._pools:
            peer = self._peer_of(origin)
            pool = httpcore2.ConnectionPool(
                # never used, see start_tls; without one httpcore would read the system's certificates
                ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
                max_connections=None,
                max_keepalive_connections=2,
                network_backend=_Backend(peer, self._lines),
            )
            self._pools[origin] = peer, pool
        return self._pools[origin]


class _Body(httpx2.SyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx2():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


_ERRORS: Final = (
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.UnsupportedProtocol,
)


@contextlib.contextmanager
def _as_httpx2() -> Iterator[None]:
    """Raise errors of the lower layer by the same names of the upper one."""
    try:
        yield
    except _ERRORS as error:
        kind: type[httpx2.TransportError] = getattr(httpx2, type(error).__name__, httpx2.TransportError)
        if isinstance(error, httpcore2.RemoteProtocolError) and isinstance(error.args[0], str):
            # its own words, not those of the parser: the line ended where an answer was awaited
            kind = httpx2.ReadError
        raise kind(str(error)) from error
