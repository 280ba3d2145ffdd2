"""Commands on sections: the planes of a series, how they are turned, and their slabs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from workstation.ui import reformatting
from workstation.ui.commands.command import Command, something_shown
from workstation.viewing.view_state import ORIENTATIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from workstation.ui.window_api import WindowApi

MPR = "&MPR"
TURN = 5.0
"""Degrees by which one press of a key turns planes."""


def mpr(window: WindowApi) -> None:
    """Show the three standard planes of the active series."""
    reformatting.show_mpr(window.workspace, window.active_pane().shown_window())


def plane(window: WindowApi, orientation: str | None) -> None:
    """Show a standard plane in the active pane, or its images as acquired."""
    reformatting.show_plane(window.workspace, orientation, window.active_pane().shown_window())


def is_plane(window: WindowApi, orientation: str | None) -> bool:
    """Whether the active pane shows the standard plane of that name, or images as acquired."""
    state = window.workspace.state()
    if state.empty or state.section is None:
        return not state.empty and orientation is None
    return state.section.standard and state.section.orientation == orientation


def is_section(window: WindowApi) -> bool:
    """Whether the active pane shows a section."""
    return window.workspace.state().section is not None


def is_turned(window: WindowApi) -> bool:
    """Whether a section of the active pane's space is not a standard plane."""
    workspace = window.workspace
    return any(not section.standard for section in workspace.sections_with(workspace.active).values())


def has_slab(window: WindowApi, projection: str = "") -> bool:
    """Whether the active pane shows a slab, of a projection where one is named."""
    section = window.workspace.state().section
    return section is not None and section.slab_mm > 0 and projection in ("", section.projection)


def can_turn(window: WindowApi) -> bool:
    """Whether other panes show planes that can be turned about the active pane's normal."""
    return bool(reformatting.turning(window.workspace, window.workspace.active))


def turn(window: WindowApi, degrees: float) -> None:
    """Turn the other planes about the active pane's normal, clockwise as seen there."""
    state = window.workspace.state()
    mirrored = state.flip_horizontal != state.flip_vertical
    reformatting.turn(window.workspace, window.workspace.active, -degrees if mirrored else degrees)


def step_slab(window: WindowApi, steps: int) -> None:
    """Make the slab of the active pane thicker or thinner."""
    reformatting.step_slab(window.workspace, window.workspace.active, steps)


def set_projection(window: WindowApi, projection: str) -> None:
    """Show the slab of the active pane by a projection, or its plane again."""
    reformatting.set_projection(window.workspace, window.workspace.active, projection)


def next_kind(window: WindowApi) -> None:
    """Go from the plane to its slabs and back."""
    reformatting.next_kind(window.workspace, window.workspace.active)


def _plane(orientation: str | None, title: str, **more: bool) -> Command:
    return Command(
        f"mpr.{orientation or 'acquired'}",
        title,
        partial(plane, orientation=orientation),
        MPR,
        hint="Show this plane in the active pane" if orientation else "Show the images as they were acquired",
        enabled=something_shown,
        checked=partial(is_plane, orientation=orientation),
        separator_before=orientation == ORIENTATIONS[0],
    )


def _on_section(
    id: str, title: str, run: Callable[..., None], keys: tuple[str, ...] = (), *, hint: str, **more: object
) -> Command:
    return Command(id, title, run, MPR, keys, hint, enabled=is_section, **more)  # type: ignore[arg-type]


COMMANDS = (
    Command(
        "layout.mpr",
        "MPR: axial, coronal, sagittal",
        mpr,
        MPR,
        ("F3",),
        icon="mpr",
        toolbar=True,
        enabled=something_shown,
        hint="Reformat the active series in three planes",
    ),
    Command(
        "mpr.reset",
        "Reset planes",
        lambda w: reformatting.reset_planes(w.workspace),
        MPR,
        ("Shift+F3",),
        enabled=is_turned,
        hint="Turn all planes back to axial, coronal and sagittal",
    ),
    Command(
        "mpr.turn_right",
        "Turn the other planes right",
        partial(turn, degrees=TURN),
        MPR,
        ("Shift+Right",),
        enabled=can_turn,
        hint="By 5° about this view; by hand with the round handles",
    ),
    Command(
        "mpr.turn_left",
        "Turn the other planes left",
        partial(turn, degrees=-TURN),
        MPR,
        ("Shift+Left",),
        enabled=can_turn,
        hint="By 5° about this view; by hand with the round handles",
    ),
    *(_plane(orientation, f"{orientation.capitalize()} plane") for orientation in ORIENTATIONS),
    _plane(None, "As acquired"),
    _on_section(
        "mpr.slab",
        "Slab: MIP, MinIP, mean, off",
        next_kind,
        ("Ctrl+Alt+B",),
        hint="Project the tissue around the plane; Alt+wheel sets the thickness",
        checked=has_slab,
        separator_before=True,
    ),
    _on_section(
        "mpr.max",
        "Maximum of the slab (MIP)",
        partial(set_projection, projection="max"),
        hint="Vessels with contrast, calcium, lung nodules",
        checked=partial(has_slab, projection="max"),
    ),
    _on_section(
        "mpr.min",
        "Minimum of the slab (MinIP)",
        partial(set_projection, projection="min"),
        hint="Airways, emphysema, bile ducts",
        checked=partial(has_slab, projection="min"),
    ),
    _on_section(
        "mpr.mean",
        "Mean of the slab",
        partial(set_projection, projection="mean"),
        hint="A thicker slice with less noise",
        checked=partial(has_slab, projection="mean"),
    ),
    _on_section(
        "mpr.thicker", "Thicker slab", partial(step_slab, steps=1), ("Alt++", "Alt+="), hint="Also Alt+wheel up"
    ),
    _on_section("mpr.thinner", "Thinner slab", partial(step_slab, steps=-1), ("Alt+-",), hint="Also Alt+wheel down"),
)
