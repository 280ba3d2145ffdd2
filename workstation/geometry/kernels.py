"""Loops over voxels that become machine code; each has a numpy twin beside its caller that gives the same.

Voxel arrays come flat. ``scale`` is (slope, intercept, background): what a row holds at the end is modality values.
``mode`` is one of ``MEAN``, ``MAXIMUM``, ``MINIMUM`` over the samples of a pixel. Float arithmetic is in 32 bits and
offsets are unsigned wherever that is exact enough, because everything else costs the vector units.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from workstation.compiled import helper, kernel

MEAN, MAXIMUM, MINIMUM = 0, 1, 2
STRIP, BLOCK = 128, 64
"""Columns and rows of the tiles an oblique plane is made in: their voxels stay in the cache."""
EDGE = 1e-6
"""Voxels beyond half a voxel outside the outermost centres that still count as inside."""
LAST = 1e-3
"""Voxels before the last centre where careful sampling begins: coordinates in 32 bits may round up."""
WHOLE = 1e-5
"""Voxels off a voxel centre that count as on it: planes through centres hold the very values."""
NO_PADDING = np.zeros(0, dtype=np.uint8)

_INT16 = "Array(int16, 1, 'C', readonly=True)"
_FLOAT32 = "Array(float32, 1, 'C', readonly=True)"
_PAIRS = "Array(int32, 1, 'A', readonly=True, aligned=False)"
_BYTES = "Array(uint8, 1, 'C', readonly=True)"


@helper
def _columns(position: float, step: float, low: float, high: float, start: int, stop: int) -> tuple[int, int]:
    """Return the part of the columns start to stop where ``low <= position + step * column <= high``."""
    if abs(step) < 1e-9:
        inside = low <= position + step * start <= high and low <= position + step * stop <= high
        return (start, stop) if inside else (start, start)
    first, last = (low - position) / step, (high - position) / step
    if step < 0:
        first, last = last, first
    first, last = min(max(np.ceil(first), start), stop), max(min(np.floor(last) + 1, stop), start)
    return int(first), int(max(first, last))


@helper
def _voxel(voxels: Any, rows: int, columns: int, z: int, y: int, x: int) -> Any:
    return np.float32(voxels[np.uint64((z * rows + y) * columns + x)])


@helper
def _interpolated(voxels: Any, slices: int, rows: int, columns: int, z: float, y: float, x: float) -> Any:
    """Return the value at voxel coordinates, those of the nearest voxels beyond the outermost centres."""
    z, y, x = min(max(z, 0.0), slices - 1.0), min(max(y, 0.0), rows - 1.0), min(max(x, 0.0), columns - 1.0)
    k, j, i = int(z), int(y), int(x)
    k1, j1, i1 = min(k + 1, slices - 1), min(j + 1, rows - 1), min(i + 1, columns - 1)
    part = np.float32(x - i)
    a, b = _voxel(voxels, rows, columns, k, j, i), _voxel(voxels, rows, columns, k, j1, i)
    c, d = _voxel(voxels, rows, columns, k1, j, i), _voxel(voxels, rows, columns, k1, j1, i)
    a += (_voxel(voxels, rows, columns, k, j, i1) - a) * part
    b += (_voxel(voxels, rows, columns, k, j1, i1) - b) * part
    c += (_voxel(voxels, rows, columns, k1, j, i1) - c) * part
    d += (_voxel(voxels, rows, columns, k1, j1, i1) - d) * part
    part = np.float32(y - j)
    a += (b - a) * part
    c += (d - c) * part
    return a + (c - a) * np.float32(z - k)


@helper
def _of_eight(voxels: Any, place: Any, per_row: Any, per_slice: Any, z: float, y: float, x: float) -> Any:
    """Return the value between the eight voxels of which the one at ``place`` is the first."""
    one, far = np.uint64(1), place + per_slice
    a, b = np.float32(voxels[place]), np.float32(voxels[place + per_row])
    c, d = np.float32(voxels[far]), np.float32(voxels[far + per_row])
    a += (np.float32(voxels[place + one]) - a) * x
    b += (np.float32(voxels[place + per_row + one]) - b) * x
    c += (np.float32(voxels[far + one]) - c) * x
    d += (np.float32(voxels[far + per_row + one]) - d) * x
    a += (b - a) * y
    c += (d - c) * y
    return a + (c - a) * z


@helper
def _any_of_eight(padding: Any, place: Any, per_row: Any, per_slice: Any) -> Any:
    one, far = np.uint64(1), place + per_slice
    near = padding[place] | padding[place + one] | padding[place + per_row] | padding[place + per_row + one]
    return (near | padding[far] | padding[far + one] | padding[far + per_row] | padding[far + per_row + one]) != 0


@helper
def _inside(slices: int, rows: int, columns: int, z: float, y: float, x: float) -> bool:
    low = -0.5 - EDGE
    return (
        z >= low
        and y >= low
        and x >= low
        and z <= slices - 0.5 + EDGE
        and y <= rows - 0.5 + EDGE
        and x <= columns - 0.5 + EDGE
    )


@helper
def _nearest(coordinate: float, size: int) -> int:
    return min(max(int(np.floor(coordinate + (0.5 + EDGE))), 0), size - 1)


@helper
def _unpadded(voxels: Any, padding: Any, slices: int, rows: int, columns: int, z: float, y: float, x: float) -> Any:
    """Return the mean of the eight voxels around, by their nearness, without those that are padding."""
    z, y, x = min(max(z, 0.0), slices - 1.0), min(max(y, 0.0), rows - 1.0), min(max(x, 0.0), columns - 1.0)
    k, j, i = int(z), int(y), int(x)
    wz, wy, wx = z - k, y - j, x - i
    total, weights = 0.0, 0.0
    for corner in range(8):
        w = wz if corner & 4 else 1.0 - wz
        w *= wy if corner & 2 else 1.0 - wy
        w *= wx if corner & 1 else 1.0 - wx
        if w > 0.0:
            place = np.uint64(((k + (corner >> 2)) * rows + j + ((corner >> 1) & 1)) * columns + i + (corner & 1))
            if padding[place] == 0:
                total += w * np.float64(voxels[place])
                weights += w
    return np.float32(total / weights)


@helper
def _take_all(total: Any, count: Any, first: int, values: Any, number: int, mode: int) -> None:
    """Add one sample to each of the pixels from ``first`` on."""
    if mode == MEAN:
        for i in range(number):
            total[first + i] += values[i]
    elif mode == MAXIMUM:
        for i in range(number):
            total[first + i] = values[i] if values[i] > total[first + i] else total[first + i]
    else:
        for i in range(number):
            total[first + i] = values[i] if values[i] < total[first + i] else total[first + i]
    for i in range(number):
        count[first + i] += np.int32(1)


@helper
def _take_known(total: Any, count: Any, values: Any, known: Any, number: int, mode: int) -> None:
    """Add one sample to each pixel that has one."""
    for i in range(number):
        if known[i]:
            if mode == MEAN:
                total[i] += values[i]
            elif mode == MAXIMUM:
                total[i] = values[i] if values[i] > total[i] else total[i]
            else:
                total[i] = values[i] if values[i] < total[i] else total[i]
            count[i] += np.int32(1)


@helper
def _begin(total: Any, count: Any, number: int, mode: int) -> None:
    start = np.float32(0.0)
    if mode == MAXIMUM:
        start = np.float32(-np.inf)
    elif mode == MINIMUM:
        start = np.float32(np.inf)
    for i in range(number):
        total[i] = start
        count[i] = np.int32(0)


@helper
def _finish(total: Any, count: Any, number: int, mode: int, scale: Any, row: Any) -> None:
    """Write the modality values of a row of pixels."""
    if mode == MEAN:
        for i in range(number):
            total[i] = total[i] / np.float32(max(count[i], np.int32(1)))
    slope, intercept, background = scale[0], scale[1], np.float32(scale[2])
    if slope == 1.0 and intercept == 0.0:
        for i in range(number):
            row[i] = total[i] if count[i] > 0 else background
    else:
        for i in range(number):
            row[i] = np.float32(total[i] * slope + intercept) if count[i] > 0 else background


@kernel(
    f"void({_INT16}, {_PAIRS}, int64[::1], float64[:,::1], float64[::1], int64, float64[::1],"
    " float32[:,::1], int64, int64)",
)
def oblique(
    voxels: Any,
    pairs: Any,
    shape: Any,
    steps: Any,
    offsets: Any,
    mode: int,
    scale: Any,
    out: Any,
    start: int,
    stop: int,
) -> None:
    """Sample the rows ``start`` to ``stop`` of a plane, or of planes ``offsets`` mm along its normal.

    ``steps`` (3, 4) are the voxel coordinates of the first pixel, and what they change by per row, column and mm.
    ``pairs`` are the voxels two by two, each pair overlapping the next, as one number: half the loads.
    """
    slices, rows, columns = shape[0], shape[1], shape[2]
    per_slice, per_row = np.uint32(rows * columns), np.uint32(columns)
    total, count = np.empty(STRIP, np.float32), np.empty(STRIP, np.int32)
    place, value = np.empty(STRIP, np.uint32), np.empty(STRIP, np.float32)
    wx, wy, wz = np.empty(STRIP, np.float32), np.empty(STRIP, np.float32), np.empty(STRIP, np.float32)
    pa, pb = np.empty(STRIP, np.int32), np.empty(STRIP, np.int32)
    pc, pd = np.empty(STRIP, np.int32), np.empty(STRIP, np.int32)
    dz, dy, dx = steps[0, 2], steps[1, 2], steps[2, 2]
    dzf, dyf, dxf = np.float32(dz), np.float32(dy), np.float32(dx)
    half = np.int32(16)
    for block in range(start, stop, BLOCK):
        for strip in range(0, out.shape[1], STRIP):
            end = min(strip + STRIP, out.shape[1])
            for r in range(block, min(block + BLOCK, stop)):
                _begin(total, count, end - strip, mode)
                for s in range(offsets.size):
                    t = offsets[s]
                    z0 = steps[0, 0] + r * steps[0, 1] + t * steps[0, 3]
                    y0 = steps[1, 0] + r * steps[1, 1] + t * steps[1, 3]
                    x0 = steps[2, 0] + r * steps[2, 1] + t * steps[2, 3]
                    first, last = _columns(z0, dz, -0.501, slices - 0.499, strip, end)
                    first, last = _columns(y0, dy, -0.501, rows - 0.499, first, last)
                    first, last = _columns(x0, dx, -0.501, columns - 0.499, first, last)
                    a, b = _columns(z0, dz, 0.0, slices - 1 - LAST, first, last)
                    a, b = _columns(y0, dy, 0.0, rows - 1 - LAST, a, b)
                    a, b = _columns(x0, dx, 0.0, columns - 1 - LAST, a, b)
                    c = first
                    while c < last:
                        if c == a and b > a:
                            c = b
                            continue
                        z, y, x = z0 + c * dz, y0 + c * dy, x0 + c * dx
                        if _inside(slices, rows, columns, z, y, x):
                            value[0] = _interpolated(voxels, slices, rows, columns, z, y, x)
                            _take_all(total, count, c - strip, value, 1, mode)
                        c += 1
                    number = b - a
                    z0f, y0f, x0f = np.float32(z0 + a * dz), np.float32(y0 + a * dy), np.float32(x0 + a * dx)
                    for i in range(number):
                        f = np.float32(np.int32(i))
                        zf, yf, xf = z0f + f * dzf, y0f + f * dyf, x0f + f * dxf
                        k, j, n = np.int32(zf), np.int32(yf), np.int32(xf)
                        wz[i], wy[i], wx[i] = zf - np.float32(k), yf - np.float32(j), xf - np.float32(n)
                        place[i] = np.uint32(np.uint32(k) * per_slice + np.uint32(j) * per_row + np.uint32(n))
                    for i in range(number):
                        p = np.uint64(place[i])
                        pa[i], pb[i] = pairs[p], pairs[p + np.uint64(per_row)]
                        p += np.uint64(per_slice)
                        pc[i], pd[i] = pairs[p], pairs[p + np.uint64(per_row)]
                    for i in range(number):
                        p0, p1, p2, p3 = pa[i], pb[i], pc[i], pd[i]
                        v0, v1 = np.float32(np.int32(p0 << half) >> half), np.float32(np.int32(p1 << half) >> half)
                        v2, v3 = np.float32(np.int32(p2 << half) >> half), np.float32(np.int32(p3 << half) >> half)
                        v0 += (np.float32(p0 >> half) - v0) * wx[i]
                        v1 += (np.float32(p1 >> half) - v1) * wx[i]
                        v2 += (np.float32(p2 >> half) - v2) * wx[i]
                        v3 += (np.float32(p3 >> half) - v3) * wx[i]
                        v0 += (v1 - v0) * wy[i]
                        v2 += (v3 - v2) * wy[i]
                        value[i] = v0 + (v2 - v0) * wz[i]
                    _take_all(total, count, a - strip, value, number, mode)
                _finish(total, count, end - strip, mode, scale, out[r, strip:end])


@kernel(
    f"void({_INT16}, {_BYTES}, int64[::1], float64[:,::1], float64[:,::1], float64[::1], int64, float64[::1],"
    " float32[:,::1], int64, int64)",
    f"void({_FLOAT32}, {_BYTES}, int64[::1], float64[:,::1], float64[:,::1], float64[::1], int64, float64[::1],"
    " float32[:,::1], int64, int64)",
)
def anywhere(
    voxels: Any,
    padding: Any,
    shape: Any,
    steps: Any,
    uneven: Any,
    offsets: Any,
    mode: int,
    scale: Any,
    out: Any,
    start: int,
    stop: int,
) -> None:
    """Sample as :func:`oblique` does, also where voxels are padding and slices lie unevenly.

    ``uneven`` (slices, 4) holds each slice's position in mm, one over the step to the next, and where its first voxel
    lies in rows and columns; empty where the grid is even, else the first coordinate of ``steps`` is in mm.
    """
    slices, rows, columns = shape[0], shape[1], shape[2]
    per_slice, per_row = np.uint64(rows * columns), np.uint64(columns)
    total, count = np.empty(STRIP, np.float32), np.empty(STRIP, np.int32)
    value, known = np.empty(STRIP, np.float32), np.empty(STRIP, np.bool_)
    k = 0
    for strip in range(0, out.shape[1], STRIP):
        end = min(strip + STRIP, out.shape[1])
        for r in range(start, stop):
            _begin(total, count, end - strip, mode)
            for s in range(offsets.size):
                t = offsets[s]
                z0 = steps[0, 0] + r * steps[0, 1] + t * steps[0, 3]
                y0 = steps[1, 0] + r * steps[1, 1] + t * steps[1, 3]
                x0 = steps[2, 0] + r * steps[2, 1] + t * steps[2, 3]
                for c in range(strip, end):
                    known[c - strip] = False
                    z, y, x = z0 + c * steps[0, 2], y0 + c * steps[1, 2], x0 + c * steps[2, 2]
                    if uneven.shape[0] > 0:
                        while k < slices - 2 and z >= uneven[k + 1, 0]:
                            k += 1
                        while k > 0 and z < uneven[k, 0]:
                            k -= 1
                        part = (z - uneven[k, 0]) * uneven[k, 1]
                        z = k + part
                        y -= uneven[k, 2] + (uneven[k + 1, 2] - uneven[k, 2]) * part
                        x -= uneven[k, 3] + (uneven[k + 1, 3] - uneven[k, 3]) * part
                    if z >= 0.0 and y >= 0.0 and x >= 0.0 and z < slices - 1 and y < rows - 1 and x < columns - 1:
                        j, i, n = np.int64(z), np.int64(y), np.int64(x)
                        place = np.uint64((j * rows + i) * columns + n)
                        if padding.size == 0 or not _any_of_eight(padding, place, per_row, per_slice):
                            f, g, h = np.float32(z - j), np.float32(y - i), np.float32(x - n)
                            value[c - strip], known[c - strip] = (
                                _of_eight(voxels, place, per_row, per_slice, f, g, h),
                                True,
                            )
                            continue
                    elif not _inside(slices, rows, columns, z, y, x):
                        continue
                    if padding.size == 0:
                        value[c - strip], known[c - strip] = _interpolated(voxels, slices, rows, columns, z, y, x), True
                    else:
                        near = (_nearest(z, slices) * rows + _nearest(y, rows)) * columns + _nearest(x, columns)
                        if padding[np.uint64(near)] == 0:
                            value[c - strip] = _unpadded(voxels, padding, slices, rows, columns, z, y, x)
                            known[c - strip] = True
                _take_known(total, count, value, known, end - strip, mode)
            _finish(total, count, end - strip, mode, scale, out[r, strip:end])


@helper
def _add_line(line: Any, voxels: Any, base: int, step: int, number: int, weight: float, more: bool) -> None:
    """Add ``weight`` times a line of voxels to ``line``, or begin it."""
    w, first = np.float32(weight), np.uint64(base)
    if step == 1:
        if more:
            for i in range(number):
                line[i] += np.float32(voxels[first + np.uint64(i)]) * w
        else:
            for i in range(number):
                line[i] = np.float32(voxels[first + np.uint64(i)]) * w
    elif more:
        for i in range(number):
            line[i] += np.float32(voxels[np.uint64(base + i * step)]) * w
    else:
        for i in range(number):
            line[i] = np.float32(voxels[np.uint64(base + i * step)]) * w


@helper
def _settle(coordinates: Any, size: int, low: Any, high: Any, part: Any, inside: Any) -> None:
    """Tell for each coordinate along an axis the voxels below and above it, how far above the lower, and if inside."""
    for i in range(coordinates.size):
        inside[i] = -0.5 - EDGE <= coordinates[i] <= size - 0.5 + EDGE
        clipped = min(max(coordinates[i], 0.0), size - 1.0)
        whole = np.floor(clipped + 0.5)
        if abs(clipped - whole) <= WHOLE:
            low[i] = high[i] = int(whole)
            part[i] = np.float32(0)
        else:
            low[i] = int(clipped)
            high[i] = min(low[i] + 1, size - 1)
            part[i] = np.float32(clipped - low[i])


@helper
def _write_line(row: Any, voxels: Any, first: int, second: int, part: float, scale: Any) -> None:
    """Write the modality values between two lines of voxels, ``part`` of the way, at once."""
    a, b, w = np.uint64(first), np.uint64(second), np.float32(part)
    plus = np.float32(scale[1])
    if scale[0] == 1.0 and np.float64(plus) == scale[1]:
        if w == 0:
            for i in range(row.size):
                row[i] = np.float32(voxels[a + np.uint64(i)]) + plus
        else:
            for i in range(row.size):
                value = np.float32(voxels[a + np.uint64(i)])
                row[i] = value + (np.float32(voxels[b + np.uint64(i)]) - value) * w + plus
    elif w == 0:
        for i in range(row.size):
            row[i] = np.float32(np.float32(voxels[a + np.uint64(i)]) * scale[0] + scale[1])
    else:
        for i in range(row.size):
            value = np.float32(voxels[a + np.uint64(i)])
            value += (np.float32(voxels[b + np.uint64(i)]) - value) * w
            row[i] = np.float32(value * scale[0] + scale[1])


@kernel(
    f"void({_INT16}, float64[::1], float64[::1], float64[::1], int64[::1], int64[::1], int64, float64[::1],"
    " float32[:,::1], int64, int64)",
    f"void({_FLOAT32}, float64[::1], float64[::1], float64[::1], int64[::1], int64[::1], int64, float64[::1],"
    " float32[:,::1], int64, int64)",
)
def along_axes(
    voxels: Any,
    through: Any,
    down: Any,
    right: Any,
    sizes: Any,
    strides: Any,
    mode: int,
    scale: Any,
    out: Any,
    start: int,
    stop: int,
) -> None:
    """Sample planes along the voxels: rows of the output along one array axis, columns along another.

    ``through``, ``down`` and ``right`` are voxel coordinates along the three axes: of the slab's samples, of the rows
    and of the columns. ``sizes`` are the voxels along these axes, ``strides`` the elements from one to the next.
    """
    samples, columns = through.size, right.size
    low, high = np.empty(samples, np.int64), np.empty(samples, np.int64)
    part, inside = np.empty(samples, np.float32), np.empty(samples, np.bool_)
    below, above = np.empty(down.size, np.int64), np.empty(down.size, np.int64)
    aside, within = np.empty(down.size, np.float32), np.empty(down.size, np.bool_)
    left, next_to = np.empty(columns, np.int64), np.empty(columns, np.int64)
    share, shown = np.empty(columns, np.float32), np.empty(columns, np.bool_)
    _settle(through, sizes[0], low, high, part, inside)
    _settle(down, sizes[1], below, above, aside, within)
    _settle(right, sizes[2], left, next_to, share, shown)
    first, last = 0, columns
    while first < columns and not shown[first]:
        first += 1
    while last > first and not shown[last - 1]:
        last -= 1
    least, most = left[0], next_to[0]
    unit = True
    for c in range(columns):
        least, most = min(least, left[c]), max(most, next_to[c])
        unit = unit and (c < first or c >= last or (left[c] == left[first] + c - first and share[c] == 0))
    number = most - least + 1
    line, total, count = np.empty(number, np.float32), np.empty(columns, np.float32), np.empty(columns, np.int32)
    value = np.empty(columns, np.float32)
    direct = samples == 1 and unit and strides[2] == 1 and first < last
    background = np.float32(scale[2])
    for r in range(start, stop):
        if direct and inside[0] and within[r] and (part[0] == 0 or aside[r] == 0):
            base = low[0] * strides[0] + below[r] * strides[1] + left[first]
            other = high[0] * strides[0] + above[r] * strides[1] + left[first]
            for c in range(first):
                out[r, c] = background
            _write_line(out[r, first:last], voxels, base, other, max(part[0], aside[r]), scale)
            for c in range(last, columns):
                out[r, c] = background
            continue
        _begin(total, count, columns, mode)
        for s in range(samples if within[r] else 0):
            if not inside[s]:
                continue
            more = False
            for corner in range(4):
                w = part[s] if corner & 1 else np.float32(1) - part[s]
                w *= aside[r] if corner & 2 else np.float32(1) - aside[r]
                if w != 0:
                    base = (high[s] if corner & 1 else low[s]) * strides[0] + least * strides[2]
                    base += (above[r] if corner & 2 else below[r]) * strides[1]
                    _add_line(line, voxels, base, strides[2], number, w, more)
                    more = True
            if unit:
                _take_all(total, count, first, line[left[first] - least :], last - first, mode)
                continue
            for c in range(columns):
                v = line[left[c] - least]
                value[c] = v + (line[next_to[c] - least] - v) * share[c] if share[c] != 0 else v
            _take_all(total, count, first, value[first:], last - first, mode)
        _finish(total, count, columns, mode, scale, out[r])


@kernel(
    "void(Array(int16, 3, 'C', readonly=True), int16[:,:,::1], int64, int64)",
    "void(Array(float32, 3, 'C', readonly=True), float32[:,:,::1], int64, int64)",
)
def turned_copy(voxels: Any, out: Any, start: int, stop: int) -> None:
    """Copy [slice, row, column] into [column, slice, row] for the slices ``start`` to ``stop``, tile by tile."""
    rows, columns = voxels.shape[1], voxels.shape[2]
    for k in range(start, stop):
        for block in range(0, rows, 64):
            for strip in range(0, columns, 64):
                for x in range(strip, min(strip + 64, columns)):
                    for y in range(block, min(block + 64, rows)):
                        out[x, k, y] = voxels[k, y, x]
