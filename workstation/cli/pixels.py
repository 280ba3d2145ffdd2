"""Which stack the commands that make volumes and sections take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.cli.collect import collect, complain, images_of
from workstation.errors import BadUsage, NotAVolume

if TYPE_CHECKING:
    import argparse

    from workstation.geometry.stack import Stack


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
