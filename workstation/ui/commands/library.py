"""Commands of the study list and of the library behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.ui.commands.command import Command, something_open

if TYPE_CHECKING:
    from workstation.ui.window_api import WindowApi

LIBRARY = "Li&brary"


def add(window: WindowApi, *, copy: bool) -> None:
    """Choose a folder to add."""
    window.prompts.folder(lambda path: window.library.add([path], copy=copy))


def add_open(window: WindowApi) -> None:
    """Add the files that are open, by link."""
    window.library.add_open()


def watch(window: WindowApi) -> None:
    """Choose a folder to watch."""
    window.prompts.folder(lambda path: window.library.watch([*window.settings["watched_folders"], path]))


COMMANDS = (
    Command(
        "view.library",
        "Study list",
        lambda w: w.library.toggle_home(),
        LIBRARY,
        ("Ctrl+L",),
        icon="study-list",
        toolbar=True,
        checked=lambda w: w.library.at_home,
        hint="Every study of the library: search, open, add",
    ),
    Command(
        "library.add",
        "Add a folder…",
        lambda w: add(w, copy=False),
        LIBRARY,
        icon="plus",
        hint="Its files stay where they are; the library remembers them",
        separator_before=True,
    ),
    Command(
        "library.copy",
        "Copy a folder or disc into the library…",
        lambda w: add(w, copy=True),
        LIBRARY,
        hint="For discs and sticks: the copies stay when they are gone",
    ),
    Command("library.add_open", "Add what is open", add_open, LIBRARY, enabled=something_open),
    Command("library.stop", "Stop adding", lambda w: w.library.stop(), LIBRARY, enabled=lambda w: w.library.importing),
    Command(
        "library.watch",
        "Watch a folder…",
        watch,
        LIBRARY,
        hint="What comes into it is added by itself, by link",
        separator_before=True,
    ),
    Command(
        "library.unwatch",
        "Watch no folder any more",
        lambda w: w.library.watch([]),
        LIBRARY,
        enabled=lambda w: bool(w.settings["watched_folders"]),
    ),
    Command(
        "library.check",
        "Check the library",
        lambda w: w.library.chores.check(),
        LIBRARY,
        hint="Whether every file is where the index says",
        separator_before=True,
    ),
    Command(
        "library.rebuild",
        "Rebuild the index",
        lambda w: w.library.chores.rebuild(),
        LIBRARY,
        hint="Makes the index again from the files; marks and comments stay",
    ),
    Command(
        "library.release",
        "Read left-out files again",
        lambda w: w.library.chores.release(),
        LIBRARY,
        hint="Files are left out when the program ended twice while it read them",
    ),
    Command(
        "library.audit",
        "Check a disc…",
        lambda w: w.library.audit(),
        LIBRARY,
        hint="Its DICOMDIR against its files, and which application profile it could claim",
    ),
    Command("library.bin", "Show the bin", lambda w: w.library.show_bin(), LIBRARY),
)
MENU = ("library.copy", "library.add_open", "library.watch", "library.unwatch", "library.check", "library.rebuild",
        "library.release", "library.bin")  # fmt: skip
"""What the button beside the study list offers."""
