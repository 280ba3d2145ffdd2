"""Is it DICOM, where does its data set start, how is it encoded: judged by content, never by name (A1, A2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from struct import unpack_from
from typing import TYPE_CHECKING

from workstation.dicom import vocabulary as v
from workstation.errors import NotDicom

if TYPE_CHECKING:
    from workstation.dicom.identity import Locator
    from workstation.dicom.parser import Window

_FIRST_GROUPS = frozenset({0x0000, 0x0002, 0x0004, 0x0008})


@dataclass(frozen=True, slots=True)
class Encoding:
    """VR presence and byte order of a data set."""

    implicit: bool
    little: bool

    @property
    def sentence(self) -> str:
        """Words for a note."""
        return f"{'implicit' if self.implicit else 'explicit'} VR {'little' if self.little else 'big'} endian"

    @property
    def syntax(self) -> str:
        """The native transfer syntax with this encoding."""
        if self.implicit:
            return v.IMPLICIT_LITTLE
        return v.EXPLICIT_LITTLE if self.little else v.EXPLICIT_BIG

    @classmethod
    def of_syntax(cls, uid: str) -> Encoding:
        """Return the encoding that a transfer syntax demands (PS3.5 A)."""
        if uid in (v.IMPLICIT_LITTLE, v.GE_IMPLICIT_BIG_PIXELS):
            return cls(implicit=True, little=True)
        return cls(implicit=False, little=uid != v.EXPLICIT_BIG)

    @classmethod
    def of(cls, data: bytes, pos: int) -> Encoding | None:
        """Return the encoding of the element at ``pos``, None where it is no plausible first element."""
        if len(data) < pos + 8:
            return None
        group, _, code, _ = unpack_from("<HH2sH", data, pos)
        swapped = group >> 8 | (group & 0xFF) << 8
        explicit = code in v.SHORT or code in v.LONG
        if explicit:
            return cls(implicit=False, little=group <= swapped or swapped == 0)
        if group > 0xFF and 0 < swapped <= 0xFF:
            return None
        return cls(implicit=True, little=True)


@dataclass(frozen=True, slots=True)
class Start:
    """Where to parse: ``meta_at`` the file meta (None without one), ``at`` a bare data set."""

    meta_at: int | None
    at: int
    preamble: bool
    encoding: Encoding | None = None
    notes: tuple[str, ...] = ()


def find_data_set(window: Window, locator: Locator) -> Start:
    """Find the file meta or the bare data set.

    Raises
    ------
    NotDicom
        If nothing in the content says DICOM.
    """
    data = window.data
    if not data:
        raise NotDicom(f"{locator.name}: the file is empty.")
    if data[128:132] == b"DICM" and _is_meta(data, 132):
        return Start(132, 132, preamble=True)
    if _GROUP_LENGTH.match(data, 132):
        return Start(132, 132, preamble=True, notes=("The DICM prefix is damaged.",))
    if data[:4] == b"DICM" and _is_meta(data, 4):
        return Start(4, 4, preamble=False, notes=("The 128-byte preamble is missing.",))
    for at in (0, 1):
        if _is_meta(data, at):
            return Start(at, at, preamble=False, notes=("The preamble and DICM prefix are missing.",))
        encoding = _bare(window, at)
        if encoding is not None:
            note = f"No preamble and no file meta information; read as {encoding.sentence}."
            return Start(None, at, preamble=False, encoding=encoding, notes=(note,))
    if data[128:132] == b"DICM":
        if (meta := _META.search(data, 132, 132 + 64)) is not None:
            return Start(meta.start(), meta.start(), preamble=True, notes=("The file meta information is damaged.",))
        encoding = _bare(window, 132)
        note = "The file meta information is missing."
        return Start(None if encoding else 132, 132, preamble=True, encoding=encoding, notes=(note,))
    misplaced = _misplaced_meta(data)
    if misplaced is not None:
        return misplaced
    raise NotDicom(f"{locator.name}: not DICOM.")


_GROUP_LENGTH = re.compile(rb"\x02\x00\x00\x00UL\x04\x00..\0\0\x02\x00", re.DOTALL)
_META = re.compile(rb"\x02\x00[\x00-\x03]\x00(?:UL|OB|UI)")
_FIRST = re.compile(rb"(?=\x08\x00[\x05\x08\x12-\x18\x20]\x00|\x00\x08\x00[\x05\x08\x12-\x18\x20])", re.DOTALL)
_SYNTAX = re.compile(rb"\x02\x00\x10\x00UI..([0-9.]{10,64})", re.DOTALL)
_SEARCHED = 4096


def _misplaced_meta(data: bytes) -> Start | None:
    """Find file meta behind a preamble of the wrong length, with "DICM" before it or nothing but zeros."""
    found = _META.search(data, 0, _SEARCHED)
    if found is None or not (b"DICM" in data[: found.start()] or not data[: found.start()].strip(b"\0")):
        return None
    return Start(found.start(), found.start(), preamble=False, notes=("The DICM prefix is not where it belongs.",))


def recover(window: Window, after: int) -> tuple[Start, str] | None:
    """Find the data set behind damaged file meta information, and the Transfer Syntax UID if it can be seen."""
    for tries, found in enumerate(_FIRST.finditer(window.data, after, _SEARCHED)):
        encoding = _bare(window, found.start())
        if encoding is not None:
            syntax = _SYNTAX.search(window.data, after, found.start())
            note = "The file meta information is damaged; the data set was found behind it."
            start = Start(after, found.start(), preamble=True, encoding=encoding, notes=(note,))
            return start, syntax[1].decode("ascii") if syntax else ""
        if tries > 32:
            break
    return None


def _is_meta(data: bytes, at: int) -> bool:
    """Tell whether an element of group 0002 stands at ``at``."""
    if len(data) < at + 8:
        return False
    group, number, code, length = unpack_from("<HH2sH", data, at)
    if group != 0x0002 or number > 0x0200:
        return False
    return code in v.SHORT or code in v.LONG or (code[1:] == b"\0" and length == 0)


def _bare(window: Window, at: int) -> Encoding | None:
    """Try the encodings on the first elements: ascending tags, lengths inside the file, known VRs."""
    for encoding in (Encoding(False, True), Encoding(True, True), Encoding(False, False)):
        if _plausible(window, at, encoding):
            return encoding
    return None


def _plausible(window: Window, at: int, encoding: Encoding) -> bool:
    order, last, seen, known = "<" if encoding.little else ">", -1, 0, 0
    size = window.size if window.size is not None else len(window.data)
    while seen < 12:
        if at == size:
            break
        if not window.need(at + 12):
            return False
        group, number = unpack_from(f"{order}HH", window.data, at)
        tag = group << 16 | number
        if tag <= last or (seen == 0 and (group not in _FIRST_GROUPS or number > 0x2000)):
            return False
        step = _step(window.data, at, order, encoding.implicit)
        if step is None or at + step > size:
            # An undefined or overlong length can't be judged here; what came before may suffice.
            break
        known += v.vr_of(tag) != "UN"
        last, seen, at = tag, seen + 1, at + step
    return seen >= 2 and known * 2 > seen


def _step(data: bytes, at: int, order: str, implicit: bool) -> int | None:
    if implicit:
        (length,) = unpack_from(f"{order}L", data, at + 4)
        header = 8
    else:
        code = data[at + 4 : at + 6]
        if code in v.SHORT:
            (length,), header = unpack_from(f"{order}H", data, at + 6), 8
        elif code in v.LONG:
            (length,), header = unpack_from(f"{order}L", data, at + 8), 12
        else:
            return None
    return None if length == v.UNDEFINED else header + int(length)


def executable_in(preamble: bytes) -> str:
    """Name the executable format a preamble starts like, "" for none (A30)."""
    for magic, name in (
        (b"MZ", "a Windows program"),
        (b"\x7fELF", "a Linux program"),
        (b"\xfe\xed\xfa", "a macOS program"),
        (b"\xce\xfa\xed\xfe", "a macOS program"),
        (b"\xcf\xfa\xed\xfe", "a macOS program"),
        (b"\xca\xfe\xba\xbe", "a macOS program"),
        (b"#!", "a script"),
    ):
        if preamble.startswith(magic):
            return name
    return ""
