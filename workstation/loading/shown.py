"""A picture ready for a pane: pixels, how to render them, where they are, and how long a pixel is."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from workstation.imaging.auto_window import Statistics, auto_window, default_voi, drag_step, frame_statistics
from workstation.imaging.overlay_plane import draw_overlays
from workstation.imaging.painting import Painting
from workstation.imaging.pipeline import Pipeline
from workstation.imaging.window import Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workstation.geometry.image_plane import ImagePlane
    from workstation.imaging.rendering import Rendering
    from workstation.measurements.calibration import Calibration

Voi = Window | int | str | None
"""A user's window, an index into the header's choices, ``"auto"``, or None for the default (B20)."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What a pane draws.

    ``values`` are stored values (rows, columns) or RGB (rows, columns, 3); of a section they are modality values
    (float32). ``statistics`` are those of the display set where the header gives no window, else None.
    ``aspect`` is the (row, column) size of a pixel in a common unit (D31, D32).
    """

    key: Hashable
    values: NDArray[Any]
    rendering: Rendering
    plane: ImagePlane | None
    calibration: Calibration
    aspect: tuple[float, float] = (1.0, 1.0)
    frame_index: int = 0
    complete_rows: int | None = None
    statistics: Statistics | None = None
    notes: tuple[str, ...] = ()
    is_section: bool = False
    of: Hashable = None
    """Key of the volume whose memory ``values`` are a part of; None where they are their own."""
    masks: dict[str, tuple[NDArray[np.bool_], ...]] = field(default_factory=dict, repr=False)
    """What shutter and overlays cover, worked out when first drawn: it is the same under every window."""

    def apart(self) -> Shown:
        """Return the picture with pixels of its own: whoever keeps it then keeps no whole volume."""
        return self if self.of is None else replace(self, values=_copied(self.values), of=None)

    def choice(self, voi: Voi, statistics: Statistics | None = None) -> Any:
        """Return the window or VOI LUT a state asks for."""
        known = self.statistics or statistics
        if isinstance(voi, Window):
            return voi
        if isinstance(voi, int):
            return self.rendering.voi[voi] if voi < len(self.rendering.voi) else default_voi(self.rendering, known)
        if voi == "auto":
            return auto_window(known or self.own_statistics(), self.rendering)
        return default_voi(self.rendering, known)

    def pipeline(self, voi: Voi, inverted: bool, statistics: Statistics | None = None) -> Pipeline:
        """Return the stages for a state."""
        return Pipeline(self.rendering, self.choice(voi, statistics), inverted)

    def own_statistics(self) -> Statistics:
        """Return the statistics of this picture alone."""
        return frame_statistics(self.values, self.rendering, self.complete_rows)

    def step(self, statistics: Statistics | None = None) -> float:
        """Return the modality units a logical pixel of a window drag is worth (B33)."""
        return drag_step(statistics or self.statistics or self.own_statistics())

    def modality_values(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return modality values of some of this picture's values."""
        return values if self.is_section else self.rendering.modality_stage.apply(values)

    def display(self, pipeline: Pipeline, *, overlays: bool = True, shutter: bool = True) -> NDArray[np.uint8]:
        """Return display values (rows, columns) or (rows, columns, 3) with shutter and overlays as asked."""
        display = pipeline.display(self.values)
        if shutter and self.rendering.shutter is not None:
            display = self.rendering.shutter.apply(display, ~self._shuttered[0])
        if overlays and self.rendering.overlays:
            display = draw_overlays(display, self._overlaid)
        return display

    def painting(
        self, pipeline: Pipeline, *, overlays: bool = True, shutter: bool = True, color_map: str | None = None
    ) -> Painting:
        """Return the picture for a screen, with shutter and overlays as asked; colour maps leave those grey."""
        covers: list[tuple[NDArray[np.bool_], int]] = []
        if shutter and self.rendering.shutter is not None:
            grey = self.rendering.shutter.value // 257
            covers += [(mask, 0xFF000000 | grey * 0x010101) for mask in self._shuttered]
        if overlays and self.rendering.overlays:
            covers += [(mask, 0xFFFFFFFF) for mask in self._overlaid]
        return Painting(self.values, pipeline, tuple(covers), color_map)

    def cover_at(self, column: int, row: int, *, overlays: bool, shutter: bool) -> tuple[str, int] | None:
        """Return what is drawn over a pixel, by name with its grey; the last one drawn is seen."""
        found = None
        if shutter and self.rendering.shutter is not None and self._shuttered[0][row, column]:
            found = ("Shutter", self.rendering.shutter.value // 257)
        if overlays and self.rendering.overlays and any(mask[row, column] for mask in self._overlaid):
            found = ("Overlay", 255)
        return found

    @property
    def _shuttered(self) -> tuple[NDArray[np.bool_], ...]:
        if "shutter" not in self.masks:
            shutter = self.rendering.shutter
            assert shutter is not None
            rows, columns = self.values.shape[:2]
            ratio = self.aspect[0] / self.aspect[1]
            self.masks["shutter"] = (~shutter.visible(rows, columns, row_per_column=ratio),)
        return self.masks["shutter"]

    @property
    def _overlaid(self) -> tuple[NDArray[np.bool_], ...]:
        if "overlays" not in self.masks:
            rows, columns = self.values.shape[:2]
            found = (plane.mask(self.frame_index, rows, columns) for plane in self.rendering.overlays)
            self.masks["overlays"] = tuple(mask for mask in found if mask is not None)
        return self.masks["overlays"]


def _copied(values: NDArray[Any]) -> NDArray[Any]:
    out = values.copy()
    out.flags.writeable = False
    return out
