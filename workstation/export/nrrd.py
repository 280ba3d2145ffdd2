"""An NRRD writer: one volume, gzip-encoded, in left-posterior-superior millimetres."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def write_nrrd(path: Path, values: NDArray[Any], affine: NDArray[np.float64]) -> None:
    """Write float32 ``values`` [slice, row, column]; ``affine`` maps (slice, row, column) to LPS mm.

    NRRD's space is LPS as DICOM's, so the vectors go out as they are, fastest axis (column) first.
    """
    slices, rows, columns = values.shape
    vectors = " ".join(_vector(affine[:3, axis]) for axis in (2, 1, 0))
    lines = (
        "NRRD0004",
        "type: float",
        "dimension: 3",
        "space: left-posterior-superior",
        f"sizes: {columns} {rows} {slices}",
        f"space directions: {vectors}",
        "kinds: domain domain domain",
        'space units: "mm" "mm" "mm"',
        f"space origin: {_vector(affine[:3, 3])}",
        "endian: little",
        "encoding: gzip",
    )
    data = gzip.compress(np.ascontiguousarray(values, "<f4").tobytes(), 6, mtime=0)
    path.write_bytes("\n".join(lines).encode("ascii") + b"\n\n" + data)


def _vector(values: NDArray[np.float64]) -> str:
    return "(" + ",".join(repr(float(v) + 0.0) for v in values) + ")"
