"""Keeps the panel that explains a pixel on the pixel under the pointer, or on one that was clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from workstation.loading.keys import OriginKey, VolumeKey
from workstation.loading.loader import Priority
from workstation.objects.picture import FrameKey, SectionKey
from workstation.ui.later import Later

if TYPE_CHECKING:
    from collections.abc import Callable

    from workstation.geometry.stack import Stack
    from workstation.loading.loader import Loaded, Loader
    from workstation.loading.shown import Shown
    from workstation.ui.image_pane import ImagePane
    from workstation.ui.pixel_panel import PixelPanel
    from workstation.ui.workspace import Workspace
    from workstation.viewing.provenance import Explanation, Look

REST = 60
"""Milliseconds on a frame before it is read once more for its bits: scrolling must not read one per slice."""


class PixelFollower(QObject):
    """Explains at once what is in memory; the bits of a frame follow from a worker thread."""

    def __init__(
        self, panel: PixelPanel, workspace: Workspace, loader: Loader, pane_of: Callable[[int], ImagePane]
    ) -> None:
        super().__init__(panel)
        self._panel, self._workspace, self._loader, self._pane_of = panel, workspace, loader, pane_of
        self._at: tuple[int, int, int] | None = None
        self._panes: list[ImagePane] = []
        self._pinned = False
        self._origin: OriginKey | None = None
        self._soon = Later(self.follow, self)
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._rest.timeout.connect(self._read)
        panel.seen.connect(self._soon.ask)
        panel.gone.connect(lambda: self._mark(shown=False))
        panel.pin_toggled.connect(self._set_pinned)
        panel.slice_requested.connect(self._go_to)

    def attach(self, pane: ImagePane) -> None:
        """Follow a pane's pointer, its clicks and what it paints."""
        self._panes.append(pane)
        pane.pointed.connect(self._point)
        pane.chosen.connect(self.keep)
        pane.painted.connect(lambda number: self._soon.ask() if self._at and self._at[0] == number else None)

    @property
    def place(self) -> tuple[int, int, int] | None:
        """Pane, column and row that are explained."""
        return self._at

    def keep(self, pane: int, column: int, row: int) -> None:
        """Keep a pixel that was clicked while the panel is open."""
        if self._panel.isVisible():
            self._at = (pane, column, row)
            self._set_pinned(True)

    def follow(self) -> None:
        """Explain the pixel of the moment."""
        if not self._panel.isVisible():
            return
        self._mark()
        explanation = self._explained(*self._at) if self._at is not None else None
        if explanation is None:
            self._panel.clear()
        else:
            self._panel.show_pixel(explanation)

    def on_loaded(self, loaded: Loaded) -> None:
        """Add the bits of the frame once they are there."""
        if loaded.key == self._origin and loaded.error is None:
            self._soon.ask()

    def _point(self, pane: int, column: int, row: int) -> None:
        if not self._pinned and self._panel.isVisible():
            self._at = (pane, column, row)
            self._soon.ask()

    def _set_pinned(self, pinned: bool) -> None:
        self._pinned = pinned and self._at is not None
        self._panel.set_pinned(self._pinned)
        self._soon.ask()

    def _mark(self, shown: bool = True) -> None:
        """Frame the kept pixel in its pane, and no other."""
        for pane in self._panes:
            here = self._at is not None and self._pinned and shown and self._at[0] == pane.number
            kept = self._at[1:] if here and self._at is not None else None
            if pane.kept_pixel != kept:
                pane.kept_pixel = kept
                pane.refresh_overlay()

    def _explained(self, pane_number: int, column: int, row: int) -> Explanation | None:
        pane = self._pane_of(pane_number)
        picture, pipeline = pane.picture, pane.pipeline()
        if picture is None or pipeline is None:
            return None
        rows, columns = picture.values.shape[:2]
        if not (0 <= column < columns and 0 <= row < rows):
            return None
        look = self._look(pane, picture, column, row)
        if isinstance(picture.key, SectionKey):
            return self._section(pane, picture, picture.key, look, column, row)
        from workstation.viewing.provenance import frame_pixel

        origin, name = None, ""
        if isinstance(picture.key, FrameKey):
            self._origin = OriginKey(picture.key.ref)
            origin = self._loader.peek(self._origin)
            instance = self._workspace.catalogue.instances.get(picture.key.ref.sop_instance_uid)
            name = instance.locator.name if instance is not None else ""
            if origin is None:
                self._rest.start()
        plane, values = picture.plane, picture.values
        return frame_pixel(values, pipeline, column, row, look, origin=origin, name=name, plane=plane)

    def _look(self, pane: ImagePane, picture: Shown, column: int, row: int) -> Look:
        from workstation.viewing.provenance import Look

        state, options = pane.viewport.state, self._workspace.options
        cover = picture.cover_at(column, row, overlays=options.overlays, shutter=options.shutter)
        return Look(state.voi, state.color_map, cover, state.voi_came)

    def _section(
        self, pane: ImagePane, picture: Shown, key: SectionKey, look: Look, column: int, row: int
    ) -> Explanation | None:
        from typing import cast

        from workstation.geometry.contributions import contributions
        from workstation.geometry.sampling import Projection
        from workstation.viewing.provenance import section_pixel

        stack, pipeline = self._workspace.catalogue.stack(key.volume_id), pane.pipeline()
        if stack is None or pipeline is None:
            return None
        volume = pane.volume or self._loader.peek(VolumeKey(stack.id, len(stack.frames)))
        if volume is None:
            return None
        made_of = contributions(volume, key.plane, key.slab_mm, cast("Projection", key.projection), column, row)
        return section_pixel(
            picture.values,
            pipeline,
            column,
            row,
            look,
            made_of,
            lambda place: _file_of(stack, place),
            plane=picture.plane,
            reduced=max(1, round(stack.rows / volume.grid.shape[1])),
        )

    def _read(self) -> None:
        """Ask for the bits of the frame that the pointer rests on."""
        if self._origin is not None and self._panel.isVisible() and not self._loader.has(self._origin):
            self._loader.want("pixel", [(self._origin, Priority.VISIBLE)])

    def _go_to(self, place: int) -> None:
        """Show a slice whose voxel takes part, in the panes that show slices of the same stack."""
        shown = self._workspace.state(self._at[0]).stack_id if self._at is not None else None
        for pane in self._workspace.visible():
            state = self._workspace.state(pane)
            if state.stack_id == shown and state.section is None:
                self._workspace.go_to(pane, place)


def _file_of(stack: Stack, place: int) -> str:
    return stack.frames[place].instance.locator.name if 0 <= place < len(stack.frames) else ""
