"""Whose memory it is: what the loader keeps, summed by display set."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workstation.loading.keys import CopyKey, VolumeKey
from workstation.objects.picture import FrameKey, SectionKey

if TYPE_CHECKING:
    from workstation.loading.collection import Catalogue

FRAMES, VOLUMES, COPIES, SECTIONS, OTHER = "frames", "volumes", "copies", "sections", "other"


@dataclass(frozen=True, slots=True)
class Holding:
    """Bytes kept for one stack; ``stack_id`` is empty for what belongs to none."""

    stack_id: str
    frames: int = 0
    volumes: int = 0
    copies: int = 0
    sections: int = 0
    other: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.frames + self.volumes + self.copies + self.sections + self.other


def holdings(catalogue: Catalogue, sizes: Iterable[tuple[Hashable, int]]) -> tuple[Holding, ...]:
    """Return what each stack holds, the largest first."""
    found: dict[str, dict[str, int]] = {}
    for key, size in sizes:
        part, stack_id = _place(key, catalogue)
        parts = found.setdefault(stack_id, {})
        parts[part] = parts.get(part, 0) + size
    rows = [Holding(stack_id, **parts) for stack_id, parts in found.items()]
    return tuple(sorted(rows, key=lambda row: row.total, reverse=True))


def total_of(rows: Iterable[Holding]) -> Holding:
    """Return the sums of all rows."""
    rows = tuple(rows)
    return Holding(
        "", *(sum(getattr(row, part) for row in rows) for part in (FRAMES, VOLUMES, COPIES, SECTIONS, OTHER))
    )


def _place(key: Hashable, catalogue: Catalogue) -> tuple[str, str]:
    """Return which part a key counts as, and for which stack."""
    if isinstance(key, FrameKey):
        found = catalogue.stack_with(key.ref)
        return FRAMES, found[0].id if found is not None else ""
    if isinstance(key, VolumeKey):
        return VOLUMES, key.stack_id
    if isinstance(key, CopyKey):
        return COPIES, key.volume.stack_id
    if isinstance(key, SectionKey):
        return SECTIONS, key.volume_id
    return OTHER, getattr(key, "stack_id", "")
