"""What a data set says of itself in its first elements, read from bytes that are just arriving (G12).

Only as much is read as tells which object it is; everything behind is kept as it came, however broken.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

from workstation.network.upper_layer import uid

IMPLICIT: Final = frozenset({"1.2.840.10008.1.2", "1.2.840.113619.5.2"})
DEFLATED: Final = frozenset({"1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"})
BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
STANDARD: Final = "1.2.840.10008.1.2"
LONG: Final = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
UNDEFINED: Final = 0xFFFFFFFF
DEEPEST: Final = 16
_CLASS, _INSTANCE = (0x0008, 0x0016), (0x0008, 0x0018)
_ITEM, _ITEM_END, _SEQUENCE_END = (0xFFFE, 0xE000), (0xFFFE, 0xE00D), (0xFFFE, 0xE0DD)


class Unreadable(Exception):
    """The bytes do not begin as a data set of their transfer syntax does."""


class _TooShort(Exception):
    """More bytes are needed."""


def object_named(head: bytes, transfer_syntax_uid: str, *, whole: bool) -> tuple[str | None, str | None] | None:
    """Return the SOP Class and SOP Instance UID a data set begins with, each None where it is not there.

    ``whole`` says that no byte follows. None where the answer lies behind ``head``.

    Raises
    ------
    Unreadable
    """
    if not transfer_syntax_uid.startswith(STANDARD) and transfer_syntax_uid not in IMPLICIT:
        return None, None  # a private syntax: nobody but its maker knows how it begins
    if transfer_syntax_uid in DEFLATED:
        try:
            head = zlib.decompressobj(-zlib.MAX_WBITS).decompress(head, 1 << 16)
        except zlib.error:
            raise Unreadable from None
    explicit = transfer_syntax_uid not in IMPLICIT
    try:
        return _walked(head, explicit=explicit, big=transfer_syntax_uid == BIG_ENDIAN, whole=whole)
    except Unreadable:
        # some write one syntax and declare the other; our reader takes such files, so they are kept
        names = _walked(head, explicit=not explicit, big=False, whole=whole)
        if names is not None and None in names:
            raise
        return names


def _walked(head: bytes, *, explicit: bool, big: bool, whole: bool) -> tuple[str | None, str | None] | None:
    walk = _Walk(head, explicit=explicit, big=big)
    try:
        return walk.names()
    except _TooShort:
        if not whole:
            return None
        if not walk.elements:
            raise Unreadable from None
        return walk.found.get(_CLASS), walk.found.get(_INSTANCE)


class _Walk:
    def __init__(self, content: bytes, *, explicit: bool, big: bool) -> None:
        self._content = content
        self._explicit = explicit
        self._order = ">" if big else "<"
        self._place = 0
        self.elements = 0
        self.found: dict[tuple[int, int], str] = {}

    def names(self) -> tuple[str | None, str | None]:
        """Walk the top level until the two names are passed."""
        last = (0, 0)
        while _INSTANCE not in self.found:
            if self._place == len(self._content):
                raise _TooShort
            tag, vr, length = self._element()
            if not (self.elements or self._explicit or 0x0002 <= tag[0] <= 0x0010):
                raise Unreadable  # nothing but its groups tells this syntax from rubbish
            if tag > _INSTANCE or tag <= last:
                break
            if tag in (_CLASS, _INSTANCE):
                if length > 1024:
                    raise Unreadable
                value = self._take(length)
                self.found[tag] = uid(value)
            else:
                self._skip(vr, length, 0)
            last = tag
            self.elements += 1
        return self.found.get(_CLASS), self.found.get(_INSTANCE)

    def _take(self, size: int) -> bytes:
        if self._place + size > len(self._content):
            raise _TooShort
        value = self._content[self._place : self._place + size]
        self._place += size
        return value

    def _element(self) -> tuple[tuple[int, int], bytes, int]:
        order = self._order
        group, element = struct.unpack(f"{order}HH", self._take(4))
        if not self._explicit or group == 0xFFFE:
            return (group, element), b"", int(struct.unpack(f"{order}I", self._take(4))[0])
        vr = self._take(2)
        if not (vr.isalpha() and vr.isupper()):
            raise Unreadable
        if vr in LONG:
            return (group, element), vr, int(struct.unpack(f"{order}2xI", self._take(6))[0])
        return (group, element), vr, int(struct.unpack(f"{order}H", self._take(2))[0])

    def _skip(self, vr: bytes, length: int, depth: int) -> None:
        if length != UNDEFINED:
            self._take(length)
            return
        if depth > DEEPEST or (self._explicit and vr not in (b"SQ", b"UN")):
            raise Unreadable
        while True:
            tag, _vr, length = self._element()
            if tag == _SEQUENCE_END:
                return
            if tag != _ITEM:
                raise Unreadable
            if length != UNDEFINED:
                self._take(length)
                continue
            while (inner := self._element())[0] != _ITEM_END:
                self._skip(inner[1], inner[2], depth + 1)
