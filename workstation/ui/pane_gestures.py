"""Turns Qt mouse events of a pane into pointer events of tools, scrolling and zooming."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent

from workstation.tools.crosshair import CROSSHAIR, line_drag, thicken, turn
from workstation.tools.measure import MEASURING, edit, stay
from workstation.tools.navigate import PAN, ZOOM
from workstation.tools.tool import Crosshair, Draft, Drag, Planes, Pointer, Tool
from workstation.tools.window import WINDOW
from workstation.ui.annotation_painting import hit
from workstation.ui.cursors import across
from workstation.ui.reformatting import step_slab, turning
from workstation.viewing.display_transform import zoomed_at
from workstation.viewing.view_state import ViewState

if TYPE_CHECKING:
    from workstation.dicom.identity import Vector
    from workstation.ui.pane_api import PaneApi
    from workstation.viewing.cross_lines import Grip

NOTCH = 120
"""Units of angleDelta per wheel notch; trackpads send less and are added up (R6)."""
CLICK = 4.0
ZOOM_PER_NOTCH = 1.15
EXPLAIN = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
"""Held while clicking, they ask where a pixel's grey comes from."""
TURN_HINT = "Drag to turn the other planes about this view; Ctrl turns this one only"
SLAB_HINT = "Drag to make the slab thicker or thinner; Alt+wheel does it in its own pane"
STAY = Tool("edit", "Move measurement", "length", "", "", stay, "move")
"""Taking hold of a measurement; without a gesture of its own it is only selected."""


