"""Commands that open, close and quit, and those of the Edit and Help menus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workstation.ui.commands.command import Command, something_open, something_shown

if TYPE_CHECKING:
    from workstation.ui.window_api import WindowApi

FILE, EDIT, HELP = "&File", "&Edit", "&Help"


def open_paths(window: WindowApi, paths: Sequence[str]) -> None:
    """Open files, folders, DICOMDIRs and ZIP archives beside what is open."""
    window.open_paths(list(paths))


COMMANDS = (
    Command("file.open", "Open files…", lambda w: w.ask_files(), FILE, ("Ctrl+O",), icon="open", toolbar=True),
    Command(
        "file.open_folder",
        "Open folder…",
        lambda w: w.ask_folder(),
        FILE,
        ("Ctrl+Shift+O",),
        icon="folder",
        toolbar=True,
    ),
    Command("file.open_paths", "Open paths", open_paths),
    Command("file.demo", "Open the demo study", lambda w: w.open_demo(), FILE),
    Command("file.stop", "Stop opening", lambda w: w.stop_opening(), FILE, ("Ctrl+.",), enabled=lambda w: w.opening),
    Command(
        "file.close",
        "Close everything",
        lambda w: w.close_studies(),
        FILE,
        ("Ctrl+W",),
        enabled=something_open,
        separator_before=True,
    ),
    Command("file.quit", "Quit", lambda w: w.quit(), FILE, ("Ctrl+Q",), separator_before=True),
    Command(
        "edit.undo",
        "Undo",
        lambda w: w.workspace.undo.undo(),
        EDIT,
        ("Ctrl+Z",),
        enabled=lambda w: w.workspace.undo.canUndo(),
    ),
    Command(
        "edit.redo",
        "Redo",
        lambda w: w.workspace.undo.redo(),
        EDIT,
        ("Ctrl+Y", "Ctrl+Shift+Z"),
        enabled=lambda w: w.workspace.undo.canRedo(),
    ),
    Command(
        "edit.copy_view",
        "Copy view",
        lambda w: w.copy_view(),
        EDIT,
        ("Ctrl+C",),
        enabled=something_shown,
        separator_before=True,
    ),
    Command(
        "edit.preferences",
        "Preferences…",
        lambda w: w.show_preferences(),
        EDIT,
        ("Ctrl+,",),
        icon="settings",
        separator_before=True,
    ),
    Command(
        "help.palette", "Find a command…", lambda w: w.show_palette(), HELP, ("Ctrl+K",), icon="search", toolbar=True
    ),
    Command("help.sheet", "Keys and mouse", lambda w: w.show_help(), HELP, ("F1", "?"), icon="help", toolbar=True),
    Command("help.decoders", "What can be shown", lambda w: w.show_decoders(), HELP),
    Command("help.log", "Open log folder", lambda w: w.open_log_folder(), HELP),
    Command("help.about", "About DICOM Workstation", lambda w: w.show_about(), HELP),
)
