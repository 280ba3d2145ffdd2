"""Modality values to grey: VOI LUT Module (PS3.3 C.11.2). Output is real, 0 to 255, rounded only at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workstation.imaging.stage import StageReport, Value, applied, number_text
from workstation.imaging.window import VOILUTFunction, Window
from workstation.wording import phrase

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workstation.imaging.lookup_table import LookupTable

WHITE: Final = 255.0

FARTHEST = 1e30
LEAST_WIDTH = 1e-30
"""Beyond these a centre or width is damage, and the arithmetic would overflow."""


def is_usable(window: Window) -> bool:
    """Whether a window can be applied: of this world, width at least 1 under LINEAR, above 0 otherwise (B14)."""
    least_reached = window.width >= 1 if window.function == VOILUTFunction.LINEAR else window.width >= LEAST_WIDTH
    return bool(abs(window.center) <= FARTHEST and window.width <= FARTHEST and least_reached)


def apply_window(values: NDArray[Any], window: Window) -> NDArray[np.float64]:
    """Return grey 0..255 of modality values, not yet rounded (PS3.3 C.11.2.1.2, C.11.2.1.3).

    With centre 40 and width 400, 100 gives 166.165 under LINEAR (B10), 240 gives 255 under LINEAR_EXACT (B11)
    and 224.603 under SIGMOID (B12). Width 1 under LINEAR is a threshold at centre - 0.5.
    """
    x = values.astype(np.float64)
    center, width = window.center, window.width
    if window.function == VOILUTFunction.SIGMOID:
        x -= center
        x *= -4.0 / width
        np.clip(x, -700.0, 700.0, out=x)
        np.exp(x, out=x)
        x += 1.0
        return np.divide(WHITE, x, out=x)
    if window.function == VOILUTFunction.LINEAR:
        center, width = center - 0.5, width - 1.0
    if width <= 0:
        return np.where(x > center, WHITE, 0.0)
    x -= center
    x /= width
    x += 0.5
    x *= WHITE
    return np.clip(x, 0.0, WHITE, out=x)


@dataclass(frozen=True, slots=True)
class WindowStage:
    """A window as a stage."""

    window: Window

    name = "VOI LUT"

    def apply(self, array: NDArray[Any]) -> NDArray[np.float64]:
        """Return grey 0..255, real."""
        return apply_window(array, self.window)

    def explain(self, value: Value) -> StageReport:
        """Return the grey of one modality value."""
        output = applied(self, value)
        return StageReport(self.name, value, output, self._arithmetic(float(value), float(output)))  # type: ignore[arg-type]

    def _arithmetic(self, x: float, grey: float) -> str:
        """Return the formula of the function with its numbers (PS3.3 C.11.2.1.2.1, C.11.2.1.3)."""
        function, center, width = self.window.function, self.window.center, self.window.width
        shown, result = number_text(x), number_text(grey)
        if function == VOILUTFunction.SIGMOID:
            return f"{function}: 255 / (1 + exp(−4 × ({shown} {_less(center)}) / {width:g})) = {result}"
        if function == VOILUTFunction.LINEAR:
            center, width = center - 0.5, width - 1.0
        if width <= 0 or abs(x - center) > width / 2:
            half = max(width, 0.0) / 2
            edge = center + half if x > center else center - half
            side = _ABOVE if x > center else _NOT_ABOVE if width <= 0 else _BELOW
            return phrase(side, function, shown, number_text(edge), result)
        return f"{function}: (({shown} {_less(center)}) / {width:g} + 0.5) × 255 = {result}"


@dataclass(frozen=True, slots=True, eq=False)
class VoiLut:
    """One item of a VOI LUT Sequence; its output is scaled from 0..2**bits - 1 (B16, B18, B19)."""

    table: LookupTable

    @property
    def name(self) -> str:
        """The item's explanation."""
        return self.table.name or "VOI LUT"

    def as_window(self) -> Window:
        """Return the LINEAR window over the table's inputs, for when the user starts to drag (B17)."""
        low, high = self.table.first, self.table.last
        return Window((low + high + 1) / 2, max(1.0, high - low + 1.0))


@dataclass(frozen=True, slots=True, eq=False)
class VoiLutStage:
    """A VOI LUT as a stage."""

    lut: VoiLut

    name = "VOI LUT"

    def apply(self, array: NDArray[Any]) -> NDArray[np.float64]:
        """Return grey 0..255, real."""
        table = self.lut.table
        return table.look_up(array).astype(np.float64) * (WHITE / table.greatest)

    def explain(self, value: Value) -> StageReport:
        """Return the grey of one modality value."""
        output, table = applied(self, value), self.lut.table
        entry = int(table.look_up(np.atleast_1d(np.asarray(value)))[0])
        scaled = "" if table.greatest == 255 else f"; × 255 / {table.greatest} = {number_text(output)}"
        return StageReport(self.name, value, output, phrase("{0} is {1}{2}", table.entry_text(value), entry, scaled))


_ABOVE = "{0}: {1} is above {2}, the end of the window: {3}"
_NOT_ABOVE = "{0}: {1} is not above {2}, the end of the window: {3}"
_BELOW = "{0}: {1} is below {2}, the end of the window: {3}"


def _less(number: float) -> str:
    return f"− {number:g}" if number >= 0 else f"+ {-number:g}"


VoiChoice = Window | VoiLut
