"""A header as text in the manner of dcmdump, as CSV, and in the DICOM JSON model (PS3.18 F.2)."""

from __future__ import annotations

import csv
import io
import json
from struct import Struct
from typing import TYPE_CHECKING, Any, Final

from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag

from workstation.dicom import vocabulary as v
from workstation.dicom.attributes import decode
from workstation.dicom.display_names import plain
from workstation.dicom.header_paths import Path, Step, path_keyword
from workstation.dicom.header_tree import HeaderRow, children, full_value, header_rows, meta_rows, name_of_element
from workstation.dicom.json_model import json_model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataset import Dataset

    from workstation.dicom.read import ReadResult

FORMATS: Final = ("text", "json", "csv")
SHOWN_BYTES: Final = 256
"""Bytes of a binary value in the text; more are cut, and that is said."""
COLUMN: Final = 40
NO_VALUE: Final = "(no value available)"
ITEM_TAG: Final = "(FFFE,E000)"
_NUMBERS: Final = {"US": "H", "SS": "h", "UL": "L", "SL": "l", "FL": "f", "FD": "d", "UV": "Q", "SV": "q"}
_WORDS: Final = {"OW": 2, "OL": 4, "OV": 8, "OF": 4, "OD": 8}
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
CSV_COLUMNS: Final = ("path", "tag", "vr", "vm", "name", "creator", "value")


def dumped(result: ReadResult, form: str) -> str:
    """Return a header in one of :data:`FORMATS`, pixel data told but not contained."""
    if form == "json":
        return json.dumps(json_model(result), indent=1, ensure_ascii=False, default=str) + "\n"
    if form == "csv":
        return csv_of(result)
    return "\n".join(text_lines(result)) + "\n"


# text


def text_lines(result: ReadResult) -> Iterator[str]:
    """Yield a line for each element: tag, VR, value, length, multiplicity, keyword; sequences indented."""
    from workstation.dicom.sniff import Encoding

    yield "# File Meta Information"
    yield from _lines(result.ds.file_meta, 0)
    uid = result.transfer_syntax_uid
    encoding = Encoding.of_syntax(uid)
    vr = "Implicit VR" if encoding.implicit else "Explicit VR"
    yield ""
    yield f"# Data Set ({vr}, {'little' if encoding.little else 'big'} endian, {uid})"
    yield from _lines(result.ds, 0)
    if result.pixel_data is not None:
        pixels = result.pixel_data
        kind = "encapsulated" if pixels.encapsulated else "native"
        length = pixels.length if pixels.length >= 0 else None
        yield _line(pixels.tag, pixels.vr, f"({kind}, not shown)", length, 1, "PixelData", 0)


def _lines(ds: Dataset, depth: int) -> Iterator[str]:
    for tag in sorted(v.tags_of(ds)):
        element: Any = ds.get_item(tag, keep_deferred=True)
        vr = str(element.VR or v.vr_of(tag))
        if vr == "SQ":
            yield from _sequence(element, int(tag), ds, depth)
        elif isinstance(element, RawDataElement):
            value = element.value or b""
            shown, count = _shown(ds, vr, value, element.is_little_endian)
            yield _line(int(tag), vr, shown, len(value), count, _keyword(ds, int(tag)), depth)
        else:
            text = "" if element.value is None else plain(element.value, SHOWN_BYTES)
            yield _line(
                int(tag), vr, f"[{text}]" if text else NO_VALUE, None, element.VM, _keyword(ds, int(tag)), depth
            )


def _sequence(element: Any, tag: int, ds: Dataset, depth: int) -> Iterator[str]:
    items = list(element.value or ())
    yield _line(tag, "SQ", f"(Sequence #={len(items)})", None, 1, _keyword(ds, tag), depth)
    for item in items:
        yield _line(0xFFFEE000, "na", f"(Item #={len(item)})", None, 1, "Item", depth + 1)
        yield from _lines(item, depth + 2)


def _line(tag: int, vr: str, value: str, length: int | None, count: int, keyword: str, depth: int) -> str:
    head = f"{'  ' * depth}({tag >> 16:04x},{tag & 0xFFFF:04x}) {vr} {value:<{COLUMN}}"
    size = "u/l" if length is None else f"{length:>3}"
    return f"{head} # {size}, {count} {keyword}".rstrip()


