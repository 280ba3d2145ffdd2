"""Windows by name for a modality, on number keys (B32)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from workstation.imaging.window import Window


@dataclass(frozen=True, slots=True)
class Preset:
    """A window and its number key, 3 to 9 (1 and 2 are the header's windows); None without one."""

    key: int | None
    name: str
    window: Window


def _preset(key: int | None, name: str, width: float, center: float) -> Preset:
    return Preset(key, name, Window(center, width, name=name))


CT: Final = (
    _preset(3, "Brain", 80, 40),
    _preset(4, "Lung", 1500, -600),
    _preset(5, "Mediastinum", 400, 40),
    _preset(6, "Abdomen", 350, 50),
    _preset(7, "Bone", 2000, 400),
    _preset(8, "Angio", 600, 300),
    _preset(9, "Liver", 150, 90),
    _preset(None, "Subdural", 200, 75),
    _preset(None, "Stroke", 40, 40),
)


def presets_for(modality: str, unit: str) -> tuple[Preset, ...]:
    """Return the presets that mean something for these values: CT windows only where the unit is HU."""
    return CT if unit == "HU" else ()
