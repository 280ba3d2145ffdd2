"""Colour maps for grey pictures: 256 words each, after the VOI stage (PS3.6 B.1, B37).

A map is kept as the places between which it runs straight. The first four are the Standard's well-known palettes
of that shape; grey is no map. The names are here, not with the numbers, so that menus need no numpy.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from workstation.paths import resource

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COLOR_MAPS: Final = {
    "hot_iron": "Hot iron",
    "pet": "PET",
    "hot_metal_blue": "Hot metal blue",
    "pet_20_step": "PET 20 steps",
    "rainbow": "Rainbow",
    "viridis": "Viridis",
}
"""Names by id, in the order of the menu."""


@lru_cache(maxsize=32)
def ramp_of(color_map: str | None) -> NDArray[np.uint32]:
    """Return the 0xFFRRGGBB words of grey 0 to 255 under a map; plain grey for None and for unknown ids."""
    import numpy as np

    table = _tables().get(color_map) if color_map is not None else None
    words = np.arange(256, dtype=np.uint32) * np.uint32(0x010101)
    if table is not None:
        red, green, blue = (_channel(table[channel]) for channel in ("red", "green", "blue"))
        words = red << np.uint32(16) | green << np.uint32(8) | blue
    words |= np.uint32(0xFF000000)
    words.flags.writeable = False
    return words


@lru_cache(maxsize=1)
def _tables() -> dict[str, dict[str, object]]:
    return tomllib.loads(resource("color-maps.toml").read_text(encoding="utf-8"))


def _channel(points: object) -> NDArray[np.uint32]:
    import numpy as np

    places = np.array(points, np.float64)
    return np.floor(np.interp(np.arange(256), places[:, 0], places[:, 1]) + 0.5).astype(np.uint32)
