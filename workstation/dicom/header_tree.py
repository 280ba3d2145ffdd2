"""A data set as rows for the inspector; sequences open on demand, values are plain text (K10, A12, A13, A32)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from pydicom.datadict import dictionary_description, keyword_for_tag, private_dictionary_description
from pydicom.dataelem import RawDataElement, convert_raw_data_element
from pydicom.tag import BaseTag

from workstation.dicom import vocabulary as v
from workstation.dicom.attributes import without_escapes
from workstation.dicom.display_names import plain
from workstation.dicom.sniff import executable_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydicom.dataset import Dataset, FileDataset

SHOWN_CHARACTERS = 256
SHOWN_BYTES = 16
SHOWN_VALUES = 16
_QUICK = frozenset({"LO", "SH", "CS", "UI", "DA", "TM"})
_BINARY = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN", "OB or OW"})


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """One line of the inspector.

    ``tag`` is ``"(0028,0010)"``; ``vm`` the number of values, or of items for a sequence; ``path`` leads to the
    element from the data set: tags and item indices in turn, the element's own tag last. A row for a sequence
    item has the tag ``"(FFFE,E000)"`` and a path that ends with its index.
    """

    tag: str
    keyword: str
    name: str
    vr: str
    vm: int
    value: str
    is_sequence: bool = False
    private_creator: str = ""
    path: tuple[int, ...] = ()

    @property
    def opens(self) -> bool:
        """Tell whether there are rows below this one."""
        return self.is_sequence and self.vm > 0


def header_rows(ds: Dataset, path: tuple[int, ...] = ()) -> list[HeaderRow]:
    """Return one row per element of ``ds``, in tag order; nothing below sequences is touched.

    Parameters
    ----------
    ds
        The data set, or an item of a sequence.
    path
        Where ``ds`` stands in the whole data set.
    """
    creators = _creators(ds)
    return [_row(ds, tag, creators, path) for tag in sorted(v.tags_of(ds))]


def children(ds: Dataset, row: HeaderRow) -> list[HeaderRow]:
    """Return the rows below a row: items under a sequence, elements under an item.

    Parameters
    ----------
    ds
        The whole data set that ``row.path`` starts from.
    """
    target = _resolve(ds, row.path)
    if target is None:
        return []
    if row.tag == "(FFFE,E000)":
        return header_rows(target, row.path)
    return [_item_row(item, index, row.path) for index, item in enumerate(target)]


def full_value(ds: Dataset, row: HeaderRow, limit: int = 1_000_000) -> str:
    """Return the value of a row unshortened up to ``limit`` characters, for copying."""
    holder: Any = _resolve(ds, row.path[:-1]) if len(row.path) > 1 else ds
    if holder is None or not row.path or row.is_sequence:
        return row.value
    element = _element(holder, BaseTag(row.path[-1]))
    value = getattr(element, "value", None)
    if isinstance(value, bytes):
        return value[: limit // 2].hex(" ")
    values: Any = value if _is_many(value) else [value]
    return "\\".join("" if one is None else str(one) for one in values)[:limit]


def every_row(ds: Dataset, limit: int = 200_000) -> Iterator[HeaderRow]:
    """Yield every row depth first, for filtering and export."""
    pending = list(reversed(header_rows(ds)))
    while pending and limit > 0:
        row = pending.pop()
        yield row
        limit -= 1
        if row.opens:
            pending.extend(reversed(children(ds, row)))


def meta_rows(ds: FileDataset) -> list[HeaderRow]:
    """Return the file meta information (group 0002) as rows of its own block."""
    return header_rows(ds.file_meta)


def preamble_row(ds: FileDataset) -> HeaderRow:
    """Return what the 128-byte preamble holds (A30; PS3.10 7.1)."""
    preamble = getattr(ds, "preamble", None)
    if preamble is None:
        value = "absent"
    elif not preamble.strip(b"\0"):
        value = "128 zero bytes"
    elif kind := executable_in(preamble):
        value = f"starts like {kind}: {preamble[:SHOWN_BYTES].hex(' ')} …"
    elif preamble[:4] in (b"II*\0", b"MM\0*"):
        value = f"TIFF header: {preamble[:SHOWN_BYTES].hex(' ')} …"
    else:
        value = f"{preamble[:SHOWN_BYTES].hex(' ')} …"
    return HeaderRow("preamble", "", "Preamble", "", 1, value)


def _row(ds: Dataset, tag: BaseTag, creators: dict[int, str], path: tuple[int, ...]) -> HeaderRow:
    creator = creators.get(tag >> 16 << 16 | (tag & 0xFFFF) >> 8, "") if tag & 0xFF00 and tag >> 16 & 1 else ""
    element: Any = ds.get_item(tag, keep_deferred=True)
    quick = _quick_text(element)
    if quick is None:
        element = _element(ds, tag)
    vr, value = str(element.VR), element.value if quick is None else quick
    keyword, name = name_of_element(tag, creator)
    is_sequence = vr == "SQ"
    vm = len(value) if is_sequence else _multiplicity(vr, value)
    text = f"{vm} item{'' if vm == 1 else 's'}" if is_sequence else shown_value(vr, value)
    return HeaderRow(_shown_tag(tag), keyword, name, vr, vm, text, is_sequence, creator, (*path, int(tag)))


def _quick_text(element: Any) -> str | list[str] | None:
    """Return text that needs no converting; pydicom takes 20 µs for each, and headers of 10,000 are opened (K10)."""
    if not isinstance(element, RawDataElement) or element.VR not in _QUICK or not element.value:
        return None
    if not element.value.isascii() or b"\x1b" in element.value:
        return None
    text = element.value.decode("ascii")
    if element.VR in ("LO", "SH"):
        parts = [part.rstrip(" \0") for part in text.split("\\")]
    else:
        parts = text.rstrip(" \0").split("\\")
    if element.VR == "UI":
        parts = [part.strip() for part in parts]
    return parts[0] if len(parts) == 1 else parts


def _item_row(item: Dataset, index: int, path: tuple[int, ...]) -> HeaderRow:
    count = len(v.tags_of(item))
    return HeaderRow("(FFFE,E000)", "", f"Item {index + 1}", "", count, _gist(item), True, "", (*path, index))


def _gist(item: Dataset) -> str:
    """Return the one value that tells items of code and reference sequences apart."""
    for keyword in ("CodeMeaning", "ReferencedSOPInstanceUID", "SegmentLabel", "ROIName", "TextValue"):
        tag = v.tag_of(keyword)
        if tag in item:
            return shown_value("", _element(item, tag).value)
    return ""


def _element(ds: Dataset, tag: BaseTag) -> Any:
    """Return an element converted, without storing the conversion; a value that can't be becomes bytes."""
    element: Any = ds.get_item(tag, keep_deferred=True)
    if not isinstance(element, RawDataElement):
        return element
    value = element.value
    if element.value is None and element.length:
        return element._replace(VR=element.VR or v.vr_of(tag), value=b"")
    try:
        return convert_raw_data_element(element, encoding=ds.original_character_set or "iso8859", ds=ds)
    except Exception:
        # Whatever pydicom makes of a damaged value: the inspector shows its bytes instead (A12).
        return element._replace(VR=element.VR or v.vr_of(tag), value=value or b"")


