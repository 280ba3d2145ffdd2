"""Signing in with OpenID Connect against a played issuer: what is checked, kept, renewed and refused (P2, G18)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets as random_words
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from tests.network.played_web import Played, Reply, Request, json_reply, played
from workstation.network.failures import Cancelled, NetworkFailure
from workstation.network.nodes import Node, Web
from workstation.network.secrets import Secrets
from workstation.network.web.oidc import SignedIn, sign_in, sign_out
from workstation.network.web.session import WebSession

CLIENT = "workstation-desktop"


@dataclass
class Issuer:
    """An issuer that keeps to OpenID Connect, with a fault for each check of ours."""

    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one", "use": "sig"}))
    claims: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    signed_by: Any = None
    algorithm: str = "ES256"
    lifetime: int = 3600
    refreshing: bool = True
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    granted: list[dict[str, str]] = field(default_factory=list)
    server: Played | None = None

    @property
    def address(self) -> str:
        assert self.server is not None
        return self.server.root.removesuffix("/dicom-web")

    def __call__(self, request: Request) -> Reply:
        if request.path == "/.well-known/openid-configuration":
            facts = {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
            }
            return json_reply(facts | self.facts)
        if request.path == "/keys":
            return json_reply(KeySet([self.key]).as_dict(private=False))
        if request.path == "/authorize":
            words = {name: values[0] for name, values in request.query.items()}
            code = random_words.token_urlsafe()
            self.codes[code] = words
            return Reply(302, {"Location": f"{words['redirect_uri']}?code={code}&state={words['state']}"})
        if request.path == "/token":
            return self._token({name: values[0] for name, values in parse_qs(request.body.decode()).items()})
        return Reply(404)

    def _token(self, given: dict[str, str]) -> Reply:
        self.granted.append(given)
        if given["grant_type"] == "refresh_token":
            if given["refresh_token"] != f"refresh-{len(self.granted) - 1}" or not self.refreshing:
                return json_reply({"error": "invalid_grant"}, 400)
            return json_reply(self._tokens())
        asked = self.codes.pop(given["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(given["code_verifier"].encode()).digest()).rstrip(b"=")
        if asked is None or asked["code_challenge"] != challenge.decode() or asked["code_challenge_method"] != "S256":
            return json_reply({"error": "invalid_grant"}, 400)
        assert asked["redirect_uri"] == given["redirect_uri"]
        assert asked["client_id"] == given["client_id"] == CLIENT
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "sub": "ada",
            "exp": now + 600,
            "iat": now,
            "nonce": asked["nonce"],
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.algorithm, "kid": "one"}
        token = jwt.encode(header, claims, self.signed_by or self.key, algorithms=[self.algorithm])
        return json_reply(self._tokens() | {"id_token": token})

    def _tokens(self) -> dict[str, Any]:
        number = len(self.granted)
        return {
            "access_token": f"access-{number}",
            "token_type": "Bearer",
            "expires_in": self.lifetime,
            "refresh_token": f"refresh-{number}",
        }


@contextmanager
def issuing(issuer: Issuer) -> Iterator[Issuer]:
    with played(issuer) as server:
        issuer.server = server
        yield issuer


def node_for(issuer: Issuer, root: str = "http://127.0.0.1:9/rs") -> Node:
    web = Web(root, authentication="oidc", issuer=issuer.address, client_id=CLIENT, scope="openid offline_access")
    return Node(name="pacs", web=web, connect_timeout=5, answer_timeout=5)


class Browser:
    """What the user's browser does, on a thread of its own as a real one would."""

    def __init__(self) -> None:
        self.address = ""
        self.landed: list[tuple[int, str]] = []
        self._threads: list[threading.Thread] = []

    def __call__(self, address: str) -> None:
        self.address = address
        thread = threading.Thread(target=self._visit, args=(address,))
        self._threads.append(thread)
        thread.start()

    def _visit(self, address: str) -> None:
        answer = httpx2.get(address, timeout=10, follow_redirects=True, trust_env=False)
        self.landed.append((answer.status_code, answer.text))

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_reason: object) -> None:
        for thread in self._threads:
            thread.join()


@pytest.fixture
def secrets() -> Secrets:
    return Secrets(use_keyring=False)


@pytest.fixture
def browser() -> Iterator[Browser]:
    with Browser() as one:
        yield one


def cause(node: Node, secrets: Secrets, browser: Any, **more: Any) -> str:
    with pytest.raises(NetworkFailure) as caught:
        sign_in(node, secrets, browser, **more)
    return caught.value.cause


