"""Other sections as they are drawn in a pane: lines with a gap at the crosshair, handles, and the edges of slabs."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING

from workstation.geometry.image_plane import add, cross, dot, length, unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workstation.dicom.identity import Vector
    from workstation.geometry.image_plane import ImagePlane
    from workstation.viewing.display_transform import DisplayTransform
    from workstation.viewing.view_state import Section

Point = tuple[float, float]
Segment = tuple[Point, Point]

GAP = 13.0
"""Logical pixels around the crosshair's point that its lines leave free: the reader looks at that very point."""
REACH = 0.36
"""Distance of the round handles from the crosshair, as a share of the pane's smaller side."""
SLAB_REACH = 0.62
"""Distance of the square handles, as a share of that of the round ones."""
NEAREST = 34.0
"""Logical pixels from the crosshair below which a handle would be in the way."""
INSET = 22.0
"""Logical pixels a handle stays away from the edge of its pane."""
ROUND, SQUARE, CENTRE, EDGE, LINE = 11.0, 9.0, 12.0, 5.0, 6.0
"""Logical pixels within which a press takes hold of a handle, the crosshair, the edge of a slab, a line."""
SEEN = 2.0
"""Logical pixels from line to slab edge below which the edge would only thicken the line."""
PARALLEL_SINE = 0.02


@dataclass(frozen=True, slots=True)
class CrossLine:
    """One section as drawn in another pane, in screen pixels.

    ``segments`` are the line, open at the crosshair; ``turn`` are its round handles. ``edges`` are the lines at plus
    and minus half a slab, ``slab`` a square handle on each. ``across`` is the unit direction on the screen in which
    the section's normal points, ``mm`` the way along that normal per pixel there.
    """

    pane: int
    orientation: str
    pivot: Point
    across: Point
    mm: float
    segments: tuple[Segment, ...]
    turn: tuple[Point, ...] = ()
    edges: tuple[Segment, ...] = ()
    slab: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Grip:
    """What a press would take hold of: ``kind`` is "turn", "slab", "centre" or "line", of the section in ``pane``.

    ``handle`` counts the round or square handles, None for a line; ``side`` is the edge of the slab, -1 or 1.
    """

    kind: str
    pane: int = -1
    handle: int | None = None
    side: int = 0


def parallel(a: ImagePlane, b: ImagePlane) -> bool:
    """Return whether two planes give no line in each other."""
    return length(cross(a.normal, b.normal)) < PARALLEL_SINE


def cross_line(
    pane: int,
    section: Section,
    theirs: ImagePlane,
    plane: ImagePlane,
    view: DisplayTransform,
    width: float,
    height: float,
) -> CrossLine | None:
    """Return how ``section``, lying on ``theirs``, is drawn in a view of ``plane``; None where they are parallel."""
    along = cross(plane.normal, theirs.normal)
    sine = length(along)
    if sine < PARALLEL_SINE:
        return None
    along = unit(along)
    across = cross(along, plane.normal)
    rise = dot(across, theirs.normal)
    if rise < 0:
        across, rise = (-across[0], -across[1], -across[2]), -rise
    # the section's point seen along this pane's normal, then slid across to where the two planes really meet
    seen = add(section.point, plane.normal, -plane.pixel(section.point)[2])
    through = add(seen, across, dot(add(section.point, seen, -1.0), theirs.normal) / rise)
    pivot = view.to_screen(*plane.image_point(through))
    forward, aside = _on_screen(view, plane, through, along), _on_screen(view, plane, through, across)
    if forward is None or aside is None:
        return None
    (direction, _), (sideways, per_mm) = forward, aside
    whole = _through_pane(pivot, direction, width, height)
    if whole is None:
        return None
    reach = REACH * min(width, height)
    edges, squares = _slab(pivot, direction, sideways, section.slab_mm / 2 / rise * per_mm, reach, (width, height))
    return CrossLine(
        pane,
        section.orientation,
        pivot,
        sideways,
        rise / per_mm,
        _open(whole, pivot, direction),
        _handles(pivot, direction, reach, width, height),
        edges,
        squares,
    )


