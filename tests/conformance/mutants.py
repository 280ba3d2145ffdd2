"""Seeded damage to good files, and the whole way of a file through the program: scan, organise, stack, draw."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from pydicom import data as pydicom_data

from workstation.dicom.identity import FrameRef
from workstation.dicom.scan import scan
from workstation.errors import WorkstationError
from workstation.geometry.stack import Stack
from workstation.imaging.overlay_plane import draw_overlays
from workstation.imaging.pipeline import Pipeline
from workstation.loading.collection import Catalogue, Collection
from workstation.objects.images import ImageReader
from workstation.phantoms.pixels import CASES, write_case

EXTREMES = (b"\xff\xff\xff\xff", b"\xfe\xff\xff\xff", b"\xf0\xff\xff\x7f", b"\0\0\0\0", b"\x01\0\0\0", b"\xff\xff\0\0")
LARGEST = 300_000
"""Bytes of the largest bundled file that is damaged."""
_PIXELS = re.compile(rb"\xe0\x7f\x10\x00|\x7f\xe0\x00\x10")
_EXPLICIT = re.compile(rb"(?:OB|OW|SQ|UN|UT)\0\0(?=....)|(?:US|UL|DS|IS|CS|UI|LO|PN|SH|LT)(?=..)", re.DOTALL)
_IMAGE_PIXEL = re.compile(rb"\x28\x00[\x02-\x11]\x00|\x28\x00[\x00-\x06]\x01|\x00\x28\x00[\x02-\x11]", re.DOTALL)


@cache
def sources() -> dict[str, bytes]:
    """Good files by name: those that come with pydicom, and every pixel format and transfer syntax of ours."""
    bundled = Path(pydicom_data.__file__).parent / "test_files"
    found = {path.name: path.read_bytes() for path in bundled.glob("*.dcm") if path.stat().st_size < LARGEST}
    with TemporaryDirectory() as folder:
        for case in CASES:
            path = write_case(Path(folder), case).path
            found[path.name] = path.read_bytes()
    return dict(sorted(found.items()))


def _header_end(data: bytes) -> int:
    found = [match.start() for match in _PIXELS.finditer(data)]
    return found[-1] if found else len(data)


def header_flips(data: bytearray, chance: random.Random) -> None:
    """Bytes of the header anew, few or many."""
    end = _header_end(data)
    for _ in range(chance.choice((1, 3, 20))):
        data[chance.randrange(min(128, end - 1), end)] = chance.randrange(256)


def cut_short(data: bytearray, chance: random.Random) -> None:
    """A truncation anywhere, half of them within the pixel data."""
    first = _header_end(data) if chance.random() < 0.5 else 0
    del data[chance.randrange(min(first, len(data) - 1), len(data)) :]


def pixel_flips(data: bytearray, chance: random.Random) -> None:
    """Single bits of the pixel data, its item headers included."""
    first = min(_header_end(data), len(data) - 8)
    for _ in range(chance.choice((1, 5, 50))):
        data[chance.randrange(first, len(data))] ^= 1 << chance.randrange(8)


def extreme_lengths(data: bytearray, chance: random.Random) -> None:
    """Length fields set to extremes."""
    places = [match.end() for match in _EXPLICIT.finditer(data)] or [chance.randrange(4, len(data) - 4)]
    for place in chance.sample(places, min(len(places), chance.choice((1, 2)))):
        short = data[place - 2 : place].isalpha()
        size = 2 if short else 4
        data[place : place + size] = chance.choice(EXTREMES)[:size]


def extreme_image_pixel(data: bytearray, chance: random.Random) -> None:
    """Rows, Columns, bits, samples and their like set to extremes."""
    places = [match.start() + 8 for match in _IMAGE_PIXEL.finditer(data)] or [len(data) // 2]
    for place in chance.sample(places, min(len(places), chance.choice((1, 2)))):
        data[place : place + 2] = chance.choice((b"\xff\xff", b"\0\0", b"\x01\0", b"\0\x80", b"\x03\0", b"\x20\0"))


def deleted(data: bytearray, chance: random.Random) -> None:
    """A range missing."""
    at = chance.randrange(len(data))
    del data[at : at + chance.choice((1, 2, 8, 100, 2000))]


MUTATIONS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    header_flips,
    cut_short,
    pixel_flips,
    extreme_lengths,
    extreme_image_pixel,
    deleted,
)


def mutant(number: int) -> tuple[str, bytes]:
    """Return the name and the bytes of one damaged file; the same number gives the same file."""
    names = list(sources())
    chance = random.Random(f"mutant {number}")
    lap, place = divmod(number, len(names))
    name, mutate = names[place], MUTATIONS[(place + lap) % len(MUTATIONS)]
    data = bytearray(sources()[name])
    mutate(data, chance)
    return f"{number}.{mutate.__name__}.{name}", bytes(data)


def opened(path: Path) -> Catalogue:
    """Scan, organise and stack as the window does."""
    collection = Collection()
    for item in scan([str(path)]):
        collection.add(item)
    return collection.snapshot(finished=True)


def sentences(catalogue: Catalogue) -> list[str]:
    """Draw the first and last frame of every stack; return what was refused and why."""
    told = [skipped.reason for skipped in catalogue.skipped]
    told += [problem.reason for instance in catalogue.damaged() for problem in instance.problems]
    for stack in catalogue.ordered_stacks():
        told += _drawn(stack)
    return told


def _drawn(stack: Stack) -> list[str]:
    told = []
    for frame in {0: stack.frames[0], -1: stack.frames[-1]}.values():
        if not frame.instance.has_pixels:
            continue
        reader = ImageReader(frame.instance)
        try:
            _draw(reader, frame.ref)
        except WorkstationError as error:
            told.append(str(error))
        finally:
            reader.close()
    return told


def _draw(reader: ImageReader, ref: FrameRef) -> None:
    picture = reader.picture(ref)
    rows, columns = picture.values.shape[:2]
    display = Pipeline(picture.rendering).display(picture.values)
    masks = (plane.mask(ref.frame_index, rows, columns) for plane in picture.rendering.overlays)
    display = draw_overlays(display, tuple(mask for mask in masks if mask is not None))
    if (shutter := picture.rendering.shutter) is not None:
        display = shutter.apply(display, shutter.visible(rows, columns))
    assert display.dtype == np.uint8
    assert display.shape[:2] == (rows, columns)
    assert picture.statistics is not None
