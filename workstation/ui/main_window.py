"""The main window: docks, menus and the pane grid from the tables; what a command does is elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QMainWindow

from workstation.ui.lazy_sessions import LazySessions
from workstation.ui.window_panels import WindowPanels

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent, QPaintEvent

    from workstation.dicom.identity import Instance
    from workstation.loading.collection import Catalogue
    from workstation.loading.loader import Loaded, Loader
    from workstation.loading.opening import Openings
    from workstation.settings import Settings
    from workstation.ui.header_panel import HeaderPanel
    from workstation.ui.histogram_panel import HistogramPanel
    from workstation.ui.image_pane import ImagePane
    from workstation.ui.loader_bridge import LoaderBridge
    from workstation.ui.order_panel import OrderPanel
    from workstation.ui.performance_panel import PerformancePanel
    from workstation.ui.report_panel import ReportPanel
    from workstation.ui.skipped_panel import SkippedPanel
    from workstation.ui.study_browser import StudyBrowser
    from workstation.ui.workspace import Workspace

TITLE = "DICOM Workstation"


WHILE_SCANNING = 150
"""Milliseconds the tree may lag behind a scan, which needs the interpreter more."""
BACKGROUND = {"dark": "#1a1c1f", "light": "#eceef1"}
"""Colour of the bare window: that of the theme's windows."""