class PaneGestures:
    """The gesture under way in one pane."""

    def __init__(self, pane: PaneApi) -> None:
        self._pane = pane
        self._drag: Drag | None = None
        self._tool: Tool | None = None
        self._before: dict[int, ViewState] = {}
        self._point: Vector | None = None
        self._pressed: QPointF | None = None
        self._button = Qt.MouseButton.NoButton
        self._wheel = 0.0
        self._on_bar = False

    def press(self, event: QMouseEvent) -> None:
        """Begin a gesture."""
        if self._drag is not None or self._on_bar:
            return
        pane = self._pane
        self._pressed, self._button = event.position(), event.button()
        if event.button() == Qt.MouseButton.LeftButton and pane.in_slice_bar(event.position().x()):
            self._on_bar = pane.workspace.dragging = True
            self._bar_to(event.position().y())
            return
        if event.button() == Qt.MouseButton.LeftButton and event.modifiers() == EXPLAIN:
            pane.choose(event.position().x(), event.position().y(), explain=True)
            self._pressed = None  # the release comes when the panel has moved the picture
            return
        tool = self._tool_for(event)
        if tool is None or pane.picture is None:
            return
        if tool is pane.workspace.tool and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            tool = self._selected(event.position()) or self.grabbed(event.position()) or tool
        elif tool is pane.workspace.tool and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            tool = self.grabbed(event.position()) or tool
        scene = pane.scene()
        pane.workspace.dragging = True
        self._point = pane.workspace.point
        self._before = {number: pane.workspace.state(number) for number in pane.workspace.visible()}
        self._tool = tool
        self._drag = tool.drag(scene, self._pointer("press", event))
        try:
            self._use(next(self._drag))
        except StopIteration:
            self._drag = None
            self._rest()

    def _tool_for(self, event: QMouseEvent) -> Tool | None:
        held = event.modifiers()
        if event.button() == Qt.MouseButton.MiddleButton:
            return PAN
        if event.button() == Qt.MouseButton.RightButton:
            return ZOOM
        if event.button() != Qt.MouseButton.LeftButton:
            return None
        if held & Qt.KeyboardModifier.ShiftModifier:
            return PAN
        if held & Qt.KeyboardModifier.AltModifier:
            return WINDOW
        return self._pane.workspace.tool

    def _selected(self, at: QPointF) -> Tool | None:
        """Select the measurement under the pointer, or none; return the gesture that moves it."""
        found = hit(self._pane, at.x(), at.y())
        self._pane.workspace.select_measurement(found.measurement.number if found is not None else None)
        if found is None:
            return None
        if not found.movable:
            return STAY
        measurement = found.measurement
        points = tuple((column + 0.5, row + 0.5) for column, row in found.pixels)
        return replace(STAY, drag=edit(measurement.kind, points, found.handle, measurement.number))

    def grabbed(self, at: QPointF) -> Tool | None:
        """Return the gesture of what is drawn of other sections under the pointer: line, handle, slab or centre."""
        pane = self._pane
        if pane.workspace.tool_id in MEASURING or pane.plane is None:
            return None
        grip = pane.lines.grip(at.x(), at.y())
        pane.lines.hold(grip)
        if grip is None or grip.kind == "centre":
            return replace(CROSSHAIR, cursor="move") if grip is not None else None
        return self._line_tool(grip)

    def _line_tool(self, grip: Grip) -> Tool | None:
        pane = self._pane
        line, sections = pane.lines.held(grip), pane.workspace.sections_with(pane.number)
        if line is None or grip.pane not in sections:
            return None
        if grip.kind == "turn":
            others = turning(pane.workspace, pane.number)
            if grip.pane not in others:
                return None
            return replace(CROSSHAIR, title="Turn planes", hint=TURN_HINT, drag=turn(others, grip.pane), cursor="turn")
        aside = (line.across[0] * (grip.side or 1), line.across[1] * (grip.side or 1))
        if grip.kind == "slab":
            drag = thicken(grip.pane, sections[grip.pane], aside, line.mm)
            return replace(CROSSHAIR, title="Slab", hint=SLAB_HINT, drag=drag, cursor=across(aside))
        (x0, y0), (x1, y1) = (pane.transform().to_image(*end) for end in line.segments[0])
        row_mm, column_mm = pane.plane.spacing if pane.plane is not None else (1.0, 1.0)
        right, down = (x1 - x0) * column_mm, (y1 - y0) * row_mm
        size = max((right**2 + down**2) ** 0.5, 1e-9)
        return replace(CROSSHAIR, drag=line_drag((right / size, down / size)), cursor=across(aside))

    def move(self, event: QMouseEvent) -> None:
        """Continue the gesture, or probe the pixel under the pointer."""
        if self._on_bar:
            self._bar_to(event.position().y())
        elif self._drag is not None:
            self._send("move", event)
        else:
            self._pane.probe(event.position().x(), event.position().y())
            held = STAY if hit(self._pane, event.position().x(), event.position().y()) else None
            tool = held or self.grabbed(event.position())
            self._pane.show_cursor(tool.cursor if tool is not None else "")
            if tool is not None and tool.hint in (TURN_HINT, SLAB_HINT):
                self._pane.probed.emit(self._pane.workspace.tr(tool.hint))
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and event.buttons() == Qt.MouseButton.NoButton:
                self._point_everywhere(event)

    def _point_everywhere(self, event: QMouseEvent) -> None:
        scene = self._pane.scene()
        point = scene.patient_point(scene.transform.to_image(event.position().x(), event.position().y()))
        if point is not None:
            self._pane.workspace.set_point(point, self._pane.number)

    def release(self, event: QMouseEvent) -> None:
        """End the gesture; what it changed becomes one undo step."""
        on_bar, self._on_bar = self._on_bar, False
        clicked = self._pressed is not None and (event.position() - self._pressed).manhattanLength() < CLICK
        if self._drag is not None:
            self._send("release", event)
            self._drag = None
            self._record()
        if on_bar or self._pressed is not None:
            self._rest()
        if event.button() == Qt.MouseButton.RightButton and clicked:
            self._pane.menu_wanted.emit(self._pane.number, event.position())
        if event.button() == Qt.MouseButton.LeftButton and clicked and not on_bar:
            self._pane.choose(event.position().x(), event.position().y())
        self._pressed = None

    def cancel(self) -> None:
        """Drop the gesture and put everything back as it was before."""
        if self._drag is not None:
            self._drag.close()
            self._drag = None
            self._pane.workspace.point = self._point
            for number, state in self._before.items():
                self._pane.workspace.set_state(number, state)
            self._rest()
        self._pane.draft = None
        self._pane.refresh_overlay()

    def _rest(self) -> None:
        """Let what was coarse while things moved become fine."""
        self._pane.workspace.dragging = False
        self._pane.workspace.rested.emit()
        self._pane.lines.hold(None)
        self._pane.refresh_overlay()

    @property
    def running(self) -> bool:
        """Whether a drag is under way."""
        return self._drag is not None

    def wheel(self, event: QWheelEvent) -> None:
        """Scroll; Ctrl zooms at the cursor, Shift goes fast, Alt sets the slab of a section or walks phases."""
        delta = event.angleDelta().y() or event.angleDelta().x()
        pane, held = self._pane, event.modifiers()
        event.accept()
        if held & Qt.KeyboardModifier.ControlModifier:
            factor = ZOOM_PER_NOTCH ** (delta / NOTCH)
            state = zoomed_at(
                pane.viewport.state,
                pane.transform(),
                factor,
                event.position().x(),
                event.position().y(),
                pane.width(),
                pane.height(),
            )
            pane.workspace.set_state(pane.number, state)
            return
        self._wheel += -delta if not pane.workspace.options.wheel_inverted else delta
        notches = int(self._wheel / NOTCH)
        self._wheel -= notches * NOTCH
        if not notches:
            return
        if held & Qt.KeyboardModifier.AltModifier:
            if pane.viewport.state.section is not None:
                step_slab(pane.workspace, pane.number, -notches)
            else:
                pane.workspace.step_phase(pane.number, notches)
        elif held & Qt.KeyboardModifier.ShiftModifier:
            pane.workspace.scroll(pane.number, notches * max(5, pane.workspace.length(pane.number) // 20))
        else:
            pane.workspace.scroll(pane.number, notches)

    def _bar_to(self, y: float) -> None:
        pane = self._pane
        count = pane.workspace.length(pane.number)
        pane.workspace.go_to(pane.number, int((y - 4) / max(pane.height() - 8, 1) * count))

    def _pointer(self, kind: str, event: QMouseEvent) -> Pointer:
        x, y = event.position().x(), event.position().y()
        fast = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        return Pointer(kind, x, y, self._pane.transform().to_image(x, y), fast)

    def _send(self, kind: str, event: QMouseEvent) -> None:
        assert self._drag is not None
        try:
            self._use(self._drag.send(self._pointer(kind, event)))
        except StopIteration:
            if kind == "move":
                self._drag = None

    def _use(self, outcome: ViewState | Crosshair | Planes | Draft | None) -> None:
        pane = self._pane
        if isinstance(outcome, ViewState):
            if outcome.index != pane.viewport.state.index:
                pane.workspace.go_to(pane.number, outcome.index)
            else:
                pane.workspace.set_state(pane.number, outcome)
        elif isinstance(outcome, Crosshair):
            pane.workspace.set_point(outcome.point, pane.number)
        elif isinstance(outcome, Planes):
            pane.workspace.show_sections(outcome.sections)
        elif isinstance(outcome, Draft):
            pane.draft = None if outcome.done else outcome
            if outcome.done:
                pane.keep(outcome)
            pane.refresh_overlay()

    def _record(self) -> None:
        workspace = self._pane.workspace
        changes = {}
        for number, before in self._before.items():
            after = workspace.state(number)
            own = number == self._pane.number
            if _looks(after, own) != _looks(before, own):
                changes[number] = (before, after)
        if changes and self._tool is not None:
            workspace.push(changes, self._tool.title)
        self._before = {}
        self._pane.draft = None
        self._pane.refresh_overlay()


def _looks(state: ViewState, own: bool) -> tuple[object, ...]:
    """Return what an undo step brings back: not where a pane has been scrolled to, nor a view that follows."""
    section = state.section
    plane = (section.right, section.down, section.slab_mm) if section is not None else None
    return state.voi, plane, *((state.scale, state.centre) if own else ())
