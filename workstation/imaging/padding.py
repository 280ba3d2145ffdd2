"""Pixel padding: stored values that are no measurement (PS3.3 C.7.5.1.1.2, B26)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workstation.dicom.attributes import integer

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom import Dataset

    from workstation.imaging.pixel_format import PixelFormat


def padding_of(ds: Dataset, fmt: PixelFormat) -> tuple[int, int] | None:
    """Return (least, greatest) padding value, inclusive, as stored values; None without padding.

    A value of the wrong VR is read again with the sign of the pixels: 63536 in signed 16-bit cells is -2000.
    """
    return padding_range(integer(ds, "PixelPaddingValue"), integer(ds, "PixelPaddingRangeLimit"), fmt)


def padding_range(value: int | None, limit: int | None, fmt: PixelFormat) -> tuple[int, int] | None:
    """Return (least, greatest) padding value of Pixel Padding Value and Range Limit, as :func:`padding_of` does."""
    if value is None or fmt.kind != "integer" or fmt.is_color:
        return None
    ends = sorted((_as_stored(value, fmt), _as_stored(value if limit is None else limit, fmt)))
    return ends[0], ends[1]


def _as_stored(value: int, fmt: PixelFormat) -> int:
    low, high = fmt.stored_range
    if low <= value <= high:
        return value
    value &= (1 << fmt.bits_allocated) - 1
    if fmt.signed and value >> (fmt.bits_allocated - 1):
        value -= 1 << fmt.bits_allocated
    return value


def padding_mask(values: NDArray[Any], padding: tuple[int, int] | None) -> NDArray[np.bool_] | None:
    """Return True where stored values are padding or not finite; None where no pixel is."""
    mask: NDArray[np.bool_] | None = None
    if padding is not None and values.ndim == 2:
        mask = (values >= padding[0]) & (values <= padding[1])
    if values.dtype.kind == "f":
        unreal = ~np.isfinite(values)
        mask = unreal if mask is None else mask | unreal
    return mask if mask is not None and mask.any() else None