def _keyword(ds: Dataset, tag: int) -> str:
    if tag >> 16 & 1:
        return "PrivateCreator" if 0x10 <= tag & 0xFFFF <= 0xFF else _private_name(ds, tag)
    keyword, name = name_of_element(tag, "")
    return keyword or ("GenericGroupLength" if tag & 0xFFFF == 0 else name.replace(" ", ""))


def _private_name(ds: Dataset, tag: int) -> str:
    creator = ds.get_item(BaseTag(tag >> 16 << 16 | (tag & 0xFFFF) >> 8), keep_deferred=True)
    raw = creator.value if creator is not None else b""
    named = raw.decode("latin-1") if isinstance(raw, bytes) else str(raw or "")
    name = name_of_element(tag, named.strip(" \0"))[1]
    return "".join(part for part in name.title() if part.isalnum()) if name.startswith("[") else "Unknown Tag & Data"


def _shown(ds: Dataset, vr: str, value: bytes, little: bool) -> tuple[str, int]:
    """Return a value as dcmdump writes it, and how many there are."""
    if not value:
        return NO_VALUE, 0
    if vr in v.TEXT:
        return _text(ds, vr, value)
    if vr in _NUMBERS:
        numbers = _unpacked(_NUMBERS[vr], value, little)
        return "\\".join(_number(number) for number in numbers) or NO_VALUE, len(numbers)
    if vr == "AT":
        words = _unpacked("H", value, little)
        pairs = [f"({a:04x},{b:04x})" for a, b in zip(words[::2], words[1::2], strict=False)]
        return "\\".join(pairs), len(pairs)
    size = _WORDS.get(vr, 1)
    cut = value[: SHOWN_BYTES - SHOWN_BYTES % size]
    order = "little" if little else "big"
    cells = (int.from_bytes(cut[at : at + size], order) for at in range(0, len(cut), size))  # type: ignore[arg-type]
    more = "..." if len(cut) < len(value) else ""
    return "\\".join(f"{cell:0{2 * size}x}" for cell in cells) + more, 1


def _text(ds: Dataset, vr: str, value: bytes) -> tuple[str, int]:
    given = getattr(ds, "original_character_set", None) or "iso8859"
    codecs = [given] if isinstance(given, str) else list(given)
    decoded = decode(value, codecs) if vr in v.ENCODED_TEXT and not value.isascii() else value.decode("latin-1")
    text = plain_line(decoded.rstrip(" \0"))
    count = 1 if vr in v.SINGLE_TEXT else text.count("\\") + 1
    return (f"[{text}]", count) if text else (NO_VALUE, 0)


def plain_line(text: str) -> str:
    """Return text without what would break its line or a terminal."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" if ord(char) < 256 else "?" for char in text)


def _unpacked(code: str, value: bytes, little: bool) -> tuple[Any, ...]:
    form = Struct(("<" if little else ">") + code)
    return tuple(number for (number,) in form.iter_unpack(value[: len(value) - len(value) % form.size]))


def _number(number: float | int) -> str:
    return repr(number) if isinstance(number, int) else f"{number:.9g}" if abs(number) < 1e30 else repr(number)


# CSV


def csv_of(result: ReadResult) -> str:
    """Return every element as a line; what a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for row in meta_rows(result.ds):
        writer.writerow(_cells(row, row.value, ()))
    for row, steps in _walked(result.ds, header_rows(result.ds), ()):
        writer.writerow(_cells(row, full_value(result.ds, row) if not row.is_sequence else row.value, steps))
    if result.pixel_data is not None:
        from workstation.dicom.header import pixel_data_row

        row = pixel_data_row(result.pixel_data)
        writer.writerow(_cells(row, row.value, ((result.pixel_data.tag, ""),)))
    return out.getvalue()


def _walked(ds: Dataset, rows: list[HeaderRow], above: Path) -> Iterator[tuple[HeaderRow, Path]]:
    for row in rows:
        step: Step = (row.path[-1] + 1, "") if row.tag == ITEM_TAG else (row.path[-1], row.private_creator)
        if row.tag != ITEM_TAG:
            yield row, (*above, step)
        if row.opens:
            yield from _walked(ds, children(ds, row), (*above, step))


def _cells(row: HeaderRow, value: str, steps: Path) -> list[str]:
    path = path_keyword(steps) if steps else row.keyword
    return [safe_cell(cell) for cell in (path, row.tag, row.vr, str(row.vm), row.name, row.private_creator, value)]


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    shown = plain_line(text)
    return f"'{shown}" if text.startswith(_FORMULA) else shown
