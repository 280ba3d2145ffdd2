"""``workstation info``: the tree, the stacks, the diagnosis, what was skipped and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workstation.cli.collect import Collected, collect, complain
from workstation.cli.documents import write_json
from workstation.cli.problems import problems_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

    from workstation.dicom.identity import Instance, Patient, Series, Study
    from workstation.geometry.stack import Stack


def run(options: argparse.Namespace) -> int:
    """Print what is below the paths as text or JSON."""
    collected = collect(options.paths)
    report = describe(collected, brief=options.brief)
    if options.json:
        write_json(report)
    else:
        from workstation.cli.info_text import lines

        for line in lines(report):
            print(line)
    code = collected.report_faults()
    if not collected.instances:
        complain(", ".join(options.paths), "nothing here can be opened")
        return 2
    return code


def describe(collected: Collected, *, brief: bool = False) -> dict[str, Any]:
    """Return the JSON document; ``brief`` leaves out each stack's ``order``."""
    catalogue = collected.catalogue
    patients = [_patient(p, collected, brief) for p in catalogue.patients]
    studies = [study for patient in patients for study in patient["studies"]]
    series = [item for study in studies for item in study["series"]]
    return {
        "patients": patients,
        "counts": {
            "patients": len(patients),
            "studies": len(studies),
            "series": len(series),
            "instances": sum(item["instances"] for item in series),
        },
        "skipped": [{"path": s.path, "code": s.code, "reason": s.reason} for s in catalogue.skipped],
        "not_dicom": {"count": len(catalogue.not_dicom), "paths": list(catalogue.not_dicom)},
        "duplicates": [{"path": d.path, "of": d.of} for d in collected.duplicates],
        "missing": [{"path": m.path, "reason": m.reason} for m in collected.missing],
    }


def _patient(patient: Patient, collected: Collected, brief: bool) -> dict[str, Any]:
    return {
        "patient_id": patient.patient_id,
        "patient_name": patient.name,
        "birth_date": patient.birth_date,
        "sex": patient.sex,
        "notes": list(patient.notes),
        "studies": [_study(study, collected, brief) for study in patient.studies],
    }


def _study(study: Study, collected: Collected, brief: bool) -> dict[str, Any]:
    return {
        "study_uid": study.study_instance_uid,
        "description": study.description,
        "date": study.date,
        "modalities": list(study.modalities),
        "notes": list(study.notes),
        "series": [_series(series, collected, brief) for series in study.series],
    }


def _series(series: Series, collected: Collected, brief: bool) -> dict[str, Any]:
    own = {instance.sop_instance_uid for instance in series.instances}
    stacks = [
        stack
        for stack in collected.catalogue.stacks.get(series.key, ())
        if any(frame.ref.sop_instance_uid in own for frame in stack.frames)
    ]
    held = {frame.ref.sop_instance_uid for stack in stacks for frame in stack.frames}
    rest = [instance for instance in series.instances if instance.sop_instance_uid not in held]
    return {
        "series_uid": series.series_instance_uid,
        "number": series.number,
        "modality": series.modality,
        "description": series.description,
        "instances": len(series.instances),
        "notes": list(series.notes),
        "stacks": [*(_stack(stack, brief) for stack in stacks), *_others(series, rest, brief)],
    }


def _stack(stack: Stack, brief: bool) -> dict[str, Any]:
    from workstation.objects import handler_for

    instances = list({id(frame.instance): frame.instance for frame in stack.frames}.values())
    kind = handler_for(instances[0]).kind if instances else stack.kind
    result: dict[str, Any] = {
        "id": stack.id,
        "kind": kind,
        "label": stack.label,
        "reason": stack.reason,
        "frames": len(stack.frames),
        "rows": stack.rows,
        "columns": stack.columns,
        "orientation": stack.orientation,
        "is_volume": stack.is_volume,
        "order_by": stack.order.key,
        "spacing": _numbers(stack.spacing),
        "affine": [_numbers(row) for row in stack.affine] if stack.affine is not None else None,
        "tilt_degrees": stack.tilt_degrees,
        "localizer": stack.localizer,
        "frame_of_reference_uid": stack.frame_of_reference_uid or None,
        "events": [
            {"code": e.code, "detail": e.detail, "at": [place + 1 for place in e.at]} for e in stack.order.events
        ],
        "problems": problems_of(instances),
    }
    if not stack.is_volume:
        result["why_not"] = stack.why_not
    if stack.phase is not None:
        phase = stack.phase
        result["phase_of"] = stack.phase_of
        result["phase"] = {"by": phase.by, "index": phase.index, "value": phase.value, "unit": phase.unit}
    if not brief:
        result["order"] = [_place(frame.ref.sop_instance_uid, frame.ref) for frame in stack.frames]
    return result


def _place(sop_uid: str, ref: Any) -> dict[str, Any]:
    place: dict[str, Any] = {"sop_uid": sop_uid, "frame": ref.frame_index + 1}
    if ref.tile is not None:
        place["tile"] = ref.tile + 1
    return place


def _others(series: Series, instances: Sequence[Instance], brief: bool) -> list[dict[str, Any]]:
    """Return one stack per kind of object that is no image: they count and have a place, though no pixels."""
    from workstation.objects import handler_for

    groups: dict[str, list[Instance]] = {}
    for instance in instances:
        groups.setdefault(handler_for(instance).kind, []).append(instance)
    return [_other(series, kind, group, len(groups) > 1, brief) for kind, group in groups.items()]


def _other(series: Series, kind: str, group: Sequence[Instance], split: bool, brief: bool) -> dict[str, Any]:
    first = group[0]
    result: dict[str, Any] = {
        "id": f"{series.series_instance_uid}/{kind}",
        "kind": kind,
        "label": kind.replace("_", " ") if split else "",
        "reason": f"objects of the kind {kind.replace('_', ' ')} apart" if split else None,
        "frames": sum(max(instance.number_of_frames, 1) for instance in group),
        "rows": first.rows,
        "columns": first.columns,
        "orientation": "none",
        "is_volume": False,
        "why_not": "not an image",
        "order_by": "instance_number",
        "spacing": None,
        "affine": None,
        "tilt_degrees": 0.0,
        "localizer": False,
        "frame_of_reference_uid": first.frame_of_reference_uid or None,
        "events": [],
        "problems": problems_of(group),
    }
    if not brief:
        result["order"] = [
            {"sop_uid": instance.sop_instance_uid, "frame": number + 1}
            for instance in group
            for number in range(max(instance.number_of_frames, 1))
        ]
    return result


def _numbers(values: Iterable[float] | None) -> list[float] | None:
    # -0.0 is a number nobody wants to read
    return None if values is None else [float(v) + 0.0 for v in values]
