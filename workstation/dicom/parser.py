"""The element walker: bytes -> pydicom data elements, tolerant, bounded in depth, count and bytes.

It differs from a strict reader in that it keeps what is there: a damaged element ends its data set, not the
file; every liberty is written down as a note (A5, A6, A12, A14, A15, A37).
"""

from __future__ import annotations

import re
from struct import Struct
from typing import IO, TYPE_CHECKING, NamedTuple

from pydicom.charset import convert_encodings
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from workstation.dicom import vocabulary as v
from workstation.dicom.sources import read_some
from workstation.errors import CorruptFile, TooLarge
from workstation.wording import phrase

if TYPE_CHECKING:
    from workstation.dicom.identity import Locator

MAX_DEPTH = 100
"""Deepest nesting of sequences that is followed (A5)."""
MAX_ELEMENTS = 2_000_000
"""Most elements in one file."""
MAX_BYTES = 1 << 30
"""Most bytes of values outside the pixel data."""
_CUT_ELEMENT = "The file ends inside an element: {0} of {1} bytes are there."
_CUT_SEQUENCE = "The file ends inside a sequence; the items read so far are kept."
_ITEM_TAIL = "An item has a few bytes too many at its end."
_STRAY_DELIMITER = "A delimiter stands where no sequence is open; ignored."
_UNKNOWN_VR = "An element has the unknown Value Representation {0}; its layout was guessed."
_PAST_ITEM = "An element is longer than the item that holds it; cut at the item's end."
_NO_ITEM = "A sequence holds something that is no item; the rest of it was left out."
_PAST_SEQUENCE = "An item is longer than the sequence that holds it; cut at the sequence's end."
_IMPLICIT_ITEM = "A sequence item is encoded with implicit VR inside an explicit VR data set."
_TWICE = "Element {0} stands twice in one data set; the last one is used."
_DISORDER = "Elements are not in ascending order of their tags."
_LEFT = "{0} bytes at the end are no element."
CUT_SHORT = frozenset({_CUT_ELEMENT, _CUT_SEQUENCE})
"""Templates of what is noted where a file ends too early."""
IRREGULAR = frozenset(
    {
        _ITEM_TAIL,
        _STRAY_DELIMITER,
        _UNKNOWN_VR,
        _PAST_ITEM,
        _NO_ITEM,
        _PAST_SEQUENCE,
        _IMPLICIT_ITEM,
        _TWICE,
        _DISORDER,
        _LEFT,
    }
)
"""Templates of what is noted where elements do not follow one another as they should (PS3.5 section 7)."""
FIRST_PIECE, LARGEST_PIECE = 1 << 15, 32 << 20
"""Least and greatest number of bytes read ahead."""

Elements = dict[BaseTag, "DataElement | RawDataElement"]


class Stop(NamedTuple):
    """Where the top level ended: the header of the pixel data element."""

    tag: int
    vr: str | None
    value: int
    length: int


class Window:
    """The bytes read so far of a forward stream; grows on demand.

    ``data`` starts at ``origin`` in the stream; ``size`` bytes are left from there, None where unknown.
    """

    def __init__(self, stream: IO[bytes], locator: Locator, size: int | None, data: bytes = b"") -> None:
        self.data, self.size, self.origin = data, size, 0
        self._stream, self._locator = stream, locator
        self._ended = False

    def need(self, end: int) -> bool:
        """Read until ``end`` bytes are there; tell whether they are."""
        have = len(self.data)
        if end <= have:
            return True
        if self._ended or (self.size is not None and have >= self.size):
            return False
        # A stream of unknown length has a budget of its own: a length field beyond its end means nothing yet.
        target = min(end, MAX_BYTES if self.size is None else self.size)
        if target > MAX_BYTES or have >= MAX_BYTES:
            raise TooLarge(f"{self._locator.name}: more than {MAX_BYTES >> 20} MB outside the pixel data.")
        pieces = [self.data]
        target = max(target, have + min(have, LARGEST_PIECE), FIRST_PIECE)
        while have < target and not self._ended:
            # Pieces, so that a length field alone never makes a large allocation.
            piece = read_some(self._stream, min(target - have, 16 << 20), self._locator)
            self._ended = not piece
            pieces.append(piece)
            have += len(piece)
        self.data = b"".join(pieces)
        return end <= have

    def skip(self, end: int) -> bool:
        """Forget everything before ``end``, which becomes position 0; tell whether the stream is that long."""
        self.origin += end
        left = end - len(self.data)
        self.data = self.data[end:]
        if self.size is not None:
            self.size = max(0, self.size - end)
        if left > 0 and self._stream.seekable() and self._locator.member is None:
            self._stream.seek(left, 1)
            return self.size is None or self.size > 0
        while left > 0:
            piece = read_some(self._stream, min(left, 1 << 20), self._locator)
            if not piece:
                self._ended = True
                return False
            left -= len(piece)
        return True


