"""What the study list asks of servers: never everything, in keys each server has to match (O2, G5)."""

from __future__ import annotations

import datetime

import pytest

from workstation.library.search import StudyQuery
from workstation.network.query_keys import Query, checked_keys
from workstation.network.saved_queries import SavedQuery
from workstation.transfers.study_questions import as_search, is_search, questions

TODAY = datetime.date(2024, 3, 2)


def asked(query: StudyQuery) -> list[list[dict[str, str]]]:
    return [[dict(one.keys) for one in chain] for chain in questions(query, TODAY)]


@pytest.mark.parametrize(
    "query",
    [
        StudyQuery(),
        StudyQuery(text=" * "),
        StudyQuery(text="?^,="),
        StudyQuery(columns=(("comment", "doe"), ("sex", "F"))),
        StudyQuery(columns=(("name", "**"),)),
        StudyQuery(text="doe", binned=True),
        StudyQuery(text="doe", status="unread"),
        StudyQuery(text="doe", opened=True),
    ],
)
def test_what_is_no_search_asks_nothing(query: StudyQuery) -> None:
    assert not is_search(query)
    assert questions(query) == ()


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        (StudyQuery(days=0), [[{"StudyDate": "20240302-"}]]),
        (StudyQuery(days=7), [[{"StudyDate": "20240224-"}]]),
        (StudyQuery(first_date="20240101", last_date="20240101"), [[{"StudyDate": "20240101"}]]),
        (StudyQuery(last_date="20240101"), [[{"StudyDate": "-20240101"}]]),
        (StudyQuery(modalities=("CT", "MR")), [[{"ModalitiesInStudy": "CT\\MR"}]]),
        (StudyQuery(columns=(("description", "head neck"),)), [[{"StudyDescription": "*head*neck*"}]]),
        (StudyQuery(text="4711"), [[{"PatientID": "*4711*"}], [{"AccessionNumber": "*4711*"}]]),
        (StudyQuery(text="山田"), [[{"PatientName": "*山田*"}], [{"PatientID": "*山田*"}]]),
        (StudyQuery(text="a\\b1"), [[{"PatientID": "*a?b1*"}], [{"AccessionNumber": "*a?b1*"}]]),
    ],
)
def test_a_search_is_sent_in_keys(query: StudyQuery, keys: list[list[dict[str, str]]]) -> None:
    assert asked(query) == keys


def test_a_name_is_spelled_as_servers_may_have_it() -> None:
    names = [one["PatientName"] for one in asked(StudyQuery(text="jane doe"))[0]]
    assert names == ["*jane*doe*", "*Jane*Doe*", "*JANE*DOE*", "*doe*jane*", "*Doe*Jane*"]
    assert [one["PatientName"] for one in asked(StudyQuery(text="Doe, Jane"))[0]] == ["*Doe*Jane*", "*Jane*Doe*"]


@pytest.mark.parametrize("text", ["doe", "x", "a\tb", "o'neil", "7", "*", "Müller^Jürgen", "a" * 80])
def test_every_question_is_one_that_can_be_asked(text: str) -> None:
    """G3: whatever is typed, the query is valid and asks for less than everything."""
    for column in ("name", "patient_id", "accession", "description", "modalities"):
        for query in (StudyQuery(text=text), StudyQuery(columns=((column, text),), days=7)):
            for chain in questions(query):
                for one in chain:
                    assert any(checked_keys(one).values())


def test_a_saved_query_is_a_search_whose_dates_move() -> None:
    query = Query("STUDY", "study", (("PatientName", "Doe*"), ("StudyDate", "20000101"), ("ModalitiesInStudy", "CT")))
    found = as_search(SavedQuery("today's", query, "today", ("archive",)))
    assert found == StudyQuery(columns=(("name", "Doe"),), modalities=("CT",), days=0)
    yesterday = as_search(SavedQuery("y", Query("STUDY"), "yesterday"), TODAY)
    assert yesterday == StudyQuery(first_date="20240301", last_date="20240301")
    assert as_search(SavedQuery("s", Query("SERIES"))) is None
    assert as_search(SavedQuery("s", Query("STUDY", keys=(("StudyID", "1"),)))) is None
