"""Frames read one after the other, one instance open at a time.

Stacks come slice by slice, and a multi-frame object stays open over its frames.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from workstation.imaging.padding import padding_mask
from workstation.imaging.pipeline import modality_values
from workstation.objects.images import ImageReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from workstation.dicom.identity import FrameRef, Instance
    from workstation.geometry.frames import StackFrame
    from workstation.objects.picture import Picture


@contextmanager
def picture_reader() -> Iterator[Callable[[Instance, FrameRef], Picture]]:
    """Give a function from an instance and one of its frames to the picture; it raises what ``ImageReader`` does."""
    held: ImageReader | None = None

    def read(instance: Instance, ref: FrameRef) -> Picture:
        nonlocal held
        if held is None or held.instance is not instance:
            if held is not None:
                held.close()
            held = ImageReader(instance)
        return held.picture(ref)

    try:
        yield read
    finally:
        if held is not None:
            held.close()


@contextmanager
def modality_reader(*, mask_padding: bool) -> Iterator[Callable[[StackFrame], NDArray[Any]]]:
    """Give a function from a frame to its modality values (rows, columns).

    With ``mask_padding`` the values are a masked array whose mask is the padding.
    """
    with picture_reader() as read_picture:

        def read(frame: StackFrame) -> NDArray[Any]:
            picture = read_picture(frame.instance, frame.ref)
            values = modality_values(picture.values, picture.rendering)
            mask = padding_mask(picture.values, picture.rendering.padding) if mask_padding else None
            return values if mask is None else np.ma.masked_array(values, mask)

        yield read


def pictures_of(frames: Iterable[tuple[Instance, FrameRef]]) -> Iterator[Picture]:
    """Give the pictures of frames in their order; raises what ``ImageReader`` does."""
    with picture_reader() as read:
        for instance, ref in frames:
            yield read(instance, ref)
