"""A file's header as a pydicom data set, with what was odd about it and where its pixels start.

Reading stops at the pixel data; frames are read later from :class:`PixelDataLocation`.
"""

from __future__ import annotations

import io
import logging
import warnings
from dataclasses import dataclass, replace
from struct import unpack_from
from typing import IO, TYPE_CHECKING, Any

import pydicom.config
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.tag import BaseTag

from workstation.dicom import vocabulary as v
from workstation.dicom.charset import settle_character_set
from workstation.dicom.parser import Elements, Parser, Stop, Window
from workstation.dicom.sniff import Encoding, executable_in, find_data_set, recover
from workstation.dicom.sources import INFLATE_LIMIT, file_size, inflate_budget, inflater, open_stream, read_some
from workstation.errors import CorruptFile, NotDicom, TooLarge, WorkstationError
from workstation.wording import phrase

if TYPE_CHECKING:
    from workstation.dicom.identity import Locator, Problem

# pydicom's settings are global; they are set here, once, before any data set exists (A38).
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
pydicom.config.convert_wrong_length_to_UN = True
logging.getLogger("pydicom").addHandler(logging.NullHandler())
logging.getLogger("pydicom").propagate = False
warnings.filterwarnings("ignore", category=UserWarning, module=r"pydicom\..*")

HEAD = 1 << 15


@dataclass(frozen=True, slots=True)
class PixelDataLocation:
    """Where the value of (Float/Double Float) Pixel Data lies.

    ``offset`` counts from the first byte of the file, or of ``buffer`` where that holds the value (deflated
    data sets). ``length`` is the declared length, -1 = undefined; ``available`` the bytes from ``offset`` to the
    end, None where only inflating would tell. ``big_endian`` is the byte order of native words.
    """

    tag: int
    offset: int
    length: int
    encapsulated: bool
    buffer: bytes | None = None
    big_endian: bool = False
    available: int | None = None
    vr: str = "OW"


@dataclass(frozen=True, slots=True)
class ReadResult:
    """A header that was read. ``transfer_syntax_uid`` is the one the bytes really have (A6, A7)."""

    locator: Locator
    ds: FileDataset
    deviations: tuple[str, ...]
    problems: tuple[Problem, ...]
    pixel_data: PixelDataLocation | None
    transfer_syntax_uid: str
    size: int = 0
    deflated: bool = False


def read_dataset(
    locator: Locator, *, stop_before_pixels: bool = True, pixels_in_buffer: bool = True, skip_over: int = 0
) -> ReadResult:
    """Read a header tolerantly.

    Parameters
    ----------
    locator
        The file or ZIP member.
    stop_before_pixels
        False also loads the pixel data value into ``ds``.
    pixels_in_buffer
        False leaves ``PixelDataLocation.buffer`` of a deflated data set empty (a scan never needs it).
    skip_over
        Values of bulk VRs longer than this many bytes are not kept; 0 keeps all.

    Raises
    ------
    NotDicom, CorruptFile, UnreadableFile, TooLarge, PasswordNeeded
    """
    try:
        return _read(locator, stop_before_pixels, pixels_in_buffer, skip_over)
    except WorkstationError:
        raise
    except (RecursionError, MemoryError) as error:
        raise CorruptFile(f"{locator.name}: the data set is too deeply nested or too large to read.") from error
    except Exception as error:
        raise CorruptFile(f"{locator.name}: the data set cannot be read ({type(error).__name__}).") from error


