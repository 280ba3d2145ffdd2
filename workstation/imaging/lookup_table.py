"""Look-up tables of the Standard: descriptor, data, clamping (PS3.3 C.11.1.1.1, C.11.2.1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from workstation.dicom.attributes import integers, text
from workstation.dicom.vocabulary import tag_of
from workstation.errors import UnreadablePixels
from workstation.imaging.stage import number_text
from workstation.wording import phrase

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom import Dataset
    from pydicom.tag import BaseTag

    from workstation.imaging.stage import Value


@dataclass(frozen=True, slots=True, eq=False)
class LookupTable:
    """A table from ``first`` on; ``entries`` is read-only int32, unsigned values below ``2**bits``.

    Inputs below the first or above the last mapped value take the first or last entry.
    """

    first: int
    entries: NDArray[np.int32]
    bits: int
    name: str = ""

    @property
    def last(self) -> int:
        """Greatest input value with an entry of its own."""
        return self.first + len(self.entries) - 1

    @property
    def greatest(self) -> int:
        """Greatest output the bit depth allows, ``2**bits - 1``."""
        return (1 << self.bits) - 1

    def look_up(self, values: NDArray[Any]) -> NDArray[np.int32]:
        """Return the entry of every value; the index is wide, subtracted first, then clamped (B18)."""
        if values.dtype.kind == "f":
            values = np.rint(np.nan_to_num(values))
        index = values.astype(np.int64) - self.first
        np.clip(index, 0, len(self.entries) - 1, out=index)
        found: NDArray[np.int32] = np.take(self.entries, index)
        return found

    def entry_text(self, value: Value) -> str:
        """Return which entry a value takes, in words; one outside the table takes an end (C.11.1.1.1)."""
        count, place = len(self.entries), int(np.rint(np.nan_to_num(np.asarray(value, np.float64)))) - self.first
        named = f"“{self.name}” " if self.name else ""
        if 0 <= place < count:
            first = number_text(self.first)
            return phrase("{0}entry {1} of {2} (the first is for {3})", named, place + 1, count, first)
        if place < 0:
            return phrase("{0}below the table: its first of {1} entries", named, count)
        return phrase("{0}above the table: its last of {1} entries", named, count)


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A LUT Descriptor as meant: ``count`` 0 read as 65536, ``first`` with the sign of its input."""

    count: int
    first: int
    bits: int


def descriptor_of(ds: Dataset, keyword: str, *, signed: bool) -> Descriptor:
    """Read a LUT Descriptor; first mapped value signed where its input can be, the others never (B6, B19).

    Raises
    ------
    UnreadablePixels
        When it has not three numbers.
    """
    parts = integers(ds, keyword)
    if len(parts) < 3:
        raise UnreadablePixels(f"{keyword} has not three numbers")
    count, first, bits = (part & 0xFFFF for part in parts[:3])
    if signed and first >= 1 << 15:
        first -= 1 << 16
    return Descriptor(count or 1 << 16, first, bits)


def words_of(ds: Dataset, tag: BaseTag) -> bytes:
    """Return 16-bit words as little-endian bytes, whatever VR and byte order they were written with (C10)."""
    element: Any = ds.get_item(tag, keep_deferred=True)
    raw = element.value if element is not None else None
    if raw is None:
        return b""
    if isinstance(raw, bytes):
        if not getattr(element, "is_little_endian", True) and len(raw) % 2 == 0:
            return np.frombuffer(raw, ">u2").astype("<u2").tobytes()
        return raw
    numbers = [raw] if isinstance(raw, int) else list(raw)
    return (np.asarray(numbers, np.int64) & 0xFFFF).astype("<u2").tobytes()


def entries_from(data: bytes, descriptor: Descriptor) -> tuple[NDArray[np.int32], int]:
    """Return (entries, real bits): the cell width is told by the data's length, not the descriptor (B6, C8).

    As many bytes as entries (or one fewer, or one pad byte more) are 8-bit cells; anything longer is 16-bit.

    Raises
    ------
    UnreadablePixels
        When there are no data.
    """
    if not data:
        raise UnreadablePixels("a look-up table has no data")
    if len(data) <= descriptor.count + 1:
        entries = np.frombuffer(data, np.uint8)[: descriptor.count]
        bits = 8
    else:
        entries = np.frombuffer(data, "<u2", len(data) // 2)[: descriptor.count].astype(np.uint16)
        bits = min(max(descriptor.bits, 1), 16)
        # A depth too small for what the table holds would leave the output range.
        bits = max(bits, int(entries.max()).bit_length())
    wide = entries.astype(np.int32)
    wide.flags.writeable = False
    return wide, bits


def lookup_table_of(item: Dataset, *, signed: bool) -> LookupTable:
    """Return the table of a Modality LUT or VOI LUT Sequence item.

    Raises
    ------
    UnreadablePixels
        When descriptor or data are missing or unusable.
    """
    if "LUTDescriptor" not in item or "LUTData" not in item:
        raise UnreadablePixels("a look-up table lacks its descriptor or data")
    descriptor = descriptor_of(item, "LUTDescriptor", signed=signed)
    entries, bits = entries_from(words_of(item, tag_of("LUTData")), descriptor)
    return LookupTable(descriptor.first, entries, bits, text(item, "LUTExplanation"))
