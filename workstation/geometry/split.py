"""What never scrolls together: sizes, colour, orientations, localizers, sides, multi-frame instances (E6, D15, D16)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workstation.geometry.image_plane import cross
from workstation.geometry.orientation import plane_name
from workstation.geometry.poses import same_orientation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workstation.dicom.identity import Instance
    from workstation.geometry.frames import StackFrame

PROJECTION_MODALITIES = frozenset({"MG", "CR", "DX", "IO", "PX", "RG"})
NM_AXES = {
    "EnergyWindow": "energy window",
    "Detector": "detector",
    "Phase": "phase",
    "RRInterval": "R-R interval",
    "TimeSlot": "time slot",
    "Rotation": "rotation",
}
RADIAL_FROM = 6
"""From this many nearly single orientations on, slices turn around an axis and stay together."""

Key = tuple[tuple[str, str], ...]
"""(name, value) pairs that set a part of a series apart."""


@dataclass(frozen=True, slots=True)
class Part:
    """Frames of one series that may scroll together, and what they share."""

    key: Key
    frames: tuple[StackFrame, ...]
    localizer: bool = False


def parts_of(frames: Sequence[StackFrame]) -> list[Part]:
    """Split frames of one series by what never mixes; every frame is in exactly one part."""
    groups: dict[Key, list[StackFrame]] = {}
    for frame in frames:
        groups.setdefault(_key(frame), []).append(frame)
    return [part for key, group in groups.items() for part in _by_orientation(key, group)]


def _key(frame: StackFrame) -> Key:
    instance = frame.instance
    placed = frame.position is not None and frame.directions is not None
    pairs = [
        ("class", instance.sop_class_uid),
        ("size", f"{frame.columns} × {frame.rows}"),
        ("colour", colour_class(frame)),
        ("localizer", "localizer" if "LOCALIZER" in instance.image_type else ""),
        ("position", "" if placed else "no position"),
        ("frame of reference", instance.frame_of_reference_uid if placed else ""),
    ]
    if not shows_image(instance):
        pairs.append(("object", instance.sop_instance_uid))
    if instance.number_of_frames > 1:
        pairs.append(("instance", instance.values.get("ConcatenationUID") or instance.sop_instance_uid))
    if instance.modality in PROJECTION_MODALITIES:
        values = frame.frame.values
        side = values.get("ImageLaterality") or instance.values.get("Laterality") or ""
        pairs.append(("view", f"{side} {values.get('ViewPosition') or ''}".strip()))
    if frame.value("StackID") is not None:
        pairs.append(("stack", f"stack {frame.value('StackID')}"))
    if instance.modality == "NM":
        axes = ((name, frame.value(keyword)) for keyword, name in NM_AXES.items())
        pairs += [(name, f"{name} {value}") for name, value in axes if value is not None]
    return tuple(pairs)


def shows_image(instance: Instance) -> bool:
    """Return whether an instance describes an image, even if its pixel data is missing."""
    return instance.has_pixels or (instance.rows > 0 and instance.columns > 0)


def colour_class(frame: StackFrame) -> str:
    """Return ``"colour"``, ``"palette colour"``, ``"inverted grey"`` or ``"grey"``."""
    if frame.instance.samples_per_pixel > 1:
        return "colour"
    photometric = frame.instance.photometric
    return {"PALETTE COLOR": "palette colour", "MONOCHROME1": "inverted grey"}.get(photometric, "grey")


def _by_orientation(key: Key, frames: list[StackFrame]) -> list[Part]:
    if frames[0].directions is None or frames[0].position is None or len(frames) == 1:
        return [Part((*key, ("orientation", _orientation(frames[0]))), tuple(frames), _marked(key))]
    axes = np.array([(*d[0], *d[1]) for frame in frames if (d := frame.directions)])
    groups: list[np.ndarray] = []
    left = np.arange(len(frames))
    while left.size:
        agree = same_orientation(axes[left], axes[left[0]])
        groups.append(left[agree])
        left = left[~agree]
    if len(groups) >= RADIAL_FROM and len(frames) < 2 * len(groups):
        return [Part((*key, ("orientation", "radial")), tuple(frames), _marked(key))]
    most = max(len(group) for group in groups)
    return [
        Part(
            (*key, ("orientation", _orientation(frames[group[0]]))),
            tuple(frames[i] for i in group),
            _marked(key) or (len(group) == 1 and most > 3),
        )
        for group in groups
    ]


def _marked(key: Key) -> bool:
    return ("localizer", "localizer") in key


def _orientation(frame: StackFrame) -> str:
    if frame.directions is None:
        return ""
    normal = cross(*frame.directions)
    # One decimal is stable enough to name the orientation and apart enough to tell two obliques.
    x, y, z = (round(component, 1) + 0.0 for component in normal)
    return f"{plane_name(normal)} ({x:g}, {y:g}, {z:g})"
