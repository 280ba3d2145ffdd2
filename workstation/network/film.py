"""A sheet of film and what stands on it: sizes, layout, pixels as the printer gets them (PS3.4 Annex H, G15).

The printer gets finished pixels: window, polarity, overlays, text and the shape of pixels are in them already; it only
scales them into their boxes. :func:`preview` shows a sheet from the very arrays that are sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workstation.errors import WorkstationError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SIZES: Final[dict[str, tuple[float, float]]] = {
    "8INX10IN": (203.2, 254.0),
    "8_5INX11IN": (215.9, 279.4),
    "10INX12IN": (254.0, 304.8),
    "10INX14IN": (254.0, 355.6),
    "11INX14IN": (279.4, 355.6),
    "11INX17IN": (279.4, 431.8),
    "14INX14IN": (355.6, 355.6),
    "14INX17IN": (355.6, 431.8),
    "24CMX24CM": (240.0, 240.0),
    "24CMX30CM": (240.0, 300.0),
    "A4": (210.0, 297.0),
    "A3": (297.0, 420.0),
}
"""Width and height in mm of an upright sheet, by Film Size ID (PS3.3 C.13.3)."""
ORIENTATIONS: Final = ("PORTRAIT", "LANDSCAPE")
MAGNIFICATIONS: Final = ("", "REPLICATE", "BILINEAR", "CUBIC", "NONE")
MEDIA: Final = ("", "PAPER", "CLEAR FILM", "BLUE FILM", "MAMMO CLEAR FILM", "MAMMO BLUE FILM")
DESTINATIONS: Final = ("", "MAGAZINE", "PROCESSOR")
PRIORITIES: Final = ("HIGH", "MED", "LOW")
PRESENTATION_LUTS: Final = ("", "IDENTITY", "LIN OD")
GAP: Final = 2.0
"""Millimetres between boxes, and between boxes and the edge, in the preview; printers have gaps of their own."""


class FilmError(WorkstationError):
    """A sheet cannot be made as asked; the sentence says why."""

    code = "film"


@dataclass(frozen=True, slots=True, eq=False)
class FilmImage:
    """Finished pixels of one box: uint8 (rows, columns), or (rows, columns, 3) in colour; pixels are square.

    ``width`` is the true width in mm, None where it is not known.
    """

    pixels: NDArray[np.uint8]
    width: float | None = None


@dataclass(frozen=True, slots=True)
class FilmOptions:
    """How sheets are made. Empty words leave the choice to the printer.

    ``true_size`` asks for images in their true size where it is known. ``annotation`` is a line of text for a printer
    that has a box for it. Densities are in hundredths of OD or BLACK and WHITE.
    """

    columns: int = 1
    rows: int = 1
    size: str = "14INX17IN"
    orientation: str = "PORTRAIT"
    magnification: str = ""
    medium: str = ""
    destination: str = ""
    priority: str = "MED"
    copies: int = 1
    border: str = "BLACK"
    empty: str = "BLACK"
    trim: bool = False
    resolution: str = ""
    presentation_lut: str = ""
    annotation: str = ""
    true_size: bool = False
    color: bool = False

    @property
    def sheet(self) -> tuple[float, float]:
        """Width and height of the sheet in mm, as it lies."""
        width, height = SIZES[self.size]
        return (height, width) if self.orientation == "LANDSCAPE" else (width, height)

    @property
    def boxes(self) -> int:
        """How many images a sheet holds."""
        return self.columns * self.rows

    @property
    def box(self) -> tuple[float, float]:
        """Width and height in mm of one box."""
        width, height = self.sheet
        return (width - GAP * (self.columns + 1)) / self.columns, (height - GAP * (self.rows + 1)) / self.rows


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One film: its options and its images, box by box, from the left and the top."""

    options: FilmOptions
    images: tuple[FilmImage, ...]


def check_options(options: FilmOptions) -> None:
    """Refuse what no printer can do.

    Raises
    ------
    FilmError
    """
    if options.size not in SIZES:
        raise FilmError(f"There is no film of size {options.size}; there are {', '.join(SIZES)}.")
    if not (1 <= options.columns <= 20 and 1 <= options.rows <= 20):
        raise FilmError("A film has from 1 to 20 columns and rows of images.")
    if not 1 <= options.copies <= 100:
        raise FilmError("From 1 to 100 copies can be asked for.")
    for value, known, what in (
        (options.orientation, ORIENTATIONS, "orientation"),
        (options.magnification, MAGNIFICATIONS, "magnification"),
        (options.medium, MEDIA, "medium"),
        (options.destination, DESTINATIONS, "destination"),
        (options.priority, PRIORITIES, "priority"),
        (options.presentation_lut, PRESENTATION_LUTS, "presentation LUT"),
    ):
        if value not in known:
            raise FilmError(f"{value} is no {what}; there are {', '.join(filter(None, known))}.")


