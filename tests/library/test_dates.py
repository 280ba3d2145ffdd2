"""What a person types for a date."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.library.dates import date_range


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024", ("20240101", "20241231")),
        ("2024-02", ("20240201", "20240229")),
        ("202402", ("20240201", "20240229")),
        ("2024-02-29", ("20240229", "20240229")),
        ("7.5.2024", ("20240507", "20240507")),
        ("05.2024", ("20240501", "20240531")),
        ("2020-01..2021", ("20200101", "20211231")),
        ("2020–2021", ("20200101", "20211231")),
        ("2021..2020", ("20200101", "20211231")),
        ("..1990", ("", "19901231")),
        ("2020..", ("20200101", "")),
        ("2024-", ("20240101", "20241231")),
        ("2024-0", ("20240101", "20241231")),
        ("2024-05-0", ("20240501", "20240531")),
    ],
)
def test_a_date_means_its_days(text: str, expected: tuple[str, str]) -> None:
    assert date_range(text) == expected


@pytest.mark.parametrize("text", ["", "04", "2024-13", "2023-02-29", "..", "0000", "yesterday", "٢٠٢٤", "31.4.2024"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert date_range(text) is None


@given(st.text(max_size=30) | st.text(alphabet="0123456789-./ –", max_size=24))
def test_any_text_is_none_or_from_first_to_last(text: str) -> None:
    span = date_range(text)
    assert span is None or "" in span or span[0] <= span[1]
