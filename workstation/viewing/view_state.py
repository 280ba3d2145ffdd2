"""What one pane shows, as a value. A change is a new value; saving a session is serialising states."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
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


WAYS = ("made", "kept", "alike", "picture")
"""How a window came to a pane that nobody chose it in: see :class:`TakenOver`."""


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A window that was not chosen in its pane, and how it came there.

    ``"made"``: from the pane this one was made from; ``"kept"``: from what the pane showed before; ``"alike"``: from
    another pane of the same volume, which is windowed alike; ``"picture"``: from a picture that was opened.
    """

    voi: Window | int | str | None
    how: str


@dataclass(frozen=True, slots=True)
class ViewState:
    """Everything a pane needs to draw, apart from pixels.

    ``index`` counts the frames of the stack from 0. ``voi`` is a window the user chose, an index into the
    header's own choices, ``"auto"``, or None for the default of the frame on screen (B20). ``scale`` is logical
    screen pixels per display unit (the smaller pixel spacing); None fits the image into the pane. ``centre`` is
    the image point (column, row; corner based) in the middle of the pane; None is the image's middle.
    ``rotation`` is clockwise degrees, applied before the flips. ``fitted`` is the size (width, height) in mm that a
    fitted view shows, None for the whole image: a plane that is turned shows as large as before. ``color_map`` is
    the id of colours for grey, None for grey itself. ``key_images`` tells that only the key images of the stack are
    shown. ``taken_over`` holds as long as its window is the one in use: a
    window chosen afterwards is the pane's own. States that differ in nothing else show the same and are equal.
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
    taken_over: TakenOver | None = field(default=None, compare=False)

    @property
    def voi_came(self) -> str:
        """How the window in use came to the pane, one of :data:`WAYS`; "" where it was chosen in it or by no one."""
        taken = self.taken_over
        return taken.how if taken is not None and self.voi is not None and taken.voi == self.voi else ""

    def taking_over(self, voi: Window | int | str | None, how: str) -> ViewState:
        """Return the state with a window that comes from elsewhere."""
        return replace(self, voi=voi, taken_over=TakenOver(voi, how) if voi is not None else None)

    def looking_like(self, other: ViewState) -> ViewState:
        """Return the state with the window, inversion and colours of another pane; itself where it has them already."""
        if (self.voi, self.inverted, self.color_map) == (other.voi, other.inverted, other.color_map):
            return self
        alike = replace(self, inverted=other.inverted, color_map=other.color_map)
        return alike if self.voi == other.voi else alike.taking_over(other.voi, "alike")

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
