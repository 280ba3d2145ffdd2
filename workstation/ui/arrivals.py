"""Where what is opened appears: the first image at once, the rest when its opening has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workstation.viewing.layout import Layout, first_layout
from workstation.viewing.view_state import ViewState

if TYPE_CHECKING:
    from workstation.geometry.stack import Stack
    from workstation.loading.collection import Catalogue
    from workstation.ui.workspace import Workspace


class Arrivals(QObject):
    """Puts new series into panes: into an empty window, beside the same patient, or instead of another (C10)."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._first = True
        self._known: frozenset[str] | None = None
        self._before: dict[int, ViewState] | None = None
        self._led_by = 0

    def expect(self) -> None:
        """Prepare for an opening."""
        self._first = self._all_empty()
        if not self._first and self._known is None:
            self._known = frozenset(self._workspace.catalogue.by_id)

    def expect_nothing(self) -> None:
        """Begin again, as after everything was closed."""
        self._first, self._known, self._before = True, None, None

    def take(self, catalogue: Catalogue) -> None:
        """Show what a snapshot brought."""
        if self._first:
            self._show_first(catalogue)
        elif self._known is not None:
            self._show_new(catalogue, self._known)

    def _all_empty(self) -> bool:
        return all(viewport.state.empty for viewport in self._workspace.viewports)

    def _show_first(self, catalogue: Catalogue) -> None:
        workspace = self._workspace
        lead = _lead(catalogue)
        overtaken = lead is not None and workspace.untouched and catalogue.opening != self._led_by
        if self._all_empty() or overtaken:
            state = lead or _first_of_all(catalogue)
            if state is None:
                return
            if lead is not None:
                self._led_by = catalogue.opening
            workspace.set_state(0, state)
            workspace.untouched = True
        if not catalogue.settled:
            return
        self._first = False
        stack = catalogue.stack(workspace.state(0).stack_id)
        if workspace.untouched and stack is not None:
            # from the image that happened to be read first to where its series begins, unless someone is reading
            workspace.set_state(0, self._fresh(catalogue.phases(stack)[0]))
        count = len(workspace.same_patient_stacks())
        if workspace.layout == Layout() and count > 1:
            workspace.set_layout(first_layout(count), fill=True)

    def _fresh(self, stack: Stack) -> ViewState:
        """Return how a stack is first shown."""
        middle = self._workspace.options.open_in_middle and stack.is_volume
        return ViewState(stack_id=stack.id, index=len(stack.frames) // 2 if middle else 0)

    def _show_new(self, catalogue: Catalogue, known: frozenset[str]) -> None:
        lead = _lead(catalogue)
        if lead is not None and lead.stack_id in known:
            lead = None
        if not catalogue.settled:
            if lead is not None and self._before is None:
                self._lead_in(catalogue, lead)
            return
        workspace = self._workspace
        before, self._before, self._known = self._before, None, None
        stacks = [s for s in catalogue.ordered_stacks() if s.id not in known and s.kind == "image" and s.frames]
        new = [stack for stack in stacks if stack.series_instance_uid in catalogue.brought]
        if not new:
            return
        patient_ids = self._ids_beside(catalogue, lead.stack_id if lead is not None else new[0].id)
        states = before or {pane: workspace.state(pane) for pane in range(len(workspace.viewports))}
        fresh = [self._fresh(stack) for stack in new if stack.id in patient_ids]
        beside = self._shown(states) <= patient_ids
        if beside:
            free = [pane for pane in workspace.visible() if states[pane].empty] or [workspace.active]
            after = dict(zip(free, fresh, strict=False))
        else:
            workspace.set_layout(first_layout(len(fresh)))
            fresh = fresh[: workspace.layout.count] + [ViewState()] * (workspace.layout.count - len(fresh))
            after = dict(enumerate(fresh))
        workspace.push({pane: (states[pane], state) for pane, state in after.items()}, self.tr("Open"))
        if not beside:
            workspace.set_active(0)

    def _lead_in(self, catalogue: Catalogue, lead: ViewState) -> None:
        """Show the first image of a later opening; what was there before is kept for undo."""
        workspace = self._workspace
        self._before = {pane: workspace.state(pane) for pane in range(len(workspace.viewports))}
        target = workspace.active
        if self._shown(self._before) <= self._ids_beside(catalogue, lead.stack_id):
            target = next((pane for pane in workspace.visible() if workspace.state(pane).empty), target)
        else:
            workspace.set_layout(Layout())
            workspace.set_active(0)
            target = 0
            for pane in range(1, len(workspace.viewports)):
                workspace.set_state(pane, ViewState())
        workspace.set_state(target, lead)

    def _shown(self, states: dict[int, ViewState]) -> set[str | None]:
        return {states[pane].stack_id for pane in self._workspace.visible()} - {None}

    def _ids_beside(self, catalogue: Catalogue, stack_id: str | None) -> set[str | None]:
        """Return the stacks of the patient a stack belongs to."""
        groups = (self._workspace.stack_ids(patient) for patient in catalogue.patients)
        return next((group for group in groups if stack_id in group), {stack_id})


def _lead(catalogue: Catalogue) -> ViewState | None:
    """Return the view of the first image the latest opening found."""
    found = catalogue.stack_with(catalogue.lead) if catalogue.lead is not None else None
    return ViewState(stack_id=found[0].id, index=found[1]) if found and found[0].kind == "image" else None


def _first_of_all(catalogue: Catalogue) -> ViewState | None:
    stacks = (stack for stack in catalogue.ordered_stacks() if stack.kind == "image" and stack.frames)
    return next((ViewState(stack_id=stack.id) for stack in stacks), None)
