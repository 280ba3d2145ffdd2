"""The frame clock of a cine run as a pure function of elapsed time (F25)."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_FPS = 15.0


@dataclass(frozen=True, slots=True)
class CineClock:
    """Frame starts in ms from the first, the length of one cycle, and whether it sweeps to and fro."""

    starts: tuple[float, ...]
    period: float
    sweep: bool = False
    source: str = "default"

    @property
    def fps(self) -> float:
        """Mean frames per second."""
        return 1000.0 * len(self.starts) / self.period if self.period > 0 else 0.0

    def frame_at(self, elapsed_ms: float, start: int = 0) -> int:
        """Return the frame index due ``elapsed_ms`` after ``start`` was shown: frames drop, time does not stretch."""
        count = len(self.starts)
        if count < 2 or self.period <= 0:
            return start
        if not self.sweep:
            phase = (self.starts[start] + elapsed_ms) % self.period
            return bisect_right(self.starts, phase + 1e-9) - 1
        step = self.period / count
        position = (start + int(elapsed_ms / step)) % (2 * count - 2)
        return position if position < count else 2 * count - 2 - position

    def frames_until(self, elapsed_ms: float, start: int = 0) -> int:
        """Return how many frames have become due ``elapsed_ms`` after ``start`` was shown."""
        count = len(self.starts)
        if count < 2 or self.period <= 0:
            return 0
        if self.sweep:
            return int(elapsed_ms / (self.period / count))
        cycles, phase = divmod(self.starts[start] + elapsed_ms, self.period)
        return int(cycles) * count + bisect_right(self.starts, phase + 1e-9) - 1 - start


def clock_of(values: Mapping[str, Any], frames: int, default_fps: float = DEFAULT_FPS) -> CineClock:
    """Return the clock a header asks for.

    Precedence: Recommended Display Frame Rate, Frame Time Vector or Frame Time as Frame Increment Pointer says,
    Cine Rate, then ``default_fps``.
    """
    sweep = values.get("PreferredPlaybackSequencing") == 1
    rate = values.get("RecommendedDisplayFrameRate")
    vector = values.get("FrameTimeVector")
    time = values.get("FrameTime")
    if rate and rate > 0:
        return _even(frames, 1000.0 / rate, sweep, "Recommended Display Frame Rate")
    if isinstance(vector, tuple) and len(vector) == frames and sum(vector) > 0 and not time:
        starts = tuple(accumulate((max(0.0, float(v)) for v in vector[1:]), initial=0.0))
        mean = starts[-1] / max(1, frames - 1)
        return CineClock(starts, starts[-1] + mean, sweep, "Frame Time Vector")
    if time and time > 0:
        return _even(frames, float(time), sweep, "Frame Time")
    rate = values.get("CineRate")
    if rate and rate > 0:
        return _even(frames, 1000.0 / rate, sweep, "Cine Rate")
    return _even(frames, 1000.0 / default_fps, sweep, "default")


def _even(frames: int, step: float, sweep: bool, source: str) -> CineClock:
    return CineClock(tuple(i * step for i in range(frames)), frames * step, sweep, source)
