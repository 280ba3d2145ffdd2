"""Commands of nodes and transfers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.ui.commands import printing
from workstation.ui.commands.command import Command

if TYPE_CHECKING:
    from workstation.ui.window_api import WindowApi

NETWORK = "&Network"


def has_transfers(window: WindowApi) -> bool:
    """Enable a command while the list of transfers was read."""
    return window.has_network and window.network.has_queue


COMMANDS = (
    Command(
        "network.nodes",
        "Nodes…",
        lambda w: w.prompts.nodes(),
        NETWORK,
        ("Ctrl+Shift+N",),
        icon="node",
        hint="Archives, worklists and printers this program may talk to; check whether they answer",
    ),
    *printing.FILM,
    Command(
        "network.transfers",
        "Transfers",
        lambda w: w.toggle_panel("transfers"),
        NETWORK,
        ("Ctrl+J",),
        icon="transfers",
        checked=lambda w: w.panel_shown("transfers"),
        hint="What is being sent, fetched and printed, and what became of it",
        separator_before=True,
    ),
    Command("network.show_transfers", "Show transfers", lambda w: w.show_panel("transfers")),
    Command(
        "network.resume_all",
        "Resume all transfers",
        lambda w: w.network.resume_all(),
        NETWORK,
        enabled=has_transfers,
    ),
    Command(
        "network.pause_all",
        "Pause all transfers",
        lambda w: w.network.pause_all(),
        NETWORK,
        enabled=has_transfers,
    ),
)