def shown_value(vr: str, value: Any, limit: int = SHOWN_CHARACTERS) -> str:
    """Return a value as one line of plain text; binary and long values shortened with their size."""
    if value is None:
        return ""
    if isinstance(value, bytes | bytearray):
        return _shown_bytes(bytes(value), vr)
    if isinstance(value, str):
        return plain(without_escapes(value), limit)
    values = value if _is_many(value) else [value]
    shown = "\\".join("" if one is None else str(one) for one in values[:SHOWN_VALUES])
    more = f"\\… ({len(values)} values)" if len(values) > SHOWN_VALUES else ""
    return plain(without_escapes(shown), limit) + more


def _shown_bytes(value: bytes, vr: str) -> str:
    if not value:
        return ""
    text = value.rstrip(b"\0 ")
    if vr == "UN" and text and len(text) <= 128 and text.isascii() and text.decode("ascii").isprintable():
        return text.decode("ascii")
    more = " …" if len(value) > SHOWN_BYTES else ""
    return f"{value[:SHOWN_BYTES].hex(' ')}{more} ({len(value)} bytes)"


def _multiplicity(vr: str, value: Any) -> int:
    if value is None or value == "" or value == b"":
        return 0
    return len(value) if _is_many(value) and vr not in _BINARY else 1


def _is_many(value: Any) -> bool:
    return isinstance(value, list | tuple) or (hasattr(value, "append") and not isinstance(value, bytearray))


def _creators(ds: Dataset) -> dict[int, str]:
    """Return the private creators by their own tags (PS3.5 7.8.1)."""
    found = {}
    for tag in v.tags_of(ds):
        if tag >> 16 & 1 and 0x10 <= tag & 0xFFFF <= 0xFF:
            found[int(tag)] = plain(_element(ds, tag).value, 64)
    return found


@cache
def name_of_element(tag: int, creator: str) -> tuple[str, str]:
    """Return keyword and name; private elements by the creator's dictionary (A13, K7)."""
    if tag & 0xFFFF == 0 and tag >> 16 > 4:
        return "", "Group Length"
    if tag >> 16 & 1:
        if tag & 0xFFFF <= 0xFF:
            return "", "Private Creator"
        try:
            return "", f"[{private_dictionary_description(tag, creator)}]"
        except KeyError:
            return "", "Private element"
    try:
        return keyword_for_tag(tag), dictionary_description(tag)
    except KeyError:
        return "", "Unknown element"


def _shown_tag(tag: int) -> str:
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def _resolve(ds: Dataset, path: Sequence[int]) -> Any:
    """Follow a path of tags and item indices to a sequence or an item; None where it leads nowhere."""
    target: Any = ds
    for step, part in enumerate(path):
        if step % 2 == 0:
            tag = BaseTag(part)
            if target is None or tag not in target:
                return None
            target = _element(target, tag).value
        else:
            target = target[part] if 0 <= part < len(target) else None
    return target
