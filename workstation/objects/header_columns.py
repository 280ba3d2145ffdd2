"""The headers of a series as columns: one array per element, so that a question never reads a file again (N8).

Headers that are built like one read before are cut along it (:mod:`workstation.dicom.layout`), and only what differs
is kept; any other is read the tolerant way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from struct import error as TooShort  # noqa: N812 - says what it means here
from typing import TYPE_CHECKING, Final

import numpy as np

from workstation.dicom.header_paths import Path, element_of, leaves_of_bytes, leaves_of_data_set
from workstation.dicom.layout import layout_of
from workstation.dicom.read import read_dataset
from workstation.dicom.sources import read_range
from workstation.dicom.strict import IrregularError
from workstation.dicom.vocabulary import BULK, TEXT
from workstation.errors import WorkstationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from workstation.dicom.header_paths import Leaf
    from workstation.dicom.identity import Instance
    from workstation.dicom.layout import Layout
    from workstation.geometry.frames import StackFrame

LONGEST: Final = 256
"""Bytes of a bulk value kept as they are; a longer one is kept as its length and a hash."""
LARGEST_HEADER: Final = 1 << 20
MOST_LAYOUTS: Final = 16
SLACK: Final = 512
PER_FRAME: Final = 0x52009230
NOT_PLAIN: Final = (IrregularError, ValueError, TooShort)
"""What a strict walk raises of bytes that the tolerant reader has to read."""


@dataclass(frozen=True, slots=True)
class Bulk:
    """What is kept of a long bulk value."""

    length: int
    digest: str


Kept = bytes | Bulk | None
"""A value as stored; None where the element is absent."""


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One element of every frame: where it stands, its VR, and its values as they are stored."""

    path: Path
    vr: str
    values: NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class HeaderColumns:
    """Every element of every frame of a stack, in tag order; ``count`` frames, ``unread`` of them without a header."""

    count: int
    columns: Mapping[Path, Column]
    charsets: tuple[str, ...] = ()
    unread: int = 0

    @property
    def nbytes(self) -> int:
        """Roughly the bytes held."""
        return self.count * len(self.columns) * 8 + 200_000


