"""Multi-frame instances and mosaics that pass through the same space one after the other (D17, D20)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from hashlib import sha1
from typing import TYPE_CHECKING, Any

import numpy as np

from workstation.geometry.facets import ATTRIBUTES, Facet, sorted_values
from workstation.geometry.order import CROSS_SECTIONAL
from workstation.geometry.stack_value import Phase, Stack

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_SHIFT = 2.0
"""Slice steps by which passes may be shifted against each other; scanners follow a moving head."""


def tie_instances(stacks: Sequence[Stack]) -> list[Stack]:
    """Make instances that each hold one pass through the same space phases of one group.

    They are phases by the first attribute that is constant in each and different in all of them, else by instance
    number.
    """
    tied = list(stacks)
    for members in _groups(stacks):
        facets = _facets([stacks[n] for n in members])
        first = stacks[members[0]]
        rest = tuple(pair for pair in first.key if pair[0] != "instance")
        group_id = f"{first.series_instance_uid}:{sha1(repr((rest, _slices(first))).encode()).hexdigest()[:10]}"
        for index, (number, facet) in enumerate(facets, 1):
            stack = stacks[members[number]]
            words = [word for word in stack.label.split(" · ") if word and not word.startswith("instance ")]
            tied[members[number]] = replace(
                stack,
                label=" · ".join((*words, facet.label)),
                reason=f"series split by {facet.by.replace('_', ' ')}: {', '.join((*words, facet.label))}",
                phase=Phase(facet.by, index, facet.value, facet.unit),
                phase_of=group_id,
            )
        ordered = [tied[members[number]] for number, _ in facets]
        for place, stack in zip(sorted(members), ordered, strict=True):
            tied[place] = stack
    return tied


def _groups(stacks: Sequence[Stack]) -> list[list[int]]:
    candidates: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for number, stack in enumerate(stacks):
        if stack.is_volume and stack.phase is None and "instance" in dict(stack.key):
            instance = stack.frames[0].instance
            if instance.modality in CROSS_SECTIONAL:
                rest = tuple(pair for pair in stack.key if pair[0] != "instance")
                candidates[(rest, instance.image_type[2:], _slices(stack))].append(number)
    return [group for members in candidates.values() for group in _near(stacks, members) if len(group) > 1]


def _slices(stack: Stack) -> tuple[int, tuple[float, ...]]:
    return len(stack.frames), tuple(round(size, 2) for size in stack.spacing or ())


def _near(stacks: Sequence[Stack], members: Sequence[int]) -> list[list[int]]:
    """Separate stations, which lie elsewhere, from passes through the same place."""
    groups: list[tuple[Any, list[int]]] = []
    for number in members:
        stack = stacks[number]
        middle = np.array([frame.position for frame in stack.frames]).mean(axis=0)
        reach = MOST_SHIFT * (stack.spacing or (1.0,))[0]
        home = next((group for centre, group in groups if np.linalg.norm(middle - centre) <= reach), None)
        if home is None:
            groups.append((middle, [number]))
        else:
            home.append(number)
    return [group for _, group in groups]


def _facets(members: Sequence[Stack]) -> list[tuple[int, Facet]]:
    """Return (index, facet) of each member in the order of its phase."""
    for attribute in (a for a in ATTRIBUTES if a.tied):
        values = [set(attribute.values(stack.frames)) for stack in members]
        if all(len(found) == 1 for found in values):
            single = [next(iter(found)) for found in values]
            distinct = sorted_values(single)
            if len(distinct) == len(members) and None not in distinct:
                return [(single.index(value), attribute.facet(index, distinct)) for index, value in enumerate(distinct)]
    ranked = sorted(range(len(members)), key=lambda n: _number(members[n]))
    name = "instance_number"
    return [(n, Facet(name, float(k), "", f"pass {k}", True, f"pass {k}")) for k, n in enumerate(ranked, 1)]


def _number(stack: Stack) -> tuple[float, str]:
    instance = stack.frames[0].instance
    number = instance.instance_number
    return float("inf") if number is None else number, instance.sop_instance_uid
