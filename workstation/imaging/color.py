"""Colour spaces and palettes to RGB (PS3.3 C.7.6.3.1.2, C.7.6.3.1.5, C.7.9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workstation.dicom.vocabulary import tag_of
from workstation.errors import UnreadablePixels
from workstation.imaging.lookup_table import Descriptor, LookupTable, descriptor_of, entries_from, words_of
from workstation.imaging.stage import StageReport, Value, applied, number_text
from workstation.wording import phrase

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom import Dataset

CHANNELS: Final = ("Red", "Green", "Blue")
_FULL: Final = np.array(((1.0, 0.0, 1.402), (1.0, -0.114 * 1.772 / 0.587, -0.299 * 1.402 / 0.587), (1.0, 1.772, 0.0)))
_MOST_SEGMENTED: Final = 1 << 16


def rgb_from_ybr_full(values: NDArray[Any], bits: int = 8) -> NDArray[Any]:
    """Return RGB of YBR_FULL samples of ``bits`` bits, same dtype (PS3.3 C.7.6.3.1.2, C7).

    Y, CB, CR = 128, 128, 255 gives 255, 37, 128.
    """
    return _converted(values, _FULL, np.array((0.0, 1 << (bits - 1), 1 << (bits - 1))), bits)


def rgb_from_ybr_partial(values: NDArray[Any], bits: int = 8) -> NDArray[Any]:
    """Return RGB of YBR_PARTIAL samples: luminance 16..235, chrominance 16..240 (retired, C3)."""
    unit = 1 << (bits - 8)
    matrix = _FULL * np.array((255 / 219, 255 / 224, 255 / 224))
    return _converted(values, matrix, np.array((16 * unit, 128 * unit, 128 * unit), float), bits)


def explain_ybr(values: tuple[int, ...], photometric: str, bits: int) -> StageReport:
    """Return what the conversion of one pixel does, with the numbers of its formula (PS3.3 C.7.6.3.1.2)."""
    partial = photometric.startswith("YBR_PARTIAL")
    convert = rgb_from_ybr_partial if partial else rgb_from_ybr_full
    width = 8 if bits <= 8 else 16
    output = tuple(convert(np.array([values], f"u{width // 8}"), bits)[0].tolist())
    y, blue, red = values
    half = 1 << (bits - 1)
    if partial:
        return StageReport("Colour space", values, output, phrase("{0} to RGB: luminance 16 to 235", photometric))
    (_, _, a), (_, b, c), (_, d, _) = _FULL.tolist()
    cb, cr = f"({blue} − {half})", f"({red} − {half})"
    sentence = phrase(
        "R = {0} + {1} × {2}, G = {0} − {3} × {4} − {5} × {2}, B = {0} + {6} × {4}; rounded, kept within 0 to {7}",
        y,
        f"{a:.3f}",
        cr,
        f"{-b:.4f}",
        cb,
        f"{-c:.4f}",
        f"{d:.3f}",
        (1 << bits) - 1,
    )
    return StageReport("Colour space", values, output, sentence)


def _converted(values: NDArray[Any], matrix: NDArray[Any], offset: NDArray[Any], bits: int) -> NDArray[Any]:
    wide = (values.astype(np.float32) - offset.astype(np.float32)) @ matrix.T.astype(np.float32)
    wide += 0.5
    np.clip(wide, 0, (1 << bits) - 1, out=wide)
    return wide.astype(values.dtype)


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """A palette as a stage: stored index to RGB; ``table`` is (n, 3) uint8 from ``first`` on (C8).

    ``written`` are the entries as they stand in the data set, (n, 3) of ``bits`` bits; None where they are the table.
    """

    first: int
    table: NDArray[np.uint8]
    supplemental: bool = False
    written: NDArray[np.int32] | None = None
    bits: int = 8

    name = "Palette"

    def apply(self, array: NDArray[Any]) -> NDArray[np.uint8]:
        """Return (..., 3) uint8; indices outside take the first or last colour."""
        index = array.astype(np.int64) - self.first
        np.clip(index, 0, len(self.table) - 1, out=index)
        colors: NDArray[np.uint8] = np.take(self.table, index, axis=0)
        return colors

    def explain(self, value: Value) -> StageReport:
        """Return the colour of one index."""
        output, count = applied(self, value), len(self.table)
        place = int(value) - self.first  # type: ignore[arg-type]
        entry = phrase("entry {0} of {1} (the first is for {2})", place + 1, count, number_text(self.first))
        if not 0 <= place < count:
            low = place < 0
            entry = phrase("below the palette: its first entry" if low else "above the palette: its last entry")
        if self.written is not None:
            red, green, blue = self.written[min(max(place, 0), count - 1)].tolist()
            entry = phrase("{0} is {1}, {2}, {3} of {4} bits: the upper eight", entry, red, green, blue, self.bits)
        return StageReport(self.name, value, output, entry)


@dataclass(frozen=True, slots=True)
class ColorDepth:
    """RGB of any depth to 8 bits, scaled by ``2**bits - 1`` (C7)."""

    bits: int
    inverted: bool = False

    name = "Display value"

    def apply(self, array: NDArray[Any]) -> NDArray[np.uint8]:
        """Return (..., 3) uint8."""
        if self.bits == 8:
            values = array.astype(np.uint8, copy=False)
        elif self.bits < 8:
            values = (array * (255.0 / ((1 << self.bits) - 1)) + 0.5).astype(np.uint8)
        else:
            scaled = array.astype(np.float32)
            scaled *= 255.0 / ((1 << self.bits) - 1)
            scaled += 0.5
            values = np.clip(scaled, 0, 255).astype(np.uint8)
        return 255 - values if self.inverted else values

    def explain(self, value: Value) -> StageReport:
        """Return the 8-bit colour of one pixel."""
        output = applied(self, value) if not isinstance(value, tuple) else _pixel(self, value)
        scaled = "8-bit colour as it is" if self.bits == 8 else f"× 255 / {(1 << self.bits) - 1}, rounded"
        return StageReport(
            self.name, value, output, phrase("{0}; inverted: 255 −", scaled) if self.inverted else scaled
        )


def _pixel(stage: ColorDepth, value: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(part) for part in stage.apply(np.array(value)))


def has_palette(ds: Dataset) -> bool:
    """Whether a data set carries a red palette table, plain or segmented."""
    return "RedPaletteColorLookupTableData" in ds or "SegmentedRedPaletteColorLookupTableData" in ds


def palette_of(ds: Dataset, *, signed: bool, supplemental: bool = False) -> Palette:
    """Read the palette of a data set (PS3.3 C.7.6.3.1.5, C.7.6.3.1.6, C.7.9).

    16-bit entries are shown by their upper eight bits; 8-bit entries in 16-bit cells are found by their
    values; segmented tables are expanded.

    Raises
    ------
    UnreadablePixels
        When a table is missing or unusable.
    """
    tables = [_channel(ds, channel, signed) for channel in CHANNELS]
    length = max(len(table.entries) for table in tables)
    bits = max(table.bits for table in tables)
    columns = [_padded(_as_byte(table.entries, bits), length) for table in tables]
    table = np.stack(columns, axis=1)
    table.flags.writeable = False
    written = np.stack([_padded(table.entries, length) for table in tables], axis=1) if bits > 8 else None
    return Palette(tables[0].first, table, supplemental, written, bits)


def _channel(ds: Dataset, channel: str, signed: bool) -> LookupTable:
    prefix = f"{channel}PaletteColorLookupTable"
    if f"{prefix}Descriptor" not in ds:
        raise UnreadablePixels(f"the {channel.lower()} palette has no descriptor")
    descriptor = descriptor_of(ds, f"{prefix}Descriptor", signed=signed)
    segmented = words_of(ds, tag_of(f"Segmented{prefix}Data"))
    if segmented and not ds.get_item(tag_of(f"{prefix}Data"), keep_deferred=True):
        entries = np.array(expand_segments(segmented, descriptor), np.int32)[: descriptor.count]
        return LookupTable(descriptor.first, entries, 16 if descriptor.bits > 8 else 8)
    entries, bits = entries_from(words_of(ds, tag_of(f"{prefix}Data")), descriptor)
    if bits == 16 and int(entries.max()) <= 255:
        # 8-bit entries written into 16-bit cells, with a descriptor that says 16.
        bits = 8
    return LookupTable(descriptor.first, entries, bits)


def _as_byte(entries: NDArray[np.int32], bits: int) -> NDArray[np.uint8]:
    shifted = entries >> (bits - 8) if bits > 8 else entries
    return np.clip(shifted, 0, 255).astype(np.uint8)


def _padded(column: NDArray[Any], length: int) -> NDArray[Any]:
    return np.pad(column, (0, length - len(column)), mode="edge") if len(column) < length else column


def expand_segments(data: bytes, descriptor: Descriptor) -> list[int]:
    """Expand segmented palette data (PS3.3 C.7.9.2).

    Opcode 0 copies values, 1 runs linearly from the previous value, 2 repeats earlier segments that begin at
    a byte offset given as least, then most significant word; an indirect segment cannot hold another (C9).

    Raises
    ------
    UnreadablePixels
        When a segment does not fit the data or the opcode is unknown.
    """
    wide = descriptor.bits > 8
    cells = np.frombuffer(data, "<u2" if wide else np.uint8, len(data) // (2 if wide else 1)).tolist()
    out: list[int] = []
    try:
        _run_segments(cells, 0, None, out, wide, nested=False)
    except IndexError as error:
        raise UnreadablePixels("a segmented palette is cut short") from error
    return out


def _run_segments(cells: list[int], at: int, count: int | None, out: list[int], wide: bool, *, nested: bool) -> None:
    """Run ``count`` segments from cell ``at``, all of them where it is None."""
    done = 0
    while at + 1 < len(cells) and (count is None or done < count) and len(out) < _MOST_SEGMENTED:
        opcode, length = cells[at], cells[at + 1]
        if opcode == 0:
            out.extend(cells[at + 2 : at + 2 + length])
            at += 2 + length
        elif opcode == 1:
            _run_linearly(out, length, cells[at + 2])
            at += 3
        elif opcode == 2 and not nested:
            start, at = _indirect_start(cells, at, wide)
            _run_segments(cells, start, length, out, wide, nested=True)
        else:
            raise UnreadablePixels(f"a segmented palette has the unusable opcode {opcode}")
        done += 1


def _run_linearly(out: list[int], length: int, target: int) -> None:
    previous = out[-1] if out else 0
    out.extend(round(previous + (target - previous) * step / length) for step in range(1, length + 1))


def _indirect_start(cells: list[int], at: int, wide: bool) -> tuple[int, int]:
    """Return (cell the byte offset points to, cell after this segment)."""
    if wide:
        offset = cells[at + 2] | cells[at + 3] << 16
        return offset // 2, at + 4
    offset = sum(cells[at + 2 + place] << 8 * place for place in range(4))
    return offset, at + 6
