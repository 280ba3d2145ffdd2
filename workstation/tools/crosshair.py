"""Point somewhere: every linked pane goes there."""

from __future__ import annotations

from workstation.geometry.image_plane import add
from workstation.tools.tool import Crosshair, Drag, DragFunction, Pointer, Scene, Tool


def drag(scene: Scene, press: Pointer) -> Drag:
    """Follow the pointer with one patient point; panes of the same Frame of Reference go there (D36, D37)."""
    event = press
    while event.kind != "release":
        point = scene.patient_point(event.image_point)
        event = yield None if point is None else Crosshair(point)


def line_drag(along: tuple[float, float]) -> DragFunction:
    """Return the gesture that moves one line of the crosshair: the point slides across the line only.

    ``along`` is the unit direction of the line on the image plane in mm (right, down).
    """

    def drag(scene: Scene, press: Pointer) -> Drag:
        plane = scene.plane
        start = scene.crosshair
        event = press
        if plane is None or start is None:
            return
        across = (-along[1], along[0])
        column, row, _ = plane.pixel(start)
        while event.kind != "release":
            to_column, to_row = event.image_point[0] - 0.5, event.image_point[1] - 0.5
            right, down = (to_column - column) * plane.spacing[1], (to_row - row) * plane.spacing[0]
            moved = right * across[0] + down * across[1]
            point = add(add(start, plane.right, moved * across[0]), plane.down, moved * across[1])
            event = yield Crosshair(point)

    return drag


CROSSHAIR = Tool(
    "crosshair",
    "3D cursor",
    "crosshair",
    "X",
    "Click or drag: all panes of the patient go to that point",
    drag,
    "cross",
)
