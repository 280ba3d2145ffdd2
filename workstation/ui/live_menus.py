"""Menus whose entries depend on what is open: recent paths, and every window the picture on screen offers."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMenu, QWidget

from workstation.dicom.display_names import plain
from workstation.imaging.presets import presets_for
from workstation.ui.commands.image import header_choice, preset_label, window_numbers

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from workstation.ui.window_api import WindowApi


class LiveMenus(QObject):
    """Fills its menus each time they open."""

    def __init__(self, window: WindowApi, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self.recent = QMenu(self.tr("Open recent"))
        self.recent.aboutToShow.connect(self.fill_recent)
        self.windows = QMenu(self.tr("All windows and presets"))
        self.windows.aboutToShow.connect(self.fill_windows)

    def place(self, actions: dict[str, QAction], file_menu: QMenu, window_menu: QMenu) -> None:
        """Put the menus beside the commands they belong to."""
        file_menu.insertMenu(actions["file.open_recent"], self.recent)
        window_menu.insertMenu(actions["image.window.exact"], self.windows)
        color_maps = QMenu(self._window.tr("Colour map"), window_menu)
        color_maps.addActions([action for id, action in actions.items() if id.startswith("image.color_map.")])
        window_menu.addMenu(color_maps)

    def fill_recent(self) -> None:
        """List what was opened lately; hidden names are numbered."""
        self.recent.clear()
        hidden = self._window.workspace.options.identity_hidden
        for place, path in enumerate(self._window.settings["recent_paths"], 1):
            name = plain(PurePath(path).name or path, 60)
            above = plain(str(PurePath(path).parent), 60)
            text = self.tr("Number {0}, name hidden").format(place) if hidden else f"{name}   {above}"
            entry = self.recent.addAction(text.replace("&", "&&"))
            entry.triggered.connect(partial(self._open, path))
        if self.recent.isEmpty():
            self.recent.addAction(self.tr("Nothing yet")).setEnabled(False)
            return
        self.recent.addSeparator()
        self.recent.addAction(self.tr("Forget these"), self._forget)

    def _open(self, path: str, *_: object) -> None:
        self._window.dispatch("file.open_paths", paths=[path])

    def _forget(self) -> None:
        self._window.settings.set("recent_paths", [])

    def fill_windows(self) -> None:
        """List auto, every window of the header, and every preset of the modality."""
        fill_windows(self.windows, self._window)


def fill_windows(menu: QMenu, window: WindowApi) -> None:
    """Write every window that the picture of the active pane offers into a menu (J3)."""
    menu.clear()
    picture = window.active_pane().picture
    if picture is None or not picture.rendering.has_window:
        menu.addAction(window.tr("Colour has no window") if picture is not None else "–").setEnabled(False)
        return
    menu.addAction(preset_label(window, 0), lambda: window.dispatch("image.preset.0"))
    menu.addSeparator()
    for index in range(len(picture.rendering.voi)):
        choice = header_choice(window, index)
        if choice is not None:
            text = choice.text.replace("&", "&&")
            menu.addAction(text, partial(window.dispatch, "image.window.header", index=index))
    menu.addSeparator()
    for preset in presets_for(window.active_modality(), picture.rendering.unit):
        shown = preset.window
        run = partial(window.dispatch, "image.window.set", center=shown.center, width=shown.width, name=preset.name)
        menu.addAction(f"{window.tr(preset.name)}  {window_numbers(shown)}", run)


PANE_MENU = (
    "layout.mpr",
    "layout.maximise",
    "image.reset",
    "image.invert",
    "image.fit",
    "image.one_to_one",
    "key_image.toggle",
    "view.header",
    "view.doctor",
    "edit.copy_view",
)


def pane_menu(window: WindowApi, parent: QWidget, actions: dict[str, QAction]) -> QMenu:
    """Return the menu of the active pane; it goes when it closes."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    fill_windows(menu.addMenu(window.tr("Window")), window)
    color_maps = menu.addMenu(window.tr("Colour map"))
    color_maps.addActions([action for id, action in actions.items() if id.startswith("image.color_map.")])
    planes = menu.addMenu(window.tr("Plane and slab"))
    for command_id, action in actions.items():
        if command_id.startswith("mpr."):
            planes.addAction(action)
    menu.addSeparator()
    for command_id in PANE_MENU:
        menu.addAction(actions[command_id])
    return menu
