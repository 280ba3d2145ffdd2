"""One command per tool of the table."""

from __future__ import annotations

from workstation.tools import TOOLS
from workstation.ui.commands.command import Command

COMMANDS = tuple(
    Command(
        f"tool.{tool.id}",
        tool.title,
        lambda window, tool_id=tool.id: window.workspace.set_tool(tool_id),
        "&Tools",
        (tool.shortcut,),
        tool.hint,
        tool.icon,
        checked=lambda window, tool_id=tool.id: window.workspace.tool_id == tool_id,
        toolbar=True,
    )
    for tool in TOOLS
)
