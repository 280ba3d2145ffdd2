"""The inspector's page on conformance: each row with its type and module, and rows for what is missing.

Made on a worker thread. Opening a sequence afterwards looks up what the check found; nothing is checked then.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from workstation.dicom.conformance.check import Report, examine
from workstation.dicom.conformance.findings import LEVELS, Finding, Level, counted, shown_tag, spans
from workstation.dicom.conformance.rules import entry_of
from workstation.dicom.conformance.tables import PER_FRAME
from workstation.dicom.header import HeaderRow, children, full_value, meta_rows, top_rows
from workstation.dicom.identifying import HIDDEN
from workstation.loading.header_view import masked
from workstation.wording import Phrase, joined, mapped, phrase

if TYPE_CHECKING:
    from workstation.dicom.identity import Instance

Group = tuple[str, tuple["CheckedRow", ...]]
ITEM = "(FFFE,E000)"
ANY_FRAME = -1
_QUOTED = re.compile("“[^”]*”")


@dataclass(frozen=True, slots=True)
class CheckedRow(HeaderRow):
    """A row with what its IOD says of it.

    ``level`` is the worst of its own findings, ``inside`` the worst of those below it; both "" without one.
    ``absent`` marks a row for an element that isn't there: its value says why it should be. ``explained`` is for the
    tooltip.
    """

    type: str = ""
    module: str = ""
    level: str = ""
    inside: str = ""
    explained: str = ""
    absent: bool = False


class Index:
    """Findings by where they stand. Paths below a frame are kept for any frame, with the frames they hold for."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.own: dict[tuple[int, ...], list[Finding]] = {}
        self.absent: dict[tuple[int, ...], list[Finding]] = {}
        self.inside: dict[tuple[int, ...], Level] = {}
        self.named: set[tuple[int, ...]] = set()
        for finding in findings:
            self._place(finding)

    def of(self, path: tuple[int, ...]) -> list[Finding]:
        """Return the findings about the element at a path."""
        return self._held(self.own, path)

    def missing(self, path: tuple[int, ...]) -> list[Finding]:
        """Return the findings about what an item lacks; () is the data set."""
        return self._held(self.absent, path)

    def worst_inside(self, path: tuple[int, ...]) -> str:
        """Return the worst level below a row, "" where there is nothing."""
        return self.inside.get(_any_frame(path), "")

    def _held(self, where: dict[tuple[int, ...], list[Finding]], path: tuple[int, ...]) -> list[Finding]:
        found = where.get(_any_frame(path))
        if not found:
            return []
        if len(path) < 2 or path[0] != PER_FRAME:
            return found
        return [finding for finding in found if path[1] + 1 in finding.frames]

    def _place(self, finding: Finding) -> None:
        path = finding.path
        self.named.update(path[:length] for length in range(1, len(path) + 1))
        general = _any_frame(path)
        where, key = (self.absent, general[:-1]) if finding.is_absence else (self.own, general)
        where.setdefault(key, []).append(finding)
        for length in range(1, len(general)):
            above = general[:length]
            known = self.inside.get(above)
            if known is None or LEVELS.index(finding.level) < LEVELS.index(known):
                self.inside[above] = finding.level


