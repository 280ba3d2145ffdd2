"""Bytes of one element -> the value the facts carry, without a data set; the odd ones go to the common readers.

Each function gives exactly what its namesake in :mod:`~workstation.dicom.attributes` gives, only sooner.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag

from workstation.dicom import attributes as a
from workstation.dicom import vocabulary as v

if TYPE_CHECKING:
    from collections.abc import Callable

Reader = "Callable[[Any, str], Any]"
_INT32 = range(-(1 << 31), 1 << 31)


class Fields(dict[int, RawDataElement]):
    """A few raw elements that the readers of attributes take for a data set."""

    original_character_set = "iso8859"

    def get_item(self, tag: int, *, keep_deferred: bool = False) -> RawDataElement | None:
        """Return the raw element, None without one."""
        return self.get(tag)


class Source:
    """What the value of an element needs beside its bytes: VR, encoding, and signedness for ambiguous VRs."""

    def __init__(self, tag: int, vr: str, *, implicit: bool, little: bool, signed: RawDataElement | None) -> None:
        self.tag, self.vr = tag, vr
        self._raw_vr = None if implicit else vr
        self._implicit, self._little, self._signed = implicit, little, signed
        # A VR of UN is read by the dictionary's where a number is wanted.
        self.known = vr if vr != "UN" else v.vr_of(tag)

    def fields(self, value: bytes) -> Fields:
        """Return a data set of this one element with another value."""
        out = Fields()
        if self._signed is not None:
            out[self._signed.tag] = self._signed
        tag = BaseTag(self.tag)
        out[tag] = RawDataElement(tag, self._raw_vr, len(value), value, 0, self._implicit, self._little)
        return out

    def is_plain(self, value: bytes) -> bool:
        """Tell whether no character set can change what a value says."""
        return self.known not in v.TEXT or (value.isascii() and b"\x1b" not in value)


def converter(source: Source, keyword: str, reader: Callable[[Any, str], Any]) -> Callable[[bytes], Any]:
    """Return a function from the bytes of a plain value to what ``reader`` says of them."""

    def common(value: bytes) -> Any:
        return reader(source.fields(value), keyword)

    if source.known not in v.TEXT or source.known in v.SINGLE_TEXT:
        return common
    if reader is a.text:
        return text
    if reader is a.number:
        return lambda value: number(value, common)
    if reader is a.integer:
        return lambda value: integer(value, common)
    return common


def vector(source: Source, keyword: str, length: int) -> Callable[[bytes], tuple[float, ...] | None]:
    """Return a function from bytes to ``length`` finite components."""

    def common(value: bytes) -> tuple[float, ...] | None:
        return a.vector(source.fields(value), keyword, length)  # type: ignore[arg-type]

    return common if source.known not in v.TEXT else lambda value: decimals(value, length, common)


def text(value: bytes) -> str:
    """Return the first of the values of plain text."""
    return value.decode("ascii").partition("\\")[0].strip(" \0")


def number(value: bytes, common: Callable[[bytes], Any]) -> float | None:
    """Return a single decimal; what Python reads and the Standard does not goes the common way."""
    if b"_" not in value:
        try:
            found = float(value)
        except ValueError:
            return common(value)  # type: ignore[no-any-return]
        if isfinite(found):
            return found
    return common(value)  # type: ignore[no-any-return]


def integer(value: bytes, common: Callable[[bytes], Any]) -> int | None:
    """Return a single whole number."""
    found = number(value, common)
    if found is not None:
        whole = int(found)
        if whole == found and whole in _INT32:
            return whole
    return common(value)  # type: ignore[no-any-return]


def decimals(value: bytes, length: int, common: Callable[[bytes], Any]) -> tuple[float, ...] | None:
    """Return ``length`` decimals."""
    parts = value.split(b"\\")
    if len(parts) == length and b"_" not in value:
        try:
            found = tuple(map(float, parts))
        except ValueError:
            return common(value)  # type: ignore[no-any-return]
        if all(map(isfinite, found)):
            return found
    return common(value)  # type: ignore[no-any-return]
