"""The result of an audit in words: sections, groups and lines, for the panel and for the copied report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workstation.dicom.media_audit import Audit, Fault, Verdict

TITLES = {
    "missing": "Records without a file",
    "orphan": "Files that no record names",
    "refused": "Records that lead where they may not",
    "other_name": "Files with another name than the record says",
    "named_twice": "Files named by two records",
    "not_dicom": "Files that are empty or not DICOM",
    "unlike_file": "Records unlike their file",
    "incomplete_record": "Records that lack something",
    "file_id": "File IDs against the rules",
    "private_record": "Private records",
    "records": "Records against the rules",
    "offsets": "Offsets that lead astray",
    "repeated_uid": "Records that repeat a UID",
    "directory_name": "The name of the DICOMDIR",
    "other_directory": "Other DICOMDIRs",
    "duplicate": "Copies of other files",
    "duplicate_uid": "One UID for different objects",
    "file_form": "Files without the form of a DICOM file",
    "damaged": "Files that cannot be shown whole",
    "corrupt": "Damaged files",
    "unreadable": "Files that cannot be read",
    "too_large": "Files that are too large",
    "password": "Files that need a password",
}
"""What a fault of each code is called."""
MILD = frozenset(
    {"other_name", "file_id", "private_record", "directory_name", "other_directory", "duplicate", "file_form"}
)
"""Codes of what bothers strict programs only."""
MOST_LINES = 500
"""Files shown of one group; the copied report names them all."""
Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Line:
    """A file and what is said of it; ``key`` is where it lies, "" where it is none."""

    where: str
    text: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under one title; ``tone`` is "ok", "error", "warning" or ""."""

    title: str
    remark: str
    tone: str = ""
    lines: tuple[Line, ...] = ()


Section = tuple[str, tuple[Group, ...]]


def summary(audit: Audit, tr: Translate) -> str:
    """Return how many records, files and faults there are."""
    counts = (
        (audit.records, tr("1 record"), tr("{} records")),
        (audit.files, tr("1 DICOM file"), tr("{} DICOM files")),
        (len(audit.faults), tr("1 fault"), tr("{} faults") if audit.faults else tr("no fault")),
    )
    return " · ".join(one if count == 1 else many.format(count) for count, one, many in counts)


def sections(audit: Audit, tr: Translate, *, hidden: bool) -> tuple[Section, ...]:
    """Return all that was found; hidden, files are numbered and no sentence that may name one is shown."""
    writer = _Writer(audit, tr, hidden)
    profiles = tuple(writer.verdict(verdict) for verdict in audit.verdicts)
    by_code: dict[str, list[Fault]] = defaultdict(list)
    for fault in audit.faults:
        by_code[fault.code].append(fault)
    order = [*TITLES, *by_code]
    codes = sorted(by_code, key=lambda code: (code in MILD, order.index(code)))
    faults = tuple(writer.faults(code, by_code[code]) for code in codes)
    none = (Group(tr("No fault was found"), "", "ok"),)
    made: list[Section] = [(tr("Application profiles"), profiles), (tr("Faults"), faults or none)]
    if audit.extras:
        extras = tuple(Group(writer.name(name), "") for name in audit.extras)
        made.append((tr("Beside the images (IHE PDI, programs)"), extras))
    return tuple(made)


def report(audit: Audit, tr: Translate, *, hidden: bool) -> str:
    """Return everything as plain text."""
    lines = [summary(audit, tr) if hidden else f"{audit.directory}: {summary(audit, tr)}"]
    for title, groups in sections(audit, tr, hidden=hidden):
        lines += ["", title]
        for group in groups:
            lines.append(f"  {group.title}: {group.remark}" if group.remark else f"  {group.title}")
            lines += [f"    {line.where}: {line.text}".removesuffix(": ") for line in group.lines]
    return "\n".join(lines) + "\n"


class _Writer:
    """Puts faults and verdicts into words."""

    def __init__(self, audit: Audit, tr: Translate, hidden: bool) -> None:
        self._tr, self._hidden = tr, hidden
        self._folder = audit.directory[: max(audit.directory.rfind(mark) for mark in "/\\!") + 1]
        self._numbers: dict[str, int] = {}

    def name(self, where: str) -> str:
        """Return what a file is called; hidden, its number: files are often named after patients."""
        if not self._hidden or where.upper() == "DICOMDIR":
            return where
        return self._tr("file {}").format(self._numbers.setdefault(where, len(self._numbers) + 1))

    def verdict(self, verdict: Verdict) -> Group:
        count = len(verdict.broken_by)
        lines = tuple(Line(self.name(where), why, self._folder + where) for where, why in verdict.broken_by)
        one, many = self._tr("broken by 1 file"), self._tr("broken by {} files")
        remark = self._tr("could be claimed") if not count else one if count == 1 else many.format(count)
        return Group(verdict.profile, remark, "error" if count else "ok", lines)

    def faults(self, code: str, found: list[Fault]) -> Group:
        title = self._tr(TITLES.get(code, "Other faults"))
        lines = tuple(
            Line(self.name(one.where), "" if self._hidden else one.text, self._folder + one.where) for one in found
        )
        return Group(f"{title} ({len(found)})", "", "warning" if code in MILD else "error", lines)
