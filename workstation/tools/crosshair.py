"""Point somewhere: every linked pane goes there. Its lines turn the planes and make slabs thicker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import atan2
from typing import TYPE_CHECKING

from workstation.geometry.image_plane import add
from workstation.tools.tool import Crosshair, Drag, DragFunction, Planes, Pointer, Scene, Tool
from workstation.viewing.sections import turned

if TYPE_CHECKING:
    from workstation.viewing.view_state import Section

THICKEST = 300.0
"""Millimetres of the thickest slab that can be drawn."""


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


def turn(sections: Mapping[int, Section], held: int) -> DragFunction:
    """Return the gesture that turns ``sections`` about this pane's normal; with Ctrl only the one that is ``held``.

    The pane itself stays put, and planes that were perpendicular stay so.
    """

    def drag(scene: Scene, press: Pointer) -> Drag:
        plane = scene.plane
        if plane is None:
            return
        column, row, _ = plane.pixel(sections[held].point)

        def angle(event: Pointer) -> float:
            right = (event.image_point[0] - 0.5 - column) * plane.spacing[1]
            return atan2((event.image_point[1] - 0.5 - row) * plane.spacing[0], right)

        start = angle(press)
        event = yield None
        while event.kind == "move":
            by = angle(event) - start
            event = yield Planes(
                {
                    pane: section if event.fast and pane != held else turned(section, plane.normal, by)
                    for pane, section in sections.items()
                }
            )

    return drag


def thicken(pane: int, section: Section, across: tuple[float, float], mm: float) -> DragFunction:
    """Return the gesture that moves an edge of a slab: both edges go, the plane in the middle stays.

    ``across`` is the unit direction on the screen away from the plane, ``mm`` what a pixel along it is worth.
    """

    def drag(scene: Scene, press: Pointer) -> Drag:
        event = yield None
        while event.kind == "move":
            way = (event.x - press.x) * across[0] + (event.y - press.y) * across[1]
            thickness = min(max(section.slab_mm + 2 * way * mm, 0.0), THICKEST)
            step = 0.5 if thickness < 20 else 1.0
            event = yield Planes({pane: replace(section, slab_mm=round(thickness / step) * step)})

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
