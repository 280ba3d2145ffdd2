"""Lines of other panes over a picture: sections with their handles, slices of stacks, the ends of stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workstation.geometry.image_plane import dot
from workstation.tools.measure import MEASURING
from workstation.ui.pane_overlay import Handle, Label, Stroke
from workstation.viewing.corner_text import number
from workstation.viewing.cross_lines import CrossLine, Grip, cross_line, grip_at, held_line
from workstation.viewing.linking import same_space
from workstation.viewing.sections import slab_text, tilt

if TYPE_CHECKING:
    from workstation.geometry.image_plane import ImagePlane
    from workstation.ui.pane_api import PaneApi
    from workstation.viewing.display_transform import DisplayTransform
    from workstation.viewing.view_state import Section


class PaneLines(QObject):
    """What other panes show, as lines of this one, and what of them is under the pointer."""

    def __init__(self, pane: PaneApi, parent: QObject) -> None:
        super().__init__(parent)
        self._pane = pane
        self._drawn: tuple[CrossLine, ...] = ()
        self._held: Grip | None = None
        self.near = False

    def grip(self, x: float, y: float) -> Grip | None:
        """Return what a press at a place of the pane would take hold of."""
        return grip_at(self._drawn, x, y)

    def held(self, grip: Grip) -> CrossLine | None:
        """Return the line a grip belongs to."""
        return held_line(self._drawn, grip)

    def approach(self, near: bool) -> None:
        """Take note that the pointer has come into the pane, or left it."""
        self.near = near
        self._held = self._held if near else None
        self._pane.refresh_overlay()

    def hold(self, grip: Grip | None) -> None:
        """Show what is held, or would be."""
        if grip != self._held:
            self._held = grip
            self._pane.refresh_overlay()

    def content(self, transform: DisplayTransform) -> tuple[tuple[Stroke, ...], tuple[Handle, ...]]:
        """Return the strokes and handles to draw; while a tool measures there is nothing to take hold of."""
        pane, workspace = self._pane, self._pane.workspace
        plane = pane.plane
        if plane is None or pane.picture is None or not workspace.options.reference_lines:
            self._drawn = ()
            return (), ()
        measuring = workspace.tool_id in MEASURING
        self._drawn = tuple(self._cross_lines(plane, transform))
        strokes: list[Stroke] = []
        handles: list[Handle] = []
        # the most perpendicular is taken hold of first, and drawn over the others
        for line in reversed(self._drawn):
            strokes += self._strokes_of(line)
            handles += self._handles_of(line) if not measuring else []
        return (*self._stack_strokes(plane, transform), *strokes), tuple(handles)

    def labels(self) -> tuple[Label, ...]:
        """Return what the handle under the hand has come to: an angle, or a thickness."""
        held = self._held
        line = held_line(self._drawn, held) if held is not None and self._pane.workspace.dragging else None
        section = self._pane.workspace.state(line.pane).section if line is not None else None
        if held is None or line is None or section is None or held.kind not in ("turn", "slab"):
            return ()
        places = line.turn if held.kind == "turn" else line.slab
        x, y = places[held.handle] if held.handle is not None and held.handle < len(places) else line.pivot
        return (Label(x + 12, y - 8, self._said(held.kind, section), line.orientation),)

    def _said(self, kind: str, section: Section) -> str:
        if kind == "slab":
            return slab_text(section) or self.tr("no slab")
        name, angle = tilt(section)
        return self.tr("{0}° from {1}").format(number(angle, 1), name)

    def _cross_lines(self, plane: ImagePlane, transform: DisplayTransform) -> list[CrossLine]:
        pane, workspace = self._pane, self._pane.workspace
        found = []
        for other, section in workspace.sections_with(pane.number).items():
            theirs = workspace.section_plane(other) if other != pane.number else None
            if theirs is None:
                continue
            line = cross_line(other, section, theirs, plane, transform, pane.width(), pane.height())
            if line is not None:
                found.append((abs(dot(plane.normal, theirs.normal)), other, line))
        return [line for _, _, line in sorted(found, key=lambda each: each[:2])]

    def _strokes_of(self, line: CrossLine) -> list[Stroke]:
        active = line.pane == self._pane.workspace.active
        held = self._held is not None and self._held.pane == line.pane
        width = 2.0 if held and self._held is not None and self._held.kind == "line" else 1.4 if active else 1.1
        strokes = [Stroke(edge, line.orientation, 1.0, dashed=True, opacity=0.8) for edge in line.edges]
        return [*strokes, *(Stroke(segment, line.orientation, width) for segment in line.segments)]

    def _handles_of(self, line: CrossLine) -> list[Handle]:
        held = self._held if self._held is not None and self._held.pane == line.pane else None
        marks = []
        for kind, places in (("turn", line.turn), ("slab", line.slab)):
            for place, (x, y) in enumerate(places):
                strong = held is not None and (held.kind, held.handle) == (kind, place)
                marks.append(Handle(x, y, line.orientation, round=kind == "turn", strong=strong, faint=not self.near))
        return marks

    def _stack_strokes(self, plane: ImagePlane, transform: DisplayTransform) -> list[Stroke]:
        from workstation.geometry.intersection import reference_line

        pane, workspace = self._pane, self._pane.workspace
        strokes: list[Stroke] = []
        for other in workspace.visible():
            theirs = workspace.plane(other)
            if other == pane.number or other != workspace.active or workspace.state(other).section is not None:
                continue
            if theirs is None or not self._related(plane, theirs, other):
                continue
            line = reference_line(plane, theirs)
            if line is None:
                continue
            strokes += self._ends_of_stack(plane, other, transform)
            strokes.append(Stroke(_ends(line, transform), "line", 1.3, dashed=True))
        return strokes

    def _ends_of_stack(self, plane: ImagePlane, other: int, transform: DisplayTransform) -> list[Stroke]:
        """Return where the first and last image of another pane's stack cut this one (J9, D36)."""
        from workstation.geometry.intersection import reference_line

        stack = self._pane.workspace.stack(other)
        strokes = []
        for place in (stack.frames[0], stack.frames[-1]) if stack is not None and len(stack.frames) > 2 else ():
            line = reference_line(plane, place.plane) if place.plane is not None else None
            if line is not None:
                strokes.append(Stroke(_ends(line, transform), "end", 0.8))
        return strokes

    def _related(self, plane: ImagePlane, theirs: ImagePlane, other: int) -> bool:
        if same_space(plane.frame_of_reference_uid, theirs.frame_of_reference_uid):
            return True
        return self._pane.workspace.state(other).stack_id == self._pane.viewport.state.stack_id


def _ends(line: tuple[tuple[float, float], ...], transform: DisplayTransform) -> tuple[tuple[float, float], ...]:
    return tuple(transform.to_screen(column + 0.5, row + 0.5) for column, row in line)
