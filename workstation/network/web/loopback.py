"""Where the browser brings the answer of a sign-in: a listener on this computer alone, for as long as it is awaited.

It is bound to 127.0.0.1 on a port the system chooses (RFC 8252 7.3). An answer with another state than ours is turned
away and the wait goes on: another page of the browser must not be able to end it.
"""

from __future__ import annotations

import hmac
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

from workstation.network.failures import Cancelled, NetworkFailure, Step

if TYPE_CHECKING:
    from workstation.network.nodes import Node

PATH: Final = "/callback"
_PAGE: Final = (
    "<!doctype html><html lang='en'><meta charset='utf-8'><title>DICOM Workstation</title>"
    "<p style='font-family:sans-serif;margin:4em'>{}</p></html>"
)


class Listener:
    """Waits for one redirect, as a context: the port is open inside it and closed after it."""

    def __init__(self) -> None:
        self._state = ""
        self._answer: dict[str, str] | None = None
        self._come = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}{PATH}"

    def __enter__(self) -> Listener:
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="sign-in", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def wait(self, node: Node, state: str, patience: float, stop: threading.Event | None) -> dict[str, str]:
        """Return the parameters of the answer that carries our state.

        Raises
        ------
        NetworkFailure
            If none came in time.
        Cancelled
        """
        self._state = state
        end = time.monotonic() + patience
        while not self._come.wait(0.05):
            if stop is not None and stop.is_set():
                raise Cancelled
            if time.monotonic() > end:
                raise NetworkFailure(
                    f"{node.name}: nobody signed in within {patience:.0f} s.",
                    step=Step.SERVICE,
                    cause="timeout",
                    remedy="Sign in again.",
                )
        assert self._answer is not None
        return self._answer

    def _take(self, parameters: dict[str, str]) -> bool:
        if not self._state or not hmac.compare_digest(parameters.get("state", "").encode(), self._state.encode()):
            return False
        if not self._come.is_set():
            self._answer = parameters
            self._come.set()
        return True

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        take = self._take

        class Handler(BaseHTTPRequestHandler):
            timeout = 2

            def do_GET(self) -> None:  # http.server's name
                parts = urlsplit(self.path)
                if parts.path != PATH:
                    self.send_error(404)
                    return
                good = take(dict(parse_qsl(parts.query)))
                words = "You can close this page." if good else "This page does not belong to a sign-in."
                body = _PAGE.format(words).encode()
                self.send_response(200 if good else 400)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.send_header("Referrer-Policy", "no-referrer")
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_words: Any) -> None:
                """Say nothing: the address holds a code."""

        return Handler
