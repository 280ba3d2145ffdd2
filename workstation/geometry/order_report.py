"""What is known of a stack's order, as a value: loader, pane, plot, command line and tests read the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workstation.dicom.identity import Vector


COUNTED = frozenset({"gap", "duplicate"})
"""Events of which there may be several; the others say something about the stack as a whole."""


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """Something a reader of the stack should know; ``at`` are positions in the ordered stack from 0.

    Codes: ``gap``, ``duplicate``, ``uneven``, ``tilt``, ``irregular``, ``mixed_orientation``,
    ``missing_position``.
    """

    code: str
    detail: str
    at: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderReport:
    """How frames were ordered and what was noticed.

    ``order`` are indices into the frames as given. ``key`` is ``"position"``, ``"time"``, ``"frame_number"`` or
    ``"instance_number"``. ``positions`` are mm along ``normal`` in the final order, empty without patient
    geometry; they fall where the stack starts at its far end. ``spacing`` is the median step in mm (D10).
    """

    order: tuple[int, ...]
    key: str
    normal: Vector | None = None
    positions: tuple[float, ...] = ()
    spacing: float | None = None
    uniform: bool = False
    tilt_degrees: float = 0.0
    events: tuple[OrderEvent, ...] = ()

    @property
    def sentence(self) -> str:
        """For the pane's chip: ``"sorted by position · 1 gap"``."""
        counts = Counter(event.code for event in self.events)
        words = (f"{n} {code}{'s' if n > 1 else ''}" if code in COUNTED else code for code, n in counts.items())
        return " · ".join((f"sorted by {self.key}", *words)).replace("_", " ")
