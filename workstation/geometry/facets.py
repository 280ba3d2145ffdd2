"""Attributes by which images of one series may belong apart, in the order they are tried (D17)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workstation.geometry.natural import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workstation.geometry.frames import StackFrame


Label = Callable[[Any, int, "Sequence[Any]"], str]
"""Makes a short label of a value, its index from 0, and all values it is told apart from."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One attribute's value shared by a part of a series: ``by`` names it, ``label`` is short.

    ``tied`` facets number the phases of one 4-D group; the others make stacks that do not play together.
    """

    by: str
    value: float | None
    unit: str
    label: str
    tied: bool
    key: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """Where a facet's values come from and how they are shown; the first keyword present counts."""

    by: str
    keywords: tuple[str, ...]
    label: Label
    unit: str = ""
    tied: bool = True
    ranked: bool = False

    def values(self, frames: Sequence[StackFrame]) -> list[Any]:
        """Return the frames' values, hashable; None where absent, which is not zero."""
        return [self._value(frame) for frame in frames]

    def _value(self, frame: StackFrame) -> Any:
        for keyword in self.keywords:
            value = frame.frame.values.get(keyword)
            if value is not None:
                return value
        return None

    def facet(self, index: int, distinct: Sequence[Any]) -> Facet:
        """Return the facet of the ``index``-th of the distinct values; text times count in seconds from the first."""
        value, first = distinct[index], next((one for one in distinct if one is not None), None)
        number = float(value) if isinstance(value, (int, float)) else None
        if number is None and self.unit == "s":
            number = seconds_between(first, value)
        return Facet(self.by, number, self.unit, self.label(value, index, distinct), self.tied, f"{self.by}={value}")


def seconds_between(first: Any, value: Any) -> float | None:
    """Return the seconds from one TM or DT text to another of the same day."""
    times = [moment(first), moment(value)]
    if times[0] is None or times[1] is None:
        return None
    clock = [time % 1e6 for time in times if time is not None]
    seconds = [(t // 1e4) * 3600 + (t % 1e4 // 100) * 60 + t % 100 for t in clock]
    return round((seconds[1] - seconds[0]) % 86400, 6)


def _plain(name: str, unit: str = "") -> Label:
    def label(value: Any, index: int, distinct: Sequence[Any]) -> str:
        return f"no {name}" if value is None else f"{name} {value:g}{unit}"

    return label


def _counted(name: str) -> Label:
    return lambda value, index, distinct: f"{name} {index + 1}"


def _echo(value: Any, index: int, distinct: Sequence[Any]) -> str:
    return f"echo {index + 1} ({value:g} ms)" if isinstance(value, (int, float)) else f"echo {index + 1}"


def _image_type(value: Any, index: int, distinct: Sequence[Any]) -> str:
    """Return what an image type has and not all the others have too."""
    if not value:
        return "no image type"
    common = set.intersection(*(set(other or ()) for other in distinct))
    return " ".join(word for word in value if word not in common) or f"image type {index + 1}"


def _text(name: str) -> Label:
    def label(value: Any, index: int, distinct: Sequence[Any]) -> str:
        if value is None:
            return f"no {name}"
        return f"{name} {'/'.join(map(str, value)) if isinstance(value, tuple) else value}"

    return label


ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute("time", ("TemporalPositionIdentifier",), _counted("time")),
    Attribute("time", ("TemporalPositionTimeOffset",), _counted("time"), "s"),
    Attribute("time", ("TemporalPositionIndex",), _counted("time")),
    Attribute("time", ("TimeSlot",), _counted("time slot")),
    Attribute("rr_interval", ("RRInterval",), _counted("R-R interval")),
    Attribute("time", ("Phase",), _counted("phase")),
    Attribute("b_value", ("DiffusionBValue",), _plain("b"), "s/mm²"),
    Attribute("gradient", ("DiffusionGradientOrientation",), _counted("direction")),
    Attribute("trigger_time", ("TriggerTime",), _plain("trigger", " ms"), "ms", ranked=True),
    Attribute("trigger_time", ("NominalCardiacTriggerDelayTime",), _plain("trigger", " ms"), "ms", ranked=True),
    Attribute("cardiac_phase", ("NominalPercentageOfCardiacPhase",), _plain("cardiac", " %"), "%"),
    Attribute("cardiac_phase", ("CardiacCyclePosition",), _text("cardiac")),
    Attribute("echo", ("EchoTime",), _echo, "ms"),
    Attribute("echo", ("EchoNumbers",), _counted("echo")),
    Attribute("inversion_time", ("InversionTime",), _plain("TI", " ms"), "ms"),
    Attribute("flip_angle", ("FlipAngle",), _plain("flip", "°"), "°"),
    Attribute("repetition_time", ("RepetitionTime",), _plain("TR", " ms"), "ms"),
    Attribute("image_type", ("FrameType", "ImageType"), _image_type, tied=False),
    Attribute("acquisition", ("AcquisitionNumber",), _plain("acquisition")),
    Attribute("time", ("FrameAcquisitionDateTime", "AcquisitionDateTime"), _counted("time"), "s", ranked=True),
    Attribute("time", ("AcquisitionTime",), _counted("time"), "s", ranked=True),
    Attribute("time", ("FrameReferenceTime",), _counted("time"), "ms", ranked=True),
    Attribute("time", ("ContentTime",), _counted("time"), "s", ranked=True),
    Attribute("kernel", ("ConvolutionKernel",), _text("kernel"), tied=False),
    Attribute("contrast", ("ContrastBolusAgent",), _text("contrast"), tied=False),
    Attribute("kvp", ("KVP",), _plain("", " kV"), "kV", tied=False),
)

CATEGORIES = tuple(a for a in ATTRIBUTES if a.by in {"image_type", "kernel", "contrast"})
"""What tells whole reconstructions apart even where no position is taken twice (E6)."""


def sorted_values(values: Sequence[Any]) -> list[Any]:
    """Return the distinct values in a stable order: none first, then numbers and times, then text."""

    def rank(value: Any) -> tuple[int, float, str]:
        if value is None:
            return 0, 0.0, ""
        number = moment(value)
        return (1, number, "") if number is not None else (2, 0.0, str(value))

    return sorted(set(values), key=rank)
