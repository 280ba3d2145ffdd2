"""Films that wait for a printer: finished pixels in a file of our own, so that a print survives a restart (G15).

What is printed is what the preview showed, byte for byte: nothing is read or drawn again when the turn of a print
comes. A file is no DICOM, named by chance, readable by its owner alone, and goes when its print is over.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workstation.network.film import FilmError, FilmImage, FilmOptions, sheets
from workstation.paths import data_folder

if TYPE_CHECKING:
    from workstation.network.nodes import Node
    from workstation.network.progress import Progress
    from workstation.transfers.jobs import Job

ENDING: Final = ".films.npz"
NAME: Final = re.compile(r"[0-9a-f]{24}\.films\.npz")
OVER: Final = ("done", "faulty", "cancelled")
"""States of a job whose films go; those of one that failed stay, since it may be tried again."""
GONE: Final = "The films of this print are not there any more; choose the images and print them again."


def films_folder() -> Path:
    """Return the folder of films that wait."""
    return data_folder() / "transfers" / "films"


def keep_films(images: Sequence[FilmImage], options: FilmOptions, folder: Path | None = None) -> str:
    """Write images and options into a file and return its name, for the parameter ``films`` of a job.

    Raises
    ------
    FilmError
        When the disk refuses.
    """
    import numpy as np

    folder = folder or films_folder()
    arrays: dict[str, Any] = {f"image{number}": image.pixels for number, image in enumerate(images)}
    arrays["widths"] = np.array([np.nan if image.width is None else image.width for image in images], np.float64)
    arrays["options"] = np.frombuffer(json.dumps(asdict(options)).encode(), np.uint8)
    name = secrets.token_hex(12) + ENDING
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, part = tempfile.mkstemp(prefix=".", suffix=".part", dir=folder)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                np.savez(stream, **arrays)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(part, folder / name)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(part)
            raise
    except OSError as error:
        raise FilmError(f"The films could not be kept for the printer: {error.strerror or error}.") from error
    return name


def kept_films(name: str, folder: Path | None = None) -> tuple[list[FilmImage], FilmOptions]:
    """Read what :func:`keep_films` wrote.

    Raises
    ------
    FilmError
        When the file is not there or is none of ours.
    """
    import zipfile

    import numpy as np

    if not NAME.fullmatch(name):
        raise FilmError(GONE)
    try:
        with np.load((folder or films_folder()) / name, allow_pickle=False) as arrays:
            document = json.loads(arrays["options"].tobytes())
            known = {one.name for one in fields(FilmOptions)}
            options = FilmOptions(**{key: value for key, value in document.items() if key in known})
            widths = [None if np.isnan(width) else float(width) for width in arrays["widths"]]
            images = [FilmImage(arrays[f"image{number}"], width) for number, width in enumerate(widths)]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise FilmError(GONE) from error
    return images, options


def print_films(node: Node, parameters: Mapping[str, Any], stop: threading.Event) -> Iterator[Progress]:
    """Print the films that ``parameters["films"]`` names, as a job of the queue.

    Raises
    ------
    FilmError
    NetworkFailure
    """
    from workstation.network.printing import print_sheets

    images, options = kept_films(str(parameters["films"]))
    yield from print_sheets(node, sheets(images, options), stop=stop)


def films_needed(jobs: Iterable[Job]) -> frozenset[str]:
    """Return the names of films that a job may still need."""
    return frozenset(
        str(job.parameters["films"]) for job in jobs if "films" in job.parameters and job.state not in OVER
    )


def forget_films(names: Iterable[str], folder: Path | None = None) -> None:
    """Delete films; one that cannot be deleted now goes with :func:`forget_strays`."""
    for name in names:
        if NAME.fullmatch(name):
            with contextlib.suppress(OSError):
                ((folder or films_folder()) / name).unlink()


def forget_strays(needed: frozenset[str], before: float | None = None, folder: Path | None = None) -> None:
    """Delete films of no job, and halves of films, that are older than ``before`` (seconds since 1970; now)."""
    oldest = time.time() if before is None else before
    try:
        found = list((folder or films_folder()).iterdir())
    except OSError:
        return
    for path in found:
        if path.name in needed or not path.name.endswith((ENDING, ".part")):
            continue
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < oldest:
                path.unlink()
