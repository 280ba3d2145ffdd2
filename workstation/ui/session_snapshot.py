"""The window as a session, and a session as what panes are to show."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workstation.viewing.session import KeptPath, PaneView, Session, kept_path, pane_view

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from workstation.geometry.stack import Stack
    from workstation.loading.collection import Catalogue
    from workstation.measurements.measurement import Measurement
    from workstation.ui.workspace import Workspace
    from workstation.viewing.view_state import ViewState


def kept_paths(roots: Iterable[str], base: Path | None = None) -> tuple[KeptPath, ...]:
    """Return what was opened as it is kept."""
    return tuple(kept_path(os.path.abspath(root), base) for root in roots)


def snapshot(workspace: Workspace, paths: tuple[KeptPath, ...] = ()) -> Session:
    """Return what a window shows, without the time."""
    panes = []
    for viewport in workspace.viewports:
        if not viewport.state.empty:
            view = pane_view(viewport.number, viewport.state, workspace.catalogue.stack(viewport.state.stack_id))
            if view is not None:
                panes.append(view)
    return Session(
        layout=workspace.layout,
        active=workspace.active,
        point=workspace.point,
        panes=tuple(panes),
        measurements=workspace.measurements,
        paths=paths,
    )


def stacks_shown(workspace: Workspace) -> dict[int, Stack]:
    """Return the stack of each pane that shows one."""
    found = ((view.number, workspace.stack(view.number)) for view in workspace.viewports)
    return {pane: stack for pane, stack in found if stack is not None}


@dataclass(frozen=True, slots=True)
class Placed:
    """The states of a session's panes among what is open; series of panes that have none, and panes moved on."""

    states: dict[int, ViewState]
    missing: tuple[str, ...]
    moved: int


def placed(session: Session, catalogue: Catalogue) -> Placed:
    """Find the very frame of each pane; where only its series is there, the same place in that."""
    states: dict[int, ViewState] = {}
    missing: list[str] = []
    moved = 0
    for pane in session.panes:
        found = catalogue.stack_with(pane.ref)
        if found is not None:
            states[pane.pane] = replace(pane.view, stack_id=found[0].id, index=found[1])
            continue
        stack = _of_series(pane, catalogue)
        if stack is None:
            missing.append(pane.series_uid)
        else:
            moved += 1
            states[pane.pane] = replace(pane.view, stack_id=stack.id, index=min(pane.view.index, len(stack.frames) - 1))
    return Placed(states, tuple(dict.fromkeys(missing)), moved)


def _of_series(pane: PaneView, catalogue: Catalogue) -> Stack | None:
    same = [s for s in catalogue.by_id.values() if s.series_instance_uid == pane.series_uid and s.kind == "image"]
    same = [stack for stack in same if stack.frames]
    return next((stack for stack in same if stack.id == pane.view.stack_id), same[0] if same else None)


def series_keys(session: Session, catalogue: Catalogue) -> dict[str, bool]:
    """Return the keys of the series of a session that are open, and whether their stacks are to be one."""
    wanted = {(pane.study_uid, pane.series_uid): pane.merged for pane in session.panes}
    return {
        series.key: wanted[study.study_instance_uid, series.series_instance_uid]
        for patient in catalogue.patients
        for study in patient.studies
        for series in study.series
        if (study.study_instance_uid, series.series_instance_uid) in wanted
    }


def all_there(session: Session, catalogue: Catalogue) -> bool:
    """Whether every frame of a session is open."""
    return bool(session.panes) and all(catalogue.stack_with(pane.ref) is not None for pane in session.panes)


def with_others(session: Session, workspace: Workspace) -> tuple[Measurement, ...]:
    """Return the measurements of a session, and those of other studies that are open, numbered after them."""
    studies = {pane.study_uid for pane in session.panes}
    instances = workspace.catalogue.instances
    drawn = list(session.measurements)
    for each in workspace.measurements:
        instance = instances.get(each.ref.sop_instance_uid) if each.ref is not None else None
        if instance is not None and instance.study_instance_uid not in studies:
            number = max((other.number for other in drawn), default=0) + 1
            drawn.append(replace(each, number=number))
    return tuple(drawn)


def still_open(roots: list[str], catalogue: Catalogue) -> list[str]:
    """Return the paths below which something is open."""
    places = {instance.locator.path for instance in catalogue.instances.values()}
    waiting = list(places)
    while waiting:
        folder = os.path.dirname(waiting.pop())
        if folder not in places:
            places.add(folder)
            waiting.append(folder)
    return [root for root in roots if root.rstrip(os.sep) in places]
