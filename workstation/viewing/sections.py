"""Rules of reformatted planes: where they lie, how they turn, and how they are scrolled along their normal (D40)."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from math import acos, degrees
from typing import TYPE_CHECKING, Any

from workstation.geometry.image_plane import add, cross, dot
from workstation.geometry.oblique import Triad
from workstation.viewing.display_transform import DisplayTransform

if TYPE_CHECKING:
    from workstation.dicom.identity import Vector
    from workstation.geometry.image_plane import ImagePlane
    from workstation.geometry.stack import Stack
    from workstation.geometry.volume import VolumeGrid
    from workstation.viewing.view_state import Section, ViewState

SLABS = (1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 75.0, 100.0)
"""Thicknesses of slabs in mm; those not thicker than a voxel are the plane itself and are left out."""
PROJECTIONS = {"max": "MIP", "min": "MinIP", "mean": "Mean"}
"""What the projections of a slab are called on the picture."""
KEPT = 64
"""Planes and axes that are remembered: while a plane is turned each step has one of its own."""
MARGIN = 0.1
"""Share of a pane's width or height by which what comes into sight stays away from its edge."""
DIGITS = 9
"""Decimals of the millimetres that tell parallel planes apart."""
UPRIGHT = 0.05
"""Degrees below which a plane counts as not tilted."""


def triad(section: Section) -> Triad:
    """Return the directions of a section."""
    if section.right is not None and section.down is not None:
        return Triad(section.right, section.down)
    from workstation.geometry.reslice import STANDARD

    return Triad(*STANDARD[section.orientation])


def turned(section: Section, axis: Vector, angle: float) -> Section:
    """Return a section turned by ``angle`` radians about ``axis`` through its own point."""
    now = triad(section).turned(axis, angle)
    return replace(section, right=now.right, down=now.down)


def reset(section: Section) -> Section:
    """Return the standard plane through the same point."""
    return replace(section, right=None, down=None)


def tilt(section: Section) -> tuple[str, float]:
    """Return the standard orientation nearest to a section's plane and the degrees between the two."""
    from workstation.geometry.reslice import STANDARD

    normal = triad(section).normal
    closeness = {name: abs(dot(normal, cross(*directions))) for name, directions in STANDARD.items()}
    # of two that are equally near the pane's own name wins
    name = max(closeness, key=lambda each: (round(closeness[each], 6), each == section.orientation))
    angle = degrees(acos(min(closeness[name], 1.0)))
    return name, 0.0 if angle < UPRIGHT else angle


def slab_text(section: Section) -> str:
    """Return a slab in words, as ``MIP 20 mm``; empty for a plane."""
    return f"{PROJECTIONS[section.projection]} {section.slab_mm:g} mm" if section.slab_mm > 0 else ""


def thicknesses(least: float) -> tuple[float, ...]:
    """Return the slabs on offer in a volume whose smallest voxel edge is ``least`` mm: off, then thicker ones."""
    return (0.0, *(step for step in SLABS if step > least + 1e-6))


def thicker(slab_mm: float, steps: int, least: float) -> float:
    """Return the thickness ``steps`` further among those on offer; fewer for negative steps, within the ends."""
    offered = thicknesses(least)
    if steps > 0:
        above = [step for step in offered if step > slab_mm + 1e-6]
        return above[min(steps, len(above)) - 1] if above else max(slab_mm, offered[-1])
    below = [step for step in reversed(offered) if step < slab_mm - 1e-6]
    return below[min(-steps, len(below)) - 1] if below and steps else slab_mm if not steps else 0.0


@dataclass(frozen=True, slots=True)
class SectionAxis:
    """Where a section may go: from ``low`` to ``high`` mm along ``normal`` in ``step`` mm."""

    normal: Vector
    low: float
    high: float
    step: float
    grid: VolumeGrid

    @classmethod
    def of(cls, grid: VolumeGrid, normal: Vector) -> SectionAxis:
        """Return the axis through the whole box of a volume as seen along a unit normal."""
        from workstation.geometry.reslice import scroll_range

        low, high, step = scroll_range(grid, normal)
        return cls(normal, low, high, max(step, 1e-6), grid)

    @property
    def count(self) -> int:
        """Number of steps from end to end."""
        return int((self.high - self.low) / self.step + 1e-6) + 1

    def index_of(self, point: Vector) -> int:
        """Return the step nearest to a patient point."""
        return min(max(round((dot(point, self.normal) - self.low) / self.step), 0), self.count - 1)

    def point_at(self, index: int, through: Vector) -> Vector:
        """Return ``through`` moved along the normal to a step."""
        return add(through, self.normal, self.low + index * self.step - dot(through, self.normal))