def _read(locator: Locator, stop_before_pixels: bool, pixels_in_buffer: bool, skip_over: int) -> ReadResult:
    size = file_size(locator)
    with open_stream(locator) as stream:
        head = read_some(stream, HEAD, locator)
        window = Window(stream, locator, size, head)
        start = find_data_set(window, locator)
        parser = Parser(window, locator)
        for sentence in start.notes:
            parser.note(sentence)
        meta, pos = _file_meta(parser, start.meta_at) if start.meta_at is not None else ({}, start.at)
        declared, encoding = _text(meta, 0x00020010), start.encoding
        if start.meta_at is not None and _is_lost(window, pos, declared):
            found = recover(window, start.meta_at)
            if found is not None:
                pos, encoding, declared = found[0].at, found[0].encoding, declared or found[1]
                parser.note(found[0].notes[0])
        body = _Body(parser, pos, declared, encoding)
        body.open(stream, locator)
        elements = body.parse(skip_over)
        location = body.location(size, stream, locator, pixels_in_buffer or not stop_before_pixels)
        preamble = head[:128] if start.preamble else None
        ds = _wrap(locator, body, elements, meta, preamble)
        if not stop_before_pixels and location is not None:
            _load_pixels(ds, location, body, locator)
    problems: list[Problem] = []
    notes = dict.fromkeys([*parser.notes, *body.parser.notes])
    _note_preamble(preamble, notes)
    notes.update(dict.fromkeys(settle_character_set(ds, body.parser.high_text)))
    _demand_data_set(ds, location, locator, part10=start.meta_at is not None)
    return ReadResult(locator, ds, tuple(notes), tuple(problems), location, body.syntax, size, body.deflated)


class _Body:
    """The data set after the file meta: which encoding it really has, and its elements."""

    def __init__(self, parser: Parser, pos: int, declared: str, guessed: Encoding | None) -> None:
        self.parser, self.pos, self.declared = parser, pos, declared
        self.guessed = guessed
        self.deflated, self.budget = False, INFLATE_LIMIT
        self.implicit, self.little = True, True
        self.syntax = declared

    def open(self, stream: IO[bytes], locator: Locator) -> None:
        """Inflate where needed and settle the encoding by looking at the first element (A6)."""
        if self.declared == v.DEFLATED:
            self._inflate(stream, locator)
        window = self.parser.window
        window.need(self.pos + 8)
        found = self.guessed or Encoding.of(window.data, self.pos)
        expected = Encoding.of_syntax(self.declared) if self.declared else None
        if expected is None:
            if self.declared or found is None:
                self.parser.note(phrase("The Transfer Syntax UID is empty or missing; the encoding was guessed."))
            elif not self.guessed:
                self.parser.note(phrase("No Transfer Syntax UID; read as {0}.", found.sentence))
        elif found is not None and found != expected:
            self.parser.note(phrase("The file meta says {0}, the data set is {1}.", expected.sentence, found.sentence))
        encoding = found or expected or Encoding(implicit=True, little=True)
        self.implicit, self.little = encoding.implicit, encoding.little
        native = not self.declared or self.declared in v.NATIVE
        if native and self.declared not in (v.DEFLATED, v.GE_IMPLICIT_BIG_PIXELS):
            self.syntax = encoding.syntax

    def _inflate(self, stream: IO[bytes], locator: Locator) -> None:
        window = self.parser.window
        if Encoding.of(window.data, self.pos) is not None and _plausible_start(window.data, self.pos):
            self.parser.note(phrase("The file meta says deflated, the data set is not."))
            self.syntax = self.declared = v.EXPLICIT_LITTLE
            return
        rest: Any = _Chained(window.data[self.pos :], stream, locator)
        self.deflated, self.pos = True, 0
        self.budget = inflate_budget(file_size(locator))
        self.parser.window = Window(inflater(rest, locator, self.budget), locator, None)

    def parse(self, skip_over: int) -> Elements:
        """Parse up to the pixel data."""
        # Only now: a wrong length in the file meta must not make the window forget the data set.
        self.parser.skip_over = skip_over
        if not self.little:
            first = self.parser
            self.parser = Parser(first.window, first.locator, little=False, skip_over=skip_over)
        elements, self.end = self.parser.top(self.pos, self.implicit)
        return elements

    def location(self, size: int, stream: IO[bytes], locator: Locator, fill: bool) -> PixelDataLocation | None:
        """Describe the pixel data the parser stopped at, contradictions resolved (A7)."""
        stop = self.parser.stop
        if stop is None:
            return None
        window = self.parser.window
        window.need(stop.value + 64)
        peek = window.data[stop.value : stop.value + 64]
        encapsulated = self._is_encapsulated(stop, peek)
        length = -1 if stop.length == v.UNDEFINED else stop.length
        big = not self.little or self.declared == v.GE_IMPLICIT_BIG_PIXELS
        offset = stop.value + window.origin
        location = PixelDataLocation(
            stop.tag, offset, length, encapsulated, None, big, max(0, size - offset), stop.vr or "OW"
        )
        if not self.deflated:
            if length >= 0 and (tail := size - offset - length) > 0:
                self._note_tail(stream, offset + length, tail)
            return location
        if not fill:
            return replace(location, available=None)
        wanted = self.budget if length < 0 else length
        if wanted > self.budget:
            raise TooLarge(f"{locator.name}: {wanted} deflated bytes of pixel data are over the size budget.")
        window.skip(stop.value)
        window.need(wanted)
        value = window.data[:wanted]
        return replace(location, offset=0, buffer=value, available=len(value))

    def _note_tail(self, stream: IO[bytes], at: int, tail: int) -> None:
        """Say what follows native pixel data, unless it is Data Set Trailing Padding (PS3.10 7.2, A15, A37)."""
        window = self.parser.window
        start = at - window.origin
        if start + 4 <= len(window.data):
            following = window.data[start : start + 4]
        elif window.origin == 0 and isinstance(stream, io.BufferedReader):
            stream.seek(at)
            following = stream.read(4)
        else:
            return
        if following not in (b"\xfc\xff\xfc\xff", b"\xff\xfc\xff\xfc"):
            self.parser.note(phrase("{0} bytes follow the pixel data; they are left out.", tail))

    def _is_encapsulated(self, stop: Stop, peek: bytes) -> bool:
        items = peek[:4] == b"\xfe\xff\x00\xe0"
        native = self.syntax in v.NATIVE
        undefined = stop.length == v.UNDEFINED
        if native and (undefined or (items and _item_fits(peek, stop.length))):
            self.syntax = syntax_of_codestream(peek) or self.syntax
            self.parser.note(
                phrase("The transfer syntax is native, the pixel data is encapsulated; read as encapsulated.")
            )
            return True
        if not native and not undefined and not items:
            self.parser.note(phrase("The transfer syntax is encapsulated, the pixel data is native; read as native."))
            self.syntax = Encoding(self.implicit, self.little).syntax
            return False
        return not native


