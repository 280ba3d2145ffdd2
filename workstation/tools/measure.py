"""Draw a measurement from corner to corner."""

from __future__ import annotations

from workstation.tools.tool import Draft, Drag, DragFunction, Pointer, Scene, Tool

LEAST = 3.0
"""Logical pixels of travel below which a press is a slip, not a measurement."""


def two_points(kind: str) -> DragFunction:
    """Return the gesture for a measurement given by two image points."""

    def drag(scene: Scene, press: Pointer) -> Drag:
        event = yield None
        end = press
        while event.kind == "move":
            end = event
            event = yield Draft(kind, (press.image_point, end.image_point))
        if abs(end.x - press.x) + abs(end.y - press.y) >= LEAST:
            yield Draft(kind, (press.image_point, end.image_point), done=True)

    return drag


LENGTH = Tool("length", "Length", "length", "D", "Drag from end to end", two_points("length"), "cross")
ELLIPSE = Tool(
    "ellipse",
    "Ellipse",
    "ellipse",
    "E",
    "Drag across the region: mean, SD, area",
    two_points("ellipse"),
    "cross",
)
RECTANGLE = Tool(
    "rectangle",
    "Rectangle",
    "rectangle",
    "Shift+E",
    "Drag across the region: mean, SD, area",
    two_points("rectangle"),
    "cross",
)
