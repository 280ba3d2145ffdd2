"""Measurements as strokes and labels of a pane: one row of a table per kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from math import cos, hypot, pi, sin
from typing import TYPE_CHECKING

from workstation.geometry.image_plane import dot
from workstation.measurements.calibration import Calibration, calibration_of
from workstation.measurements.length import length_of
from workstation.measurements.measurement import Measurement, measured_on, pixels_on
from workstation.objects.picture import FrameKey
from workstation.tools.measure import handles_of
from workstation.ui.pane_overlay import Label, Stroke
from workstation.viewing.sections import slab_text

if TYPE_CHECKING:
    from workstation.geometry.image_plane import ImagePlane
    from workstation.tools.tool import Draft
    from workstation.ui.pane_api import PaneApi
    from workstation.viewing.display_transform import DisplayTransform
    from workstation.viewing.view_state import Section

Pixels = tuple[tuple[float, float], ...]
Screen = tuple[tuple[float, float], ...]
ROUND = 72
TICK = 5.0
SAME_DIRECTION = 0.99999
"""Least cosine between two directions that are one (a quarter of a degree)."""
HOLD = 6.0
"""Logical pixels within which a press takes hold of a measurement."""


def draft_pixels(draft: Draft) -> Pixels:
    """Return a draft's points as pixels: image points count from the corner, pixels from the centre."""
    return tuple((column - 0.5, row - 0.5) for column, row in draft.points)


def on_screen(pixels: Pixels, transform: DisplayTransform) -> Screen:
    """Return pixels as pane coordinates."""
    return tuple(transform.to_screen(column + 0.5, row + 0.5) for column, row in pixels)


def kept(pane: PaneApi) -> list[tuple[Measurement, Pixels]]:
    """Return the measurements that belong on the pane's picture and where they are (D46)."""
    picture, plane = pane.picture, pane.plane
    if picture is None:
        return []
    ref = picture.key.ref if isinstance(picture.key, FrameKey) else None
    found = []
    for measurement in pane.workspace.measurements:
        pixels = pixels_on(measurement, ref, plane)
        own = ref is not None and measurement.ref == ref
        if pixels is not None and (own or _lies_alike(measurement, plane)):
            found.append((measurement, pixels))
    return found


def _lies_alike(measurement: Measurement, plane: ImagePlane | None) -> bool:
    """Whether what was drawn on one plane is the same on another through its points (D46).

    Two points lie on many planes: a length is shown where the normal is the same, a box where its sides are as well.
    """
    drawn_on = measurement.plane
    if drawn_on is None or plane is None:
        return True
    if abs(dot(drawn_on.normal, plane.normal)) < SAME_DIRECTION:
        return False
    sides = max(abs(dot(drawn_on.right, plane.right)), abs(dot(drawn_on.right, plane.down)))
    return measurement.kind == "length" or sides >= SAME_DIRECTION


@dataclass(frozen=True, slots=True)
class Hit:
    """A measurement under the pointer, its pixels, and the handle there (None: its line)."""

    measurement: Measurement
    pixels: Pixels
    handle: int | None
    movable: bool


def hit(pane: PaneApi, x: float, y: float) -> Hit | None:
    """Return the measurement at a place of the pane, the newest first."""
    transform = pane.transform()
    for measurement, pixels in reversed(kept(pane)):
        handles = on_screen(handles_of(measurement.kind, pixels), transform)
        near = [place for place, (hx, hy) in enumerate(handles) if abs(hx - x) <= HOLD and abs(hy - y) <= HOLD]
        strokes = strokes_of(measurement.kind, pixels, transform, "")
        if near or any(distance_to(stroke, x, y) <= HOLD for stroke in strokes):
            return Hit(measurement, pixels, near[0] if near else None, _native(measurement, pane))
    return None


def _native(measurement: Measurement, pane: PaneApi) -> bool:
    """Whether the measurement was drawn on this picture, not on another frame of the same place."""
    key = pane.picture.key if pane.picture is not None else None
    return measurement.ref is None or (isinstance(key, FrameKey) and key.ref == measurement.ref)


def distance_to(stroke: Stroke, x: float, y: float) -> float:
    """Return how far a place is from a stroke, screen pixels."""
    points = (*stroke.points, stroke.points[0]) if stroke.closed else stroke.points
    best = float("inf")
    for (x0, y0), (x1, y1) in pairwise(points):
        along = ((x1 - x0) ** 2 + (y1 - y0) ** 2) or 1e-9
        part = min(max(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / along, 0.0), 1.0)
        best = min(best, hypot(x - x0 - part * (x1 - x0), y - y0 - part * (y1 - y0)))
    return best


def handle_strokes(kind: str, pixels: Pixels, transform: DisplayTransform) -> list[Stroke]:
    """Return small squares where a selected measurement can be taken hold of."""
    boxes = []
    for x, y in on_screen(handles_of(kind, pixels), transform):
        corners = ((x - 3, y - 3), (x + 3, y - 3), (x + 3, y + 3), (x - 3, y + 3))
        boxes.append(Stroke(corners, "selected", closed=True))
    return boxes


