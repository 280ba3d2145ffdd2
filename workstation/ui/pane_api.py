"""What the parts of a pane may use of it: the pane imports them, they know only this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from PySide6.QtCore import SignalInstance

    from workstation.geometry.image_plane import ImagePlane
    from workstation.geometry.volume import Volume
    from workstation.imaging.pipeline import Pipeline
    from workstation.loading.loader import Loader
    from workstation.loading.shown import Shown
    from workstation.tools.tool import Draft, Scene
    from workstation.ui.loaded_frames import LoadedFrames
    from workstation.ui.order_chip import OrderChip
    from workstation.ui.pane_overlay import PaneOverlay
    from workstation.ui.viewport import Viewport
    from workstation.ui.workspace import Workspace
    from workstation.viewing.cross_lines import CrossLine, Grip
    from workstation.viewing.display_transform import DisplayTransform


class LinesApi(Protocol):
    """The lines of other panes in this one."""

    def grip(self, x: float, y: float) -> Grip | None: ...

    def held(self, grip: Grip) -> CrossLine | None: ...

    def hold(self, grip: Grip | None) -> None: ...


class PaneApi(Protocol):
    """An image pane as seen by its gestures and its text."""

    number: int
    viewport: Viewport
    workspace: Workspace
    loader: Loader
    picture: Shown | None
    error: str
    volume: Volume | None
    volume_progress: float
    overlay: PaneOverlay
    chip: OrderChip
    draft: Draft | None
    kept_pixel: tuple[int, int] | None
    loaded: LoadedFrames

    @property
    def lines(self) -> LinesApi: ...

    @property
    def probed(self) -> SignalInstance: ...

    @property
    def menu_wanted(self) -> SignalInstance: ...

    @property
    def aspect(self) -> tuple[float, float]: ...

    @property
    def plane(self) -> ImagePlane | None: ...

    @property
    def fine(self) -> bool: ...

    def width(self) -> int: ...

    def height(self) -> int: ...

    def transform(self) -> DisplayTransform: ...

    def picture_transform(self) -> DisplayTransform: ...

    def pipeline(self) -> Pipeline | None: ...

    def scene(self) -> Scene: ...

    def in_slice_bar(self, x: float) -> bool: ...

    def refresh_overlay(self) -> None: ...

    def probe(self, x: float, y: float) -> None: ...

    def choose(self, x: float, y: float, *, explain: bool = False) -> None: ...

    def show_cursor(self, name: str) -> None: ...

    def keep(self, draft: Draft) -> None: ...
