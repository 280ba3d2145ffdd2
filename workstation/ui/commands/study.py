"""Commands that move between series, studies and patients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.ui.commands.command import Command, something_open

if TYPE_CHECKING:
    from workstation.geometry.stack import Stack
    from workstation.ui.window_api import WindowApi

STUDY = "&Study"


def _images(window: WindowApi) -> list[Stack]:
    return [stack for stack in window.workspace.catalogue.ordered_stacks() if stack.kind == "image" and stack.frames]


def _go(window: WindowApi, stacks: list[Stack], step: int) -> None:
    if not stacks:
        return
    shown = window.workspace.state().stack_id
    place = next((n for n, stack in enumerate(stacks) if stack.id == shown), None)
    target = 0 if place is None else min(max(place + step, 0), len(stacks) - 1)
    if stacks[target].id != shown:
        window.workspace.show_stack(stacks[target].id)


def series(window: WindowApi, step: int) -> None:
    """Show the next or previous image stack in the active pane."""
    _go(window, _images(window), step)


def study(window: WindowApi, step: int) -> None:
    """Show the first stack of the next or previous study."""
    _jump(window, step, lambda patient, study: study.study_instance_uid + patient.key)


def patient(window: WindowApi, step: int) -> None:
    """Show the first stack of the next or previous patient."""
    _jump(window, step, lambda patient, study: patient.key)


def _jump(window: WindowApi, step: int, key_of) -> None:  # type: ignore[no-untyped-def]
    catalogue = window.workspace.catalogue
    firsts: dict[str, Stack] = {}
    owner: dict[str, str] = {}
    for patient in catalogue.patients:
        for study in patient.studies:
            key = key_of(patient, study)
            for series in study.series:
                for stack in catalogue.stacks.get(series.key, ()):
                    owner[stack.id] = key
                    if stack.kind == "image" and stack.frames:
                        firsts.setdefault(key, stack)
    keys = list(firsts)
    shown = owner.get(window.workspace.state().stack_id or "")
    place = keys.index(shown) + step if shown in keys else 0
    if keys and 0 <= place < len(keys):
        window.workspace.show_stack(firsts[keys[place]].id)


def has_reports(window: WindowApi) -> bool:
    """Enable a command while the study has something to read."""
    return bool(window.reports.reports())


def report(window: WindowApi, step: int) -> None:
    """Show the next or previous report of the study beside the images; the first where none is shown."""
    window.show_panel("report")
    window.reports.step(step)


COMMANDS = (
    Command("study.next_series", "Next series", lambda w: series(w, 1), STUDY, ("Right",), enabled=something_open),
    Command(
        "study.previous_series", "Previous series", lambda w: series(w, -1), STUDY, ("Left",), enabled=something_open
    ),
    Command("study.next_study", "Next study", lambda w: study(w, 1), STUDY, ("Ctrl+Right",), enabled=something_open),
    Command(
        "study.previous_study", "Previous study", lambda w: study(w, -1), STUDY, ("Ctrl+Left",), enabled=something_open
    ),
    Command(
        "study.next_patient", "Next patient", lambda w: patient(w, 1), STUDY, ("Ctrl+Down",), enabled=something_open
    ),
    Command(
        "study.previous_patient",
        "Previous patient",
        lambda w: patient(w, -1),
        STUDY,
        ("Ctrl+Up",),
        enabled=something_open,
    ),
    Command(
        "study.next_report",
        "Next report",
        lambda w: report(w, 1),
        STUDY,
        ("Ctrl+PgDown",),
        enabled=has_reports,
        separator_before=True,
    ),
    Command(
        "study.previous_report", "Previous report", lambda w: report(w, -1), STUDY, ("Ctrl+PgUp",), enabled=has_reports
    ),
    Command(
        "study.completeness",
        "What is missing?",
        lambda w: w.toggle_panel("completeness"),
        STUDY,
        checked=lambda w: w.panel_shown("completeness"),
    ),
)
