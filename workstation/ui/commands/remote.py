"""Commands of the study list on servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.ui.commands.command import Command
from workstation.ui.commands.network import NETWORK

if TYPE_CHECKING:
    from workstation.ui.window_api import WindowApi


def may_ask(window: WindowApi) -> bool:
    """Enable a command while the study list is shown, looks at servers, and has something to ask them."""
    return window.library.at_home and window.library.remote.can_ask


def may_retrieve(window: WindowApi) -> bool:
    """Enable a command while a study that is on a server is selected."""
    return window.library.at_home and window.library.remote.can_retrieve


COMMANDS = (
    Command(
        "network.search",
        "Ask servers",
        lambda w: w.library.remote.search(),
        NETWORK,
        ("Ctrl+Return", "Ctrl+Enter"),
        icon="search",
        enabled=may_ask,
        hint="Ask the servers chosen above the study list for what is typed there",
        separator_before=True,
    ),
    Command(
        "network.retrieve",
        "Retrieve",
        lambda w: w.library.remote.retrieve(),
        NETWORK,
        ("Ctrl+T",),
        icon="retrieve",
        enabled=may_retrieve,
        hint="Fetch the selected studies, or the series the keyboard is on",
    ),
    Command(
        "network.count",
        "Count series and images",
        lambda w: w.library.remote.count(),
        NETWORK,
        enabled=may_retrieve,
        hint="Asks for them one by one, where a server supplies no counts",
    ),
)
