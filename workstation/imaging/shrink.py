"""Display pixels made small: thumbnails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def shrunk(display: NDArray[Any], aspect: tuple[float, float], side: int) -> NDArray[Any]:
    """Return the picture with square pixels and no side longer than ``side`` (D32: thumbnails too).

    ``display`` is (rows, columns) or (rows, columns, 3); ``aspect`` the (row, column) size of a pixel in a common unit.
    """
    rows, columns = display.shape[:2]
    height, width = rows * aspect[0], columns * aspect[1]
    scale = min(side / max(height, width), 1 / min(aspect))
    tall, wide = max(1, round(height * scale)), max(1, round(width * scale))
    row_index = np.arange(tall) * rows // tall
    column_index = np.arange(wide) * columns // wide
    return np.ascontiguousarray(display[row_index][:, column_index])
