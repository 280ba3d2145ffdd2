"""A picture on its way to the screen: any part of it as 32-bit words, at its own size or made smaller.

Machine code does it where there is some for the kind of pixels, numpy otherwise; both give the same words.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workstation.compiled import in_bands
from workstation.imaging import kernels
from workstation.imaging.color_maps import ramp_of
from workstation.imaging.pipeline import patterns
from workstation.imaging.resampling import PARTS, averaged, enlarged
from workstation.imaging.rgb32 import rgb32_of, rgb_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from workstation.imaging.pipeline import Pipeline
    from workstation.imaging.resampling import Boxes, Points

    Covers = tuple[tuple[NDArray[np.bool_], int], ...]

BAND: Final = 1 << 21
"""Stored pixels below which a second thread costs more than it saves."""
_SAME: Final = np.arange(256, dtype=np.uint32)
_ONE, _ZERO = np.float32(1), np.float32(0)


class Painting:
    """Stored values and what to do with them; words are made when they are asked for.

    ``values`` is (rows, columns) or (rows, columns, 3). ``covers`` are masks of the same rows and columns, each with
    the word that replaces what is under it (shutter, overlays), in order. ``color_map`` is an id of ``color_maps``.
    """

    def __init__(
        self, values: NDArray[Any], pipeline: Pipeline, covers: Covers = (), color_map: str | None = None
    ) -> None:
        self._values = np.ascontiguousarray(values)
        self._pipeline, self._covers = pipeline, covers
        self._mapped = color_map is not None and not pipeline.is_color
        self._ramp = ramp_of(color_map if self._mapped else None)
        self._tabled = values.ndim == 2 and values.dtype.kind in "iu" and values.dtype.itemsize <= 2
        self._grey = values.ndim == 2 and not pipeline.is_color and pipeline.rendering.palette is None

    @property
    def rows(self) -> int:
        """Rows of the picture."""
        return int(self._values.shape[0])

    @property
    def columns(self) -> int:
        """Columns of the picture."""
        return int(self._values.shape[1])

    @property
    def is_grey(self) -> bool:
        """Whether all of it is greys, under a colour map or not."""
        return self._grey and not self._covers

    @property
    def enlarges_fast(self) -> bool:
        """Whether :meth:`enlarge` is quicker than what a window system does, or the only right way (colour maps)."""
        return self.is_grey and (kernels.enlarge.ready or self._mapped)

    # at its own size

    def write(self, top: int, left: int, out: NDArray[np.uint32]) -> None:
        """Fill ``out`` (C-contiguous) with the words of its size from pixel (``top``, ``left``) on."""
        rows, columns = out.shape

        def band(start: int, stop: int) -> None:
            self._fill(top + start, left, out[start:stop])

        in_bands(rows, band, least=max(1, BAND // columns))
        for mask, word in self._covers:
            out[mask[top : top + rows, left : left + columns]] = word

    def _fill(self, top: int, left: int, out: NDArray[np.uint32]) -> None:
        values = self._values
        if self._tabled:
            self._fill_tabled(top, left, out)
        elif self._grey:
            greys = np.empty(out.shape, np.uint8)
            self._fill_greys(top, left, greys)
            np.take(self._ramp, greys, out=out, mode="clip")
        elif self._is_rgb and kernels.rgb_words.ready:
            turned = np.uint32(0x00FFFFFF if self._pipeline.inverted else 0)
            kernels.rgb_words(values, top, left, turned, out)
        else:
            display = self._display[top : top + out.shape[0], left : left + out.shape[1]]
            out[:] = rgb32_of(display)

    def _fill_tabled(self, top: int, left: int, out: NDArray[np.uint32]) -> None:
        linear = self._linear if not self._mapped else None
        if linear is not None:
            kernels.linear_words(self._values, top, left, *linear, out)
        elif kernels.table_words.ready:
            kernels.table_words(patterns(self._values), top, left, self._words, out)
        else:
            part = patterns(self._values)[top : top + out.shape[0], left : left + out.shape[1]]
            np.take(self._words, part, out=out, mode="clip")

    # made smaller

    def average(
        self, rows: Boxes, columns: Boxes, out: NDArray[np.uint32], place: int, row_step: int, column_step: int
    ) -> None:
        """Write the mean of every box to ``out[place + row * row_step + column * column_step]`` (1-D).

        Greys are averaged before a colour map is applied: no colour appears that the map has not.
        """
        if not kernels.word_average.ready:
            words = self._averaged_by_numpy(rows, columns)
            steps = row_step * out.itemsize, column_step * out.itemsize
            np.lib.stride_tricks.as_strided(out[place:], words.shape, steps)[:] = words
            return
        boxes = rows.edges + rows.first * PARTS, columns.first, columns.edges
        target = not self._mapped and self.is_grey, out, place, row_step, column_step
        source = (rows.stop - rows.first) * (columns.stop - columns.first)
        machine: Callable[..., None]
        given: tuple[Any, ...]
        if not self.is_grey:
            machine, given = kernels.word_average, (self._whole, *boxes, _SAME)
        elif self._linear is not None:
            machine, given = kernels.linear_average, (self._values, *self._linear, *boxes, self._ramp)
        elif self._tabled:
            machine, given = kernels.table_average, (patterns(self._values), self._greys, *boxes, self._ramp)
        else:
            machine, given = kernels.linear_average, (self._display, _ONE, _ZERO, *boxes, self._ramp)

        def band(start: int, stop: int) -> None:
            machine(*given, *target, start, stop)

        in_bands(rows.count, band, least=max(1, rows.count * BAND // max(source, 1)))

    # made larger

    def enlarge(self, rows: Points, columns: Points, turned: bool, out: NDArray[np.uint32]) -> None:
        """Write the words of every point of a grey picture to ``out`` (C-contiguous), mixed before any colour map.

        ``rows`` are those of the screen: with ``turned`` they run along the picture's columns.
        """
        down, across = (columns, rows) if turned else (rows, columns)
        greys = np.empty((down.stop - down.first, across.stop - across.first), np.uint8)
        self._fill_greys(down.first, across.first, greys)
        if turned:
            greys = np.ascontiguousarray(greys.T)
        if not kernels.enlarge.ready:
            np.take(self._ramp, enlarged(greys, rows, columns), out=out, mode="clip")
            return
        given = rows.places, rows.shares, columns.places, columns.shares, self._ramp, not self._mapped, out

        def band(start: int, stop: int) -> None:
            kernels.enlarge(greys, *given, start, stop)

        in_bands(rows.count, band, least=max(1, BAND // columns.count))

    def _fill_greys(self, top: int, left: int, out: NDArray[np.uint8]) -> None:
        part = slice(top, top + out.shape[0]), slice(left, left + out.shape[1])
        if self._linear is not None:
            kernels.linear_greys(self._values, top, left, *self._linear, out)
        elif self._line is not None and kernels.float_greys.ready:
            kernels.float_greys(self._values, top, left, *self._line, out)
        elif not self._tabled:
            out[:] = self._display[part]
        elif kernels.table_greys.ready:
            kernels.table_greys(patterns(self._values), top, left, self._greys, out)
        else:
            np.take(self._greys, patterns(self._values)[part], out=out, mode="clip")

    def _averaged_by_numpy(self, rows: Boxes, columns: Boxes) -> NDArray[np.uint32]:
        if self.is_grey:
            return np.take(self._ramp, averaged(self._display, rows, columns))
        return rgb32_of(averaged(rgb_of(self._whole), rows, columns))

    # made once, when first needed

    @cached_property
    def _greys(self) -> NDArray[np.uint8]:
        table = self._pipeline.grey_table(self._values.dtype)
        assert table is not None
        return table

    @cached_property
    def _linear(self) -> tuple[np.float32, np.float32] | None:
        usable = self._tabled and self._grey and kernels.linear_words.ready
        return self._pipeline.linear_grey(self._values.dtype) if usable else None

    @cached_property
    def _words(self) -> NDArray[np.uint32]:
        return self._pipeline.word_table(self._values.dtype, self._ramp)

    @cached_property
    def _line(self) -> tuple[float, float, bool] | None:
        return self._pipeline.straight() if self._values.dtype == np.float32 and self._values.ndim == 2 else None

    @cached_property
    def _is_rgb(self) -> bool:
        rendering = self._pipeline.rendering
        return rendering.color and rendering.bits_stored == 8 and self._values.dtype == np.uint8

    @cached_property
    def _display(self) -> NDArray[np.uint8]:
        if self._line is None or not kernels.float_greys.ready:
            return self._pipeline.display(self._values)
        greys = np.empty(self._values.shape, np.uint8)
        self._fill_greys(0, 0, greys)
        return greys

    @cached_property
    def _whole(self) -> NDArray[np.uint32]:
        words = np.empty((self.rows, self.columns), np.uint32)
        self.write(0, 0, words)
        return words
