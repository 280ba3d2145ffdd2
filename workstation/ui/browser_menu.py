"""What can be done with a row of the study browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMenu

if TYPE_CHECKING:
    from workstation.dicom.identity import Instance, Series, Study
    from workstation.ui.opening_desk import OpeningDesk
    from workstation.ui.study_browser import StudyBrowser
    from workstation.ui.study_rows import BrowserRow
    from workstation.ui.workspace import Workspace


class BrowserMenu(QObject):
    """Opens the menu of a row: show, merge or split, reveal its files, close its study."""

    send_wanted = Signal(list, str)
    """Files to send, and what they are called."""

    def __init__(self, browser: StudyBrowser, workspace: Workspace, desk: OpeningDesk) -> None:
        super().__init__(browser)
        self._browser, self._workspace, self._desk = browser, workspace, desk
        browser.menu_requested.connect(self.open)

    def open(self, row: BrowserRow, at: QPoint) -> None:
        """Show the menu of a row at a place on the screen."""
        menu = self.menu(row)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def menu(self, row: BrowserRow) -> QMenu:
        """Return the menu of a row."""
        menu = QMenu(self._browser)
        if row.stack_id:
            menu.addAction(self.tr("Show in the active pane"), lambda: self._workspace.show_stack(row.stack_id))
            menu.addAction(
                self.tr("Show in a free pane"), lambda: self._browser.stack_activated.emit(row.stack_id, True)
            )
            menu.addAction(self.tr("Show its key images only"), lambda: self._show_key_images(row.stack_id))
        series = self._series(row)
        if series is not None:
            self._add_series(menu, series)
        study = self._study(row)
        if study is not None:
            menu.addSeparator()
            if series is not None:
                of_series = series.instances
                menu.addAction(self.tr("Send this series…"), lambda: self._send(of_series))
            of_study = [one for each in study.series for one in each.instances]
            menu.addAction(self.tr("Send this study…"), lambda: self._send(of_study))
            menu.addSeparator()
            uid = study.study_instance_uid
            menu.addAction(self.tr("Close this study"), lambda: self._desk.close_studies([uid]))
        return menu

    def _send(self, instances: Sequence[Instance]) -> None:
        from workstation.ui.send_choice import places_of, title_of

        self.send_wanted.emit(places_of(instances), title_of(instances))

    def _show_key_images(self, stack_id: str) -> None:
        workspace = self._workspace
        workspace.show_stack(stack_id)
        if workspace.state().stack_id == stack_id:
            workspace.set_state(workspace.active, replace(workspace.state(), key_images=True))

    def _add_series(self, menu: QMenu, series: Series) -> None:
        stacks = self._workspace.catalogue.stacks.get(series.key, ())
        if self._desk.is_merged(series.key):
            menu.addAction(self.tr("Split into stacks again"), lambda: self._desk.set_merged(series.key, False))
        elif sum(1 for stack in stacks if stack.kind == "image") > 1:
            menu.addAction(self.tr("Merge the stacks of this series"), lambda: self._desk.set_merged(series.key, True))
        folder = str(Path(series.instances[0].locator.path).parent)
        menu.addAction(self.tr("Open the folder"), lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(folder)))

    def _series(self, row: BrowserRow) -> Series | None:
        catalogue = self._workspace.catalogue
        for patient in catalogue.patients:
            for study in patient.studies:
                for series in study.series:
                    held = {stack.id for stack in catalogue.stacks.get(series.key, ())}
                    if (row.kind == "series" and row.key == series.key) or (row.stack_id and row.stack_id in held):
                        return series
        return None

    def _study(self, row: BrowserRow) -> Study | None:
        series = self._series(row)
        wanted = series.study_instance_uid if series is not None else row.key
        for patient in self._workspace.catalogue.patients:
            for study in patient.studies:
                if study.study_instance_uid == wanted:
                    return study
        return None
