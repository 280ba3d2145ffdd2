"""The grid of image panes: lays out what the workspace says is visible."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QWidget

from workstation.loading.first_look import FirstLook
from workstation.loading.loader import Loaded, Loader, Priority
from workstation.ui.empty_state import EmptyState
from workstation.ui.image_pane import ImagePane
from workstation.ui.workspace import Workspace

LONGEST_WAIT = 25
"""Milliseconds panes wait for the picture that replaces the one on screen."""


class PaneGrid(QStackedWidget):
    """Panes are made when first needed and kept: a smaller grid loses nothing (F1)."""

    pane_made = Signal(object)

    def __init__(self, workspace: Workspace, loader: Loader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._loader = workspace, loader
        self.panes: dict[int, ImagePane] = {}
        self.empty = EmptyState()
        self._home: QWidget | None = None
        self._panes_wanted = self.at_home = False
        self._holder = QWidget()
        self._holder.setObjectName("paneGrid")
        self._holder.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._grid = QGridLayout(self._holder)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(2)
        self.addWidget(self.empty)
        self.addWidget(self._holder)
        self._awaiting = QTimer(self, singleShot=True, interval=LONGEST_WAIT)
        self._awaiting.timeout.connect(self.go_on)
        workspace.layout_changed.connect(self.lay_out)
        workspace.active_changed.connect(self.focus_active)
        self.lay_out()

    def lay_out(self) -> None:
        """Show the panes of the layout and only those."""
        cells = self._workspace.layout.cells()
        visible = {number for number, _, _ in cells}
        for number, pane in self.panes.items():
            if number not in visible:
                self._grid.removeWidget(pane)
                pane.hide()
                self._loader.want(pane.owner, ())
        for place in range(4):
            self._grid.setRowStretch(place, 0)
            self._grid.setColumnStretch(place, 0)
        for number, row, column in cells:
            pane = self.pane(number)
            self._grid.addWidget(pane, row, column)
            self._grid.setRowStretch(row, 1)
            self._grid.setColumnStretch(column, 1)
            pane.show()
            pane.ensure_requested()

    def pane(self, number: int) -> ImagePane:
        """Return a pane, made on first use."""
        if number not in self.panes:
            pane = ImagePane(self._workspace.viewports[number], self._workspace, self._loader, self._holder)
            pane.activated.connect(self._workspace.set_active)
            self.panes[number] = pane
            self.pane_made.emit(pane)
        return self.panes[number]

    def visible_panes(self) -> list[ImagePane]:
        """Return the panes on screen, in order."""
        return [self.pane(number) for number in self._workspace.visible()]

    @property
    def key_pages(self) -> tuple[QWidget, ...]:
        """The pages on which the keys of panes act: not the home page, where letters are typed into a search."""
        return self._holder, self.empty

    def set_home(self, home: QWidget) -> None:
        """Take the page that comes before everything else."""
        self._home = home
        self.addWidget(home)

    def show_home(self, shown: bool) -> None:
        """Go to the home page, or back to the panes."""
        self.at_home = shown and self._home is not None
        self._switch()

    def show_panes(self, shown: bool) -> None:
        """Switch between the panes and the page of an empty window, behind the home page if that is shown."""
        self._panes_wanted = shown
        self._switch()

    def _switch(self) -> None:
        page = self._home if self.at_home else None
        self.setCurrentWidget(page or (self._holder if self._panes_wanted else self.empty))
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        """Return what the page in front needs; a page behind it takes no room from the panels around."""
        front = self.currentWidget()
        return front.minimumSizeHint() if front is not None else super().minimumSizeHint()

    def paint_now(self) -> None:
        """Paint the panes without waiting for the window system to ask: someone waits for the first image."""
        layout = self._holder.layout()
        if layout is not None:
            layout.activate()
        for pane in self.visible_panes():
            # what the switch from the empty page put off is painted now, not a second time later
            for widget in (pane, *pane.findChildren(QWidget)):
                QCoreApplication.sendPostedEvents(widget, QEvent.Type.UpdateLater)
        self.repaint()

    def await_picture(self) -> None:
        """Paint no pane until the next picture comes, or a moment has passed: it may replace the one on screen."""
        self._holder.setUpdatesEnabled(False)
        self._awaiting.start()

    def go_on_unless_awaited(self) -> None:
        """Paint panes again if no picture is on its way."""
        if not self._loader.pending(Priority.VISIBLE):
            self.go_on()

    def go_on(self) -> None:
        """Paint panes again."""
        if self._awaiting.isActive() or not self._holder.updatesEnabled():
            self._awaiting.stop()
            self._holder.setUpdatesEnabled(True)

    def focus_active(self, *_: object) -> None:
        """Give the active pane the keyboard."""
        self.pane(self._workspace.active).setFocus()

    def on_first_look(self, look: FirstLook) -> None:
        """Show the first image in the first pane while everything else is still being prepared."""
        if self._workspace.state(0).section is not None:
            return
        image = QImage(look.rgb32, look.columns, look.rows, look.columns * 4, QImage.Format.Format_RGB32)
        self.pane(0).show_first_look(image.copy(), look.aspect)
        self.show_panes(True)

    def on_loaded(self, loaded: Loaded) -> None:
        """Give an answer to every visible pane; each takes only what it wants."""
        for pane in self.visible_panes():
            pane.on_loaded(loaded)
        self.go_on()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        event.ignore()
