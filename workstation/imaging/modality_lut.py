"""Stored values to modality values: Modality LUT Module (PS3.3 C.11.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from workstation.imaging.stage import StageReport, Value, applied, number_text
from workstation.wording import phrase

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workstation.imaging.lookup_table import LookupTable


@dataclass(frozen=True, slots=True)
class Rescale:
    """``slope * stored + intercept`` in ``unit``.

    Whole slopes and intercepts keep integers integer; anything else is computed in double precision and given
    as float32, never rounded (B7).
    """

    slope: float = 1.0
    intercept: float = 0.0
    unit: str = ""
    stored_range: tuple[int, int] | None = None

    name = "Rescale"

    @property
    def is_identity(self) -> bool:
        """Whether values pass unchanged."""
        return self.slope == 1 and self.intercept == 0

    def apply(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return modality values: int16 or int32 where exact, float32 or float64 otherwise."""
        if self.is_identity:
            return array
        if array.dtype.kind != "f" and float(self.slope).is_integer() and float(self.intercept).is_integer():
            target = self._integer_dtype(array.dtype)
            if target is not None:
                scaled: NDArray[Any] = array.astype(target)
                scaled *= target.type(self.slope)
                scaled += target.type(self.intercept)
                return scaled
        wide = array.astype(np.float64)
        # A slope of 1e308 gives values that are not finite, which are shown as background.
        with np.errstate(over="ignore", invalid="ignore"):
            wide *= self.slope
            wide += self.intercept
            return wide if array.dtype == np.float64 else wide.astype(np.float32)

    def _integer_dtype(self, dtype: np.dtype[Any]) -> np.dtype[Any] | None:
        """Return the smallest of int16 and int32 in which no step can overflow, None for neither."""
        limits = np.iinfo(dtype)
        low, high = self.stored_range or (int(limits.min), int(limits.max))
        steps = [low, high]
        steps += [bound * int(self.slope) for bound in (low, high)]
        steps += [bound * int(self.slope) + int(self.intercept) for bound in (low, high)]
        steps.append(int(self.intercept))
        for target in (np.int16, np.int32):
            bounds = np.iinfo(target)
            if bounds.min <= min(steps) and max(steps) <= bounds.max:
                return np.dtype(target)
        return None

    def explain(self, value: Value) -> StageReport:
        """Return the arithmetic for one stored value."""
        output = applied(self, value)
        unit = f" {self.unit}" if self.unit else ""
        if self.is_identity:
            sentence = phrase("no rescale: {0}{1}", number_text(output), unit)
        else:
            sentence = phrase(
                "{0} × {1} {2} {3} = {4}{5}",
                number_text(value),
                f"{self.slope:g}",
                "+" if self.intercept >= 0 else "−",
                f"{abs(self.intercept):g}",
                number_text(output),
                unit,
            )
        return StageReport(self.name, value, output, sentence)


@dataclass(frozen=True, slots=True, eq=False)
class ModalityLut:
    """A Modality LUT Sequence item; it excludes slope and intercept (B5)."""

    table: LookupTable
    unit: str = ""

    name = "Modality LUT"

    def apply(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return the table's unsigned entries as int32."""
        return self.table.look_up(array)

    def explain(self, value: Value) -> StageReport:
        """Return the entry for one stored value."""
        output = applied(self, value)
        unit = f" {self.unit}" if self.unit else ""
        sentence = phrase("{0} is {1}{2}", self.table.entry_text(value), number_text(output), unit)
        return StageReport(self.name, value, output, sentence)
