"""``workstation library``: add, list, search, check and rebuild the local library."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.cli.documents import write_json
from workstation.dicom import display_names
from workstation.errors import BadUsage
from workstation.paths import data_folder

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from workstation.library.batches import ImportReport
    from workstation.library.search import StudyRow
    from workstation.library.store import Library


def run(options: argparse.Namespace) -> int:
    """Do one thing with the library."""
    from workstation.library.reading import take_stock
    from workstation.library.rebuild import is_unfinished
    from workstation.library.store import Library

    folder = Path(options.library) if options.library else data_folder() / "library"
    with Library(folder) as library:
        if library.damaged is not None:
            _say(
                f"{library.damaged}: the index was damaged and put aside; `workstation library rebuild` makes it again."
            )
        if library.read_only:
            _say(
                f"{folder}: nothing can be written here ({library.read_only}); studies are listed and found, "
                f"nothing is added or changed."
            )
        if is_unfinished(library):
            _say("A rebuild of the library has not ended: not all studies are listed until it is run again.")
        for path in take_stock(library):
            _say(f"{path.decode(errors='replace')}: the program ended twice while it was read; it is left out.")
        return int(
            {"add": _add, "list": _list, "search": _list, "check": _check, "rebuild": _rebuild}[options.action](
                library, options
            )
        )


def _add(library: Library, options: argparse.Namespace) -> int:
    from workstation.library.batches import ImportReport
    from workstation.library.importer import import_paths

    if not options.words:
        raise BadUsage("add needs at least one PATH")
    for path in (path for path in options.words if not Path(path).exists()):
        _say(f"{path}: there is no such file or folder.")
    report = ImportReport()
    return _told(import_paths(library, options.words, copy=options.copy, report=report), report, options)


def _rebuild(library: Library, options: argparse.Namespace) -> int:
    from workstation.library.batches import ImportReport
    from workstation.library.rebuild import rebuild

    report = ImportReport()
    return _told(rebuild(library, report=report), report, options)


def _told(reports: Iterable[object], report: ImportReport, options: argparse.Namespace) -> int:
    """Import to the end, or to where it cannot go on, and tell what the library has by then."""
    from workstation.library.store import LibraryError

    faults = 0
    try:
        for _ in reports:
            pass
    except LibraryError as error:
        _say(f"{error} What was added before stays; do the same again for the rest.")
        faults = 1
    for path, reason in report.skipped:
        _say(f"{path}: {reason}")
    _tell(report, options)
    if not report.usable:
        return 2
    return 1 if faults or report.skipped else 0


def _tell(report: ImportReport, options: argparse.Namespace) -> None:
    counts = {
        "added": report.added,
        "known": report.known,
        "identical": len(report.identical),
        "kept_apart": len(report.apart),
        "not_dicom": report.not_dicom,
        "skipped": len(report.skipped),
    }
    rare = {"moved": report.moved, "read_again": report.changed}
    if options.json:
        write_json({**counts, **rare, "apart": [{"path": path, "sop_uid": uid} for path, uid in report.apart]})
    else:
        told = counts | {name: number for name, number in rare.items() if number}
        print(", ".join(f"{number} {name.replace('_', ' ')}" for name, number in told.items()))


def _list(library: Library, options: argparse.Namespace) -> int:
    from workstation.library.search import StudyQuery, studies, totals

    query = StudyQuery(text=" ".join(options.words), modalities=tuple(options.modality or ()), limit=options.limit)
    found = studies(library, query)
    if options.json:
        write_json({"studies": [_document(row) for row in found], "counts": totals(library)})
    else:
        for row in found:
            print(_line(row))
    return 0 if found or not options.words else 2


def _check(library: Library, options: argparse.Namespace) -> int:
    from workstation.library.rebuild import check

    faults = check(library)
    if options.json:
        write_json({"faults": faults})
    for fault in faults:
        _say(fault)
    return 1 if faults else 0


def _document(row: StudyRow) -> dict[str, Any]:
    return {
        "study_uid": row.uid,
        "patient_id": row.patient_id,
        "patient_name": row.name,
        "birth_date": row.birth_date,
        "sex": row.sex,
        "date": row.date,
        "description": row.description,
        "accession": row.accession,
        "modalities": list(row.modalities),
        "series": row.series_count,
        "instances": row.instance_count,
        "declared": {"series": row.declared_series, "instances": row.declared_instances},
        "status": row.status,
        "comment": row.comment,
    }


def _line(row: StudyRow) -> str:
    name = display_names.plain(display_names.person_name(row.name)) or "(no name)"
    parts = (
        display_names.date(row.date) or "(no date)",
        name,
        display_names.plain(row.patient_id),
        "/".join(row.modalities),
        display_names.plain(row.description),
        f"{row.series_count} series, {row.instance_count} instances",
    )
    return "  ".join(part for part in parts if part)


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
