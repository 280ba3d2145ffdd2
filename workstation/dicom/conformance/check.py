"""A header against its IOD: types, conditions, modules, functional groups, and the rules of PS3.5 (K1-K8).

:func:`check` never raises, whatever the data set holds; it reads elements as they are stored and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydicom.dataelem import RawDataElement

from workstation.dicom import attributes as a
from workstation.dicom import vocabulary as v
from workstation.dicom.conformance import coherence, presence
from workstation.dicom.conformance.book import Book
from workstation.dicom.conformance.facts import Facts, FrameGroups
from workstation.dicom.conformance.findings import Finding, deviation, error, hint
from workstation.dicom.conformance.groups import check_groups
from workstation.dicom.conformance.rules import element_remarks, entry_of, iod_remarks, name_of
from workstation.dicom.conformance.tables import (
    CONTENT_SEQUENCE,
    NOWHERE,
    PER_FRAME,
    SHARED,
    Attributes,
    Iod,
    Place,
    base_tag,
    meta_place,
    tables,
)
from workstation.wording import phrase

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from workstation.dicom.conformance.findings import Remark
    from workstation.dicom.read import ReadResult

DIRECTORY_RECORDS = 0x00041220
DEEPEST = 100
MOST_ELEMENTS = 200_000
"""Elements that are looked at in one file."""
_KEPT = 64
"""Bytes of a value whose remarks are remembered: frames repeat each other."""
_GROUPS = frozenset({SHARED, PER_FRAME})


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """What a check found. ``iod`` is None where the tables know no IOD for the SOP Class."""

    findings: tuple[Finding, ...]
    iod: Iod | None
    edition: str

    def place(self, path: tuple[int, ...]) -> Place:
        """Return type, module and IE of the element that a path of tags and item indices leads to."""
        if path and path[0] >> 16 == 2:
            return meta_place(path[0])
        if self.iod is None or len(path) % 2 == 0:
            return NOWHERE
        return self.iod.place(path[::2])


def check(source: Dataset | ReadResult) -> tuple[Finding, ...]:
    """Return what is wrong with a header, in the order of the data set.

    Parameters
    ----------
    source
        A data set, or what :func:`~workstation.dicom.read.read_dataset` gave: that also knows about the file.
    """
    return examine(source).findings


def examine(source: Dataset | ReadResult) -> Report:
    """Like :func:`check`, with the IOD and the edition it was held against."""
    ds: Dataset = getattr(source, "ds", source)  # type: ignore[arg-type]
    location = getattr(source, "pixel_data", None)
    iod = tables().iod_of(sop_class_of(ds))
    book = Book(iod)
    for sentence in getattr(source, "deviations", ()):
        book.add(deviation("file", sentence, ""), ())
    if hasattr(ds, "file_meta"):
        _file_meta(ds, book)
    if location is not None and not location.encapsulated:
        for keyword, remark in coherence.of_pixels(ds, location):
            book.add(remark, (int(v.tag_of(keyword)),))
    _Walk(ds, iod, book, frozenset() if location is None else frozenset({location.tag})).run()
    return Report(book.findings(), iod, tables().edition)


def sop_class_of(ds: Dataset) -> str:
    """Return the SOP Class UID, of the file meta where the data set has none (a DICOMDIR)."""
    meta = getattr(ds, "file_meta", None)
    return a.text(ds, "SOPClassUID") or (a.text(meta, "MediaStorageSOPClassUID") if meta is not None else "")


def _file_meta(ds: Dataset, book: Book) -> None:
    for keyword, remark in coherence.of_file_meta(ds):
        book.add(remark, (int(v.tag_of(keyword)),) if keyword else ())
    meta = getattr(ds, "file_meta", None)
    if meta is None:
        return
    for tag in v.tags_of(meta):
        for remark in _judged(meta, tag, meta.get_item(tag, keep_deferred=True)):
            book.add(remark, (int(tag),))


class _Walk:
    """One data set, element by element."""

    def __init__(self, ds: Dataset, iod: Iod | None, book: Book, extra: frozenset[int]) -> None:
        self.ds, self.iod, self.book, self.extra = ds, iod, book, extra
        self.groups = FrameGroups(ds)
        self._seen: dict[tuple[int, str, bytes], tuple[Remark, ...]] = {}
        self._left = MOST_ELEMENTS
        self._charset_said = False

    def run(self) -> None:
        """Walk everything."""
        facts = None
        if self.iod is None:
            self.book.add(_no_tables(self.ds), ())
        else:
            facts = Facts((self.ds,), self.iod, self.extra, self.groups.of(0))
        for keyword, remark in coherence.of_data_set(self.ds):
            self.book.add(remark, (int(v.tag_of(keyword)),))
        for tag, remark in iod_remarks(self.ds, self.iod.key) if self.iod is not None else ():
            self.book.add(remark, (tag,))
        top = self.iod.top if self.iod is not None else None
        self._item(self.ds, top, (), facts)
        if self._left < 0:
            sentence = phrase("Only the first {0} elements were looked at.", f"{MOST_ELEMENTS:,}")
            self.book.add(hint("not-all", sentence, ""), ())
        if facts is not None:
            check_groups(facts, self.groups, self.book)

    def _item(self, item: Dataset, level: Attributes | None, path: tuple[int, ...], facts: Facts | None) -> None:
        """Look at a data set or an item; ``level`` is what may stand in it, None where that isn't known."""
        for keyword, remark in coherence.of_item(item):
            self.book.add(remark, (*path, int(v.tag_of(keyword))))
        tags = v.tags_of(item)
        self._left -= len(tags)
        if self._left < 0:
            return
        for tag in tags:
            self._element(item, int(tag), level, path, facts)
        if level is not None and facts is not None:
            group = len(path) == 2 and path[0] in _GROUPS
            for place_path, remark, place, clause in presence.missing(facts, level, path, group=group):
                self.book.add(remark, place_path, place, clause)

    def _element(
        self, item: Dataset, tag: int, level: Attributes | None, path: tuple[int, ...], facts: Facts | None
    ) -> None:
        here = (*path, tag)
        element: Any = item.get_item(tag, keep_deferred=True)
        for remark in self._remarks(item, tag, element):
            self.book.add(remark, here)
        claims = level.get(base_tag(tag), ()) if level is not None else ()
        nested = tag == CONTENT_SEQUENCE and bool(path)
        if level is not None and not claims and not self._is_known_in(tag, path) and _is_foreign(tag):
            self.book.add(_unexpected(tag, path, self.iod), here)
        if element.VR != "SQ" or len(path) > 2 * DEEPEST:
            return
        inside = level if nested and not claims else self.iod.below(claims) if self.iod and claims else None
        for index, one in enumerate(a.items_at(item, tag)):  # type: ignore[arg-type]
            seen_from = facts
            if facts is not None and tag == PER_FRAME and not path:
                seen_from = facts.of_frame(self.groups.of(index))
            self._item(one, inside, (*here, index), seen_from.within(one) if seen_from is not None else None)

    def _is_known_in(self, tag: int, path: tuple[int, ...]) -> bool:
        """Tell whether an item takes more than its list says: content items nest, directory records hold keys."""
        if not path or self.iod is None:
            return False
        if path[-2] == CONTENT_SEQUENCE:
            return tag in self.iod.top
        return path[-2] == DIRECTORY_RECORDS

    def _remarks(self, item: Dataset, tag: int, element: Any) -> tuple[Remark, ...]:
        value = element.value
        if not isinstance(element, RawDataElement) or not isinstance(value, bytes) or tag >> 16 & 1:
            return _judged(item, tag, element)
        if not value.isascii():
            self._charset(element.VR or v.vr_of(tag), value)
            return _judged(item, tag, element)
        if len(value) > _KEPT:
            return _judged(item, tag, element)
        key = (tag, element.VR or "", value)
        found = self._seen.get(key)
        if found is None:
            found = self._seen[key] = _judged(item, tag, element)
        return found

    def _charset(self, vr: str, value: bytes) -> None:
        if not self._charset_said and vr in v.ENCODED_TEXT and coherence.undeclared_text(self.ds, value):
            self._charset_said = True
            sentence = phrase("Text beyond ASCII is there and no Specific Character Set that fits it.")
            self.book.add(error("charset", sentence, "PS3.3 C.12.1.1.2"), (v.CHARACTER_SET,))