class Parser:
    """Walks one data set. ``notes`` collects each deviation once."""

    def __init__(self, window: Window, locator: Locator, *, little: bool = True, skip_over: int = 0) -> None:
        self.window, self.locator, self.little = window, locator, little
        self.notes: dict[str, None] = {}
        self.stop: Stop | None = None
        self.high_text: list[bytes] = []
        self.skip_over = skip_over
        self._count = 0
        self.encoding: list[str] | None = None
        order = "<" if little else ">"
        self._implicit_header = Struct(f"{order}HHL").unpack_from
        self._explicit_header = Struct(f"{order}HH2sH").unpack_from
        self._u32 = Struct(f"{order}L").unpack_from

    def note(self, sentence: str) -> None:
        """Remember a deviation, at most forty."""
        if len(self.notes) < 40:
            self.notes[sentence] = None

    def top(
        self, pos: int, implicit: bool, *, only_group: int | None = None, pixels: bool = True
    ) -> tuple[Elements, int]:
        """Parse the top level from ``pos``; stops before the pixel data, or after group ``only_group``."""
        return self._elements(pos, None, implicit, 0, None, only_group, pixels)

    def dataset(self, elements: Elements, implicit: bool, encoding: list[str] | None) -> Dataset:
        """Wrap parsed elements without converting them."""
        codecs = encoding or ["iso8859"]
        ds = Dataset(elements, parent_encoding=codecs)
        ds.set_original_encoding(implicit, self.little, codecs)
        return ds

    def _elements(
        self,
        pos: int,
        end: int | None,
        implicit: bool,
        depth: int,
        encoding: list[str] | None,
        only_group: int | None = None,
        pixels: bool = False,
    ) -> tuple[Elements, int]:
        if depth > MAX_DEPTH:
            raise CorruptFile(f"{self.locator.name}: sequences are nested deeper than {MAX_DEPTH} levels.")
        window, out, last = self.window, Elements(), -1
        top = depth == 0
        while end is None or pos < end:
            if end is not None and pos + 8 > end:
                self.note(phrase(_ITEM_TAIL))
                return out, end
            if not window.need(pos + 8):
                self._leftover(pos)
                return out, len(window.data)
            if not implicit and only_group is None:
                tag, after = self._plain(pos, last, end, out)
                if after:
                    last, pos = tag, after
                    continue
            start = pos
            if only_group is not None and self._implicit_header(window.data, pos)[0] != only_group:
                return out, start
            tag, vr, length, pos = self._header(pos, implicit, end)
            if tag >> 16 == 0xFFFE:
                if tag == v.ITEM_END and not top:
                    return out, pos
                if not top and end is None:
                    return out, start
                self.note(phrase(_STRAY_DELIMITER))
                continue
            if top and ((tag in v.PIXELS and pixels) or tag == v.TRAILING_PADDING):
                if tag in v.PIXELS:
                    self.stop = Stop(tag, vr, pos, length)
                return out, start
            if tag <= last:
                self._out_of_order(tag, tag in out)
            last = max(last, tag)
            self._count += 1
            if self._count > MAX_ELEMENTS:
                raise TooLarge(f"{self.locator.name}: more than {MAX_ELEMENTS:,} elements.")
            element, pos = self._element(tag, vr, length, pos, end, implicit, depth, encoding)
            if element is None:
                continue
            out[element.tag] = element
            if tag == v.CHARACTER_SET and isinstance(element, RawDataElement):
                encoding = codecs_of(element.value or b"") or encoding
                self.encoding = encoding if top else self.encoding
        return out, pos

    def _plain(self, pos: int, last: int, end: int | None, out: Elements) -> tuple[int, int]:
        """Take an element nothing is odd about, as nearly all are: (its tag, where it ends); 0 where it is not."""
        data = self.window.data
        group, number, code, length = self._explicit_header(data, pos)
        vr = v.SHORT_NAMES.get(code)
        tag, start = group << 16 | number, pos + 8
        stop = start + length
        if vr is None or not last < tag < 0x7FE00000 or stop > len(data) or (end is not None and stop > end):
            return 0, 0
        if tag == v.CHARACTER_SET or self._count >= MAX_ELEMENTS:
            return 0, 0
        self._count += 1
        value = data[start:stop]
        if vr in v.ENCODED_TEXT and not value.isascii():
            self.high_text.append(value)
        key = BaseTag(tag)
        out[key] = RawDataElement(key, vr, length, value, start, False, self.little)
        return tag, stop

    def _header(self, pos: int, implicit: bool, end: int | None) -> tuple[int, str | None, int, int]:
        """Return tag, VR (None where implicit), length and the position of the value."""
        data = self.window.data
        if implicit:
            group, number, length = self._implicit_header(data, pos)
            return group << 16 | number, None, length, pos + 8
        group, number, code, length = self._explicit_header(data, pos)
        tag = group << 16 | number
        if code in v.SHORT:
            return tag, code.decode("ascii"), length, pos + 8
        if group == 0xFFFE:
            return tag, None, self._u32(data, pos + 4)[0], pos + 8
        if code in v.LONG:
            if not self.window.need(pos + 12):
                return tag, code.decode("ascii"), 0, len(self.window.data)
            return tag, code.decode("ascii"), self._u32(self.window.data, pos + 8)[0], pos + 12
        return self._odd_header(tag, code, pos, end)

    def _odd_header(self, tag: int, code: bytes, pos: int, end: int | None) -> tuple[int, str | None, int, int]:
        """Choose the layout of an element with an unknown VR by what follows it (A6, A12)."""
        window = self.window
        window.need(pos + 12)
        short = self._explicit_header(window.data, pos)[3]
        reserved_zero = short == 0 and len(window.data) >= pos + 12
        layouts: list[tuple[str | None, int, int]] = [("UN", short, 8)]
        if reserved_zero:
            layouts.insert(0, ("UN", self._u32(window.data, pos + 8)[0], 12))
        implicit = (None, self._u32(window.data, pos + 4)[0], 8)
        # Two letters are a VR nobody knows, other bytes more likely half of a length without any VR.
        lettered = code.isalnum() or code in (b"??", b"--", b"  ", b"\0\0")
        layouts = [*layouts, implicit, ("UN", 0, 6)] if lettered else [implicit, *layouts]
        shown = code.decode("ascii", "replace") if code.isalnum() else f"0x{code.hex()}"
        self.note(phrase(_UNKNOWN_VR, shown))
        for strict in (True, False):
            for vr, length, header in layouts:
                if self._follows(tag, pos + header + length, end, strict):
                    return tag, vr, length, pos + header
        vr, length, header = layouts[0]
        return tag, vr, length, pos + header

    def _follows(self, tag: int, pos: int, end: int | None, strict: bool) -> bool:
        """Tell whether an element could start at ``pos``; strictly, one with a known VR."""
        limit = self.window.size if end is None else end
        if limit is not None and pos >= limit:
            return pos == limit
        if not self.window.need(pos + 8):
            return False
        group, number, code, _ = self._explicit_header(self.window.data, pos)
        following = group << 16 | number
        if strict and group != 0xFFFE and code not in v.SHORT and code not in v.LONG:
            return False
        return following > tag and (group in (0x7FE0, 0xFFFE, 0xFFFC) or bool(group & 1) or v.vr_of(following) != "UN")

    def _element(
        self,
        tag: int,
        vr: str | None,
        length: int,
        pos: int,
        end: int | None,
        implicit: bool,
        depth: int,
        encoding: list[str] | None,
    ) -> tuple[DataElement | RawDataElement | None, int]:
        undefined = length == v.UNDEFINED
        if undefined:
            stop = None
        else:
            stop = pos + length
            if end is not None and stop > end:
                self.note(phrase(_PAST_ITEM))
                stop = end
        if self._is_sequence(tag, vr, undefined, pos):
            # A sequence inside UN is Implicit VR Little Endian whatever surrounds it (PS3.5 6.2.2, CP-246).
            reader = self._little_reader() if vr == "UN" else self
            items, after = reader._sequence(pos, stop, implicit or vr == "UN", depth + 1, encoding)
            element = DataElement(BaseTag(tag), "SQ", Sequence(items), pos, undefined, already_converted=True)
            if stop is None:
                return element, after
            self.window.need(stop)
            return element, min(stop, len(self.window.data))
        if stop is None:
            stop = self._undefined_value(pos, end)
            raw = self.window.data[pos:stop]
            return self._raw(tag, vr, v.UNDEFINED, raw, pos, implicit), min(stop + 8, len(self.window.data))
        if self.skip_over and length > self.skip_over and (vr or v.vr_of(tag)) in v.BULK and depth == 0:
            return self._skipped(tag, vr, length, pos, stop, implicit)
        if not self.window.need(stop):
            stop = len(self.window.data)
            self.note(phrase(_CUT_ELEMENT, stop - pos, length))
        value = self.window.data[pos:stop]
        if not value.isascii() and len(value) < 1 << 16 and (vr or v.vr_of(tag)) in v.ENCODED_TEXT:
            self.high_text.append(value)
        return self._raw(tag, vr, length, value, pos, implicit), stop

    def _little_reader(self) -> Parser:
        """Return a parser of the same bytes that reads little endian."""
        if self.little:
            return self
        other = Parser(self.window, self.locator)
        other.notes, other.high_text, other._count = self.notes, self.high_text, self._count
        return other

    def _raw(self, tag: int, vr: str | None, length: int, value: bytes, pos: int, implicit: bool) -> RawDataElement:
        return RawDataElement(BaseTag(tag), vr, length, value or None if length else b"", pos, implicit, self.little)

    def _skipped(
        self, tag: int, vr: str | None, length: int, pos: int, stop: int, implicit: bool
    ) -> tuple[DataElement | RawDataElement | None, int]:
        """Step over a large value that the facts never need; its bytes are not kept."""
        there = self.window.size
        if not self.window.skip(stop) and there is not None and stop > there:
            self.note(phrase(_CUT_ELEMENT, max(0, there - pos), length))
        return RawDataElement(BaseTag(tag), vr, 0, b"", pos, implicit, self.little), 0

    def _is_sequence(self, tag: int, vr: str | None, undefined: bool, pos: int) -> bool:
        if vr == "SQ":
            return True
        if vr is not None and vr != "UN":
            return False
        known = v.vr_of(tag)
        if known == "SQ":
            return vr is None or undefined or self._item_at(pos)
        return undefined and known == "UN" and self._item_at(pos)

    def _item_at(self, pos: int) -> bool:
        if not self.window.need(pos + 8):
            return False
        group, number, _ = self._implicit_header(self.window.data, pos)
        return group == 0xFFFE and number in (0xE000, 0xE0DD)

    def _sequence(
        self, pos: int, end: int | None, implicit: bool, depth: int, encoding: list[str] | None
    ) -> tuple[list[Dataset], int]:
        items: list[Dataset] = []
        while end is None or pos < end:
            if not self.window.need(pos + 8):
                self.note(phrase(_CUT_SEQUENCE))
                return items, len(self.window.data)
            group, number, length = self._implicit_header(self.window.data, pos)
            tag = group << 16 | number
            if tag == v.SEQUENCE_END:
                return items, pos + 8
            if tag == v.ITEM_END:
                pos += 8
                continue
            if tag != v.ITEM:
                self.note(phrase(_NO_ITEM))
                return items, pos if end is None else end
            start = pos
            pos += 8
            stop = None if length == v.UNDEFINED else pos + length
            if stop is not None and end is not None and stop > end:
                self.note(phrase(_PAST_SEQUENCE))
                stop = end
            inner = implicit or self._looks_implicit(pos, stop)
            self._count += 1
            texts = len(self.high_text)
            elements, after = self._elements(pos, stop, inner, depth, encoding)
            pos = after if stop is None else min(stop, len(self.window.data))
            own = elements.get(BaseTag(v.CHARACTER_SET))
            codecs = codecs_of(own.value or b"") if isinstance(own, RawDataElement) else None
            if codecs not in (None, ["iso8859"]):
                # The item says how its text is to be read: nothing is to be guessed from it.
                del self.high_text[texts:]
            item = self.dataset(elements, inner, codecs or encoding)
            item.is_undefined_length_sequence_item = stop is None
            # pydicom keeps both places on a parsed item; a DICOMDIR is linked by them (PS3.3 F.3.2.2).
            item.file_tell = item.seq_item_tell = start + self.window.origin
            items.append(item)
        return items, pos

    def _looks_implicit(self, pos: int, end: int | None) -> bool:
        if (end is not None and end - pos < 8) or not self.window.need(pos + 8):
            return False
        group, _, code, _ = self._explicit_header(self.window.data, pos)
        if group == 0xFFFE or (code[:1].isupper() and code[1:].isupper()) or code == b"??":
            return False
        self.note(phrase(_IMPLICIT_ITEM))
        return True

    def _undefined_value(self, pos: int, end: int | None) -> int:
        """Return where a value of undefined length ends: the position of its Sequence Delimitation Item."""
        at = pos
        while self._item_at(at):
            group_number, length = self._implicit_header(self.window.data, at)[1:]
            if group_number == 0xE0DD:
                return at
            if length == v.UNDEFINED:
                break
            at += 8 + length
        marker = b"\xfe\xff\xdd\xe0" if self.little else b"\xff\xfe\xe0\xdd"
        at = pos
        while True:
            found = self.window.data.find(marker, at)
            if found >= 0:
                return found
            at = max(pos, len(self.window.data) - 3)
            if not self.window.need(len(self.window.data) + 1):
                self.note(phrase("A value of undefined length has no end; read to the end of the file."))
                return len(self.window.data) if end is None else min(end, len(self.window.data))

    def _out_of_order(self, tag: int, duplicate: bool) -> None:
        shown = f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
        if duplicate:
            self.note(phrase(_TWICE, shown))
        else:
            self.note(phrase(_DISORDER))

    def _leftover(self, pos: int) -> None:
        left = len(self.window.data) - pos
        if left > 0 and self.window.data[pos:].strip(b"\0 "):
            self.note(phrase(_LEFT, left))


_TERM = re.compile(r"[A-Za-z0-9_ -]{1,32}", re.ASCII)


def charset_terms(value: bytes) -> list[str]:
    """Split the value of Specific Character Set."""
    return [term.strip(" \0") for term in value[:1024].decode("ascii", "replace").split("\\")]


def codecs_of(value: bytes) -> list[str] | None:
    """Return Python codecs for the value of Specific Character Set, None where it names none."""
    # Only what could be a Defined Term is looked up: pydicom hands the rest to Python's codec search.
    terms = [term if _TERM.fullmatch(term) else "" for term in charset_terms(value)]
    if not any(terms):
        return None
    return list(convert_encodings(terms if len(terms) > 1 else terms[0]))
