"""Pictures as a film gets them: finished pixels, square, and their true width where it is known (G15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.export.frames import Look, display_pixels
from workstation.measurements.calibration import calibration_of, pixel_aspect
from workstation.network.film import FilmImage, as_color, as_grey, square_pixels

if TYPE_CHECKING:
    from workstation.dicom.identity import Instance
    from workstation.objects.picture import Picture


def film_image(instance: Instance, picture: Picture, look: Look, *, color: bool = False) -> FilmImage:
    """Return a frame through the pane's stages, overlays and shutter drawn in if ``look`` says so.

    Its true width holds in the patient for sections and in the plane of the detector for projections.
    """
    pixels = display_pixels(picture, look)
    spacing = pixel_aspect(instance)
    calibration = calibration_of(instance)
    width = pixels.shape[1] * calibration.column_mm if calibration.unit == "mm" else None
    shown = square_pixels(as_color(pixels) if color else as_grey(pixels), spacing)
    return FilmImage(shown, width)
