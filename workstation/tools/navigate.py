"""Scroll, zoom and pan by dragging."""

from __future__ import annotations

import math
from dataclasses import replace

from workstation.tools.tool import Drag, Pointer, Scene, Tool
from workstation.viewing.display_transform import panned, zoomed_at

LEAST_TRAVEL = 3.0
"""Logical pixels per slice at least, so that short stacks do not fly past."""


def scroll(scene: Scene, press: Pointer) -> Drag:
    """Drag down for later slices; the whole stack fits the height of the pane."""
    travel = max(LEAST_TRAVEL, scene.height / max(scene.frames, 1))
    start = scene.state.index
    event = yield None
    while event.kind == "move":
        step = (event.y - press.y) / travel * (4.0 if event.fast else 1.0)
        index = min(max(start + round(step), 0), max(scene.frames - 1, 0))
        event = yield replace(scene.state, index=index)


def zoom(scene: Scene, press: Pointer) -> Drag:
    """Drag up to enlarge about the point where the drag began."""
    event = yield None
    while event.kind == "move":
        factor = math.exp((press.y - event.y) * 0.006)
        event = yield zoomed_at(scene.state, scene.transform, factor, press.x, press.y, scene.width, scene.height)


def pan(scene: Scene, press: Pointer) -> Drag:
    """Move the image with the pointer."""
    event = yield None
    while event.kind == "move":
        event = yield panned(
            scene.state, scene.transform, event.x - press.x, event.y - press.y, scene.width, scene.height
        )


SCROLL = Tool("scroll", "Scroll", "scroll", "S", "Drag up and down through the stack", scroll, "scroll")
ZOOM = Tool("zoom", "Zoom", "zoom", "Z", "Drag up to enlarge, down to reduce", zoom, "zoom")
PAN = Tool("pan", "Pan", "pan", "T", "Drag to move the image", pan, "pan")
