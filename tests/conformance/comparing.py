"""Findings of a check here in the kinds of dciodvfy, and differences between the two with who is right."""

from __future__ import annotations

from typing import NamedTuple

from tests.conformance.dciodvfy import Told, small
from workstation.dicom.conformance.check import Report

KINDS = {
    **dict.fromkeys(("form", "length", "repertoire", "uid", "old-form", "range", "padding"), "form"),
    **dict.fromkeys(("missing-1", "missing-1c", "missing-group"), "missing 1"),
    **dict.fromkeys(("missing-2", "missing-2c"), "missing 2"),
    **dict.fromkeys(("empty-1", "empty-1c"), "empty 1"),
    **dict.fromkeys(("retired", "group-length"), "retired"),
    "enumerated": "enumerated",
    "defined": "defined",
    "vm": "multiplicity",
    "unexpected": "foreign",
    "vr": "vr",
    "private-creator": "owner",
}
"""Our codes and what dciodvfy tells in the same sense."""
BY_TAG = frozenset({"form", "retired", "foreign", "vr", "owner"})


class Difference(NamedTuple):
    """Why the two do not agree, who is right by which clause, and about what."""

    why: str
    right: str
    clause: str
    kind: str
    about: str


def told(report: Report) -> set[Told]:
    """Return our findings in dciodvfy's kinds."""
    assert report.iod is not None
    found = set()
    for finding in report.findings:
        kind = KINDS.get(finding.code)
        if kind is not None and finding.path:
            about = f"{finding.path[-1]:08X}" if kind in BY_TAG else small(finding.keyword)
            found.add(Told(kind, about))
    return found


def explained(differences: tuple[Difference, ...]) -> set[Told]:
    return {Told(one.kind, about) for one in differences for about in one.about.split()}
