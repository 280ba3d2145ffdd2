"""Key object selections written to a folder: new files under new names, whole or not there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.dicom.facts import read_header
from workstation.export.saving import saved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from workstation.dicom.identity import Instance
    from workstation.objects.key_object_writing import Selection

NAME = "key-images"
Chosen = tuple["Instance", tuple[int, ...]]


def write_key_objects(chosen: Iterable[Chosen], selection: Selection, folder: Path) -> list[Path]:
    """Write the documents that name some images into a folder and return their paths.

    Parameters
    ----------
    chosen
        Instances with the numbers of their frames, from 1; none for the whole instance.

    Raises
    ------
    WorkstationError
        If an image cannot be read or named, or the system refuses to write.
    """
    from workstation.objects.key_object_writing import KeyImage, encoded, key_object_documents

    images = [KeyImage(each, read_header(each.locator).ds, frames) for each, frames in chosen]
    files = [encoded(document) for document in key_object_documents(images, selection)]
    written = []
    for data, path in zip(files, _free(folder), strict=False):
        with saved(path) as part:
            part.write_bytes(data)
        written.append(path)
    return written


def _free(folder: Path) -> Iterator[Path]:
    """Yield paths that nothing has; names of files say nothing of whom they are about."""
    number = 1
    while True:
        path = folder / f"{NAME}-{number}.dcm"
        if not os.path.lexists(path):
            yield path
        number += 1
