"""Queries kept under a name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workstation.network.matching import QueryError, date_range
from workstation.network.query_keys import Query
from workstation.network.saved_queries import QueryBook, SavedQuery

LAST_WEEK = SavedQuery("CT, last week", Query(keys=(("Modality", "CT"), ("StudyDate", ""))), "last 7 days", ("pacs",))


def test_what_is_saved_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "queries.json"
    QueryBook(path).put(LAST_WEEK)
    again = QueryBook(path)
    assert list(again) == [LAST_WEEK]
    assert again.named(LAST_WEEK.name) == LAST_WEEK
    again.remove(LAST_WEEK.name)
    assert len(QueryBook(path)) == 0


def test_a_span_of_dates_moves_with_today() -> None:
    assert LAST_WEEK.today().keys == (("Modality", "CT"), ("StudyDate", date_range("last 7 days")))


def test_what_cannot_be_read_is_told_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "queries.json"
    path.write_text(json.dumps({"queries": [{"name": "later", "query": {"level": "FRAME"}}]}))
    book = QueryBook(path)
    assert len(book) == 0
    assert book.problem
    book.put(LAST_WEEK)
    assert [one["name"] for one in json.loads(path.read_text())["queries"]] == [LAST_WEEK.name, "later"]


def test_a_file_that_is_no_json_is_told(tmp_path: Path) -> None:
    path = tmp_path / "queries.json"
    path.write_text("{")
    assert "not readable" in QueryBook(path).problem


def test_a_query_without_a_name_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(QueryError):
        QueryBook(tmp_path / "queries.json").put(SavedQuery(" ", Query()))
