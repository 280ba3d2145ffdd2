"""Which way a direction points in the patient, in letters (PS3.3 C.7.6.1.1.1, D26-D28)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workstation.dicom.identity import Vector

LEAST_COMPONENT = 0.1
"""Components below this (about 6 degrees) give no letter."""
OBLIQUE_BELOW = 0.9
"""A normal whose greatest component is smaller (more than 26 degrees off) is called oblique."""

BIPED = (("L", "R"), ("P", "A"), ("H", "F"))
QUADRUPED = (("LE", "RT"), ("D", "V"), ("CR", "CD"))
"""Letters of (+, -) for x, y, z in LPS."""

OPPOSITE_BIPED = {"L": "R", "R": "L", "P": "A", "A": "P", "H": "F", "F": "H"}
# R is rostral here, not right; the palmar and plantar faces of a limb lie opposite its dorsal one.
OPPOSITE_QUADRUPED = {
    "LE": "RT",
    "RT": "LE",
    "D": "V",
    "V": "D",
    "CR": "CD",
    "CD": "CR",
    "R": "CD",
    "M": "L",
    "L": "M",
    "PR": "DI",
    "DI": "PR",
    "PA": "D",
    "PL": "D",
}

PLANE_NAMES = ("sagittal", "coronal", "axial")


def letters(direction: Sequence[float], quadruped: bool = False) -> str:
    """Return up to three letters of a direction, the strongest first.

    Parameters
    ----------
    direction
        x, y, z in LPS; need not have unit length.
    quadruped
        Anatomical Orientation Type is QUADRUPED.

    Examples
    --------
    >>> letters((0.0, 0.9, -0.4))
    'PF'
    """
    size = max(sum(component * component for component in direction) ** 0.5, 1e-12)
    names = QUADRUPED if quadruped else BIPED
    strongest = sorted(range(3), key=lambda axis: (-round(abs(direction[axis]) / size, 6), axis))
    chosen = [axis for axis in strongest if abs(direction[axis]) / size >= LEAST_COMPONENT]
    return "".join(names[axis][0 if direction[axis] > 0 else 1] for axis in chosen)


def tokens(text: str, quadruped: bool = False) -> tuple[str, ...] | None:
    """Split orientation letters (``"AFR"``, ``"LECR"``) into single directions; None where one is unknown."""
    known = OPPOSITE_QUADRUPED if quadruped else OPPOSITE_BIPED
    found: list[str] = []
    rest = text.strip().upper()
    while rest:
        token = next((rest[:size] for size in (2, 1) if rest[:size] in known), None)
        if token is None:
            return None
        found.append(token)
        rest = rest[len(token) :]
    return tuple(found)


def opposite(text: str, quadruped: bool = False) -> str:
    """Return the letters of the opposite direction; unknown letters give none."""
    known = OPPOSITE_QUADRUPED if quadruped else OPPOSITE_BIPED
    return "".join(known[token] for token in tokens(text, quadruped) or ())


def plane_name(normal: Sequence[float]) -> str:
    """Return ``"axial"``, ``"coronal"``, ``"sagittal"`` or ``"oblique"`` for a plane's unit normal."""
    axis = max(range(3), key=lambda index: abs(normal[index]))
    return PLANE_NAMES[axis] if abs(normal[axis]) >= OBLIQUE_BELOW else "oblique"


def displayed_axes(
    rotation: int, flip_horizontal: bool, flip_vertical: bool
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return what screen right and screen down are in the image, each as (columns, rows).

    The order is that of presentation states: first the clockwise rotation (0, 90, 180 or 270 degrees), then the
    flips of the rotated picture (PS3.3 C.10.6).

    Examples
    --------
    >>> displayed_axes(90, False, False)   # the image's bottom edge has moved to the left
    ((0, -1), (1, 0))
    """
    quarter = (rotation // 90) % 4
    right = ((1, 0), (0, -1), (-1, 0), (0, 1))[quarter]
    down = ((0, 1), (1, 0), (0, -1), (-1, 0))[quarter]
    if flip_horizontal:
        right = (-right[0], -right[1])
    if flip_vertical:
        down = (-down[0], -down[1])
    return right, down


def edge_letters(
    right: Sequence[float] | str,
    down: Sequence[float] | str,
    rotation: int = 0,
    flip_horizontal: bool = False,
    flip_vertical: bool = False,
    quadruped: bool = False,
) -> tuple[str, str, str, str]:
    """Return the letters at the (left, right, top, bottom) edges of the displayed picture (D26).

    ``right`` and ``down`` are the directions of increasing column and row: patient directions, or letters as in
    Patient Orientation (D27). Rotation is clockwise in degrees and comes before the flips.
    """
    names = [text if isinstance(text, str) else letters(text, quadruped) for text in (right, down)]
    opposites = [
        opposite(text, quadruped)
        if isinstance(direction, str)
        else letters([-component for component in direction], quadruped)
        for text, direction in zip(names, (right, down), strict=True)
    ]

    def towards(columns: int, rows: int) -> str:
        axis = 0 if columns else 1
        return names[axis] if columns + rows > 0 else opposites[axis]

    screen_right, screen_down = displayed_axes(rotation, flip_horizontal, flip_vertical)
    return (
        towards(-screen_right[0], -screen_right[1]),
        towards(*screen_right),
        towards(-screen_down[0], -screen_down[1]),
        towards(*screen_down),
    )


def image_directions(
    directions: tuple[Vector, Vector] | None, patient_orientation: Sequence[str], quadruped: bool = False
) -> tuple[str, str, str]:
    """Return letters of increasing column and row and a warning ("" where there is none).

    Image Orientation (Patient) wins over Patient Orientation; neither means no letters, never a guess (D27).
    """
    stated = tuple(text.strip().upper() for text in patient_orientation)
    known = len(stated) == 2 and all(text and tokens(text, quadruped) for text in stated)
    if directions is None:
        return (stated[0], stated[1], "") if known else ("", "", "")
    right, down = letters(directions[0], quadruped), letters(directions[1], quadruped)
    if (
        known
        and not quadruped
        and any(text[0] == opposite(name[0]) for text, name in zip(stated, (right, down), strict=True))
    ):
        return right, down, "Patient Orientation contradicts Image Orientation (Patient), which is used"
    return right, down, ""


def edge_letters_from_patient_orientation(
    right: str,
    down: str,
    rotation: int = 0,
    flip_horizontal: bool = False,
    flip_vertical: bool = False,
    quadruped: bool = False,
) -> tuple[str, str, str, str]:
    """Return the (left, right, top, bottom) letters from the two values of Patient Orientation (D27).

    A value that is empty or has an unknown letter gives none on its two edges.
    """
    known = [text.strip().upper() if tokens(text, quadruped) else "" for text in (right, down)]
    return edge_letters(known[0], known[1], rotation, flip_horizontal, flip_vertical, quadruped)
