"""``workstation check``: a header against its IOD, one finding a line."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from workstation.cli.collect import complain, printable
from workstation.cli.documents import write_json
from workstation.cli.header import locator_of
from workstation.dicom.conformance.check import examine
from workstation.dicom.conformance.findings import Level, counted, shown_path, spans
from workstation.dicom.read import read_dataset
from workstation.errors import WorkstationError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from workstation.dicom.conformance.check import Report
    from workstation.dicom.conformance.findings import Finding


def run(options: argparse.Namespace) -> int:
    """Check files; 0 nothing but hints, 1 findings or a file that can't be read, 2 where none can be."""
    reports: list[tuple[str, Report]] = []
    failed = 0
    for path in options.paths:
        try:
            reports.append((path, examine(read_dataset(locator_of(path), pixels_in_buffer=False))))
        except WorkstationError as error:
            failed += 1
            complain(path, error)
    if options.json:
        write_json([_document(path, report) for path, report in reports])
    else:
        for path, report in reports:
            for line in lines(path, report):
                print(line)
    if not reports:
        return 2
    found = any(finding.level is not Level.HINT for _, report in reports for finding in report.findings)
    return 1 if found or failed else 0


def lines(path: str, report: Report) -> Iterator[str]:
    """Yield a heading with the counts, then a line for each finding."""
    counts = ", ".join(
        f"{number} {level}{'' if number == 1 else 's'}" for level, number in counted(report.findings).items()
    )
    name = report.iod.name if report.iod is not None else "no IOD"
    yield f"{printable(path)}: {name}, {counts} (edition {report.edition})"
    for finding in report.findings:
        yield f"  {_line(finding)}"


def _line(finding: Finding) -> str:
    frames = f" [frames {spans(finding.frames)}]" if finding.frames else ""
    where = " ".join(part for part in (shown_path(finding.path), finding.keyword) if part)
    module = f" [{finding.module}, type {finding.type}]" if finding.module else ""
    clause = f" ({finding.clause})" if finding.clause else ""
    return printable(f"{finding.level:9} {where}{module}: {finding.sentence}{frames}{clause}".replace(" :", ":"))


def _document(path: str, report: Report) -> dict[str, Any]:
    return {
        "path": path,
        "iod": report.iod.name if report.iod is not None else None,
        "edition": report.edition,
        "counts": {str(level): number for level, number in counted(report.findings).items()},
        "findings": [_finding(finding) for finding in report.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {**asdict(finding), "level": str(finding.level), "path": shown_path(finding.path)}
