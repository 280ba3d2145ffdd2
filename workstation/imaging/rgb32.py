"""Display values as the 32-bit words a screen takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def rgb32_of(display: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return display values, (rows, columns) grey or (rows, columns, 3) RGB, as 0xFFRRGGBB words of this machine."""
    words: NDArray[Any] = np.empty(display.shape[:2], np.uint32)
    if display.ndim == 2:
        np.multiply(display, np.uint32(0x010101), out=words, casting="unsafe", dtype=np.uint32)
    else:
        np.left_shift(display[..., 0], 16, out=words, casting="unsafe", dtype=np.uint32)
        words |= display[..., 1].astype(np.uint32) << np.uint32(8)
        words |= display[..., 2]
    words |= np.uint32(0xFF000000)
    return words


def rgb_of(words: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return RGB (rows, columns, 3) of words."""
    return np.stack([(words >> np.uint32(shift)).astype(np.uint8) for shift in (16, 8, 0)], axis=2)
