"""A print as a job of the queue: files and frames by name, read and made into films when its turn comes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from workstation.errors import WorkstationError
from workstation.network.film import FilmError, FilmOptions, sheets
from workstation.network.printing import print_sheets
from workstation.network.progress import Progress

if TYPE_CHECKING:
    from workstation.dicom.identity import Instance
    from workstation.export.frames import Look
    from workstation.network.film import FilmImage
    from workstation.network.nodes import Node


def print_job(node: Node, parameters: Mapping[str, Any], stop: threading.Event) -> Iterator[Progress]:
    """Print frames on films.

    ``parameters`` hold ``paths`` (files, or members of archives), ``frames``, pairs of a SOP Instance UID and a frame
    index from 0 in the order of the boxes (all frames of all files where that is absent), ``film``, fields of
    :class:`FilmOptions` that differ from the usual, and ``look``: ``center`` and ``width`` of the window (both or none:
    the picture's first), ``inverted``, ``overlays``, ``shutter``.

    Raises
    ------
    FilmError
    NetworkFailure
    """
    known = {one.name for one in fields(FilmOptions)}
    film = FilmOptions(**{name: value for name, value in parameters.get("film", {}).items() if name in known})
    images = _images(parameters, film, stop)
    if stop.is_set():
        return
    yield Progress(total=-(-len(images) // (film.columns * film.rows)))
    yield from print_sheets(node, sheets(images, film), stop=stop)


def _images(parameters: Mapping[str, Any], film: FilmOptions, stop: threading.Event) -> list[FilmImage]:
    from workstation.dicom.identity import FrameRef
    from workstation.dicom.scan import Found, scan
    from workstation.export.reading import picture_reader
    from workstation.transfers.film_images import film_image

    instances: dict[str, Instance] = {}
    for found in scan(parameters["paths"], stop=stop):
        if isinstance(found, Found) and found.instance.has_pixels:
            instances[found.instance.sop_instance_uid] = found.instance
    wanted = parameters.get("frames")
    places = (
        [FrameRef(uid, frame) for uid, frame in wanted]
        if wanted is not None
        else [FrameRef(uid, frame) for uid, one in instances.items() for frame in range(one.number_of_frames)]
    )
    look = _look(parameters.get("look", {}))
    images = []
    with picture_reader() as read:
        for ref in places:
            if stop.is_set():
                break
            instance = instances.get(ref.sop_instance_uid)
            if instance is None:
                raise FilmError("A file of this print is not there any more; nothing was printed.")
            try:
                images.append(film_image(instance, read(instance, ref), look, color=film.color))
            except WorkstationError as error:
                raise FilmError(f"Nothing was printed: image {len(images) + 1} cannot be read.") from error
    return images


def _look(document: Mapping[str, Any]) -> Look:
    from workstation.export.frames import Look
    from workstation.imaging.window import Window

    window = Window(document["center"], document["width"]) if "width" in document and "center" in document else None
    return Look(
        window,
        inverted=bool(document.get("inverted", False)),
        overlays=bool(document.get("overlays", False)),
        shutter=bool(document.get("shutter", False)),
    )
