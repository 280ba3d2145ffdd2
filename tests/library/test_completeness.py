"""Counts with their sources; nothing ever claims that all is there (N9, E9)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from workstation.library.completeness import completeness
from workstation.library.importer import ImportReport
from workstation.library.marks import put_into_bin
from workstation.library.search import studies
from workstation.library.store import Library, LibraryError

Write = Callable[..., Path]
Add = Callable[..., ImportReport]


def test_counts_of_every_level_are_set_against_what_the_headers_say(library: Library, write: Write, add: Add) -> None:
    add(
        write(
            NumberOfPatientRelatedStudies=2,
            NumberOfPatientRelatedSeries=3,
            NumberOfPatientRelatedInstances=9,
            NumberOfStudyRelatedSeries=1,
            NumberOfStudyRelatedInstances=4,
            NumberOfSeriesRelatedInstances=4,
        )
    )
    (row,) = studies(library)
    found = completeness(library, row.id)
    assert [(one.what, one.source, one.have, one.said) for one in found.evidence] == [
        ("studies of the patient", "header (0020,1200)", 1, 2),
        ("series of the patient", "header (0020,1202)", 1, 3),
        ("instances of the patient", "header (0020,1204)", 1, 9),
        ("series of the study", "header (0020,1206)", 1, 1),
        ("instances of the study", "header (0020,1208)", 1, 4),
        ("instances of Series 1", "header (0020,1209)", 1, 4),
    ]
    assert found.doubtful


def test_numbers_left_out_in_a_series_are_named(library: Library, write: Write, add: Add) -> None:
    for number in (1, 2, 4, 8, 9):
        add(write(str(number), SOPInstanceUID=f"1.2.3.1.{number}", InstanceNumber=number))
    (row,) = studies(library)
    assert row.gaps == 4
    assert completeness(library, row.id).gaps == ("Series 1: no instance has the number 3, 5–7.",)


def test_numbers_that_repeat_tell_nothing(library: Library, write: Write, add: Add) -> None:
    for place, number in enumerate((1, 1, 5)):
        add(write(str(place), SOPInstanceUID=f"1.2.3.1.{place}", InstanceNumber=number))
    (row,) = studies(library)
    assert row.gaps == 0
    assert not completeness(library, row.id).doubtful


def test_sop_classes_the_header_names_and_nobody_has_are_named(library: Library, write: Write, add: Add) -> None:
    report = "1.2.840.10008.5.1.4.1.1.88.22"
    add(write(SOPClassesInStudy=["1.2.840.10008.5.1.4.1.1.2", report]))
    (row,) = studies(library)
    assert (report,) == completeness(library, row.id).absent_classes


def test_a_study_that_went_is_a_sentence(library: Library) -> None:
    with pytest.raises(LibraryError, match="not in the library any more"):
        completeness(library, 7)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"NumberOfSeriesRelatedInstances": 9},
        {"NumberOfSeriesRelatedInstances": 1},
        {"NumberOfPatientRelatedStudies": 2},
        {"NumberOfStudyRelatedInstances": 2},
        {"NumberOfStudyRelatedSeries": 1},
        {"SOPClassesInStudy": "1.2.840.10008.5.1.4.1.1.66.4"},
    ],
    ids=str,
)
def test_a_row_doubts_when_the_evidence_does(library: Library, write: Write, add: Add, said: dict[str, object]) -> None:
    add(write(**said))
    (row,) = studies(library)
    assert row.doubtful == completeness(library, row.id).doubtful


def test_studies_in_the_bin_are_not_counted_for_the_patient(library: Library, write: Write, add: Add) -> None:
    for number in ("1", "2"):
        add(
            write(
                number,
                StudyInstanceUID=f"1.2.{number}",
                SeriesInstanceUID=f"1.2.{number}.1",
                SOPInstanceUID=f"1.2.{number}.1.1",
                NumberOfPatientRelatedStudies=2,
            )
        )
    first, second = studies(library)
    assert not first.doubtful
    put_into_bin(library, [second.id])
    (left,) = studies(library)
    assert left.doubtful
    assert completeness(library, left.id).evidence[0].have == 1


def test_numbers_in_even_steps_or_far_apart_raise_no_doubt(library: Library, write: Write, add: Add) -> None:
    for study, numbers in (("1.2.3", (1, 3, 5)), ("1.2.4", (1, 2, 900))):
        for number in numbers:
            uid = f"{study}.1.{number}"
            add(
                write(
                    uid,
                    StudyInstanceUID=study,
                    SeriesInstanceUID=f"{study}.1",
                    SOPInstanceUID=uid,
                    InstanceNumber=number,
                )
            )
    assert [row.gaps for row in studies(library)] == [0, 0]
