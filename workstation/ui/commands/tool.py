"""One command per tool of the table."""

from __future__ import annotations

from collections.abc import Callable

from workstation.tools import TOOLS
from workstation.ui.commands.command import Command
from workstation.ui.window_api import WindowApi


def _choose(tool_id: str) -> Callable[[WindowApi], None]:
    return lambda window: window.workspace.set_tool(tool_id)


def _is_chosen(tool_id: str) -> Callable[[WindowApi], bool]:
    return lambda window: window.workspace.tool_id == tool_id


COMMANDS = tuple(
    Command(
        f"tool.{tool.id}",
        tool.title,
        _choose(tool.id),
        "&Tools",
        (tool.shortcut,),
        tool.hint,
        tool.icon,
        checked=_is_chosen(tool.id),
        toolbar=True,
    )
    for tool in TOOLS
)
