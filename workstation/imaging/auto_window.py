"""Windows computed from the pixels: statistics, the first window, the step of a drag (B21, B22, B33)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workstation.imaging.modality_lut import Rescale
from workstation.imaging.padding import padding_mask
from workstation.imaging.window import VOILUTFunction, Window

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from workstation.imaging.rendering import Rendering
    from workstation.imaging.voi_lut import VoiChoice

SAMPLES: Final = 1_000_000
"""Pixels looked at in one display set."""
FRAME_SAMPLES: Final = 1 << 16
"""Pixels looked at in one frame."""
LOW_PERCENT, HIGH_PERCENT, PET_PERCENT = 0.5, 99.5, 99.9
CT_DEFAULT: Final = Window(40.0, 400.0, name="Soft tissue")
MEASURED: Final = frozenset({"CT", "MR", "PT", "NM"})
"""Modalities whose 8-bit values are measurements, not greys meant for a screen."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a sample of modality values looks like; padding and non-finite values are left out.

    ``low`` and ``high`` are the 0.5 and 99.5 percentiles, ``top`` the 99.9; ``whole`` tells integers.
    ``count`` 0 means that there was nothing to look at.
    """

    count: int = 0
    minimum: float = 0.0
    maximum: float = 0.0
    mean: float = 0.0
    low: float = 0.0
    high: float = 0.0
    top: float = 0.0
    whole: bool = True


def samples_of(values: NDArray[Any], rendering: Rendering, limit: int = SAMPLES) -> NDArray[Any]:
    """Return modality values of at most ``limit`` evenly spread stored values, padding left out (1-D)."""
    flat = values.reshape(-1) if not rendering.color else values.reshape(-1, 3).max(axis=1)
    # An odd step does not walk down a few columns only.
    step = -(-flat.size // limit)
    flat = flat[:: step | 1 if step > 1 else 1]
    mask = None if rendering.color else padding_mask(flat[np.newaxis], rendering.padding)
    kept = flat if mask is None else flat[~mask[0]]
    return kept if rendering.color else rendering.modality_stage.apply(kept)


def statistics_of(samples: NDArray[Any]) -> Statistics:
    """Return the statistics of modality values; the order of the samples does not matter."""
    if samples.dtype.kind == "f":
        samples = samples[np.isfinite(samples)]
    if samples.size == 0:
        return Statistics()
    low, high, top = np.percentile(samples, (LOW_PERCENT, HIGH_PERCENT, PET_PERCENT))
    return Statistics(
        count=int(samples.size),
        minimum=float(samples.min()),
        maximum=float(samples.max()),
        mean=float(samples.mean(dtype=np.float64)),
        low=float(low),
        high=float(high),
        top=float(top),
        whole=samples.dtype.kind in "iu",
    )


def frame_statistics(values: NDArray[Any], rendering: Rendering, complete_rows: int | None = None) -> Statistics:
    """Return the statistics of one frame's stored values; rows that were missing are left out (A8)."""
    present = values if complete_rows is None else values[:complete_rows]
    return statistics_of(samples_of(present, rendering, FRAME_SAMPLES))


def merged(statistics: Iterable[Statistics]) -> Statistics:
    """Return the statistics of a display set from those of its frames.

    Extremes are exact; percentiles are the median of the frames' own, so that one frame full of metal or air
    does not decide for all (B22).
    """
    present = [each for each in statistics if each.count]
    if not present:
        return Statistics()
    total = sum(each.count for each in present)
    return Statistics(
        count=total,
        minimum=min(each.minimum for each in present),
        maximum=max(each.maximum for each in present),
        mean=sum(each.mean * each.count for each in present) / total,
        low=float(np.median([each.low for each in present])),
        high=float(np.median([each.high for each in present])),
        top=max(each.top for each in present),
        whole=all(each.whole for each in present),
    )


def auto_window(samples: NDArray[Any] | Statistics, rendering: Rendering | None = None) -> Window:
    """Return the percentile window of modality values (B22): same samples, same window.

    PET runs from 0 to its 99.9 percentile. For whole numbers c = (low + high + 1) / 2 and w = high - low + 1,
    so that low is just black and high just white; otherwise the function is LINEAR_EXACT. A flat image c = v,
    w = 1 is at its own threshold.
    """
    statistics = samples if isinstance(samples, Statistics) else statistics_of(samples)
    low, high = statistics.low, statistics.high
    if rendering is not None and rendering.modality == "PT":
        low, high = min(0.0, statistics.low), statistics.top
    if high <= low:
        low, high = statistics.minimum, statistics.maximum
    if not statistics.whole:
        width = high - low or 1.0
        return Window((low + high) / 2, width, VOILUTFunction.LINEAR_EXACT, name="Auto")
    if high <= low:
        return Window(low, 1.0, name="Auto")
    low, high = np.floor(low), np.ceil(high)
    return Window(float(low + high + 1) / 2, float(high - low + 1), name="Auto")


def default_voi(rendering: Rendering, statistics: Statistics | None = None) -> VoiChoice:
    """Return what an image is first shown with: header, then modality default, then auto (B20, B22).

    Greys of at most eight bits that are no measurement (captures, ultrasound) are shown as they are.
    """
    if rendering.voi:
        return rendering.voi[0]
    if rendering.modality == "CT" and rendering.unit == "HU":
        return CT_DEFAULT
    plain = isinstance(rendering.modality_stage, Rescale) and rendering.modality_stage.is_identity
    screen_grey = rendering.bits_stored <= 8 and rendering.modality not in MEASURED and plain
    if screen_grey or statistics is None or statistics.count == 0 or not rendering.has_window:
        return full_range_window(rendering)
    return auto_window(statistics, rendering)


def full_range_window(rendering: Rendering) -> Window:
    """Return the window over every value the header allows (PS3.3 C.11.2.1.2.2)."""
    if rendering.stored_range is None or rendering.color:
        return Window(128.0, 256.0)
    ends = rendering.modality_stage.apply(np.array(rendering.stored_range, np.float64))
    low, high = float(min(ends)), float(max(ends))
    return Window((low + high + 1) / 2, max(1.0, high - low + 1))


def drag_step(statistics: Statistics) -> float:
    """Return the modality units one pixel of a window drag is worth: the sampled range over 1024 (B33)."""
    extent = statistics.maximum - statistics.minimum
    return extent / 1024 if extent > 0 else 1.0
