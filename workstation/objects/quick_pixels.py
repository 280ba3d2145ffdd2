"""Whose pixels are read in hardly more than the time their bytes take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from workstation.dicom.identity import Instance

RLE: Final = "1.2.840.10008.1.2.5"
"""RLE Lossless (PS3.5 A.4.2): its runs are copied nearly as fast as native pixels are read."""


def read_quickly(instance: Instance) -> bool:
    """Whether an instance's pixels are native, or as good as that, and lie in a file of their own."""
    place = instance.pixel_data
    if place is None or place.deflated or instance.locator.member is not None:
        return False
    return not place.encapsulated or instance.transfer_syntax_uid == RLE
