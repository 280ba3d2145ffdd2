"""Stacks: frames of a series that scroll together, and why they are together (D11-D25, D51, D52, E6, E7)."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from hashlib import sha1
from typing import TYPE_CHECKING

import numpy as np

from workstation.geometry.frames import StackFrame, all_frames
from workstation.geometry.order import explain_order
from workstation.geometry.order_report import OrderEvent
from workstation.geometry.phases import Pass, passes_of
from workstation.geometry.split import Key, Part, parts_of
from workstation.geometry.stack_value import MERGED, Phase, Stack, build_stack
from workstation.geometry.tie import tie_instances

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workstation.dicom.identity import Instance
    from workstation.geometry.facets import Facet

__all__ = ["Phase", "Stack", "StackFrame", "merge", "stacks_of"]

REST = "other images"
"""Label of a part that only lacks what sets the others apart, such as the images beside the localizers."""


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
        stacks += _part_stacks(part, named)
    return tie_instances(_unique(stacks))


def _part_stacks(part: Part, named: frozenset[str]) -> list[Stack]:
    passes = passes_of(part.frames)
    stated = [(name, text) for name, text in part.key if name in named and text]
    if len(stated) > 1:
        stated = [pair for pair in stated if pair[0] != "class"]
    shared = [_shown(name, text, part.frames[0]) for name, text in stated]
    if named and not shared:
        shared = [REST]
    descending = _common_direction(passes) if len(passes) > 1 else None
    groups: dict[tuple[str, ...], list[Pass]] = defaultdict(list)
    for item in passes:
        groups[tuple(f.key for f in item.facets if not f.tied)].append(item)
    stacks = []
    for untied, members in groups.items():
        group_id = _digest(part, *untied)
        for index, item in enumerate(members, 1):
            words = [*shared, *(facet.label for facet in item.facets)]
            stack = build_stack(
                item.frames,
                id=_digest(part, *(facet.key for facet in item.facets)),
                reason=_reason(part.key, named, item.facets, words),
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


def merge(stacks: Sequence[Stack]) -> Stack:
    """Join stacks into one that scrolls through all their frames (E6).

    Frames are sorted by position where all share an orientation and no position is taken twice; otherwise the
    stacks follow each other as they are. Stacks may differ in size; the result is then no volume (D51).
    """
    frames = [frame for stack in stacks for frame in stack.frames]
    digest = sha1("|".join(stack.id for stack in stacks).encode()).hexdigest()[:10]
    labels = " + ".join(stack.label or "stack" for stack in stacks)
    return build_stack(frames, id=f"{stacks[0].series_instance_uid}:{digest}", reason=MERGED, label=labels)


def _differing(keys: Sequence[Key]) -> frozenset[str]:
    values: dict[str, set[str | None]] = defaultdict(set)
    names = {name for key in keys for name, _ in key}
    for key in keys:
        pairs = dict(key)
        for name in names:
            values[name].add(pairs.get(name))
    return frozenset(name for name, found in values.items() if len(found) > 1)


def _reason(key: Key, named: frozenset[str], facets: Sequence[Facet], words: Sequence[str]) -> str | None:
    """Return why this is a stack of its own, None where the series is one stack."""
    stated = [name for name, text in key if name in named and text] or sorted(named)
    names = [*stated, *(facet.by.replace("_", " ") for facet in facets)]
    if not names:
        return None
    return f"series split by {', '.join(dict.fromkeys(names))}: {', '.join(words)}"


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
