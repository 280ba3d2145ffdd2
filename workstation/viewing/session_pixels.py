"""What ties a session to its pixels: hashes of what is stored, and of what each pane shows."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np

from workstation.dicom.read import read_dataset
from workstation.dicom.sources import open_binary
from workstation.errors import UnreadablePixels, WorkstationError
from workstation.imaging.auto_window import auto_window, default_voi, frame_statistics, merged
from workstation.imaging.encapsulation import read_fragments
from workstation.imaging.pipeline import Pipeline
from workstation.imaging.window import Window
from workstation.objects.images import ImageReader
from workstation.viewing.session import InstanceRecord, Session, kept_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from workstation.dicom.identity import Instance, Locator
    from workstation.geometry.stack import Stack
    from workstation.imaging.auto_window import Statistics
    from workstation.objects.picture import Picture
    from workstation.viewing.view_state import ViewState

SAMPLED_FRAMES: Final = 9
PIECE: Final = 1 << 20


class StoppedError(Exception):
    """Whoever asked does not want it any more."""


def pixel_digest(locator: Locator) -> tuple[int, str]:
    """Return size and SHA-256 of the Pixel Data as stored: of its value, or of its fragments one after the other.

    The header has no part in it, nor where the file lies. Raises a :class:`WorkstationError` where there is none.
    """
    location = read_dataset(locator).pixel_data
    if location is None:
        raise UnreadablePixels(f"{locator.name}: the object has no pixel data")
    if location.buffer is not None:
        stream: BinaryIO = io.BytesIO(location.buffer)
        start = 0 if not location.encapsulated else location.offset
    else:
        stream, start = open_binary(locator), location.offset
    with stream:
        if location.encapsulated:
            fragments = read_fragments(stream, start, location.length).fragments
            pieces = [(each.offset, each.length) for each in fragments]
        else:
            pieces = [(start, location.length)]
        return _hashed(stream, pieces)


def _hashed(stream: BinaryIO, pieces: Iterable[tuple[int, int]]) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    for offset, length in pieces:
        stream.seek(offset)
        left = length if length >= 0 else 1 << 62
        while left > 0:
            data = stream.read(min(left, PIECE))
            if not data:
                break
            digest.update(data)
            size += len(data)
            left -= len(data)
    return size, digest.hexdigest()


def chosen_voi(view: ViewState, picture: Picture, statistics: Callable[[], Statistics]) -> Any:
    """Return the window or VOI LUT a state comes to, None where the picture has no window."""
    rendering = picture.rendering
    if not rendering.has_window:
        return None
    if isinstance(view.voi, Window):
        return view.voi
    if view.voi == "auto":
        return auto_window(statistics(), rendering)
    if isinstance(view.voi, int) and view.voi < len(rendering.voi):
        return rendering.voi[view.voi]
    return default_voi(rendering, None if rendering.voi else statistics())


def display_digest(picture: Picture, voi: Any, *, inverted: bool) -> str:
    """Return the SHA-256 of display values before scaling, without overlays and shutter; of their shape as well."""
    display = np.ascontiguousarray(Pipeline(picture.rendering, voi, inverted).display(picture.values))
    digest = hashlib.sha256(f"{display.dtype.str} {display.shape}".encode("ascii"))
    digest.update(display.data.cast("B") if display.size else b"")
    return digest.hexdigest()


def statistics_of_stack(stack: Stack) -> Statistics:
    """Return the statistics of a few frames of a stack, evenly spread (B22)."""
    count = len(stack.frames)
    chosen = sorted({round(i * (count - 1) / (SAMPLED_FRAMES - 1)) for i in range(SAMPLED_FRAMES)})
    parts = []
    for number in chosen:
        frame = stack.frames[number]
        try:
            picture = ImageReader(frame.instance).picture(frame.ref)
        except WorkstationError:
            continue
        parts.append(frame_statistics(picture.values, picture.rendering, picture.complete_rows))
    return merged(parts)


def with_hashes(
    session: Session,
    stacks: Mapping[int, Stack],
    base: Path | None,
    progress: Callable[[float], object] = lambda fraction: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Session:
    """Return a session with the hashes of every instance of the ``stacks`` of its panes, and of what panes show.

    Raises
    ------
    StoppedError
    WorkstationError
        If a file cannot be read any more.
    """
    instances = _instances_of(stacks.values())
    steps = len(instances) + len(session.panes) or 1
    records = []
    for number, instance in enumerate(instances):
        if stopped():
            raise StoppedError
        size, digest = pixel_digest(instance.locator)
        place = kept_path(instance.locator.path, base, instance.locator.member or "")
        records.append(InstanceRecord(instance.sop_instance_uid, place, size, digest))
        progress((number + 1) / steps)
    panes = []
    for number, pane in enumerate(session.panes):
        if stopped():
            raise StoppedError
        stack = stacks.get(pane.pane)
        panes.append(pane if stack is None or pane.view.section is not None else _with_display(pane, stack))
        progress((len(instances) + number + 1) / steps)
    return replace(session, instances=tuple(records), panes=tuple(panes))


def _instances_of(stacks: Iterable[Stack]) -> list[Instance]:
    found = {
        frame.instance.sop_instance_uid: frame.instance
        for stack in stacks
        for frame in stack.frames
        if frame.instance.has_pixels
    }
    return list(found.values())


def _with_display(pane: Any, stack: Stack) -> Any:
    """Return the view of a pane with the hash of what it shows; as it is where that cannot be decoded."""
    frame = next((frame for frame in stack.frames if frame.ref == pane.ref), None)
    if frame is None or not frame.instance.has_pixels:
        return pane
    try:
        picture = ImageReader(frame.instance).picture(pane.ref)
        voi = chosen_voi(pane.view, picture, lambda: statistics_of_stack(stack))
    except WorkstationError:
        return pane
    window = voi if isinstance(voi, Window) else None
    return replace(pane, window=window, display_sha256=display_digest(picture, voi, inverted=pane.view.inverted))