def test_signing_in_keeps_tokens_that_go_to_the_service(secrets: Secrets, browser: Browser) -> None:
    with issuing(Issuer()) as issuer, played(lambda _request: json_reply([])) as pacs:
        node = node_for(issuer, pacs.root)
        sign_in(node, secrets, browser)
        with WebSession(node, secrets=secrets) as web, web.get("studies", accept="application/dicom+json"):
            pass
        assert pacs.asked[0].headers["Authorization"] == "Bearer access-1"
    asked = {name: values[0] for name, values in parse_qs(urlsplit(browser.address).query).items()}
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert urlsplit(asked["redirect_uri"]).hostname == "127.0.0.1"
    assert asked["scope"].split() == ["openid", "offline_access"]
    assert secrets.get("pacs", "refresh") == "refresh-1"


def test_the_port_is_open_only_while_somebody_signs_in(secrets: Secrets, browser: Browser) -> None:
    with issuing(Issuer()) as issuer:
        sign_in(node_for(issuer), secrets, browser)
    address = urlsplit(parse_qs(urlsplit(browser.address).query)["redirect_uri"][0])
    with socket.socket() as probe:
        assert probe.connect_ex((address.hostname, address.port)) != 0


def test_no_token_goes_to_another_origin(secrets: Secrets, browser: Browser) -> None:
    """G18."""
    with (
        issuing(Issuer()) as issuer,
        played(lambda _request: json_reply([])) as other,
        played(lambda _request: Reply(302, {"Location": f"{other.root}/studies"})) as pacs,
    ):
        node = node_for(issuer, pacs.root)
        sign_in(node, secrets, browser)
        with WebSession(node, secrets=secrets) as web, web.get("studies", accept="application/dicom+json"):
            pass
        assert "Authorization" in pacs.asked[0].headers
        assert "Authorization" not in other.asked[0].headers


@pytest.mark.parametrize(
    "issuer",
    [
        Issuer(claims={"nonce": "another"}),
        Issuer(claims={"nonce": None}),
        Issuer(claims={"aud": "another"}),
        Issuer(claims={"aud": [CLIENT, "another"]}),
        Issuer(claims={"azp": "another"}),
        Issuer(claims={"iss": "https://evil.example"}),
        Issuer(claims={"exp": 1}),
        Issuer(claims={"exp": None}),
        Issuer(claims={"iat": int(time.time()) + 10_000}),
        Issuer(signed_by=ECKey.generate_key("P-256", {"kid": "one"})),
        Issuer(signed_by=OctKey.import_key("0" * 40), algorithm="HS256"),
    ],
    ids=["nonce", "none", "audience", "party", "other_party", "issuer", "old", "endless", "early", "key", "shared"],
)
def test_an_id_token_that_is_not_genuine_is_refused_and_nothing_kept(
    issuer: Issuer, secrets: Secrets, browser: Browser
) -> None:
    """OpenID Connect Core 3.1.3.7."""
    with issuing(issuer):
        assert cause(node_for(issuer), secrets, browser) == "id_token"
    assert secrets.get("pacs", "token") is None
    assert secrets.get("pacs", "refresh") is None


def test_an_id_token_that_nobody_signed_is_refused(secrets: Secrets, browser: Browser) -> None:
    class Unsigned(Issuer):
        def _token(self, given: dict[str, str]) -> Reply:
            reply = super()._token(given)
            assert isinstance(reply.body, bytes)
            tokens = json.loads(reply.body)
            head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
            tokens["id_token"] = f"{head}.{tokens['id_token'].split('.')[1]}."
            return json_reply(tokens)

    with issuing(Unsigned()) as issuer:
        assert cause(node_for(issuer), secrets, browser) == "id_token"


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"issuer": "https://evil.example"}, "issuer"),
        ({"token_endpoint": None}, "issuer"),
        ({"token_endpoint": "http://evil.example/token"}, "insecure"),
        ({"jwks_uri": "file:///etc/passwd"}, "issuer"),
    ],
)
def test_an_issuer_that_describes_itself_wrongly_is_refused(
    facts: dict[str, Any], word: str, secrets: Secrets, browser: Browser
) -> None:
    with issuing(Issuer(facts=facts)) as issuer:
        assert cause(node_for(issuer), secrets, browser) == word
    assert browser.address == ""


@pytest.mark.parametrize(
    "reply", [Reply(404), Reply(200, {}, b"<html>"), Reply(200, {}, b" " * (2 << 20)), Reply(hang_up=True)]
)
def test_what_is_no_issuer_is_told(reply: Reply, secrets: Secrets, browser: Browser) -> None:
    with played(lambda _request: reply) as server:
        issuer = Issuer(server=server)
        assert cause(node_for(issuer), secrets, browser) == "issuer"


def visiting(*queries: str) -> Any:
    """Return a browser that comes back with these words instead; {state} is ours."""

    def visit(address: str) -> None:
        asked = parse_qs(urlsplit(address).query)
        for query in queries:
            words = query.format(state=asked["state"][0])
            answers.append(httpx2.get(f"{asked['redirect_uri'][0]}?{words}", timeout=5, trust_env=False).status_code)

    answers: list[int] = []
    visit.answers = answers  # type: ignore[attr-defined]
    return visit


