"""Grey to display values: polarity and the one rounding (PS3.3 C.11.6, C.7.6.3.1.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from workstation.imaging.stage import StageReport, Value, applied, number_text
from workstation.imaging.voi_lut import WHITE
from workstation.wording import phrase

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Polarity:
    """Inverts grey once for MONOCHROME1, and once more for the user's invert (B24).

    The inversion uses the nominal range 0..255, never what a frame happens to hold (B25).
    """

    monochrome1: bool = False
    inverted: bool = False

    name = "Presentation LUT"

    @property
    def inverts(self) -> bool:
        """Whether low values are bright."""
        return self.monochrome1 != self.inverted

    def apply(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return grey of the chosen polarity, real."""
        return WHITE - array if self.inverts else array

    def explain(self, value: Value) -> StageReport:
        """Return what happens to one grey."""
        output = applied(self, value)
        reasons = [word for word, on in (("MONOCHROME1", self.monochrome1), ("invert", self.inverted)) if on]
        if self.inverts:
            sentence = phrase("{0}: 255 − {1} = {2}", phrase(reasons[0]), number_text(value), number_text(output))
        else:
            sentence = phrase("MONOCHROME1 and invert cancel") if reasons else phrase("low values dark, unchanged")
        return StageReport(self.name, value, output, sentence)


@dataclass(frozen=True, slots=True)
class Rounding:
    """Grey to whole display values, halves up: the only rounding of the pipeline (B10)."""

    name = "Display value"

    def apply(self, array: NDArray[Any]) -> NDArray[np.uint8]:
        """Return uint8."""
        return (array + 0.5).astype(np.uint8)

    def explain(self, value: Value) -> StageReport:
        """Return the rounded grey."""
        output = applied(self, value)
        return StageReport(self.name, value, output, phrase("rounded to {0}", number_text(output)))
