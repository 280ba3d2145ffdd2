"""Servers that are played: they answer as a function says, and remember what they were asked."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from workstation.network.nodes import Node, Tls, Web

LOOPBACK = "127.0.0.1"
T = TypeVar("T")


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True)


@dataclass(frozen=True)
class Reply:
    """``length`` is what is announced where that is not the truth; ``body`` in pieces is ended by closing."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] = b""
    length: int | None = None
    hang_up: bool = False


@dataclass
class Played:
    port: int
    secure: bool = False
    asked: list[Request] = field(default_factory=list)

    @property
    def root(self) -> str:
        return f"http{'s' if self.secure else ''}://{LOOPBACK}:{self.port}/dicom-web"

    def node(self, **web: Any) -> Node:
        return Node(name="played", web=Web(root=self.root, **web), connect_timeout=5, answer_timeout=5, stall_timeout=5)


def json_reply(document: Any, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"Content-Type": "application/dicom+json", **named}, json.dumps(document).encode())


def related(parts: Iterable[bytes], boundary: str = "cut", *, end: bool = True) -> bytes:
    body = b"".join(
        f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode() + part + b"\r\n" for part in parts
    )
    return body + (f"--{boundary}--\r\n".encode() if end else b"")


def related_reply(body: bytes, boundary: str = "cut", **more: Any) -> Reply:
    kind = f'multipart/related; type="application/dicom"; boundary={boundary}'
    return Reply(200, {"Content-Type": kind}, body, **more)


def told_before(error: type[Exception], items: Iterable[T]) -> list[T]:
    """Return what came before an error, which has to come."""
    found = []
    try:
        for item in items:
            found.append(item)  # noqa: PERF402 - it raises between
    except error:
        return found
    raise AssertionError(f"{error.__name__} did not come")


@contextmanager
def played(answer: Callable[[Request], Reply], tls: Tls | None = None) -> Iterator[Played]:
    """Run a server whose every answer ``answer`` gives."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Request(self.command, self.path, dict(self.headers), body)
            with lock:
                server.asked.append(request)
            self._give(answer(request))

        do_GET = do_POST = _do  # noqa: N815

        def _give(self, reply: Reply) -> None:
            self.close_connection = reply.hang_up or reply.length is not None or not isinstance(reply.body, bytes)
            if reply.hang_up:
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if isinstance(reply.body, bytes):
                if reply.status not in (204, 304):
                    self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
                self.end_headers()
                self.wfile.write(reply.body)
                return
            self.send_header("Connection", "close")
            self.end_headers()
            for piece in reply.body:
                try:
                    self.wfile.write(piece)
                except OSError:
                    return  # who asked has gone: that is what is tested

        def log_message(self, *_words: Any) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = False

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # greetings that fail, lines that are cut: the client's side is what is tested

    httpd = Quiet((LOOPBACK, 0), Handler)
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls.certificate, tls.key)
        httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
    server = Played(httpd.server_address[1], tls is not None)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()
