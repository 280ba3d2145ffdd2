"""What a pane shows as a picture of its own: grabbed with or without its text, turned into arrays, given a stamp."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage, QPainter, QRegion
from PySide6.QtWidgets import QWidget

from workstation.ui.pane_overlay import SliceBar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from workstation.export.stamp import Stamp
    from workstation.ui.export_jobs import Appearance, Place
    from workstation.ui.image_pane import ImagePane
    from workstation.ui.pane_overlay import OverlayContent


def place_of(pane: ImagePane) -> Place | None:
    """Return the frame a pane shows; of a section one frame of its volume, by which that is found again."""
    stack, state = pane.workspace.stack(pane.number), pane.viewport.state
    if stack is None or not stack.frames or pane.picture is None:
        return None
    frame = stack.frames[min(state.index, len(stack.frames) - 1)]
    return frame.instance, frame.ref


def appearance_of(pane: ImagePane) -> Appearance:
    """Return how a pane shows what it shows."""
    from workstation.loading.keys import SampleKey
    from workstation.ui.export_jobs import Appearance

    stack, options = pane.workspace.stack(pane.number), pane.workspace.options
    statistics = pane.picture.statistics if pane.picture is not None else None
    if statistics is None and stack is not None:
        statistics = pane.loader.peek(SampleKey(stack.id, len(stack.frames)))
    return Appearance(pane.viewport.state, options.overlays, options.shutter, statistics)


def grabbed(pane: ImagePane, *, text: bool, identity: bool = True) -> QImage:
    """Return the pane's own pixels, with or without text and lines; without ``identity`` no name stands in them.

    What is there to be used, the slice bar, handles, the chip and the frame of the active pane, is left out.
    """
    picture = pane.view.grab()
    if text:
        overlay, kept = pane.overlay, pane.overlay.content
        try:
            overlay.set_content(content_of(pane, identity=identity))
            with QPainter(picture) as painter:
                overlay.render(painter, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
        finally:
            overlay.set_content(kept)
    return picture.toImage()


def content_of(pane: ImagePane, *, identity: bool) -> OverlayContent:
    """Return what is written over a picture that goes out."""
    workspace = pane.workspace
    kept = workspace.options
    if not identity:
        # nobody is told: this is over before anything is painted again
        workspace.options = replace(kept, identity_hidden=True)
    try:
        content = pane.text.content()
    finally:
        workspace.options = kept
    return replace(content, bar=SliceBar(), handles=(), active=False, focus_shown=False)


def pixels_of(image: QImage) -> NDArray[np.uint8]:
    """Return an image as RGB (rows, columns, 3), or as (rows, columns) where it is all grey."""
    import numpy as np

    converted = image.convertToFormat(QImage.Format.Format_RGB888)
    rows, columns, stride = converted.height(), converted.width(), converted.bytesPerLine()
    lines = np.frombuffer(converted.constBits(), np.uint8, rows * stride).reshape(rows, stride)
    rgb = lines[:, : columns * 3].reshape(rows, columns, 3).copy()
    grey = (rgb[..., 0] == rgb[..., 1]).all() and (rgb[..., 0] == rgb[..., 2]).all()
    return rgb[..., 0].copy() if grey else rgb


def image_of(pixels: NDArray[np.uint8]) -> QImage:
    """Return display values as an image that owns its bytes."""
    from workstation.ui.picture_view import to_qimage

    return to_qimage(pixels).copy()


def stamped(image: QImage, stamp: Stamp) -> QImage:
    """Give an image its stamp as text: a target that takes PNG keeps it."""
    from workstation import __version__
    from workstation.export.picture import KEY, WARNING

    image.setText("Description", f"{WARNING}. {KEY} {__version__}.")
    image.setText(KEY, stamp.to_json())
    return image
