"""Bytes of one element -> the value the facts carry, without a data set; the odd ones go to the common readers.

Each function gives exactly what the reader in :mod:`~workstation.dicom.attributes` gives, only sooner.
"""

from __future__ import annotations

from math import isfinite
from sys import intern
from typing import TYPE_CHECKING, Any

from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag

from workstation.dicom import attributes as a
from workstation.dicom import vocabulary as v

if TYPE_CHECKING:
    from collections.abc import Callable

    Convert = Callable[[bytes], Any]

REFUSED, ABSENT = object(), object()
"""Instead of a value: only the tolerant reader knows; there is none."""
_INT32 = range(-(1 << 31), 1 << 31)


class Fields(dict[int, RawDataElement]):
    """A few raw elements that the readers of attributes take for a data set."""

    original_character_set = "iso8859"

    def get_item(self, tag: int, *, keep_deferred: bool = False) -> RawDataElement | None:
        """Return the raw element, None without one."""
        return self.get(tag)

    def put(self, tag: int, value: bytes) -> None:
        """Give an element another value."""
        self[tag] = self[tag]._replace(value=value, length=len(value))


class Source:
    """What the value of an element needs beside its bytes: VR, encoding, and signedness for ambiguous VRs."""

    def __init__(self, tag: int, vr: str, *, implicit: bool, little: bool, signed: RawDataElement | None) -> None:
        self.tag = tag
        self._raw_vr = None if implicit else vr
        self._implicit, self._little, self._signed = implicit, little, signed
        self.known = vr if vr != "UN" else v.vr_of(tag)
        """The VR that counts: the readers look up UN in the dictionary."""

    def fields(self, value: bytes) -> Fields:
        """Return a data set of this one element with another value."""
        out = Fields()
        if self._signed is not None:
            out[self._signed.tag] = self._signed
        tag = BaseTag(self.tag)
        out[tag] = RawDataElement(tag, self._raw_vr, len(value), value, 0, self._implicit, self._little)
        return out

    def common(self, read: Callable[[Any], Any]) -> Convert:
        """Return the way by the common reader ``read``, for values no character set can change."""
        is_text = self.known in v.TEXT

        def convert(value: bytes) -> Any:
            if is_text and not (value.isascii() and b"\x1b" not in value):
                return REFUSED
            return settled(read(self.fields(value)))

        return convert


def settled(value: Any) -> Any:
    """Return a value as the facts keep it: one copy of each text, nothing for what is empty."""
    if value is None or value == "" or value == ():
        return ABSENT
    return intern(value) if type(value) is str else value


def converter(source: Source, keyword: str, reader: Callable[[Any, str], Any]) -> Convert:
    """Return a function from the bytes of a value to what ``reader`` says of them."""
    common = source.common(lambda ds: reader(ds, keyword))
    if source.known not in v.TEXT or source.known in v.SINGLE_TEXT:
        return common
    if reader is a.text:
        return text
    if reader is a.number:
        return lambda value: number(value, common)
    if reader is a.integer:
        return lambda value: integer(value, common)
    return common


def vector(source: Source, keyword: str, length: int) -> Convert:
    """Return a function from bytes to ``length`` finite components."""
    common = source.common(lambda ds: a.vector(ds, keyword, length))
    return common if source.known not in v.TEXT else lambda value: decimals(value, length, common)


def checked(convert: Convert, check: Callable[[Any], bool] | None) -> Convert:
    """Return a conversion that refuses what ``check`` finds worth a note; None stands for no value there."""
    if check is None:
        return convert

    def with_check(value: bytes) -> Any:
        found = convert(value)
        return found if found is REFUSED or check(None if found is ABSENT else found) else REFUSED

    return with_check


def text(value: bytes) -> Any:
    """Return the first of the values of plain text."""
    try:
        found = value.decode("ascii")
    except UnicodeDecodeError:
        return REFUSED
    if "\x1b" in found:
        return REFUSED
    if "\\" in found:
        found = found.partition("\\")[0]
    return intern(found) if (found := found.strip(" \0")) else ABSENT


def number(value: bytes, common: Convert) -> Any:
    """Return a single decimal; what Python reads and the Standard does not goes the common way."""
    if b"_" not in value:
        try:
            found = float(value)
        except ValueError:
            return common(value)
        if isfinite(found):
            return found
    return common(value)


def integer(value: bytes, common: Convert) -> Any:
    """Return a single whole number."""
    try:
        found = float(value) if b"_" not in value else 0.5
        whole = int(found)
    except (ValueError, OverflowError):
        return common(value)
    return whole if whole == found and whole in _INT32 else common(value)


def decimals(value: bytes, length: int, common: Convert) -> Any:
    """Return ``length`` decimals."""
    parts = value.split(b"\\")
    if len(parts) == length and b"_" not in value:
        try:
            found = tuple(map(float, parts))
        except ValueError:
            return common(value)
        # A sum of finite numbers may overflow: the common way judges each by itself.
        if isfinite(sum(found)):
            return found
    return common(value)
