"""Holds what is open and what the panes show; every change of a view goes through here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from workstation.dicom.display_names import person_name, plain
from workstation.loading.collection import Catalogue
from workstation.tools import TOOLS
from workstation.ui.options import Options
from workstation.ui.stars import Stars
from workstation.ui.undo_steps import MeasurementChange, StateChange
from workstation.ui.viewport import Viewport
from workstation.viewing.key_images import kept, stepped_place
from workstation.viewing.layout import LARGEST, Layout, fill_empty
from workstation.viewing.linking import Follower, follow_point, follow_scroll, same_space
from workstation.viewing.sections import SectionAxis, Sections, in_sight, kept_in_place
from workstation.viewing.view_state import Section, ViewState

if TYPE_CHECKING:
    from workstation.dicom.identity import FrameRef, Patient, Vector
    from workstation.geometry.image_plane import ImagePlane
    from workstation.geometry.stack import Stack
    from workstation.geometry.volume import VolumeGrid
    from workstation.measurements.measurement import Measurement
    from workstation.tools.tool import Tool
    from workstation.viewing.pointed import Pointed


class Workspace(QObject):
    """The viewports, the layout, the active tool, the measurements and the undo stack."""

    layout_changed = Signal()
    active_changed = Signal(int)
    catalogue_changed = Signal(object)
    tool_changed = Signal(str)
    options_changed = Signal()
    measurements_changed = Signal()
    planes_changed = Signal()
    rested = Signal()
    """A gesture that moved planes has ended: coarse pictures give way to fine ones."""
    notice = Signal(str, str)
    object_wanted = Signal(object)
    """The :class:`Instance` of something without a picture that was to be shown."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.catalogue = Catalogue()
        self.layout = Layout()
        self.active = 0
        self.tool_id = TOOLS[0].id
        self.options = Options()
        self.undo = QUndoStack(self)
        self.stars = Stars(self.undo, self)
        self.measurements: tuple[Measurement, ...] = ()
        self.selected_measurement: int | None = None
        self.point: Vector | None = None
        self.pointed: Pointed | None = None
        self._planes: dict[int, ImagePlane | None] = {}
        self._sections = Sections()
        self.dragging = False
        self._renamed: dict[str, str] = {}
        """What became of stacks that undo steps name: those made from the records of a disc give way to read ones."""
        self.sizes: dict[int, tuple[int, int]] = {}
        self.viewports = [Viewport(number, self) for number in range(LARGEST * LARGEST)]
        for viewport in self.viewports:
            viewport.changed.connect(lambda old, new, n=viewport.number: self._follow(n, old, new))
        self._following = False
        self.untouched = False
        """Whether what is on screen was put there by an opening and nobody has moved it since."""

    # what is where

    @property
    def tool(self) -> Tool:
        """The tool of the left button."""
        return next(tool for tool in TOOLS if tool.id == self.tool_id)

    def visible(self) -> tuple[int, ...]:
        """Return the numbers of the panes on screen."""
        return tuple(cell[0] for cell in self.layout.cells())

    def state(self, pane: int | None = None) -> ViewState:
        """Return the state of a pane, by default the active one."""
        return self.viewports[self.active if pane is None else pane].state

    def stack(self, pane: int | None = None) -> Stack | None:
        """Return the stack a pane shows, or None."""
        return self.catalogue.stack(self.state(pane).stack_id)

    def plane(self, pane: int) -> ImagePlane | None:
        """Return the plane of the picture on screen in a pane."""
        return self._planes.get(pane)

    def set_plane(self, pane: int, plane: ImagePlane | None) -> None:
        """Remember where a pane's picture lies; other panes draw it as a reference line."""
        if self._planes.get(pane) != plane:
            self._planes[pane] = plane
            if not self._following:
                self.planes_changed.emit()

    def patients_shown(self) -> tuple[str, ...]:
        """Return the names of the patients in the visible panes: more than one calls for a warning (E15)."""
        shown = {self.state(pane).stack_id for pane in self.visible()} - {None}
        return tuple(
            plain(person_name(patient.name), 24) or plain(patient.patient_id, 24) or self.tr("no name")
            for patient in self.catalogue.patients
            if shown & self.stack_ids(patient)
        )

    def stack_ids(self, patient: Patient) -> set[str | None]:
        """Return the ids of a patient's stacks."""
        return {stack.id for stack in self.catalogue.stacks_of(patient)}

    # changes

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Take a new snapshot: panes keep the very frame they show."""
        overtaken = self.catalogue.overtaken(catalogue)
        refs = [self._frame_on_screen(viewport.state) for viewport in self.viewports]
        shown = [ref if ref is not None and ref.sop_instance_uid not in overtaken else None for ref in refs]
        self.catalogue = catalogue
        for viewport, ref in zip(self.viewports, shown, strict=True):
            if viewport.state.empty:
                continue
            found = _found_again(catalogue, ref) if ref is not None else None
            if found is None:
                if catalogue.stack(viewport.state.stack_id) is None:
                    viewport.set_state(ViewState())
            elif (found[0].id, found[1]) != (viewport.state.stack_id, viewport.state.index):
                if catalogue.stack(viewport.state.stack_id) is None:
                    self._renamed[str(viewport.state.stack_id)] = found[0].id
                viewport.set_state(replace(viewport.state, stack_id=found[0].id, index=found[1]))
        self.catalogue_changed.emit(catalogue)

    def _frame_on_screen(self, state: ViewState):  # type: ignore[no-untyped-def]
        stack = self.catalogue.stack(state.stack_id)
        return stack.frames[min(state.index, len(stack.frames) - 1)].ref if stack and stack.frames else None

    def set_state(self, pane: int, state: ViewState) -> None:
        """Show a state in a pane; one that shows key images only goes to the nearest."""
        self.viewports[pane].set_state(kept(state, self.key_places(state)))

    def key_places(self, state: ViewState) -> tuple[int, ...]:
        """Return the frames a state may show that is to show key images only, by index; none for any other."""
        stack = self.catalogue.stack(state.stack_id) if state.key_images and state.section is None else None
        return self.stars.places(stack) if stack is not None else ()

    def change(self, pane: int, state: ViewState, text: str) -> None:
        """Show a state in a pane as one undo step."""
        self.push({pane: (self.state(pane), state)}, text)

    def push(self, changes: Mapping[int, tuple[ViewState, ViewState]], text: str, kind: int = -1) -> None:
        """Make changes of several panes one undo step; they may be on screen already.

        Steps of one ``kind`` that follow each other in the same panes become one.
        """
        self.untouched = False
        real = {pane: pair for pane, pair in changes.items() if pair[0] != pair[1]}
        if real:
            self.undo.push(StateChange(self._show_states, real, text, kind))

    def _show_states(self, states: Mapping[int, ViewState]) -> None:
        """Show what an undo step holds; sections beside it go to the point it was taken at."""
        for pane, state in states.items():
            known = self.catalogue.stack(state.stack_id) is not None
            stack_id = state.stack_id if known else self._renamed.get(str(state.stack_id), state.stack_id)
            self.set_state(pane, replace(state, stack_id=stack_id))
        found = next(((pane, state.section) for pane, state in states.items() if state.section is not None), None)
        if found is not None:
            pane, point = found[0], found[1].point
            self.point = point
            self.show_sections({n: replace(each, point=point) for n, each in self.sections_with(pane).items()})

    def show_stack(self, stack_id: str, pane: int | None = None) -> None:
        """Show a stack in a pane and make it active."""
        target = self.active if pane is None else pane
        stack = self.catalogue.stack(stack_id)
        if stack is None:
            return
        if stack.kind != "image":
            if stack.frames:
                self.object_wanted.emit(stack.frames[0].instance)
            return
        self.change(target, ViewState(stack_id=stack_id), self.tr("Show series"))
        self.set_active(target)

    def set_layout(self, layout: Layout, *, fill: bool = False) -> None:
        """Change the grid; panes outside it keep their series and come back with it (F1)."""
        self.layout = layout
        if fill:
            visible = self.visible()
            stacks = self.same_patient_stacks()
            states = fill_empty([self.viewports[pane].state for pane in visible], stacks)
            for pane, state in zip(visible, states, strict=True):
                self.viewports[pane].set_state(state)
        if self.active not in self.visible():
            self.set_active(self.visible()[0])
        self._rejoin()
        self.layout_changed.emit()

    def _rejoin(self) -> None:
        """Let sections that come back on screen go through the point of the active one."""
        mine = self.state().section
        if mine is not None:
            others = self.sections_with(self.active)
            self.show_sections({pane: replace(each, point=mine.point) for pane, each in others.items()})

    def same_patient_stacks(self) -> list[str]:
        """Return the image stacks of the active pane's patient: a grid never mixes patients by itself (C10)."""
        shown = self.state().stack_id
        groups = [self._one_per_series(patient, shown) for patient in self.catalogue.patients]
        return next((group for group in groups if shown in group), next((group for group in groups if group), []))

    def _one_per_series(self, patient: Patient, shown: str | None) -> list[str]:
        """Return a patient's image stacks, of a 4-D series only the phase on screen or the first (J6)."""
        chosen: dict[str, str] = {}
        for stack in self.catalogue.stacks_of(patient):
            if stack.kind == "image" and stack.frames:
                series = stack.phase_of or stack.id
                if series not in chosen or stack.id == shown:
                    chosen[series] = stack.id
        return list(chosen.values())

    def set_active(self, pane: int) -> None:
        """Make a pane the one keys act on."""
        if pane != self.active:
            self.active = pane
            self.active_changed.emit(pane)

    def set_tool(self, tool_id: str) -> None:
        """Choose the tool of the left button."""
        self.tool_id = tool_id
        self.tool_changed.emit(tool_id)

    def set_options(self, **changes: object) -> None:
        """Change how things are shown."""
        options = replace(self.options, **changes)  # type: ignore[arg-type]
        if options != self.options:
            self.options = options
            self.options_changed.emit()

    # scrolling and pointing

    def axis(self, pane: int) -> SectionAxis | None:
        """Return where the section of a pane may go, None where there is none."""
        stack, section = self.stack(pane), self.state(pane).section
        return self._sections.axis(stack, section) if stack is not None and section is not None else None

    def length(self, pane: int) -> int:
        """Return how many steps the pane can be scrolled through."""
        stack, state = self.stack(pane), self.state(pane)
        if stack is None:
            return 0
        if state.section is not None:
            axis = self.axis(pane)
            return axis.count if axis else 0
        return len(stack.frames)

    def place(self, pane: int) -> int:
        """Return the step on screen, from 0."""
        section = self.state(pane).section
        if section is not None:
            axis = self.axis(pane)
            return axis.index_of(section.point) if axis else 0
        return self.state(pane).index

    def go_to(self, pane: int, index: int) -> None:
        """Scroll a pane to a step, within its ends."""
        self.untouched = False
        stack, state = self.stack(pane), self.state(pane)
        count = self.length(pane)
        if stack is None or count == 0:
            return
        index = min(max(index, 0), count - 1)
        if state.section is None:
            self.set_state(pane, replace(state, index=index))
            return
        axis = self.axis(pane)
        if axis is not None:
            self.set_point(axis.point_at(index, state.section.point), pane)

    def scroll(self, pane: int, steps: int) -> None:
        """Scroll by some steps, among key images where nothing else is shown."""
        places, place = self.key_places(self.state(pane)), self.place(pane)
        if steps:
            self.go_to(pane, stepped_place(places, place, steps) if places else place + steps)

    def followers(self) -> dict[int, Follower]:
        """Return every visible pane as one that may follow another."""
        found = {}
        for pane in self.visible():
            stack = self.stack(pane)
            if stack is not None:
                found[pane] = Follower(self.state(pane), tuple(frame.plane for frame in stack.frames))
        return found

    def set_point(self, point: Vector, pane: int) -> None:
        """Move the crosshair: every visible pane of the same Frame of Reference goes there (D36, D37)."""
        self.point = point
        everyone = self.followers()
        leader = everyone.get(pane)
        if leader is not None:
            self._together(lambda: self._follow_point(point, pane, everyone))

    def _follow_point(self, point: Vector, pane: int, everyone: dict[int, Follower]) -> None:
        leader = everyone[pane]
        changed = follow_point(point, leader.frame_of_reference_uid, everyone, leader.state.stack_id)
        for number, state in changed.items():
            self.set_state(number, state if number == pane else self._in_sight(number, state))

    def _in_sight(self, pane: int, state: ViewState) -> ViewState:
        """Return the state of a section that shows its point, also where the pane is zoomed to another place."""
        stack, size = self.stack(pane), self.sizes.get(pane)
        if stack is None or state.section is None or size is None:
            return state
        plane = self._sections.plane(stack, state.section)
        return in_sight(state, plane, state.section.point, size) if plane is not None else state

    @property
    def together(self) -> bool:
        """Whether several panes are being changed at once; :attr:`planes_changed` follows."""
        return self._following

    def _together(self, change: Callable[[], object]) -> None:
        """Change several panes that are not to follow each other; lines are drawn anew once."""
        outermost, self._following = not self._following, True
        try:
            change()
        finally:
            if outermost:
                self._following = False
        self.planes_changed.emit()

    def step_phase(self, pane: int, steps: int) -> None:
        """Go to a later phase (time, echo, b-value) of a 4-D series at the same slice."""
        stack, state = self.stack(pane), self.state(pane)
        if stack is None or stack.phase_of is None:
            return
        phases = self.catalogue.phases(stack)
        place = next((n for n, other in enumerate(phases) if other.id == stack.id), 0)
        chosen = phases[min(max(place + steps, 0), len(phases) - 1)]
        index = min(state.index, max(len(chosen.frames) - 1, 0))
        self.set_state(pane, replace(state, stack_id=chosen.id, index=index))

    def _same_window(self, pane: int, new: ViewState) -> None:
        """Sections of one volume are windowed alike."""
        for number in self.visible():
            other = self.state(number)
            if number != pane and other.stack_id == new.stack_id and (other.section or new.section):
                self.set_state(number, other.looking_like(new))

    def _follow(self, pane: int, old: ViewState, new: ViewState) -> None:
        looks = (new.voi, new.inverted, new.color_map) != (old.voi, old.inverted, old.color_map)
        if new.stack_id == old.stack_id and looks:
            self._same_window(pane, new)
        if self._following or not self.options.linked or new.section is not None or new.index == old.index:
            return
        everyone = self.followers()
        leader = everyone.pop(pane, None)
        if leader is None or new.stack_id != old.stack_id:
            return
        self._following = True
        try:
            for number, state in follow_scroll(leader, everyone).items():
                self.set_state(number, state)
        finally:
            self._following = False

    # sections

    def grid(self, stack: Stack) -> VolumeGrid | None:
        """Return where the voxels of a stack lie, None if it is no volume."""
        return self._sections.grid(stack)

    def section_plane(self, pane: int) -> ImagePlane | None:
        """Return the pixels of a pane's section at full resolution, None where it shows none."""
        stack, section = self.stack(pane), self.state(pane).section
        return self._sections.plane(stack, section) if stack is not None and section is not None else None

    def sections_with(self, pane: int) -> dict[int, Section]:
        """Return the sections on screen in the space of a pane: of its stack, or of its Frame of Reference."""
        mine, stack = self.state(pane), self.stack(pane)
        space = stack.frame_of_reference_uid if stack is not None else ""
        found = {}
        for number in self.visible():
            theirs, other = self.state(number), self.stack(number)
            if theirs.section is None or other is None:
                continue
            if theirs.stack_id == mine.stack_id or same_space(space, other.frame_of_reference_uid):
                found[number] = theirs.section
        return found

    def show_sections(self, sections: Mapping[int, Section]) -> None:
        """Show other planes or slabs in some panes; a picture that turns stays where it is on the screen."""
        self._together(lambda: self._show_each(sections))

    def _show_each(self, sections: Mapping[int, Section]) -> None:
        for pane, section in sections.items():
            self._show_section(pane, section)

    def _show_section(self, pane: int, section: Section) -> None:
        state, stack = self.state(pane), self.stack(pane)
        if stack is None or state.section is None:
            return
        old = self._sections.plane(stack, state.section)
        new = self._sections.plane(stack, section)
        if old is None or new is None or (old.right, old.down) == (new.right, new.down):
            self.set_state(pane, replace(state, section=section))
        else:
            self.set_state(pane, kept_in_place(state, old, new, section))

    def change_sections(self, sections: Mapping[int, Section], text: str, kind: int = -1) -> None:
        """Show other planes or slabs in some panes as one undo step."""
        before = {pane: self.state(pane) for pane in sections}
        self.show_sections(sections)
        self.push({pane: (state, self.state(pane)) for pane, state in before.items()}, text, kind)

    # measurements

    def set_measurements(self, measurements: tuple[Measurement, ...], text: str) -> None:
        """Replace all measurements as one undo step."""
        self.undo.push(MeasurementChange(self._show_measurements, self.measurements, measurements, text))

    def _show_measurements(self, measurements: tuple[Measurement, ...]) -> None:
        self.measurements = measurements
        self.selected_measurement = None
        self.measurements_changed.emit()

    def select_measurement(self, number: int | None) -> None:
        """Mark the measurement that Delete removes."""
        if number != self.selected_measurement:
            self.selected_measurement = number
            self.measurements_changed.emit()

    def point_to(self, pointed: Pointed | None) -> None:
        """Draw what a report points to, instead of what it pointed to before."""
        if pointed != self.pointed:
            self.pointed = pointed
            self.measurements_changed.emit()

    # sessions

    def restore(
        self,
        layout: Layout,
        states: Mapping[int, ViewState],
        active: int = 0,
        point: Vector | None = None,
        measurements: tuple[Measurement, ...] = (),
    ) -> None:
        """Show exactly this in panes that do not follow each other meanwhile; what could be undone is forgotten."""
        self.untouched = False
        self._together(lambda: self._restore_panes(layout, states))
        self.set_active(active if active in self.visible() else self.visible()[0])
        self.point = point
        self._show_measurements(measurements)
        self.undo.clear()

    def _restore_panes(self, layout: Layout, states: Mapping[int, ViewState]) -> None:
        # a pane that changes under its series hands its window on to sections: none does that from empty
        for viewport in self.viewports:
            if viewport.state != states.get(viewport.number, ViewState()):
                viewport.set_state(ViewState())
        self.layout = layout
        self.layout_changed.emit()
        for pane, state in states.items():
            self.set_state(pane, state)

    def close_all(self) -> None:
        """Empty every pane; files are not touched."""
        for viewport in self.viewports:
            viewport.set_state(ViewState())
        self.measurements = ()
        self.stars.clear()
        self.point = self.pointed = None
        self._renamed.clear()
        self.undo.clear()
        self.set_layout(Layout())
        self.measurements_changed.emit()


def _found_again(catalogue: Catalogue, ref: FrameRef) -> tuple[Stack, int] | None:
    """Return where a frame is now; a whole mosaic that was announced is cut into tiles once it is read."""
    return catalogue.stack_with(ref) or catalogue.stack_with(replace(ref, tile=0))
