"""Second copies of a volume in other orders, made on demand and kept with the volume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workstation import compiled
from workstation.geometry import kernels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workstation.geometry.volume import Volume


def make_sagittal(volume: Volume) -> None:
    """Keep a copy [column, slice, row] with the volume: sagittal planes, and those near them, read what lies close.

    Costs the bytes of the voxels once more; other threads run while it is made. Nothing happens where it is there.
    """
    volume.copies.make_sagittal(lambda: _turned(volume.array))


def _turned(array: NDArray[Any]) -> NDArray[Any]:
    slices, rows, columns = array.shape
    copy = np.empty((columns, slices, rows), dtype=array.dtype)
    if kernels.turned_copy.ready:
        compiled.in_bands(slices, lambda start, stop: kernels.turned_copy(array, copy, start, stop))
    else:
        copy[...] = array.transpose(2, 0, 1)
    copy.flags.writeable = False
    return copy
