"""Frames as a pane shows them, on the stored grid; and pictures of them with their stamp."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from workstation.export.picture import write_picture
from workstation.export.stamp import Stamp, pixel_hash, stamped_uid
from workstation.export.values import Values, known_unit, modality_pixels, stored_pixels
from workstation.imaging.auto_window import CT_DEFAULT, default_voi
from workstation.imaging.color_maps import COLOR_MAPS, ramp_of
from workstation.imaging.overlay_plane import draw_overlays
from workstation.imaging.pipeline import Pipeline
from workstation.imaging.rgb32 import rgb_of
from workstation.imaging.window import Window
from workstation.objects.picture import FrameKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from workstation.dicom.identity import Instance
    from workstation.imaging.voi_lut import VoiChoice
    from workstation.objects.picture import Picture


@dataclass(frozen=True, slots=True)
class Look:
    """How display values are made: VOI (None is the pane's first), invert, colour map, and what is drawn over."""

    voi: VoiChoice | None = None
    inverted: bool = False
    color_map: str | None = None
    overlays: bool = False
    shutter: bool = False


def export_picture(
    path: Path,
    instance: Instance,
    picture: Picture,
    shown: Look | str,
    *,
    identified: bool = False,
    source: str = "",
    view: dict[str, Any] | None = None,
    replace: bool = False,
) -> Stamp:
    """Write one frame on its stored grid and return the stamp that is in the file.

    ``shown`` is how it looks, or "stored" or "modality" for 16-bit values; for the rest see :func:`stamp_of`. The
    size in millimetres is that of pixels in the patient.

    Raises
    ------
    ExportError
        If the values do not fit the format, the file exists and is not to be replaced, or the system refuses.
    """
    what: Look | Values
    if isinstance(shown, Look):
        what, array = shown, display_pixels(picture, shown)
    else:
        what = stored_pixels(picture) if shown == "stored" else modality_pixels(picture)
        array = what.pixels
    stamp = stamp_of(instance, picture, what, identified=identified, source=source, view=view)
    spacing = None if picture.plane is None else picture.plane.spacing
    return write_picture(path, array, stamp=stamp, spacing=spacing, replace=replace) or stamp


def shown_frames(pictures: Iterable[Picture], look: Look) -> Iterator[NDArray[np.uint8]]:
    """Give the display pixels of one picture after the other.

    Where neither ``look`` nor the header has a window, the first picture's is kept: a film must not flicker.
    """
    for picture in pictures:
        if look.voi is None and picture.rendering.has_window and not picture.rendering.voi:
            look = replace(look, voi=default_voi(picture.rendering, picture.statistics))
        yield display_pixels(picture, look)


def display_pixels(picture: Picture, look: Look) -> NDArray[np.uint8]:
    """Return display values on the stored grid, (rows, columns) or (rows, columns, 3), through the pane's stages."""
    rendering = picture.rendering
    pipeline = _pipeline(picture, look)
    display = pipeline.display(picture.values)
    if look.color_map is not None and display.ndim == 2 and not pipeline.is_color:
        display = rgb_of(ramp_of(look.color_map)[display])
    rows, columns = display.shape[:2]
    if look.shutter and rendering.shutter is not None:
        display = rendering.shutter.apply(display, rendering.shutter.visible(rows, columns))
    if look.overlays:
        found = (plane.mask(_frame_index(picture), rows, columns) for plane in rendering.overlays)
        display = draw_overlays(display, tuple(mask for mask in found if mask is not None))
    return display


def stamp_of(
    instance: Instance,
    picture: Picture,
    shown: Look | Values,
    *,
    identified: bool = False,
    source: str = "",
    view: dict[str, Any] | None = None,
) -> Stamp:
    """Return the stamp of a picture made from one frame.

    ``identified`` keeps UIDs plain. ``source`` says where the window came from, in words of the program's own;
    without it that is worked out. ``view`` is :attr:`Stamp.view`.
    """
    ref = picture.key.ref if isinstance(picture.key, FrameKey) else None
    stamp = Stamp(
        study_uid=stamped_uid(instance.study_instance_uid, identified=identified),
        series_uid=stamped_uid(instance.series_instance_uid, identified=identified),
        sop_instance_uid=stamped_uid(instance.sop_instance_uid, identified=identified),
        frame=_frame_index(picture) + 1,
        tile=0 if ref is None or ref.tile is None else ref.tile + 1,
        view=dict(view or {}),
        pixel_sha256=pixel_hash(picture.values),
    )
    if isinstance(shown, Values):
        return replace(stamp, pixels=shown.kind, slope=shown.slope, intercept=shown.intercept, unit=shown.unit)
    pipeline = _pipeline(picture, shown)
    stamp = replace(
        stamp,
        inverted=shown.inverted,
        color_map=shown.color_map if shown.color_map in COLOR_MAPS and not pipeline.is_color else "",
    )
    if not picture.rendering.has_window:
        return stamp
    window, source = pipeline.window, source or source_of(picture, pipeline.voi)
    if window is None:
        return replace(stamp, voi_function="VOI LUT", window_source=source)
    pair = float(window.center), float(window.width)
    unit = known_unit(picture.rendering.unit)
    return replace(stamp, window=pair, window_source=source, voi_function=str(window.function), unit=unit)


def source_of(picture: Picture, voi: VoiChoice) -> str:
    """Return where a VOI came from: "header N" (its place there, from 1), "automatic", "preset" or "chosen"."""
    for number, choice in enumerate(picture.rendering.voi, 1):
        if choice is voi or (isinstance(voi, Window) and choice == voi):
            return f"header {number}"
    if voi == CT_DEFAULT:
        return "preset"
    return (
        "automatic"
        if isinstance(voi, Window) and voi == default_voi(picture.rendering, picture.statistics)
        else "chosen"
    )


def _pipeline(picture: Picture, look: Look) -> Pipeline:
    rendering = picture.rendering
    voi = None
    if rendering.has_window:
        voi = look.voi or default_voi(rendering, picture.statistics)
    return Pipeline(rendering, voi, look.inverted)


def _frame_index(picture: Picture) -> int:
    return picture.key.ref.frame_index if isinstance(picture.key, FrameKey) else 0
