"""Keeps the light of every study in the tree, and the panel on that of the active pane or the one clicked since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QObject

from workstation.dicom.display_names import date, plain
from workstation.objects.completeness import Light, Lights, key_of
from workstation.ui.later import Later

if TYPE_CHECKING:
    from workstation.dicom.identity import Study
    from workstation.geometry.stack import Stack
    from workstation.loading.collection import Catalogue
    from workstation.ui.completeness_panel import CompletenessPanel
    from workstation.ui.study_browser import StudyBrowser
    from workstation.ui.workspace import Workspace

WAIT = 60
"""Milliseconds after a change until the counts follow: image and tree come first."""


class CompletenessFollower(QObject):
    """Looks only once all is read: before, everything is missing."""

    def __init__(self, panel: CompletenessPanel, browser: StudyBrowser, workspace: Workspace) -> None:
        super().__init__(panel)
        self._panel, self._browser, self._workspace = panel, browser, workspace
        self._looked: Catalogue | None = None
        self._lights: dict[str, Light] = {}
        self._source = Lights()
        self._shown: tuple[str, str, Light] | None = None
        self._active: str | None = None
        self._clicked: tuple[str, str] | None = None
        """Patient key and Study Instance UID."""
        self._soon = Later(self.follow, self, WAIT)
        for signal in (panel.seen, workspace.catalogue_changed, workspace.active_changed, workspace.layout_changed):
            signal.connect(self._soon.ask)
        workspace.options_changed.connect(self._soon.ask)
        browser.tree.clicked.connect(self._click)
        for viewport in workspace.viewports:
            viewport.changed.connect(self._soon.ask)

    def follow(self) -> None:
        """Look at what is open where that changed, and show what the panel is about."""
        catalogue = self._workspace.catalogue
        if catalogue is not self._looked and catalogue.finished:
            self._looked = catalogue
            self._lights = self._source.of(catalogue.patients, catalogue.instances, catalogue.missing)
            self._browser.set_lights(self._lights)
        study = self._study()
        if self._panel.isVisible():
            self._show(study)

    def _click(self, index: QModelIndex) -> None:
        row = self._browser.model.row_at(index)
        while index.isValid() and row.kind != "study":
            index = index.parent()
            row = self._browser.model.row_at(index)
        if index.isValid():
            self._clicked = (self._browser.model.row_at(index.parent()).key, row.key)
            self._soon.ask()

    def _show(self, study: Study | None) -> None:
        if study is None:
            self._shown = None
            self._panel.clear()
            return
        light = self._lights.get(key_of(study))
        if light is None:
            self._shown = None
            self._panel.wait(self._title(study))
            return
        shown = (key_of(study), self._title(study), light)
        if shown != self._shown:
            self._shown = shown
            self._panel.show_light(shown[1], light)

    def _study(self) -> Study | None:
        """Return the study clicked since another came into the active pane, that of the pane, or the only one."""
        catalogue, stack = self._workspace.catalogue, self._workspace.stack()
        active = self._study_of(stack)
        key = key_of(active) if active is not None else None
        if key != self._active:
            self._active, self._clicked = key, None
        studies = {
            (patient.key, study.study_instance_uid): study
            for patient in catalogue.patients
            for study in patient.studies
        }
        clicked = studies.get(self._clicked) if self._clicked is not None else None
        only = next(iter(studies.values())) if len(studies) == 1 else None
        return clicked or active or only

    def _study_of(self, stack: Stack | None) -> Study | None:
        catalogue = self._workspace.catalogue
        if stack is None:
            return None
        for study in (study for patient in catalogue.patients for study in patient.studies):
            if study.study_instance_uid == stack.frames[0].instance.study_instance_uid:
                for series in study.series:
                    if any(one.id == stack.id for one in catalogue.stacks.get(series.key, ())):
                        return study
        return None

    def _title(self, study: Study) -> str:
        when = study.date[:4] if self._workspace.options.identity_hidden else date(study.date)
        return " · ".join(part for part in (when, plain(study.description, 200)) if part) or self.tr("No description")
