"""One way to read an attribute: finite numbers, whole integers, decoded text, per-frame before shared (A20-A22, D21).

Elements are read raw and never converted in place, so reading changes nothing in the data set (A38).
"""

from __future__ import annotations

import re
from math import isfinite
from struct import calcsize, iter_unpack
from typing import TYPE_CHECKING, Any

from pydicom.charset import decode_bytes
from pydicom.dataelem import DataElement, RawDataElement, convert_raw_data_element
from pydicom.tag import BaseTag
from pydicom.valuerep import PersonName

from workstation.dicom import vocabulary as v

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydicom.dataset import Dataset

_WORDS = {"US": "H", "SS": "h", "UL": "L", "SL": "l", "UV": "Q", "SV": "q", "FL": "f", "FD": "d", "OW": "H"}
_AMBIGUOUS = {"US or SS", "US or OW", "US or SS or OW"}
_ESCAPES = re.compile(r"\x1b\$?[()-][A-Z]|\x1b\$[AB]")
_INT32 = range(-(1 << 31), 1 << 31)

LEGACY_CONVERTED = frozenset(
    {
        "1.2.840.10008.5.1.4.1.1.2.2",  # Legacy Converted Enhanced CT
        "1.2.840.10008.5.1.4.1.1.4.4",  # MR
        "1.2.840.10008.5.1.4.1.1.128.1",  # PET
        "1.2.840.10008.5.1.4.1.1.7.1",  # Multi-frame Single Bit SC
        "1.2.840.10008.5.1.4.1.1.7.2",
        "1.2.840.10008.5.1.4.1.1.7.3",
        "1.2.840.10008.5.1.4.1.1.7.4",
    }
)
"""SOP Classes whose functional groups may leave attributes at the top level (D21)."""


def components(ds: Dataset, keyword: str) -> tuple[float | None, ...]:
    """Return every component of a numeric attribute, None where one is junk, empty or not finite (A20, A22)."""
    return components_at(ds, v.tag_of(keyword))


def components_at(ds: Dataset, tag: BaseTag) -> tuple[float | None, ...]:
    """Like :func:`components`, by tag (private elements)."""
    element: Any = ds.get_item(tag, keep_deferred=True)
    if isinstance(element, RawDataElement):
        return _raw_numbers(ds, element)
    if isinstance(element, DataElement):
        value = element.value
        if isinstance(value, bytes):
            vr = _resolved(ds, element.VR if element.VR != "UN" else _private_vr(ds, tag))
            return _words(value, vr, little=True) if vr in _WORDS else ()
        many = value if _is_many(value) else [value]
        return tuple(_finite(item) for item in many) if value is not None else ()
    return ()


def numbers(ds: Dataset, keyword: str) -> tuple[float, ...]:
    """Return the finite components of a numeric attribute; () where there is none (A20)."""
    return tuple(value for value in components(ds, keyword) if value is not None)


def vector(ds: Dataset, keyword: str, length: int) -> tuple[float, ...] | None:
    """Return the first ``length`` components where all of them are finite, else None."""
    found = components(ds, keyword)[:length]
    return found if len(found) == length and None not in found else None  # type: ignore[return-value]


def number(ds: Dataset, keyword: str) -> float | None:
    """Return the first usable component, None without one (A22)."""
    return next(iter(numbers(ds, keyword)), None)


def integers(ds: Dataset, keyword: str) -> tuple[int, ...]:
    """Return the whole components; '3.0' is 3, '3.7' is missing, beyond 32 bits in IS is missing (A21)."""
    return tuple(whole for value in components(ds, keyword) if (whole := _whole(value)) is not None)


def integer(ds: Dataset, keyword: str) -> int | None:
    """Return the first whole component, None without one (A21, A22)."""
    return next(iter(integers(ds, keyword)), None)


def texts(ds: Dataset, keyword: str) -> tuple[str, ...]:
    """Return the values of a text attribute, decoded (A16-A18), padding stripped."""
    return texts_at(ds, v.tag_of(keyword))


def texts_at(ds: Dataset, tag: BaseTag) -> tuple[str, ...]:
    """Like :func:`texts`, by tag (private elements)."""
    element: Any = ds.get_item(tag, keep_deferred=True)
    if isinstance(element, RawDataElement):
        return _raw_texts(ds, element)
    if isinstance(element, DataElement) and element.value is not None:
        many = element.value if _is_many(element.value) else [element.value]
        return tuple(str(item).strip(" \0") for item in many)
    return ()


def text(ds: Dataset, keyword: str) -> str:
    """Return the first value of a text attribute, "" without one."""
    found = texts(ds, keyword)
    return found[0] if found else ""


