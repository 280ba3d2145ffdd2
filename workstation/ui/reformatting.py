"""Sections of the active series: the three standard planes, one in any pane, their slabs, and the way back."""

from __future__ import annotations

from dataclasses import replace
from math import radians
from typing import TYPE_CHECKING

from workstation.viewing.cross_lines import parallel
from workstation.viewing.layout import Layout
from workstation.viewing.linking import nearest
from workstation.viewing.sections import reset, thicker, turned
from workstation.viewing.view_state import ORIENTATIONS, Section, ViewState

if TYPE_CHECKING:
    from workstation.dicom.identity import Vector
    from workstation.geometry.stack import Stack
    from workstation.imaging.window import Window
    from workstation.ui.workspace import Workspace

DEFAULT_SLAB = 10.0
"""Millimetres of a slab that is switched on."""
SLAB_STEP, TURN_STEP = 1, 2
"""Kinds of undo steps: turns of the wheel, and presses of a key that turn planes."""
KINDS = ("max", "min", "mean")
"""Projections of a slab, in the order one key goes through them."""


def show_mpr(workspace: Workspace, window: Window | None = None) -> bool:
    """Show axial, coronal and sagittal sections of the active stack beside it, or say why it is no volume.

    ``window`` is the one on screen: sections are windowed as their source (D40).
    """
    stack, state = workspace.stack(), workspace.state()
    if stack is None:
        workspace.notice.emit("info", workspace.tr("Open a series first, then reformat it."))
        return False
    point = _volume_point(workspace, stack)
    if point is None:
        return False
    workspace.point = point
    voi = state.voi if state.voi is not None else window
    source = ViewState(stack.id, _index_at(stack, point, state.index), inverted=state.inverted).taking_over(voi, "made")
    changes = {}
    for number, orientation in enumerate(ORIENTATIONS):
        section = replace(source, section=Section(orientation, point))
        changes[number] = (workspace.state(number), section)
    changes[3] = (workspace.state(3), source)
    workspace.set_layout(Layout(2, 2))
    workspace.push(changes, workspace.tr("MPR"))
    workspace.set_active(0)
    return True


def show_plane(workspace: Workspace, orientation: str | None, window: Window | None = None) -> None:
    """Show a standard section of the active pane's stack in that pane; None shows its images as stored."""
    stack, state = workspace.stack(), workspace.state()
    point = _volume_point(workspace, stack) if stack is not None else None
    if stack is None or point is None:
        return
    workspace.point = point
    new = ViewState(stack.id, _index_at(stack, point, state.index), inverted=state.inverted)
    if state.voi is not None:
        new = replace(new, voi=state.voi, taken_over=state.taken_over)
    else:
        new = new.taking_over(window, "kept")
    if orientation is not None:
        new = replace(new, section=Section(orientation, point))
    workspace.change(workspace.active, new, workspace.tr("Plane"))


def reset_planes(workspace: Workspace) -> None:
    """Bring every section of the active pane's space back to its standard plane, as one undo step."""
    found = workspace.sections_with(workspace.active)
    before = {pane: workspace.state(pane) for pane, section in found.items() if not section.standard}
    workspace.show_sections({pane: reset(found[pane]) for pane in before})
    for pane in before:
        state = workspace.state(pane)
        # a view that was fitted before it was turned is fitted again
        workspace.set_state(pane, replace(state, fitted=None, centre=None) if state.scale is None else state)
    changes = {pane: (state, workspace.state(pane)) for pane, state in before.items()}
    workspace.push(changes, workspace.tr("Reset planes"))


def turning(workspace: Workspace, pane: int) -> dict[int, Section]:
    """Return the sections that are turned from a pane: not itself, nor what lies as it does."""
    mine, own = workspace.plane(pane), workspace.state(pane).section
    found = {}
    for number, section in workspace.sections_with(pane).items():
        theirs = workspace.section_plane(number)
        alike = own is not None and own.orientation == section.orientation
        if number != pane and mine is not None and theirs is not None and not alike and not parallel(mine, theirs):
            found[number] = section
    return found


def turn(workspace: Workspace, pane: int, degrees: float) -> None:
    """Turn the other planes about a pane's normal, right-handed, each through its point."""
    plane = workspace.plane(pane)
    if plane is not None:
        axis = plane.normal
        changed = {n: turned(each, axis, radians(degrees)) for n, each in turning(workspace, pane).items()}
        workspace.change_sections(changed, workspace.tr("Turn planes"), TURN_STEP)


def step_slab(workspace: Workspace, pane: int, steps: int) -> None:
    """Make the slab of a pane's section thicker, or thinner by negative steps."""
    section, least = workspace.state(pane).section, _least(workspace, pane)
    if section is not None:
        _set_slab(workspace, pane, thicker(section.slab_mm, steps, least), section.projection)


def set_projection(workspace: Workspace, pane: int, projection: str) -> None:
    """Show a slab of this projection; the plane itself where it is shown already."""
    section = workspace.state(pane).section
    if section is None:
        return
    if section.slab_mm > 0 and section.projection == projection:
        _set_slab(workspace, pane, 0.0, projection)
    else:
        _set_slab(workspace, pane, section.slab_mm or _first_slab(workspace, pane), projection)


def next_kind(workspace: Workspace, pane: int) -> None:
    """Go from the plane to its slab of maxima, of minima, of means, and back to the plane."""
    section = workspace.state(pane).section
    if section is None:
        return
    place = KINDS.index(section.projection) + 1 if section.slab_mm > 0 else 0
    if place < len(KINDS):
        _set_slab(workspace, pane, section.slab_mm or _first_slab(workspace, pane), KINDS[place])
    else:
        _set_slab(workspace, pane, 0.0, KINDS[0])


def _set_slab(workspace: Workspace, pane: int, slab_mm: float, projection: str) -> None:
    section = workspace.state(pane).section
    if section is not None:
        changed = replace(section, slab_mm=slab_mm, projection=projection)
        kind = SLAB_STEP if section.slab_mm > 0 < slab_mm else -1
        workspace.change_sections({pane: changed}, workspace.tr("Slab"), kind)


def _first_slab(workspace: Workspace, pane: int) -> float:
    least = _least(workspace, pane)
    return DEFAULT_SLAB if least < DEFAULT_SLAB else thicker(0.0, 1, least)


def _least(workspace: Workspace, pane: int) -> float:
    """Return the smallest voxel edge in mm: a thinner slab is the plane itself (D41)."""
    stack = workspace.stack(pane)
    grid = workspace.grid(stack) if stack is not None else None
    return min(grid.voxel_sizes) if grid is not None else 0.0


def _volume_point(workspace: Workspace, stack: Stack) -> Vector | None:
    """Return the point that sections of the active pane's stack begin at; say why it is no volume."""
    grid, state = workspace.grid(stack), workspace.state()
    if grid is None:
        workspace.notice.emit("warning", workspace.tr("Not a volume: {0}").format(stack.why_not))
        return None
    if state.section is not None:
        return state.section.point
    plane = stack.frames[state.index].plane if 0 < state.index < len(stack.frames) else None
    # someone who has scrolled somewhere wants to stay there
    return plane.patient_point((plane.columns - 1) / 2, (plane.rows - 1) / 2) if plane is not None else grid.centre


def _index_at(stack: Stack, point: Vector, otherwise: int) -> int:
    found = nearest([frame.plane for frame in stack.frames], point)
    return found[0] if found is not None else otherwise
