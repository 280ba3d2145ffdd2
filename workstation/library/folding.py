"""Text as it is searched: without case, accents, width and the delimiters of names."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_DELIMITERS = str.maketrans("^=\\", "   ")


def folded(text: str) -> str:
    """Return text so that two spellings of the same word are equal, in any script (PS3.5 6.2.1: ``^`` and ``=``)."""
    plain = unicodedata.normalize("NFKD", text.translate(_DELIMITERS))
    # accents only: a voiced kana is another sound, not another spelling
    kept = "".join(char for char in plain if not "\u0300" <= char <= "\u036f")
    return " ".join(unicodedata.normalize("NFKC", kept).casefold().split())


def document(values: Iterable[str]) -> str:
    """Return what is searched of one study: each value once, a line for each, so that no word spans two."""
    return "\n".join(dict.fromkeys(text for value in values if (text := folded(value))))


def words(query: str) -> tuple[str, ...]:
    """Return the words of a query; all of them have to be found, anywhere and in any order."""
    return tuple(dict.fromkeys(folded(query).split()))
