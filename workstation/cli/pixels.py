"""Frames' modality values for the commands that make volumes and sections."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from workstation.cli.collect import collect, complain, images_of
from workstation.errors import BadUsage, NotAVolume

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from workstation.geometry.frames import StackFrame
    from workstation.geometry.stack import Stack
    from workstation.objects.images import ImageReader


@contextmanager
def modality_reader(*, mask_padding: bool) -> Iterator[Callable[[StackFrame], NDArray[Any]]]:
    """Give a function from a frame to its modality values (rows, columns).

    With ``mask_padding`` the values are a masked array whose mask is the padding. One instance is open at a
    time: stacks come slice by slice, and a multi-frame object stays open over its frames.
    """
    import numpy as np

    from workstation.imaging.padding import padding_mask
    from workstation.imaging.pipeline import modality_values
    from workstation.objects.images import ImageReader

    held: dict[str, ImageReader] = {}

    def read(frame: StackFrame) -> NDArray[Any]:
        uid = f"{frame.instance.sop_instance_uid} {frame.instance.locator}"
        if uid not in held:
            for reader in held.values():
                reader.close()
            held.clear()
            held[uid] = ImageReader(frame.instance)
        picture = held[uid].picture(frame.ref)
        values = modality_values(picture.values, picture.rendering)
        mask = padding_mask(picture.values, picture.rendering.padding) if mask_padding else None
        return values if mask is None else np.ma.masked_array(values, mask)

    try:
        yield read
    finally:
        for reader in held.values():
            reader.close()


def volume_stack(options: argparse.Namespace) -> tuple[Stack, int]:
    """Return the stack that ``--series`` and ``--stack`` name, else the volume with most frames, and an exit code.

    Raises
    ------
    BadUsage, NotAVolume
    """
    collected = collect(options.paths)
    code = collected.report_faults()
    stacks = images_of(collected, options.series, ", ".join(options.paths))
    if options.stack is not None:
        stacks = [stack for stack in stacks if stack.id == options.stack]
        if not stacks:
            raise BadUsage(f"No stack {options.stack}; `workstation info` lists them.")
    volumes = [stack for stack in stacks if stack.is_volume]
    if not volumes:
        raise NotAVolume(f"No volume here: {stacks[0].why_not or 'the frames do not form one'}")
    chosen = max(volumes, key=lambda stack: len(stack.frames))
    if len(volumes) > 1:
        complain(chosen.id, f"taken from {len(volumes)} volumes; --stack chooses another")
    return chosen, code