class MainWindow(LazySessions, WindowPanels, QMainWindow):
    """Joins the widgets; every action goes through :meth:`dispatch`.

    It is on screen before it is furnished: what stands in it takes longer to import than the window to paint.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.furnished = self.painted = self._closed = False
        self.setWindowTitle(TITLE)
        self.resize(1400, 900)
        # Neither QPalette nor QColor is called: that would make every enum of Qt's namespace, before the first paint.
        palette, colour = self.palette(), BACKGROUND.get(settings["theme"], BACKGROUND["dark"])
        palette.setColor(QPalette.ColorRole.Window, QColor.fromString(colour))
        self.setPalette(palette)

    def furnish(self, workspace: Workspace, loader: Loader, bridge: LoaderBridge, openings: Openings) -> None:
        """Put everything in."""
        from workstation.ui.actions import make_actions, make_menus
        from workstation.ui.browser_menu import BrowserMenu
        from workstation.ui.cine_player import CinePlayer
        from workstation.ui.commands import COMMANDS
        from workstation.ui.commands.command import Dispatcher
        from workstation.ui.commands.library import MENU as LIBRARY_MENU
        from workstation.ui.docks import add_docks
        from workstation.ui.export_desk import ExportDesk
        from workstation.ui.header_follower import HeaderFollower
        from workstation.ui.histogram_follower import HistogramFollower
        from workstation.ui.inquiries import Inquiries
        from workstation.ui.key_filter import KeyFilter
        from workstation.ui.later import Later
        from workstation.ui.library_follower import LibraryFollower
        from workstation.ui.live_menus import LiveMenus
        from workstation.ui.message_bar import MessageBar
        from workstation.ui.opening_desk import OpeningDesk
        from workstation.ui.order_follower import OrderFollower
        from workstation.ui.pane_grid import PaneGrid
        from workstation.ui.performance_follower import PerformanceFollower
        from workstation.ui.prompts import Prompts
        from workstation.ui.report_follower import ReportFollower
        from workstation.ui.thumbnails import Thumbnails

        settings = self.settings
        self.workspace, self.loader = workspace, loader
        self.bridge, self._openings = bridge, openings
        self._actions_later = Later(self.update_actions, self, 30)
        self._rows_later = Later(self._show_rows, self)
        self._shown_rows: Catalogue | None = None
        self._commands = COMMANDS
        self.setPalette(QPalette())
        self.setAcceptDrops(True)
        self.cine = CinePlayer(workspace, settings["cine_fps"], self)
        self.grid = PaneGrid(workspace, loader)
        self.messages = MessageBar()
        self._build_centre()
        self.docks, self.panels = add_docks(self, self.grid.focus_active)
        for dock in self.docks.values():
            dock.visibilityChanged.connect(self._actions_later.ask)
        self.browser = cast("StudyBrowser", self.panels["browser"])
        self.inspector = cast("HeaderPanel", self.panels["header"])
        self.doctor = OrderFollower(
            cast("OrderPanel", self.panels["doctor"]), workspace, lambda: self.panel_shown("doctor")
        )
        self.skipped = cast("SkippedPanel", self.panels["skipped"])
        self.histogram = HistogramFollower(
            cast("HistogramPanel", self.panels["histogram"]), workspace, self.active_pane
        )
        self.performance = PerformanceFollower(
            cast("PerformancePanel", self.panels["performance"]), workspace, loader, self.say
        )
        self.reports = ReportFollower(cast("ReportPanel", self.panels["report"]), self, loader, self.docks["report"])
        self.desk = OpeningDesk(openings, workspace, loader, settings, self.messages, self.skipped)
        self.dispatcher = Dispatcher(self, COMMANDS)
        menus = make_menus(self)
        self.actions_by_id = make_actions(self, menus, self.dispatch, self.grid.key_pages)
        self.live_menus = LiveMenus(self, self)
        self.live_menus.place(self.actions_by_id, menus["&File"], menus["&Window"])
        self.prompts = Prompts(self, self)
        self.library = LibraryFollower(
            self, self.grid, self.docks, lambda: [self.actions_by_id[one] for one in LIBRARY_MENU]
        )
        self.exports = ExportDesk(self, self)
        self._offered: tuple[object, ...] = ()
        self._build_bars()
        self.key_filter = KeyFilter(workspace, loader, bridge.loaded, self.say, self)
        self.thumbnails = Thumbnails(self.browser, workspace, loader)
        self.header = HeaderFollower(self.inspector, workspace, loader)
        self.browser_menu = BrowserMenu(self.browser, workspace, self.desk)
        self.browser_menu.send_wanted.connect(self.prompts.send)
        self.inquiries = Inquiries(self.panels, self.grid, workspace, loader, bridge, self.show_panel)
        self._connect()
        self.begin_network()
        self.furnished = True
        self.update_actions()
        if settings.problem:
            self.say("warning", settings.problem)

    # building

    def _build_centre(self) -> None:
        from PySide6.QtWidgets import QVBoxLayout, QWidget

        from workstation.ui.patients_strip import PatientsStrip

        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.messages)
        self.patients = PatientsStrip(self.workspace)
        column.addWidget(self.patients)
        column.addWidget(self.grid, 1)
        self.setCentralWidget(centre)
        self.grid.show_panes(False)

    def _build_bars(self) -> None:
        from PySide6.QtWidgets import QToolBar

        from workstation.ui.actions import fill_toolbar
        from workstation.ui.status_line import StatusLine

        bar = QToolBar(self.tr("Toolbar"))
        bar.setObjectName("toolbar")
        bar.setMovable(False)
        self.addToolBar(bar)
        fill_toolbar(bar, self.actions_by_id)
        self.status = StatusLine(self.statusBar(), self.loader, self.workspace, self.dispatch)

    def _connect(self) -> None:
        workspace = self.workspace
        self.bridge.loaded.connect(self._on_loaded)
        self.bridge.progress.connect(self._on_progress)
        self.bridge.catalogue.connect(self.desk.take)
        self.bridge.first_look.connect(self.grid.on_first_look)
        self.desk.catalogue_taken.connect(self._catalogue_taken)
        self.desk.catalogue_taken.connect(self.status.memory.refresh)
        self.desk.first_image.connect(self.grid.paint_now)
        self.desk.settling.connect(self.grid.await_picture)
        self.desk.finished.connect(self._opened)
        self.desk.progressed.connect(self.status.progress.setText)
        self.desk.locked.connect(self.prompts.offer_password)
        self.desk.session_wanted.connect(lambda path: self.sessions.open(path))
        self.desk.report_wanted.connect(lambda: self.show_panel("skipped"))
        self.desk.state_changed.connect(self._catch_up)
        self.desk.state_changed.connect(lambda: self.status.stop.setVisible(self.desk.running))
        workspace.notice.connect(self.say)
        workspace.object_wanted.connect(self._show_object)
        for signal in (
            workspace.active_changed,
            workspace.layout_changed,
            workspace.tool_changed,
            workspace.options_changed,
            workspace.measurements_changed,
        ):
            signal.connect(self._actions_later.ask)
        workspace.options_changed.connect(self._options_changed)
        workspace.undo.indexChanged.connect(self._actions_later.ask)
        workspace.active_changed.connect(self._follow_active)
        for viewport in workspace.viewports:
            viewport.changed.connect(self._view_changed)
        self.cine.rate_changed.connect(self.status.progress.setText)
        self.cine.state_changed.connect(self._actions_later.ask)
        for pane in self.grid.panes.values():
            self._connect_pane(pane)
        self.grid.pane_made.connect(self._connect_pane)
        browser = self.browser
        browser.stack_activated.connect(self._stack_activated)
        browser.object_activated.connect(self._series_activated)
        empty = self.grid.empty
        empty.open_requested.connect(lambda: self.dispatch("file.open"))
        empty.folder_requested.connect(lambda: self.dispatch("file.open_folder"))
        empty.demo_requested.connect(lambda: self.dispatch("file.demo"))
        empty.recent_requested.connect(lambda path: self.dispatch("file.open_paths", paths=[path]))
        empty.set_recent(self.settings["recent_paths"])

    def _connect_pane(self, pane: ImagePane) -> None:
        self.status.follow(pane)
        pane.painted.connect(self.histogram.on_painted)
        pane.maximise_wanted.connect(lambda _: self.dispatch("layout.maximise"))
        pane.doctor_wanted.connect(self._show_doctor)
        pane.menu_wanted.connect(self._pane_menu)
        pane.painted.connect(self._painted)

    # commands

    def dispatch(self, command_id: str, **params: object) -> bool:
        """Run a command by its id."""
        return self.dispatcher.dispatch(command_id, **params)

    def update_actions(self, *_: object) -> None:
        """Enable and tick the actions as the state now allows."""
        if self._closed or not self.furnished:
            return
        for command in self._commands:
            action = self.actions_by_id[command.id]
            action.setEnabled(command.enabled(self))
            if command.label is not None:
                action.setText(command.label(self).replace("&", "&&"))
            if command.checked is not None:
                action.setChecked(command.checked(self))

    def update_later(self) -> None:
        """Do so once what was done is on screen."""
        self._actions_later.ask()

    def say(self, level: str, text: str) -> None:
        """Show a message in the bar."""
        self.messages.show_message(text, level)

    def active_pane(self) -> ImagePane:
        """Return the pane keys act on."""
        return self.grid.pane(self.workspace.active)

    def active_modality(self) -> str:
        """Return the modality of the active pane's stack, or empty."""
        stack = self.workspace.stack()
        return stack.frames[0].instance.modality if stack is not None and stack.frames else ""

    # opening

    def receive_paths(self, chosen: list[str]) -> None:
        """Open what a second start of the program was given, and come to the front."""
        self.activate()
        if chosen:
            self.dispatch("file.open_paths", paths=chosen)

    def activate(self) -> None:
        """Come to the front."""
        from PySide6.QtCore import Qt

        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()

    def show_layout(self, name: str) -> None:
        """Lay out by name: ``mpr`` or rows x columns."""
        if name == "mpr":
            shown = self.workspace.stack()
            volume = next((s for s in self.workspace.catalogue.ordered_stacks() if s.is_volume), None)
            if volume is not None and (shown is None or not shown.is_volume):
                self.workspace.show_stack(volume.id)
            self.dispatch("layout.mpr")
        else:
            self.dispatch("layout.set", name=name)

    def quit(self) -> None:
        """Close the window and the program."""
        self.close()

    # answers from the workers

    def _on_loaded(self, loaded: Loaded) -> None:
        self.grid.on_loaded(loaded)
        self.thumbnails.on_loaded(loaded)
        self.header.on_loaded(loaded)
        self.reports.on_loaded(loaded)
        self.status.memory.refresh()

    def _on_progress(self, key: object, fraction: float) -> None:
        for pane in self.grid.visible_panes():
            pane.on_progress(key, fraction)

    def _catalogue_taken(self, catalogue: Catalogue) -> None:
        if catalogue.patients or catalogue.finished:
            self.grid.show_panes(bool(catalogue.patients))
        from workstation.ui.later import AFTER_SCAN

        self._rows_later.ask(wait=AFTER_SCAN if catalogue.settled else WHILE_SCANNING)
        self.grid.go_on_unless_awaited()

    def _catch_up(self, *, rows: bool = False) -> None:
        """Bring actions, and tree and title, up to date soon; while a scan goes on it needs the interpreter more."""
        wait = WHILE_SCANNING if self.desk.running else None
        self._actions_later.ask(wait=wait)
        if rows:
            self._rows_later.ask(wait=wait)

    def _show_rows(self) -> None:
        """Bring tree and title up to date: after the picture, which is what one waits for."""
        catalogue = self.workspace.catalogue
        if catalogue is not self._shown_rows:
            self._shown_rows = catalogue
            self.browser.set_patients(catalogue.patients, catalogue.stacks)
            self.grid.empty.set_recent(self.settings["recent_paths"])
        self._mark_shown()

    def _opened(self) -> None:
        self._follow_active()
        focus = self.focusWidget()
        if focus is None or not focus.isVisible() or self.grid.isAncestorOf(focus):
            self.grid.focus_active()

    # following what is shown

    def _view_changed(self, old: object, new: object) -> None:
        if old.stack_id != new.stack_id:  # type: ignore[attr-defined]
            self._catch_up(rows=True)
        self._follow_active()

    def _follow_active(self, *_: object) -> None:
        self.doctor.follow()
        self.header.follow()

    def _painted(self, pane: int) -> None:
        """Name the windows on offer anew when the picture of the active pane offers others."""
        picture = self.grid.pane(pane).picture if pane == self.workspace.active else None
        if picture is None:
            return
        rendering = picture.rendering
        offered = (self.workspace.state().stack_id, rendering.voi, rendering.unit, rendering.has_window)
        if offered != self._offered:
            self._offered = offered
            self._actions_later.ask()

    def _mark_shown(self) -> None:
        labels: dict[str, str] = {}
        for pane in self.workspace.visible():
            stack_id = self.workspace.state(pane).stack_id
            if stack_id is not None:
                labels[stack_id] = (labels[stack_id] + " " if stack_id in labels else "") + str(pane + 1)
        self.browser.set_shown(labels)

    def _options_changed(self) -> None:
        options = self.workspace.options
        for part in (self.browser, self.header, self.reports, self.skipped, self.grid.empty, self.library):
            part.set_identity_hidden(options.identity_hidden)
        self._title()

    def _title(self) -> None:
        stack = self.workspace.stack()
        name = ""
        if stack is not None and stack.frames and not self.workspace.options.identity_hidden:
            from workstation.dicom.display_names import person_name, plain

            name = plain(person_name(str(stack.frames[0].instance.values.get("PatientName", ""))), 60)
        self.setWindowTitle(f"{name} – {TITLE}" if name else TITLE)

    def _stack_activated(self, stack_id: str, new_pane: bool) -> None:
        workspace = self.workspace
        if new_pane:
            free = next((pane for pane in workspace.visible() if workspace.state(pane).empty), None)
            workspace.show_stack(stack_id, free if free is not None else workspace.active)
        else:
            workspace.show_stack(stack_id)
        if not self.header.pinned:
            self.grid.focus_active()

    def _series_activated(self, series_key: str) -> None:
        series = (s for p in self.workspace.catalogue.patients for study in p.studies for s in study.series)
        chosen = next((s for s in series if s.key == series_key), None)
        if chosen is not None and chosen.instances:
            self._show_object(chosen.instances[0])

    def _show_object(self, instance: Instance) -> None:
        """Show what is to be read beside the images; of anything else without a picture the header, and say why."""
        if self.reports.shows(instance):
            self.show_panel("report")
            self.reports.show_instance(instance)
            return
        from workstation.objects import handler_for

        handler = handler_for(instance)
        self.show_panel("header")
        self.header.show_instance(instance.sop_instance_uid)
        text = f"{self.tr(handler.name)}: {self.tr(handler.why_not or 'This object has no picture.')}"
        self.messages.show_message(text, "info", key="object")

    def _show_doctor(self, pane: int) -> None:
        self.workspace.set_active(pane)
        self.show_panel("doctor")

    def _pane_menu(self, pane: int, at: QPointF) -> None:
        self.workspace.set_active(pane)
        from workstation.ui.live_menus import pane_menu

        pane_menu(self, self, self.actions_by_id).popup(self.grid.pane(pane).mapToGlobal(at).toPoint())

    def toggle_full_screen(self) -> None:
        """Fill the screen, or go back."""
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    # events

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc that no field, list or message has use for leads back to the panes."""
        from PySide6.QtCore import Qt

        if self.furnished and event.key() == Qt.Key.Key_Escape and self.grid.currentWidget() is not self.grid.empty:
            self.grid.focus_active()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            self.grid.empty.set_dropping(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.grid.empty.set_dropping(False)

    def dropEvent(self, event: QDropEvent) -> None:
        chosen = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        self.grid.empty.set_dropping(False)
        self.dispatch("file.open_paths", paths=chosen)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted = True

    def closeEvent(self, event: QCloseEvent) -> None:
        from workstation.ui import window_place

        self._closed = True
        if self.furnished:
            self.cine.stop()
            self.sessions.close()
            self.close_network()
            self.library.close()
            self.exports.close()
            self._openings.close()
            window_place.keep(self, self.settings)
        super().closeEvent(event)

    def restore_geometry(self) -> None:
        """Put the window where it was, if that place is on a screen that is there."""
        from workstation.ui import window_place

        window_place.restore(self, self.settings)

    def restore_docks(self) -> None:
        """Lay the docks out as they were, with the preference for it."""
        from workstation.ui import window_place

        window_place.restore_docks(self, self.settings)
