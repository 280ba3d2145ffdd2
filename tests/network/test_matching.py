"""Keys of queries and what fits them (PS3.4 C.2.2.2; G5)."""

from __future__ import annotations

import datetime
import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.network.matching import PRESETS, QueryError, checked_key, date_range, matches

letters = st.text("abAB", max_size=8)
days = st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 12, 31))


def da(day: datetime.date) -> str:
    return f"{day:%Y%m%d}"


@given(st.text("abAB*?", min_size=1, max_size=8), letters)
def test_wildcards_are_those_of_shells(pattern: str, value: str) -> None:
    """Oracle: fnmatch, without case."""
    key = checked_key("StudyDescription", "LO", pattern)
    expected = key == "" or (value != "" and fnmatch.fnmatchcase(value.lower(), pattern.lower()))
    assert matches("LO", key, [value]) == expected


@given(st.text(max_size=30))
def test_any_text_fits_itself(value: str) -> None:
    if value.strip() and not any(sign in value for sign in "*?\\") and value.isprintable():
        assert matches("LO", checked_key("StudyDescription", "LO", value), [value.strip()])
        assert matches("PN", checked_key("PatientName", "PN", value), [value.strip()])


@given(days, days, days)
def test_a_range_of_dates_holds_its_ends_and_what_is_between(
    first: datetime.date, last: datetime.date, day: object
) -> None:
    """Oracle: datetime."""
    assert isinstance(day, datetime.date)
    for key, expected in (
        (f"{da(first)}-{da(last)}", first <= day <= last),
        (f"{da(first)}-", first <= day),
        (f"-{da(last)}", day <= last),
        (da(first), first == day),
    ):
        assert matches("DA", checked_key("StudyDate", "DA", key), [da(day)]) == expected


@given(st.times(), st.times(), st.times(), st.sampled_from([2, 4, 6]))
def test_a_range_of_times_covers_what_its_end_leaves_open(
    first: datetime.time, last: datetime.time, when: datetime.time, precision: int
) -> None:
    """A time of less precision is the whole span: 10 is from 10:00:00 to 10:59:59.999999 (PS3.4 C.2.2.2.5.2)."""
    shown = [f"{one:%H%M%S}"[:precision] for one in (first, last)]
    value = f"{when:%H%M%S.%f}"
    expected = shown[0] <= value[: len(shown[0])] and value[: len(shown[1])] <= shown[1]
    assert matches("TM", checked_key("StudyTime", "TM", "-".join(shown)), [value]) == expected


@given(st.lists(st.from_regex(r"1(\.[1-9][0-9]{0,3}){1,4}", fullmatch=True), min_size=1, max_size=5), st.data())
def test_a_list_of_uids_holds_each_and_no_other(uids: list[str], data: st.DataObject) -> None:
    key = checked_key("StudyInstanceUID", "UI", "\\".join(uids))
    assert all(matches("UI", key, [uid]) for uid in uids)
    assert not matches("UI", key, [data.draw(st.sampled_from(uids)) + ".0"])


@pytest.mark.parametrize("vr", ["LO", "PN", "UI", "DA", "TM", "IS", "CS"])
def test_a_star_alone_and_nothing_ask_for_all(vr: str) -> None:
    for key in ("", "*", " ** "):
        assert checked_key("PatientName", vr, key) == ""
    assert matches(vr, "", [])
    assert matches(vr, "", [""])


def test_absent_and_empty_values_fit_no_key() -> None:
    assert not matches("LO", "a*", [])
    assert not matches("LO", "?*", [""])


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("müller*", "Müller^Jürgen"),
        ("MULLER^*", "Müller"),
        ("Doe Jane", "Doe^Jane^^"),
        ("山田*", "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        ("*홍*", "Hong^Gildong=洪^吉洞=홍^길동"),
        ("D?e^J*", "Doe^Jane"),
        ("Yamada^Tarou=山田*", "Yamada^Tarou=山田^太郎"),
    ],
)
def test_a_name_fits_in_any_of_its_groups_without_case_and_accents(key: str, name: str) -> None:
    assert matches("PN", checked_key("PatientName", "PN", key), [name])


@pytest.mark.parametrize(("key", "name"), [("Doe", "Doe^Jane"), ("*山", "山田^太郎"), ("D?e", "De")])
def test_a_name_that_is_not_the_one_does_not_fit(key: str, name: str) -> None:
    assert not matches("PN", checked_key("PatientName", "PN", key), [name])


@pytest.mark.parametrize(
    ("keyword", "vr", "value"),
    [
        ("StudyDate", "DA", "2024*"),
        ("StudyDate", "DA", "20240101,20240201"),
        ("StudyDate", "DA", "2024-01-01"),
        ("StudyDate", "DA", "-"),
        ("StudyTime", "TM", "10?0"),
        ("StudyInstanceUID", "UI", "1.2.*"),
        ("SeriesNumber", "IS", "1*"),
        ("PatientID", "LO", "A\\B"),
        ("PatientName", "PN", "A\x1bB"),
        ("PatientAge", "AS", "4?Y"),
        ("ScheduledProcedureStepSequence", "SQ", "x"),
    ],
)
def test_what_no_server_may_be_asked_is_refused_by_the_keys_name(keyword: str, vr: str, value: str) -> None:
    """G5: wildcards in text alone; a comma is no range (dcm4che#914)."""
    with pytest.raises(QueryError, match=keyword):
        checked_key(keyword, vr, value)


def test_numbers_are_compared_as_numbers() -> None:
    assert matches("IS", checked_key("SeriesNumber", "IS", "003"), ["3"])
    assert not matches("IS", checked_key("SeriesNumber", "IS", "3"), ["30"])


def test_one_of_several_modalities_is_enough() -> None:
    assert matches("CS", "MR\\PT", ["CT", "PT"])
    assert not matches("CS", "MR", ["CT", "PT"])


def test_spans_of_dates_end_today() -> None:
    today = datetime.date(2024, 3, 1)
    assert [date_range(preset, today) for preset in PRESETS] == [
        "20240301",
        "20240229",
        "20240224-20240301",
        "20240201-20240301",
        "20230303-20240301",
    ]
    with pytest.raises(QueryError):
        date_range("some day")