def items(ds: Dataset, keyword: str) -> Sequence[Dataset]:
    """Return the items of a sequence; () where it is absent, empty or unreadable."""
    return items_at(ds, v.tag_of(keyword))


def items_at(ds: Dataset, tag: BaseTag) -> Sequence[Dataset]:
    """Like :func:`items`, by tag."""
    element: Any = ds.get_item(tag, keep_deferred=True)
    if isinstance(element, RawDataElement):
        try:
            element = convert_raw_data_element(element, encoding=_codecs(ds), ds=ds)
        except Exception:
            # pydicom raises whatever its readers raise; an unreadable sequence is an absent one here.
            return ()
    # a sequence that could not be taken apart is still bytes
    if isinstance(element, DataElement) and element.VR == "SQ" and not isinstance(element.value, bytes):
        return list(element.value or ())
    return ()


def first_item(ds: Dataset, keyword: str) -> Dataset | None:
    """Return the first item of a sequence."""
    found = items(ds, keyword)
    return found[0] if found else None


def raw_value(ds: Dataset, tag: BaseTag) -> bytes:
    """Return the bytes of an element that was not converted; b"" otherwise."""
    element: Any = ds.get_item(tag, keep_deferred=True)
    value = element.value if isinstance(element, RawDataElement | DataElement) else None
    return value if isinstance(value, bytes) else b""


def private_tag(ds: Dataset, group: int, creator: str, element: int) -> BaseTag | None:
    """Return the tag of a private element in the block its creator reserved (A13, PS3.5 7.8).

    ``element`` is the low byte, for example 0x0C for (0019,xx0C).
    """
    # The view of the keys takes plain numbers; asking the data set itself costs a conversion each time.
    there = ds.keys()
    for block in range(0x10, 0x100):
        found = group << 16 | block << 8 | element
        if found in there and group << 16 | block in there:
            tag = BaseTag(group << 16 | block)
            if texts_at(ds, tag)[:1] == (creator,):
                return BaseTag(found)
    return None


def has_functional_groups(ds: Dataset) -> bool:
    """Tell whether the instance describes its frames by functional groups (C.7.6.16)."""
    return v.tag_of("PerFrameFunctionalGroupsSequence") in ds or v.tag_of("SharedFunctionalGroupsSequence") in ds


def frame_item(ds: Dataset, frame_index: int, macro: str) -> Dataset | None:
    """Return the item of a functional group macro: per-frame, else shared (D21)."""
    per_frame = items(ds, "PerFrameFunctionalGroupsSequence")
    if 0 <= frame_index < len(per_frame):
        found = first_item(per_frame[frame_index], macro)
        if found is not None:
            return found
    shared = first_item(ds, "SharedFunctionalGroupsSequence")
    return first_item(shared, macro) if shared is not None else None


def frame_source(ds: Dataset, frame_index: int, macro: str) -> Dataset | None:
    """Return where a frame's attribute stands: macro item, or the top level where that is legal (D21)."""
    item = frame_item(ds, frame_index, macro)
    if item is not None:
        return item
    legal = not has_functional_groups(ds) or text(ds, "SOPClassUID") in LEGACY_CONVERTED
    return ds if legal else None


def frame_numbers(ds: Dataset, frame_index: int, macro: str, keyword: str) -> tuple[float, ...]:
    """Return the finite components of a per-frame attribute, by :func:`frame_source`."""
    source = frame_source(ds, frame_index, macro)
    return numbers(source, keyword) if source is not None else ()


def frame_number(ds: Dataset, frame_index: int, macro: str, keyword: str) -> float | None:
    """Return the first finite component of a per-frame attribute."""
    return next(iter(frame_numbers(ds, frame_index, macro, keyword)), None)


def frame_vector(ds: Dataset, frame_index: int, macro: str, keyword: str, length: int) -> tuple[float, ...] | None:
    """Return ``length`` finite components of a per-frame attribute."""
    source = frame_source(ds, frame_index, macro)
    return vector(source, keyword, length) if source is not None else None


def frame_texts(ds: Dataset, frame_index: int, macro: str, keyword: str) -> tuple[str, ...]:
    """Return the values of a per-frame text attribute."""
    source = frame_source(ds, frame_index, macro)
    return texts(source, keyword) if source is not None else ()


