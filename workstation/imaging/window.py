"""A VOI window as a value: centre, width and function (PS3.3 C.11.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class VOILUTFunction(StrEnum):
    """VOI LUT Function (0028,1056), PS3.3 C.11.2.1.3."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


@dataclass(frozen=True, slots=True)
class Window:
    """Centre and width in modality units; ``name`` is the explanation or preset it came from."""

    center: float
    width: float
    function: VOILUTFunction = VOILUTFunction.LINEAR
    name: str = ""

    def dragged(self, right: float, down: float, step: float) -> Window:
        """Return the window after a drag of ``right`` and ``down`` logical pixels (B33).

        Right widens, down raises the centre (darker), up lowers it (brighter). ``step`` is modality units per
        pixel. The width stays at least 1 under LINEAR, above 0 otherwise.
        """
        least = 1.0 if self.function == VOILUTFunction.LINEAR else min(step, 1.0) / 16
        return replace(self, center=self.center + down * step, width=max(least, self.width + right * step), name="")
