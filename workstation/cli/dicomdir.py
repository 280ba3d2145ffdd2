"""``workstation dicomdir check`` and ``write``: an audit of a medium, and a new one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from workstation.cli.documents import write_json
from workstation.errors import BadUsage

if TYPE_CHECKING:
    import argparse

FEW = 5
"""Files named of those that stand against a profile."""


def run(options: argparse.Namespace) -> int:
    """Do what is asked and return the exit code."""
    return _write(options) if options.action == "write" else _check(options)


def _write(options: argparse.Namespace) -> int:
    """Write a medium; 0 everything is on it, 1 something was left out, 2 nothing could be written."""
    from pathlib import Path

    from workstation.cli.collect import collect
    from workstation.library.fileset import MediaOptions, write_media

    collected = collect(options.paths)
    code = collected.report_faults()
    chosen = [
        one
        for one in collected.instances
        if (not options.study or one.study_instance_uid in options.study)
        and (not options.series or one.series_instance_uid in options.series)
    ]
    if not chosen:
        raise BadUsage("Nothing to be written was found.")
    profile = "" if options.profile.lower() == "none" else options.profile
    media = MediaOptions(profile, transcode=not options.no_transcode, file_set_id=options.id)
    report = list(write_media(chosen, Path(options.out), media))[-1]
    for path, reason in report.left_out:
        sys.stderr.write(f"{path}: {reason}\n")
    for fault in report.faults:
        sys.stderr.write(f"{options.out}: {fault}\n")
    counts = {
        "asked": report.total,
        "written": report.written,
        "verified": report.verified,
        "transcoded": len(report.transcoded),
        "left_out": len(report.left_out),
        "faults": len(report.faults),
        "bytes": report.bytes,
    }
    if options.json:
        write_json(counts)
    else:
        print(", ".join(f"{number} {name.replace('_', ' ')}" for name, number in counts.items()))
    if not report.written:
        return 2
    return 1 if code or report.left_out or report.faults else 0


def _check(options: argparse.Namespace) -> int:
    """Print what is wrong with a medium; 0 nothing, 1 something."""
    from workstation.dicom.display_names import plain
    from workstation.dicom.media_audit import audit

    found = audit(options.path)
    if options.json:
        write_json(
            {
                "dicomdir": found.directory,
                "records": found.records,
                "files": found.files,
                "faults": [{"code": one.code, "where": one.where, "text": one.text} for one in found.faults],
                "profiles": [
                    {
                        "profile": one.profile,
                        "holds": one.holds,
                        "broken_by": [{"file": file, "reason": reason} for file, reason in one.broken_by],
                    }
                    for one in found.verdicts
                ],
                "extras": list(found.extras),
            }
        )
    else:
        print(f"{found.records} records, {found.files} DICOM files")
        for verdict in found.verdicts:
            print(
                f"{verdict.profile}: {'could be claimed' if verdict.holds else f'no, {len(verdict.broken_by)} files'}"
            )
            for file, reason in verdict.broken_by[:FEW]:
                print(f"  {plain(file)}: {reason}")
        if found.extras:
            print("beside the images: " + ", ".join(plain(name) for name in found.extras))
    for fault in found.faults:
        sys.stderr.write(f"{plain(fault.where)}: {fault.text}\n")
    return 1 if found.faults else 0