def _raw_numbers(ds: Dataset, element: RawDataElement) -> tuple[float | None, ...]:
    value = element.value
    if not value:
        return ()
    vr = _resolved(ds, element.VR if element.VR not in (None, "UN") else v.vr_of(element.tag))
    if vr in _WORDS:
        return _words(value, vr, element.is_little_endian)
    if vr in v.TEXT or (vr == "UN" and len(value) <= 64):
        return tuple(_finite(part.strip(" \0")) for part in value.decode("latin-1").split("\\"))
    return ()


def _resolved(ds: Dataset, vr: str | None) -> str:
    if vr in _AMBIGUOUS:
        return "SS" if integer(ds, "PixelRepresentation") == 1 else "US"
    return str(vr)


def _words(value: bytes, vr: str, little: bool) -> tuple[float | None, ...]:
    code = ("<" if little else ">") + _WORDS.get(vr, "B")
    size = calcsize(code)
    whole = len(value) - len(value) % size
    return tuple(_finite(word) for (word,) in iter_unpack(code, value[:whole]))


def _finite(value: Any) -> float | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    try:
        # Python reads "1_000" and "١"; DICOM's repertoire for DS is 0-9 + - . e E (PS3.5 6.2).
        if isinstance(value, str) and ("_" in value or not value.isascii()):
            return None
        result = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return result if isfinite(result) else None


def _whole(value: float | None) -> int | None:
    if value is None or value != int(value):
        return None
    return int(value) if isinstance(value, int) or int(value) in _INT32 else None


def _raw_texts(ds: Dataset, element: RawDataElement) -> tuple[str, ...]:
    value = element.value
    if not value:
        return ()
    vr = element.VR if element.VR not in (None, "UN") else v.vr_of(element.tag)
    if value.isascii() and b"\x1b" not in value:
        decoded = value.decode("ascii")
    elif vr == "PN":
        return tuple(_person(part, _codecs(ds)) for part in _split_names(value, _codecs(ds)))
    else:
        decoded = decode(value, _codecs(ds)) if vr in v.ENCODED_TEXT else value.decode("latin-1")
    if vr in v.SINGLE_TEXT:
        return (decoded.rstrip(" \0"),)
    return tuple(part.strip(" \0") for part in decoded.split("\\"))


def decode(value: bytes, codecs: list[str]) -> str:
    """Decode text of one or more values; code extensions end at the delimiters of PS3.5 6.1.2.5.3."""
    try:
        return without_escapes(decode_bytes(value, codecs, {0x5C, 0x0D, 0x0A, 0x09, 0x0C}))
    except (LookupError, UnicodeError):
        return value.decode("latin-1")


def without_escapes(text: str) -> str:
    """Drop code extension escapes that decoding left in the text (pydicom keeps those of ISO 2022 IR 58)."""
    return _ESCAPES.sub("", text) if "\x1b" in text else text


def _person(value: bytes, codecs: list[str]) -> str:
    try:
        return without_escapes(str(PersonName(value, codecs))).strip(" \0")
    except (LookupError, UnicodeError, ValueError):
        return value.decode("latin-1").strip(" \0")


def _split_names(value: bytes, codecs: list[str]) -> list[bytes]:
    # A trail byte of GB18030, GBK and Shift-JIS may be 0x5C: split only where that can't be (A18).
    if any(codec.lower() in ("gb18030", "gbk", "gb2312", "shift_jis", "big5") for codec in codecs[:1]):
        parts = decode(value, codecs).split("\\")
        return [part.encode(codecs[0], "replace") for part in parts]
    return value.split(b"\\")


def _codecs(ds: Dataset) -> list[str]:
    found = ds.original_character_set or "iso8859"
    return [found] if isinstance(found, str) else list(found)


def _is_many(value: Any) -> bool:
    return isinstance(value, list | tuple) or (hasattr(value, "append") and not isinstance(value, str | bytes))


def private_numbers(ds: Dataset, tag: BaseTag) -> tuple[float | None, ...]:
    """Return the components of a private element, by the private dictionary's VR where it came as UN (D18)."""
    element: Any = ds.get_item(tag, keep_deferred=True)
    if isinstance(element, RawDataElement) and element.VR in (None, "UN"):
        return _raw_numbers(ds, element._replace(VR=_private_vr(ds, tag)))
    return components_at(ds, tag)


def _private_vr(ds: Dataset, tag: BaseTag) -> str:
    """Return the private dictionary's VR of an element, by its creator; "UN" where nobody knows."""
    from pydicom.datadict import private_dictionary_VR

    creators = texts_at(ds, BaseTag(tag >> 16 << 16 | (tag & 0xFFFF) >> 8))
    try:
        return str(private_dictionary_VR(tag, creators[0] if creators else ""))
    except KeyError:
        return "UN"
