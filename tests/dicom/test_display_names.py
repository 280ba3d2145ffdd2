"""Names, dates, times and ages as shown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.dicom import display_names as names

YAMADA = "Yamada^Tarou=山田^太郎=やまだ^たろう"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Phantom^Testä", "Phantom, Testä"),
        ("Doe^Jane^Mary^Dr.^MD", "Doe, Dr. Jane Mary, MD"),
        ("", ""),
        ("^^^^", ""),
        ("=山田^太郎", "山田, 太郎"),
        ("Doe", "Doe"),
        ("A^B^C^D^E^F^G=x=y=z", "A, D B C, E (x, y)"),
        (YAMADA, "Yamada, Tarou (山田, 太郎, やまだ, たろう)"),
    ],
)
def test_a_name_is_laid_out_by_component(text: str, shown: str) -> None:
    """A19: family, given, middle, prefix, suffix; three groups."""
    assert names.person_name(text) == shown


def test_the_ideographic_group_can_come_first() -> None:
    """A19: for CJK readers."""
    assert names.person_name(YAMADA, ideographic_first=True).startswith("山田, 太郎 (Yamada")


def test_every_group_can_be_searched() -> None:
    """A19: search matches any group."""
    assert names.name_groups(YAMADA) == ("Yamada, Tarou", "山田, 太郎", "やまだ, たろう")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("20200102", "2020-01-02"),
        ("2020.01.02", "2020-01-02"),
        ("20201345", "20201345"),
        ("00000000", "00000000"),
        ("yesterday", "yesterday"),
        ("", ""),
        ("20200230", "20200230"),
    ],
)
def test_a_date_is_shown_or_left_raw(text: str, shown: str) -> None:
    """A23: ACR-NEMA dots are read, invalid dates stay raw."""
    assert names.date(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("134510.123", "13:45:10"), ("13:45", "13:45"), ("1345", "13:45"), ("13", "13:00"), ("9999", "9999"), ("", "")],
)
def test_a_time_is_shown_or_left_raw(text: str, shown: str) -> None:
    """A23: TM with and without colons."""
    assert names.time(text) == shown


def test_an_offset_is_shown_never_applied() -> None:
    """A41: DT offsets stay visible."""
    assert names.date_time("20200102133000.5+0200") == "2020-01-02 13:30:00 UTC+0200"


@pytest.mark.parametrize(("text", "shown"), [("045Y", "45 y"), ("003M", "3 m"), ("45", "45"), ("", ""), ("45X", "45X")])
def test_an_age_is_shown_or_left_raw(text: str, shown: str) -> None:
    """A23: AS."""
    assert names.age(text) == shown


@pytest.mark.parametrize(
    ("birth", "study", "age"),
    [("19700603", "20200602", "49 y"), ("20200101", "20210301", "14 m"), ("x", "20200101", "")],
)
def test_the_age_at_the_study(birth: str, study: str, age: str) -> None:
    """Whole years, months below two years."""
    assert names.age_at(birth, study) == age


def test_markup_stays_the_characters_it_is() -> None:
    """A32: names are never markup."""
    assert names.person_name("<a href>^<b>A</b>") == "<a href>, <b>A</b>"


def test_bidi_overrides_and_controls_are_stripped() -> None:
    """A32: nothing may reorder or hide what follows."""
    assert names.plain("a\u202eb\u2066c\0d\x1b[31m\r\ne") == "abcd[31m e"


def test_a_megabyte_of_text_is_cut() -> None:
    """A32: one long value must not stall a table."""
    assert len(names.plain("x" * 1_000_000)) == 200


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=80))
def test_no_text_raises_or_keeps_control_characters(text: str) -> None:
    """A23, A32: any text can be shown."""
    for show in (names.plain, names.person_name, names.date, names.time, names.age, names.date_time):
        shown = show(text)
        assert all(char.isprintable() or char.isspace() or ord(char) > 0x7F for char in shown)
        assert "\n" not in shown