def measured(draft: Draft, pane: PaneApi) -> Measurement | None:
    """Return a finished draft as a measurement of the pane's picture."""
    picture = pane.picture
    if picture is None:
        return None
    number = draft.replaces or max((m.number for m in pane.workspace.measurements), default=0) + 1
    ref = picture.key.ref if isinstance(picture.key, FrameKey) else None
    return measured_on(number, draft.kind, draft_pixels(draft), ref, pane.plane)


def strokes_of(kind: str, pixels: Pixels, transform: DisplayTransform, color: str) -> list[Stroke]:
    """Return the lines of a measurement."""
    return _STROKES[kind](on_screen(pixels, transform), color)


def labels_of(kind: str, pixels: Pixels, transform: DisplayTransform, pane: PaneApi) -> list[Label]:
    """Return the words of a measurement, beside it."""
    points = on_screen(pixels, transform)
    x = max(point[0] for point in points) + 8
    y = max(point[1] for point in points) + 4
    lines = text_of(kind, pixels, pane)
    widest = 7.0 * max((len(line) for line in lines), default=0)
    x = min(x, max(8.0, pane.width() - widest - 24))
    y = min(y, pane.height() - 16.0 * len(lines))
    return [Label(x, y + 15 * place, line) for place, line in enumerate(lines)]


def text_of(kind: str, pixels: Pixels, pane: PaneApi) -> tuple[str, ...]:
    """Return what a measurement says: value, unit and where the calibration comes from (D33, D43, D44)."""
    from workstation.imaging.padding import padding_mask
    from workstation.measurements.region import described as region_lines
    from workstation.measurements.region import region_statistics

    picture = pane.picture
    if picture is None:
        return ()
    calibration = _calibration(pixels, pane)
    section = pane.viewport.state.section
    if kind == "length":
        # a length lies on the plane: the slab around it has no part in it
        return (length_of(pixels[0], pixels[1], calibration).text + (" (reformatted)" if section is not None else ""),)
    if not pane.fine:
        return ()
    if picture.values.ndim == 3:
        return _color_text(kind, pixels, pane, calibration)
    values = picture.modality_values(picture.values)
    mask = None if picture.is_section else padding_mask(picture.values, picture.rendering.padding)
    statistics = region_statistics(kind, pixels[0], pixels[1], values, calibration, mask)
    lines = region_lines(statistics, calibration, picture.rendering.unit)
    return (*lines, _made_by(section)) if section is not None else lines


def _made_by(section: Section) -> str:
    """Return how the values of a section were made."""
    return f"{slab_text(section)}, reformatted" if section.slab_mm > 0 else "reformatted"


def _color_text(kind: str, pixels: Pixels, pane: PaneApi, calibration: Calibration) -> tuple[str, ...]:
    """Colour has a mean per channel and never a unit (C15)."""
    from workstation.measurements.region import described as region_lines
    from workstation.measurements.region import region_statistics

    assert pane.picture is not None
    channels = [
        region_statistics(kind, pixels[0], pixels[1], pane.picture.values[..., channel], calibration)
        for channel in range(3)
    ]
    means = ", ".join(f"{each.mean:.1f}" for each in channels)
    return (f"mean RGB {means}", *region_lines(channels[0], calibration)[2:])


def _calibration(pixels: Pixels, pane: PaneApi) -> Calibration:
    picture = pane.picture
    assert picture is not None
    stack = pane.workspace.catalogue.stack(pane.viewport.state.stack_id)
    plane = pane.plane
    if picture.is_section and plane is not None:
        return replace(picture.calibration, row_mm=plane.spacing[0], column_mm=plane.spacing[1])
    if stack is None:
        return picture.calibration
    place = stack.frames[min(pane.viewport.state.index, len(stack.frames) - 1)]
    return calibration_of(place.instance, place.frame, pixels)


def _length(points: Screen, color: str) -> list[Stroke]:
    (x0, y0), (x1, y1) = points
    length = max(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5, 1e-6)
    dx, dy = -(y1 - y0) / length * TICK, (x1 - x0) / length * TICK
    ends = [Stroke(((x - dx, y - dy), (x + dx, y + dy)), color) for x, y in points]
    return [Stroke(points, color), *ends]


def _box(points: Screen, color: str) -> list[Stroke]:
    (x0, y0), (x1, y1) = points
    return [Stroke(((x0, y0), (x1, y0), (x1, y1), (x0, y1)), color, closed=True)]


def _ellipse(points: Screen, color: str) -> list[Stroke]:
    (x0, y0), (x1, y1) = points
    cx, cy, rx, ry = (x0 + x1) / 2, (y0 + y1) / 2, abs(x1 - x0) / 2, abs(y1 - y0) / 2
    around = tuple((cx + rx * cos(2 * pi * n / ROUND), cy + ry * sin(2 * pi * n / ROUND)) for n in range(ROUND))
    return [Stroke(around, color, closed=True)]


_STROKES: dict[str, Callable[[Screen, str], list[Stroke]]] = {
    "length": _length,
    "rectangle": _box,
    "ellipse": _ellipse,
}
