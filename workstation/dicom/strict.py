"""A strict element walker: says where elements lie and refuses whatever the tolerant parser would remark on.

What it accepts, :class:`~workstation.dicom.parser.Parser` reads without a note and with the same result; whoever is
refused here goes there.
"""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from workstation.dicom import vocabulary as v

MAX_DEPTH = 16
LARGEST_BULK = 1 << 16
"""Bulk values beyond this are stepped over by the tolerant parser; no header with one is walked here."""


class IrregularError(Exception):
    """The bytes are not plain enough to be walked."""


class Spot(NamedTuple):
    """Where the value of one element lies; ``vr`` is the dictionary's where the encoding is implicit.

    ``plain`` is False for a sequence that holds a character set of its own or text beyond ASCII.
    """

    tag: int
    vr: str
    value: int
    end: int
    plain: bool


class Walker:
    """Walks elements of one encoding."""

    def __init__(self, *, implicit: bool, little: bool) -> None:
        order = "<" if little else ">"
        self.implicit, self.little = implicit, little
        self.short = Struct(f"{order}H").unpack_from
        self.long = Struct(f"{order}L").unpack_from
        self._explicit_header = Struct(f"{order}HH2sH").unpack_from
        self._implicit_header = Struct(f"{order}HHL").unpack_from
        self._plain = True

    def header(self, data: bytes, pos: int) -> tuple[int, str, int, int, int]:
        """Return tag, VR, position of the length field, position of the value and length."""
        if pos + 12 > len(data):
            raise IrregularError
        if self.implicit:
            group, number, length = self._implicit_header(data, pos)
            tag = group << 16 | number
            return tag, v.vr_of(tag), pos + 4, pos + 8, length
        group, number, code, length = self._explicit_header(data, pos)
        vr = v.SHORT_NAMES.get(code)
        if vr is not None:
            return group << 16 | number, vr, pos + 6, pos + 8, length
        if code not in v.LONG:
            raise IrregularError
        return group << 16 | number, code.decode("ascii"), pos + 8, pos + 12, self.long(data, pos + 8)[0]

    def spot(
        self, data: bytes, pos: int, end: int, depth: int = 0, header: tuple[int, str, int, int, int] | None = None
    ) -> Spot:
        """Return the element at ``pos``, which must end at ``end`` at the latest."""
        tag, vr, _, value, length = header or self.header(data, pos)
        if tag >> 16 == 0xFFFE:
            raise IrregularError
        if vr == "SQ":
            self._plain = True
            after = self.sequence(data, value, None if length == v.UNDEFINED else value + length, end, depth + 1)
            return Spot(tag, vr, value, after, self._plain)
        # A length that is not defined is beyond any end, too.
        if value + length > end or (length > LARGEST_BULK and vr in v.BULK):
            raise IrregularError
        if vr == "UN" and v.vr_of(tag) == "SQ":
            raise IrregularError
        return Spot(tag, vr, value, value + length, True)

    def sequence(self, data: bytes, pos: int, stop: int | None, limit: int, depth: int) -> int:
        """Return where the items that start at ``pos`` end; None as ``stop`` is an undefined length."""
        if depth > MAX_DEPTH or (stop is not None and stop > limit):
            raise IrregularError
        end = limit if stop is None else stop
        while stop is None or pos < stop:
            if pos + 8 > end:
                raise IrregularError
            group, number, length = self._implicit_header(data, pos)
            pos += 8
            if group != 0xFFFE or (number == 0xE0DD and (stop is not None or length)):
                raise IrregularError
            if number == 0xE0DD:
                return pos
            if number != 0xE000:
                raise IrregularError
            pos = self._item(data, pos, None if length == v.UNDEFINED else pos + length, end, depth)
        return pos

    def _item(self, data: bytes, pos: int, stop: int | None, limit: int, depth: int) -> int:
        if stop is not None and stop > limit:
            raise IrregularError
        last, end = -1, limit if stop is None else stop
        while stop is None or pos < stop:
            if pos + 8 > end:
                raise IrregularError
            group, number, length = self._implicit_header(data, pos)
            if group == 0xFFFE:
                if number != 0xE00D or stop is not None or length:
                    raise IrregularError
                return pos + 8
            plain = self._plain
            spot = self.spot(data, pos, end, depth)
            if spot.tag <= last:
                raise IrregularError
            text = spot.vr in v.ENCODED_TEXT and not data[spot.value : spot.end].isascii()
            self._plain = plain and spot.plain and not text and spot.tag != v.CHARACTER_SET
            last, pos = spot.tag, spot.end
        return pos

    def plain_sequence(self, data: bytes, pos: int, stop: int | None, limit: int) -> int:
        """Return where a sequence ends whose items may differ from file to file; -1 where they may not."""
        self._plain = True
        try:
            end = self.sequence(data, pos, stop, limit, 1)
        except IrregularError:
            return -1
        return end if self._plain else -1
