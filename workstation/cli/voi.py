"""Which window a picture is rendered with, and sections as display pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workstation.errors import BadUsage
from workstation.imaging.auto_window import auto_window, default_voi
from workstation.imaging.modality_lut import Rescale
from workstation.imaging.pipeline import Pipeline
from workstation.imaging.window import Window

if TYPE_CHECKING:
    import argparse

    import numpy as np
    from numpy.typing import NDArray

    from workstation.geometry.stack import Stack
    from workstation.imaging.voi_lut import VoiChoice
    from workstation.objects.picture import Picture


def chosen_voi(options: argparse.Namespace, picture: Picture) -> VoiChoice:
    """Return what ``--window``, ``--voi`` or ``--auto`` names, else what a pane shows at first.

    Raises
    ------
    BadUsage
        If the header has no such window, or the width is unusable (B12).
    """
    if options.window is not None:
        return linear_window(options.window)
    rendering = picture.rendering
    if options.voi is not None:
        if options.voi > len(rendering.voi):
            raise BadUsage(f"--voi {options.voi}: the header has {len(rendering.voi)} windows and VOI LUTs.")
        return rendering.voi[int(options.voi) - 1]
    if options.auto:
        return auto_window(picture.statistics, rendering)
    return default_voi(rendering, picture.statistics)


def linear_window(pair: tuple[float, float]) -> Window:
    """Return the LINEAR window of (center, width).

    Raises
    ------
    BadUsage
        If the width is below 1 (PS3.3 C.11.2.1.2.1).
    """
    center, width = pair
    if width < 1:
        raise BadUsage("--window: the width must be at least 1.")
    return Window(center, width)


def section_pixels(values: NDArray[Any], stack: Stack, window: tuple[float, float] | None) -> NDArray[np.uint8]:
    """Return display values of a section's modality values (rows, columns) as a pane shows them.

    Without ``window`` it is the one the stack's middle slice is first shown with.
    """
    from workstation.objects.images import ImageReader

    frame = stack.frames[len(stack.frames) // 2]
    reader = ImageReader(frame.instance)
    try:
        picture = reader.picture(frame.ref)
    finally:
        reader.close()
    voi = default_voi(picture.rendering, picture.statistics) if window is None else linear_window(window)
    identity = Rescale(1.0, 0.0, picture.rendering.unit)
    rendering = replace(picture.rendering, modality_stage=identity, stored_range=None, padding=None)
    return Pipeline(rendering, voi).display(values)
