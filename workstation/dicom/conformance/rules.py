"""Rules for one element, wherever it stands: VR, multiplicity, form of the value, terms, private blocks (PS3.5)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from pydicom.datadict import get_entry
from pydicom.dataelem import RawDataElement

from workstation.dicom import attributes as a
from workstation.dicom import vocabulary as v
from workstation.dicom.conformance import values
from workstation.dicom.conformance.findings import Remark, deviation, error, hint, shown_tag
from workstation.dicom.conformance.terms import IOD_TERMS, TERMS, Terms
from workstation.wording import phrase

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pydicom.tag import BaseTag

LONGEST = 4096
"""Bytes of a value whose form is looked at."""
_MANY_VALUES = "{0} has {1} values; its multiplicity is {2}."
_SIZES = {"US": 2, "SS": 2, "UL": 4, "SL": 4, "FL": 4, "FD": 8, "UV": 8, "SV": 8, "AT": 4}


class Entry(NamedTuple):
    """What PS3.6 says of a tag."""

    vrs: tuple[str, ...]
    vm: str
    name: str
    retired: bool
    keyword: str


@cache
def entry_of(tag: int) -> Entry | None:
    """Return the dictionary's entry of a standard tag; None where it has none."""
    try:
        vr, vm, name, retired, keyword = get_entry(tag)
    except KeyError:
        return None
    return Entry(tuple(vr.split(" or ")), vm, name, bool(retired), keyword)


def name_of(tag: int) -> str:
    """Return an element's name, or its tag where it has none."""
    entry = entry_of(tag)
    return entry.name if entry is not None and entry.name else shown_tag(tag)


def keyword_of(tag: int) -> str:
    """Return an element's keyword, "" where it has none."""
    entry = entry_of(tag)
    return entry.keyword if entry is not None else ""


def element_remarks(ds: Dataset, tag: BaseTag, element: Any) -> tuple[Remark, ...]:
    """Return what is wrong with an element by itself."""
    return tuple(_remarks(ds, tag, element))


def _remarks(ds: Dataset, tag: BaseTag, element: Any) -> Iterator[Remark]:
    if tag & 0xFFFF == 0:
        if tag >> 16 not in (0, 2):
            yield hint("group-length", phrase("Group lengths are retired; readers ignore them."), "PS3.5 7.2")
        return
    if tag >> 16 & 1:
        yield from _private(ds, tag, element)
        return
    entry = entry_of(tag)
    if entry is None:
        yield deviation("unknown", phrase("{0} is in no edition of the dictionary.", shown_tag(tag)), "PS3.6 6")
        return
    if entry.retired:
        yield hint("retired", phrase("{0} is retired.", entry.name), "PS3.6 6")
    vr = str(element.VR or "")
    if vr and vr not in entry.vrs and " or " not in vr:  # pydicom decides between two when it writes
        yield _wrong_vr(entry, vr)
        if vr == "UN":
            return
    if (vr or entry.vrs[0]) != "SQ":
        yield from _value(ds, tag, element, vr or entry.vrs[0], entry)


def _wrong_vr(entry: Entry, vr: str) -> Remark:
    asked = " or ".join(entry.vrs)
    if vr == "UN":
        return hint("vr-un", phrase("{0} is encoded as UN; its VR is {1}.", entry.name, asked), "PS3.5 6.2.2")
    return error("vr", phrase("{0} is encoded as {1}; its VR is {2}.", entry.name, vr, asked), "PS3.6 6")


def _private(ds: Dataset, tag: BaseTag, element: Any) -> Iterator[Remark]:
    number = tag & 0xFFFF
    if number < 0x10 or tag >> 16 < 9:
        yield error("private-tag", phrase("{0} cannot be a private element.", shown_tag(tag)), "PS3.5 7.8")
    elif number <= 0xFF:
        given = element.value
        if not (given.strip(b" \0") if isinstance(given, bytes) else given):
            yield deviation(
                "private-creator", phrase("The private creator {0} has no name.", shown_tag(tag)), "PS3.5 7.8.1"
            )
    elif (tag >> 16 << 16 | number >> 8) not in ds.keys():  # noqa: SIM118 - asking the data set converts the tag
        yield deviation(
            "private-creator", phrase("No private creator reserves the block of {0}.", shown_tag(tag)), "PS3.5 7.8.1"
        )
    if element.VR in v.TEXT and number > 0xFF:
        yield from values.remarks(element.VR, _texts(ds, tag, element, element.VR))
        yield from _padding(element, element.VR)


