"""Stacks: frames of a series that scroll together, and why they are together (D11-D25, D51, D52, E6, E7)."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from hashlib import sha1
from typing import TYPE_CHECKING

import numpy as np

from workstation.geometry.frames import StackFrame, all_frames
from workstation.geometry.order import CROSS_SECTIONAL, OrderEvent, OrderReport, explain_order
from workstation.geometry.orientation import plane_name
from workstation.geometry.phases import Pass, passes_of
from workstation.geometry.poses import poses_of
from workstation.geometry.split import Key, Part, colour_class, parts_of, shows_image

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workstation.dicom.identity import Instance, Vector
    from workstation.geometry.facets import Facet

__all__ = ["Phase", "Stack", "StackFrame", "merge", "stacks_of"]

Affine = tuple[tuple[float, ...], ...]
BREAST_TOMOSYNTHESIS = "1.2.840.10008.5.1.4.1.1.13.1.3"


@dataclass(frozen=True, slots=True)
class Phase:
    """Which pass of a 4-D series a stack is: ``index`` from 1, ``value`` in ``unit`` where it is a number."""

    by: str
    index: int
    value: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Stack:
    """Ordered frames that scroll together.

    ``affine`` (4 x 4) maps (slice, row, column, 1) to mm LPS; with a tilt its first column is sheared, with uneven
    spacing it is the best fit. ``spacing`` is (slice, row, column) in mm, the slice part measured along the
    normal (D9) and 1 for a single slice. ``reason`` and ``label`` say why the series was split, None and "" where
    it was not. Phases of one 4-D series share ``phase_of``.
    """

    id: str
    series_instance_uid: str
    kind: str
    frames: tuple[StackFrame, ...]
    reason: str | None
    label: str
    order: OrderReport
    rows: int
    columns: int
    spacing: tuple[float, float, float] | None
    affine: Affine | None
    is_volume: bool
    why_not: str
    orientation: str
    tilt_degrees: float
    frame_of_reference_uid: str
    phase: Phase | None = None
    phase_of: str | None = None
    localizer: bool = False
    key: Key = ()


def stacks_of(instances: Iterable[Instance]) -> tuple[Stack, ...]:
    """Split and sort image instances into stacks; every frame is in exactly one (D17, E7).

    Parameters
    ----------
    instances
        Instances of one or several series, in any order, as the header describes them.

    Returns
    -------
    tuple of Stack
        In the order in which each series and part was first met, the phases of a 4-D part together.
    """
    by_series: dict[str, list[Instance]] = defaultdict(list)
    for instance in instances:
        by_series[instance.series_instance_uid].append(instance)
    return tuple(stack for group in by_series.values() for stack in _series_stacks(group))


def _series_stacks(instances: Sequence[Instance]) -> list[Stack]:
    parts = parts_of(all_frames(instances))
    named = _differing([part.key for part in parts])
    stacks: list[Stack] = []
    for part in parts:
        stacks += _part_stacks(part, named, len(parts))
    return _tie_instances(_unique(stacks))


def _part_stacks(part: Part, named: frozenset[str], parts: int) -> list[Stack]:
    passes = passes_of(part.frames)
    shared = [_shown(name, text, part.frames[0]) for name, text in part.key if name in named and text]
    descending = _common_direction(passes) if len(passes) > 1 else None
    groups: dict[tuple[str, ...], list[Pass]] = defaultdict(list)
    for item in passes:
        groups[tuple(f.key for f in item.facets if not f.tied)].append(item)
    stacks = []
    for untied, members in groups.items():
        group_id = _digest(part, *untied)
        for index, item in enumerate(members, 1):
            words = [*shared, *(facet.label for facet in item.facets)]
            reason = f"series split by {_names(part.key, named, item.facets)}: {', '.join(words)}"
            stack = build_stack(
                item.frames,
                id=_digest(part, *(facet.key for facet in item.facets)),
                reason=reason if words else ("series split" if parts > 1 else None),
                label=" · ".join(words),
                descending=descending,
            )
            phase = _phase(item.facets, members, index)
            stacks.append(
                replace(
                    stack,
                    phase=phase,
                    phase_of=group_id if phase else None,
                    localizer=part.localizer,
                    key=part.key,
                )
            )
    return _with_duplicates_noted(stacks, passes)


def _phase(facets: tuple[Facet, ...], members: Sequence[Pass], index: int) -> Phase | None:
    if len(members) < 2:
        return None
    for position, facet in enumerate(facets):
        others = {m.facets[position].key for m in members if len(m.facets) > position}
        if facet.tied and len(others) > 1:
            return Phase(facet.by, index, facet.value, facet.unit)
    return None


def _with_duplicates_noted(stacks: list[Stack], passes: Sequence[Pass]) -> list[Stack]:
    """Tell the main stack that images at positions of its own were set aside (D12)."""
    extra = [s for s, p in zip(stacks, passes, strict=False) if any(f.by == "duplicate" for f in p.facets)]
    if not extra or stacks[0] in extra:
        return stacks
    main, places = stacks[0], np.array(stacks[0].order.positions)
    at = sorted({int(np.abs(places - d).argmin()) for stack in extra for d in stack.order.positions})
    many = sum(len(stack.frames) for stack in extra)
    detail = f"{many} more image{'s' if many > 1 else ''} at positions of this stack, shown as a stack of their own"
    report = replace(main.order, events=(*main.order.events, OrderEvent("duplicate", detail, tuple(at))))
    return [replace(main, order=report), *stacks[1:]]


def _common_direction(passes: Sequence[Pass]) -> bool:
    """All phases of a series run the same way: as the numbers fall in most of them (D5)."""
    votes = Counter(
        report.positions[0] > report.positions[-1]
        for item in passes
        if (report := explain_order(item.frames)).key == "position" and len(report.positions) > 1
    )
    return votes[True] > votes[False]


def build_stack(
    frames: Sequence[StackFrame],
    *,
    id: str,
    reason: str | None,
    label: str,
    descending: bool | None = None,
) -> Stack:
    """Order frames and work out their common geometry."""
    order = explain_order(frames, descending)
    ordered = tuple(frames[i] for i in order.order)
    first = ordered[0]
    why_not = _why_not(ordered, order)
    affine = _affine(ordered, order)
    normal = first.plane.normal if first.plane is not None else order.normal
    spacing = first.plane.spacing if affine is not None and first.plane is not None else None
    return Stack(
        id=id,
        series_instance_uid=first.instance.series_instance_uid,
        kind="image" if shows_image(first.instance) else "other",
        frames=ordered,
        reason=reason,
        label=label,
        order=order,
        rows=first.rows,
        columns=first.columns,
        spacing=(order.spacing or 1.0, *spacing) if spacing is not None else None,
        affine=affine,
        is_volume=not why_not,
        why_not=why_not,
        orientation="none" if normal is None else plane_name(normal),
        tilt_degrees=order.tilt_degrees,
        frame_of_reference_uid=first.instance.frame_of_reference_uid,
    )


def _why_not(frames: Sequence[StackFrame], order: OrderReport) -> str:
    """Return why the frames make no volume, "" where they do (D8, D51, D52)."""
    first = frames[0]
    codes = {event.code for event in order.events}
    lacking = next((frame.no_plane for frame in frames if frame.plane is None), None)
    planes = [frame.plane for frame in frames if frame.plane is not None]
    spacings = np.array([plane.spacing for plane in planes] or [(1.0, 1.0)])
    checks = (
        (not shows_image(first.instance), "it holds no image"),
        (lacking is not None, f"no patient geometry: {lacking}"),
        (any("mosaic" in frame.no_plane for frame in frames), "mosaic, not measurable across tiles"),
        (len(frames) == 1, "it is a single slice"),
        (first.instance.sop_class_uid == BREAST_TOMOSYNTHESIS, "tomosynthesis has no true depth resolution"),
        ("mixed_orientation" in codes, "slices have different orientations"),
        (order.key != "position", "all images lie at the same position"),
        ("duplicate" in codes, "some positions are occupied by more than one image"),
        (len({(frame.rows, frame.columns) for frame in frames}) > 1, "slices differ in rows and columns"),
        (bool((np.ptp(spacings, axis=0) > 1e-3 * spacings[0]).any()), "slices differ in pixel spacing"),
        (
            len({frame.instance.frame_of_reference_uid for frame in frames}) > 1,
            "slices differ in Frame of Reference",
        ),
        (colour_class(first) in {"colour", "palette colour"}, "the images are in colour"),
    )
    return next((sentence for failed, sentence in checks if failed), "")


def _affine(frames: Sequence[StackFrame], order: OrderReport) -> Affine | None:
    first = frames[0].plane
    if first is None or (len(frames) > 1 and order.key != "position"):
        return None
    origin, step = np.array(first.origin), np.array(first.normal)
    if len(frames) > 1:
        origins = np.array([frame.position for frame in frames])
        if order.uniform:
            step = (origins[-1] - origins[0]) / (len(frames) - 1)
        else:
            index = np.arange(len(frames)) - (len(frames) - 1) / 2
            step = index @ (origins - origins.mean(axis=0)) / (index @ index)
            origin = origins.mean(axis=0) + index[0] * step
    down = np.array(first.down) * first.spacing[0]
    right = np.array(first.right) * first.spacing[1]
    top = np.column_stack((step, down, right, origin))
    return (*(tuple(row) for row in top.tolist()), (0.0, 0.0, 0.0, 1.0))


def merge(stacks: Sequence[Stack]) -> Stack:
    """Join stacks into one that scrolls through all their frames (E6).

    Frames are sorted by position where all share an orientation and no position is taken twice; otherwise the
    stacks follow each other as they are. Stacks may differ in size; the result is then no volume (D51).
    """
    frames = [frame for stack in stacks for frame in stack.frames]
    digest = sha1("|".join(stack.id for stack in stacks).encode()).hexdigest()[:10]
    labels = " + ".join(stack.label or "stack" for stack in stacks)
    return build_stack(frames, id=f"{stacks[0].series_instance_uid}:{digest}", reason="merged by hand", label=labels)


def _tie_instances(stacks: list[Stack]) -> list[Stack]:
    """Make multi-frame instances that cover the same slices phases of one group, in order of time."""
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for number, stack in enumerate(stacks):
        names = dict(stack.key)
        modality = stack.frames[0].instance.modality
        if modality in CROSS_SECTIONAL and "instance" in names and stack.is_volume and stack.phase is None:
            places = tuple(round(d, 1) for d in sorted(stack.order.positions))
            rest = tuple(pair for pair in stack.key if pair[0] != "instance")
            groups[(rest, stack.frames[0].instance.image_type[2:], places)].append(number)
    for shared, members in groups.items():
        if len(members) < 2:
            continue
        ranked = sorted(members, key=lambda n: _fallback_time(stacks[n]))
        group_id = f"{stacks[members[0]].series_instance_uid}:{sha1(repr(shared).encode()).hexdigest()[:10]}"
        for index, number in enumerate(ranked, 1):
            phase = Phase("time", index)
            label = stacks[number].label or f"time {index}"
            stacks[number] = replace(stacks[number], phase=phase, phase_of=group_id, label=label)
    return stacks


def _fallback_time(stack: Stack) -> tuple[float, str]:
    instance = stack.frames[0].instance
    number = instance.instance_number
    return (float("inf") if number is None else number, instance.sop_instance_uid)


def _differing(keys: Sequence[Key]) -> frozenset[str]:
    values: dict[str, set[str | None]] = defaultdict(set)
    names = {name for key in keys for name, _ in key}
    for key in keys:
        pairs = dict(key)
        for name in names:
            values[name].add(pairs.get(name))
    return frozenset(name for name, found in values.items() if len(found) > 1)


def _names(key: Key, named: frozenset[str], facets: Sequence[Facet]) -> str:
    names = [name for name, text in key if name in named and text]
    names += [facet.by.replace("_", " ") for facet in facets]
    return ", ".join(dict.fromkeys(names))


def _shown(name: str, text: str, frame: StackFrame) -> str:
    """Return a key's value for people: an orientation without its numbers, an instance by its number."""
    if name in {"instance", "object"}:
        number = frame.instance.instance_number
        return f"instance {number}" if number is not None else f"instance …{text[-6:]}"
    return f"…{text[-8:]}" if name in {"class", "frame of reference"} else text.split(" (")[0]


def _digest(part: Part, *words: str) -> str:
    text = repr((part.key, words)).encode()
    return f"{part.frames[0].instance.series_instance_uid}:{sha1(text).hexdigest()[:10]}"


def _unique(stacks: list[Stack]) -> list[Stack]:
    """Give stacks that share an id (two obliques alike to one decimal) ids of their own."""
    seen: Counter[str] = Counter()
    unique = []
    for stack in stacks:
        seen[stack.id] += 1
        unique.append(stack if seen[stack.id] == 1 else replace(stack, id=f"{stack.id}-{seen[stack.id]}"))
    return unique


def normal_of(stack: Stack) -> Vector | None:
    """Return the unit normal of the stack's planes."""
    poses = poses_of(stack.frames)
    return None if poses is None else poses.normal
