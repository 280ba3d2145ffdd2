"""Who asks: nobody, a user with a password, a token, or someone who signed in elsewhere (RFC 7617, 6750).

An authority gives the headers of a request; only :class:`WebSession` sends them, and only to the node's own origin.
"""

from __future__ import annotations

import base64
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from workstation.network.failures import NetworkFailure, Step, UserNeeded

if TYPE_CHECKING:
    from workstation.network.nodes import Node
    from workstation.network.secrets import Secrets


NEEDS: Final = {"basic": "password", "bearer": "token", "oidc": "sign_in"}
"""What the user gives, by the way a node knows us."""
_MISSING: Final = frozenset({"secret_missing", "secret_unusable", "sign_in"})


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


@contextlib.contextmanager
def demanding(node: Node) -> Iterator[None]:
    """Tell apart what the user can mend by a password, a token or a sign-in, and then try again.

    Raises
    ------
    UserNeeded
    """
    try:
        yield
    except NetworkFailure as failure:
        what = NEEDS.get(node.web.authentication if node.web else "", "")
        if not what or failure.cause not in (*_MISSING, "unauthorised"):
            raise
        if what == "sign_in":
            raise UserNeeded(f"{node.name} wants you to sign in.", what) from failure
        sentence = f"The {what} for {node.name} is needed"
        refused = ": the one that was given is not accepted" if failure.cause not in _MISSING else ""
        raise UserNeeded(f"{sentence}{refused}.", what) from failure
