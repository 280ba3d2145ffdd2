"""What conditions ask of a data set: is something there, what does it say; innermost item first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workstation.dicom import attributes as a
from workstation.dicom.conformance.tables import PER_FRAME, SHARED
from workstation.dicom.vocabulary import PIXELS, tag_of, tags_of

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from workstation.dicom.conformance.tables import Iod


def is_empty(element: Any) -> bool:
    """Tell whether an element has no value (PS3.5 7.4): no items, no bytes, or nothing but padding."""
    value = element.value
    if value is None:
        # The reader drops values that it steps over; their length stays.
        return not getattr(element, "length", 0)
    if isinstance(value, bytes):
        return not value or (len(value) <= 64 and element.VR not in _BINARY and not value.strip(b" \0"))
    if isinstance(value, str):
        return not value.strip(" \0")
    return hasattr(value, "__len__") and len(value) == 0


_BINARY = frozenset(
    {"OB", "OD", "OF", "OL", "OV", "OW", "UN", "US", "SS", "UL", "SL", "UV", "SV", "FL", "FD", "AT", None}
)


OWN = frozenset({0x0040A040})
"""Attributes that an item never takes from what holds it: a content item by reference has no Value Type (C.17.3)."""


class Facts:
    """A data set from the point of view of one of its items.

    Parameters
    ----------
    chain
        The item, what holds it, and so on to the data set.
    iod
        The IOD that is checked against.
    extra
        Tags that are in the file but not in the data set: pixel data that was not read.
    groups
        The functional groups of one frame, per-frame before shared; () outside.
    """

    def __init__(
        self, chain: tuple[Dataset, ...], iod: Iod, extra: frozenset[int], groups: tuple[FrameGroup, ...] = ()
    ) -> None:
        self.chain, self.iod, self.extra, self.groups = chain, iod, extra, groups

    @property
    def root(self) -> Dataset:
        """The data set."""
        return self.chain[-1]

    @property
    def sop_class_uid(self) -> str:
        """The SOP Class UID."""
        return a.text(self.root, "SOPClassUID")

    def within(self, item: Dataset) -> Facts:
        """Return the same facts seen from an item further inside."""
        return Facts((item, *self.chain), self.iod, self.extra, self.groups)

    def of_frame(self, groups: tuple[FrameGroup, ...]) -> Facts:
        """Return the same facts for another frame."""
        return Facts(self.chain, self.iod, self.extra, groups)

    def here(self, keyword: str) -> bool:
        """Tell whether the innermost item has an attribute, with or without a value."""
        tag = tag_of(keyword)
        return tag in self.chain[0] or (tag in self.extra and len(self.chain) == 1)

    def has(self, keyword: str) -> bool:
        """Tell whether an attribute is there, in the item, what holds it, or in a functional group."""
        tag = tag_of(keyword)
        return self._holder(tag) is not None or int(tag) in self.extra

    def has_value(self, keyword: str) -> bool:
        """Tell whether an attribute is there and has a value."""
        tag = tag_of(keyword)
        holder = self._holder(tag)
        if holder is None:
            return int(tag) in self.extra
        return not is_empty(holder.get_item(tag, keep_deferred=True))

    def texts(self, keyword: str) -> tuple[str, ...]:
        """Return the values of an attribute as text; () without one."""
        holder = self._holder(tag_of(keyword))
        if holder is None:
            return ()
        found = a.texts(holder, keyword)
        return found or tuple(f"{number:g}" for number in a.numbers(holder, keyword))

    def text(self, keyword: str, number: int = 0) -> str:
        """Return one value as text, "" without one."""
        found = self.texts(keyword)
        return found[number] if number < len(found) else ""

    def number(self, keyword: str) -> float | None:
        """Return the first number of an attribute."""
        holder = self._holder(tag_of(keyword))
        return None if holder is None else a.number(holder, keyword)

    def points_to(self, keyword: str) -> bool:
        """Tell whether Frame Increment Pointer holds the tag of an attribute (C.7.6.6)."""
        wanted = int(tag_of(keyword))
        return wanted in pointers(self.root, "FrameIncrementPointer")

    def has_pixels(self) -> bool:
        """Tell whether there is pixel data of any kind."""
        return bool(PIXELS & self.extra) or any(tag in self.root for tag in PIXELS)

    def _holder(self, tag: int) -> Dataset | None:
        for ds in self.chain[:1] if tag in OWN else self.chain:
            if tag in ds:
                return ds
        for group in self.groups:
            found = group.holder(int(tag))
            if found is not None:
                return found
        return None


class FrameGroup:
    """An item of functional groups; which macro holds what is looked up once."""

    def __init__(self, item: Dataset) -> None:
        self._item = item
        self._holders: dict[int, Dataset] | None = None

    def holder(self, tag: int) -> Dataset | None:
        """Return the item that holds an attribute, None where none does."""
        if self._holders is None:
            found: dict[int, Dataset] = {}
            for macro in tags_of(self._item):
                for inner in a.items_at(self._item, macro)[:1]:
                    found.update(dict.fromkeys(map(int, tags_of(inner)), inner))
                    found[int(macro)] = self._item
            self._holders = found
        return self._holders.get(tag)


class FrameGroups:
    """The functional groups of every frame: per-frame before shared (D21)."""

    def __init__(self, root: Dataset) -> None:
        per_frame = a.items(root, "PerFrameFunctionalGroupsSequence") if PER_FRAME in root else ()
        shared = a.items(root, "SharedFunctionalGroupsSequence")[:1] if SHARED in root else ()
        self._frames = [FrameGroup(item) for item in per_frame]
        self._shared = tuple(FrameGroup(item) for item in shared)

    def of(self, index: int) -> tuple[FrameGroup, ...]:
        """Return those of one frame."""
        return (*self._frames[index : index + 1], *self._shared)


def pointers(ds: Dataset, keyword: str) -> tuple[int, ...]:
    """Return the tags that an attribute of VR AT names."""
    element: Any = ds.get_item(tag_of(keyword), keep_deferred=True)
    value = getattr(element, "value", None)
    if isinstance(value, bytes):
        order = "little" if getattr(element, "is_little_endian", True) else "big"
        halves = [int.from_bytes(value[at : at + 2], order) for at in range(0, len(value) - 1, 2)]  # type: ignore[arg-type]
        return tuple(high << 16 | low for high, low in zip(halves[::2], halves[1::2], strict=False))
    if value is None:
        return ()
    many = value if hasattr(value, "append") else [value]
    return tuple(int(one) for one in many)
