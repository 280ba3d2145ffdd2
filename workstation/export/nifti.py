"""A NIfTI-1 writer: one volume with its affine, as RAS millimetres (D53)."""

from __future__ import annotations

import gzip
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

HEADER_SIZE, DATA_OFFSET = 348, 352
FLOAT32, BITS = 16, 32
MILLIMETRES = 2
SCANNER = 1
"""Code of a transform to scanner-based anatomical coordinates."""


def write_nifti(path: Path, values: NDArray[Any], affine: NDArray[np.float64], *, compressed: bool = False) -> None:
    """Write float32 ``values`` [slice, row, column] as ``.nii`` or, ``compressed``, as ``.nii.gz``.

    ``affine`` maps (slice, row, column) to LPS mm. NIfTI counts (column, row, slice) in RAS mm; the third
    column of the sform is the step from slice to slice as it is, sheared for a tilted gantry. The file has no
    time stamp: the same volume gives the same bytes.
    """
    raw = _header(values.shape, to_ras(affine)) + b"\0" * 4 + values.astype("<f4").tobytes()
    if compressed:
        raw = gzip.compress(raw, 6, mtime=0)
    path.write_bytes(raw)


def to_ras(affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the 4 x 4 map from (column, row, slice) to RAS mm of one from (slice, row, column) to LPS mm."""
    flip = np.diag((-1.0, -1.0, 1.0, 1.0))
    result: NDArray[np.float64] = flip @ np.asarray(affine, np.float64)[:, [2, 1, 0, 3]]
    return result


def _header(shape: tuple[int, ...], affine: NDArray[np.float64]) -> bytes:
    slices, rows, columns = shape
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    quaternion, qfac = _quaternion(affine[:3, :3] / spacing)
    header = bytearray(HEADER_SIZE)
    struct.pack_into("<i", header, 0, HEADER_SIZE)
    struct.pack_into("<8h", header, 40, 3, columns, rows, slices, 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, FLOAT32, BITS)
    struct.pack_into("<8f", header, 76, qfac, *spacing, 0, 0, 0, 0)
    struct.pack_into("<3f", header, 108, DATA_OFFSET, 1.0, 0.0)
    header[123] = MILLIMETRES
    header[148:160] = b"modality val"
    # A quaternion cannot hold a shear: with one, only the sform is declared.
    sheared = abs(_shear(affine[:3, :3] / spacing)) > 1e-4
    struct.pack_into("<2h", header, 252, 0 if sheared else SCANNER, SCANNER)
    struct.pack_into("<6f", header, 256, *quaternion, *affine[:3, 3])
    struct.pack_into("<12f", header, 280, *affine[:3].ravel())
    header[344:348] = b"n+1\0"
    return bytes(header)


def _shear(directions: NDArray[np.float64]) -> float:
    products = directions.T @ directions - np.eye(3)
    return float(np.abs(products).max())


def _quaternion(directions: NDArray[np.float64]) -> tuple[tuple[float, float, float], float]:
    """Return (b, c, d) and qfac of the nearest rotation (nifti1.h, METHOD 2)."""
    u, _, vt = np.linalg.svd(directions)
    rotation = u @ vt
    qfac = 1.0 if np.linalg.det(rotation) > 0 else -1.0
    rotation = rotation * (1.0, 1.0, qfac)
    # The quaternion is the eigenvector of the greatest eigenvalue of this symmetric matrix: no case distinctions.
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = rotation
    matrix = np.array(
        [
            [xx + yy + zz, zy - yz, xz - zx, yx - xy],
            [zy - yz, xx - yy - zz, xy + yx, xz + zx],
            [xz - zx, xy + yx, yy - xx - zz, yz + zy],
            [yx - xy, xz + zx, yz + zy, zz - xx - yy],
        ]
    )
    vector = np.linalg.eigh(matrix)[1][:, -1]
    _, b, c, d = vector if vector[0] >= 0 else -vector
    return (float(b), float(c), float(d)), qfac
