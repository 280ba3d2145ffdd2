"""One pane: asks for the picture its state needs, draws it, and forwards pointers to the active tool."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QEnterEvent,
    QImage,
    QMouseEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from workstation.errors import WorkstationError
from workstation.imaging.window import Window
from workstation.loading.courtesy import moving, rested
from workstation.loading.keys import SampleKey, VolumeKey
from workstation.loading.loader import Loaded, Loader, Priority
from workstation.objects.picture import FrameKey, SectionKey
from workstation.tools.tool import Draft, Scene
from workstation.ui.cursors import cursor
from workstation.ui.loaded_frames import LoadedFrames
from workstation.ui.order_chip import OrderChip
from workstation.ui.pane_gestures import PaneGestures
from workstation.ui.pane_overlay import BAR_WIDTH, PaneOverlay
from workstation.ui.pane_text import PaneText
from workstation.ui.pane_words import PaneWords
from workstation.ui.picture_view import PictureView
from workstation.ui.section_feed import SectionFeed
from workstation.viewing.display_transform import DisplayTransform
from workstation.viewing.resolve import frame_key, neighbours, reads_at_once, rest
from workstation.viewing.sections import on_plane

if TYPE_CHECKING:
    from workstation.dicom.identity import FrameRef
    from workstation.geometry.image_plane import ImagePlane
    from workstation.geometry.stack import Stack
    from workstation.geometry.volume import Volume
    from workstation.imaging.auto_window import Statistics
    from workstation.imaging.painting import Painting
    from workstation.imaging.pipeline import Pipeline
    from workstation.loading.shown import Shown
    from workstation.ui.pane_lines import PaneLines
    from workstation.ui.viewport import Viewport
    from workstation.ui.workspace import Workspace
    from workstation.viewing.view_state import Section, ViewState

REST = 500
"""Milliseconds without a change after which the picture counts as at rest."""
STACK_MIME = "application/x-dicom-workstation-stack"


class ImagePane(QWidget):
    """Shows one viewport."""

    probed = Signal(str)
    activated = Signal(int)
    menu_wanted = Signal(int, QPointF)
    doctor_wanted = Signal(int)
    maximise_wanted = Signal(int)
    painted = Signal(int)
    pointed = Signal(int, int, int)
    """Pane, column and row of the picture under the pointer."""
    chosen = Signal(int, int, int)
    """The same of a pixel that was clicked."""
    pixel_wanted = Signal()
    """A pixel was clicked to be explained."""

    def __init__(self, viewport: Viewport, workspace: Workspace, loader: Loader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewport, self.workspace, self.loader = viewport, workspace, loader
        self.number = viewport.number
        self.picture: Shown | None = None
        self.error: str = ""
        self.volume: Volume | None = None
        self.volume_progress = 0.0
        self._wanted: Hashable | None = None
        self._requested_of: Stack | None = None
        self._provisional: tuple[int, int, tuple[float, float]] | None = None
        self._direction = 1
        self._pipeline: Pipeline | None = None
        self._pipeline_for: tuple[Any, ...] | None = None
        self._painted: Painting | None = None
        self._taking = False
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._rest.timeout.connect(rested)
        self._painting_for: tuple[Any, ...] | None = None
        self.view = PictureView(self)
        self.overlay = PaneOverlay(self)
        self.chip = OrderChip(self)
        self.chip.hide()
        self.chip.clicked.connect(lambda: self.doctor_wanted.emit(self.number))
        self.draft: Draft | None = None
        self.kept_pixel: tuple[int, int] | None = None
        self.feed = SectionFeed(self.owner, loader, self._show, lambda: workspace.dragging, self)
        self.loaded = LoadedFrames(loader, self.refresh_overlay, self)
        self.text = PaneText(self, self)
        self.gestures = PaneGestures(self)
        PaneWords(self, self.overlay)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setMinimumSize(120, 120)
        self.setAccessibleName(self.tr("Image pane {0}").format(self.number + 1))
        viewport.changed.connect(self.on_changed)
        workspace.options_changed.connect(self._options_changed)
        workspace.planes_changed.connect(self._planes_changed)
        workspace.rested.connect(self.feed.settle)
        workspace.measurements_changed.connect(self.refresh_overlay)
        workspace.stars.changed.connect(self.refresh_overlay)
        workspace.tool_changed.connect(self.refresh_overlay)
        workspace.active_changed.connect(self.refresh_overlay)
        workspace.catalogue_changed.connect(self._catalogue_changed)

    # asking for pixels

    @property
    def owner(self) -> str:
        """Name under which this pane declares its wishes."""
        return f"pane {self.number}"

    def ensure_requested(self) -> None:
        """Ask again for what the state needs, as when the pane comes back on screen."""
        if not self.viewport.state.empty and not self.settled:
            self.feed.stop()
            self._request()

    def on_changed(self, old: ViewState, new: ViewState) -> None:
        """Redraw what differs between two states."""
        if new.stack_id == old.stack_id:  # a series that arrives is no movement: its scan must not give way to it
            moving()
            self._rest.start()
        sections = (new.section is None, old.section is None)
        if (new.stack_id != old.stack_id and not self._same_series(old, new)) or sections[0] != sections[1]:
            self.picture, self.error, self.volume = None, "", None
            self.feed.stop()
            self._pipeline_for = None
        if (new.stack_id, new.index, new.section) != (old.stack_id, old.index, old.section):
            if new.index != old.index:
                self._direction = 1 if new.index > old.index else -1
            self._request()
        else:
            self._draw()

    def _same_series(self, old: ViewState, new: ViewState) -> bool:
        """Whether two states show phases of one 4-D series: the picture stays until the next one is there."""
        before, after = (self.workspace.catalogue.stack(state.stack_id) for state in (old, new))
        if before is None or after is None or self.error or new.section is not None:
            return False
        return before.phase_of is not None and before.phase_of == after.phase_of

    def _request(self) -> None:
        state, stack = self.viewport.state, self.workspace.catalogue.stack(self.viewport.state.stack_id)
        self._requested_of = stack
        if stack is None:
            self._wanted = None
            self.feed.stop()
            self.loader.want(self.owner, ())
            self.picture = None
            self._draw()
        elif state.section is not None:
            self._request_section(stack, state.section)
        else:
            self._request_frame(stack)

    def _request_frame(self, stack: Stack) -> None:
        state = self.viewport.state
        self.feed.stop()
        self._wanted = key = frame_key(state, stack)
        if key is None:
            self._draw()
            return
        held = self.loader.peek(key)
        wishes: list[tuple[Hashable, Priority]] = [] if held is not None else [(key, Priority.VISIBLE)]
        whole = VolumeKey(stack.id, len(stack.frames))
        as_volume = self.loader.has(whole)
        if not as_volume and self.workspace.catalogue.settled and reads_at_once(stack, self.loader.budget):
            wishes.append((whole, Priority.PREFETCH))
        wishes += [(near, Priority.PREFETCH) for near in neighbours(state, stack, self._direction)]
        wishes += [(FrameKey(ref), Priority.PREFETCH) for ref in self._next_phases(stack, state.index)]
        wishes.append((SampleKey(stack.id, len(stack.frames)), Priority.PREFETCH))
        self.loader.want(self.owner, wishes, () if as_volume else rest(state, stack, self._direction))
        if held is not None:
            self._show(held)
        else:
            self.refresh_overlay()

    def _request_section(self, stack: Stack, section: Section) -> None:
        """Ask for a section, or for its volume while that is not there yet."""
        plane = self.plane
        if plane is None:
            self.error, self._wanted = stack.why_not, None
            self._draw()
            return
        self.workspace.set_plane(self.number, plane)
        whole = VolumeKey(stack.id, len(stack.frames))
        if self.volume is None:
            self.volume = self.loader.peek(whole)
        if self.volume is None:
            self._wanted = whole
            self.feed.stop()
            self.loader.want(self.owner, [(whole, Priority.VISIBLE)])
        else:
            self._wanted = key = SectionKey(stack.id, plane, section.slab_mm, section.projection)
            self.feed.want(key)
        # the lines of all panes are drawn anew together, when the last of them has changed
        self.view.place(self.picture_transform(), self.devicePixelRatioF())
        if not self.workspace.together:
            self.refresh_overlay()

    def _next_phases(self, stack: Stack, index: int) -> list[FrameRef]:
        """Return the same place in the phases before and after."""
        if stack.phase_of is None:
            return []
        phases = self.workspace.catalogue.phases(stack)
        place = next((n for n, other in enumerate(phases) if other.id == stack.id), 0)
        near = (phases[n] for n in (place + 1, place - 1) if 0 <= n < len(phases))
        return [other.frames[index].ref for other in near if index < len(other.frames)]

    def on_loaded(self, loaded: Loaded) -> None:
        """Use an answer that is still of use."""
        if loaded.error is None:
            self.loaded.arrived(loaded.key)
        if loaded.key == self._wanted and loaded.error is not None:
            known = isinstance(loaded.error, WorkstationError)
            general = self.tr("Something went wrong while reading it; the log says what (Help › Open log folder).")
            self.error = str(loaded.error) if known else general
            self.picture = None
            self._draw()
        if isinstance(loaded.key, SectionKey):
            self.feed.answered(loaded.key, loaded.value)
        elif loaded.key == self._wanted and loaded.error is None:
            self._take(loaded.value)

    def on_progress(self, key: Hashable, fraction: float) -> None:
        """Show how far a volume is."""
        if key == self._wanted:
            self.volume_progress = fraction
            self.refresh_overlay()

    def _take(self, value: Any) -> None:
        if isinstance(self._wanted, VolumeKey):
            self.volume = value
            self._request()
        else:
            self._show(value)

    def _show(self, picture: Shown) -> None:
        """Show a frame or a section; a section may be coarser than the one wanted, or a moment older."""
        self.error = ""
        self.picture = picture = picture.apart()
        if not picture.is_section:
            # the other panes draw its line anew, this one as soon as it has drawn the picture
            self._taking = True
            self.workspace.set_plane(self.number, picture.plane)
            self._taking = False
        self._draw()

    def _catalogue_changed(self, *_: object) -> None:
        stack = self.workspace.catalogue.stack(self.viewport.state.stack_id)
        grown = stack is not None and stack is not self._requested_of
        if not self.viewport.state.empty and (grown or (self.picture is None and not self.error)):
            self._request()
        else:
            self.refresh_overlay()

    # drawing

    @property
    def settled(self) -> bool:
        """Whether what the state asks for is on screen, or an error is."""
        state = self.viewport.state
        return state.empty or bool(self.error) or (self.picture is not None and self.picture.key == self._wanted)

    @property
    def plane(self) -> ImagePlane | None:
        """Where the view lies: the section asked for, at full resolution, or the frame on screen."""
        if self.viewport.state.section is not None:
            return self.workspace.section_plane(self.number)
        return self.picture.plane if self.picture is not None else None

    @property
    def fine(self) -> bool:
        """Whether the picture on screen is neither a coarse one nor of another moment."""
        return self.picture is not None and (not self.picture.is_section or self.picture.key == self._wanted)

    @property
    def aspect(self) -> tuple[float, float]:
        """Return (row, column) size of a pixel in a common unit, mm for sections (D31, D32)."""
        return self._extent()[2]

    def _extent(self) -> tuple[int, int, tuple[float, float]]:
        """Return rows, columns and aspect of what the view shows."""
        plane = self.plane if self.viewport.state.section is not None else None
        if plane is not None:
            return plane.rows, plane.columns, plane.spacing
        if self.picture is not None:
            rows, columns = self.picture.values.shape[:2]
            return rows, columns, self.picture.aspect
        return self._provisional if self._provisional is not None else (1, 1, (1.0, 1.0))

    @property
    def lines(self) -> PaneLines:
        """The lines of other panes in this one."""
        return self.text.lines

    def transform(self) -> DisplayTransform:
        """Return the map between image points and this pane's pixels."""
        return DisplayTransform.of(self.viewport.state, *self._extent(), self.width(), self.height())

    def picture_transform(self) -> DisplayTransform:
        """Return the map of the picture on screen: a coarse or older section lies where the wanted one will."""
        section, plane = self.viewport.state.section, self.plane
        if section is None or plane is None or self.picture is None or self.picture.plane in (None, plane):
            return self.transform()
        assert self.picture.plane is not None
        return on_plane(self.transform(), plane, self.picture.plane, section.point)

    def show_first_look(self, image: QImage, aspect: tuple[float, float]) -> None:
        """Show the first image before this pane's own is there."""
        if self.picture is None and not self.error:
            self._provisional = (image.height(), image.width(), aspect)
            self.view.set_image(image)
            self._place()

    def pipeline(self) -> Pipeline | None:
        """Return the pipeline of the picture under the present state; made again only when that changes."""
        picture, state, options = self.picture, self.viewport.state, self.workspace.options
        if picture is None:
            return None
        wanted = (picture.key, state.voi, state.inverted, options.overlays, options.shutter)
        if wanted != self._pipeline_for:
            self._pipeline = picture.pipeline(state.voi, state.inverted, self._statistics())
            self._pipeline_for = wanted
        return self._pipeline

    def _statistics(self) -> Statistics | None:
        """Return the statistics of the stack if they have been gathered."""
        stack = self.workspace.catalogue.stack(self.viewport.state.stack_id)
        return self.loader.peek(SampleKey(stack.id, len(stack.frames))) if stack is not None else None

    def shown_window(self) -> Window | None:
        """Return the window on screen; a VOI LUT counts as the window over its input (B17)."""
        pipeline = self.pipeline()
        if pipeline is None or not pipeline.rendering.has_window:
            return None
        return pipeline.voi if isinstance(pipeline.voi, Window) else pipeline.voi.as_window()

    def _draw(self) -> None:
        pipeline = self.pipeline()
        if pipeline is None or self.picture is None:
            if self._provisional is None or self.error:
                self.view.set_painting(None)
            self._painted = self._painting_for = None
            if self.viewport.state.empty:
                self.workspace.set_plane(self.number, None)
        else:
            self._provisional = None
            self.view.smooth = self.workspace.options.smooth
            self.view.set_painting(self._painting(pipeline))
        self._place()
        self.painted.emit(self.number)

    def _painting(self, pipeline: Pipeline) -> Painting:
        """Return what to paint; the same one as long as only its place changes, so that no pixel is made again."""
        picture, options, color_map = self.picture, self.workspace.options, self.viewport.state.color_map
        assert picture is not None
        wanted = (picture, pipeline, options.overlays, options.shutter, color_map)
        if wanted != self._painting_for or self._painted is None:
            self._painting_for = wanted
            self._painted = picture.painting(
                pipeline, overlays=options.overlays, shutter=options.shutter, color_map=color_map
            )
        return self._painted

    def _place(self) -> None:
        self.view.place(self.picture_transform(), self.devicePixelRatioF())
        self.refresh_overlay()

    def refresh_overlay(self, *_: object) -> None:
        """Write text and lines again."""
        if self._taking:
            return
        self.overlay.set_content(self.text.content())
        self.text.place_chip()

    def _planes_changed(self) -> None:
        if self.isVisible():
            self.refresh_overlay()

    def _options_changed(self) -> None:
        self._pipeline_for = None
        self._draw()

    def probe(self, x: float, y: float) -> None:
        """Say what the pixel at a point of the pane is."""
        self.text.probe(x, y)
        self.pointed.emit(self.number, *self._pixel(x, y))

    def choose(self, x: float, y: float, *, explain: bool = False) -> None:
        """Tell which pixel was clicked, and that it is to be explained."""
        column, row = self._pixel(x, y)  # before a panel opens, which makes the pane smaller
        if explain:
            self.pixel_wanted.emit()
        self.chosen.emit(self.number, column, row)

    def _pixel(self, x: float, y: float) -> tuple[int, int]:
        column, row = self.picture_transform().to_image(x, y)
        return int(column // 1), int(row // 1)

    def show_cursor(self, name: str) -> None:
        """Show what a press would do here: take hold of something, or use the active tool where the name is empty."""
        shape = cursor(name or self.workspace.tool.cursor)
        if shape is None:
            self.unsetCursor()
        else:
            self.setCursor(shape)

    def keep(self, draft: Draft) -> None:
        """Keep a finished measurement."""
        self.text.keep(draft)

    def scene(self) -> Scene:
        """Return what a gesture may know of this pane."""
        picture, state = self.picture, self.viewport.state
        return Scene(
            state=state,
            transform=self.transform(),
            width=self.width(),
            height=self.height(),
            frames=self.workspace.length(self.number),
            window=self.shown_window(),
            step=picture.step(self._statistics()) if picture is not None else 1.0,
            plane=self.plane,
            crosshair=state.section.point if state.section is not None else self.workspace.point,
            drag_style=self.workspace.options.drag_style,
        )

    # events

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.view.setGeometry(self.rect())
        self.overlay.setGeometry(self.rect())
        self.workspace.sizes[self.number] = (self.width(), self.height())
        self._place()

    def in_slice_bar(self, x: float) -> bool:
        """Whether a point is on the slice bar at the right edge."""
        return x > self.width() - BAR_WIDTH - 8 and self.workspace.length(self.number) > 1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.activated.emit(self.number)
        self.gestures.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.gestures.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.gestures.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self.viewport.state.empty:
            self.gestures.cancel()
            self.maximise_wanted.emit(self.number)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.gestures.wheel(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.lines.approach(True)

    def leaveEvent(self, event: QEvent) -> None:
        self.lines.approach(False)
        self.text.pointer_gone()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        event.accept()  # the right button is decided on release: a drag zooms, a click opens the menu

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(STACK_MIME):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if not event.mimeData().hasFormat(STACK_MIME):
            event.ignore()
            return
        stack_id = bytes(event.mimeData().data(STACK_MIME).data()).decode("utf-8", "replace")
        event.acceptProposedAction()
        self.workspace.show_stack(stack_id, self.number)
        self.setFocus()
