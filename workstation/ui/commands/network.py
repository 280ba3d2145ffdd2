"""Commands of nodes and transfers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.ui.commands import printing
from workstation.ui.commands.command import Command, something_open

if TYPE_CHECKING:
    from workstation.ui.window_api import WindowApi

NETWORK = "&Network"


def has_transfers(window: WindowApi) -> bool:
    """Enable a command while the list of transfers was read."""
    return window.has_network and window.network.has_queue


def can_send(window: WindowApi) -> bool:
    """Enable a command while the study list is in front, or something is open."""
    return window.library.at_home or something_open(window)


def node_waits(window: WindowApi) -> bool:
    """Enable a command while a node needs a password, a token or a sign-in."""
    return window.has_network and window.network.credentials.waits


COMMANDS = (
    Command(
        "network.worklist",
        "Worklist…",
        lambda w: w.prompts.worklist(),
        NETWORK,
        ("Ctrl+Shift+J",),
        icon="calendar",
        hint="What is scheduled, asked of a worklist. Performed steps are not reported: MPPS is not offered",
    ),
    Command(
        "network.send",
        "Send to…",
        lambda w: w.prompts.send(),
        NETWORK,
        ("Ctrl+Shift+S",),
        icon="send",
        enabled=can_send,
        hint="Send the selected studies, or the series of the active pane, to a node",
    ),
    Command(
        "network.receive",
        "Receive studies",
        lambda w: w.receiving.toggle(),
        NETWORK,
        icon="retrieve",
        checked=lambda w: w.receives,
        hint="Let other applications send to this program; who may is said in the preferences",
    ),
    Command(
        "network.nodes",
        "Nodes…",
        lambda w, name="": w.prompts.nodes(name),
        NETWORK,
        ("Ctrl+Shift+N",),
        icon="node",
        hint="Archives, worklists and printers this program may talk to; check whether they answer",
        separator_before=True,
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
    Command(
        "network.give",
        "Give what a node needs…",
        lambda w: w.network.credentials.attend(),
        NETWORK,
        enabled=node_waits,
        hint="The password, token or sign-in that transfers wait for; the keyboard goes to its line",
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
