"""Draw a measurement from corner to corner."""

from __future__ import annotations

from typing import Final

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


MEASURING: Final = frozenset({"length", "ellipse", "rectangle"})
"""Tools that draw: a press begins a measurement, whatever lies under it."""
Points = tuple[tuple[float, float], ...]
HANDLES: Final = {"length": ((0, 0), (1, 1)), "ellipse": ((0, 0), (1, 1), (1, 0), (0, 1))}
"""Of each handle, which point gives its column and which its row; a rectangle's are those of its ellipse."""


def handles_of(kind: str, points: Points) -> Points:
    """Return the places a measurement can be taken hold of: the ends of a line, the corners of a box."""
    pairs = HANDLES.get(kind, HANDLES["ellipse"])
    return tuple((points[column][0], points[row][1]) for column, row in pairs)


def moved(kind: str, points: Points, handle: int | None, right: float, down: float) -> Points:
    """Return the points with one handle moved, or with all of it moved where ``handle`` is None."""
    if handle is None:
        return tuple((column + right, row + down) for column, row in points)
    for_column, for_row = HANDLES.get(kind, HANDLES["ellipse"])[handle]
    return tuple(
        (column + (right if place == for_column else 0.0), row + (down if place == for_row else 0.0))
        for place, (column, row) in enumerate(points)
    )


def stay(scene: Scene, press: Pointer) -> Drag:
    """Do nothing: a press that only selects."""
    yield None


def edit(kind: str, points: Points, handle: int | None, number: int) -> DragFunction:
    """Return the gesture that moves one handle of a measurement, or the whole of it."""

    def drag(scene: Scene, press: Pointer) -> Drag:
        event = yield None
        now = points
        while event.kind == "move":
            right = event.image_point[0] - press.image_point[0]
            down = event.image_point[1] - press.image_point[1]
            now = moved(kind, points, handle, right, down)
            event = yield Draft(kind, now, replaces=number)
        if now != points:
            yield Draft(kind, now, done=True, replaces=number)

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
