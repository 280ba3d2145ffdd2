"""In which order frames scroll, and everything worth saying about their spacing (D4-D14).

One :class:`OrderReport` serves the stack, the volume, the window's chip and plot, the command line and the tests.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from workstation.geometry.natural import moment, natural_key
from workstation.geometry.order_report import OrderEvent, OrderReport
from workstation.geometry.poses import Poses, poses_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workstation.geometry.frames import StackFrame

LEAST_TILT = 0.1
"""Degrees between the plane normal and the line through the slices from which a stack is tilted (D13)."""
FIT_TOLERANCE = 0.1
"""Voxels a slice may lie off the straight line through the stack (D14)."""
GAP_FACTOR = 1.5
"""A step this many times the median is a gap rather than unevenness."""
CINE_MODALITIES = frozenset({"US", "XA", "RF", "IVUS", "ES"})
CROSS_SECTIONAL = frozenset({"CT", "MR", "PT"})
TIMES = (
    "TemporalPositionIdentifier",
    "TemporalPositionIndex",
    "TriggerTime",
    "AcquisitionDateTime",
    "FrameAcquisitionDateTime",
    "AcquisitionTime",
    "FrameReferenceTime",
    "ContentTime",
)


def explain_order(frames: Sequence[StackFrame], descending: bool | None = None) -> OrderReport:
    """Order frames by position along the normal where they have one, else by time or number.

    Parameters
    ----------
    frames
        Frames of one stack in any order.
    descending
        Start at the far end of the normal. None decides by the instance numbers: they rise along the stack if
        they are monotonic at all (D5).

    Notes
    -----
    Instance Number, Slice Location, Patient Position and file name play no part in a spatial order (D4, D7).
    """
    poses = poses_of(frames)
    if poses is None:
        return _unplaced(frames)
    if not poses.parallel:
        detail = "slices have different orientations; there is no common direction to sort along"
        event = OrderEvent("mixed_orientation", detail)
        report = _unplaced(frames)
        return OrderReport(report.order, report.key, events=(event, *report.events))
    if poses.places == 1 and len(frames) > 1:
        return _one_place(frames, poses)
    return _by_position(frames, poses, descending)


def _by_position(frames: Sequence[StackFrame], poses: Poses, descending: bool | None) -> OrderReport:
    numbers = [_number(frame) for frame in frames]
    order = sorted(range(len(frames)), key=lambda i: (poses.place[i], numbers[i]))
    if descending is None:
        descending = falls([numbers[i] for i in order])
    if descending:
        order = sorted(range(len(frames)), key=lambda i: (-poses.place[i], numbers[i]))
    chosen = np.array(order)
    distances = poses.distances[chosen]
    spacing, uniform, events = _spacing(distances, poses.place[chosen])
    tilt, more = _straightness(poses.positions[chosen], distances, poses, frames)
    if poses.spread_in_pixels(frames) > 1.0:
        detail = "the slices' orientations differ slightly; planes drift apart towards the edges"
        more.append(OrderEvent("mixed_orientation", detail))
    return OrderReport(
        tuple(order),
        "position",
        poses.normal,
        tuple(distances.tolist()),
        spacing,
        uniform,
        tilt,
        (*events, *more),
    )


def _spacing(distances: NDArray[np.float64], place: NDArray[np.int64]) -> tuple[float | None, bool, list[OrderEvent]]:
    """Return median step, whether all steps equal it (D10) and the gap, uneven and duplicate events."""
    events: list[OrderEvent] = []
    _, first, counts = np.unique(place, return_index=True, return_counts=True)
    first = np.sort(first)
    repeated = np.flatnonzero(np.concatenate(([False], place[1:] == place[:-1])))
    if repeated.size:
        many = int((counts > 1).sum())
        detail = f"{many} position{'s are' if many > 1 else ' is'} occupied by more than one image"
        events.append(OrderEvent("duplicate", detail, tuple(repeated.tolist())))
    if first.size < 2:
        return None, not repeated.size, events
    steps = np.abs(np.diff(distances[first]))
    median = float(np.median(steps))
    uniform = bool(np.abs(steps - median).max() <= max(0.01, 0.01 * median))
    if not uniform:
        events += _uneven(steps, median, first, distances)
    return median, uniform and not repeated.size, events


def _uneven(
    steps: NDArray[np.float64], median: float, first: NDArray[np.int64], distances: NDArray[np.float64]
) -> list[OrderEvent]:
    wide = steps > GAP_FACTOR * median
    # Many wide steps are a protocol with two spacings, not missing slices.
    gaps = np.flatnonzero(wide) if 5 * wide.sum() <= max(steps.size, 5) else np.array([], dtype=np.int64)
    events = []
    for gap in gaps:
        before, after = int(first[gap + 1]) - 1, int(first[gap + 1])
        missing = round(float(steps[gap]) / median) - 1
        detail = (
            f"{steps[gap]:.2f} mm between slices {before + 1} and {after + 1}, expected {median:.2f} mm"
            f" (about {missing} missing)"
        )
        events.append(OrderEvent("gap", detail, (before, after)))
    rest = np.delete(np.arange(steps.size), gaps)
    odd = rest[np.abs(steps[rest] - median) > max(0.01, 0.01 * median)]
    if odd.size:
        detail = f"steps of {steps[rest].min():.2f}–{steps[rest].max():.2f} mm, median {median:.2f} mm"
        events.append(OrderEvent("uneven", detail, tuple(int(first[i + 1]) for i in odd)))
    return events


def _straightness(
    positions: NDArray[np.float64], distances: NDArray[np.float64], poses: Poses, frames: Sequence[StackFrame]
) -> tuple[float, list[OrderEvent]]:
    """Return the tilt in degrees (D13) and the tilt and irregular events (D14)."""
    along = positions[-1] - positions[0]
    rise = float(distances[-1] - distances[0])
    if len(positions) < 2 or not rise:
        return 0.0, []
    sideways = along - rise * np.asarray(poses.normal)
    tilt = float(np.degrees(np.arctan2(np.linalg.norm(sideways), abs(rise))))
    events = []
    if tilt > LEAST_TILT:
        events.append(OrderEvent("tilt", f"tilt {tilt:.1f}° corrected"))
    else:
        tilt = 0.0
    predicted = positions[0] + ((distances - distances[0]) / rise)[:, None] * along
    off = np.linalg.norm(positions - predicted, axis=1) / poses.voxel(frames)
    astray = np.flatnonzero(off > FIT_TOLERANCE)
    if astray.size:
        detail = f"slices lie up to {off.max():.2f} pixels off a straight line; true positions are used"
        events.append(OrderEvent("irregular", detail, tuple(astray.tolist())))
    return tilt, events


def _one_place(frames: Sequence[StackFrame], poses: Poses) -> OrderReport:
    """Order images of one and the same plane: in time, never as a volume (D8)."""
    order, key = _in_time(frames)
    return OrderReport(tuple(order), key, poses.normal, tuple(poses.distances[order].tolist()))


def _unplaced(frames: Sequence[StackFrame]) -> OrderReport:
    """Order frames without a common patient geometry (D6)."""
    order, key = _in_time(frames)
    lacking = [i for i, index in enumerate(order) if frames[index].position is None]
    wanted = len(lacking) < len(frames) or frames[0].instance.modality in CROSS_SECTIONAL
    events: tuple[OrderEvent, ...] = ()
    if lacking and wanted:
        detail = f"{len(lacking)} of {len(frames)} images have no Image Position (Patient): no spatial order"
        events = (OrderEvent("missing_position", detail, tuple(lacking)),)
    return OrderReport(tuple(order), key, events=events)


def _in_time(frames: Sequence[StackFrame]) -> tuple[list[int], str]:
    """Return the order and key of frames that space does not order."""
    everything = range(len(frames))
    cine = frames[0].instance.modality in CINE_MODALITIES
    if len({frame.ref.sop_instance_uid for frame in frames}) == 1:
        order = sorted(everything, key=lambda i: (frames[i].ref.frame_index, frames[i].ref.tile or 0))
        timed = cine or bool({"FrameTime", "FrameTimeVector"} & set(frames[0].instance.values))
        return order, "time" if timed else "frame_number"
    placed = frames[0].position is not None
    keywords = TIMES if placed else ("AcquisitionDateTime", "AcquisitionTime", "ContentTime") if cine else ()
    for keyword in keywords:
        moments = [moment(frame.value(keyword)) for frame in frames]
        known = [value for value in moments if value is not None]
        # Still images of one examination may share a second; then the number decides between them.
        if len(known) == len(frames) and len(set(known)) > (1 if cine else len(frames) - 1):
            return sorted(everything, key=lambda i: (moments[i], _number(frames[i]))), "time"
    return sorted(everything, key=lambda i: _fallback(frames[i])), "instance_number"


Rank = tuple[float, int, int, str]


def _number(frame: StackFrame) -> Rank:
    """Return a total order by number, for ties and fallbacks; missing numbers come last."""
    number = frame.instance.instance_number
    rank = float("inf") if number is None else float(number)
    # The parts of a concatenation may share a number; their frames count on (PS3.3 C.7.6.16.2.2.4).
    before = frame.instance.values.get("ConcatenationFrameOffsetNumber") or 0
    return rank, before + frame.ref.frame_index, frame.ref.tile or 0, frame.ref.sop_instance_uid


def _fallback(frame: StackFrame) -> tuple[object, ...]:
    acquisition = moment(frame.value("AcquisitionNumber"))
    time = moment(frame.value("ContentTime"))
    return (
        float("inf") if acquisition is None else acquisition,
        _number(frame)[0],
        float("inf") if time is None else time,
        natural_key(str(frame.instance.locator)),
        frame.ref,
    )


def falls(numbers: Sequence[Rank]) -> bool:
    """Return whether instance (or frame) numbers fall strictly all along the order."""
    plain = [number[:3] for number in numbers]
    return len(plain) > 1 and all(a > b for a, b in itertools.pairwise(plain))