def _value(ds: Dataset, tag: BaseTag, element: Any, vr: str, entry: Entry) -> Iterator[Remark]:
    if vr in _SIZES:
        yield from _binary(element, vr, entry)
        given = _numbers_as_text(ds, tag) if entry.keyword in TERMS else ()
    elif vr in v.TEXT:
        given = _texts(ds, tag, element, vr)
        if given and vr not in v.SINGLE_TEXT:
            yield from _multiplicity(entry, vr, len(given))
        yield from values.remarks(vr, given)
        yield from _padding(element, vr)
    else:
        return
    for terms in TERMS.get(entry.keyword, ()):
        yield from _terms(entry, terms, given)


def _numbers_as_text(ds: Dataset, tag: BaseTag) -> tuple[str, ...]:
    return tuple(f"{number:g}" for number in a.components_at(ds, tag) if number is not None)


def _texts(ds: Dataset, tag: BaseTag, element: Any, vr: str) -> tuple[str, ...]:
    value = element.value
    if isinstance(value, bytes):
        if len(value) > LONGEST:
            return ()
        if value.isascii() and b"\x1b" not in value:
            text = value.decode("ascii").rstrip("\0")
            if vr in v.SINGLE_TEXT:
                return (text.rstrip(" "),) if text.strip(" ") else ()
            return tuple(part.strip(" ") for part in text.split("\\")) if text.strip(" ") else ()
    if value is None or value == "" or value == b"":
        return ()
    if not isinstance(element, RawDataElement) and not isinstance(value, bytes):
        many = value if isinstance(value, list | tuple) or hasattr(value, "append") else [value]
        return tuple(str(getattr(one, "original_string", one)).strip(" ") for one in many)
    return a.texts_at(ds, tag)


def _padding(element: Any, vr: str) -> Iterator[Remark]:
    value = element.value
    if not isinstance(value, bytes) or not value:
        return
    if vr == "UI" and value.endswith(b" "):
        yield deviation("padding", phrase("A UID is padded with a space; NUL is asked for."), "PS3.5 9.1")
    elif vr != "UI" and value.endswith(b"\0"):
        yield deviation(
            "padding", phrase("A value of VR {0} is padded with NUL; space is asked for.", vr), values.CLAUSE
        )


def _multiplicity(entry: Entry, vr: str, given: int) -> Iterator[Remark]:
    if values.multiplicity(entry.vm, given):
        return
    template = "{0} has {1} value; its multiplicity is {2}." if given == 1 else _MANY_VALUES
    sentence = phrase(template, entry.name, given, entry.vm)
    # A backslash typed into a text splits it: what is shown changes, nothing is computed from it.
    lesser = vr in ("LO", "SH", "PN")
    yield deviation("vm", sentence, "PS3.6 6") if lesser else error("vm", sentence, "PS3.6 6")


def _binary(element: Any, vr: str, entry: Entry) -> Iterator[Remark]:
    value = element.value
    if not isinstance(value, bytes):
        many = value if hasattr(value, "append") or isinstance(value, list | tuple) else [value]
        if value is not None and value != "":
            yield from _multiplicity(entry, vr, len(many))
        return
    if not value or "OW" in entry.vrs:
        return
    if len(value) % _SIZES[vr]:
        yield error(
            "length",
            phrase("{0} has {1} bytes, no multiple of the {2} of {3}.", entry.name, len(value), _SIZES[vr], vr),
            values.CLAUSE,
        )
    else:
        yield from _multiplicity(entry, vr, len(value) // _SIZES[vr])


def iod_remarks(ds: Dataset, iod: str) -> Iterator[tuple[int, Remark]]:
    """Yield values outside what an IOD allows in its data set, by tag."""
    for keyword, some in IOD_TERMS.get(iod, {}).items():
        tag = v.tag_of(keyword)
        entry = entry_of(int(tag)) if tag in ds else None
        if entry is None:
            continue
        given = a.texts(ds, keyword) if entry.vrs[0] in v.TEXT - {"DS", "IS"} else _numbers_as_text(ds, tag)
        for terms in some:
            yield from ((int(tag), remark) for remark in _terms(entry, terms, given))


def _terms(entry: Entry, terms: Terms, given: tuple[str, ...]) -> Iterator[Remark]:
    looked_at = given if terms.number is None else given[terms.number : terms.number + 1]
    for value in looked_at:
        if not value or value in terms.values:
            continue
        which = "" if terms.number is None else phrase(" (value {0})", terms.number + 1)
        if terms.closed:
            yield error(
                "enumerated",
                phrase("{0} is no Enumerated Value of {1}{2}.", values.shown(value), entry.name, which),
                terms.clause,
            )
        else:
            yield hint(
                "defined",
                phrase("{0} is no Defined Term of {1}{2}.", values.shown(value), entry.name, which),
                terms.clause,
            )
        return
