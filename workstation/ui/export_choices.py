"""What can be exported of what is shown: each kind with its count, about how large it gets, and why it cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workstation.dicom.identity import Instance
    from workstation.geometry.stack import Stack
    from workstation.ui.window_api import WindowApi

KINDS = ("view", "image", "series", "movie", "volume", "dicom")
PICTURES = ((".png", "PNG"), (".jpg", "JPEG"), (".tif", "TIFF"))
MOVIES = ((".mp4", "MP4 (H.264)"), (".gif", "GIF"))
VOLUMES = ((".nii.gz", "NIfTI, compressed"), (".nii", "NIfTI"), (".nrrd", "NRRD"), (".npy", "NPY with JSON"))
TARGETS = (
    ("fileset", "Folder with DICOMDIR"),
    ("fileset.zip", "ZIP archive with DICOMDIR"),
    ("files", "Folder of files"),
    ("files.zip", "ZIP archive of files"),
)
SHARE = {
    ".png": 0.5,
    ".jpg": 0.25,
    ".tif": 0.55,
    ".mp4": 0.04,
    ".gif": 0.6,
    ".nii.gz": 1.2,
    ".nii": 4.0,
    ".nrrd": 4.0,
    ".npy": 4.0,
}
"""Bytes of a file per sample, as ordinary images need them; 16 bits need three times as many."""


def tr(text: str) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("ExportDialog", text)


@dataclass(frozen=True, slots=True)
class Offer:
    """One kind: how many it makes, of how many samples, and why it is impossible, empty where it is not."""

    count: int = 0
    samples: int = 0
    detail: str = ""
    why_not: str = ""


def offers_of(window: WindowApi) -> dict[str, Offer]:
    """Return what can be exported now, by kind."""
    pane, stack = window.active_pane(), window.workspace.stack()
    picture, section = pane.picture, window.workspace.state().section
    nothing = Offer(why_not=tr("The active pane shows no image."))
    offers = dict.fromkeys(KINDS, nothing)
    offers["dicom"] = Offer() if window.workspace.catalogue.patients else Offer(why_not=tr("Nothing is open."))
    if stack is None or not stack.frames:
        return offers
    failed = _why_no_pictures(stack)
    if picture is not None:
        ratio = pane.devicePixelRatioF()
        width, height = round(pane.width() * ratio), round(pane.height() * ratio)
        offers["view"] = Offer(1, width * height, f"{width} × {height}")
        rows, columns = picture.values.shape[:2]
        samples = int(picture.values.size)
        offers["image"] = Offer(1, samples, f"{columns} × {rows}")
        if section is not None:
            why = tr("The pane shows a section: no stored image looks like it. Its view can be exported.")
            offers["image"] = Offer(why_not=why)
    elif failed or pane.error:
        offers["view"] = offers["image"] = Offer(why_not=failed or tr("This image cannot be shown."))
    whole = _whole(stack)
    if failed:
        whole = Offer(why_not=failed)
    offers["series"] = whole
    sizes = {(frame.rows, frame.columns) for frame in stack.frames}
    if failed or len(stack.frames) < 2 or len(sizes) > 1:
        why = tr("One image makes no movie.") if len(stack.frames) < 2 else tr("The images differ in size.")
        offers["movie"] = Offer(why_not=failed or why)
    else:
        offers["movie"] = whole
    if stack.is_volume and not failed:
        slices, rows, columns = len(stack.frames), stack.rows, stack.columns
        offers["volume"] = Offer(slices, whole.samples, f"{columns} × {rows} × {slices}")
    else:
        offers["volume"] = Offer(why_not=failed or tr("This is no volume: {0}.").format(stack.why_not))
    return offers


def _why_no_pictures(stack: Stack) -> str:
    from workstation.objects import handler_for

    handler = handler_for(stack.frames[0].instance)
    if stack.kind == "image" and handler.has_pixels:
        held = any(frame.instance.has_pixels for frame in stack.frames)
        return "" if held else tr("There is no pixel data in these objects.")
    return tr("{0}: {1}").format(handler.name, handler.why_not or tr("This object has no picture."))


def _whole(stack: Stack) -> Offer:
    color = stack.frames[0].instance.samples_per_pixel
    samples = sum(frame.rows * frame.columns for frame in stack.frames) * max(color, 1)
    return Offer(len(stack.frames), samples, f"{stack.columns} × {stack.rows}")


def bytes_of(offer: Offer, suffix: str, *, wide: bool = False) -> int:
    """Return about how many bytes a kind makes in a format."""
    return int(offer.samples * SHARE.get(suffix, 1.0) * (3 if wide else 1))


def bytes_of_files(instances: Iterable[Instance]) -> int:
    """Return about how many bytes instances take as files."""
    return sum(i.pixel_data.file_size if i.pixel_data is not None else 8192 for i in instances)


def size_text(count: int) -> str:
    """Return ``about 12 MB``."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            number = count / size
            return tr("about {0} {1}").format(f"{number:.0f}" if number >= 10 else f"{number:.1f}", unit)
    return tr("less than 1 kB")


def counted(count: int, one: str, many: str) -> str:
    """Return ``1 image`` or ``24 images``."""
    return one if count == 1 else many.format(count)
