"""Which images at the same positions belong to which pass through space (D12, D17, E6).

A set of frames with one image at each position is never split. Where positions are taken several times, the
first attribute that sorts them out does; an attribute sorts out a set if the most images at one position, added
over its values, stays the same. (A trigger time that differs in every image does not; b = 0 once and b = 1000
three times at each position does.)
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from workstation.geometry.facets import ATTRIBUTES, CATEGORIES, Attribute, Facet, sorted_values
from workstation.geometry.natural import moment
from workstation.geometry.poses import poses_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workstation.geometry.frames import StackFrame

MOST_STRAY = 0.25
"""Share of positions that may be taken twice for the second images to be set aside as duplicates (D12)."""


@dataclass(frozen=True, slots=True)
class Pass:
    """Frames that make one pass through space; ``facets`` say what sets it apart from the other passes."""

    frames: tuple[StackFrame, ...]
    facets: tuple[Facet, ...] = ()


def passes_of(frames: Sequence[StackFrame]) -> list[Pass]:
    """Split frames of one orientation into passes; every frame is in exactly one of them."""
    poses = poses_of(frames)
    if poses is None or poses.places < 2 or not poses.parallel:
        return [Pass(tuple(frames))]
    if _most(poses.place) == 1:
        return _reconstructions(frames, poses.distances)
    return [
        Pass(tuple(frames[i] for i in indices), facets)
        for indices, facets in _sort_out(frames, poses.place, np.arange(len(frames)), ATTRIBUTES)
    ]


Piece = tuple[Any, tuple[Facet, ...]]


def _most(place: NDArray[np.int64]) -> int:
    return int(np.bincount(place).max())


def _sort_out(
    frames: Sequence[StackFrame],
    place: NDArray[np.int64],
    chosen: NDArray[np.int64],
    attributes: Sequence[Attribute],
) -> list[Piece]:
    most = _most(place[chosen])
    if most == 1:
        return [(chosen, ())]
    for number, attribute in enumerate(attributes):
        groups = _by_value(frames, place, chosen, attribute, most)
        if groups:
            rest = attributes[number + 1 :]
            return [
                (indices, (facet, *more))
                for group, facet in groups
                for indices, more in _sort_out(frames, place, group, rest)
            ]
    for attribute in (a for a in attributes if a.ranked):
        moments = [moment(value) for value in attribute.values([frames[i] for i in chosen])]
        ranked = _by_rank(place, chosen, moments, most)
        if ranked:
            return [(group, (_rank_facet(attribute, frames, group, k),)) for k, group in enumerate(ranked)]
    return _by_number(frames, place, chosen, most) or _duplicates(frames, place, chosen, most)


def _by_value(
    frames: Sequence[StackFrame],
    place: NDArray[np.int64],
    chosen: NDArray[np.int64],
    attribute: Attribute,
    most: int,
) -> list[tuple[NDArray[np.int64], Facet]]:
    values = attribute.values([frames[i] for i in chosen])
    distinct = sorted_values(values)
    if not 1 < len(distinct) <= most:
        return []
    if not all(value is None or moment(value) is not None for value in distinct):
        distinct = _as_scanned(distinct, values, [frames[i] for i in chosen])
    number = {value: index for index, value in enumerate(distinct)}
    labels = np.array([number[value] for value in values])
    groups = [chosen[labels == index] for index in range(len(distinct))]
    everywhere = len(np.unique(place[chosen]))
    complete = any(len(np.unique(place[group])) == everywhere for group in groups)
    if not complete or sum(_most(place[group]) for group in groups) != most:
        return []
    return [(group, attribute.facet(index, distinct)) for index, group in enumerate(groups)]


def _as_scanned(distinct: Sequence[Any], values: Sequence[Any], frames: Sequence[StackFrame]) -> list[Any]:
    """Return values without an order of their own, such as directions, in that of the lowest instance numbers."""
    first: dict[Any, tuple[float, int, str]] = {}
    for value, frame in zip(values, frames, strict=True):
        first[value] = min(first.get(value, _lowest_first(frame)), _lowest_first(frame))
    return sorted(distinct, key=lambda value: (value is not None, first[value]))


def _by_rank(
    place: NDArray[np.int64], chosen: NDArray[np.int64], ranks: Sequence[Any], most: int
) -> list[NDArray[np.int64]]:
    """Return the k-th image at every position as pass k, if all have equally many, told apart by ``ranks``."""
    if any(rank is None for rank in ranks) or len(chosen) != most * len(np.unique(place[chosen])):
        return []
    order = sorted(range(len(chosen)), key=lambda i: (place[chosen[i]], ranks[i]))
    if any(place[chosen[a]] == place[chosen[b]] and ranks[a] == ranks[b] for a, b in itertools.pairwise(order)):
        return []
    return [chosen[layer] for layer in np.array(order).reshape(-1, most).T]


def _rank_facet(attribute: Attribute, frames: Sequence[StackFrame], group: NDArray[np.int64], index: int) -> Facet:
    value = attribute.values([frames[i] for i in group])[0]
    number = float(value) if isinstance(value, (int, float)) else None
    label = f"{attribute.by.replace('_', ' ')} {index + 1}"
    return Facet(attribute.by, number, attribute.unit if number is not None else "", label, True, label)


def _by_number(
    frames: Sequence[StackFrame], place: NDArray[np.int64], chosen: NDArray[np.int64], most: int
) -> list[Piece]:
    """Use the instance numbers where they run through space again and again, or stay at each position."""
    numbers = [frames[i].instance.instance_number for i in chosen]
    if len({frames[i].ref.sop_instance_uid for i in chosen}) == 1:
        numbers = [frames[i].ref.frame_index for i in chosen]
    layers = _by_rank(place, chosen, numbers, most)
    if not layers:
        return []
    number = dict(zip(chosen.tolist(), numbers, strict=True))
    per_layer = [[number[i] for i in layer.tolist()] for layer in layers]
    per_place = [list(column) for column in zip(*per_layer, strict=True)]
    if not (_in_blocks(per_layer) or _in_blocks(per_place)):
        return []
    name = "instance_number"
    return [
        (layer, (Facet(name, float(k + 1), "", f"pass {k + 1}", True, f"pass {k + 1}"),))
        for k, layer in enumerate(layers)
    ]


def _in_blocks(blocks: Sequence[Sequence[Any]]) -> bool:
    spans = sorted((min(block), max(block)) for block in blocks)
    return all(first[1] < second[0] for first, second in itertools.pairwise(spans))


def _duplicates(
    frames: Sequence[StackFrame], place: NDArray[np.int64], chosen: NDArray[np.int64], most: int
) -> list[Piece]:
    """Set a few stray second images aside; keep everything together if positions are taken twice as a rule."""
    counts = np.bincount(place[chosen])
    counts = counts[counts > 0]
    if (counts > 1).sum() > MOST_STRAY * len(counts):
        return [(chosen, ())]
    ranks = [_lowest_first(frames[i]) for i in chosen.tolist()]
    order = sorted(range(len(chosen)), key=lambda i: (place[chosen[i]], ranks[i], i))
    layer = np.zeros(len(chosen), dtype=np.int64)
    for a, b in itertools.pairwise(order):
        layer[b] = layer[a] + 1 if place[chosen[a]] == place[chosen[b]] else 0
    pieces: list[Piece] = [(chosen[layer == 0], ())]
    for k in range(1, most):
        label = f"duplicate {k}" if most > 2 else "duplicate"
        pieces.append((chosen[layer == k], (Facet("duplicate", None, "", label, False, label),)))
    return pieces


def _lowest_first(frame: StackFrame) -> tuple[float, int, str]:
    number = frame.instance.instance_number
    return (float("inf") if number is None else number, frame.ref.frame_index, frame.ref.sop_instance_uid)


def _reconstructions(frames: Sequence[StackFrame], distances: NDArray[np.float64]) -> list[Pass]:
    """Separate interleaved reconstructions: uneven together, each of them even alone (E6)."""
    if _even(distances):
        return [Pass(tuple(frames))]
    for attribute in CATEGORIES:
        values = attribute.values(frames)
        distinct = sorted_values(values)
        if not 1 < len(distinct) <= len(frames) // 2:
            continue
        labels = np.array([distinct.index(value) for value in values])
        groups = [np.flatnonzero(labels == index) for index in range(len(distinct))]
        if all(len(group) > 1 and _even(distances[group]) for group in groups) and _overlap(distances, groups):
            return [
                Pass(tuple(frames[i] for i in group.tolist()), (attribute.facet(index, distinct),))
                for index, group in enumerate(groups)
            ]
    return [Pass(tuple(frames))]


def _overlap(distances: NDArray[np.float64], groups: Sequence[NDArray[np.int64]]) -> bool:
    """Return whether the groups lie within one another; end to end they are one run with two spacings."""
    spans = sorted((float(distances[g].min()), float(distances[g].max())) for g in groups)
    return all(first[1] > second[0] for first, second in pairwise(spans))


def _even(distances: NDArray[np.float64]) -> bool:
    steps = np.diff(np.sort(distances))
    median = np.median(steps)
    return bool(np.abs(steps - median).max() <= max(0.01, 0.01 * median))
