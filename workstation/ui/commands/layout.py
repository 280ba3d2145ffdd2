"""Commands on panes and what is drawn in all of them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from workstation.ui.commands.command import Command, something_open, something_shown
from workstation.viewing.corner_text import LEVELS
from workstation.viewing.layout import parse_layout

if TYPE_CHECKING:
    from workstation.ui.window_api import WindowApi

VIEW, LAYOUT = "&View", "&Layout"
GRIDS = ("1x1", "1x2", "2x1", "2x2", "2x3", "3x3", "3x4", "4x3", "4x4")


def find(window: WindowApi) -> None:
    """Go to the search of what is shown."""
    if window.library.at_home:
        window.library.find()
    else:
        window.find_in_header()


def set_layout(window: WindowApi, name: str) -> None:
    """Change the grid; series that no longer fit come back with a larger one."""
    layout = parse_layout(name)
    if layout is not None:
        window.workspace.set_layout(layout, fill=True)


def has_layout(window: WindowApi, name: str) -> bool:
    """Whether the grid is the one of that name."""
    return window.workspace.layout.name == name


def maximise(window: WindowApi) -> None:
    """Fill the window with the active pane, or put the grid back."""
    workspace = window.workspace
    filled = None if workspace.layout.maximised is not None else workspace.active
    workspace.set_layout(replace(workspace.layout, maximised=filled))


def toggle_theme(window: WindowApi) -> None:
    """Change between dark and light."""
    window.settings.set("theme", "light" if window.settings["theme"] == "dark" else "dark")


def next_pane(window: WindowApi, step: int) -> None:
    """Make the next pane the active one."""
    visible = window.workspace.visible()
    place = visible.index(window.workspace.active) if window.workspace.active in visible else 0
    window.workspace.set_active(visible[(place + step) % len(visible)])


def corner_level(window: WindowApi) -> None:
    """Go through the levels of corner text: full, essential, none."""
    options = window.workspace.options
    level = LEVELS[(LEVELS.index(options.corner_level) - 1) % len(LEVELS)]
    window.workspace.set_options(corner_level=level)


def toggle(option: str):  # type: ignore[no-untyped-def]
    """Return a command function that switches one option."""

    def run(window: WindowApi) -> None:
        window.workspace.set_options(**{option: not getattr(window.workspace.options, option)})

    return run


def _switch(id: str, title: str, option: str, keys: tuple[str, ...], **more) -> Command:  # type: ignore[no-untyped-def]
    return Command(
        id, title, toggle(option), VIEW, keys, checked=lambda w: bool(getattr(w.workspace.options, option)), **more
    )


COMMANDS = (
    *(
        Command(
            f"layout.{name}",
            f"Grid {name.replace('x', ' × ')}",
            partial(set_layout, name=name),
            LAYOUT,
            (f"Ctrl+{number}",),
            checked=partial(has_layout, name=name),
        )
        for number, name in enumerate(GRIDS, start=1)
    ),
    Command("layout.set", "Set grid", set_layout),
    Command(
        "layout.maximise",
        "Maximise or restore pane",
        maximise,
        LAYOUT,
        ("F",),
        enabled=something_shown,
        checked=lambda w: w.workspace.layout.maximised is not None,
        separator_before=True,
    ),
    Command("layout.next_pane", "Next pane", lambda w: next_pane(w, 1), LAYOUT, ("Tab",), enabled=something_open),
    Command(
        "layout.previous_pane",
        "Previous pane",
        lambda w: next_pane(w, -1),
        LAYOUT,
        ("Shift+Tab",),
        enabled=something_open,
    ),
    Command(
        "view.next_panel",
        "Next panel",
        lambda w: w.next_panel(1),
        VIEW,
        ("F6",),
        hint="The keyboard goes from the panes to each open panel and back; Esc leads back at once",
    ),
    Command("view.previous_panel", "Previous panel", lambda w: w.next_panel(-1), VIEW, ("Shift+F6",)),
    Command("view.corner_text", "Corner text: full, essential, none", corner_level, VIEW, ("I",)),
    _switch("view.reference_lines", "Reference lines", "reference_lines", ("G",), icon="reference-lines", toolbar=True),
    _switch("view.linked", "Linked scrolling", "linked", ("Y",), icon="link", toolbar=True),
    _switch("view.smooth", "Smooth interpolation", "smooth", ("Shift+I",)),
    _switch("view.overlays", "Overlay planes", "overlays", ("Shift+O",)),
    _switch("view.shutter", "Shutters", "shutter", ("Shift+S",)),
    _switch(
        "view.hide_identity",
        "Hide identity",
        "identity_hidden",
        ("Ctrl+Shift+H",),
        icon="hide-identity",
        toolbar=True,
        everywhere=True,
    ),
    Command(
        "view.header",
        "Header inspector",
        lambda w: w.toggle_panel("header"),
        VIEW,
        ("Ctrl+I",),
        icon="header",
        toolbar=True,
        separator_before=True,
        checked=lambda w: w.panel_shown("header"),
    ),
    Command(
        "view.provenance",
        "Pixel: where a grey comes from",
        lambda w: w.toggle_panel("pixel"),
        VIEW,
        ("Ctrl+Shift+I",),
        hint="Every stage from the stored bits to the screen; Ctrl+Shift+click asks it of a pixel",
        icon="probe",
        checked=lambda w: w.panel_shown("pixel"),
    ),
    Command(
        "view.differences",
        "Differences",
        lambda w: w.toggle_panel("differences"),
        VIEW,
        ("Ctrl+Shift+D",),
        hint="What varies along the series, from image to image, or between two series",
        checked=lambda w: w.panel_shown("differences"),
    ),
    Command(
        "view.report",
        "Reports",
        lambda w: w.toggle_panel("report"),
        VIEW,
        ("Ctrl+R",),
        icon="series-report",
        checked=lambda w: w.panel_shown("report"),
        hint="Reports, documents and selections of key images beside the images",
    ),
    Command(
        "view.browser",
        "Study browser",
        lambda w: w.toggle_panel("browser"),
        VIEW,
        ("F4",),
        checked=lambda w: w.panel_shown("browser"),
    ),
    Command(
        "view.doctor",
        "Series doctor",
        lambda w: w.toggle_panel("doctor"),
        VIEW,
        ("Ctrl+D",),
        checked=lambda w: w.panel_shown("doctor"),
    ),
    Command(
        "view.histogram",
        "Histogram",
        lambda w: w.toggle_panel("histogram"),
        VIEW,
        ("Ctrl+H",),
        checked=lambda w: w.panel_shown("histogram"),
    ),
    Command(
        "view.skipped",
        "What was skipped",
        lambda w: w.toggle_panel("skipped"),
        VIEW,
        ("Ctrl+Shift+R",),
        checked=lambda w: w.panel_shown("skipped"),
    ),
    Command(
        "view.performance",
        "Performance",
        lambda w: w.toggle_panel("performance"),
        VIEW,
        ("Ctrl+Shift+P",),
        hint="How quick the program is here and now, and what takes memory",
        checked=lambda w: w.panel_shown("performance"),
    ),
    Command("view.find_in_header", "Find in header", find, VIEW, ("Ctrl+F",), hint="In the study list: search"),
    Command("view.full_screen", "Full screen", lambda w: w.toggle_full_screen(), VIEW, ("F11",), separator_before=True),
    Command("view.theme", "Light or dark theme", toggle_theme, VIEW, ("Ctrl+Shift+T",)),
)
