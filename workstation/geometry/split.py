"""What never scrolls together: sizes, colour, orientations, localizers, sides, multi-frame instances (E6, D15, D16)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
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
    "Rotation": "rotation",
    "Phase": "phase",
    "RRInterval": "R-R interval",
    "TimeSlot": "time slot",
}
"""Axes of nuclear medicine frames that make stacks of their own (D24)."""
IMAGE_CLASS = re.compile(
    r"1\.2\.840\.10008\.5\.1\.4\.1\.1\."
    r"(1(\.\d+)*|2(\.[12])?|3(\.1)?|4(\.[134])?|6(\.[12])?|7(\.\d)?|1[234](\.\d+)*|20|77(\.\d+)*|12[8](\.1)?|130|481\.1)"
)
"""Storage SOP Classes of images, for headers that came without their pixels."""
COLOUR_CLASSES = {"PALETTE COLOR": "palette colour", "MONOCHROME1": "inverted grey"}
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
    shared = _uids_of_several_files(frames)
    groups: dict[Key, list[StackFrame]] = {}
    for frame in frames:
        groups.setdefault(_key(frame, frame.ref.sop_instance_uid in shared), []).append(frame)
    return [part for key, group in groups.items() for part in _by_orientation(key, group)]


def _uids_of_several_files(frames: Sequence[StackFrame]) -> set[str]:
    first: dict[str, Instance] = {}
    shared: set[str] = set()
    for frame in frames:
        known = first.setdefault(frame.ref.sop_instance_uid, frame.instance)
        if known is not frame.instance and known.locator != frame.instance.locator:
            shared.add(frame.ref.sop_instance_uid)
    return shared


def _key(frame: StackFrame, twice: bool) -> Key:
    """Return what sets a frame apart; ``twice`` where several files share its SOP Instance UID (E4)."""
    instance = frame.instance
    if not shows_image(instance):
        return (("object", _own(instance, twice)),)
    placed = frame.position is not None and frame.directions is not None
    pairs = [
        ("class", instance.sop_class_uid),
        ("size", f"{frame.columns} × {frame.rows}"),
        ("colour", colour_class(frame)),
        ("localizer", "localizer" if "LOCALIZER" in instance.image_type else ""),
        ("position", "" if placed else "no position"),
        ("frame of reference", instance.frame_of_reference_uid if placed else ""),
    ]
    if instance.number_of_frames > 1 or frame.ref.tile is not None:
        pairs.append(("instance", instance.values.get("ConcatenationUID") or _own(instance, twice)))
    if (stack_id := frame.value("StackID")) is not None:
        pairs.append(("stack", f"stack {stack_id}"))
    if instance.modality != "NM" and instance.modality not in PROJECTION_MODALITIES:
        return tuple(pairs)
    return (*pairs, *_view(frame), *_nuclear(frame, placed))


def _own(instance: Instance, twice: bool) -> str:
    return f"{instance.sop_instance_uid}{f' at {instance.locator}' if twice else ''}"


def _view(frame: StackFrame) -> Key:
    """Return the side and view of a radiograph: one stack for each (E6)."""
    if frame.instance.modality not in PROJECTION_MODALITIES:
        return ()
    values, header = frame.frame.values, frame.instance.values
    side = values.get("ImageLaterality") or header.get("ImageLaterality") or header.get("Laterality") or ""
    return (("view", f"{side} {values.get('ViewPosition') or header.get('ViewPosition') or ''}".strip()),)


def _nuclear(frame: StackFrame, placed: bool) -> Key:
    """Return the axes of nuclear medicine that are not scrolled through (D24)."""
    if frame.instance.modality != "NM":
        return ()
    values = frame.frame.values
    # Slices that lie in the patient are phases of one another; planar gates are a film of their own.
    film = placed or not ({"AngularView", "TimeSlice", "NMSliceIndex"} & values.keys())
    left_out = {"Phase", "RRInterval", "TimeSlot"} if placed else {"TimeSlot"} if film else set()
    return tuple(
        (name, f"{name} {values[keyword]}")
        for keyword, name in NM_AXES.items()
        if keyword in values and keyword not in left_out
    )


def shows_image(instance: Instance) -> bool:
    """Return whether an instance describes an image, even if its pixel data is missing."""
    return instance.has_pixels or (instance.rows > 0 and instance.columns > 0) or _is_image(instance.sop_class_uid)


@lru_cache(maxsize=256)
def _is_image(sop_class_uid: str) -> bool:
    return IMAGE_CLASS.fullmatch(sop_class_uid) is not None


def colour_class(frame: StackFrame) -> str:
    """Return ``"colour"``, ``"palette colour"``, ``"inverted grey"`` or ``"grey"``."""
    if frame.instance.samples_per_pixel > 1:
        return "colour"
    return COLOUR_CLASSES.get(frame.instance.photometric, "grey")


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
