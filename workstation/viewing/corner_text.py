"""What is written in the corners of a pane, in three levels (J6, features D3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from workstation.dicom import display_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workstation.dicom.identity import Frame, Instance
    from workstation.geometry.stack import Stack, StackFrame

NONE, ESSENTIAL, FULL = 0, 1, 2
LEVELS = (NONE, ESSENTIAL, FULL)
HIDDEN = "identity hidden"
LONGEST = 64


@dataclass(frozen=True, slots=True)
class Corners:
    """Lines of text for the four corners, top to bottom."""

    top_left: tuple[str, ...] = ()
    top_right: tuple[str, ...] = ()
    bottom_left: tuple[str, ...] = ()
    bottom_right: tuple[str, ...] = ()


def corner_text(
    stack: Stack,
    index: int,
    *,
    level: int,
    hidden: bool,
    display: tuple[str, ...] = (),
    section: tuple[str, ...] = (),
    phases: int = 1,
    ideographic_first: bool = False,
) -> Corners:
    """Return the lines for one frame of a stack.

    ``section`` replaces the facts of the image where the pane shows a reformatted plane; ``display`` are lines on
    how it is shown (window, zoom), written last at the bottom left. ``phases`` counts the passes of a 4-D series.
    With ``hidden`` nothing that identifies the patient is returned.
    """
    if level == NONE or not stack.frames:
        return Corners()
    place = stack.frames[min(index, len(stack.frames) - 1)]
    values, full = place.instance.values, level == FULL
    return Corners(
        top_left=_identity(values, hidden, full, ideographic_first),
        top_right=_study(values, hidden, full),
        bottom_left=(*_image(stack, index, place, full, section, phases), *display),
        bottom_right=_technique(place.instance, place.frame, stack, full),
    )


def number(value: float | None, digits: int = 2) -> str:
    """Return a number without trailing zeros."""
    if value is None:
        return ""
    text = f"{round(value, digits) + 0.0:.{digits}f}"  # no minus before a zero
    return text.rstrip("0").rstrip(".") if "." in text else text


def _kept(lines: list[str]) -> tuple[str, ...]:
    return tuple(_plain(line) for line in lines if line.strip())


@lru_cache(maxsize=1024)
def _plain(line: str) -> str:
    # while a plane is dragged the same lines are asked for a hundred times a second
    return display_names.plain(line, LONGEST)


def _identity(values: Mapping[str, Any], hidden: bool, full: bool, ideographic_first: bool) -> tuple[str, ...]:
    if hidden:
        return (HIDDEN,)
    name = display_names.person_name(str(values.get("PatientName", "")), ideographic_first)
    lines = [name or "no name", str(values.get("PatientID", ""))]
    if full:
        birth = display_names.date(str(values.get("PatientBirthDate", "")))
        facts = (str(values.get("PatientSex", "")), display_names.age(str(values.get("PatientAge", ""))), birth)
        lines.append(" · ".join(fact for fact in facts if fact))
    return _kept(lines)


def _study(values: Mapping[str, Any], hidden: bool, full: bool) -> tuple[str, ...]:
    day = str(values.get("StudyDate", ""))
    # a day and an hour name a patient to whoever has the list of that day; the year does not
    when = day[:4] if hidden else f"{display_names.date(day)} {display_names.time(str(values.get('StudyTime', '')))}"
    lines = [str(values.get("StudyDescription", "")), when.strip()]
    if full and not hidden:
        lines.insert(0, str(values.get("InstitutionName", "")))
    return _kept(lines)


def _image(
    stack: Stack, index: int, place: StackFrame, full: bool, section: tuple[str, ...], phases: int
) -> tuple[str, ...]:
    instance, frame = place.instance, place.frame
    series = instance.values.get("SeriesNumber")
    heading = f"Series {series}" if series is not None else "Series"
    description = str(instance.values.get("SeriesDescription", ""))
    lines = [f"{heading} · {description}" if description else heading]
    passes = f"phase {stack.phase.index} of {phases}" if stack.phase is not None and phases > 1 else ""
    lines.append(" · ".join(part for part in (stack.label, passes) if part))
    if section:
        return _kept([*lines, *section])
    position = f"Image {index + 1} of {len(stack.frames)}"
    named = instance.instance_number
    if instance.number_of_frames > 1:
        position += f" · frame {frame.index + 1}" if frame.index != index else ""
    elif full and named is not None and named != index + 1:
        position += f" · no. {named}"
    lines.append(position)
    if full:
        lines.append(_slice_facts(stack, index, frame))
    return _kept(lines)


def _slice_facts(stack: Stack, index: int, frame: Frame) -> str:
    facts = []
    positions = stack.order.positions
    if stack.order.key == "position" and index < len(positions):
        facts.append(f"Pos {number(positions[index], 1)} mm")
    thickness = frame.values.get("SliceThickness")
    if thickness:
        facts.append(f"T {number(thickness)} mm")
    return " · ".join(facts)


def _technique(instance: Instance, frame: Frame, stack: Stack, full: bool) -> tuple[str, ...]:
    values = instance.values
    lines: list[str] = []
    laterality = values.get("ImageLaterality") or values.get("Laterality") or frame.values.get("ImageLaterality")
    view = frame.values.get("ViewPosition") or values.get("ViewPosition")
    if laterality or view:
        lines.append(" ".join(str(v) for v in (laterality, view) if v))
    if full:
        lines += _physics(values, frame.values)
        lines.append(str(values.get("PatientPosition", "")))
    lines.append(f"{instance.modality} · {instance.columns} × {instance.rows}")
    if str(values.get("LossyImageCompression", "")) == "01":
        lines.append("LOSSY" + _ratio(values.get("LossyImageCompressionRatio")))
    if str(values.get("BurnedInAnnotation", "")).upper() == "YES":
        lines.append("burned-in text")
    if str(values.get("PresentationIntentType", "")) == "FOR PROCESSING":
        lines.append("raw – not for presentation")
    return _kept(lines)


def _physics(values: Mapping[str, Any], frame: Mapping[str, Any]) -> list[str]:
    def find(keyword: str) -> float | None:
        value = frame.get(keyword, values.get(keyword))
        return float(value) if isinstance(value, (int, float)) else None

    lines = []
    kvp, current = find("KVP"), find("XRayTubeCurrent")
    if kvp:
        lines.append(f"{number(kvp, 0)} kV" + (f" · {number(current, 0)} mA" if current else ""))
    echo, repetition = find("EchoTime"), find("RepetitionTime")
    if echo is not None or repetition is not None:
        parts = [
            f"TR {number(repetition, 1)}" if repetition is not None else "",
            f"TE {number(echo, 1)}" if echo is not None else "",
        ]
        lines.append(" · ".join(part for part in parts if part) + " ms")
    return lines


def _ratio(ratio: Any) -> str:
    last = ratio[-1] if isinstance(ratio, tuple) and ratio else ratio
    return f" {number(float(last), 1)}:1" if isinstance(last, (int, float)) else ""