def _judged(ds: Dataset, tag: Any, element: Any) -> tuple[Remark, ...]:
    try:
        return element_remarks(ds, tag, element)
    except Exception:
        # Whatever pydicom makes of a damaged value: that it can't be read is what there is to say (A12).
        return (error("unreadable", phrase("The value of {0} cannot be read.", name_of(int(tag))), "PS3.5 6.2"),)


def _no_tables(ds: Dataset) -> Remark:
    uid = sop_class_of(ds)
    if not uid:
        return error(
            "no-sop-class", phrase("There is no SOP Class UID; only general rules were checked."), "PS3.3 C.12.1"
        )
    return hint("no-iod", phrase("The SOP Class is private or retired; only general rules were checked."), "PS3.4 B.5")


def _is_foreign(tag: int) -> bool:
    """Tell whether an element would have to be in a module: those in force, without group lengths and padding."""
    entry = None if tag >> 16 & 1 or tag & 0xFFFF == 0 or tag >> 16 == 0xFFFC else entry_of(tag)
    return entry is not None and not entry.retired


def _unexpected(tag: int, path: tuple[int, ...], iod: Iod | None) -> Remark:
    inside = phrase("no item of {0}", name_of(path[-2])) if path else None
    where = inside or phrase("no module of the {0} IOD", iod.name if iod else "")
    sentence = phrase("{0} is in {1}; a Standard Extended SOP Class may add it.", name_of(tag), where)
    return hint("unexpected", sentence, "PS3.4 B.4.1")
