"""The tokens of a sign-in as they are kept, and what may be told of them; nothing heavy is imported here."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workstation.network.secrets import Secrets

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class SignIn:
    """Someone who signed in. ``until`` is when the token ends (seconds since 1970); ``renewed`` whether by itself.

    ``who`` is the name that the issuer gives, empty where it gives none.
    """

    access_token: str = field(repr=False)
    until: float = 0.0
    who: str = ""
    renewed: bool = False

    @property
    def is_good(self) -> bool:
        """Tell whether it still serves."""
        return self.renewed or self.until > time.time()


def signed_in(secrets: Secrets, name: str) -> SignIn | None:
    """Return who signed in to the node of a name, None where nobody did or nothing of it can be read."""
    token = kept_token(secrets, name)
    return None if token is None else SignIn(*token, bool(secrets.get(name, "refresh")))


def kept_token(secrets: Secrets, name: str) -> tuple[str, float, str] | None:
    """Return the access token of a node, when it ends and whose it is."""
    with contextlib.suppress(ValueError, TypeError, KeyError):
        token = json.loads(secrets.get(name, "token") or "null")
        return str(token["access_token"]), float(token["expires_at"]), str(token.get("who", ""))
    return None


def keep(secrets: Secrets, name: str, token: Mapping[str, Any], who: str = "") -> None:
    """Keep the tokens of an answer; a refresh token or a name that is not repeated stays good (RFC 6749 6)."""
    end = float(token.get("expires_at") or time.time() + float(token.get("expires_in") or 300))
    before = kept_token(secrets, name)
    who = who or (before[2] if before is not None else "")
    text = json.dumps({"access_token": str(token["access_token"]), "expires_at": end, "who": who})
    secrets.put(name, "token", text)
    if token.get("refresh_token"):
        secrets.put(name, "refresh", str(token["refresh_token"]))


def forget(secrets: Secrets, name: str) -> None:
    """Forget the tokens of a node."""
    for kind in ("token", "refresh"):
        secrets.forget(name, kind)


def name_of(claims: Mapping[str, Any]) -> str:
    """Return what an ID token calls its user (OpenID Connect Core 5.1)."""
    for claim in ("preferred_username", "name", "email", "sub"):
        value = claims.get(claim)
        if isinstance(value, str) and value.strip():
            return value.strip()[:LONGEST_NAME]
    return ""
