"""Sheets made on a worker: for the preview, and for the printer from the very same images."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from workstation.errors import WorkstationError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QFont, QImage

    from workstation.network.film import FilmImage, FilmOptions
    from workstation.ui.paper_pages import PageOptions
    from workstation.ui.print_plates import PlateMaker

MOST = 2 << 30
"""Bytes of one print: they are held in memory, and by the printer."""


def tr(text: str) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("PrintPage", text)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A sheet for the preview; ``sentence`` stands in its place, ``problem`` below it.

    ``refused`` tells that it must not be sent so. ``pixels`` is the sheet of a film as :func:`network.film.preview`
    made it of ``images``, which are sent.
    """

    image: QImage | None = None
    sheet: tuple[float, float] = (1.0, 1.0)
    sentence: str = ""
    problem: str = ""
    refused: bool = False
    pixels: NDArray[np.uint8] | None = None
    images: tuple[FilmImage, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """Films that wait in a file of that name, or the sentence that says why there are none."""

    name: str = ""
    problem: str = ""


def draw_film(maker: PlateMaker, options: FilmOptions, number: int, dots_per_mm: float) -> Drawn:
    """Return a film, counted from 0, as it will be sent."""
    from workstation.export.reading import picture_reader
    from workstation.network.film import preview, sheets
    from workstation.ui.print_painting import image_of

    first = number * options.boxes
    try:
        with picture_reader() as read:
            last = min(first + options.boxes, len(maker.plates))
            images = [maker.film(place, read) for place in range(first, last)]
        (sheet,) = sheets(images, options, first=first + 1)
    except WorkstationError as error:
        return Drawn(sheet=options.sheet, sentence=str(error), refused=True)
    pixels = preview(sheet, max(dots_per_mm, 0.2))
    problem, refused = _unknown_sizes(images, options)
    return Drawn(image_of(pixels), options.sheet, "", problem, refused, pixels, tuple(images))


def draw_paper(maker: PlateMaker, options: PageOptions, number: int, dots_per_mm: float, font: QFont) -> Drawn:
    """Return a page, counted from 0, as it will be printed."""
    from workstation.export.reading import picture_reader
    from workstation.ui.paper_pages import page_preview

    try:
        with picture_reader() as read:
            image = page_preview(options, number, maker, read, font, max(dots_per_mm, 0.2))
    except WorkstationError as error:
        return Drawn(sheet=options.film.sheet, sentence=str(error), refused=True)
    problem, refused, first = "", False, number * options.film.boxes
    if options.film.true_size:
        problem, refused = _told_sizes(maker.sizes_known(range(first, first + options.film.boxes)))
    return Drawn(image, options.film.sheet, "", problem, refused)


def made_films(maker: PlateMaker, options: FilmOptions, count: Callable[[int], bool]) -> Callable[[], Kept | None]:
    """Return the work that makes all images and keeps them for the printer; it gives None where it was stopped.

    ``count`` is told how many are made and answers whether to go on.
    """

    def work() -> Kept | None:
        from workstation.export.reading import picture_reader
        from workstation.network.film import sheets
        from workstation.transfers.film_spool import keep_films

        images, size = [], 0
        try:
            with picture_reader() as read:
                for number in range(len(maker.plates)):
                    images.append(maker.film(number, read))
                    size += images[-1].pixels.nbytes
                    if size > MOST:
                        return Kept(problem=tr("These are too many images for one print; choose fewer."))
                    if not count(number + 1):
                        return None
            sheets(images, options)
            problem, refused = _unknown_sizes(images, options)
            return Kept(problem=problem) if refused else Kept(keep_films(images, options))
        except WorkstationError as error:
            return Kept(problem=str(error))

    return work


def path_problem(path: Path) -> str:
    """Return why a PDF cannot go there, empty where it can."""
    if not path.is_absolute() or not path.name:
        return tr("The destination must be a whole path.")
    if path.suffix.lower() != ".pdf":
        return tr("The name must end in {0}.").format(".pdf")
    if os.path.lexists(path):
        return tr("{0} exists already; nothing is written over it.").format(path.name)
    if not path.parent.is_dir():
        return tr("The folder {0} is not there.").format(path.parent)
    return ""


def _unknown_sizes(images: list[FilmImage], options: FilmOptions) -> tuple[str, bool]:
    if not options.true_size:
        return "", False
    return _told_sizes([image.width is not None for image in images])


def _told_sizes(known: list[bool]) -> tuple[str, bool]:
    """Return what there is to say of true sizes, and whether nothing may be sent so."""
    unknown = known.count(False)
    if known and unknown == len(known):
        return tr("The true size of these images is not known; they can only be fitted."), True
    if unknown:
        return tr("The true size of {0} of these images is not known; they are fitted.").format(unknown), False
    return "", False
