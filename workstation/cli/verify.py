"""``workstation verify``: a saved session against what is there now."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.cli.collect import complain, printable
from workstation.cli.documents import write_json
from workstation.errors import BadUsage
from workstation.viewing.session import Session, SessionError, read_session
from workstation.viewing.session_check import ALTERED, MISSING, MOVED, SAME, Check, Finding, check_session

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace) -> int:
    """Say what is missing, altered or moved; exit code 1 if anything is missing or altered."""
    path = Path(os.path.abspath(options.session))
    if options.folder is not None and not os.path.isdir(options.folder):
        raise BadUsage(f"--in {options.folder}: there is no such folder.")
    session = read_session(path)
    if session.panes and not session.instances:
        raise SessionError(f"{path.name}: it holds no hashes to compare with; only a session that was saved does.")
    check = check_session(session, path.parent, Path(os.path.abspath(options.folder)) if options.folder else None)
    for finding in check.faults:
        complain(finding.where, finding.reason)
    if options.json:
        write_json(_document(session, check))
    else:
        _tell(check)
    return 1 if check.faults else 0


def _tell(check: Check) -> None:
    for finding in check.instances:
        if finding.state == MOVED:
            print(printable(f"{finding.where}: {finding.reason}"))
    counts = [f"{check.count(state)} {state}" for state in (SAME, MOVED, MISSING, ALTERED) if check.count(state)]
    same = sum(finding.state == SAME for finding in check.panes)
    print(f"{len(check.instances)} instances: {', '.join(counts) or 'none'}")
    print(f"{len(check.panes)} panes: {same} as saved")


def _document(session: Session, check: Check) -> dict[str, Any]:
    return {
        "saved_at": session.saved_at,
        "saved_by": session.program,
        "unchanged": not check.faults,
        "counts": {state: check.count(state) for state in (SAME, MOVED, MISSING, ALTERED)},
        "instances": [_entry(finding) for finding in check.instances],
        "panes": [{"pane": finding.pane, **_entry(finding)} for finding in check.panes],
    }


def _entry(finding: Finding) -> dict[str, Any]:
    return {
        "path": finding.where,
        "sop_instance_uid": finding.sop_instance_uid,
        "state": finding.state,
        "reason": finding.reason,
        "found_at": finding.found_at,
    }
