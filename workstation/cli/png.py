"""A PNG writer for display pixels: 8-bit grey or RGB, no library needed."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB = 0, 2


def write_png(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Write ``pixels``, uint8 (rows, columns) or (rows, columns, 3), without interlace or alpha."""
    path.write_bytes(encode_png(pixels))


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """Return the bytes of a PNG file."""
    rows, columns = pixels.shape[:2]
    header = struct.pack(">IIBBBBB", columns, rows, 8, RGB if pixels.ndim == 3 else GREY, 0, 0, 0)
    lines = np.ascontiguousarray(pixels, np.uint8).reshape(rows, -1)
    # Each line starts with its filter type; 0 leaves it as it is.
    filtered = np.zeros((rows, lines.shape[1] + 1), np.uint8)
    filtered[:, 1:] = lines
    data = zlib.compress(filtered.tobytes(), 6)
    return SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
