"""Bits to values: masks, high bit, sign, native packing (PS3.5 section 8.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from workstation.errors import UnreadablePixels
from workstation.imaging.stage import StageReport
from workstation.wording import joined, phrase

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workstation.imaging.pixel_format import PixelFormat

    Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class NativeFrame:
    """Samples as they lie in native data, before masking, and how many rows were really there."""

    samples: Array
    complete_rows: int


def sample_dtype(fmt: PixelFormat, *, big_endian: bool = False) -> np.dtype[Any]:
    """Return the dtype of one native sample cell, unsigned for integers."""
    order = ">" if big_endian else "<"
    if fmt.kind != "integer":
        return np.dtype(order + ("f4" if fmt.kind == "float" else "f8"))
    return np.dtype(f"{order}u{max(1, fmt.bits_allocated // 8)}")


def native_frame(
    data: bytes | bytearray | memoryview, fmt: PixelFormat, *, big_endian: bool = False, first_bit: int = 0
) -> NativeFrame:
    """Return one frame's samples, (rows, columns) or (rows, columns, 3), from its native bytes.

    ``data`` may be short: the rows that are whole are kept, the rest is zero (A8). ``first_bit`` is where a
    1-bit or 12-bit frame begins inside the first byte (frames are packed without padding, PS3.5 8.1.1).
    """
    if fmt.bits_allocated in (1, 12):
        return _packed_frame(data, fmt, first_bit)
    dtype = sample_dtype(fmt, big_endian=big_endian)
    count = fmt.frame_bits // 8 // dtype.itemsize
    present = min(len(data) // dtype.itemsize, count)
    flat = np.frombuffer(data, dtype, present)
    if present < count:
        whole = np.zeros(count, dtype)
        whole[:present] = flat
        flat = whole
    if not dtype.isnative:
        flat = flat.astype(dtype.newbyteorder("="))
    return NativeFrame(_shaped(flat, fmt), _complete_rows(present, fmt))


def _packed_frame(data: bytes | bytearray | memoryview, fmt: PixelFormat, first_bit: int) -> NativeFrame:
    """Unpack 1-bit or 12-bit cells, least significant bit first."""
    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")[first_bit:]
    count = fmt.rows * fmt.columns * fmt.samples_per_pixel
    cells = bits[: len(bits) // fmt.bits_allocated * fmt.bits_allocated][: count * fmt.bits_allocated]
    if fmt.bits_allocated == 12:
        weights = (1 << np.arange(12)).astype(np.uint16)
        cells = cells.reshape(-1, 12).astype(np.uint16) @ weights
    present = len(cells)
    flat = np.zeros(count, np.uint8 if fmt.bits_allocated == 1 else np.uint16)
    flat[:present] = cells
    return NativeFrame(_shaped(flat, fmt), _complete_rows(present, fmt))


def _shaped(flat: Array, fmt: PixelFormat) -> Array:
    """Give the samples their rows and columns; planes and subsampled pairs become colour by pixel."""
    if fmt.subsampled:
        return upsampled_422(flat, fmt.rows, fmt.columns)
    if fmt.samples_per_pixel == 1:
        return flat.reshape(fmt.rows, fmt.columns)
    if fmt.planar_configuration == 1:
        return np.ascontiguousarray(flat.reshape(3, fmt.rows, fmt.columns).transpose(1, 2, 0))
    return flat.reshape(fmt.rows, fmt.columns, 3)


def _complete_rows(present: int, fmt: PixelFormat) -> int:
    """Return how many rows are whole when the first ``present`` samples are there."""
    per_row = fmt.columns * (2 if fmt.subsampled else fmt.samples_per_pixel)
    if fmt.samples_per_pixel == 3 and fmt.planar_configuration == 1 and not fmt.subsampled:
        present -= 2 * fmt.rows * fmt.columns
        per_row = fmt.columns
    return max(0, min(fmt.rows, present // per_row))


def upsampled_422(flat: Array, rows: int, columns: int) -> Array:
    """Return (rows, columns, 3) Y, CB, CR from Y1 Y2 CB CR quadruples (PS3.3 C.7.6.3.1.2).

    Both pixels of a pair get the pair's chrominance (C3).
    """
    if columns % 2:
        raise UnreadablePixels(f"YBR_FULL_422 with an odd number of columns ({columns}) cannot be read")
    pairs = flat.reshape(rows, columns // 2, 4)
    whole = np.empty((rows, columns, 3), flat.dtype)
    whole[:, 0::2, 0] = pairs[:, :, 0]
    whole[:, 1::2, 0] = pairs[:, :, 1]
    whole[:, :, 1] = np.repeat(pairs[:, :, 2], 2, axis=1)
    whole[:, :, 2] = np.repeat(pairs[:, :, 3], 2, axis=1)
    return whole


def stored_values(samples: Array, fmt: PixelFormat) -> Array:
    """Return the values of native sample cells: high bit shifted down, masked, sign-extended (B1, B2).

    12 stored bits, signed: the cell 0x87FF holds 2047 whatever its upper four bits say. The dtype is the
    smallest of uint8, uint16, int16, uint32, int32, uint64, int64 that holds ``fmt.stored_range``.
    """
    if samples.dtype.kind == "f":
        return samples
    return native_reading(fmt).values(samples)


@dataclass(frozen=True, slots=True)
class CellReading:
    """How integer cells are read: shifted down by ``shift``, then the low ``bits`` with or without a sign."""

    shift: int
    bits: int
    signed: bool

    def values(self, cells: Array) -> Array:
        """Return the values as :func:`resigned` types them."""
        return resigned(cells >> self.shift if self.shift else cells, self.bits, self.signed)

    def explain(self, cell: np.generic, allocated: int) -> StageReport:
        """Return how one cell of ``allocated`` bits is read: 0x87FF, 12 bits signed, is 2047."""
        output = int(self.values(np.atleast_1d(np.asarray(cell)))[0])
        spare = allocated - self.bits - self.shift
        parts = []
        if self.shift:
            parts.append(phrase("shifted down by {0}", self.shift))
        if spare > 0:
            parts.append(phrase("1 high bit masked") if spare == 1 else phrase("{0} high bits masked", spare))
        parts.append(phrase("{0}-bit two’s complement" if self.signed else "{0} bits unsigned", self.bits))
        return StageReport("Stored value", cell, output, joined(", ", parts))

    def bits_text(self, cell: int, allocated: int) -> str:
        """Return a cell's bits, those that make up the value in brackets."""
        digits = f"{cell & ((1 << allocated) - 1):0{allocated}b}"
        low = allocated - self.shift
        high = low - self.bits
        cut = (digits[:high], digits[high:low], digits[low:])
        above, used, below = (_grouped(part) for part in cut)
        return f"{above} [{used}] {below}".strip() if above or below else used

    @property
    def is_plain(self) -> bool:
        """Whether 16-bit cells are the values."""
        return self.signed and self.bits == 16 and not self.shift

    @property
    def wide(self) -> bool:
        """Whether the values need an unsigned 16-bit type: they do not fit into int16."""
        return not self.signed and self.bits > 15

    def settle(self, cells: NDArray[np.uint16]) -> None:
        """Turn 16-bit cells, in place, into what a volume of int16 holds: the values, or 32768 less where wide."""
        if self.shift:
            np.right_shift(cells, self.shift, out=cells)
        spare = 16 - self.bits
        if self.wide:
            np.bitwise_xor(cells, 0x8000, out=cells)
        elif not self.signed:
            np.bitwise_and(cells, (1 << self.bits) - 1, out=cells)
        elif spare > 0:
            # the sign bit flipped and taken off again extends it: three quick passes over what the cache still holds
            sign = 1 << (self.bits - 1)
            np.bitwise_and(cells, 2 * sign - 1, out=cells)
            np.bitwise_xor(cells, sign, out=cells)
            np.subtract(cells, sign, out=cells)


def _grouped(bits: str) -> str:
    """Return binary digits in fours from the right."""
    first = len(bits) % 4
    return " ".join(part for part in (bits[:first], *(bits[n : n + 4] for n in range(first, len(bits), 4))) if part)


def native_reading(fmt: PixelFormat) -> CellReading:
    """Return how native cells are read: high bit, bits stored and sign as the header says (B1, B2)."""
    return CellReading(fmt.high_bit + 1 - fmt.bits_stored, fmt.bits_stored, fmt.signed)


def resigned(samples: Array, bits: int, signed: bool) -> Array:
    """Return the low ``bits`` of integer samples read as unsigned or two's complement values."""
    width = next(size for size in (8, 16, 32, 64) if bits <= size)
    if not signed:
        target = np.dtype(f"u{width // 8}")
        cells = samples.astype(target, copy=False)
        return cells if bits == width else cells & target.type((1 << bits) - 1)
    width = max(16, width)
    cells = samples.astype(f"u{width // 8}", copy=False).view(f"i{width // 8}")
    spare = width - bits
    return cells if spare == 0 else (cells << spare) >> spare
