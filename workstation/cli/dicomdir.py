"""``workstation dicomdir check``: an audit of a medium."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from workstation.cli.documents import write_json

if TYPE_CHECKING:
    import argparse

FEW = 5
"""Files named of those that stand against a profile."""


def run(options: argparse.Namespace) -> int:
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