def test_an_answer_with_another_state_is_turned_away(secrets: Secrets) -> None:
    visit = visiting("code=stolen&state=another", "code=stolen", "error=access_denied&state={state}")
    with issuing(Issuer()) as issuer:
        assert cause(node_for(issuer), secrets, visit_later(visit)) == "denied"
        assert issuer.granted == []
    visit.thread.join()
    assert visit.answers == [400, 400, 200]


def visit_later(visit: Any) -> Any:
    """Visit on a thread: the listener has to wait already."""

    def start(address: str) -> None:
        visit.thread = threading.Thread(target=visit, args=(address,))
        visit.thread.start()

    return start


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("error=access_denied&state={state}", "denied"),
        ("error=invalid_scope&state={state}", "denied"),
        ("state={state}", "denied"),
        ("code=made-up&state={state}", "denied"),
        ("code=x&state={state}&iss=https://evil.example", "issuer"),
    ],
)
def test_a_sign_in_that_comes_to_nothing_is_told(query: str, word: str, secrets: Secrets) -> None:
    with issuing(Issuer()) as issuer:
        assert cause(node_for(issuer), secrets, visit_later(visiting(query))) == word


def test_nobody_is_waited_for_without_end(secrets: Secrets) -> None:
    with issuing(Issuer()) as issuer:
        assert cause(node_for(issuer), secrets, lambda _address: None, patience=0.05) == "timeout"


def test_waiting_ends_when_it_is_stopped(secrets: Secrets) -> None:
    stop = threading.Event()
    with issuing(Issuer()) as issuer, pytest.raises(Cancelled):
        sign_in(node_for(issuer), secrets, lambda _address: stop.set(), stop=stop)


def requested(node: Node, secrets: Secrets) -> None:
    with WebSession(node, secrets=secrets, first_pause=0.001) as web:
        web.get("studies", accept="application/dicom+json").close()


def test_a_token_that_has_ended_is_renewed_unasked(secrets: Secrets, browser: Browser) -> None:
    with issuing(Issuer(lifetime=1)) as issuer, played(lambda _request: json_reply([])) as pacs:
        node = node_for(issuer, pacs.root)
        sign_in(node, secrets, browser)
        requested(node, secrets)
        assert pacs.asked[0].headers["Authorization"] == "Bearer access-2"
    assert secrets.get("pacs", "refresh") == "refresh-2"


def test_a_token_that_the_service_refuses_is_renewed_once(secrets: Secrets, browser: Browser) -> None:
    def choosy(request: Request) -> Reply:
        return json_reply([]) if request.headers["Authorization"] == "Bearer access-2" else Reply(401)

    with issuing(Issuer()) as issuer, played(choosy) as pacs:
        node = node_for(issuer, pacs.root)
        sign_in(node, secrets, browser)
        requested(node, secrets)
        assert [one.headers["Authorization"] for one in pacs.asked] == ["Bearer access-1", "Bearer access-2"]


def test_a_refusal_on_several_threads_renews_the_token_once(secrets: Secrets, browser: Browser) -> None:
    """A refresh token is good for once."""
    with issuing(Issuer()) as issuer, ThreadPoolExecutor(3) as pool:
        node = node_for(issuer)
        sign_in(node, secrets, browser)
        who = SignedIn(node, secrets)
        refused = threading.Barrier(3)

        def ask() -> tuple[str, bool, str]:
            before = who.headers()["Authorization"]
            refused.wait(10)
            return before, who.renew(), who.headers()["Authorization"]

        told = [thread.result() for thread in [pool.submit(ask) for _ in range(3)]]
        assert told == [("Bearer access-1", True, "Bearer access-2")] * 3
        assert len(issuer.granted) == 2


def test_a_refresh_token_that_is_no_longer_good_asks_for_a_new_sign_in(secrets: Secrets, browser: Browser) -> None:
    with issuing(Issuer(lifetime=1, refreshing=False)) as issuer, played(lambda _request: json_reply([])) as pacs:
        node = node_for(issuer, pacs.root)
        sign_in(node, secrets, browser)
        with pytest.raises(NetworkFailure) as caught:
            requested(node, secrets)
        assert caught.value.cause == "sign_in"
        assert pacs.asked == []
    assert secrets.get("pacs", "refresh") is None


def test_who_signed_out_has_to_sign_in_again(secrets: Secrets, browser: Browser) -> None:
    with issuing(Issuer()) as issuer:
        node = node_for(issuer)
        sign_in(node, secrets, browser)
        sign_out(node, secrets)
        with pytest.raises(NetworkFailure, match="sign in"):
            requested(node, secrets)
