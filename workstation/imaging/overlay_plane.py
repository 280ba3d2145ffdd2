"""Overlay planes, groups 6000 to 601E (PS3.3 C.9.2, F21, F22)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workstation.dicom.attributes import components_at, texts_at
from workstation.imaging.lookup_table import words_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom import Dataset

GROUPS: Final = range(0x6000, 0x6020, 2)
_ROWS, _COLUMNS, _FRAMES, _FIRST_FRAME = 0x0010, 0x0011, 0x0015, 0x0051
_DESCRIPTION, _TYPE, _ORIGIN, _BITS, _POSITION, _LABEL, _DATA = 0x0022, 0x0040, 0x0050, 0x0100, 0x0102, 0x1500, 0x3000
_MOST_PIXELS: Final = 1 << 28


@dataclass(frozen=True, slots=True, eq=False)
class OverlayPlane:
    """One overlay; ``bits`` is (overlay frames, rows, columns) bool of the overlay itself, read-only.

    ``origin`` is (row, column) of its first pixel in the image, counted from 1, and may be 0 or negative.
    ``first_frame`` is the 1-based image frame its first frame belongs to; None where it belongs to all.
    """

    group: int
    kind: str
    label: str
    bits: NDArray[np.bool_]
    origin: tuple[int, int] = (1, 1)
    first_frame: int | None = None

    def mask(self, frame_index: int, rows: int, columns: int) -> NDArray[np.bool_] | None:
        """Return the overlay in the image's grid, cropped to it; None where it does not touch the frame."""
        plane = self._frame(frame_index)
        if plane is None:
            return None
        top, left = self.origin[0] - 1, self.origin[1] - 1
        height, width = plane.shape
        row_span = slice(max(0, top), min(rows, top + height))
        column_span = slice(max(0, left), min(columns, left + width))
        if row_span.start >= row_span.stop or column_span.start >= column_span.stop:
            return None
        whole = np.zeros((rows, columns), np.bool_)
        whole[row_span, column_span] = plane[
            row_span.start - top : row_span.stop - top, column_span.start - left : column_span.stop - left
        ]
        return whole

    def _frame(self, frame_index: int) -> NDArray[np.bool_] | None:
        index = 0 if self.first_frame is None else frame_index + 1 - self.first_frame
        if not 0 <= index < len(self.bits):
            return None
        plane: NDArray[np.bool_] = self.bits[index]
        return plane


@dataclass(frozen=True, slots=True)
class EmbeddedOverlay:
    """An overlay in an unused bit of the pixel cells (retired); needs the cells before masking (F22)."""

    group: int
    kind: str
    label: str
    position: int
    origin: tuple[int, int] = (1, 1)

    def plane(self, cells: NDArray[Any]) -> OverlayPlane:
        """Return the overlay of one frame's unmasked cells."""
        bits = ((cells >> cells.dtype.type(self.position)) & 1).astype(np.bool_)
        return OverlayPlane(self.group, self.kind, self.label, bits[np.newaxis], self.origin)


def overlays_of(
    ds: Dataset, bits_allocated: int, bits_stored: int, high_bit: int
) -> tuple[tuple[OverlayPlane, ...], tuple[EmbeddedOverlay, ...], tuple[str, ...]]:
    """Return (planes with data of their own, embedded ones, notes) of a data set."""
    planes: list[OverlayPlane] = []
    embedded: list[EmbeddedOverlay] = []
    notes: list[str] = []
    for group in GROUPS:
        rows, columns = _integer(ds, group, _ROWS), _integer(ds, group, _COLUMNS)
        if not rows or not columns or rows < 0 or columns < 0:
            continue
        data = words_of(ds, _tag(group, _DATA))
        if data:
            plane = _separate(ds, group, data, rows, columns, notes)
            if plane is not None:
                planes.append(plane)
            continue
        position = _integer(ds, group, _POSITION) or 0
        value_bits = range(high_bit + 1 - bits_stored, high_bit + 1)
        if _integer(ds, group, _BITS) in (None, 1) or position in value_bits or position >= bits_allocated:
            notes.append(f"Overlay {group:04X} has no data")
            continue
        embedded.append(EmbeddedOverlay(group, _kind(ds, group), _label(ds, group), position, _origin(ds, group)))
    return tuple(planes), tuple(embedded), tuple(notes)


def _separate(ds: Dataset, group: int, data: bytes, rows: int, columns: int, notes: list[str]) -> OverlayPlane | None:
    frames = max(1, _integer(ds, group, _FRAMES) or 1)
    count = rows * columns * frames
    if count > _MOST_PIXELS:
        notes.append(f"Overlay {group:04X} is larger than is read")
        return None
    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little", count=min(count, 8 * len(data)))
    if len(bits) < count:
        notes.append(f"Overlay {group:04X} is short: {len(bits)} of {count} pixels")
        bits = np.pad(bits, (0, count - len(bits)))
    shaped = bits.astype(np.bool_).reshape(frames, rows, columns)
    shaped.flags.writeable = False
    first = _integer(ds, group, _FIRST_FRAME)
    if first is None and frames > 1:
        first = 1
    return OverlayPlane(group, _kind(ds, group), _label(ds, group), shaped, _origin(ds, group), first)


def draw_overlays(
    display: NDArray[np.uint8], masks: tuple[NDArray[np.bool_], ...], value: int = 255
) -> NDArray[np.uint8]:
    """Return display values with overlay pixels replaced by ``value``."""
    result = display.copy()
    for mask in masks:
        result[mask] = value
    return result


def _tag(group: int, element: int) -> Any:
    from pydicom.tag import BaseTag

    return BaseTag(group << 16 | element)


def _integer(ds: Dataset, group: int, element: int) -> int | None:
    found = components_at(ds, _tag(group, element))
    return int(found[0]) if found and found[0] is not None else None


def _origin(ds: Dataset, group: int) -> tuple[int, int]:
    found = [int(part) for part in components_at(ds, _tag(group, _ORIGIN)) if part is not None]
    return (found[0], found[1]) if len(found) >= 2 else (1, 1)


def _text(ds: Dataset, group: int, element: int) -> str:
    found = texts_at(ds, _tag(group, element))
    return found[0] if found else ""


def _kind(ds: Dataset, group: int) -> str:
    return "R" if _text(ds, group, _TYPE).upper() == "R" else "G"


def _label(ds: Dataset, group: int) -> str:
    return _text(ds, group, _LABEL) or _text(ds, group, _DESCRIPTION) or f"Overlay {group:04X}"
