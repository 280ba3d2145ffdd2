"""Commands that open, close and quit, and those of the Edit and Help menus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workstation.ui.commands import export, key_images, printing, session
from workstation.ui.commands.command import Command, something_open
from workstation.ui.stamped_pictures import open_paths as opened

if TYPE_CHECKING:
    from workstation.ui.window_api import WindowApi

FILE, EDIT, HELP = session.FILE, "&Edit", "&Help"


def open_paths(window: WindowApi, paths: Sequence[str]) -> None:
    """Open files, folders, DICOMDIRs and ZIP archives beside what is open; a stamped picture leads to its view."""
    opened(window, list(paths))


def open_recent(window: WindowApi, number: int = 0) -> None:
    """Open again what was opened lately, 0 for the last."""
    recent = window.settings["recent_paths"]
    if number < len(recent):
        window.desk.open_paths([recent[number]])


def ask_files(window: WindowApi) -> None:
    """Choose files."""
    window.prompts.files(lambda chosen: window.dispatch("file.open_paths", paths=chosen))


def ask_folder(window: WindowApi) -> None:
    """Choose a folder."""
    window.prompts.folder(lambda chosen: window.dispatch("file.open_paths", paths=[chosen]))


def close_all(window: WindowApi) -> None:
    """Empty the window."""
    window.cine.stop()
    window.desk.close_all()


def open_log_folder(window: WindowApi) -> None:
    """Open the folder of the log files."""
    from PySide6.QtCore import QUrl
    from PySide6.QtGui import QDesktopServices

    from workstation import paths

    folder = paths.log_folder()
    folder.mkdir(parents=True, exist_ok=True)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def show_about(window: WindowApi) -> None:
    """Say what this program is."""
    from workstation import __version__

    window.say("info", window.tr("DICOM Workstation {0} · MIT licence · not for diagnostic use").format(__version__))


COMMANDS = (
    Command("file.open", "Open files…", ask_files, FILE, ("Ctrl+O",), icon="open", toolbar=True),
    Command(
        "file.open_folder",
        "Open folder…",
        ask_folder,
        FILE,
        ("Ctrl+Shift+O",),
        icon="folder",
        toolbar=True,
    ),
    Command("file.open_paths", "Open paths", open_paths),
    Command(
        "file.open_recent",
        "Open the last one again",
        open_recent,
        FILE,
        ("Ctrl+Shift+L",),
        enabled=lambda w: bool(w.settings["recent_paths"]),
    ),
    Command("file.demo", "Open the demo study", lambda w: w.desk.open_demo(), FILE),
    Command("file.stop", "Stop opening", lambda w: w.desk.stop(), FILE, ("Ctrl+.",), enabled=lambda w: w.desk.running),
    *export.WRITING,
    *printing.PAPER,
    *key_images.SAVING,
    *session.COMMANDS,
    Command(
        "file.close",
        "Close everything",
        close_all,
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
    *export.COPYING,
    Command(
        "edit.preferences",
        "Preferences…",
        lambda w, group="": w.prompts.preferences(group),
        EDIT,
        ("Ctrl+,",),
        icon="settings",
        separator_before=True,
    ),
    Command(
        "help.palette", "Find a command…", lambda w: w.prompts.palette(), HELP, ("Ctrl+K",), icon="search", toolbar=True
    ),
    Command("help.sheet", "Keys and mouse", lambda w: w.prompts.help(), HELP, ("F1", "?"), icon="help", toolbar=True),
    Command("help.words", "Plain words…", lambda w: w.prompts.words(), HELP, hint="What DICOM's terms mean"),
    Command("help.decoders", "What can be shown", lambda w: w.prompts.decoders(), HELP),
    Command("help.log", "Open log folder", open_log_folder, HELP),
    Command("help.about", "About DICOM Workstation", show_about, HELP),
)
