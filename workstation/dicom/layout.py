"""Where every element of a plain header lies; another header of the same structure is followed along it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from struct import error as TooShort  # noqa: N812 - says what it means here

from workstation.dicom import vocabulary as v
from workstation.dicom.roles import FIXED, role_of
from workstation.dicom.sniff import Encoding
from workstation.dicom.strict import LARGEST_BULK, IrregularError, Walker

META_AT = 132
_TRANSFER_SYNTAX = 0x00020010


@dataclass(frozen=True, slots=True)
class Part:
    """One element: ``prefix`` is its tag and VR, its length takes ``width`` bytes.

    ``plain`` is False for a sequence that holds a character set of its own or text beyond ASCII.
    """

    tag: int
    vr: str
    prefix: bytes
    width: int
    plain: bool
    walker: Walker

    @property
    def skip(self) -> int:
        """Bytes from the start to the value."""
        return len(self.prefix) + self.width


class Layout:
    """A header cut into elements.

    ``at`` holds where each of ``parts`` starts and, last, where the pixel data element does; ``offset`` is where the
    pixel value starts, ``body`` how the data set is encoded, ``first`` the index of its first element.
    """

    def __init__(self, head: bytes, parts: tuple[Part, ...], at: list[int], offset: int) -> None:
        self.head, self.parts, self.at, self.offset = head, parts, at, offset
        self.first = next(index for index, part in enumerate(parts) if part.tag >> 16 > 2)
        self.body = parts[-1].walker
        self._whole: list[bytes] | None = None

    def value(self, index: int) -> bytes:
        """Return the bytes of a value."""
        return self.head[self.at[index] + self.parts[index].skip : self.at[index + 1]]

    def follow(self, head: bytes) -> tuple[Layout, list[int]] | None:
        """Return the layout of another header, and in which elements it differs; None where it is not alike.

        Alike are headers with the same preamble, elements, VRs and pixel data header, the same bytes in every element
        that must not vary, and nothing but plain sequences where they differ.
        """
        if self._whole is None:
            self._whole = [self.head[a:b] for a, b in zip(self.at, self.at[1:], strict=False)]
        if not head.startswith(self.head[:META_AT]):
            return None
        pos, at, differing = META_AT, [], []
        try:
            for index, whole in enumerate(self._whole):
                at.append(pos)
                if head.startswith(whole, pos):
                    pos += len(whole)
                    continue
                part = self.parts[index]
                if not head.startswith(part.prefix, pos) or role_of(part.tag) == FIXED:
                    return None
                pos = _end(part, head, pos)
                if pos < 0:
                    return None
                differing.append(index)
        except TooShort:
            return None
        at.append(pos)
        last = self.head[self.at[-1] : self.offset]
        return (Layout(head, self.parts, at, pos + len(last)), differing) if head.startswith(last, pos) else None

    def differences(self, other: Layout) -> tuple[set[int], set[int]]:
        """Return the elements in which two headers of one structure differ, and those whose length does."""
        differing, elastic = set(), set()
        own, theirs = self.head, other.head
        for index, start in enumerate(self.at[:-1]):
            end, there, stop = self.at[index + 1], other.at[index], other.at[index + 1]
            if own[start:end] != theirs[there:stop]:
                differing.add(index)
                if end - start != stop - there:
                    elastic.add(index)
        return differing, elastic


def _end(part: Part, head: bytes, pos: int) -> int:
    """Return where an element ends that differs from its like, -1 where it is not plain."""
    walker, field = part.walker, pos + len(part.prefix)
    (count,) = (walker.short if part.width == 2 else walker.long)(head, field)
    value = field + part.width
    if part.vr == "SQ":
        return walker.plain_sequence(head, value, None if count == v.UNDEFINED else value + count, len(head))
    end: int = value + count
    bulk = count > LARGEST_BULK and part.vr in v.BULK
    return -1 if count == v.UNDEFINED or end > len(head) or bulk else end


def layout_of(head: bytes) -> Layout:
    """Cut a header into elements.

    Raises
    ------
    IrregularError
        If it is not plain, is longer than ``head`` or has no pixel data.
    """
    if head[128:META_AT] != b"DICM":
        raise IrregularError
    walker = meta = _walker(implicit=False, little=True)
    pos, last, end = META_AT, -1, len(head)
    parts: list[Part] = []
    at: list[int] = []
    while True:
        if walker is meta and head[pos : pos + 2] != b"\x02\0":
            walker = _body_of(head, parts, at, pos)
        header = tag, vr, field, value, _ = walker.header(head, pos)
        if tag <= last:
            raise IrregularError
        if tag in v.PIXELS:
            if not parts or parts[-1].tag >> 16 == 2:
                raise IrregularError
            return Layout(head, tuple(parts), [*at, pos], value)
        spot = walker.spot(head, pos, end, 0, header)
        at.append(pos)
        parts.append(Part(tag, vr, head[pos:field], value - field, spot.plain, walker))
        last, pos = tag, spot.end


def _body_of(head: bytes, parts: list[Part], at: list[int], end: int) -> Walker:
    """Return the walker that the Transfer Syntax UID asks for."""
    for part, start, stop in zip(parts, at, [*at[1:], end], strict=True):
        if part.tag == _TRANSFER_SYNTAX:
            uid = head[start + part.skip : stop].decode("ascii", "replace").strip(" \0")
            if uid == v.DEFLATED:
                break
            encoding = Encoding.of_syntax(uid)
            return _walker(implicit=encoding.implicit, little=encoding.little)
    raise IrregularError


@cache
def _walker(*, implicit: bool, little: bool) -> Walker:
    return Walker(implicit=implicit, little=little)
