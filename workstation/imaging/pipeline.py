"""The fixed order of the stages, and the table that composes them for integer pixels (PS3.4 N.2, PS3.3 C.11).

Stored value, Modality LUT, VOI LUT, Presentation LUT, one rounding. Shutter and overlays come after, by their
own modules; statistics tap the values after the Modality LUT.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workstation.imaging import kernels
from workstation.imaging.auto_window import auto_window, default_voi, full_range_window
from workstation.imaging.color import ColorDepth
from workstation.imaging.modality_lut import Rescale
from workstation.imaging.padding import padding_mask
from workstation.imaging.presentation_lut import Polarity, Rounding
from workstation.imaging.rgb32 import rgb32_of
from workstation.imaging.stage import StageReport, Value, number_text
from workstation.imaging.voi_lut import VoiChoice, VoiLut, VoiLutStage, WindowStage
from workstation.imaging.window import VOILUTFunction, Window
from workstation.wording import phrase

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workstation.imaging.modality_lut import ModalityLut
    from workstation.imaging.rendering import Rendering
    from workstation.imaging.stage import Stage

    GreyStages = tuple[Rescale | ModalityLut, WindowStage | VoiLutStage, Polarity, Rounding]
    TableKey = tuple[GreyStages, int, bool, tuple[int, int] | None, tuple[int, int] | None]

BACKGROUND: Final = 0
"""Display value of padding and of values that are not finite, whatever the polarity."""
NUDGES: Final = (0.0, 2.0**-13, -(2.0**-13), 2.0**-10, -(2.0**-10))
"""Where greys lie exactly on a half, single precision may fall on the wrong side of it: these are tried then."""


class Pipeline:
    """One frame's stages from stored to display values, composed for a chosen VOI.

    ``voi`` None takes the header's first choice, without one the whole stored range. ``inverted`` is the
    user's invert, which comes on top of MONOCHROME1 (B24) and changes no window (B37).
    """

    def __init__(self, rendering: Rendering, voi: VoiChoice | None = None, inverted: bool = False) -> None:
        self.rendering = rendering
        self.voi = voi or (rendering.voi[0] if rendering.voi else full_range_window(rendering))
        self.inverted = inverted
        self.stages: tuple[Stage, ...] = self._color_stages() or self._grey_stages()

    def _color_stages(self) -> tuple[Stage, ...]:
        if self.rendering.color:
            return (ColorDepth(self.rendering.bits_stored, self.inverted),)
        if self.rendering.palette is not None and not self.rendering.palette.supplemental:
            return (self.rendering.palette, ColorDepth(8, self.inverted))
        return ()

    def _grey_stages(self) -> GreyStages:
        voi = VoiLutStage(self.voi) if isinstance(self.voi, VoiLut) else WindowStage(self.voi)
        polarity = Polarity(self.rendering.monochrome1, self.inverted)
        return (self.rendering.modality_stage, voi, polarity, Rounding())

    @property
    def window(self) -> Window | None:
        """The window in use; None under a VOI LUT and where windowing means nothing (C10)."""
        return self.voi if isinstance(self.voi, Window) and self.rendering.has_window else None

    @property
    def voi_name(self) -> str:
        """What the VOI in use is called, "" where it has no name or means nothing."""
        return self.voi.name if self.rendering.has_window else ""

    def display(self, values: NDArray[Any]) -> NDArray[np.uint8]:
        """Return display values of stored values: (rows, columns) grey or (rows, columns, 3) RGB, uint8."""
        if self._color_stages():
            return np.ascontiguousarray(self._through_stages(values))
        grey = self._by_table(values) if values.dtype.kind in "iu" else None
        if grey is None:
            grey = self._by_stages(values)
        palette = self.rendering.palette
        return grey if palette is None else _with_supplemental(values, grey, palette)

    @property
    def is_color(self) -> bool:
        """Whether stored values are colours, by themselves or by a full palette."""
        return bool(self._color_stages())

    def grey_table(self, dtype: np.dtype[Any]) -> NDArray[np.uint8] | None:
        """Return the grey of every bit pattern of stored values; None where they are colours or too wide."""
        if self.is_color or dtype.kind not in "iu" or dtype.itemsize > 2:
            return None
        return composed_table(*self._table_key(dtype))

    def word_table(self, dtype: np.dtype[Any], ramp: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """Return the word of every bit pattern of 8- or 16-bit values: ``ramp`` of its grey, or its palette's colour.

        ``ramp`` is the words of grey 0 to 255.
        """
        greys, palette = self.grey_table(dtype), self.rendering.palette
        stored = np.arange(1 << dtype.itemsize * 8).astype(f"u{dtype.itemsize}").view(dtype)
        if greys is None:
            return rgb32_of(self._through_stages(stored)[np.newaxis])[0]  # type: ignore[no-any-return]
        words: NDArray[np.uint32] = np.take(ramp, greys)
        if palette is not None:
            colored = stored >= palette.first
            words[colored] = rgb32_of(palette.apply(stored[colored])[np.newaxis])[0]
        return words

    def linear_grey(self, dtype: np.dtype[Any]) -> tuple[np.float32, np.float32] | None:
        """Return (gain, offset) that give :meth:`grey_table` in single precision; None where none do."""
        return _linear_grey(*self._table_key(dtype))

    def straight(self) -> tuple[float, float, bool] | None:
        """Return (centre, width, inverts) where grey is a straight line of stored values; None otherwise.

        Centre and width are those the window's formula uses, after B10's half and one.
        """
        if self.is_color or self.rendering.padding is not None or self.rendering.palette is not None:
            return None
        rescale, window, polarity, _ = self._grey_stages()
        line = _straight(window)
        identity = isinstance(rescale, Rescale) and rescale.is_identity
        return (*line, polarity.inverts) if line is not None and identity else None

    def _table_key(self, dtype: np.dtype[Any]) -> TableKey:
        bounds = self.rendering.stored_range if dtype.itemsize == 2 else None
        return self._grey_stages(), dtype.itemsize * 8, dtype.kind == "i", bounds, self.rendering.padding

    def _by_table(self, values: NDArray[Any]) -> NDArray[np.uint8] | None:
        """Return grey by one look-up per pixel; None for samples too wide for a table."""
        table = self.grey_table(values.dtype)
        # Every index of its width has an entry; "clip" only spares numpy the bounds check.
        return np.take(table, patterns(values), mode="clip") if table is not None else None

    def _by_stages(self, values: NDArray[Any]) -> NDArray[np.uint8]:
        mask = padding_mask(values, self.rendering.padding)
        if mask is not None:
            values = np.where(mask, values.dtype.type(0), values)
        grey = self._through_stages(values)
        if mask is not None:
            grey[mask] = BACKGROUND
        return np.ascontiguousarray(grey)

    def _through_stages(self, values: NDArray[Any]) -> NDArray[np.uint8]:
        result: NDArray[Any] = values
        for stage in self.stages:
            result = stage.apply(result)
        return result

    def explain(self, stored_value: Value) -> list[StageReport]:
        """Return what each stage does to one stored value, in order; for a pixel of RGB give its tuple.

        A numpy number is computed as an array of its type is: in single precision where that is.
        """
        palette = self.rendering.palette
        if palette is not None and palette.supplemental and stored_value >= palette.first:  # type: ignore[operator]
            return [palette.explain(stored_value)]
        unreal = self._padding_report(stored_value)
        reports: list[StageReport] = []
        value: Value = stored_value if not unreal or isinstance(stored_value, int | np.integer) else 0
        for stage in self.stages:
            report = stage.explain(value)
            reports.append(report)
            value = report.output
        return [*reports, *unreal]

    def _padding_report(self, stored_value: Value) -> list[StageReport]:
        if self.is_color or padding_mask(np.array([[stored_value]]), self.rendering.padding) is None:
            return []
        real = np.isfinite(stored_value)
        template = "{0} is padding, no measurement: shown as background" if real else _UNREAL
        sentence = phrase(template, number_text(stored_value))
        return [StageReport("Padding", stored_value, BACKGROUND, sentence)]


_UNREAL = "{0} is not a finite number: shown as background"


def patterns(values: NDArray[Any]) -> NDArray[Any]:
    """Return stored values as the unsigned bit patterns tables are indexed by, without a copy."""
    return values.view(f"u{values.dtype.itemsize}")


@lru_cache(maxsize=64)
def composed_table(
    stages: GreyStages, bits: int, signed: bool, bounds: tuple[int, int] | None, padding: tuple[int, int] | None
) -> NDArray[np.uint8]:
    """Return the display value of every bit pattern of an 8- or 16-bit cell (read-only uint8, 2**bits).

    ``bounds`` are the stored values that occur; patterns outside them keep 0.
    """
    low, high = _ends(bits, signed, bounds)
    table = np.zeros(1 << bits, np.uint8)
    if not _compose(stages, bits, signed, (low, high), table):
        values = np.arange(low, high + 1, dtype=np.int32).astype(f"{'i' if signed else 'u'}{bits // 8}")
        result: NDArray[Any] = values
        for stage in stages:
            result = stage.apply(result)
        table[values.view(f"u{bits // 8}")] = result
    if padding is not None:
        unreal = np.arange(max(padding[0], low), min(padding[1], high) + 1)
        table[unreal & ((1 << bits) - 1)] = BACKGROUND
    table.flags.writeable = False
    return table


def _ends(bits: int, signed: bool, bounds: tuple[int, int] | None) -> tuple[int, int]:
    lowest = -(1 << (bits - 1)) if signed else 0
    return bounds or (lowest, lowest + (1 << bits) - 1)


def _straight(window: WindowStage | VoiLutStage) -> tuple[float, float] | None:
    """Return (centre, width) of a window that is a straight line between its ends, as its formula uses them."""
    if isinstance(window, VoiLutStage) or window.window.function == VOILUTFunction.SIGMOID:
        return None
    center, width = window.window.center, window.window.width
    if window.window.function == VOILUTFunction.LINEAR:
        center, width = center - 0.5, width - 1.0
    return (center, width) if width > 0 else None


def _compose(stages: GreyStages, bits: int, signed: bool, ends: tuple[int, int], table: NDArray[np.uint8]) -> bool:
    """Fill a table by machine code if there is any for these stages; return whether it was done."""
    rescale, window, polarity, _ = stages
    line = _straight(window)
    if not kernels.linear_table.ready or line is None or not isinstance(rescale, Rescale):
        return False
    probe = rescale.apply(np.zeros(1, f"{'i' if signed else 'u'}{bits // 8}"))
    single = probe.dtype.kind == "f"
    slope, intercept = float(rescale.slope), float(rescale.intercept)
    mask = (1 << bits) - 1
    kernels.linear_table(*ends, slope, intercept, single, *line, polarity.inverts, table, mask)
    return True


@lru_cache(maxsize=64)
def _linear_grey(
    stages: GreyStages, bits: int, signed: bool, bounds: tuple[int, int] | None, padding: tuple[int, int] | None
) -> tuple[np.float32, np.float32] | None:
    """Look for a line in single precision that meets the table at every stored value, and try it on each."""
    rescale, window, polarity, _ = stages
    line = _straight(window)
    if line is None or not isinstance(rescale, Rescale):
        return None
    table = composed_table(stages, bits, signed, bounds, padding)
    low, high = _ends(bits, signed, bounds)
    gain = rescale.slope * 255.0 / line[1]
    offset = ((rescale.intercept - line[0]) / line[1] + 0.5) * 255.0
    if polarity.inverts:
        gain, offset = -gain, 255.0 - offset
    if not abs(gain) + abs(offset) < 1e30:
        return None
    for nudge in NUDGES:
        found = np.float32(gain), np.float32(offset + 0.5 + nudge)
        if kernels.is_linear(table, low, high, (1 << bits) - 1, *found):
            return found
    return None


def _with_supplemental(values: NDArray[Any], grey: NDArray[np.uint8], palette: Any) -> NDArray[np.uint8]:
    """Colour the values from the palette's first on, leave the others grey (PS3.3 C.8.16.2.1.1.1, C11)."""
    result = np.repeat(grey[:, :, np.newaxis], 3, axis=2)
    colored = values >= palette.first
    result[colored] = palette.apply(values[colored])
    return result


def modality_values(values: NDArray[Any], rendering: Rendering) -> NDArray[Any]:
    """Return modality values of stored values: int16/int32 where exact, else float32 (float64 of double)."""
    return rendering.modality_stage.apply(values)


__all__ = ["BACKGROUND", "Pipeline", "auto_window", "composed_table", "default_voi", "modality_values", "patterns"]
