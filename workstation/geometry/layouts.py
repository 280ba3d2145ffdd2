"""Second copies of a volume in other orders, made on demand and kept with the volume."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workstation import compiled
from workstation.geometry import kernels

if TYPE_CHECKING:
    from workstation.geometry.volume import Volume


def make_sagittal(volume: Volume) -> None:
    """Keep a copy [column, slice, row] with the volume: sagittal sections, and planes near them, read what lies close.

    Costs the bytes of the voxels once more; other threads run while it is made. Nothing happens where it is there.
    """
    if volume.copies.sagittal is not None:
        return
    slices, rows, columns = volume.array.shape
    copy = np.empty((columns, slices, rows), dtype=volume.array.dtype)
    if kernels.turned_copy.ready:
        compiled.in_bands(slices, lambda start, stop: kernels.turned_copy(volume.array, copy, start, stop))
    else:
        copy[...] = volume.array.transpose(2, 0, 1)
    copy.flags.writeable = False
    volume.copies.keep(sagittal=copy)
