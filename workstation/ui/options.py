"""How everything is shown, apart from what is shown, as one value."""

from __future__ import annotations

from dataclasses import dataclass

from workstation.viewing.corner_text import FULL


@dataclass(frozen=True, slots=True)
class Options:
    """How everything is shown, apart from what is shown."""

    corner_level: int = FULL
    identity_hidden: bool = False
    reference_lines: bool = True
    linked: bool = True
    smooth: bool = True
    overlays: bool = True
    shutter: bool = True
    ideographic_first: bool = False
    drag_style: str = "normal"
    wheel_inverted: bool = False
    open_in_middle: bool = False
