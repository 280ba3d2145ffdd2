"""Commands that save sessions and bring them back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.ui.commands.command import Command, something_open

if TYPE_CHECKING:
    from workstation.ui.window_api import WindowApi

FILE = "&File"


def save(window: WindowApi, path: str = "") -> None:
    """Save what is shown, to a path or where the user says."""
    if path:
        window.sessions.save(path)
    else:
        window.sessions.ask_save()


def open_session(window: WindowApi, path: str = "") -> None:
    """Bring back a session from a path, or from where the user says."""
    if path:
        window.sessions.open(path)
    else:
        window.sessions.ask_open()


COMMANDS = (
    Command(
        "session.save",
        "Save session…",
        save,
        FILE,
        hint="What is open and how it is looked at, with hashes of its pixels",
        enabled=something_open,
        separator_before=True,
    ),
    Command("session.open", "Open session…", open_session, FILE),
    Command("session.restore_last", "Reopen the last session", lambda w: w.sessions.restore_last(), FILE),
)
