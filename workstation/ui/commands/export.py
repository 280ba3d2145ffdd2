"""Commands that write what is shown: files, and the clipboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.ui.commands.command import Command, something_open, something_shown

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from workstation.export.stamp import Stamp
    from workstation.ui.window_api import WindowApi

FILE, EDIT = "&File", "&Edit"


def copy_view(window: WindowApi) -> None:
    """Copy the active pane as seen to the clipboard, with its stamp."""
    from workstation.ui.export_jobs import shown_stamp
    from workstation.ui.view_picture import appearance_of, grabbed, place_of

    pane = window.active_pane()
    image, place, shown = grabbed(pane, text=True), place_of(pane), pane.picture
    said = window.tr("The view was copied.")
    if place is None or shown is None:
        from PySide6.QtGui import QGuiApplication

        QGuiApplication.clipboard().setImage(image)
        window.say("info", said)
        return
    appearance = appearance_of(pane)
    window.exports.copy(lambda: (image, shown_stamp(place, shown, appearance, identified=False)), said)


def copy_image(window: WindowApi) -> None:
    """Copy the image of the active pane on its own grid, without text, to the clipboard, with its stamp."""
    from workstation.ui.export_jobs import image_pixels, shown_stamp
    from workstation.ui.view_picture import appearance_of, image_of, place_of

    pane = window.active_pane()
    place, shown, appearance = place_of(pane), pane.picture, appearance_of(pane)
    if place is None or shown is None:
        return

    def make() -> tuple[QImage, Stamp]:
        stamp = shown_stamp(place, shown, appearance, identified=False)
        return image_of(image_pixels(place, shown, appearance)), stamp

    window.exports.copy(make, window.tr("The image was copied."))


def has_picture(window: WindowApi) -> bool:
    """Enable a command while there are pixels in the active pane."""
    return something_shown(window) and window.active_pane().picture is not None


WRITING = (
    Command(
        "file.export",
        "Export…",
        lambda w: w.prompts.export(),
        FILE,
        ("Ctrl+E",),
        hint="Pictures, movies, volumes and DICOM files",
        enabled=something_open,
        separator_before=True,
    ),
    Command(
        "file.export_stop", "Stop exporting", lambda w: w.exports.stop(), FILE, enabled=lambda w: w.exports.running
    ),
)
COPYING = (
    Command(
        "edit.copy_view", "Copy view", copy_view, EDIT, ("Ctrl+C",), enabled=something_shown, separator_before=True
    ),
    Command(
        "edit.copy_image",
        "Copy image",
        copy_image,
        EDIT,
        ("Ctrl+Shift+C",),
        hint="On its own grid, without text",
        enabled=has_picture,
    ),
)