class _Chained:
    """Bytes already read, then the rest of a stream."""

    def __init__(self, first: bytes, stream: IO[bytes], locator: Locator) -> None:
        self._first, self._stream, self._locator = first, stream, locator

    def read(self, length: int = -1) -> bytes:
        """Return the next piece."""
        if self._first:
            piece, self._first = self._first[:length], self._first[length:]
            return piece
        return read_some(self._stream, length, self._locator)


def syntax_of_codestream(peek: bytes) -> str:
    """Guess a transfer syntax from the first fragment with bytes in it; "" where unknown (A7)."""
    at = 0
    while at + 10 <= len(peek) and peek[at : at + 4] == b"\xfe\xff\x00\xe0":
        (length,) = unpack_from("<L", peek, at + 4)
        start = peek[at + 8 : at + 12]
        if length and start[:2] == b"\xff\xd8":
            return "1.2.840.10008.1.2.4.80" if start[2:4] == b"\xff\xf7" else "1.2.840.10008.1.2.4.50"
        if length and start in (b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0c"):
            return "1.2.840.10008.1.2.4.90"
        at += 8 + length
    return ""


def _item_fits(peek: bytes, length: int) -> bool:
    (first,) = unpack_from("<L", peek, 4)
    return bool(first % 4 == 0 and 8 + first <= length)


def _plausible_start(data: bytes, pos: int) -> bool:
    (group,) = unpack_from("<H", data, pos)
    return group in (0x0008, 0x0004, 0x0010)


def _file_meta(parser: Parser, at: int) -> tuple[Elements, int]:
    """Parse group 0002; always Explicit VR Little Endian (PS3.10 7.1), implicit where a writer erred."""
    implicit = not parser.window.data[at + 4 : at + 6].isalpha()
    if implicit:
        parser.note(phrase("The file meta information is encoded with implicit VR."))
    return parser.top(at, implicit, only_group=0x0002, pixels=False)


def _is_lost(window: Window, pos: int, declared: str) -> bool:
    """Tell whether what follows the file meta does not look like the start of a data set."""
    if not window.need(pos + 8):
        return True
    if declared == v.DEFLATED:
        return False
    return window.data[pos : pos + 2] not in (b"\x08\0", b"\0\x08", b"\x04\0", b"\0\x04")


def _text(elements: Elements, tag: int) -> str:
    element = elements.get(BaseTag(tag))
    value = element.value if element is not None else b""
    text = value.decode("ascii", "replace").strip(" \0") if isinstance(value, bytes) else ""
    return text if text.isprintable() else "".join(char if char.isprintable() else "?" for char in text)


def _wrap(locator: Locator, body: _Body, elements: Elements, meta: Elements, preamble: bytes | None) -> FileDataset:
    inner = body.parser.dataset(elements, body.implicit, body.parser.encoding)
    ds = FileDataset(locator.path, inner, preamble, FileMetaDataset(meta), body.implicit, body.little)
    ds.set_original_encoding(body.implicit, body.little, inner.original_character_set)
    return ds


def _load_pixels(ds: FileDataset, location: PixelDataLocation, body: _Body, locator: Locator) -> None:
    from pydicom.dataelem import RawDataElement

    from workstation.dicom.sources import read_range

    if location.buffer is not None:
        value = location.buffer
    elif location.length >= 0:
        value = read_range(locator, location.offset, min(location.length, location.available or 0))
    else:
        value = read_range(locator, location.offset, location.available or 0)
    vr = location.vr if location.vr != "UN" else "OW"
    undefined = location.length < 0
    if undefined and (end := value.rfind(b"\xfe\xff\xdd\xe0")) >= 0:
        value = value[:end]
    length = v.UNDEFINED if undefined else len(value)
    tag = BaseTag(location.tag)
    ds[tag] = RawDataElement(tag, vr, length, value, location.offset, body.implicit, body.little)


def _note_preamble(preamble: bytes | None, notes: dict[str, None]) -> None:
    if preamble is not None and (kind := executable_in(preamble)):
        notes[f"The preamble starts like {kind}; it is ignored here and never written again (PS3.10 7.5)."] = None


_KNOWN = (0x00080016, 0x00080018, 0x0020000D, 0x0020000E, 0x00280010, 0x00100010, 0x00100020, 0x00080060, 0x00041220)


def _demand_data_set(ds: FileDataset, location: PixelDataLocation | None, locator: Locator, *, part10: bool) -> None:
    """Refuse what no module of the Standard claims (A1)."""
    if location is not None or any(tag in ds for tag in _KNOWN):
        return
    if not part10:
        raise NotDicom(f"{locator.name}: not DICOM.")
    if not any(_is_claimed(ds, tag) for tag in v.tags_of(ds)):
        raise CorruptFile(f"{locator.name}: the file meta information is there, the data set is not.")


def _is_claimed(ds: FileDataset, tag: BaseTag) -> bool:
    """Tell whether PS3.6 knows a tag, or a private creator with a name or private items stand at it."""
    if tag >> 16 in (0x0000, 0x0002):
        return False  # commands and file meta information are no data set
    if not tag >> 16 & 1:
        return v.vr_of(tag) != "UN"
    value = getattr(ds.get_item(tag, keep_deferred=True), "value", None)
    if not isinstance(value, bytes):
        return bool(value)
    name = value.strip(b"\0 ").decode("latin-1")
    return 0x10 <= tag & 0xFFFF <= 0xFF and name != "" and name.isprintable()
