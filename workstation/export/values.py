"""Frames as 16-bit stored or modality values, with the line that gives the values back (H6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workstation.export.saving import ExportError
from workstation.imaging.modality_lut import Rescale
from workstation.imaging.pipeline import modality_values
from workstation.imaging.rendering import LITERAL_UNITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workstation.objects.picture import Picture

UNITS: Final = LITERAL_UNITS | {
    "Gy", "relative", "CNTS", "NONE", "CM2", "CM2ML", "PCNT", "CPS", "BQML", "MGMINML", "UMOLMINML", "MLMING", "MLG",
    "1CM", "UMOLML", "PROPCNTS", "PROPCPS", "MLMINML", "MLML", "GML", "STDDEV",
}  # fmt: skip
"""Units of the Standard (PS3.3 C.8.9.1.1.3 and C.11.1.1.2): any other text of a data set stays out of a stamp."""
STEPS: Final = 65535


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """uint16 or int16 pixels (rows, columns); ``slope * pixel + intercept`` is the ``kind`` of value in ``unit``."""

    pixels: NDArray[Any]
    kind: str
    slope: float = 1.0
    intercept: float = 0.0
    unit: str = ""


def stored_pixels(picture: Picture) -> Values:
    """Return stored values as 16-bit pixels.

    Raises
    ------
    ExportError
        For colour, and for values that 16 bits cannot hold.
    """
    _refuse_color(picture)
    pixels = _in_sixteen_bits(picture.values)
    if pixels is None:
        raise ExportError("The stored values do not fit into 16 bits; NPY keeps the modality values.")
    return Values(pixels, "stored")


def modality_pixels(picture: Picture) -> Values:
    """Return modality values as 16-bit pixels, with the line that gives them back.

    They are exact where they are whole and fit, or where a rescale makes them of stored values that fit; else they
    are rounded to 65535 steps between the least and the greatest.

    Raises
    ------
    ExportError
        For colour, and for values that are not finite.
    """
    _refuse_color(picture)
    rendering, unit = picture.rendering, known_unit(picture.rendering.unit)
    values = modality_values(picture.values, rendering)
    pixels = _in_sixteen_bits(values)
    if pixels is not None:
        return Values(pixels, "modality", unit=unit)
    stage, stored = rendering.modality_stage, _in_sixteen_bits(picture.values)
    if isinstance(stage, Rescale) and stored is not None:
        return Values(stored, "modality", float(stage.slope), float(stage.intercept), unit)
    real = values.astype(np.float64)
    if not np.isfinite(real).all():
        raise ExportError("Some values are not finite and cannot be written in 16 bits; NPY keeps them.")
    low, high = float(real.min()), float(real.max())
    slope = (high - low) / STEPS or 1.0
    return Values(np.rint((real - low) / slope).astype(np.uint16), "modality", slope, low, unit)


def known_unit(unit: str) -> str:
    """Return a unit if it is one of the Standard's, else ""."""
    return unit if unit in UNITS else ""


def _refuse_color(picture: Picture) -> None:
    if picture.values.ndim != 2:
        raise ExportError("Colour has no stored or modality values of 16 bits; it can be written as it is shown.")


def _in_sixteen_bits(values: NDArray[Any]) -> NDArray[Any] | None:
    """Return whole values in the 16-bit type that holds them all, None for neither."""
    if values.dtype.kind not in "iu":
        return None
    if values.dtype in (np.int16, np.uint16):
        return values
    low, high = int(values.min()), int(values.max())
    for target in (np.uint16, np.int16):
        if np.iinfo(target).min <= low and high <= np.iinfo(target).max:
            return values.astype(target)
    return None
