"""Signing in with OpenID Connect: authorization code with PKCE for a program on a desktop (RFC 8252, 7636, G18).

The password is typed into the browser, never here. What comes back is checked: the state, the issuer, the signature
and the claims of the ID token, the nonce. Tokens are kept by :class:`Secrets` and sent to the node's origin alone.
"""

from __future__ import annotations

import contextlib
import hmac
import secrets as random_words
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import httpx2

from workstation.network.failures import NetworkFailure, Step
from workstation.network.web.connections import Lines, NodeTransport, origin_of, web_peer
from workstation.network.web.loopback import Listener
from workstation.network.web.tokens import forget, keep, kept_token, name_of

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import OAuth2Client

    from workstation.network.nodes import Node, Web
    from workstation.network.secrets import Secrets

DISCOVERY: Final = "/.well-known/openid-configuration"
PATIENCE: Final = 300.0
"""Seconds that the user has for the page in the browser."""
EARLY: Final = 30
"""Seconds before its end that a token is renewed."""
LARGEST_ANSWER: Final = 1 << 20
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that only the issuer can make; those with a shared key prove nothing to a public client."""


class SignedIn:
    """Someone who signed in; a token that ends is renewed by the refresh token."""

    def __init__(self, node: Node, secrets: Secrets, *, stop: threading.Event | None = None) -> None:
        self._node = node
        self._secrets = secrets
        self._stop = stop
        self._lock = threading.Lock()
        self._given = threading.local()

    def headers(self) -> dict[str, str]:
        """Return the header with a token that is still good.

        Raises
        ------
        NetworkFailure
            With the cause ``sign_in`` where the user has to sign in.
        """
        with self._lock:
            token = self._kept()
            if token is None or token["expires_at"] - EARLY < time.time():
                if not self._renew():
                    raise _sign_in_first(self._node)
                token = self._kept()
        if token is None:
            return {}
        self._given.token = token["access_token"]
        return {"Authorization": f"Bearer {token['access_token']}"}

    def renew(self) -> bool:
        """Get a new token by the refresh token; False where that is missing or no longer taken."""
        with self._lock:
            # a refresh token is good for once: another thread may have used it for the same refusal
            token = self._kept()
            if token is not None and token["access_token"] != getattr(self._given, "token", token["access_token"]):
                return True
            return self._renew()

    def _renew(self) -> bool:
        refresh = self._secrets.get(self._node.name, "refresh")
        if not refresh:
            return False
        with _session(self._node) as session:
            facts = discover(session, self._node)
            try:
                token = session.refresh_token(facts["token_endpoint"], refresh_token=refresh)
            except _errors() as error:
                if _is_refusal(error):
                    forget(self._secrets, self._node.name)
                    return False
                raise _explained(self._node, error) from error
            if token.get("id_token"):
                # renewed ID tokens need not repeat the nonce (OpenID Connect Core 12.2)
                check_id_token(session, self._node, facts, str(token["id_token"]), None)
        keep(self._secrets, self._node.name, token)
        return True

    def _kept(self) -> dict[str, Any] | None:
        token = kept_token(self._secrets, self._node.name)
        return None if token is None else {"access_token": token[0], "expires_at": token[1]}


def sign_in(
    node: Node,
    secrets: Secrets,
    open_browser: Callable[[str], object],
    *,
    stop: threading.Event | None = None,
    patience: float = PATIENCE,
) -> None:
    """Let the user sign in by the browser and keep the tokens.

    Parameters
    ----------
    node
        Its ``web`` names issuer, client id and scope.
    secrets
        Where tokens are kept.
    open_browser
        Called with the address of the page.
    stop
        Ends the wait.
    patience
        Seconds the user has.

    Raises
    ------
    NetworkFailure
    Cancelled
    """
    with _session(node) as session, Listener() as listener:
        facts = discover(session, node)
        session.redirect_uri = listener.address
        state, nonce, verifier = (random_words.token_urlsafe(48) for _ in range(3))
        address, _state = session.create_authorization_url(
            facts["authorization_endpoint"], state=state, code_verifier=verifier, nonce=nonce
        )
        open_browser(address)
        answer = listener.wait(node, state, patience, stop)
        _check_answer(node, answer, facts["issuer"])
        try:
            token = session.fetch_token(
                facts["token_endpoint"],
                code=answer["code"],
                grant_type="authorization_code",
                redirect_uri=listener.address,
                code_verifier=verifier,
            )
        except _errors() as error:
            raise _explained(node, error) from error
        claims = check_id_token(session, node, facts, str(token.get("id_token") or ""), nonce)
    keep(secrets, node.name, token, name_of(claims))


def sign_out(node: Node, secrets: Secrets) -> None:
    """Forget the tokens of a node."""
    forget(secrets, node.name)


def discover(session: OAuth2Client, node: Node) -> dict[str, Any]:
    """Return what the issuer says of itself (OpenID Connect Discovery 4), checked.

    Raises
    ------
    NetworkFailure
    """
    issuer = _web(node).issuer.rstrip("/")
    facts = _fetched(session, node, issuer + DISCOVERY)
    if not isinstance(facts, dict) or str(facts.get("issuer", "")).rstrip("/") != issuer:
        raise _failure(node, "the issuer calls itself by another address", "issuer", "Check the issuer's address.")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        _check_address(node, str(facts.get(name, "")), issuer)
    return facts


def check_id_token(
    session: OAuth2Client, node: Node, facts: Mapping[str, Any], id_token: str, nonce: str | None
) -> Mapping[str, Any]:
    """Return the claims of an ID token; refuse one that is not the issuer's, for us, in its time, for this request.

    OpenID Connect Core 3.1.3.7.

    Raises
    ------
    NetworkFailure
    """
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    keys = _fetched(session, node, str(facts["jwks_uri"]))
    client = _web(node).client_id
    wanted: dict[str, Any] = {
        "iss": {"essential": True, "value": facts["issuer"]},
        "aud": {"essential": True, "value": client},
        "exp": {"essential": True},
        "sub": {"essential": True},
    }
    if nonce is not None:
        wanted["nonce"] = {"essential": True, "value": nonce}
    try:
        token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=list(ALGORITHMS))
        jwt.JWTClaimsRegistry(leeway=60, **wanted).validate(token.claims)
        party = token.claims.get("azp")
        audience = token.claims["aud"]
        several = isinstance(audience, list) and len(audience) > 1
        if (several or party is not None) and not hmac.compare_digest(str(party), client):
            raise ValueError("another party")
        return token.claims
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _failure(
            node, "the sign-in could not be proved genuine", "id_token", "Sign in again; if it stays so, do not use it."
        ) from error


def _check_answer(node: Node, answer: Mapping[str, str], issuer: str) -> None:
    if "error" in answer:
        if answer["error"] in ("access_denied", "login_required", "interaction_required"):
            raise _failure(node, "the sign-in was refused or given up", "denied", "Sign in again.")
        raise _failure(
            node, "the issuer refused the sign-in", "denied", "Check client id and scope in the node's page."
        )
    if "iss" in answer and answer["iss"] != issuer:
        # two issuers mixed up (RFC 9207)
        raise _failure(node, "the sign-in came from another issuer", "issuer", "Sign in again.")
    if not answer.get("code"):
        raise _failure(node, "the sign-in came back without a code", "denied", "Sign in again.")


def _check_address(node: Node, address: str, issuer: str) -> None:
    """Refuse what is not secure, unless the issuer runs on this computer."""
    try:
        scheme, host, _port = origin_of(address)
    except ValueError as error:
        raise _failure(node, "the issuer does not say where to sign in", "issuer", "") from error
    if scheme != "https" and not (host in ("127.0.0.1", "::1", "localhost") and urlsplit(issuer).scheme == "http"):
        raise _failure(node, "the issuer wants to be talked to without TLS", "insecure", "Use an issuer with https.")


def _fetched(session: OAuth2Client, node: Node, address: str) -> Any:
    _check_address(node, address, _web(node).issuer)
    try:
        answer = session.request("GET", address, withhold_token=True)
        if answer.status_code != 200:
            raise _failure(
                node, f"the issuer answered with HTTP {answer.status_code}", "issuer", "Check the issuer's address."
            )
        return answer.json()
    except _errors() as error:
        raise _explained(node, error) from error


@contextlib.contextmanager
def _session(node: Node) -> Any:
    from authlib.integrations.httpx_client import OAuth2Client

    web = _web(node)
    scope = web.scope if "openid" in web.scope.split() else f"openid {web.scope}".strip()
    session: OAuth2Client = OAuth2Client(
        web.client_id,
        scope=scope,
        code_challenge_method="S256",
        token_endpoint_auth_method="none",  # a public client has no secret
        transport=_Bounded(NodeTransport(lambda origin: web_peer(node, origin, own=False), Lines())),
        trust_env=False,
        follow_redirects=False,
        headers={"User-Agent": "workstation", "Accept-Encoding": "identity"},
    )
    try:
        yield session
    finally:
        session.close()


class _Bounded(httpx2.BaseTransport):
    """Reads an answer here, but no more of it than any issuer says."""

    def __init__(self, inner: httpx2.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = self._inner.handle_request(request)
        body = bytearray()
        with contextlib.closing(answer):
            if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
                raise ValueError("the issuer's answer is packed")
            for piece in answer.iter_raw():
                body += piece
                if len(body) > LARGEST_ANSWER:
                    raise ValueError("the issuer's answer is endless")
        return httpx2.Response(answer.status_code, headers=answer.headers, content=bytes(body))

    def close(self) -> None:
        self._inner.close()


def _errors() -> tuple[type[Exception], ...]:
    from authlib.integrations.base_client import OAuthError

    return (OAuthError, httpx2.HTTPError, httpx2.InvalidURL, ValueError, KeyError, TypeError)


def _is_refusal(error: Exception) -> bool:
    from authlib.integrations.base_client import OAuthError

    return isinstance(error, OAuthError) and getattr(error, "error", "") in ("invalid_grant", "invalid_token")


def _explained(node: Node, error: Exception) -> NetworkFailure:
    from authlib.integrations.base_client import OAuthError

    if isinstance(error, OAuthError):
        return _failure(node, "the issuer gave no token", "denied", "Sign in again; check client id and scope.")
    return _failure(node, "the issuer's answer could not be read", "issuer", "Check the issuer's address.")


def _failure(node: Node, what: str, cause: str, remedy: str) -> NetworkFailure:
    return NetworkFailure(f"{node.name}: {what}.", step=Step.SERVICE, cause=cause, remedy=remedy)


def _sign_in_first(node: Node) -> NetworkFailure:
    return _failure(
        node, "it wants you to sign in", "sign_in", "Sign in from the node's page, or by workstation web login."
    )


def _web(node: Node) -> Web:
    assert node.web is not None
    return node.web
