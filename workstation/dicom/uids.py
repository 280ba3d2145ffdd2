"""UIDs: usable or not, and stable stand-ins where they are missing (A24, A25, E5)."""

from __future__ import annotations

import hashlib
import re

_VALID = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))+\Z", re.ASCII)


def is_valid(uid: str) -> bool:
    """Tell whether a UID keeps PS3.5 9.1: digits and dots, at most 64 characters, no leading zeros."""
    return len(uid) <= 64 and _VALID.match(uid) is not None


def synthetic(*parts: object) -> str:
    """Return a UID made from the content of ``parts``: equal content, equal UID (PS3.5 B.2 form)."""
    text = "\x1f".join(str(part) for part in parts)
    digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"