@dataclass(slots=True)
class _Kind:
    """Frames whose headers are built alike: what the first one says, and where the others differ."""

    base: dict[Path, tuple[str, Kept]]
    layout: Layout | None = None
    parts: list[list[Path]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    changes: list[tuple[int, dict[Path, tuple[str, Kept] | None]]] = field(default_factory=list)


class _Gatherer:
    def __init__(self, count: int) -> None:
        self.kinds: list[_Kind] = []
        self.count = count
        self.unread = 0
        self.charsets: tuple[str, ...] = ()

    def add(self, instance: Instance, frames: Sequence[tuple[int, StackFrame]]) -> None:
        """Add all frames of one instance; ``frames`` are their places in the stack."""
        if len(frames) == 1 and instance.number_of_frames <= 1 and self._quick(instance, frames[0][0]):
            return
        try:
            result = read_dataset(instance.locator, pixels_in_buffer=False)
        except WorkstationError:
            self.unread += len(frames)
            return
        ds = result.ds
        if not self.charsets:
            given = getattr(ds, "original_character_set", None) or ()
            self.charsets = (given,) if isinstance(given, str) else tuple(given)
        several = instance.number_of_frames > 1
        base = _kept(leaves_of_data_set(ds, without=PER_FRAME if several else None))
        kind = _Kind(base)
        self.kinds.append(kind)
        items = element_of(ds, PER_FRAME).value if several and PER_FRAME in ds else ()
        for place, frame in frames:
            kind.rows.append(place)
            if frame.ref.frame_index < len(items):
                own = leaves_of_data_set(items[frame.ref.frame_index], ((PER_FRAME, ""),))
                kind.changes.append((place, dict(_kept(own))))
        if not several:
            self._offer(kind, instance)

    def _offer(self, kind: _Kind, instance: Instance) -> None:
        """Let the next header be cut along this one, if it is plain enough."""
        place = instance.pixel_data
        if place is None or place.deflated or place.offset > LARGEST_HEADER or len(self.kinds) > MOST_LAYOUTS:
            return
        try:
            layout = layout_of(read_range(instance.locator, 0, place.offset + 4))
            own = range(layout.first, len(layout.parts)) if layout.body.little else ()
            parts = [[path for path, _, _ in self._leaves(layout, index)] for index in own]
        except (*NOT_PLAIN, WorkstationError):
            return
        if {path for part in parts for path in part} == set(kind.base):
            kind.layout, kind.parts = layout, parts

    def _leaves(self, layout: Layout, index: int) -> Iterable[Leaf]:
        part = layout.parts[index]
        return leaves_of_bytes(part.walker, part.tag, part.vr, layout.value(index), _creators(layout))

    def _quick(self, instance: Instance, row: int) -> bool:
        """Cut a header along one that is built alike; return whether that was possible."""
        place = instance.pixel_data
        if place is None or instance.locator.member is not None:
            return False
        for kind in reversed(self.kinds):
            if kind.layout is None:
                continue
            try:
                with open(instance.locator.path, "rb") as stream:
                    head = stream.read(place.offset + SLACK)
            except OSError:
                return False
            followed = kind.layout.follow(head)
            if followed is None:
                continue
            layout, differing = followed
            if any(_is_creator(layout.parts[index].tag) for index in differing):
                continue  # it gives every element of its block another name
            changes: dict[Path, tuple[str, Kept] | None] = {}
            try:
                for index in differing:
                    if index >= layout.first:
                        changes.update(dict.fromkeys(kind.parts[index - layout.first]))
                        changes.update(_kept(self._leaves(layout, index)))
            except NOT_PLAIN:
                return False
            kind.rows.append(row)
            kind.changes.append((row, changes))
            return True
        return False

    def columns(self) -> HeaderColumns:
        """Return what was gathered as one array for each element."""
        found: dict[Path, tuple[str, NDArray[np.object_]]] = {}
        for kind in self.kinds:
            rows = np.array(kind.rows)
            for path, (vr, value) in kind.base.items():
                self._column(found, path, vr)[rows] = value
            for row, changes in kind.changes:
                for path, change in changes.items():
                    if change is None:
                        found[path][1][row] = None
                    else:
                        self._column(found, path, change[0])[row] = change[1]
        ordered = {path: Column(path, vr, values) for path, (vr, values) in sorted(found.items())}
        return HeaderColumns(self.count, ordered, self.charsets, self.unread)

    def _column(self, found: dict[Path, tuple[str, NDArray[np.object_]]], path: Path, vr: str) -> NDArray[np.object_]:
        if path not in found:
            found[path] = (vr, np.full(self.count, None, object))
        return found[path][1]


def header_columns(frames: Sequence[StackFrame], stopped: Callable[[], bool] = lambda: False) -> HeaderColumns | None:
    """Read the headers of frames into columns; None where it was stopped.

    A file that can no longer be read leaves its rows empty and is counted.
    """
    gathered = _Gatherer(len(frames))
    by_instance: dict[str, list[tuple[int, StackFrame]]] = {}
    for place, frame in enumerate(frames):
        by_instance.setdefault(frame.ref.sop_instance_uid, []).append((place, frame))
    for own in by_instance.values():
        if stopped():
            return None
        gathered.add(own[0][1].instance, own)
    return gathered.columns()


def _kept(leaves: Iterable[Leaf]) -> dict[Path, tuple[str, Kept]]:
    return {path: (vr, _value(vr, value)) for path, vr, value in leaves}


def _value(vr: str, value: bytes) -> Kept:
    if vr in TEXT:
        return value.rstrip(b" \0")
    if len(value) > LONGEST and vr in BULK:
        return Bulk(len(value), blake2b(value, digest_size=8).hexdigest())
    return value


def _creators(layout: Layout) -> dict[int, str]:
    """Return the private creators of a plain header by their own tags (PS3.5 7.8.1)."""
    return {
        part.tag: layout.value(index).rstrip(b" \0").decode("latin-1")
        for index, part in enumerate(layout.parts)
        if _is_creator(part.tag)
    }


def _is_creator(tag: int) -> bool:
    return bool(tag >> 16 & 1) and 0x10 <= tag & 0xFFFF <= 0xFF
