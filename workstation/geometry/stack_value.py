"""The stack as a value: ordered frames, their common geometry, and whether they make a volume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workstation.geometry.frames import StackFrame
from workstation.geometry.order import explain_order
from workstation.geometry.order_report import OrderReport
from workstation.geometry.orientation import plane_name
from workstation.geometry.split import Key, colour_class, shows_image

if TYPE_CHECKING:
    from collections.abc import Sequence

Affine = tuple[tuple[float, ...], ...]
BREAST_TOMOSYNTHESIS = "1.2.840.10008.5.1.4.1.1.13.1.3"
MERGED = "merged by hand"
"""Reason of a stack that was made of the several stacks of its series."""
MOST_FLATNESS = 1000.0
"""Greatest ratio of slice spacing and pixel size, either way, that makes a volume."""


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

    @property
    def merged(self) -> bool:
        """Whether the stacks of its series were made one by hand."""
        return self.reason == MERGED


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
            not 1 / MOST_FLATNESS <= (order.spacing or spacings.min()) / spacings.min() <= MOST_FLATNESS,
            "slice spacing and pixel size cannot both be true",
        ),
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
