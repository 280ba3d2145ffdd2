"""``workstation worklist``: what is scheduled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.cli.documents import write_json
from workstation.cli.network_options import chosen_node
from workstation.cli.query_options import given_keys, given_limit, told
from workstation.cli.tables import table
from workstation.dicom import display_names

if TYPE_CHECKING:
    import argparse

    from workstation.network.worklist import WorklistItem

TITLES = ("date", "time", "station", "modality", "name", "ID", "born", "accession", "step", "procedure")


def run(options: argparse.Namespace) -> int:
    """Ask one worklist and list what is scheduled."""
    from workstation.network.failures import NetworkFailure
    from workstation.network.find_service import FindReport
    from workstation.network.matching import PRESETS, date_range
    from workstation.network.worklist import WorklistQuery, worklist

    query = WorklistQuery(
        station_title=options.station,
        start_date=date_range(options.date) if options.date in PRESETS else options.date,
        modality=options.modality,
        patient_name=options.name,
        patient_id=options.id,
        accession=options.accession,
        keys=given_keys(options),
        everything=options.everything,
    )
    node = chosen_node(options)
    report = FindReport()
    failure: NetworkFailure | None = None
    found: list[WorklistItem] = []
    try:
        for item in worklist(node, query, limit=given_limit(options), report=report):
            found.append(item)  # noqa: PERF402 - what came before a failure is kept
    except NetworkFailure as error:
        failure = error
    if options.json:
        write_json(
            {
                "node": node.name,
                "items": [item.model for item in found],
                "received": report.received,
                "dropped": report.dropped,
                "unreadable": report.unreadable,
                "more": report.more,
                "hints": list(report.hints),
                "failure": None if failure is None else {"sentence": failure.sentence, "cause": failure.cause},
            }
        )
    elif found:
        for line in table(TITLES, [_row(item) for item in found]):
            print(line)
    return told(node, report, failure, len(found))


def _row(item: WorklistItem) -> list[str]:
    return [
        display_names.date(item.date),
        display_names.time(item.time),
        item.station_title,
        item.modality,
        display_names.person_name(item.name),
        item.patient_id,
        display_names.date(item.birth_date),
        item.accession,
        item.step,
        item.procedure,
    ]
