"""What one pane shows, as a value. A change is a new value; saving a session is serialising states."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workstation.dicom.identity import Vector
    from workstation.imaging.window import Window

ORIENTATIONS = ("axial", "coronal", "sagittal")


@dataclass(frozen=True, slots=True)
class Section:
    """A reformatted plane through a patient point (mm, LPS), or a slab of ``slab_mm`` centred on it.

    ``orientation`` is the pane's identity and the colour of its line, whichever way the plane has been turned.
    ``right`` and ``down`` are perpendicular unit directions in LPS; None is the standard plane of the orientation.
    ``projection`` ("max", "min" or "mean") says how the samples through a slab become one value (D41).
    """

    orientation: str
    point: Vector
    right: Vector | None = None
    down: Vector | None = None
    slab_mm: float = 0.0
    projection: str = "max"

    @property
    def standard(self) -> bool:
        """Whether it is the standard plane of its orientation."""
        return self.right is None or self.down is None


@dataclass(frozen=True, slots=True)
class ViewState:
    """Everything a pane needs to draw, apart from pixels.

    ``index`` counts the frames of the stack from 0. ``voi`` is a window the user chose, an index into the
    header's own choices, ``"auto"``, or None for the default of the frame on screen (B20). ``scale`` is logical
    screen pixels per display unit (the smaller pixel spacing); None fits the image into the pane. ``centre`` is
    the image point (column, row; corner based) in the middle of the pane; None is the image's middle.
    ``rotation`` is clockwise degrees, applied before the flips. ``fitted`` is the size (width, height) in mm that a
    fitted view shows, None for the whole image: a plane that is turned shows as large as before. ``color_map`` is
    the id of colours for grey, None for grey itself. ``key_images`` tells that only the key images
    of the stack are shown.
    """

    stack_id: str | None = None
    index: int = 0
    section: Section | None = None
    voi: Window | int | str | None = None
    inverted: bool = False
    scale: float | None = None
    centre: tuple[float, float] | None = None
    rotation: int = 0
    flip_horizontal: bool = False
    flip_vertical: bool = False
    fitted: tuple[float, float] | None = None
    color_map: str | None = None
    key_images: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing is shown."""
        return self.stack_id is None

    def rotated(self, degrees: int) -> ViewState:
        """Return the state turned clockwise on the screen, flips kept as seen."""
        turn = -degrees if self.flip_horizontal != self.flip_vertical else degrees
        return replace(self, rotation=(self.rotation + turn) % 360)

    def view_reset(self) -> ViewState:
        """Return the state as first shown, at the same slice."""
        return ViewState(stack_id=self.stack_id, index=self.index, section=self.section, key_images=self.key_images)

    def showing(self, stack_id: str, index: int = 0) -> ViewState:
        """Return the state of another stack: nothing is carried over that belongs to the old one."""
        return ViewState(stack_id=stack_id, index=index)
