"""Scrolling a reformatted plane through a volume: steps along the view's normal (D40)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workstation.geometry.image_plane import add, cross, dot

if TYPE_CHECKING:
    from workstation.dicom.identity import Vector
    from workstation.geometry.stack import Stack
    from workstation.geometry.volume import VolumeGrid


@dataclass(frozen=True, slots=True)
class SectionAxis:
    """Where a standard section may go: from ``low`` to ``high`` mm along ``normal`` in ``step`` mm."""

    normal: Vector
    low: float
    high: float
    step: float
    grid: VolumeGrid

    @classmethod
    def of(cls, stack: Stack, orientation: str) -> SectionAxis | None:
        """Return the axis through the whole rotated box of a volume, or None if the stack is none."""
        if not stack.is_volume:
            return None
        from workstation.geometry.reslice import STANDARD, scroll_range
        from workstation.geometry.volume import grid_of

        grid = grid_of(stack)
        normal = cross(*STANDARD[orientation])
        low, high, step = scroll_range(grid, normal)
        return cls(normal, low, high, max(step, 1e-6), grid)

    @property
    def count(self) -> int:
        """Number of steps from end to end."""
        return int((self.high - self.low) / self.step + 1e-6) + 1

    def index_of(self, point: Vector) -> int:
        """Return the step nearest to a patient point."""
        return min(max(round((dot(point, self.normal) - self.low) / self.step), 0), self.count - 1)

    def point_at(self, index: int, through: Vector) -> Vector:
        """Return ``through`` moved along the normal to a step."""
        return add(through, self.normal, self.low + index * self.step - dot(through, self.normal))