@dataclass(frozen=True, slots=True, eq=False)
class CheckView:
    """The page: groups of rows, counts of findings. One thread at a time may hold it.

    ``only`` leaves rows without a finding out; of the frames that share one, the first is shown.
    """

    iod: str
    edition: str
    counts: dict[Level, int]
    everything: tuple[Group, ...]
    dataset: Any
    report: Report
    index: Index
    hidden: bool = False
    only: bool = False

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups with the rows to be shown."""
        shown = ((title, tuple(self._shown(rows))) for title, rows in self.everything)
        return tuple((title, rows) for title, rows in shown if rows or not self.only)

    def children(self, row: HeaderRow) -> Sequence[HeaderRow]:
        """Return the rows below a row, with those that are missing in their place."""
        rows = children(self.dataset, row)
        lacking = self.index.missing(row.path) if row.tag == ITEM else []
        return self._shown(checked(rows, lacking, self.report, self.index))

    def full_value(self, row: HeaderRow) -> str:
        """Return a value unshortened, or the sentence on what is missing."""
        return row.value if self.hidden or getattr(row, "absent", False) else full_value(self.dataset, row)

    def only_findings(self, only: bool) -> CheckView:
        """Return the same page with all rows, or with those that have a finding."""
        return replace(self, only=only)

    def without_identity(self) -> CheckView:
        """Return the same page with identifying values hidden, in sentences too."""
        return replace(self, hidden=True)

    def _shown(self, rows: Sequence[CheckedRow]) -> list[CheckedRow]:
        kept = [row for row in rows if self._is_kept(row)] if self.only else list(rows)
        return [_masked(row) for row in kept] if self.hidden else kept

    def _is_kept(self, row: CheckedRow) -> bool:
        return bool(row.absent or row.level) or row.path in self.index.named


def check_view(instance: Instance) -> CheckView:
    """Read the header of an instance and check it.

    Raises
    ------
    WorkstationError
        If the file can no longer be read.
    """
    from workstation.dicom.read import read_dataset

    result = read_dataset(instance.locator, pixels_in_buffer=False)
    report = examine(result)
    index = Index(report.findings)
    lacking = index.missing(())
    meta = [finding for finding in lacking if finding.path[0] >> 16 == 2]
    body = [finding for finding in lacking if finding.path[0] >> 16 != 2]
    groups: list[Group] = [
        ("File Meta Information", tuple(checked(meta_rows(result.ds), meta, report, index))),
        ("Data Set", tuple(checked(top_rows(result), body, report, index))),
    ]
    about = tuple(_about_file(finding) for finding in index.of(()))
    if about:
        groups.insert(0, ("The file", about))
    name = report.iod.name if report.iod is not None else ""
    return CheckView(name, report.edition, counted(report.findings), tuple(groups), result.ds, report, index)


def checked(rows: Sequence[HeaderRow], lacking: Sequence[Finding], report: Report, index: Index) -> list[CheckedRow]:
    """Return rows with type, module and findings, and rows for what is lacking, in tag order."""
    made = [_with_place(row, report, index) for row in rows]
    if not lacking:
        return made
    made += [_missing(finding) for finding in lacking]
    return sorted(made, key=lambda row: row.path[-1])


def _with_place(row: HeaderRow, report: Report, index: Index) -> CheckedRow:
    own = index.of(row.path)
    place = report.place(row.path)
    standard = bool(row.keyword)
    said = [_whole(finding) for finding in own]
    if place.module:
        where = phrase("{0} ({1}), type {2}.", place.module, place.ie, place.type)
        said.append(joined(" ", (where, phrase(place.condition))))
    worst = min((LEVELS.index(finding.level) for finding in own), default=None)
    return CheckedRow(
        row.tag,
        row.keyword,
        row.name,
        row.vr,
        row.vm,
        row.value,
        row.is_sequence,
        row.private_creator,
        row.path,
        type=place.type or ("–" if standard and row.tag != ITEM else ""),
        module=place.module,
        level="" if worst is None else LEVELS[worst],
        inside=index.worst_inside(row.path) if row.is_sequence else "",
        explained=joined("\n", said),
    )


def _missing(finding: Finding) -> CheckedRow:
    tag = finding.path[-1]
    entry = entry_of(tag)
    name, vr = (entry.name, "/".join(entry.vrs)) if entry is not None else ("", "")
    return CheckedRow(
        shown_tag(tag),
        finding.keyword,
        name,
        vr,
        0,
        joined("", (_without_name(finding), _frames(finding))),
        path=finding.path,
        type=finding.type,
        module=finding.module,
        level=finding.level,
        explained=_whole(finding),
        absent=True,
    )


def _about_file(finding: Finding) -> CheckedRow:
    return CheckedRow(
        "file", "", phrase("The file"), "", 1, finding.sentence, path=(hash(finding.sentence),), level=finding.level,
        explained=_clause(finding),
    )  # fmt: skip


def _without_name(finding: Finding) -> str:
    """Return the sentence for a row that has the name and the type already."""
    sentence = finding.sentence
    if not isinstance(sentence, Phrase):
        return sentence
    _, gone, rest = sentence.template.partition(" is missing")
    return phrase(f"Missing{rest}", *sentence.arguments) if gone else sentence


def _whole(finding: Finding) -> str:
    return joined(" ", (joined("", (finding.sentence, _frames(finding))), _clause(finding)))


def _frames(finding: Finding) -> str:
    return phrase(" Frames {0}.", spans(finding.frames)) if len(finding.frames) > 1 else ""


def _clause(finding: Finding) -> str:
    return f"({finding.clause})" if finding.clause else ""


def _masked(row: CheckedRow) -> CheckedRow:
    """Hide what identifies; sentences quote values, which are left out of all of them."""
    explained = mapped(row.explained, _without_quotes)
    if row.absent or row.tag == "file":
        return replace(row, explained=explained, value=mapped(row.value, _without_quotes))
    return replace(masked(row), explained=explained)


def _without_quotes(text: str) -> str:
    return _QUOTED.sub(f"“{HIDDEN}”", text)


def _any_frame(path: tuple[int, ...]) -> tuple[int, ...]:
    return (PER_FRAME, ANY_FRAME, *path[2:]) if len(path) > 1 and path[0] == PER_FRAME else path
