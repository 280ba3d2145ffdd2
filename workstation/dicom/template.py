"""Headers of one structure, read by comparing: what differs from the template is read anew, all else is shared.

Files of a series have the same elements in the same order and nearly the same bytes. The first is read the tolerant
way and becomes a template; the bytes between the elements known to vary are compared as whole blocks. Whatever could
make the tolerant reader say something else - another structure, text beyond ASCII, an attribute that changes how
others are understood, a pixel value of another length - is refused here and read there.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from pydicom.dataelem import RawDataElement

from workstation.dicom import roles
from workstation.dicom import vocabulary as v
from workstation.dicom.convert import Source
from workstation.dicom.identity import PixelPlace
from workstation.dicom.patches import REFUSED, Patches, Reading, readings
from workstation.dicom.strict import LARGEST_BULK, IrregularError, Spot, Walker

if TYPE_CHECKING:
    from collections.abc import Callable

    from workstation.dicom.identity import Instance, Locator
    from workstation.dicom.read import ReadResult

META_AT = 132
ITEM = b"\xfe\xff\x00\xe0"
DELIMITER = b"\xfe\xff\xdd\xe0\0\0\0\0"
_SIGNED = int(v.tag_of("PixelRepresentation"))
MOST_SEQUENCES = 1024
"""Sequences remembered as plain, for each template."""
_HARMLESS = ("The preamble starts like", "Specific Character Set names", "Charset guessed", "The file meta says")
"""How deviations begin that follow from bytes which must stay the same."""


class Step(NamedTuple):
    """Bytes that must be there, then an element that varies: how its length is written; a walker for a sequence."""

    constant: bytes
    size: int
    length: Callable[..., tuple[int, ...]]
    width: int
    walker: Walker | None


class Template:
    """One header and what may vary in it; gets to know that by and by.

    Raises
    ------
    IrregularError
        If the header is not plain enough to stand for others.
    """

    def __init__(self, head: bytes, result: ReadResult, instance: Instance) -> None:
        place, location = instance.pixel_data, result.pixel_data
        if place is None or location is None or place.deflated or place.available is None:
            raise IrregularError
        tail = place.available - place.length
        if (place.encapsulated and place.length >= 0) or (not place.encapsulated and (place.length < 0 or tail)):
            raise IrregularError
        if any(not note.startswith(_HARMLESS) for note in result.deviations):
            raise IrregularError
        self.place, self.instance, self._head = place, instance, head
        self._meta = Walker(implicit=False, little=True)
        ds = result.ds
        implicit, little = ds.original_encoding
        self._body = Walker(implicit=bool(implicit), little=bool(little))
        self._spots, self._pixels_at = self._table()
        tags = [spot.tag for spot in self._spots]
        if tags != [*map(int, ds.file_meta.keys()), *map(int, ds.keys())] or not roles.is_plain(
            instance, frozenset(tags)
        ):
            raise IrregularError
        signed = ds.get_item(v.tag_of("PixelRepresentation"), keep_deferred=True) if _SIGNED in tags else None
        self._signed = signed if isinstance(signed, RawDataElement) else None
        self._first = next(index for index, spot in enumerate(self._spots) if spot.tag >> 16 > 2)
        self._readings: dict[int, tuple[Reading, ...]] = {}
        self._own = Patches(instance, ())
        self._varying: set[int] = set()
        self._plain: set[bytes] = set()
        self._compile()

    def _table(self) -> tuple[list[Spot], int]:
        """Return every element before the pixel data, and where that starts."""
        head, pos, last = self._head, META_AT, -1
        spots: list[Spot] = []
        if head[128:132] != b"DICM":
            raise IrregularError
        walker = self._meta
        while True:
            if walker is self._meta and head[pos : pos + 2] != b"\x02\0":
                walker = self._body
            tag, _, _, value, _ = walker.header(head, pos)
            if tag <= last:
                raise IrregularError
            if tag in v.PIXELS:
                if value != self.place.offset:
                    raise IrregularError
                return spots, pos
            spot = walker.spot(head, pos, len(head))
            spots.append(spot)
            last, pos = tag, spot.end

    @property
    def size(self) -> int:
        """Bytes before the pixel value."""
        return self.place.offset

    def read(self, data: bytes, size: int, last: Callable[[], bytes], locator: Locator) -> Instance | None:
        """Return the facts of a file that starts with ``data``; None where the tolerant reader must look.

        ``size`` is that of the file, ``last`` reads its last eight bytes.
        """
        matched = self._match(data)
        if matched is None:
            return None
        found, at = matched
        own = self.place
        available = size - at
        if own.encapsulated:
            if available < 8 or last() != DELIMITER:
                return None
        elif available != own.length or data[at : at + 4] == ITEM or (len(data) < at + 4 and size > len(data)):
            return None
        place = PixelPlace(at, own.length, own.encapsulated, own.big_endian, available, size)
        return self._patches.apply(found, locator, place)

    def _match(self, data: bytes) -> tuple[list[bytes], int] | None:
        """Return the varying values and where the pixel value starts."""
        pos, found = 0, []
        try:
            for constant, size, length, width, walker in self._steps:
                if not data.startswith(constant, pos):
                    return None
                (count,) = length(data, pos + size)
                pos += size + width
                end = pos + count
                if walker is not None:
                    after = self._after(walker, data, pos, count)
                    if after is None:
                        return None
                    end = after
                found.append(data[pos:end])
                pos = end
        except struct.error:
            return None
        if not data.startswith(self._last, pos):
            return None
        for index in self._texts:
            if not found[index].isascii():
                return None
        at = pos + len(self._last)
        return None if at > LARGEST_BULK and max(map(len, found), default=0) > LARGEST_BULK else (found, at)

    def _after(self, walker: Walker, data: bytes, pos: int, count: int) -> int | None:
        """Return where a sequence ends that holds nothing odd."""
        if count == v.UNDEFINED:
            return walker.plain_sequence(data, pos, None, len(data))
        end = pos + count
        value = data[pos:end]
        if value in self._plain:
            return end
        after = walker.plain_sequence(data, pos, end, len(data))
        if after is not None and len(self._plain) < MOST_SEQUENCES:
            self._plain.add(value)
        return after

    def learn(self, data: bytes) -> bool:
        """Let those elements vary in which another header differs; tell whether that is news and allowed."""
        head, pos, new = self._head, META_AT, set()
        if data[:META_AT] != head[:META_AT]:
            return False
        try:
            for index, spot in enumerate(self._spots):
                if data[pos : pos + spot.field - spot.start] != head[spot.start : spot.field]:
                    return False
                there = self._walker(index).spot(data, pos, len(data))
                if data[there.field : there.end] != head[spot.field : spot.end]:
                    new.add(index)
                pos = there.end
        except IrregularError:
            return False
        if not data.startswith(self._last_header, pos) or new <= self._varying:
            return False
        if not all(map(self._may_vary, new - self._varying)):
            return False
        self._varying |= new
        self._compile()
        return True

    def _walker(self, index: int) -> Walker:
        return self._meta if index < self._first else self._body

    def _may_vary(self, index: int) -> bool:
        spot = self._spots[index]
        role, value = roles.role_of(spot.tag), self._head[spot.value : spot.end]
        # The length of an implicit first element takes part in telling the encoding.
        if role == roles.FIXED or not spot.plain or (index == self._first and self._body.implicit):
            return False
        if role == roles.FREE:
            return spot.vr not in v.ENCODED_TEXT or value.isascii()
        walker = self._walker(index)
        source = Source(spot.tag, spot.vr, implicit=walker.implicit, little=walker.little, signed=self._signed)
        made = readings(source)
        if not made:
            return False
        for reading in made:
            found = reading.convert(value)
            if found is REFUSED or not self._own.says(reading, found):
                return False
        self._readings[index] = made
        return True

    def _compile(self) -> None:
        """Cut the header into constant blocks and varying elements."""
        steps: list[Step] = []
        texts: list[int] = []
        order: list[int] = []
        pos = 0
        for index in sorted(self._varying):
            spot, walker = self._spots[index], self._walker(index)
            wide = spot.value - spot.field == 4
            sequence = walker if spot.vr == "SQ" else None
            constant = self._head[pos : spot.field]
            steps.append(
                Step(constant, len(constant), walker.long if wide else walker.short, 4 if wide else 2, sequence)
            )
            if index not in self._readings and spot.vr in v.ENCODED_TEXT:
                texts.append(len(order))
            order.append(index)
            pos = spot.end
        self._steps, self._texts = tuple(steps), tuple(texts)
        self._last = self._head[pos : self.place.offset]
        self._last_header = self._head[self._pixels_at : self.place.offset]
        varying = [(place, reading) for place, index in enumerate(order) for reading in self._readings.get(index, ())]
        self._patches = Patches(self.instance, varying)
