"""The fixed order of the stages, and the table that composes them for integer pixels (PS3.4 N.2, PS3.3 C.11).

Stored value, Modality LUT, VOI LUT, Presentation LUT, one rounding. Shutter and overlays come after, by their
own modules; statistics tap the values after the Modality LUT.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workstation.imaging.auto_window import auto_window, default_voi, full_range_window
from workstation.imaging.color import ColorDepth
from workstation.imaging.padding import padding_mask
from workstation.imaging.presentation_lut import Polarity, Rounding
from workstation.imaging.stage import StageReport, Value
from workstation.imaging.voi_lut import VoiChoice, VoiLut, VoiLutStage, WindowStage
from workstation.imaging.window import Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workstation.imaging.modality_lut import ModalityLut, Rescale
    from workstation.imaging.rendering import Rendering
    from workstation.imaging.stage import Stage

    GreyStages = tuple[Rescale | ModalityLut, WindowStage | VoiLutStage, Polarity, Rounding]

BACKGROUND: Final = 0
"""Display value of padding and of values that are not finite, whatever the polarity."""


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

    def _by_table(self, values: NDArray[Any]) -> NDArray[np.uint8] | None:
        """Return grey by one look-up per pixel; None for samples too wide for a table."""
        if values.dtype.itemsize > 2:
            return None
        signed = values.dtype.kind == "i"
        stages = self._grey_stages()
        bounds = self.rendering.stored_range if values.dtype.itemsize == 2 else None
        table = composed_table(stages, values.dtype.itemsize * 8, signed, bounds, self.rendering.padding)
        index = values.view(f"u{values.dtype.itemsize}")
        # Every index of its width has an entry; "clip" only spares numpy the bounds check.
        return np.take(table, index, mode="clip")

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
        """Return what each stage does to one stored value, in order; for a pixel of RGB give its tuple."""
        palette = self.rendering.palette
        if palette is not None and palette.supplemental and stored_value >= palette.first:  # type: ignore[operator]
            return [palette.explain(stored_value)]
        reports, value = [], stored_value
        for stage in self.stages:
            report = stage.explain(value)
            reports.append(report)
            value = report.output
        return [*reports, *self._padding_report(stored_value)]

    def _padding_report(self, stored_value: Value) -> list[StageReport]:
        padding = self.rendering.padding
        if padding is None or isinstance(stored_value, tuple) or not padding[0] <= stored_value <= padding[1]:
            return []
        sentence = f"{stored_value} is padding, no measurement: shown as background"
        return [StageReport("Padding", stored_value, BACKGROUND, sentence)]


@lru_cache(maxsize=64)
def composed_table(
    stages: GreyStages, bits: int, signed: bool, bounds: tuple[int, int] | None, padding: tuple[int, int] | None
) -> NDArray[np.uint8]:
    """Return the display value of every bit pattern of an 8- or 16-bit cell (read-only uint8, 2**bits).

    ``bounds`` are the stored values that occur; patterns outside them keep 0.
    """
    lowest = -(1 << (bits - 1)) if signed else 0
    low, high = bounds or (lowest, lowest + (1 << bits) - 1)
    values = np.arange(low, high + 1, dtype=np.int32).astype(f"{'i' if signed else 'u'}{bits // 8}")
    result: NDArray[Any] = values
    for stage in stages:
        result = stage.apply(result)
    mask = padding_mask(values[np.newaxis], padding)
    if mask is not None:
        result[mask[0]] = BACKGROUND
    table = np.zeros(1 << bits, np.uint8)
    table[values.view(f"u{bits // 8}")] = result
    table.flags.writeable = False
    return table


def _with_supplemental(values: NDArray[Any], grey: NDArray[np.uint8], palette: Any) -> NDArray[np.uint8]:
    """Colour the values from the palette's first on, leave the others grey (PS3.3 C.8.16.2.1.1.1, C11)."""
    result = np.repeat(grey[:, :, np.newaxis], 3, axis=2)
    colored = values >= palette.first
    result[colored] = palette.apply(values[colored])
    return result


def modality_values(values: NDArray[Any], rendering: Rendering) -> NDArray[Any]:
    """Return modality values of stored values: int16/int32 where exact, else float32 (float64 of double)."""
    return rendering.modality_stage.apply(values)


__all__ = ["BACKGROUND", "Pipeline", "auto_window", "composed_table", "default_voi", "modality_values"]
