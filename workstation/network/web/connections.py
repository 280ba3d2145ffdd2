"""Connections for HTTP, opened as all others are: the same name look-up, TLS, pinning and words for faults.

``requests`` does the HTTP, but neither its own TLS nor the proxies and certificates of the environment take part:
what the node says is all that counts.
"""

from __future__ import annotations

import socket
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection

from workstation.network.nodes import Node, Tls
from workstation.network.transport import open_transport

if TYPE_CHECKING:
    from requests import PreparedRequest

_PORTS: Final = {"http": 80, "https": 443}
_BLOCK: Final = 1 << 18
"""Bytes of an upload that are written at once."""

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

    def wait_at_most(self, seconds: float) -> None:
        """Bound each further wait of the open sockets."""
        with self._lock:
            lines = list(self._sockets)
        for line in lines:
            if line.fileno() >= 0:
                line.settimeout(seconds)


def _shut(line: socket.socket) -> None:
    try:
        # past the TLS layer: a farewell could block, and its state belongs to the thread that reads
        socket.socket.shutdown(line, socket.SHUT_RDWR)
    except OSError:
        return


class _Connection(HTTPConnection):
    """An HTTP connection over a socket of ours, which is secure before HTTP begins."""

    def __init__(self, *words: Any, opened: Callable[[], socket.socket], port_left_out: int, **named: Any) -> None:
        super().__init__(*words, blocksize=_BLOCK, **named)
        self._opened = opened
        self.default_port = port_left_out  # type: ignore[misc]  # so that Host names the port where it must

    def connect(self) -> None:
        self.sock = self._opened()


class NodeAdapter(HTTPAdapter):
    """Hands ``requests`` connections that :func:`open_transport` opened."""

    def __init__(self, peer_of: Callable[[Origin], Node], lines: Lines) -> None:
        super().__init__(max_retries=0)
        self._peer_of = peer_of
        self._lines = lines
        self._pools: dict[Origin, HTTPConnectionPool] = {}

    def get_connection_with_tls_context(
        self, request: PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> HTTPConnectionPool:
        """Return the pool of the request's origin."""
        origin = origin_of(request.url or "")
        if origin not in self._pools:
            self._pools[origin] = self._pool(origin)
        return self._pools[origin]

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Do nothing: certificates were looked at when the socket was opened."""

    def close(self) -> None:
        """Close every connection."""
        super().close()
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()

    def _pool(self, origin: Origin) -> HTTPConnectionPool:
        peer = self._peer_of(origin)

        def opened() -> socket.socket:
            line = open_transport(peer)
            line.settimeout(peer.stall_timeout)
            self._lines.add(line)
            return line

        scheme, host, port = origin
        pool = _Pool(host, port, maxsize=2, opened=opened, port_left_out=_PORTS[scheme])
        pool.scheme = scheme
        return pool


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection
