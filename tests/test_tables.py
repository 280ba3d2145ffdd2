"""The tables menus, keys, toolbar and help are made of."""

from __future__ import annotations

import pkgutil
from collections import Counter

import pytest
from PySide6.QtGui import QKeySequence

import workstation.objects
import workstation.tools
from workstation.app import Application
from workstation.paths import resource
from workstation.tools import TOOLS
from workstation.ui.commands import COMMANDS, MENUS
from workstation.ui.panels import PANELS


def test_command_ids_are_unique_and_titled() -> None:
    assert [id for id, count in Counter(command.id for command in COMMANDS).items() if count > 1] == []
    assert [command.id for command in COMMANDS if not command.title.strip()] == []


def test_no_key_means_two_things() -> None:
    keys = Counter(QKeySequence(key).toString() for command in COMMANDS for key in command.shortcuts)
    assert [key for key, count in keys.items() if count > 1] == []


def test_every_key_is_one_qt_knows() -> None:
    assert [key for command in COMMANDS for key in command.shortcuts if not QKeySequence(key).toString()] == []


def test_no_bare_key_destroys() -> None:
    """Never a destructive action on a bare letter (features 2b, rule 6)."""
    closing = [command for command in COMMANDS if command.id in ("file.close", "file.quit")]
    assert all(key.startswith("Ctrl+") for command in closing for key in command.shortcuts)


def test_every_icon_exists() -> None:
    names = {command.icon for command in COMMANDS if command.icon} | {tool.icon for tool in TOOLS}
    assert [name for name in sorted(names) if not resource(f"icons/{name}.svg").is_file()] == []


def test_every_menu_and_panel_is_named() -> None:
    assert {command.menu for command in COMMANDS if command.menu} <= set(MENUS)
    assert len({panel.id for panel in PANELS}) == len(PANELS)


def test_every_tool_module_is_in_the_table() -> None:
    modules = {module.name for module in pkgutil.iter_modules(workstation.tools.__path__)} - {"tool"}
    assert modules == {tool.drag.__module__.rsplit(".", 1)[1] for tool in TOOLS}


@pytest.mark.parametrize(
    "command_id", [command.id for command in COMMANDS if command.id not in ("file.quit", "help.log")]
)
def test_every_command_is_disabled_or_runs_in_an_empty_window(application: Application, command_id: str) -> None:
    window = application.window
    command = window.dispatcher.commands[command_id]
    parameters = {
        "file.open_paths": {"paths": []},
        "layout.set": {"name": "2x2"},
        "image.window.set": {"center": 40.0, "width": 400.0},
        "image.go_to.index": {"index": 1},
    }.get(command_id, {})
    shown = len(window.messages.messages())
    if not command.enabled(window):
        assert window.dispatch(command_id, **parameters) is False
    elif command_id not in ("file.open", "file.open_folder", "file.demo"):
        assert window.dispatch(command_id, **parameters) is True
        new = window.messages.messages()[shown:]
        assert not any(message.tone == "error" for message in new)
