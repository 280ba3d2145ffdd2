"""Windows by name for a modality, on the number keys (B32)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from workstation.imaging.window import Window


@dataclass(frozen=True, slots=True)
class Preset:
    """A window on a number key, 1 to 9."""

    key: int
    name: str
    window: Window


def _preset(key: int, name: str, width: float, center: float) -> Preset:
    return Preset(key, name, Window(center, width, name=name))


CT: Final = (
    _preset(1, "Brain", 80, 40),
    _preset(2, "Subdural", 200, 75),
    _preset(3, "Lung", 1500, -600),
    _preset(4, "Mediastinum", 400, 40),
    _preset(5, "Abdomen", 350, 50),
    _preset(6, "Liver", 150, 90),
    _preset(7, "Bone", 2000, 400),
    _preset(8, "Angio", 600, 300),
    _preset(9, "Stroke", 40, 40),
)


def presets_for(modality: str, unit: str) -> tuple[Preset, ...]:
    """Return the presets that mean something for these values: CT windows only where the unit is HU."""
    return CT if unit == "HU" else ()
