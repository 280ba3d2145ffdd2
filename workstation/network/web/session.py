"""Requests to one DICOMweb service: who asks, what is tried again, where it may lead (G17, G18).

Credentials, headers and certificate of ours go to the origin of the configured root and nowhere else. The proxies,
certificates and passwords of the environment take no part.
"""

from __future__ import annotations

import contextlib
import email.utils
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urljoin, urlsplit

import httpx2

from workstation import log
from workstation.errors import BadUsage
from workstation.network.failures import Cancelled, NetworkFailure, Step
from workstation.network.nodes import Node, NodeError, check_node
from workstation.network.web.auth import Authority, authority_of
from workstation.network.web.connections import Lines, NodeTransport, Origin, origin_of, web_peer
from workstation.network.web.faults import broken, http_failure, timed_out
from workstation.network.web.responses import Response

if TYPE_CHECKING:
    from workstation.network.secrets import Secrets

TRIES: Final = 4
FIRST_PAUSE: Final = 0.25
LONGEST_PAUSE: Final = 60.0
"""Seconds that are waited at most because a server says so; beyond, the user is told instead."""
MOST_REDIRECTS: Final = 5
_LATER: Final = frozenset({429, 502, 503, 504})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_log = log.get("network")


class WebSession:
    """A conversation with a service, as a context; to be used by one thread at a time."""

    def __init__(
        self,
        node: Node,
        authority: Authority | None = None,
        *,
        secrets: Secrets | None = None,
        stop: threading.Event | None = None,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        """Prepare; nothing is sent yet. ``authority`` says who asks, if it is not what the node and secrets say.

        Raises
        ------
        NodeError
        """
        check_node(node)
        if node.web is None:
            raise NodeError(f"{node.name}: it has no DICOMweb service; its root is missing.")
        self.node = node
        self.stop = stop
        self.root = node.web.root.rstrip("/")
        self.origin: Origin = origin_of(self.root)
        self._authority = authority or authority_of(node, secrets, stop=stop)
        self._first_pause = first_pause
        self._lines = Lines()
        self._over = threading.Event()
        self._watcher: threading.Thread | None = None
        self._transport = NodeTransport(lambda origin: web_peer(node, origin, own=origin == self.origin), self._lines)

    def __enter__(self) -> WebSession:
        if self.stop is not None:
            self._watcher = threading.Thread(target=self._watch, name="web stop", daemon=True)
            self._watcher.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._over.set()
        if self._watcher is not None:
            self._watcher.join()
        self._transport.close()

    def another(self, stop: threading.Event) -> WebSession:
        """Return a session like this one for another thread, which ``stop`` ends."""
        return WebSession(self.node, self._authority, stop=stop, first_pause=self._first_pause)

    def url(self, path: str) -> str:
        """Return the address of a resource below the root."""
        return f"{self.root}/{path.lstrip('/')}"

    def get(self, path: str, *, accept: str) -> Response:
        """Ask for a resource by its path below the root, or by an absolute address; it is tried again if need be.

        Whatever status comes is given back, except those that say to come again later.

        Raises
        ------
        NetworkFailure
        Cancelled
        """
        headers = {"Accept": accept, "Accept-Encoding": "gzip" if "json" in accept else "identity"}
        return self._request("GET", self._absolute(path), headers, lambda: None)

    def post(self, path: str, body: Callable[[], Any], headers: Mapping[str, str]) -> Response:
        """Send a body, made anew by ``body`` for each try; doing it twice has to be the same as once.

        Raises
        ------
        NetworkFailure
        Cancelled
        """
        return self._request("POST", self._absolute(path), headers, body)

    def demand_going_on(self) -> None:
        """Raise ``Cancelled`` if the user ended it."""
        if self.stop is not None and self.stop.is_set():
            raise Cancelled

    def _absolute(self, path: str) -> str:
        return path if re.match(r"(?i)https?://", path) else self.url(path)

    def _request(self, method: str, url: str, headers: Mapping[str, str], body: Callable[[], Any]) -> Response:
        renewed = False
        for attempt in range(TRIES):
            last = attempt == TRIES - 1
            self.demand_going_on()
            pause = self._first_pause * 2**attempt * random.uniform(1, 1.5)  # no secret
            try:
                answer = self._followed(method, url, headers, body)
            except _Broken as error:
                if last:
                    raise broken(self.node, step=Step.SERVICE) from error
                _log.info("a request broke off and is tried again")
            else:
                if answer.status == 401 and not renewed and self._authority.renew():
                    renewed = True
                    answer.close()
                    continue
                asked = retry_after(answer.headers.get("Retry-After", ""))
                if answer.status not in _LATER or last or (asked is not None and asked > LONGEST_PAUSE):
                    if answer.status in _LATER:
                        answer.close()
                        raise _later(self.node, answer.status, asked)
                    return answer
                answer.close()
                pause = pause if asked is None else asked
            self._wait(pause)
        raise broken(self.node, step=Step.SERVICE)

    def _followed(self, method: str, url: str, headers: Mapping[str, str], body: Callable[[], Any]) -> Response:
        """Send a request and go where it leads, with credentials only at home."""
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._sent(method, url, headers, body)
            if answer.status not in _REDIRECTS or "Location" not in answer.headers:
                return answer
            answer.close()
            url = self._led_to(method, url, answer)
        raise NetworkFailure(
            f"{self.node.name}: it leads from address to address without end.", step=Step.SERVICE, cause="redirect"
        )

    def _led_to(self, method: str, url: str, answer: Response) -> str:
        target = urljoin(url, answer.headers["Location"])
        try:
            origin = origin_of(target)
        except ValueError as error:
            raise http_failure(self.node, answer.status) from error
        if origin[0] == "http" and origin_of(url)[0] == "https":
            raise NetworkFailure(
                f"{self.node.name}: it leads from a secure address to one that is not.",
                step=Step.TLS,
                cause="insecure_redirect",
                remedy="Ask its administrator; nothing was sent there.",
            )
        if method != "GET" and (origin != self.origin or answer.status not in (307, 308)):
            # objects go where the user said and nowhere else
            raise http_failure(self.node, answer.status)
        return target

    def _sent(self, method: str, url: str, headers: Mapping[str, str], body: Callable[[], Any]) -> Response:
        everything = {"User-Agent": "workstation", **headers}
        if origin_of(url) == self.origin and self.node.web is not None:
            everything.update(self.node.web.headers)
            everything.update(self._authority.headers())
        try:
            response = self._transport.handle_request(httpx2.Request(method, url, headers=everything, content=body()))
        except httpx2.TimeoutException as error:
            self.demand_going_on()
            raise timed_out(self.node, self.node.answer_timeout) from error
        except httpx2.NetworkError as error:
            self.demand_going_on()
            raise _Broken from error
        except (httpx2.LocalProtocolError, httpx2.InvalidURL, UnicodeError) as error:
            raise NetworkFailure(
                f"{self.node.name}: a header or the address cannot be sent by HTTP.",
                step=Step.SERVICE,
                cause="bad_request",
                remedy="Check the headers in the node's page.",
            ) from error
        except httpx2.TransportError as error:
            self.demand_going_on()
            raise NetworkFailure(
                f"{self.node.name}: what came from it is not HTTP.", step=Step.SERVICE, cause="not_http"
            ) from error
        return Response(self.node, response, self.stop)

    def _wait(self, seconds: float) -> None:
        if self.stop is None:
            time.sleep(seconds)
        elif self.stop.wait(seconds):
            raise Cancelled

    def _watch(self) -> None:
        assert self.stop is not None
        while not self._over.wait(0.05):
            if self.stop.is_set():
                self._lines.cut()
                return


class _Broken(Exception):
    """A connection was refused its answer: worth another try."""


def retry_after(header: str) -> float | None:
    """Return the seconds that a Retry-After header asks for, as a number or as a date (RFC 9110 10.2.3)."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    with contextlib.suppress(ValueError, TypeError):
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    return None


def _later(node: Node, status: int, asked: float | None) -> NetworkFailure:
    failure = http_failure(node, status)
    if asked is None:
        return failure
    return NetworkFailure(
        failure.sentence, step=failure.step, cause=failure.cause, remedy=f"It asks to wait {asked:.0f} s."
    )


def same_origin(url: str, origin: Origin) -> bool:
    """Tell whether an address lies at an origin."""
    try:
        return origin_of(url) == origin
    except ValueError:
        return False


def path_of(url: str) -> str:
    """Return the path and query of an address."""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def segments(*words: str) -> Iterator[str]:
    """Yield words as they may stand in a path.

    Raises
    ------
    BadUsage
        For a word that would climb out of its place.
    """
    for word in words:
        if word in (".", ".."):
            raise BadUsage(f"{word} is no UID.")
        yield quote(word, safe="")
