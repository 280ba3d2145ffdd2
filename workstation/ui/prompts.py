"""Small pages that ask or tell: dialogs of the system, the palette, the help sheet, preferences.

None of them is modal for the program: the window stays usable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QLineEdit,
    QWidget,
)

from workstation.dicom.display_names import plain
from workstation.ui.actions import translated
from workstation.ui.commands import COMMANDS
from workstation.ui.number_boxes import DecimalBox, IntegerBox

if TYPE_CHECKING:
    from workstation.dicom.identity import Locator
    from workstation.ui.network_desk import NetworkDesk
    from workstation.ui.window_api import WindowApi

MOUSE = (
    ("Left drag", "The active tool; window at start: right widens, up brightens"),
    ("Alt+left drag", "Window, in every tool"),
    ("Shift+left drag", "Pan, in every tool"),
    ("Middle drag", "Pan"),
    ("Right drag", "Zoom; a click without movement opens the menu"),
    ("Ctrl during a drag", "Four times faster"),
    ("Wheel", "Slice by slice"),
    ("Shift+wheel", "Fast: five percent of the stack"),
    ("Ctrl+wheel", "Zoom at the pointer"),
    ("Alt+wheel", "Thickness of the slab in MPR; phase of a 4-D series elsewhere"),
    ("Shift+move", "3D cursor: all panes go to the point"),
    ("Ctrl+Shift+click", "Where the grey of this pixel comes from; while that panel is open any click keeps a pixel"),
    ("Crosshair of MPR", "Drag its centre or a line to go elsewhere; drag a round handle to turn the other planes"),
    ("Ctrl+round handle", "Turn that plane only"),
    ("Square handle or dashed line", "Drag to make the slab thicker or thinner"),
    ("Double-click", "Maximise or restore the pane"),
    ("Slice bar", "Click or drag to a slice"),
    ("Study browser", "Drag to a pane; double-click or Enter opens in the active pane, Ctrl+Enter in a free one"),
)


class NumberBox(DecimalBox):
    """A number without trailing zeros."""

    def __init__(self) -> None:
        super().__init__()
        self.setDecimals(3)
        self.setRange(-1e9, 1e9)

    def textFromValue(self, value: float) -> str:
        point = self.locale().decimalPoint()
        text = super().textFromValue(value)
        return text.rstrip("0").rstrip(point) if point in text else text


class Prompts(QObject):
    """Makes each page when it is asked for."""

    def __init__(self, window: WindowApi, parent: QWidget) -> None:
        super().__init__(parent)
        self._window, self._parent = window, parent

    def files(self, use: Callable[[list[str]], object]) -> None:
        """Choose files with the system's dialog."""
        dialog = QFileDialog(self._parent, self.tr("Open DICOM files, a DICOMDIR or a ZIP archive"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(use)
        self._open(dialog)

    def folder(self, use: Callable[[str], object]) -> None:
        """Choose a folder with the system's dialog."""
        dialog = QFileDialog(self._parent, self.tr("Open a folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, False)
        dialog.fileSelected.connect(use)
        self._open(dialog)

    def window(self) -> None:
        """Ask for a window's exact numbers."""
        shown = self._window.active_pane().shown_window()
        center, width = NumberBox(), NumberBox()
        width.setMinimum(0.001)
        if shown is not None:
            center.setValue(shown.center)
            width.setValue(shown.width)
        self._form(
            self.tr("Window"),
            ((self.tr("Width"), width), (self.tr("Level (centre)"), center)),
            lambda: self._window.dispatch("image.window.set", center=center.value(), width=width.value()),
        )

    def slice(self) -> None:
        """Ask for a slice number."""
        workspace = self._window.workspace
        box = IntegerBox()
        box.setRange(1, max(workspace.length(workspace.active), 1))
        box.setValue(workspace.place(workspace.active) + 1)
        self._form(
            self.tr("Go to slice"),
            ((self.tr("Slice 1 to {0}").format(box.maximum()), box),),
            lambda: self._window.dispatch("image.go_to.index", index=box.value()),
        )

    def offer_password(self, archives: list[str]) -> None:
        """Offer to enter the password of locked archives."""
        self._window.messages.show_message(
            self.tr("An archive is protected by a password."),
            "warning",
            action=self.tr("Enter password"),
            run=lambda: self._ask_password(archives),
            key="password",
        )

    def _ask_password(self, archives: list[str]) -> None:
        field = QLineEdit()
        field.setEchoMode(QLineEdit.EchoMode.Password)
        paths = sorted({path.split("!", 1)[0] for path in archives})
        hidden = self._window.workspace.options.identity_hidden
        named = "" if hidden else ", ".join(plain(PurePath(path).name, 40) for path in paths[:3])
        self._form(
            self.tr("Password of the archive"),
            ((self.tr("Password of {0}").format(named) if named else self.tr("Password"), field),),
            lambda: self._window.desk.open_paths(paths, dict.fromkeys(paths, field.text().encode("utf-8"))),
        )

    def palette(self) -> None:
        """Open the command palette over commands and series."""
        from workstation.ui.palette import CommandPalette, Entry

        entries = [
            Entry(
                command.id,
                (command.label(self._window) if command.label else translated(command.title)).replace("&", ""),
                translated(command.hint or command.menu.replace("&", "")),
                command.shortcuts[0] if command.shortcuts else "",
                partial(self._window.dispatch, command.id),
            )
            for command in COMMANDS
            if (command.menu or command.checked is not None) and command.enabled(self._window)
        ]
        for stack in self._window.workspace.catalogue.ordered_stacks():
            if stack.kind == "image" and stack.frames:
                values = stack.frames[0].instance.values
                title = " ".join(str(values.get(key, "")) for key in ("SeriesNumber", "SeriesDescription")).strip()
                entries.append(
                    Entry(
                        stack.id,
                        title or self.tr("Series"),
                        self.tr("{0} images {1}").format(len(stack.frames), stack.label),
                        "",
                        partial(self._window.workspace.show_stack, stack.id),
                    )
                )
        CommandPalette(entries, self._parent).open_over(self._parent)

    def help(self) -> None:
        """Open the sheet of keys and mouse, made from the tables."""
        from workstation.ui.help_sheet import HelpSheet

        rows = [
            (translated(c.menu).replace("&", ""), translated(c.title).replace("&", ""), c.shortcuts, translated(c.hint))
            for c in COMMANDS
            if c.menu and c.shortcuts
        ]
        self._float(HelpSheet(rows, [(self.tr(action), self.tr(what)) for action, what in MOUSE], self._parent))

    def preferences(self, group: str = "") -> None:
        """Open the preferences page, made from the settings, at a group of them."""
        from workstation.ui.preferences import Preferences

        page = self._float(Preferences(self._window.settings, self._parent))
        if group and isinstance(page, Preferences):
            page.show_group(group)

    def worklist(self) -> None:
        """Open the page that asks a worklist."""
        from workstation.ui.worklist_page import WorklistPage

        self._float(WorklistPage(self._window, self._parent))

    def send(self, places: Sequence[Locator] | Callable[[], list[Locator]] | None = None, title: str = "") -> None:
        """Ask where files go, given or found on a worker; else the selected studies or the active series."""
        from workstation.ui.send_choice import choice_of
        from workstation.ui.send_dialog import SendDialog

        choice = choice_of(self._window, places, title)
        if choice is None:
            self._window.say("info", self.tr("Select what is to be sent first."))
            return
        for earlier in self._parent.findChildren(SendDialog):
            earlier.reject()
        self._float(SendDialog(self._window, choice, self._parent))

    def export(self) -> None:
        """Ask what is to be written, and where."""
        from workstation.ui.export_dialog import ExportDialog

        self._float(ExportDialog(self._window, self._parent))

    def print(self, target: str) -> None:
        """Ask what is to be printed; a page that is open already goes to the target."""
        from workstation.ui.print_page import PrintPage

        for page in self._parent.findChildren(PrintPage):
            if page.isVisible():
                page.show_target(target)
                page.raise_()
                page.activateWindow()
                return
        self._float(PrintPage(self._window, self._parent, target))

    def nodes(self, name: str = "") -> None:
        """Open the page of nodes, at one of them where its name is given."""
        from workstation.ui.nodes_page import NodesPage

        page = self._float(NodesPage(cast("NetworkDesk", self._window.network), self._parent))
        cast("NodesPage", page).show_node(name)

    def key_images(self) -> None:
        """Ask what the key images are for, and where the document that names them goes."""
        from workstation.ui.key_images_page import KeyImagesPage

        self._float(KeyImagesPage(self._window, self._parent))

    def words(self) -> None:
        """Open the page of plain words."""
        from workstation.ui.words_page import words_page

        words_page(self._parent).show_topic()

    def decoders(self) -> None:
        """List the decoders really present."""
        from workstation.imaging.decode import available_decoders
        from workstation.ui.help_sheet import HelpSheet

        group, absent = self.tr("Transfer syntaxes"), self.tr("no decoder here")
        rows = [
            (group, info.name, (), f"{info.codec} {info.version}".strip() if info.available else absent)
            for info in available_decoders()
        ]
        sheet = HelpSheet(rows, [], self._parent)
        sheet.setWindowTitle(self.tr("What can be shown"))
        self._float(sheet)

    def _float(self, page: QWidget) -> QWidget:
        """Show a page beside the window's work, not in its way; one that is open already comes to the front."""
        for open_page in self._parent.findChildren(type(page)):
            if open_page is not page and open_page.isVisible() and open_page.windowTitle() == page.windowTitle():
                open_page.raise_()
                open_page.activateWindow()
                page.deleteLater()
                return open_page
        page.setWindowFlag(Qt.WindowType.Dialog)
        page.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        page.show()
        page.raise_()
        page.activateWindow()
        return page

    def _form(self, title: str, fields: tuple[tuple[str, QWidget], ...], accept: Callable[[], object]) -> None:
        dialog = QDialog(self._parent)
        dialog.setWindowTitle(title)
        form = QFormLayout(dialog)
        for label, field in fields:
            form.addRow(label, field)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(dialog.accept)
        buttons.rejected.connect(dialog.reject)
        form.addRow(buttons)
        dialog.accepted.connect(accept)
        self._open(dialog)
        fields[0][1].setFocus()

    @staticmethod
    def _open(dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setModal(False)
        dialog.show()
