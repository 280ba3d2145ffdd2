"""Who asks: nobody, a user with a password, a token, or someone who signed in elsewhere (RFC 7617, 6750).

An authority gives the headers of a request; only :class:`WebSession` sends them, and only to the node's own origin.
"""

from __future__ import annotations

import base64
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from workstation.network.failures import NetworkFailure, Step

if TYPE_CHECKING:
    from workstation.network.nodes import Node
    from workstation.network.secrets import Secrets


class Authority(Protocol):
    """What says who asks; sessions on several threads may share it."""

    def headers(self) -> dict[str, str]:
        """Return the headers of the next request.

        Raises
        ------
        NetworkFailure
            Where something is missing that only the user can give.
        """

    def renew(self) -> bool:
        """Get other credentials after a refusal; False where there are none."""


class Nobody:
    """No credentials."""

    def headers(self) -> dict[str, str]:
        """Return nothing."""
        return {}

    def renew(self) -> bool:
        """Tell that there is nothing else to try."""
        return False


@dataclass(frozen=True, slots=True)
class Basic(Nobody):
    """A user and a password, in UTF-8."""

    user: str
    password: str = field(repr=False)

    def headers(self) -> dict[str, str]:
        """Return the header of basic authentication."""
        pair = base64.b64encode(f"{self.user}:{self.password}".encode()).decode("ascii")
        return {"Authorization": f"Basic {pair}"}


@dataclass(frozen=True, slots=True)
class Bearer(Nobody):
    """A token that the user was given."""

    token: str = field(repr=False)

    def headers(self) -> dict[str, str]:
        """Return the header of a bearer token."""
        return {"Authorization": f"Bearer {self.token}"}


def authority_of(node: Node, secrets: Secrets | None, *, stop: threading.Event | None = None) -> Authority:
    """Return who asks a node, by its page and the secrets that are kept for it.

    Raises
    ------
    NetworkFailure
        With the cause ``secret_missing`` where the user has to be asked for a password or token.
    """
    assert node.web is not None
    if node.web.authentication == "none":
        return Nobody()
    if node.web.authentication == "oidc":
        from workstation.network.secrets import Secrets
        from workstation.network.web.oidc import SignedIn

        return SignedIn(node, secrets or Secrets(use_keyring=False), stop=stop)
    kind = "password" if node.web.authentication == "basic" else "token"
    secret = secrets.get(node.name, kind) if secrets else None
    if secret is None:
        raise NetworkFailure(
            f"{node.name}: it needs a {kind}, and none was given.",
            step=Step.SERVICE,
            cause="secret_missing",
            remedy=f"Give the {kind} when it is asked for.",
        )
    if kind == "password":
        return Basic(node.web.user, secret)
    if not secret.isascii() or not secret.isprintable():
        raise NetworkFailure(
            f"{node.name}: the token has characters that none has.",
            step=Step.SERVICE,
            cause="secret_unusable",
            remedy="Copy it again.",
        )
    return Bearer(secret)
