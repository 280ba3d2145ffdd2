"""Collects findings while a data set is walked: repeats over frames become one, and there is an end to them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from workstation.dicom.conformance.findings import Finding, Level, Remark
from workstation.dicom.conformance.rules import keyword_of
from workstation.dicom.conformance.tables import NOWHERE, PER_FRAME, meta_place
from workstation.wording import phrase

if TYPE_CHECKING:
    from workstation.dicom.conformance.tables import Iod, Place

MOST = 4000
"""Findings that are kept of one file."""


class Book:
    """Findings in the making."""

    def __init__(self, iod: Iod | None) -> None:
        self._iod = iod
        self._found: dict[tuple[object, ...], Finding] = {}
        self._frames: dict[tuple[object, ...], list[int]] = {}
        self._left_out = 0

    def add(self, remark: Remark, path: tuple[int, ...], place: Place | None = None, clause: str = "") -> None:
        """Keep a remark about the element that ``path`` leads to."""
        framed = len(path) >= 3 and path[0] == PER_FRAME
        key: tuple[object, ...] = (
            (remark.code, *path[:1], *path[2:]) if framed else (remark.code, *path, remark.sentence)
        )
        if framed and key in self._frames:
            frames = self._frames[key]
            if frames[-1] != path[1] + 1:
                frames.append(path[1] + 1)
            return
        if len(self._found) >= MOST:
            self._left_out += 1
            return
        if framed:
            self._frames[key] = [path[1] + 1]
        self._found[key] = self._finding(remark, path, place, clause)

    def findings(self) -> tuple[Finding, ...]:
        """Return all of them in the order of the data set."""
        done = [
            replace(finding, frames=tuple(self._frames[key])) if key in self._frames else finding
            for key, finding in self._found.items()
        ]
        if self._left_out:
            sentence = phrase("{0} more findings were left out.", self._left_out)
            done.append(Finding(Level.HINT, "more", (), "", "", "", "", sentence, ""))
        return tuple(sorted(done, key=lambda finding: (finding.path, finding.code)))

    def _finding(self, remark: Remark, path: tuple[int, ...], place: Place | None, clause: str) -> Finding:
        if place is None and path and path[0] >> 16 == 2:
            place = meta_place(path[0])
        if place is None:
            place = self._iod.place(path[::2]) if self._iod is not None and len(path) % 2 else NOWHERE
        keyword = keyword_of(path[-1]) if len(path) % 2 else ""
        said = clause or remark.clause
        return Finding(
            remark.level, remark.code, path, keyword, place.module, place.ie, place.type, remark.sentence, said
        )
