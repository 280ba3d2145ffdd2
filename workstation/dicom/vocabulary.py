"""Value Representations and tags the reader needs to know (PS3.5 6.2 and 7.1.2, PS3.6)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.tag import BaseTag

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

LONG = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
"""Explicit VRs with a 32-bit length (PS3.5 Table 7.1-1)."""
SHORT = frozenset(
    {b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"PN", b"SH", b"SL"}
    | {b"SS", b"ST", b"TM", b"UI", b"UL", b"US"}
)
"""Explicit VRs with a 16-bit length."""
SHORT_NAMES = {code: code.decode("ascii") for code in SHORT}
ENCODED_TEXT = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
"""VRs that Specific Character Set governs (PS3.5 6.1.2.3)."""
TEXT = ENCODED_TEXT | {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR"}
SINGLE_TEXT = frozenset({"LT", "ST", "UT", "UR"})
"""VRs in which a backslash is a character, not a separator."""
BULK = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})

UNDEFINED = 0xFFFFFFFF
ITEM = 0xFFFEE000
ITEM_END = 0xFFFEE00D
SEQUENCE_END = 0xFFFEE0DD
TRAILING_PADDING = 0xFFFCFFFC
CHARACTER_SET = 0x00080005
FLOAT_PIXEL_DATA, DOUBLE_PIXEL_DATA, PIXEL_DATA = 0x7FE00008, 0x7FE00009, 0x7FE00010
PIXELS = frozenset({FLOAT_PIXEL_DATA, DOUBLE_PIXEL_DATA, PIXEL_DATA})

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
GE_IMPLICIT_BIG_PIXELS = "1.2.840.113619.5.2"
"""GE's private syntax: Implicit VR Little Endian whose pixel words are big endian."""
NATIVE = frozenset({IMPLICIT_LITTLE, EXPLICIT_LITTLE, DEFLATED, EXPLICIT_BIG, GE_IMPLICIT_BIG_PIXELS})

MEDIA_STORAGE_DIRECTORY = "1.2.840.10008.1.3.10"


def tags_of(ds: Dataset) -> list[BaseTag]:
    """Return the tags of a data set as stored; iterating the data set itself would convert every element."""
    return list(ds.keys())


@cache
def tag_of(keyword: str) -> BaseTag:
    """Return the tag of a keyword of PS3.6."""
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise KeyError(keyword)
    return BaseTag(tag)


@cache
def vr_of(tag: int) -> str:
    """Return the dictionary's VR of a tag, ``"UN"`` where it has none."""
    try:
        return str(dictionary_VR(tag))
    except KeyError:
        return "UL" if tag & 0xFFFF == 0 else "LO" if _is_private_creator(tag) else "UN"


def _is_private_creator(tag: int) -> bool:
    return bool(tag >> 16 & 1) and 0x10 <= tag & 0xFFFF <= 0xFF
