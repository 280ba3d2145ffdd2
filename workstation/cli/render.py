"""``workstation render``: display pixels of one frame, exactly the pane's pipeline, on the stored grid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workstation.cli.arguments import checked_suffix
from workstation.cli.collect import Collected, collect, complain
from workstation.cli.png import write_png
from workstation.cli.voi import chosen_voi
from workstation.dicom.identity import FrameRef
from workstation.errors import BadUsage
from workstation.export.frames import Look, display_pixels
from workstation.objects.images import ImageReader

if TYPE_CHECKING:
    import argparse

    from workstation.dicom.identity import Instance
    from workstation.objects.picture import Picture


def run(options: argparse.Namespace) -> int:
    """Write one frame as PNG."""
    checked_suffix(options.out, (".png",))
    collected = collect(options.paths)
    code = collected.report_faults()
    instance, ref = chosen_frame(collected, options)
    reader = ImageReader(instance)
    try:
        picture = reader.picture(ref)
    finally:
        reader.close()
    write_png(Path(options.out), display_pixels(picture, look_of(options, picture)))
    if picture.is_truncated:
        complain(instance.locator, f"truncated: {picture.complete_rows} of {picture.values.shape[0]} rows are there")
        return 1
    return code


def chosen_frame(collected: Collected, options: argparse.Namespace) -> tuple[Instance, FrameRef]:
    """Return the instance and frame that ``--series``, ``--sop`` and ``--frame`` name.

    Of one instance ``--frame`` is the frame number; of a series of several it counts along the first stack.

    Raises
    ------
    BadUsage
    """
    refs = chosen_frames(collected, options)
    if options.frame > len(refs):
        raise BadUsage(f"--frame {options.frame}: the last frame is {len(refs)}.")
    return refs[int(options.frame) - 1]


def chosen_frames(collected: Collected, options: argparse.Namespace) -> list[tuple[Instance, FrameRef]]:
    """Return the frames of the one instance that ``--series`` and ``--sop`` name, of several along the first stack.

    Raises
    ------
    BadUsage
        If there are none.
    """
    wanted = wanted_instances(collected, options)
    if len(wanted) == 1 or options.sop is not None:
        instance = wanted[0]
        count = max(instance.number_of_frames, 1)
        return [(instance, FrameRef(instance.sop_instance_uid, index)) for index in range(count)]
    refs = _along_first_stack(collected, {id(instance) for instance in wanted})
    return refs or [(instance, FrameRef(instance.sop_instance_uid, 0)) for instance in wanted]


def wanted_instances(collected: Collected, options: argparse.Namespace) -> list[Instance]:
    """Return the instances with pixels that ``--series`` and ``--sop`` name.

    Raises
    ------
    BadUsage
        If there are none.
    """
    wanted = [
        instance
        for instance in collected.instances
        if instance.has_pixels
        and options.series in (None, instance.series_instance_uid)
        and options.sop in (None, instance.sop_instance_uid, instance.values.get("DuplicateOf"))
    ]
    # A UID that two objects share means the one found first, which kept it.
    wanted.sort(key=lambda instance: "DuplicateOf" in instance.values)
    if not wanted:
        chosen = " with that UID" if options.series or options.sop else ""
        raise BadUsage(f"{', '.join(options.paths)}: no object{chosen} with pixel data.")
    return wanted


def _along_first_stack(collected: Collected, wanted: set[int]) -> list[tuple[Instance, FrameRef]]:
    for stack in collected.catalogue.ordered_stacks():
        # A mosaic's tiles are one stored frame: on the stored grid they come together, once.
        frames: dict[FrameRef, Instance] = {
            FrameRef(frame.ref.sop_instance_uid, frame.ref.frame_index): frame.instance
            for frame in stack.frames
            if id(frame.instance) in wanted
        }
        if frames:
            return [(instance, ref) for ref, instance in frames.items()]
    return []


def look_of(options: argparse.Namespace, picture: Picture) -> Look:
    """Return how the options say that a picture is shown; overlays and shutter only if asked for.

    Raises
    ------
    BadUsage
    """
    voi = chosen_voi(options, picture) if picture.rendering.has_window else None
    return Look(voi, options.invert, overlays=options.overlays, shutter=options.shutter)
