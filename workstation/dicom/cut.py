"""A header as blocks of constant bytes with varying elements between them: the quickest way to read its like."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from workstation.dicom import vocabulary as v
from workstation.dicom.pixel_place import DELIMITER, place_like
from workstation.dicom.strict import LARGEST_BULK, Walker

if TYPE_CHECKING:
    from collections.abc import Callable

    from workstation.dicom.identity import Instance, Locator
    from workstation.dicom.layout import Layout
    from workstation.dicom.template import Template

BIG_DELIMITER = b"\xff\xfe\xe0\xdd\0\0\0\0"
DEFINED, UNDEFINED = range(2)
MOST_SEQUENCES = 1024
"""Sequences remembered as plain, for each cut."""


class Run(NamedTuple):
    """Blocks that must be there with values of known length between them, then a value of any length, if any.

    ``split`` gives blocks and values in turn, ``length`` reads the length of the last value (``width`` bytes),
    ``walker`` finds its end where it is a sequence.
    """

    split: Callable[[bytes, int], tuple[bytes, ...]]
    blocks: tuple[bytes, ...]
    size: int
    length: Callable[..., tuple[int, ...]] | None
    width: int
    walker: Walker | None


class Cut:
    """Headers like one of a template's structure that vary in some elements only."""

    def __init__(self, template: Template, layout: Layout, instance: Instance) -> None:
        self.template, self.layout, self.instance = template, layout, instance
        self.need = template.need
        self._varying: set[int] = set()
        self._elastic: set[int] = set()
        self._plain: set[tuple[int, bytes]] = set()
        self._compile()

    def catch_up(self) -> bool:
        """Let vary what was seen to vary elsewhere; tell whether that was news."""
        template = self.template
        new = not (template.common <= self._varying and template.elastic <= self._elastic)
        if new:
            self._compile()
        return new

    def _compile(self) -> None:
        layout, parts = self.layout, self.layout.parts
        self._varying |= self.template.common
        self._elastic |= self.template.elastic
        order = sorted(self._varying)
        self._stiff: set[int] = set()
        blocks: list[bytes] = []
        sizes: list[int] = []
        runs: list[Run] = []
        pos = 0
        for index in order:
            part, start, end = parts[index], layout.at[index], layout.at[index + 1]
            undefined = part.vr == "SQ" and layout.head.startswith(b"\xff\xff\xff\xff", start + len(part.prefix))
            elastic = index in self._elastic or undefined
            value = start + (len(part.prefix) if elastic else part.skip)
            blocks.append(layout.head[pos:value])
            if elastic:
                walker = part.walker if part.vr == "SQ" else None
                length = part.walker.short if part.width == 2 else part.walker.long
                runs.append(_run(blocks, sizes, length, part.width, walker))
                blocks, sizes = [], []
            else:
                sizes.append(end - value)
                self._stiff.add(index)
            pos = end
        blocks.append(layout.head[pos : layout.offset])
        self._runs = (*runs, _run(blocks, sizes, None, 0, None))
        self._texts = tuple(place for place, index in enumerate(order) if self.template.is_text(index))
        self._sequences = tuple(
            (place, parts[index].walker)
            for place, index in enumerate(order)
            if parts[index].vr == "SQ" and index in self._stiff
        )
        self._patches = self.template.patches(layout, self.instance, order)

    def read(self, data: bytes, descriptor: int, locator: Locator) -> Instance | None:
        """Return the facts of an open file that starts with ``data``; None where someone else must look."""
        found: list[bytes] = []
        pos = 0
        try:
            for split, blocks, size, length, width, walker in self._runs:
                pieces = split(data, pos)
                if pieces[::2] != blocks:
                    return None
                found += pieces[1::2]
                pos += size
                if length is None:
                    break
                (count,) = length(data, pos)
                pos += width
                end = pos + count
                if walker is not None and (end := self._end(walker, data, pos, count)) < 0:
                    return None
                if end - pos > LARGEST_BULK:
                    return None
                found.append(data[pos:end])
                pos = end
        except struct.error:
            return None
        for index in self._texts:
            if not found[index].isascii():
                return None
        for index, walker in self._sequences:
            value = found[index]
            if self._end(walker, value, 0, len(value)) < 0:
                return None
        place = place_like(self.template.place, pos, data, descriptor)
        return None if place is None else self._patches.apply(found, locator, place)

    def _end(self, walker: Walker, data: bytes, pos: int, count: int) -> int:
        """Return where the items of a sequence end, -1 where something about them is odd."""
        plain = self._plain
        if count == v.UNDEFINED:
            guess = data.find(DELIMITER if walker.little else BIG_DELIMITER, pos) + 8
            if (UNDEFINED, data[pos:guess]) in plain:
                return guess
            end = walker.plain_sequence(data, pos, None, len(data))
            key = (UNDEFINED, data[pos:end])
        else:
            key = (DEFINED, data[pos : pos + count])
            if key in plain:
                return pos + count
            end = walker.plain_sequence(data, pos, pos + count, len(data))
        if end >= 0 and len(plain) < MOST_SEQUENCES:
            plain.add(key)
        return end


def _run(
    blocks: list[bytes],
    sizes: list[int],
    length: Callable[..., tuple[int, ...]] | None,
    width: int,
    walker: Walker | None,
) -> Run:
    layout = "".join(f"{len(block)}s{size}s" for block, size in zip(blocks, sizes, strict=False))
    split = struct.Struct(f"{layout}{len(blocks[-1])}s")
    return Run(split.unpack_from, tuple(blocks), split.size, length, width, walker)
