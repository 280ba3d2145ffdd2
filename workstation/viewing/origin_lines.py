"""The first lines of a pixel's story: file, place, cells, decoder, compression, colour space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from workstation.wording import joined, phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workstation.imaging.frame_origin import FrameOrigin

FILE, STORED = "File", "Stored bits"
_THEN = ", then "


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is, the value, and how it came about.

    ``file`` names the slice's file, ``identity`` marks a value that may name the patient; neither is shown where
    identity is hidden. ``slice`` leads there, from 0.
    """

    group: str
    stage: str
    value: str
    how: str = ""
    identity: bool = False
    swatch: tuple[int, int, int] | None = None
    file: str = ""
    slice: int | None = None


def origin_lines(origin: FrameOrigin, column: int, row: int, name: str) -> Iterator[Line]:
    """Yield the lines from the file to the stored value, or to RGB."""
    frames = origin.format.number_of_frames
    frame = phrase("frame {0} of {1}", origin.frame_index + 1, frames) if frames > 1 else phrase("the only frame")
    if name:
        yield Line(FILE, phrase("File"), name, frame, identity=True)
    yield Line(FILE, phrase("Transfer syntax"), origin.transfer_syntax, _decoded_by(origin))
    yield _place(origin, column, row)
    yield from _lossy(origin)
    yield from _cells(origin, column, row)
    for report in origin.color(column, row):
        yield Line(STORED, report.name, _triple(report.output), report.sentence)


def _decoded_by(origin: FrameOrigin) -> str:
    if not origin.encapsulated:
        return phrase("native: read as it is")
    if origin.second_opinion:
        return phrase("the first decoder refused; pydicom's decoders read it in a process of their own")
    return phrase("decoded by {0}", origin.decoder)


def _place(origin: FrameOrigin, column: int, row: int) -> Line:
    if origin.encapsulated:
        return _fragment_line(origin)
    places = []
    for bit in origin.bits(column, row):
        inside = phrase(", bit {0}", bit % 8) if origin.format.bits_allocated in (1, 12) else ""
        places.append(phrase("{0}{1}", f"{bit // 8:,}", inside))
    template = "{0} of the inflated data set" if origin.inflated else "{0}"
    how = phrase("{0}{1}", _raw_bytes(origin, column, row), _layout(origin))
    if not origin.is_present(row):
        how = phrase("this row is not in the file: zeros are shown")
    title = "Byte offset" if len(places) == 1 else "Byte offsets"
    return Line(FILE, title, phrase(template, joined(", ", places)), how)


def _fragment_line(origin: FrameOrigin) -> Line:
    if not origin.fragments:
        return Line(FILE, phrase("Fragment"), "1", phrase("all frames are joined in it"))
    number, first = origin.fragments[0]
    last = origin.fragments[-1][0]
    named = f"{number}" if number == last else phrase("{0} to {1}", number, last)
    title = "Fragment" if number == last else "Fragments"
    native = origin.format.frame_bytes
    ratio = f", {native / origin.compressed_bytes:.3g} : 1" if origin.compressed_bytes else ""
    return Line(
        FILE,
        title,
        phrase("{0} at byte {1}", named, f"{first.offset:,}"),
        phrase("{0} bytes{1}", f"{origin.compressed_bytes:,}", ratio),
    )


def _raw_bytes(origin: FrameOrigin, column: int, row: int) -> str:
    """Return a cell's bytes as they stand in the file."""
    size = origin.format.bits_allocated // 8
    if not size or origin.format.bits_allocated == 12 or origin.reading is None:
        return ""
    order: Literal["big", "little"] = "big" if origin.big_endian else "little"
    shown = [int(cell).to_bytes(size, order).hex(" ").upper() for cell in origin.cells(column, row)]
    template = "the byte {0}" if size * len(shown) == 1 else "the bytes {0}"
    if size > 1:
        template = f"the bytes {{0}}, {order} endian"
    return phrase(template, " | ".join(shown))


def _layout(origin: FrameOrigin) -> str:
    fmt = origin.format
    if not fmt.is_color:
        return ""
    if fmt.subsampled:
        return phrase(", 4:2:2: two pixels share CB and CR")
    return phrase(", colour by plane" if fmt.planar_configuration else ", colour by pixel")


def _lossy(origin: FrameOrigin) -> Iterator[Line]:
    lossy = origin.lossy
    steps = lossy.steps()
    if lossy.happened == "01" or steps:
        how = phrase("{0} compressions", len(steps)) if len(steps) > 1 else phrase("as the header says")
        yield Line(FILE, phrase("Lossy history"), joined(_THEN, steps) or phrase("yes, ratio and method not said"), how)
    elif lossy.happened == "00":
        yield Line(FILE, phrase("Lossy history"), phrase("none"), phrase("the header says it never was"))


def _cells(origin: FrameOrigin, column: int, row: int) -> Iterator[Line]:
    cells, reports, channels = origin.cells(column, row), origin.read(column, row), origin.channels
    if origin.components is not None:
        before = origin.color(column, row)[0].input
        yield Line(
            STORED, phrase("Samples Y CB CR"), _triple(before), phrase("as the JPEG holds them, chrominance enlarged")
        )
        return
    for number, (cell, report) in enumerate(zip(cells, reports, strict=True)):
        named = f" {channels[number]}" if channels else ""
        if origin.reading is not None:
            width = max(2, (origin.cell_bits + 3) // 4)
            shown = f"0x{int(cell) & ((1 << origin.cell_bits) - 1):0{width}X}"
            bits = origin.reading.bits_text(int(cell), origin.cell_bits)
            yield Line(STORED, phrase("Cell{0}", named), shown, bits)
        yield Line(STORED, phrase("Stored value{0}", named), _plain(report.output), report.sentence)


def _triple(value: Any) -> str:
    return ", ".join(str(part) for part in value) if isinstance(value, tuple) else _plain(value)


def _plain(value: Any) -> str:
    from workstation.imaging.stage import number_text

    return number_text(value)
