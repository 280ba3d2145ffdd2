"""Point somewhere: every linked pane goes there."""

from __future__ import annotations

from workstation.tools.tool import Crosshair, Drag, Pointer, Scene, Tool


def drag(scene: Scene, press: Pointer) -> Drag:
    """Follow the pointer with one patient point; panes of the same Frame of Reference go there (D36, D37)."""
    event = press
    while event.kind != "release":
        point = scene.patient_point(event.image_point)
        event = yield None if point is None else Crosshair(point)


CROSSHAIR = Tool(
    "crosshair",
    "3D cursor",
    "crosshair",
    "X",
    "Click or drag: all panes of the patient go to that point",
    drag,
    "cross",
)
