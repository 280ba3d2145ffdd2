"""The report of ``info`` as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workstation.cli.collect import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOWN_PATHS = 20


def lines(report: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of a report made by :func:`workstation.cli.info.describe`."""
    for patient in report["patients"]:
        yield _line(patient["patient_name"] or "no name", f"ID {patient['patient_id'] or 'none'}")
        yield from (f"  ! {printable(note)}" for note in patient["notes"])
        for study in patient["studies"]:
            yield "  " + _line(
                study["date"] or "no date", study["description"] or "no description", "/".join(study["modalities"])
            )
            for series in study["series"]:
                yield from _series(series)
    yield from _totals(report)


def _line(*parts: object) -> str:
    return "  ".join(printable(str(part)) for part in parts if part not in (None, ""))


def _series(series: dict[str, Any]) -> Iterator[str]:
    number = "–" if series["number"] is None else series["number"]
    count = _counted(series["instances"], "object")
    yield "    " + _line(f"{number:>4}", series["modality"] or "?", series["description"] or "no description", count)
    for stack in series["stacks"]:
        yield "         " + _line(*_stack(stack))
        if stack["reason"]:
            yield "           · " + printable(stack["reason"])
        yield from ("           ! " + printable(event["detail"]) for event in stack["events"])
        yield from ("           ! " + printable(problem["reason"]) for problem in stack["problems"])


def _stack(stack: dict[str, Any]) -> Iterator[str]:
    if stack["kind"] != "image":
        yield stack["kind"].replace("_", " ")
        return
    yield f"{stack['frames']} × {stack['rows']} × {stack['columns']}"
    yield "" if stack["orientation"] == "none" else stack["orientation"]
    if stack["spacing"]:
        yield " × ".join(f"{v:.4g}" for v in stack["spacing"]) + " mm"
    yield f"sorted by {stack['order_by'].replace('_', ' ')}"
    if abs(stack["tilt_degrees"]) > 0.1:
        yield f"tilt {stack['tilt_degrees']:.1f}°"
    yield "volume" if stack["is_volume"] else f"no volume: {stack['why_not']}"


def _totals(report: dict[str, Any]) -> Iterator[str]:
    counts = report["counts"]
    yield ""
    words = (("patients", "patient"), ("studies", "study"), ("series", "series"), ("instances", "object"))
    yield ", ".join(_counted(counts[key], word) for key, word in words)
    if report["skipped"]:
        yield f"{len(report['skipped'])} skipped:"
        yield from (f"  {printable(s['path'])}: {printable(s['reason'])}" for s in report["skipped"])
    if report["missing"]:
        yield f"{len(report['missing'])} named by a DICOMDIR but not there"
    if report["duplicates"]:
        yield f"{_counted(len(report['duplicates']), 'identical copy')} left out"
    other = report["not_dicom"]
    if other["count"]:
        names = [printable(path) for path in other["paths"][:SHOWN_PATHS]]
        more = ", …" if other["count"] > SHOWN_PATHS else ""
        yield f"Not DICOM: {_counted(other['count'], 'file')}: {', '.join(names)}{more}"


def _counted(number: int, noun: str) -> str:
    if number == 1 or noun == "series":
        return f"{number} {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"
