"""Loops over pixels that become machine code; each has a numpy twin beside its caller that gives the same.

Words are 0xFFRRGGBB. Stored values and tables may be read-only, which only the long form of a type can say.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from workstation.compiled import helper, kernel

_STORED = tuple(f"Array({kind}, 2, 'C', True)" for kind in ("int16", "uint16", "int8", "uint8"))
_PATTERNS = ("Array(uint16, 2, 'C', True)", "Array(uint8, 2, 'C', True)")
_GREYS = "Array(uint8, 1, 'C', True)"
_WORDS = "Array(uint32, 1, 'C', True)"
_EDGES = "Array(int64, 1, 'C', True)"
_RUN = "Array(int32, 1, 'C', True)"
_OUT = "uint32[:,::1]"
_PLACED = f"{_EDGES}, int64, {_EDGES}, {_WORDS}, boolean, uint32[::1], int64, int64, int64, int64, int64"


@kernel(*(f"void({stored}, int64, int64, float32, float32, {_OUT})" for stored in _STORED))
def linear_words(values: Any, top: int, left: int, gain: Any, offset: Any, out: Any) -> None:
    """Write grey words of ``gain * value + offset``, cut off below, limited to 0..255."""
    for row in range(out.shape[0]):
        line = values[top + row, left : left + out.shape[1]]
        for column in range(out.shape[1]):
            grey = np.float32(line[column]) * gain + offset
            grey = min(max(grey, np.float32(0)), np.float32(255))
            out[row, column] = np.uint32(np.int32(grey)) * np.uint32(0x010101) | np.uint32(0xFF000000)


@kernel(*(f"void({stored}, int64, int64, {_WORDS}, {_OUT})" for stored in _PATTERNS))
def table_words(values: Any, top: int, left: int, table: Any, out: Any) -> None:
    """Write the word of every bit pattern."""
    for row in range(out.shape[0]):
        line = values[top + row, left : left + out.shape[1]]
        for column in range(out.shape[1]):
            out[row, column] = table[line[column]]


@kernel(*(f"void({stored}, int64, int64, float32, float32, uint8[:,::1])" for stored in _STORED))
def linear_greys(values: Any, top: int, left: int, gain: Any, offset: Any, out: Any) -> None:
    """Write what :func:`linear_words` does as greys."""
    for row in range(out.shape[0]):
        line = values[top + row, left : left + out.shape[1]]
        for column in range(out.shape[1]):
            grey = np.float32(line[column]) * gain + offset
            out[row, column] = np.uint8(np.int32(min(max(grey, np.float32(0)), np.float32(255))))


@kernel(*(f"void({stored}, int64, int64, {_GREYS}, uint8[:,::1])" for stored in _PATTERNS))
def table_greys(values: Any, top: int, left: int, table: Any, out: Any) -> None:
    """Write the grey of every bit pattern."""
    for row in range(out.shape[0]):
        line = values[top + row, left : left + out.shape[1]]
        for column in range(out.shape[1]):
            out[row, column] = table[line[column]]


@kernel("void(Array(float32, 2, 'C', True), int64, int64, float64, float64, boolean, uint8[:,::1])")
def float_greys(values: Any, top: int, left: int, center: float, width: float, inverts: bool, out: Any) -> None:
    """Write greys of real values under a linear window, in double precision as the stages have it."""
    for row in range(out.shape[0]):
        line = values[top + row, left : left + out.shape[1]]
        for column in range(out.shape[1]):
            value = line[column]
            grey: Any = (np.float64(value) - center) / width
            grey = min(max((grey + 0.5) * 255.0, 0.0), 255.0)
            if inverts:
                grey = 255.0 - grey
            # background is black whatever the polarity
            out[row, column] = np.uint8(np.int32(grey + 0.5)) if np.isfinite(value) else np.uint8(0)


@kernel(f"void(Array(uint8, 3, 'C', True), int64, int64, uint32, {_OUT})")
def rgb_words(values: Any, top: int, left: int, inverting: Any, out: Any) -> None:
    """Write words of 8-bit RGB; ``inverting`` is 0x00FFFFFF to turn the colours over, else 0."""
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            pixel = values[top + row, left + column]
            word = np.uint32(pixel[0]) << np.uint32(16) | np.uint32(pixel[1]) << np.uint32(8) | np.uint32(pixel[2])
            out[row, column] = (word ^ inverting) | np.uint32(0xFF000000)


@kernel("void(int64, int64, float64, float64, boolean, float64, float64, boolean, uint8[::1], int64)")
def linear_table(
    low: int, high: int, slope: float, intercept: float, single: bool, center: float, width: float, inverts: bool,
    table: Any, mask: int,
) -> None:  # fmt: skip
    """Write the grey of the stored values ``low`` to ``high`` at their bit patterns.

    ``single`` says that modality values are kept in single precision. The steps are those of the stages, in
    their order and precision: the table is the same to the last bit.
    """
    for stored in range(low, high + 1):
        value: Any = np.float64(stored) * slope + intercept
        if single:
            value = np.float64(np.float32(value))
        grey: Any = (value - center) / width
        grey = min(max((grey + 0.5) * 255.0, 0.0), 255.0)
        if inverts:
            grey = 255.0 - grey
        table[stored & mask] = np.uint8(grey + 0.5)


@kernel(f"boolean({_GREYS}, int64, int64, int64, float32, float32)")
def is_linear(table: Any, low: int, high: int, mask: int, gain: Any, offset: Any) -> bool:
    """Tell whether single precision gives the very greys of a table for all stored values."""
    wrong: Any = 0
    for stored in range(low, high + 1):
        grey = np.float32(stored) * gain + offset
        grey = min(max(grey, np.float32(0)), np.float32(255))
        wrong += np.int64(np.uint8(np.int32(grey)) != table[stored & mask])
    return bool(wrong == 0)


@helper
def spread(
    sums: Any, running: Any, at: Any, places: Any, parts: Any, inverse: Any, share: float, ramp: Any, plain: bool,
    out: Any, start: int, step: int,
) -> None:  # fmt: skip
    """Write the words of one row from the sums of its columns, which have a 0 at their end.

    ``at`` becomes the sum of all columns before an edge, in 64ths; ``inverse`` is one over the width of each box,
    ``share`` one over its height. The little more than a half makes up for the two products not being a quotient.
    """
    total: Any = np.int64(0)
    for column in range(sums.size):
        running[column] = total
        total += np.int64(sums[column]) << 6
    for edge in range(places.size):
        place = np.uint64(places[edge])
        at[edge] = running[place] + np.int64(sums[place]) * np.int64(parts[edge])
    if plain and step == 1:
        line = out[start : start + inverse.size]
        for box in range(inverse.size):
            grey = np.float64(at[box + 1] - at[box]) * inverse[box] * share + 0.500000001
            line[box] = np.uint32(np.int32(grey)) * np.uint32(0x010101) | np.uint32(0xFF000000)
    else:
        for box in range(inverse.size):
            grey = np.float64(at[box + 1] - at[box]) * inverse[box] * share + 0.500000001
            out[start + box * step] = ramp[np.uint8(np.int32(grey))]


@kernel(*(f"void({stored}, float32, float32, {_PLACED})" for stored in _STORED))
def linear_average(
    values: Any, gain: Any, offset: Any, row_edges: Any, left: int, column_edges: Any, ramp: Any, plain: bool, out: Any,
    place: int, row_step: int, column_step: int, start: int, stop: int,
) -> None:  # fmt: skip
    """Write the mean grey of a box of pixels for every pixel of the screen; see ``resampling``."""
    width = (column_edges[-1] + 63) >> 6
    sums = np.zeros(width + 1, np.int32)
    places, parts = (column_edges >> 6).astype(np.int32), (column_edges & 63).astype(np.int32)
    inverse = 1.0 / (column_edges[1:] - column_edges[:-1])
    running, at = np.empty(width + 1, np.int64), np.empty(column_edges.size, np.int64)
    for box in range(start, stop):
        top, bottom = row_edges[box], row_edges[box + 1]
        sums[:] = 0
        for row in range(top >> 6, (bottom + 63) >> 6):
            weight = np.int32(min(bottom, (row + 1) << 6) - max(top, row << 6))
            line = values[row, left : left + width]
            for column in range(line.size):
                grey = np.float32(line[column]) * gain + offset
                grey = min(max(grey, np.float32(0)), np.float32(255))
                sums[column] += np.int32(grey) * weight
        begin, share = place + box * row_step, 1.0 / (bottom - top)
        spread(sums, running, at, places, parts, inverse, share, ramp, plain, out, begin, column_step)


@kernel(*(f"void({stored}, {_GREYS}, {_PLACED})" for stored in _PATTERNS))
def table_average(
    values: Any, table: Any, row_edges: Any, left: int, column_edges: Any, ramp: Any, plain: bool, out: Any, place: int,
    row_step: int, column_step: int, start: int, stop: int,
) -> None:  # fmt: skip
    """Do as :func:`linear_average`, the grey of a bit pattern from a table."""
    width = (column_edges[-1] + 63) >> 6
    sums = np.zeros(width + 1, np.int32)
    places, parts = (column_edges >> 6).astype(np.int32), (column_edges & 63).astype(np.int32)
    inverse = 1.0 / (column_edges[1:] - column_edges[:-1])
    running, at = np.empty(width + 1, np.int64), np.empty(column_edges.size, np.int64)
    for box in range(start, stop):
        top, bottom = row_edges[box], row_edges[box + 1]
        sums[:] = 0
        for row in range(top >> 6, (bottom + 63) >> 6):
            weight = np.int32(min(bottom, (row + 1) << 6) - max(top, row << 6))
            line = values[row, left : left + width]
            for column in range(line.size):
                sums[column] += np.int32(table[line[column]]) * weight
        begin, share = place + box * row_step, 1.0 / (bottom - top)
        spread(sums, running, at, places, parts, inverse, share, ramp, plain, out, begin, column_step)


@kernel(f"void(Array(uint32, 2, 'C', True), {_PLACED})")
def word_average(
    words: Any, row_edges: Any, left: int, column_edges: Any, ramp: Any, plain: bool, out: Any, place: int,
    row_step: int, column_step: int, start: int, stop: int,
) -> None:  # fmt: skip
    """Do as :func:`linear_average` for colours: each channel by itself; ``ramp`` is 0 to 255."""
    width = (column_edges[-1] + 63) >> 6
    count = column_edges.size - 1
    sums = np.zeros((3, width + 1), np.int32)
    channels = np.empty((3, count), np.uint32)
    places, parts = (column_edges >> 6).astype(np.int32), (column_edges & 63).astype(np.int32)
    inverse = 1.0 / (column_edges[1:] - column_edges[:-1])
    running, at = np.empty(width + 1, np.int64), np.empty(column_edges.size, np.int64)
    for box in range(start, stop):
        top, bottom = row_edges[box], row_edges[box + 1]
        sums[:] = 0
        red, green, blue = sums[0], sums[1], sums[2]
        for row in range(top >> 6, (bottom + 63) >> 6):
            weight = np.int32(min(bottom, (row + 1) << 6) - max(top, row << 6))
            line = words[row, left : left + width]
            for column in range(line.size):
                word = np.int32(line[column])
                red[column] += ((word >> np.int32(16)) & np.int32(255)) * weight
                green[column] += ((word >> np.int32(8)) & np.int32(255)) * weight
                blue[column] += (word & np.int32(255)) * weight
        for channel in range(3):
            line_sums, line_words, share = sums[channel], channels[channel], 1.0 / (bottom - top)
            spread(line_sums, running, at, places, parts, inverse, share, ramp, plain, line_words, 0, 1)
        begin = place + box * row_step
        for pixel in range(count):
            word = channels[0, pixel] << np.uint32(16) | channels[1, pixel] << np.uint32(8) | channels[2, pixel]
            out[begin + pixel * column_step] = word | np.uint32(0xFF000000)


@helper
def mixed(one: Any, other: Any, share: Any) -> Any:
    """Mix two values in 256ths; without being told at every step numba reckons with 64 bits, half as many at once."""
    return np.int32(np.int32(one << np.int32(8)) + np.int32(np.int32(other - one) * share))


@helper
def stretch(line: Any, places: Any, shares: Any, out: Any) -> None:
    """Write a row of greys at the columns of the screen, in 256ths."""
    for column in range(out.size):
        place = np.uint64(places[column])
        grey = np.int32(line[place])
        beside = np.int32(line[place + np.uint64(1)])
        out[column] = mixed(grey, beside, shares[column])


@kernel(f"void(Array(uint8, 2, 'C', True), {_RUN}, {_RUN}, {_RUN}, {_RUN}, {_WORDS}, boolean, {_OUT}, int64, int64)")
def enlarge(
    greys: Any, row_places: Any, row_shares: Any, column_places: Any, column_shares: Any, ramp: Any, plain: bool,
    out: Any, start: int, stop: int,
) -> None:  # fmt: skip
    """Write words between pixels: each row is stretched once, then neighbours are mixed.

    ``place`` is the pixel before a point of the screen, ``share`` that of the next one in 256ths; ``plain`` spares
    the ramp.
    """
    held = np.empty((2, column_places.size), np.int32)
    in_even: Any = np.int64(-1)
    in_odd: Any = np.int64(-1)
    for line in range(start, stop):
        first = np.int64(row_places[line])
        for row in range(first, first + 2):
            if row & 1 and in_odd != row:
                stretch(greys[row], column_places, column_shares, held[1])
                in_odd = row
            elif not row & 1 and in_even != row:
                stretch(greys[row], column_places, column_shares, held[0])
                in_even = row
        upper, lower, share, words = held[first & 1], held[(first + 1) & 1], row_shares[line], out[line]
        if plain:
            for column in range(words.size):
                grey = np.uint32(mixed(upper[column], lower[column], share) + np.int32(32768)) >> np.uint32(16)
                words[column] = np.uint32(np.uint32(grey) * np.uint32(0x010101)) | np.uint32(0xFF000000)
        else:
            for column in range(words.size):
                grey = np.uint32(mixed(upper[column], lower[column], share) + np.int32(32768)) >> np.uint32(16)
                words[column] = ramp[np.uint8(grey)]
