"""Every value of a header with the path that leads to it, private elements by their creator (PS3.5 7.8.1)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.dataelem import RawDataElement, convert_raw_data_element

from workstation.dicom import vocabulary as v
from workstation.dicom.header_tree import name_of_element, shown_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydicom.dataset import Dataset

    from workstation.dicom.strict import Walker

Step = tuple[int, str]
"""A tag with its private creator, or an item's number from 1 (below 0x10000) with ""."""
Path = tuple[Step, ...]
Leaf = tuple[Path, str, bytes]
"""Where a value stands, its VR, and its bytes in little endian order."""
_WORDS = {"US": 2, "SS": 2, "OW": 2, "AT": 2, "UL": 4, "SL": 4, "FL": 4, "OF": 4, "OL": 4, "FD": 8, "OD": 8, "OV": 8}
SEVERAL = 0x10000
PADDING = bytes(4)
"""What a walker may look at behind the shortest element."""


def leaves_of_data_set(ds: Dataset, path: Path = (), *, without: int | None = None) -> Iterator[Leaf]:
    """Yield every value below a data set or item; sequences come as what they hold."""
    creators = _creators(ds)
    for tag in ds.keys():  # noqa: SIM118 - iterating the data set itself would convert every element
        number = int(tag)
        if number == without or number & 0xFFFF == 0:
            continue
        element: Any = ds.get_item(tag, keep_deferred=True)
        step = (step_of(number, creators),)
        if str(element.VR or "") == "SQ":
            yield from _items(element.value, (*path, *step))
        elif isinstance(element, RawDataElement):
            vr = element.VR or v.vr_of(tag)
            yield (*path, *step), vr, _little(vr, element.value or b"", element.is_little_endian)
        else:
            yield (*path, *step), str(element.VR), str(element.value).encode("utf-8", "replace")


def _items(items: Any, path: Path) -> Iterator[Leaf]:
    if not items:
        yield path, "SQ", b""
    for number, item in enumerate(items or (), 1):
        yield from leaves_of_data_set(item, (*path, (number, "")))


def _little(vr: str, value: bytes, is_little: bool) -> bytes:
    size = _WORDS.get(vr, 1)
    if is_little or size == 1 or len(value) % size:
        return value
    return np.frombuffer(value, f">u{size}").astype(f"<u{size}").tobytes()


def leaves_of_bytes(
    walker: Walker, tag: int, vr: str, value: bytes, creators: Mapping[int, str], path: Path = ()
) -> Iterator[Leaf]:
    """Yield the same of one element of a plain header, from its bytes."""
    here = (*path, step_of(tag, creators))
    if vr != "SQ":
        if tag & 0xFFFF:
            yield here, vr, value
        return
    number, pos = 0, 0
    while pos + 8 <= len(value) and value[pos : pos + 4] != b"\xfe\xff\xdd\xe0":
        number += 1
        (length,) = walker.long(value, pos + 4)
        pos += 8
        end = _item_end(walker, value, pos) if length == v.UNDEFINED else pos + length
        yield from _leaves_of_item(walker, value[pos:end], (*here, (number, "")))
        pos = end + 8 if length == v.UNDEFINED else end
    if not number:
        yield here, "SQ", b""


def _leaves_of_item(walker: Walker, data: bytes, path: Path) -> Iterator[Leaf]:
    spots = []
    pos, padded = 0, data + PADDING
    while pos + 8 <= len(data):
        spot = walker.spot(padded, pos, len(data), 1)
        spots.append(spot)
        pos = spot.end
    creators = {
        spot.tag: data[spot.value : spot.end].rstrip(b" \0").decode("latin-1")
        for spot in spots
        if spot.tag >> 16 & 1 and 0x10 <= spot.tag & 0xFFFF <= 0xFF
    }
    for spot in spots:
        yield from leaves_of_bytes(walker, spot.tag, spot.vr, data[spot.value : spot.end], creators, path)


def _item_end(walker: Walker, data: bytes, pos: int) -> int:
    """Return where the item delimiter of an item of undefined length stands."""
    padded = data + PADDING
    while data[pos : pos + 4] != b"\xfe\xff\x0d\xe0":
        pos = walker.spot(padded, pos, len(data), 1).end
    return pos


def step_of(tag: int, creators: Mapping[int, str]) -> Step:
    """Return an element as a step; a private one without its block, which may differ from file to file."""
    if tag >> 16 & 1 and tag & 0xFF00:
        creator = creators.get(tag >> 16 << 16 | (tag & 0xFFFF) >> 8, "")
        if creator:
            return tag & 0xFFFF00FF, creator
    return tag, ""


def element_of(ds: Dataset, tag: int) -> Any:
    """Return an element without storing a conversion."""
    from pydicom.tag import BaseTag

    return ds.get_item(BaseTag(tag), keep_deferred=True)


def _creators(ds: Dataset) -> dict[int, str]:
    found = {}
    for tag in ds.keys():  # noqa: SIM118
        if tag >> 16 & 1 and 0x10 <= tag & 0xFFFF <= 0xFF:
            value = element_of(ds, tag).value
            raw = value if isinstance(value, bytes) else str(value or "").encode("latin-1", "replace")
            found[int(tag)] = raw.rstrip(b" \0").decode("latin-1")
    return found


# words


def path_keyword(path: Path) -> str:
    """Return a path in keywords, ``ReferencedImageSequence[1].ReferencedSOPInstanceUID``."""
    shown = ""
    for tag, creator in path:
        if tag < SEVERAL:
            shown += f"[{tag}]"
        else:
            keyword = _named(tag, creator)[0] or path_tag(((tag, creator),))
            shown += ("." if shown else "") + keyword
    return shown


def path_tag(path: Path) -> str:
    """Return a path in tags, ``(0008,1140)[1].(0008,1155)``; private elements with xx for their block."""
    shown = ""
    for tag, creator in path:
        if tag < SEVERAL:
            shown += f"[{tag}]"
            continue
        element = f"xx{tag & 0xFF:02X}" if creator else f"{tag & 0xFFFF:04X}"
        shown += ("." if shown else "") + f"({tag >> 16:04X},{element})"
    return shown


def path_name(path: Path) -> str:
    """Return the name of the element a path leads to, with its private creator."""
    tag, creator = path[-1]
    name = _named(tag, creator)[1]
    return f"{name} [{creator}]" if creator else name


def _named(tag: int, creator: str) -> tuple[str, str]:
    # any block will do: the dictionary of a creator knows elements by their last two digits
    return name_of_element(tag | 0x1000 if creator else tag, creator)


@lru_cache(maxsize=1 << 14)
def value_text(path: Path, vr: str, value: bytes, charsets: tuple[str, ...] = ()) -> str:
    """Return a stored value as one line of plain text."""
    if vr == "SQ":
        return "0 items"
    from pydicom.tag import BaseTag

    raw = RawDataElement(BaseTag(path[-1][0]), vr, len(value), value, 0, False, True)
    try:
        converted = convert_raw_data_element(raw, encoding=list(charsets) or ["iso8859"]).value
    except Exception:  # whatever pydicom makes of a damaged value: its bytes are shown instead (A12)
        converted = value
    return shown_value(vr, converted)
