"""Multipart bodies read as a stream: parts one after another, each in pieces, nothing whole in memory (RFC 2046 5.1).

What servers do that the RFC does not foresee is read too: no boundary in the header, lines that end with a line feed
alone, text before the first and after the last part. A body that ends before its closing delimiter is told: the
part that was cut raises, the parts before it are whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from workstation.errors import WorkstationError

LONGEST_BOUNDARY: Final = 512
LONGEST_HEAD: Final = 1 << 16
"""Bytes of the headers of one part."""
LONGEST_PREAMBLE: Final = 1 << 20
_PADDING: Final = 256
"""Blanks that may stand between a boundary and the end of its line."""


class BadMultipart(WorkstationError):
    """A body is not made of parts, whatever its header says."""

    code = "multipart"


class CutOff(BadMultipart):
    """A body ends in the midst of a part."""

    code = "cut_off"


@dataclass(frozen=True, slots=True)
class Part:
    """One part: headers by lower-case name, and its body in pieces, to be read before the next part is asked for."""

    headers: Mapping[str, str]
    pieces: Iterator[bytes]


def parts_of(pieces: Iterable[bytes], boundary: str | None) -> Iterator[Part]:
    """Yield the parts of a body; what is left unread of one is passed over.

    Raises
    ------
    BadMultipart
        If the body does not begin with a delimiter, or a part's headers have no end.
    CutOff
        If it ends before its closing delimiter; also while a part's pieces are read.
    """
    reader = _Reader(pieces)
    if boundary is not None and not 0 < len(boundary) <= LONGEST_BOUNDARY:
        raise BadMultipart("The boundary between the parts is unusable.")
    delimiter = reader.first_delimiter(None if boundary is None else boundary.encode("latin-1", "replace"))
    if delimiter is None:
        return
    while not reader.closed:
        part = Part(reader.headers(), reader.body(delimiter))
        yield part
        for _left in part.pieces:
            pass


class _Reader:
    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._source = iter(pieces)
        self._held = bytearray()
        self._over = False
        self.closed = False

    def _more(self) -> bool:
        """Take one more piece; False at the end of the body."""
        while not self._over:
            piece = next(self._source, None)
            if piece is None:
                self._over = True
            elif piece:
                self._held += piece
                return True
        return False

    def _line(self, limit: int, complaint: str) -> bytes | None:
        """Take one line with its end; None at the end of the body."""
        start = 0
        while (end := self._held.find(b"\n", start)) < 0:
            start = len(self._held)
            if start > limit:
                raise BadMultipart(complaint)
            if not self._more():
                return None
        line = bytes(self._held[: end + 1])
        del self._held[: end + 1]
        return line

    def first_delimiter(self, boundary: bytes | None) -> bytes | None:
        """Pass over the preamble; return what separates parts from here on, None for a body without any."""
        passed = 0
        complaint = "The answer says that it is made of parts, but no part begins."
        while (line := self._line(LONGEST_PREAMBLE, complaint)) is not None:
            end = b"\r\n" if line.endswith(b"\r\n") else b"\n"
            text = line.rstrip()
            if boundary is None and text.startswith(b"--") and 2 < len(text) <= LONGEST_BOUNDARY + 2:
                boundary = text[2:]
            if boundary is not None and text == b"--" + boundary:
                return end + text
            if boundary is not None and text == boundary and text.startswith(b"--"):
                # the two hyphens were written into the header as well
                return end + text
            if boundary is not None and text == b"--" + boundary + b"--":
                return None
            passed += len(line)
            if passed > LONGEST_PREAMBLE:
                raise BadMultipart(complaint)
        rest = bytes(self._held).rstrip()
        if not rest and not passed:
            return None
        if boundary is not None and rest == b"--" + boundary + b"--":
            return None
        raise CutOff("The answer ends before its first part.")

    def headers(self) -> dict[str, str]:
        """Take the headers of a part up to the empty line after them."""
        found: dict[str, str] = {}
        name, size = "", 0
        complaint = "The headers of a part have no end."
        while (line := self._line(LONGEST_HEAD, complaint)) is not None:
            size += len(line)
            if size > LONGEST_HEAD:
                raise BadMultipart(complaint)
            text = line.rstrip(b"\r\n").decode("latin-1")
            if not text.strip():
                return found
            if text[0] in " \t" and name:
                found[name] += " " + text.strip()
                continue
            name, _colon, value = text.partition(":")
            name = name.strip().lower()
            found[name] = value.strip()
        raise CutOff("The answer ends within the headers of a part.")

    def body(self, delimiter: bytes) -> Iterator[bytes]:
        """Yield the bytes up to the next delimiter and pass over that."""
        # a part without a body: the empty line after its headers is the line end of the delimiter
        line_end = delimiter[: delimiter.index(b"--")]
        self._held[:0] = line_end
        skip = len(line_end)
        pattern = re.compile(re.escape(delimiter))
        start = 0
        while True:
            match = pattern.search(self._held, start)
            if match is None:
                safe = max(len(self._held) - len(delimiter) + 1, 0)
                if safe > skip:
                    yield bytes(self._held[skip:safe])
                    skip = 0
                    del self._held[:safe]
                    start = 0
                else:
                    start = 0
                if not self._more():
                    raise CutOff("The answer ends within a part.")
                continue
            place, after = match.span()
            kind = self._kind_of_delimiter(after)
            if kind is None:
                if not self._more():
                    raise CutOff("The answer ends within a part.")
                start = place
                continue
            if kind < 0:
                start = place + 1
                continue
            if place > skip:
                yield bytes(self._held[skip:place])
            del self._held[:kind]
            return

    def _kind_of_delimiter(self, after: int) -> int | None:
        """Return where the line of a delimiter ends, -1 if it is none after all, None if more has to be read."""
        tail = bytes(self._held[after : after + _PADDING + 2])
        if tail.startswith(b"--"):
            self.closed = True
            return after + 2
        if tail in (b"", b"-") and not self._over:
            return None
        match = re.match(rb"[ \t]*\r?\n", tail)
        if match:
            return after + match.end()
        if len(tail) <= _PADDING and not self._over and re.fullmatch(rb"[ \t]*\r?", tail):
            return None
        return -1
