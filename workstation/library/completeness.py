"""What speaks for or against a study being all there: counts with their sources, never a claim that it is (N9)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workstation.dicom.numbering import numbering
from workstation.library.store import LibraryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workstation.library.store import Library

FEW_STUDIES = 2000
"""Up to here it is quicker to look at the series of these studies than at all there are."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One count against another: ``have`` is here, ``said`` is what ``source`` speaks of."""

    what: str
    source: str
    have: int
    said: int

    @property
    def missing(self) -> int:
        """How many are not here, 0 where nothing speaks for it."""
        return max(0, self.said - self.have)


@dataclass(frozen=True, slots=True)
class Completeness:
    """All that is known; ``gaps`` are sentences on numbers left out, ``absent_classes`` SOP Classes not here."""

    evidence: tuple[Evidence, ...]
    gaps: tuple[str, ...]
    absent_classes: tuple[str, ...]

    @property
    def doubtful(self) -> bool:
        """Whether anything says that something is missing."""
        return bool(self.gaps or self.absent_classes or any(one.missing for one in self.evidence))


def completeness(library: Library, study: int) -> Completeness:
    """Return what speaks for or against a study being whole.

    Raises
    ------
    LibraryError
        When there is no such study.
    """
    rows = library.query("SELECT patient FROM studies WHERE id = ?", (study,))
    if not rows:
        raise LibraryError("This study is not in the library any more.")
    evidence = [*_of_patient(library, rows[0]["patient"], study), *_of_study(library, study)]
    gaps: list[str] = []
    for series in library.query("SELECT * FROM series WHERE study = ? ORDER BY number", (study,)):
        name = f"Series {series['number']}" if series["number"] is not None else "A series without a number"
        if series["declared_instances"] is not None:
            said = int(series["declared_instances"])
            evidence.append(Evidence(f"instances of {name}", "header (0020,1209)", series["instance_count"], said))
        if series["gaps"]:
            gaps.append(f"{name}: no instance has the number {_numbers(library, series['id'])}.")
    return Completeness(tuple(evidence), tuple(gaps), _absent(library, study))


def doubtful(library: Library, studies: Sequence[int]) -> set[int]:
    """Return those of some studies of which a series, the patient or a list of SOP Classes speaks of more than is here.

    A study's own counts and gaps stand in its row.
    """
    few = len(studies) < FEW_STUDIES
    chosen = "AND studies.id IN (SELECT value FROM json_each(?))" if few else ""
    values = (json.dumps(list(studies)),) if few else ()
    found = library.query(
        f"""SELECT DISTINCT study FROM series JOIN studies ON studies.id = study
            WHERE series.declared_instances > series.instance_count {chosen}""",
        values,
    )
    said = library.query(
        f"""SELECT studies.id, patient, declared_classes <> '' AS classes FROM studies
            JOIN patients ON patients.id = patient WHERE (declared_classes <> '' OR patients.declared_studies > 0
            OR patients.declared_series > 0 OR patients.declared_instances > 0) {chosen}""",
        values,
    )
    return {row["study"] for row in found} | {
        row["id"]
        for row in said
        if any(one.missing for one in _of_patient(library, row["patient"], row["id"]))
        or (row["classes"] and _absent(library, row["id"]))
    }


def _of_patient(library: Library, patient: int, study: int) -> list[Evidence]:
    """Return the counts of a patient; studies in the bin are not counted, but for the one that is asked about."""
    (said,) = library.query("SELECT * FROM patients WHERE id = ?", (patient,))
    (have,) = library.query(
        """SELECT count(*) AS studies, coalesce(sum(series_count), 0) AS series,
           coalesce(sum(instance_count), 0) AS instances FROM studies
           WHERE patient = ? AND (binned IS NULL OR id = ?)""",
        (patient, study),
    )
    levels = (("studies", "0020,1200"), ("series", "0020,1202"), ("instances", "0020,1204"))
    return [
        Evidence(f"{what} of the patient", f"header ({tag})", int(have[what]), int(said[f"declared_{what}"]))
        for what, tag in levels
        if said[f"declared_{what}"] is not None
    ]


def _of_study(library: Library, study: int) -> list[Evidence]:
    (row,) = library.query(
        "SELECT series_count, instance_count, declared_series, declared_instances FROM studies WHERE id = ?", (study,)
    )
    levels = (("series", "series_count", "0020,1206"), ("instances", "instance_count", "0020,1208"))
    return [
        Evidence(f"{what} of the study", f"header ({tag})", int(row[counted]), int(row[f"declared_{what}"]))
        for what, counted, tag in levels
        if row[f"declared_{what}"] is not None
    ]


def _absent(library: Library, study: int) -> tuple[str, ...]:
    """Return the SOP Classes that (0008,0062) names and no instance here has."""
    said = library.query("SELECT declared_classes FROM studies WHERE id = ?", (study,))[0][0].split("\\")
    here = {
        row[0]
        for row in library.query(
            "SELECT DISTINCT sop_class FROM instances JOIN series ON series.id = series WHERE study = ?", (study,)
        )
    }
    return tuple(uid for uid in said if uid and uid not in here)


def _numbers(library: Library, series: int) -> str:
    """Return the numbers that are left out, as ranges: 4, 7–9."""
    rows = library.query("SELECT number FROM instances WHERE series = ? ORDER BY number", (series,))
    found = numbering([int(row[0]) for row in rows])
    return found.ranges if found is not None else ""
