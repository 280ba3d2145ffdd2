"""Menus, toolbar and keys made from the table of commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar, QWidget

from workstation.ui.commands import COMMANDS, MENUS
from workstation.ui.theme import give_icon

if TYPE_CHECKING:
    from workstation.ui.commands.command import Command


def translated(text: str) -> str:
    """Return a command's text in the user's language."""
    return QCoreApplication.translate("Command", text)


def pane_key(key: str) -> bool:
    """Whether a key acts only while a pane has the keyboard: bare keys, and copy, belong to fields and lists too."""
    return key == "Ctrl+C" or not (key.startswith("Ctrl+") or (key[0] == "F" and key[1:].isdigit()))


def make_menus(window: QMainWindow) -> dict[str, QMenu]:
    """Return the menus of the menu bar by title."""
    return {title: window.menuBar().addMenu(translated(title)) for title in MENUS}


def make_actions(
    window: QMainWindow, menus: dict[str, QMenu], dispatch: Callable[[str], object], panes: Sequence[QWidget]
) -> dict[str, QAction]:
    """Return an action for each command, in its menu, with its keys."""
    actions: dict[str, QAction] = {}
    for command in COMMANDS:
        action = QAction(translated(command.title), window)
        action.setObjectName(command.id)
        action.setCheckable(command.checked is not None)
        action.setToolTip(tooltip_of(command))
        action.setStatusTip(translated(command.hint) if command.hint else "")
        action.setMenuRole(QAction.MenuRole.NoRole)
        if command.icon:
            give_icon(action, command.icon)
            action.setIconVisibleInMenu(False)
        action.triggered.connect(lambda _=False, id=command.id: dispatch(id))
        _give_keys(action, command, window, panes)
        if command.menu:
            if command.separator_before:
                menus[command.menu].addSeparator()
            menus[command.menu].addAction(action)
        actions[command.id] = action
    return actions


def _give_keys(action: QAction, command: Command, window: QWidget, panes: Sequence[QWidget]) -> None:
    """Let the keys act where they belong; the first, which the menu shows, is the action's own."""
    own = bool(command.shortcuts) and pane_key(command.shortcuts[0])
    action.setShortcuts([QKeySequence(key) for key in command.shortcuts if pane_key(key) == own])
    _scope(action, own, window, panes)
    if command.everywhere:
        action.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
    others = [QKeySequence(key) for key in command.shortcuts if pane_key(key) != own]
    if others:
        helper = QAction(action.text(), window)
        helper.setShortcuts(others)
        helper.triggered.connect(action.trigger)
        _scope(helper, not own, window, panes)


def _scope(action: QAction, in_panes: bool, window: QWidget, panes: Sequence[QWidget]) -> None:
    if in_panes:
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    for widget in panes if in_panes else (window,):
        widget.addAction(action)


def tooltip_of(command: Command) -> str:
    """Return ``Title (Key)`` and the hint on a second line."""
    key = (
        QKeySequence(command.shortcuts[0]).toString(QKeySequence.SequenceFormat.NativeText) if command.shortcuts else ""
    )
    text = translated(command.title).replace("&", "")
    text = f"{text} ({key})" if key else text
    return f"{text}\n{translated(command.hint)}" if command.hint else text


def fill_toolbar(bar: QToolBar, actions: dict[str, QAction]) -> None:
    """Put the commands that ask for it on the toolbar, grouped by menu."""
    order = ("Li&brary", "&File", "&Tools", "&Image", "&Window", "&MPR", "&Layout", "&View", "&Help")
    for menu in order:
        chosen = [command for command in COMMANDS if command.toolbar and command.menu == menu]
        for command in chosen:
            bar.addAction(actions[command.id])
        if chosen and menu != order[-1]:
            bar.addSeparator()
