"""``workstation find``: what a server has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workstation.cli.documents import write_json
from workstation.cli.network_options import chosen_node
from workstation.cli.query_options import given_keys, given_limit, told
from workstation.cli.tables import table
from workstation.dicom import display_names
from workstation.errors import BadUsage

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from workstation.network.answers import Answer
    from workstation.network.nodes import Node
    from workstation.network.query import Counts, Query

COLUMNS = {
    "PATIENT": ("name", "patient_id", "birth_date", "sex", "study_count", "series_count", "instance_count"),
    "STUDY": (
        "date",
        "name",
        "patient_id",
        "modalities",
        "description",
        "accession",
        "series_count",
        "instance_count",
        "uid",
    ),
    "SERIES": ("number", "modality", "description", "body_part", "instance_count", "uid"),
    "IMAGE": ("number", "sop_class", "rows", "columns", "frames", "uid"),
}
TITLES = {
    "birth_date": "born",
    "body_part": "body part",
    "instance_count": "instances",
    "patient_id": "ID",
    "series_count": "series",
    "sop_class": "SOP class",
    "study_count": "studies",
    "uid": "UID",
}
UNKNOWN = "?"
"""What the server does not supply (G11)."""


def run(options: argparse.Namespace) -> int:
    """Ask one server and list its answers."""
    from workstation.network.failures import NetworkFailure
    from workstation.network.matching import date_range
    from workstation.network.query import FindReport, Query, find

    level = options.level.upper()
    root = options.root or ("patient" if level == "PATIENT" else "study")
    keys = given_keys(options)
    if options.dates:
        if level != "STUDY":
            raise BadUsage("--dates is for studies")
        keys += (("StudyDate", date_range(options.dates)),)
    query = Query(level, root, keys, options.everything)
    node = chosen_node(options)
    report = FindReport()
    failure: NetworkFailure | None = None
    found: list[Answer] = []
    counts: list[Counts | None] = []
    try:
        for answer in find(node, query, limit=given_limit(options), report=report):
            found.append(answer)  # noqa: PERF402 - what came before a failure is kept
        if options.count:
            counts = [_counted(node, query, answer) for answer in found]
    except NetworkFailure as error:
        failure = error
    counts += [None] * (len(found) - len(counts))
    if options.json:
        write_json(answers_document(node, query, report, failure, list(zip(found, counts, strict=True))))
    else:
        list_answers(level, list(zip(found, counts, strict=True)))
    return told(node, report, failure, len(found))


def _counted(node: Node, query: Query, answer: Answer) -> Counts | None:
    """Return counts where the server supplies not all of them."""
    from workstation.network.query import count_children

    if query.level == "IMAGE" or not any(keyword.startswith("NumberOf") for keyword in answer.not_supplied):
        return None
    uids: dict[str, str] = {
        "PatientID": getattr(answer, "patient_id", "") or dict(query.keys).get("PatientID", ""),
        "StudyInstanceUID": getattr(answer, "study_uid", "") or getattr(answer, "uid", ""),
    }
    if query.level == "SERIES":
        uids["SeriesInstanceUID"] = getattr(answer, "uid", "")
    return count_children(node, query.level, uids, root="patient" if query.root == "patient" else "study")


def list_answers(level: str, rows: Sequence[tuple[Answer, Counts | None]]) -> None:
    """Print answers as a table."""
    if rows:
        for line in table(_titles(level), [_row(level, *pair) for pair in rows]):
            print(line)


def answers_document(
    node: Node, query: Query, report: Any, failure: Any, rows: Sequence[tuple[Answer, Counts | None]]
) -> Mapping[str, Any]:
    """Return answers, and what there is to tell besides them, as JSON can hold it."""
    from dataclasses import asdict

    return {
        "node": node.name,
        "level": query.level.lower(),
        "root": query.root,
        "answers": [
            {
                "attributes": answer.model,
                "not_supplied": list(answer.not_supplied),
                **({"counted": asdict(counts)} if counts is not None else {}),
            }
            for answer, counts in rows
        ],
        "received": report.received,
        "dropped": report.dropped,
        "unreadable": report.unreadable,
        "more": report.more,
        "hints": list(report.hints),
        "failure": None if failure is None else {"sentence": failure.sentence, "cause": failure.cause},
    }


def _titles(level: str) -> list[str]:
    return [TITLES.get(name, name) for name in COLUMNS[level]]


def _row(level: str, answer: Answer, counts: Counts | None) -> list[str]:
    return [_cell(name, _known(name, answer, counts)) for name in COLUMNS[level]]


def _known(name: str, answer: Answer, counts: Counts | None) -> Any:
    value = getattr(answer, name)
    if value is None and counts is not None:
        counted = {"study_count": "studies", "series_count": "series", "instance_count": "instances"}
        value = getattr(counts, counted.get(name, name), None) if name in (*counted, "modalities") else None
    return value


def _cell(name: str, value: Any) -> str:
    if value is None:
        return UNKNOWN if name.endswith("_count") or name == "modalities" else ""
    if isinstance(value, tuple):
        return "/".join(value)
    if name == "name":
        return display_names.person_name(value)
    if name in ("date", "birth_date"):
        return display_names.date(value)
    if name == "sop_class":
        from pydicom.uid import UID

        return UID(value).name if value else ""
    return str(value)
