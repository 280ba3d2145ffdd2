"""What every stage of the pixel pipeline is: a pure function on arrays that can also explain one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Value = float | int | np.generic | tuple[int, ...]
"""A number of a pixel, with its numpy type where that decides how it is computed; a tuple of a colour."""


@dataclass(frozen=True, slots=True)
class StageReport:
    """What one stage did to one pixel; ``sentence`` says it for people."""

    name: str
    input: Value
    output: Value
    sentence: str


class Stage(Protocol):
    """One named step: array in, array of the same rows and columns out."""

    @property
    def name(self) -> str:
        """Name of the stage as shown."""

    def apply(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return the stage's output for every pixel."""

    def explain(self, value: Value) -> StageReport:
        """Return the stage's output for one pixel, and why."""


def applied(stage: Stage, value: Value) -> Value:
    """Run a stage on one value by way of its array form: there is no second implementation."""
    result = stage.apply(np.atleast_1d(np.asarray(value)))[0]
    return tuple(int(part) for part in result) if np.ndim(result) else result


def number_text(value: Value) -> str:
    """Return a value as shown in sentences: up to six significant digits."""
    if isinstance(value, tuple):
        return "(" + ", ".join(str(part) for part in value) + ")"
    plain = value.item() if isinstance(value, np.generic) else value
    return f"{plain:.6g}".replace("-", "−", 1) if isinstance(plain, float) else str(plain).replace("-", "−")
