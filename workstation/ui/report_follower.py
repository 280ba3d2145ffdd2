"""Opens reports in their panel, and leads from what they refer to into the panes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow

from workstation.dicom.display_names import person_name, plain
from workstation.errors import WorkstationError
from workstation.loading.keys import PdfSearchKey, ReportKey
from workstation.loading.loader import Loaded, Loader, Priority
from workstation.objects import handler_for
from workstation.ui.later import Later
from workstation.ui.report_output import ReportOutput
from workstation.ui.report_panel import WIDTH
from workstation.viewing.pointed import Pointed, place_of
from workstation.viewing.view_state import ViewState

if TYPE_CHECKING:
    from workstation.dicom.identity import Instance, Patient
    from workstation.geometry.stack import Stack
    from workstation.objects.page import Target
    from workstation.ui.report_panel import ReportPanel
    from workstation.ui.window_api import WindowApi

LEAST_WIDTH = 420
MOST_OF_WINDOW = 0.4
"""Share of the window the panel takes at first at most."""


class ReportFollower(QObject):
    """Joins the panel with loader, workspace and window."""

    def __init__(self, panel: ReportPanel, window: WindowApi, loader: Loader, dock: QDockWidget) -> None:
        super().__init__(panel)
        self._panel, self._window, self._loader = panel, window, loader
        self._workspace = window.workspace
        self._shown: Instance | None = None
        self._placed = False
        self._kept: tuple[object, str, list[Instance]] = (None, "", [])
        self._later = Later(self.follow_active, self, 30)
        self.output = ReportOutput(window, panel)
        panel.followed.connect(self.follow)
        panel.stepped.connect(self.step)
        panel.save_wanted.connect(lambda: self._with_view(self.output.save))
        panel.print_wanted.connect(lambda: self._with_view(self.output.print))
        panel.search_wanted.connect(self._search)
        panel.pages_wanted.connect(lambda wishes: self._want("report pages", wishes, panel.pdf.on_loaded))
        panel.thumbnails_wanted.connect(lambda wishes: self._want("report list", wishes, panel.list.on_loaded))
        self._workspace.catalogue_changed.connect(self._catalogue_changed)
        self._workspace.active_changed.connect(self._later.ask)
        for viewport in self._workspace.viewports:
            viewport.changed.connect(self._view_changed)
        dock.visibilityChanged.connect(lambda _: self._dock_changed(dock))

    def shows(self, instance: Instance) -> bool:
        """Whether an object is one to be read here."""
        return handler_for(instance).is_read

    @property
    def shown(self) -> Instance | None:
        """The object that is shown, or on its way."""
        return self._shown

    def show_instance(self, instance: Instance) -> None:
        """Show a report, selection or document."""
        self._shown = instance
        self._workspace.point_to(None)
        key = ReportKey(instance.sop_instance_uid)
        held = self._loader.peek(key)
        if held is not None:
            self._take(Loaded(key, held))
        else:
            self._loader.want("report", [(key, Priority.VISIBLE)])
            self._panel.prepare()

    def set_identity_hidden(self, hidden: bool) -> None:
        """Cover what is shown, or show it again."""
        self._panel.set_identity_hidden(hidden)

    def on_loaded(self, loaded: Loaded) -> None:
        """Use an answer that is still of use."""
        if isinstance(loaded.key, ReportKey):
            if self._shown is not None and loaded.key.sop_instance_uid == self._shown.sop_instance_uid:
                self._take(loaded)
        elif isinstance(loaded.key, PdfSearchKey):
            self._panel.take_hits(loaded.key.words, loaded.value or ())
        elif self._panel.view is not None and self._panel.view.pdf is not None:
            self._panel.pdf.on_loaded(loaded)
            self._panel.list.on_loaded(loaded)

    def _take(self, loaded: Loaded) -> None:
        if loaded.error is not None or self._shown is None:
            known = isinstance(loaded.error, WorkstationError)
            general = self.tr("Something went wrong while reading it; the log says what (Help › Open log folder).")
            self._panel.show_trouble(str(loaded.error) if known else general)
            return
        self._panel.set_position(*self._position())
        badge = handler_for(self._shown).badge
        self._panel.show_view(f"{badge} · {plain(loaded.value.page.title, 120)}", loaded.value)
        self.follow_active()
        if loaded.value.selection is not None:
            self._say_absent()

    def follow_active(self, *_: object) -> None:
        """Warn where the active pane shows another patient than the report (E15)."""
        mine, theirs = self._patient_of_report(), self._patient_of_pane()
        strange = mine is not None and theirs is not None and mine.key != theirs.key
        name = plain(person_name(mine.name), 60) or plain(mine.patient_id, 60) if mine is not None else ""
        self._panel.set_stranger((name or self.tr("no name")) if strange else "")

    def _patient_of_report(self) -> Patient | None:
        series_uid = self._shown.series_instance_uid if self._shown is not None else ""
        uid = self._shown.sop_instance_uid if self._shown is not None else ""
        return next(
            (
                patient
                for patient in self._workspace.catalogue.patients
                for study in patient.studies
                for series in study.series
                if series.series_instance_uid == series_uid
                and any(one.sop_instance_uid == uid for one in series.instances)
            ),
            None,
        )

    def _patient_of_pane(self) -> Patient | None:
        shown = self._workspace.state().stack_id
        if shown is None or self._shown is None:
            return None
        patients = self._workspace.catalogue.patients
        return next((patient for patient in patients if shown in self._workspace.stack_ids(patient)), None)

    def _want(self, owner: str, wishes: list[tuple[object, Priority]], take) -> None:  # type: ignore[no-untyped-def]
        """Want pictures and texts of pages; those held are taken at once."""
        for key, _ in wishes:
            held = self._loader.peek(key)
            if held is not None:
                take(Loaded(key, held))
        self._loader.want(owner, [(key, priority) for key, priority in wishes if not self._loader.has(key)])

    def _search(self, words: str) -> None:
        pdf = self._panel.view.pdf if self._panel.view is not None else None
        if pdf is None or not words:
            self._loader.want("report search", ())
            return
        key = PdfSearchKey(pdf, words)
        held = self._loader.peek(key)
        if held is not None:
            self._panel.take_hits(words, held)
        else:
            self._loader.want("report search", [(key, Priority.VISIBLE)])

    def _with_view(self, act) -> None:  # type: ignore[no-untyped-def]
        if self._panel.view is not None:
            act(self._panel.view)

    # the reports of a study

    def reports(self) -> list[Instance]:
        """Return what there is to read in the study of what is shown, else of the active pane.

        Asked for with every change of the actions; of a series of images, which is of one modality, only the first
        image is looked at.
        """
        catalogue, study_uid = self._workspace.catalogue, self._study_uid()
        if self._kept[0] is not catalogue or self._kept[1] != study_uid:
            found = [
                instance
                for patient in catalogue.patients
                for study in patient.studies
                if study.study_instance_uid == study_uid
                for series in study.series
                if series.instances and not handler_for(series.instances[0]).has_pixels
                for instance in series.instances
                if handler_for(instance).is_read
            ]
            self._kept = (catalogue, study_uid, found)
        return self._kept[2]

    def _study_uid(self) -> str:
        if self._shown is not None:
            return self._shown.study_instance_uid
        stack = self._workspace.stack()
        return stack.frames[0].instance.study_instance_uid if stack is not None and stack.frames else ""

    def _position(self) -> tuple[int, int]:
        reports = self.reports()
        uid = self._shown.sop_instance_uid if self._shown is not None else ""
        return next((n for n, one in enumerate(reports, 1) if one.sop_instance_uid == uid), 0), len(reports)

    def step(self, way: int) -> None:
        """Show the next report of the study, or the one before; the first where none is shown."""
        reports = self.reports()
        number = self._position()[0] - 1 + way if self._shown is not None else 0
        if 0 <= number < len(reports):
            self.show_instance(reports[number])

    def open_first(self) -> None:
        """Show the first report of the study in the active pane where none is shown."""
        if self._shown is None:
            self.step(0)

    # following

    def follow(self, target: Target) -> None:
        """Go to what a report refers to: a frame in the active pane with its graphics, or another report."""
        if target.reference is not None:
            other = self._workspace.catalogue.instances.get(target.reference.sop_instance_uid)
            if other is not None and handler_for(other).is_read:
                self.show_instance(other)
                return
        found = place_of(target, self._workspace.catalogue.places, self._stacks())
        if found is None:
            self._say_not_open(target)
            return
        self._go_to(*found, target)

    def _stacks(self) -> list[Stack]:
        """Return every stack, that of the active pane first."""
        mine = self._workspace.stack()
        others = self._workspace.catalogue.ordered_stacks()
        return [mine, *(one for one in others if one is not mine)] if mine is not None else list(others)

    def _go_to(self, stack: Stack, place: int, target: Target) -> None:
        workspace = self._workspace
        pane, state = workspace.active, workspace.state()
        new = ViewState(stack_id=stack.id, index=place)
        if state.stack_id == stack.id:
            # what is asked for is shown, also where it is no key image
            only = state.key_images and place in workspace.stars.places(stack)
            new = replace(state, index=place, section=None, key_images=only)
        if new != state:
            workspace.change(pane, new, self.tr("Go to what the report refers to"))
        reference = target.reference
        workspace.point_to(
            Pointed(
                pane,
                target.label,
                reference.sop_instance_uid if reference is not None else "",
                reference.frames if reference is not None else (),
                target.graphics,
            )
        )

    def _say_not_open(self, target: Target) -> None:
        if target.reference is None and not any(one.in_space for one in target.graphics):
            text = self.tr("The report does not say on which image these coordinates lie.")
        elif target.reference is None:
            text = self.tr("No image that is open lies where these coordinates are.")
        else:
            text = self.tr("What this refers to is not among what is open.")
        self._window.messages.show_message(text, "info", key="report")

    def _say_absent(self) -> None:
        """Say how many of the objects a selection names are open."""
        selection = self._panel.view.selection if self._panel.view is not None else None
        if selection is None:
            return
        count = len(selection.references)
        there = len(selection.open_of(self._workspace.catalogue.instances))
        if there < count:
            text = self.tr("{0} of the {1} objects this selection names are open.").format(there, count)
            self._window.messages.show_message(text, "info", key="report")

    def _view_changed(self, old: ViewState, new: ViewState) -> None:
        if old.stack_id != new.stack_id:
            self._later.ask()

    def _catalogue_changed(self, *_: object) -> None:
        if self._shown is not None and self._shown.sop_instance_uid not in self._workspace.catalogue.instances:
            self._shown = None
            self._panel.clear()
            self._workspace.point_to(None)

    def _dock_changed(self, dock: QDockWidget) -> None:
        """Take the graphics away with the panel; behind another panel it is still open."""
        if dock.isHidden():
            self._workspace.point_to(None)
        elif not self._placed and dock.isVisible():
            self._placed = True
            QTimer.singleShot(0, lambda: _widen(dock))


def _widen(dock: QDockWidget) -> None:
    """Make a dock that comes up for the first time as wide as a page; a place it was given is kept."""
    window = dock.parentWidget()
    if isinstance(window, QMainWindow) and not dock.isFloating() and dock.width() < LEAST_WIDTH:
        width = min(WIDTH, round(window.width() * MOST_OF_WINDOW))
        window.resizeDocks([dock], [width], Qt.Orientation.Horizontal)
