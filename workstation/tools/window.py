"""Drag to window: horizontal = width, vertical = level (B33)."""

from __future__ import annotations

from dataclasses import replace

from workstation.tools.tool import Drag, Pointer, Scene, Tool

FAST = 4.0


def drag(scene: Scene, press: Pointer) -> Drag:
    """Right widens, up brightens; Ctrl is four times faster."""
    if scene.window is None:
        return
    right = down = 0.0
    last = press
    event = yield None
    while event.kind == "move":
        gain = FAST if event.fast else 1.0
        right += (event.x - last.x) * gain
        down += (event.y - last.y) * gain
        last = event
        yield_right, yield_down = styled(scene.drag_style, right, down)
        window = scene.window.dragged(yield_right, yield_down, scene.step)
        event = yield replace(scene.state, voi=window)


def styled(style: str, right: float, down: float) -> tuple[float, float]:
    """Return (width, level) movement for a preference: normal, swapped, or inverted vertical."""
    if style == "swapped":
        return -down, -right
    if style == "inverted":
        return right, -down
    return right, down


WINDOW = Tool("window", "Window", "window", "W", "Drag: right widens, up brightens; Ctrl is faster", drag, "window")
