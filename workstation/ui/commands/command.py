"""A command is data: menus, keys, palette, scripts and tests all run it through ``dispatch``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workstation import log
from workstation.errors import WorkstationError

if TYPE_CHECKING:
    from workstation.ui.window_api import WindowApi

_LOG = log.get("commands")


def always(window: WindowApi) -> bool:
    """Enable a command in any state."""
    return True


def something_shown(window: WindowApi) -> bool:
    """Enable a command while the active pane shows something."""
    return not window.workspace.state().empty


def something_open(window: WindowApi) -> bool:
    """Enable a command while a study is open."""
    return bool(window.workspace.catalogue.patients)


@dataclass(frozen=True, slots=True)
class Command:
    """One action: ``run(window, **params)``.

    ``shortcuts`` are Qt key sequences, the first is shown; ``menu`` is the menu's title, empty for none;
    ``label`` gives a title that depends on what is shown, without one it is ``title``; ``hint`` is the tooltip;
    ``checked`` tells whether a toggle is on; ``toolbar`` whether it stands in the toolbar, by its icon;
    ``everywhere`` whether its keys act in pages with a window of their own as well.
    """

    id: str
    title: str
    run: Callable[..., None]
    menu: str = ""
    shortcuts: tuple[str, ...] = ()
    hint: str = ""
    icon: str = ""
    enabled: Callable[[WindowApi], bool] = always
    checked: Callable[[WindowApi], bool] | None = None
    label: Callable[[WindowApi], str] | None = None
    toolbar: bool = False
    separator_before: bool = False
    everywhere: bool = False


class Dispatcher:
    """Runs commands by id and remembers what was run, one line each, without any value from a file."""

    def __init__(self, window: WindowApi, commands: Iterable[Command]) -> None:
        self._window = window
        self.commands = {command.id: command for command in commands}
        self.history: list[tuple[str, dict[str, Any]]] = []

    def dispatch(self, command_id: str, **params: Any) -> bool:
        """Run a command; return whether it was enabled.

        Raises
        ------
        KeyError
            If no command has that id.
        """
        command = self.commands[command_id]
        if not command.enabled(self._window):
            return False
        self.history.append((command_id, params))
        try:
            command.run(self._window, **params)
        except WorkstationError as error:
            self._window.say("warning", str(error))
        except Exception:
            _LOG.exception("command %s failed", command_id)
            self._window.say("error", self._window.tr("That did not work; the log says why (Help › Open log folder)."))
        self._window.update_later()
        return True