def sheets(images: list[FilmImage], options: FilmOptions, *, first: int = 1) -> list[Sheet]:
    """Lay images out on as many sheets as they need; ``first`` is the number of the first image in what is told.

    Raises
    ------
    FilmError
        Also where an image in its true size is larger than its box: it is never shrunk unseen.
    """
    check_options(options)
    if not images:
        raise FilmError("There is no image to print.")
    if options.true_size:
        _check_true_size(images, options, first)
    return [
        Sheet(options, tuple(images[start : start + options.boxes])) for start in range(0, len(images), options.boxes)
    ]


def _check_true_size(images: list[FilmImage], options: FilmOptions, first: int) -> None:
    width, height = options.box
    for number, image in enumerate(images, first):
        if image.width is None:
            continue
        rows, columns = image.pixels.shape[:2]
        if image.width > width or image.width * rows / columns > height:
            tall = image.width * rows / columns
            raise FilmError(
                f"Image {number} is {image.width:.0f} × {tall:.0f} mm in its true size, its box {width:.0f} × "
                f"{height:.0f} mm. Choose a larger film, fewer images, or let it be fitted."
            )


def square_pixels(pixels: NDArray[Any], spacing: tuple[float, float] | None) -> NDArray[np.uint8]:
    """Return pixels made square, by enlarging the side whose pixels are longer.

    ``spacing`` is that of rows and of columns, in any unit, as in Pixel Spacing or Pixel Aspect Ratio.
    """
    import numpy as np

    if spacing is None or abs(spacing[0] / spacing[1] - 1) < 1e-3:
        return np.ascontiguousarray(pixels, np.uint8)
    from PIL import Image

    rows, columns = pixels.shape[:2]
    ratio = spacing[0] / spacing[1]
    size = (columns, round(rows * ratio)) if ratio > 1 else (round(columns / ratio), rows)
    picture = Image.fromarray(np.ascontiguousarray(pixels, np.uint8))
    return np.asarray(picture.resize(size, Image.Resampling.BICUBIC))


def as_grey(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the luminance of colour pixels (Rec. 601, as PS3.3 C.7.6.3.1.2 YBR_FULL); grey ones as they are."""
    import numpy as np

    if pixels.ndim == 2:
        return np.ascontiguousarray(pixels, np.uint8)
    weights = np.array([0.299, 0.587, 0.114])
    luminance: NDArray[np.float64] = pixels.astype(np.float64) @ weights
    return np.clip(np.rint(luminance), 0, 255).astype(np.uint8)


def as_color(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Return grey pixels as colour; colour ones as they are."""
    import numpy as np

    return np.ascontiguousarray(np.repeat(pixels[..., None], 3, axis=2) if pixels.ndim == 2 else pixels, np.uint8)


def preview(sheet: Sheet, dots_per_mm: float = 2.0) -> NDArray[np.uint8]:
    """Return what the sheet will look like, uint8 (rows, columns) or (rows, columns, 3), from the pixels sent."""
    import numpy as np
    from PIL import Image

    options = sheet.options
    width, height = (round(side * dots_per_mm) for side in options.sheet)
    shape = (height, width, 3) if options.color else (height, width)
    film = np.full(shape, 255 if options.border == "WHITE" else 0, np.uint8)
    box_width, box_height = options.box
    for number, image in enumerate(sheet.images):
        row, column = divmod(number, options.columns)
        left, top = GAP + column * (box_width + GAP), GAP + row * (box_height + GAP)
        rows, columns = image.pixels.shape[:2]
        scale = min(box_width / columns, box_height / rows)
        if options.true_size and image.width is not None:
            scale = image.width / columns
        size = max(1, round(columns * scale * dots_per_mm)), max(1, round(rows * scale * dots_per_mm))
        shown = np.asarray(Image.fromarray(image.pixels).resize(size, Image.Resampling.BILINEAR))
        x = round((left + (box_width - columns * scale) / 2) * dots_per_mm)
        y = round((top + (box_height - rows * scale) / 2) * dots_per_mm)
        space = film[y : y + size[1], x : x + size[0]]
        space[:] = shown[: space.shape[0], : space.shape[1]]
    return film
