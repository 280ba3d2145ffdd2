"""The drag contract: a gesture is one generator from press to release.

The generator is started with the scene and the press; it yields what should be seen and is sent each later
pointer event. It never touches Qt, files or panes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workstation.dicom.identity import Vector
    from workstation.geometry.image_plane import ImagePlane
    from workstation.imaging.window import Window
    from workstation.viewing.display_transform import DisplayTransform
    from workstation.viewing.view_state import Section, ViewState


@dataclass(frozen=True, slots=True)
class Pointer:
    """A pointer event: pane pixels (logical), the image point there, and whether Ctrl asks for speed."""

    kind: str
    x: float
    y: float
    image_point: tuple[float, float]
    fast: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """What a gesture may know of the pane it began in.

    ``window`` is the one on screen, ``step`` its change per logical pixel (B33); ``frames`` is the length of
    the stack; ``crosshair`` is the patient point the sections go through; ``drag_style`` is the
    user's preference for windowing.
    """

    state: ViewState
    transform: DisplayTransform
    width: float
    height: float
    frames: int = 1
    window: Window | None = None
    step: float = 1.0
    plane: ImagePlane | None = None
    crosshair: Vector | None = None
    drag_style: str = "normal"

    def patient_point(self, image_point: tuple[float, float]) -> Vector | None:
        """Return where an image point lies in the patient, or None where the image has no place there."""
        if self.plane is None:
            return None
        return self.plane.patient_point(image_point[0] - 0.5, image_point[1] - 0.5)


@dataclass(frozen=True, slots=True)
class Crosshair:
    """The wish that every linked pane goes to a patient point (mm, LPS)."""

    point: Vector


@dataclass(frozen=True, slots=True)
class Planes:
    """The wish that panes show other sections, by their numbers."""

    sections: Mapping[int, Section]


@dataclass(frozen=True, slots=True)
class Draft:
    """A measurement while it is drawn: its kind and its image points; ``done`` keeps it.

    ``replaces`` is the number of the measurement that is being changed, None for a new one.
    """

    kind: str
    points: tuple[tuple[float, float], ...]
    done: bool = False
    replaces: int | None = None


Drag = Generator["ViewState | Crosshair | Planes | Draft | None", Pointer, None]
DragFunction = Callable[[Scene, Pointer], Drag]


@dataclass(frozen=True, slots=True)
class Tool:
    """A row of the table of tools: toolbar, menu, shortcut, cursor and help derive from it."""

    id: str
    title: str
    icon: str
    shortcut: str
    hint: str
    drag: DragFunction
    cursor: str = "arrow"