def _slab(
    pivot: Point, direction: Point, sideways: Point, half: float, reach: float, size: Point
) -> tuple[tuple[Segment, ...], tuple[Point, ...]]:
    """Return the edges of a slab and a square handle on each, at opposite ends of the line."""
    if half < SEEN:
        return (), ()
    places = [_moved(pivot, sideways, half * side) for side in (-1, 1)]
    edges = tuple(_through_pane(place, direction, *size) for place in places)
    if edges[0] is None or edges[1] is None:
        return (), ()
    squares = tuple(
        _moved(place, direction, side * SLAB_REACH * reach) for place, side in zip(places, (-1, 1), strict=True)
    )
    return (edges[0], edges[1]), squares


def grip_at(lines: Sequence[CrossLine], x: float, y: float) -> Grip | None:
    """Return what is under a place of the pane: handles before the crosshair before edges before lines."""
    for line in lines:
        for number, place in enumerate(line.turn):
            if hypot(place[0] - x, place[1] - y) <= ROUND:
                return Grip("turn", line.pane, number)
    for line in lines:
        for number, place in enumerate(line.slab):
            if hypot(place[0] - x, place[1] - y) <= SQUARE:
                return Grip("slab", line.pane, number, 2 * number - 1)
    near = [line for line in lines if any(distance(each, x, y) <= LINE for each in line.segments)]
    if len(near) > 1 or any(hypot(line.pivot[0] - x, line.pivot[1] - y) <= CENTRE for line in lines):
        return Grip("centre")
    if near:
        return Grip("line", near[0].pane)
    for line in lines:
        for number, edge in enumerate(line.edges):
            if distance(edge, x, y) <= EDGE:
                return Grip("slab", line.pane, None, 2 * number - 1)
    return None


def distance(segment: Segment, x: float, y: float) -> float:
    """Return how far a place is from a segment."""
    (x0, y0), (x1, y1) = segment
    squared = ((x1 - x0) ** 2 + (y1 - y0) ** 2) or 1e-9
    part = min(max(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / squared, 0.0), 1.0)
    return hypot(x - x0 - part * (x1 - x0), y - y0 - part * (y1 - y0))


def held_line(lines: Sequence[CrossLine], grip: Grip) -> CrossLine | None:
    """Return the line a grip belongs to."""
    return next((line for line in lines if line.pane == grip.pane), None)


def _on_screen(
    view: DisplayTransform, plane: ImagePlane, point: Vector, direction: Vector
) -> tuple[Point, float] | None:
    """Return the unit direction on the screen of a patient direction, and the pixels of one millimetre along it."""
    x0, y0 = view.to_screen(*plane.image_point(point))
    x1, y1 = view.to_screen(*plane.image_point(add(point, direction)))
    size = hypot(x1 - x0, y1 - y0)
    return (((x1 - x0) / size, (y1 - y0) / size), size) if size > 1e-9 else None


def _moved(place: Point, direction: Point, way: float) -> Point:
    return place[0] + direction[0] * way, place[1] + direction[1] * way


def _clipped(start: Point, end: Point, low: Point, high: Point) -> Segment | None:
    # imported late: it brings numpy, which a window without an image does without
    from workstation.geometry.intersection import clip

    return clip(start, end, low, high)


def _through_pane(place: Point, direction: Point, width: float, height: float) -> Segment | None:
    far = 4.0 * (width + height) + abs(place[0]) + abs(place[1])
    return _clipped(_moved(place, direction, -far), _moved(place, direction, far), (0.0, 0.0), (width, height))


def _open(whole: Segment, pivot: Point, direction: Point) -> tuple[Segment, ...]:
    """Return a line without the part around the crosshair."""
    first, last = ((end[0] - pivot[0]) * direction[0] + (end[1] - pivot[1]) * direction[1] for end in whole)
    parts = ((first, min(last, -GAP)), (max(first, GAP), last))
    return tuple(
        (_moved(pivot, direction, start), _moved(pivot, direction, end)) for start, end in parts if end - start > 0.5
    )


def _handles(pivot: Point, direction: Point, reach: float, width: float, height: float) -> tuple[Point, ...]:
    """Return where a line can be turned: at both sides of the crosshair, within the pane, not over its point."""
    room = _clipped(
        _moved(pivot, direction, -reach),
        _moved(pivot, direction, reach),
        (INSET, INSET),
        (width - INSET, height - INSET),
    )
    if room is None:
        return ()
    return tuple(end for end in room if hypot(end[0] - pivot[0], end[1] - pivot[1]) >= NEAREST)