class Sections:
    """Grids, axes and planes of the sections of stacks, worked out once and remembered for a while."""

    def __init__(self) -> None:
        self._grids: dict[tuple[str, int], VolumeGrid | None] = {}
        self._axes: OrderedDict[object, SectionAxis] = OrderedDict()
        self._planes: OrderedDict[object, ImagePlane] = OrderedDict()

    def grid(self, stack: Stack) -> VolumeGrid | None:
        """Return where the voxels of a stack lie, None if it is no volume."""
        key = (stack.id, len(stack.frames))
        if key not in self._grids:
            from workstation.geometry.volume import grid_of

            self._grids[key] = grid_of(stack) if stack.is_volume else None
        return self._grids[key]

    def axis(self, stack: Stack, section: Section) -> SectionAxis | None:
        """Return where a section of a stack may go along its normal, None if the stack is no volume."""
        grid = self.grid(stack)
        if grid is None:
            return None
        directions = triad(section)
        key = (stack.id, len(stack.frames), directions)
        found = self._axes.get(key)
        if found is None:
            found = self._axes[key] = SectionAxis.of(grid, directions.normal)
            _forget_oldest(self._axes)
        return found

    def plane(self, stack: Stack, section: Section) -> ImagePlane | None:
        """Return the pixels of a section at full resolution, None if the stack is no volume.

        Sections of one volume share its space even where the header gives that space no name.
        """
        grid = self.grid(stack)
        if grid is None:
            return None
        directions = triad(section)
        normal = directions.normal
        # one plane for all its points, whatever rounding makes of their distance
        distance = round(dot(section.point, normal), DIGITS)
        key = (stack.id, len(stack.frames), directions, distance)
        found = self._planes.get(key)
        if found is None:
            from workstation.geometry.reslice import section_plane

            on_normal = (normal[0] * distance, normal[1] * distance, normal[2] * distance)
            found = section_plane(grid, directions.right, directions.down, on_normal)
            if not found.frame_of_reference_uid:
                found = replace(found, frame_of_reference_uid=stack.id)
            self._planes[key] = found
            _forget_oldest(self._planes)
        return found


def _forget_oldest(kept: OrderedDict[object, Any]) -> None:
    while len(kept) > KEPT:
        kept.popitem(last=False)


def kept_in_place(state: ViewState, old: ImagePlane, new: ImagePlane, section: Section) -> ViewState:
    """Return a state with another section whose picture stays put on the screen.

    The section's point stays where it is and a millimetre as long as it is, also where the view is fitted.
    """
    centre = state.centre if state.centre is not None else (old.columns / 2, old.rows / 2)
    before, after = old.image_point(section.point), new.image_point(section.point)
    ratio = (old.spacing[1] / new.spacing[1], old.spacing[0] / new.spacing[0])
    return replace(
        state,
        section=section,
        centre=(after[0] + (centre[0] - before[0]) * ratio[0], after[1] + (centre[1] - before[1]) * ratio[1]),
        scale=state.scale / ratio[0] if state.scale is not None else None,
        fitted=state.fitted or (old.columns * old.spacing[1], old.rows * old.spacing[0]),
    )


def in_sight(state: ViewState, plane: ImagePlane, point: Vector, size: tuple[float, float]) -> ViewState:
    """Return a state whose view of ``plane`` is moved, by as little as it takes, to show a patient point.

    ``size`` is the pane's (width, height). What was out of sight comes in by a tenth of it.
    """
    view = DisplayTransform.of(state, plane.rows, plane.columns, plane.spacing, *size)
    x, y = view.to_screen(*plane.image_point(point))
    if 0 <= x < size[0] and 0 <= y < size[1]:
        return state
    margins = (size[0] * MARGIN, size[1] * MARGIN)
    to_x = min(max(x, margins[0]), size[0] - margins[0])
    to_y = min(max(y, margins[1]), size[1] - margins[1])
    return replace(state, centre=view.to_image(size[0] / 2 + x - to_x, size[1] / 2 + y - to_y))


def on_plane(transform: DisplayTransform, plane: ImagePlane, shown: ImagePlane, point: Vector) -> DisplayTransform:
    """Return the map of a picture on ``shown`` in a view whose map is that of ``plane``.

    A coarser picture is drawn larger, one that is a moment older and was not yet turned lies with ``point`` where it
    is now: what is on screen never jumps.
    """
    column, row = shown.image_point(point)
    to_column, to_row = plane.image_point(point)
    across, along = shown.spacing[1] / plane.spacing[1], shown.spacing[0] / plane.spacing[0]
    return transform.through(across, along, to_column - column * across, to_row - row * along)
