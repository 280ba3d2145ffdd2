"""What a report points to, drawn over the pane it leads to: places on a frame, or in the patient (F17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, pi, sin
from typing import TYPE_CHECKING, NamedTuple, cast

from workstation.dicom.identity import FrameRef

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workstation.dicom.identity import Vector
    from workstation.geometry.image_plane import ImagePlane
    from workstation.geometry.stack import Stack
    from workstation.objects.content_item import Graphic, Reference
    from workstation.objects.page import Target

ROUND = 96
"""Points of a drawn circle or ellipse."""
DRAWN_POINTS = 20_000
NEAR_MM = 1.5
"""Distance in mm from a plane without neighbours at which a place in the patient still belongs to it."""

ImagePoints = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Pointed:
    """Graphics of a report in a pane; ``frames`` are numbers from 1, none of them means every frame."""

    pane: int
    label: str
    sop_instance_uid: str = ""
    frames: tuple[int, ...] = ()
    graphics: tuple[Graphic, ...] = ()

    def is_on(self, ref: FrameRef | None) -> bool:
        """Tell whether what is said of a frame is said of this one (C.18.3: without numbers, of all frames)."""
        if ref is None or ref.sop_instance_uid != self.sop_instance_uid:
            return False
        return not self.frames or ref.frame_index + 1 in self.frames


class Shape(NamedTuple):
    """One graphic on a picture: image points from the corner; ``marks`` are points that stand alone."""

    points: ImagePoints
    closed: bool
    marks: ImagePoints
    label: str


def shapes_on(
    pointed: Pointed, ref: FrameRef | None, plane: ImagePlane | None, thickness: float = 2 * NEAR_MM
) -> list[Shape]:
    """Return what is to be drawn on a picture: of its frame, or within half its thickness in mm."""
    shapes = []
    for graphic in pointed.graphics:
        if graphic.in_space:
            points = _places(graphic, plane, max(thickness / 2, NEAR_MM))
        else:
            points = cast("ImagePoints", graphic.points[:DRAWN_POINTS]) if pointed.is_on(ref) else ()
        if points:
            shapes.append(_shape(graphic.kind, points, graphic.label or pointed.label))
    return shapes


def _places(graphic: Graphic, plane: ImagePlane | None, reach: float) -> ImagePoints:
    """Return patient points as image points where all of them lie on the plane (C.18.9)."""
    if plane is None or graphic.frame_of_reference_uid not in ("", plane.frame_of_reference_uid):
        return ()
    points = cast("Sequence[Vector]", graphic.points[:DRAWN_POINTS])
    if any(abs(plane.pixel(point)[2]) > reach for point in points):
        return ()
    return tuple(plane.image_point(point) for point in points)


def _shape(kind: str, points: ImagePoints, label: str) -> Shape:
    if kind == "CIRCLE" and len(points) >= 2:
        (x, y), (rim_x, rim_y) = points[:2]
        radius = hypot(rim_x - x, rim_y - y)
        return Shape(_round((x, y), (radius, 0.0), (0.0, radius)), True, (), label)
    if kind == "ELLIPSE" and len(points) >= 4:
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = points[:4]
        middle = ((ax + bx) / 2, (ay + by) / 2)
        return Shape(_round(middle, ((bx - ax) / 2, (by - ay) / 2), ((dx - cx) / 2, (dy - cy) / 2)), True, (), label)
    if kind in ("POLYLINE", "POLYGON") and len(points) >= 2:
        closed = kind == "POLYGON" or (len(points) > 3 and points[0] == points[-1])
        return Shape(points, closed, (), label)
    return Shape((), False, points, label)


def _round(middle: tuple[float, float], long: tuple[float, float], short: tuple[float, float]) -> ImagePoints:
    """Return an ellipse by its half axes (C.18.6.1.2: ends of the major axis, then of the minor one)."""
    turns = [2 * pi * n / ROUND for n in range(ROUND)]
    return tuple(
        (
            middle[0] + long[0] * cos(turn) + short[0] * sin(turn),
            middle[1] + long[1] * cos(turn) + short[1] * sin(turn),
        )
        for turn in turns
    )


def place_of(
    target: Target,
    places: Mapping[FrameRef, tuple[Stack, int]],
    stacks: Sequence[Stack],
) -> tuple[Stack, int] | None:
    """Return where a target is to be seen: the frame it refers to, else the image nearest to its coordinates.

    ``stacks`` are looked through in the order given.
    """
    if target.reference is not None:
        found = _frame(target.reference, places)
        if found is not None:
            return found
    graphic = next((one for one in target.graphics if one.in_space), None)
    return _nearest(graphic, stacks) if graphic is not None else None


def _frame(reference: Reference, places: Mapping[FrameRef, tuple[Stack, int]]) -> tuple[Stack, int] | None:
    for number in reference.frames[:1] or (1,):
        for tile in (None, 0):
            found = places.get(FrameRef(reference.sop_instance_uid, number - 1, tile))
            if found is not None:
                return found
    return None


def _nearest(graphic: Graphic, stacks: Sequence[Stack]) -> tuple[Stack, int] | None:
    """Return the image of the same Frame of Reference that is nearest to the first point."""
    point = cast("Vector", graphic.points[0])
    for stack in stacks:
        if stack.kind != "image" or stack.frame_of_reference_uid != graphic.frame_of_reference_uid:
            continue
        distances = [
            (abs(frame.plane.pixel(point)[2]), place)
            for place, frame in enumerate(stack.frames)
            if frame.plane is not None
        ]
        if distances:
            return stack, min(distances)[1]
    return None
